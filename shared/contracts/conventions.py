"""The words of conventions, groups and rights: what the messages of habilitation may hold."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.comptes import Mail, Poste, Telephone, Texte
from shared.contracts.envelope import Code, CodeCaf, Id, ShortText

MOST_ADMINISTRATEURS = 2
"""A principal and an optional suppléant [seed 000][seed 003]."""
MOST_APPARTENANCES = 200
"""Memberships of one person that are not over, in one fact (assumed: people are in a few)."""
MOST_PASSEES = 20
"""Past memberships told of a person, the newest (assumed: enough to say what was withdrawn)."""
MOST_PROFILS = 20
"""CDAP profiles of one convention (assumed: 16 are announced [seed 003])."""
MOST_DEPARTEMENTS = 110
"""Départements in which an organisme is active (assumed: there are 101)."""
CAF_SEVERAL_DEPARTEMENTS = "781"
"""Partners active in several départements are handled by the Caf des Yvelines [seed 003]."""

Siret = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]
"""Number of an establishment: 14 digits; its key is checked by habilitation."""

Libelle = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The name of an organisme or of a group, as typed."""

CodeGroupe = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
"""Code of a group, such as T1AS; never changes [seed 002]."""

CodeProfil = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,15}$")]
"""Code of a profile of a service, such as T1; codes are data [seed 003]."""

Departement = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|2A|2B|97[1-4])$")]
"""Code of a département, as in the Caf list (domain.md § 13)."""


class EtatConvention(StrEnum):
    """State of a convention (assumed, domain.md § 2.1): `ouverte` shows as « Validée » [seed 001].

    Suspension is an outcome of the control plan [seed 003].
    """

    BROUILLON = "brouillon"
    A_SIGNER = "a_signer"
    OUVERTE = "ouverte"
    SUSPENDUE = "suspendue"
    CLOTUREE = "cloturee"


def etat_on(
    day: date, *, etat: str, validee: bool | None, ouverture: date | None, cloture: date | None
) -> str:
    """The state of a convention that day: the one told last, unless a day came before it was told.

    Closed from `cloture` on; signed by all (`validee`), open from `ouverture` on.
    """
    if cloture is not None and cloture <= day:
        return EtatConvention.CLOTUREE
    begun = ouverture is not None and ouverture <= day
    if etat == EtatConvention.A_SIGNER and validee is True and begun:
        return EtatConvention.OUVERTE
    return etat


class NatureGroupe(StrEnum):
    """Who made a group and what for: the two AFAS groups are the Caf's [seed 001][seed 002]."""

    PARTENAIRE = "partenaire"
    AFAS_HABILITER = "afas_habiliter"
    AFAS_DECLARER = "afas_declarer"


class CodeService(StrEnum):
    """The services of the portal that a bulletin d'adhésion opens [seed 003]."""

    CDAP = "cdap"
    AFAS = "afas"
    ADONIS = "adonis"
    BAILLEUR = "bailleur"
    DGFIP = "dgfip"


NEED_ELIGIBILITE = frozenset({CodeService.CDAP, CodeService.AFAS})
"""Services that open only with the formulaire d'éligibilité [seed 003, services table]."""


class EtatService(StrEnum):
    """State of one service of a convention: bulletin signed, suspended, or its bulletin over."""

    SIGNE = "signe"
    SUSPENDU = "suspendu"
    RESILIE = "resilie"


class Portee(StrEnum):
    """How far a profile reaches (domain.md § 2.6)."""

    CAF = "caf"
    MULTI_CAF = "multi_caf"
    NATIONALE = "nationale"


class Rang(StrEnum):
    """Which administrateur: the principal, or the optional suppléant [seed 000]."""

    PRINCIPAL = "principal"
    SUPPLEANT = "suppleant"


class TitreDemande(StrEnum):
    """What somebody is to be, for whom an account is asked."""

    ADMINISTRATEUR = "administrateur"
    RESPONSABLE = "responsable"
    UTILISATEUR = "utilisateur"


class ObjetSollicitation(StrEnum):
    """What an administrateur asks his Caf for [seed 000][seed 002]."""

    AVENANT = "avenant"
    ELIGIBILITE = "eligibilite"
    DEPART_ADMINISTRATEUR = "depart_administrateur"
    DEPART_GESTIONNAIRE = "depart_gestionnaire"


class Valeur(BaseModel):
    """A part of a message: frozen, strict, unknown fields ignored, like the messages."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class Mention(Valeur):
    """When something was done, and by whom."""

    at: AwareDatetime
    par: Id


class ProfilAccorde(Valeur):
    """A CDAP profile that the Caf grants to a convention [seed 002][seed 003].

    `condition` is the profile's own (T1: diploma, T4: instructor number, T9: judgment); nothing is
    assigned before the Caf confirmed it, which `confirmation` tells. `cafs` are those of a
    multi-Caf scope.
    """

    profil: CodeProfil
    missions: ShortText
    finalite: ShortText
    fondement: ShortText
    destinataires: ShortText
    portee: Code
    cafs: Annotated[tuple[CodeCaf, ...], Field(max_length=MOST_DEPARTEMENTS)] = ()
    condition: ShortText | None = None
    condition_confirmee: bool = False
    confirmation: Mention | None = None


class ProfilDemande(Valeur):
    """A CDAP profile to grant: what for, on what ground, for whom [seed 002][seed 003]."""

    profil: CodeProfil
    missions: ShortText
    finalite: ShortText
    fondement: ShortText
    destinataires: ShortText
    portee: Portee = Portee.CAF
    cafs: Annotated[tuple[CodeCaf, ...], Field(max_length=MOST_DEPARTEMENTS)] = ()


class ServiceConventionne(Valeur):
    """One service of a convention: its bulletin, its éligibilité, whether it is suspended.

    `suspension` is told while it is suspended, `reprise` once a suspension was lifted,
    `resiliation` once its bulletin is over.
    """

    service: Code
    etat: Code
    bulletin: date
    eligibilite: date | None = None
    motif: ShortText | None = None
    suspension: Mention | None = None
    reprise: Mention | None = None
    resiliation: Mention | None = None
    profils: Annotated[tuple[ProfilAccorde, ...], Field(max_length=MOST_PROFILS)] = ()


class Role(Valeur):
    """The one role of a group: a service, and for CDAP the profile [seed 002][seed 004]."""

    service: Code
    profil: CodeProfil | None = None


class RoleRetire(Valeur):
    """The role that a group had last before it was withdrawn or changed: when, by whom."""

    role: Role
    at: AwareDatetime
    par: Id


class Appartenance(Valeur):
    """A person belongs to a group from `debut` on, up to `fin`, that day left out."""

    groupe_id: Id
    debut: date
    fin: date | None = None
    par: Id | None = None
    """Who put the person in it."""
    fin_par: Id | None = None
    """Who ended it."""


class NouvellePersonne(Valeur):
    """Somebody whose account is still to be made by identity."""

    nom: Texte
    prenom: Texte
    mail: Mail
    telephone: Telephone | None = None
    poste: Poste = Poste.SEDENTAIRE

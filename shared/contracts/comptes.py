"""The words of accounts: what names, addresses and codes in the messages of identity may be."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.envelope import Id

LONGEST_TEXT, LONGEST_MAIL = 100, 254
"""Characters of a name (assumed) and of an address (RFC 5321 §4.5.3.1.3, less the brackets)."""

Texte = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
"""A name as typed; what it may hold is the domain's rule, its size is the contract's."""

Mail = Annotated[str, StringConstraints(min_length=3, max_length=LONGEST_MAIL)]
"""A mail address as typed."""

Telephone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 .]{6,20}$")]
"""A phone number as typed; optional [seed 001], its form is assumed."""

OtherTelephone = Telephone | Literal[""]
"""A phone number as typed, or nothing where it is to be taken away."""

MOST_GROUPES = 20
"""Groups that may be asked for when an account is opened (assumed)."""

Groupes = Annotated[tuple[Id, ...], Field(max_length=MOST_GROUPES)]
"""Groups of habilitation."""

VersionRegles = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")]
"""A version of the règles d'usage, named by its month."""


class Poste(StrEnum):
    """Fixed post or variable workplace of a user [seed 001]."""

    SEDENTAIRE = "sedentaire"
    ITINERANT = "itinerant"


class EtatCompte(StrEnum):
    """State of an account as the screens show it: Ouvert or Clôturé [seed 004].

    À ouvrir: its opening date is to come (assumed: the seeds have the date, not the word).
    """

    A_OUVRIR = "a_ouvrir"
    OUVERT = "ouvert"
    CLOTURE = "cloture"


class GenreCompte(StrEnum):
    """Whose account it is: a Caf agent's, a partner's, a private landlord's [seed 003].

    Roles are habilitation's affair.
    """

    AGENT_CAF = "agent_caf"
    PARTENAIRE = "partenaire"
    BAILLEUR = "bailleur"


class Fonction(StrEnum):
    """What an internal account is for [seed 001][seed 004]."""

    HABILITATIONS = "habilitations"
    ACTION_SOCIALE = "action_sociale"
    SUPERVISION_CDAP = "supervision_cdap"
    SUPERVISION_DGFIP = "supervision_dgfip"


Fonctions = Annotated[tuple[Fonction, ...], Field(min_length=1, max_length=len(Fonction))]
"""What one internal account is for."""

OtherFonctions = Annotated[tuple[Fonction, ...], Field(max_length=len(Fonction))]
"""What it is for from now on; that there is one at least is the domain's rule."""


class MotifMotDePasse(StrEnum):
    """How a password came to be chosen."""

    PERSONNALISATION = "personnalisation"
    MISE_A_JOUR = "mise_a_jour"


class MotifTirage(StrEnum):
    """Why a temporary password was drawn, as its mail says it; sealed with it."""

    OUBLI = "oubli"
    REINITIALISATION = "reinitialisation"


class NatureIncident(StrEnum):
    """What a person reports [seed 002: report security incidents without delay]; list assumed."""

    COMPTE_PARTAGE = "compte_partage"
    MOT_DE_PASSE_DIVULGUE = "mot_de_passe_divulgue"
    ACCES_NON_AUTORISE = "acces_non_autorise"
    MATERIEL_PERDU_OU_VOLE = "materiel_perdu_ou_vole"
    DONNEES_DIVULGUEES = "donnees_divulguees"
    AUTRE = "autre"


class MotifEchec(StrEnum):
    """Why a sign-in failed; told to operators, never to who signs in."""

    MOT_DE_PASSE = "mot_de_passe"
    MOT_DE_PASSE_EXPIRE = "mot_de_passe_expire"
    COMPTE_FERME = "compte_ferme"
    """The right password of an account that opens nothing, or whose convention does not."""
    ADRESSE_CHANGEE = "adresse_changee"
    """The right password, for an address that moved while it was looked at."""

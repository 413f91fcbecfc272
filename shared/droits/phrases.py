"""What each missing link is called, how it is said in French, and who can mend it.

Who mends what: domain.md § 2.2 [seed 000][seed 001][seed 002]. Only an administrateur partenaire
calls on the Caf; users ask their administrateur or responsable [seed 002].
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from shared.calendrier import day_of
from shared.contracts.conventions import NatureGroupe
from shared.droits.chaine import Decision, Manque
from shared.droits.dossier import Compte, Dossier, Groupe, Mention, RoleRetire
from shared.droits.mots import (
    Lecteur,
    as_sentence,
    say_au_groupe,
    say_day,
    say_groupe,
    say_par,
    say_role,
    say_service,
)


class NomMaillon(StrEnum):
    """A link of the chain, in its order."""

    INJECTION = "injection"
    COMPTE = "compte"
    CONVENTION = "convention"
    CONTRAT = "contrat"
    BULLETIN = "bulletin"
    ELIGIBILITE = "eligibilite"
    SERVICE = "service"
    GROUPE = "groupe"
    ROLE = "role"
    CONDITION = "condition"
    APPARTENANCE = "appartenance"
    ROLE_ACTIVITE = "role_activite"
    VALIDATION_CAF = "validation_caf"


class Recours(StrEnum):
    """Who can mend what is missing."""

    RESPONSABLE = "administrateur_ou_responsable"
    ADMINISTRATEUR = "administrateur"
    CAF = "caf"


class _Manquant(NamedTuple):
    maillon: NomMaillon
    recours: Recours | None
    phrase: str


MANQUANTS: Mapping[Manque, _Manquant] = {
    Manque.COMPTE_INCONNU: _Manquant(
        NomMaillon.COMPTE, Recours.RESPONSABLE, "Ce compte n’existe pas, ou n’est pas encore connu."
    ),
    Manque.COMPTE_A_OUVRIR: _Manquant(
        NomMaillon.COMPTE, Recours.RESPONSABLE, "Le compte ouvrira le {le}."
    ),
    Manque.COMPTE_CLOTURE: _Manquant(
        NomMaillon.COMPTE, Recours.RESPONSABLE, "Le compte est clôturé{depuis}."
    ),
    Manque.COMPTE_INTERNE: _Manquant(
        NomMaillon.COMPTE,
        None,
        "Un compte interne ne reçoit aucun service par un groupe : ses droits sont ses fonctions.",
    ),
    Manque.SERVICE_RESERVE: _Manquant(
        NomMaillon.SERVICE, None, "Un compte de bailleur ouvre l’Espace Bailleur et rien d’autre."
    ),
    Manque.CONVENTION_INCONNUE: _Manquant(
        NomMaillon.CONVENTION, Recours.CAF, "La convention de ce compte n’est pas connue."
    ),
    Manque.CONVENTION_NON_SIGNEE: _Manquant(
        NomMaillon.CONVENTION,
        Recours.CAF,
        "La convention {convention} n’est pas encore ouverte{ouvrira}.",
    ),
    Manque.CONVENTION_SUSPENDUE: _Manquant(
        NomMaillon.CONVENTION,
        Recours.CAF,
        "La convention {convention} est suspendue par la Caf{depuis}{motif}.",
    ),
    Manque.CONVENTION_CLOTUREE: _Manquant(
        NomMaillon.CONVENTION, Recours.CAF, "La convention {convention} est clôturée{depuis}."
    ),
    Manque.CONTRAT_NON_SIGNE: _Manquant(
        NomMaillon.CONTRAT,
        Recours.CAF,
        "Le contrat de service de la convention {convention} n’est pas signé.",
    ),
    Manque.BULLETIN_NON_SIGNE: _Manquant(
        NomMaillon.BULLETIN, Recours.CAF, "Le bulletin d’adhésion à {service} n’est pas signé."
    ),
    Manque.BULLETIN_RESILIE: _Manquant(
        NomMaillon.BULLETIN,
        Recours.CAF,
        "Le bulletin d’adhésion à {service} est résilié{depuis}.",
    ),
    Manque.ELIGIBILITE_ABSENTE: _Manquant(
        NomMaillon.ELIGIBILITE, Recours.CAF, "Le formulaire d’éligibilité à {service} manque."
    ),
    Manque.SERVICE_SUSPENDU: _Manquant(
        NomMaillon.SERVICE,
        Recours.CAF,
        "{service} est suspendu par la Caf pour cet organisme{depuis}{motif}.",
    ),
    Manque.AUCUN_GROUPE: _Manquant(
        NomMaillon.GROUPE,
        Recours.RESPONSABLE,
        "Le compte n’appartient à aucun groupe qui donne {service}.",
    ),
    Manque.GROUPE_A_VENIR: _Manquant(
        NomMaillon.GROUPE, Recours.RESPONSABLE, "{groupe} n’ouvrira que le {le}."
    ),
    Manque.GROUPE_CLOTURE: _Manquant(
        NomMaillon.GROUPE, Recours.ADMINISTRATEUR, "{groupe} est clôturé{depuis}."
    ),
    Manque.ROLE_JAMAIS_ATTRIBUE: _Manquant(
        NomMaillon.ROLE,
        Recours.RESPONSABLE,
        "{groupe} n’a pas de rôle : aucun ne lui a jamais été attribué.",
    ),
    Manque.ROLE_RETIRE: _Manquant(
        NomMaillon.ROLE,
        Recours.RESPONSABLE,
        "{groupe} n’a plus le rôle {role} : il lui a été retiré le {le}{par}.",
    ),
    Manque.PROFIL_NON_ACCORDE: _Manquant(
        NomMaillon.ROLE,
        Recours.CAF,
        "La convention n’accorde pas, ou plus, ce que porte {groupe} : {role}.",
    ),
    Manque.CONDITION_NON_CONFIRMEE: _Manquant(
        NomMaillon.CONDITION,
        Recours.CAF,
        "La Caf n’a pas confirmé la condition de {role}{condition}.",
    ),
    Manque.APPARTENANCE_A_VENIR: _Manquant(
        NomMaillon.APPARTENANCE,
        Recours.RESPONSABLE,
        "L’appartenance {au_groupe} ne commence que le {le}.",
    ),
    Manque.APPARTENANCE_TERMINEE: _Manquant(
        NomMaillon.APPARTENANCE,
        Recours.RESPONSABLE,
        "L’appartenance {au_groupe} a pris fin le {le}{par}.",
    ),
}
"""Each missing link: which one it is, who can mend it as a rule, its sentence."""

_TAILS: Mapping[Recours, str] = {
    Recours.RESPONSABLE: "L’administrateur partenaire ou le responsable d’habilitations peut y "
    "remédier.",
    Recours.ADMINISTRATEUR: "L’administrateur partenaire peut y remédier.",
    Recours.CAF: "La Caf peut y remédier, à la demande de l’administrateur partenaire.",
}
_CAF_ALONE = "La Caf peut y remédier."
"""Of somebody who has no administrateur."""


def maillon_of(manque: Manque) -> NomMaillon:
    """The link that is missing."""
    return MANQUANTS[manque].maillon


def say_manque(decision: Decision, dossier: Dossier, lecteur: Lecteur) -> str:
    """Why the decision is no: « Le contrat de service de la convention 19_214 n’est pas signé. »"""
    manque = decision.manque
    if manque is None:
        return ""
    le, par = when(decision, dossier), ended_by(decision, dossier)
    convention, voie = dossier.convention, decision.voie
    groupe = None if voie is None else voie.groupe
    profil = None if voie is None else voie.profil
    said = MANQUANTS[manque].phrase.format(
        service=say_service(decision.service),
        convention="" if convention is None else convention.id,
        groupe="" if groupe is None else say_groupe(groupe, lecteur),
        au_groupe="" if groupe is None else say_au_groupe(groupe, lecteur),
        role=_role(groupe, manque),
        le="" if le is None else say_day(le),
        depuis="" if le is None else f" depuis le {say_day(le)}",
        ouvrira="" if le is None else f" : elle ouvrira le {say_day(le)}",
        par=say_par(par, lecteur),
        motif=_after_colon(_motif(decision, dossier)),
        condition=_after_colon(None if profil is None else profil.condition),
    )
    return as_sentence(said)


def recours_of(decision: Decision, dossier: Dossier) -> Recours | None:
    """Who can mend it, in this convention and of this person."""
    if decision.manque is None:
        return None
    usual = MANQUANTS[decision.manque].recours
    if usual is None or _is_for_caf(decision, dossier):
        return None if usual is None else Recours.CAF
    return usual


def say_recours(recours: Recours | None, compte: Compte | None) -> str:
    """Who can mend it, as a sentence."""
    if recours is None:
        return ""
    if recours is Recours.CAF and compte is not None and compte.is_without_partner:
        return _CAF_ALONE
    return _TAILS[recours]


def when(decision: Decision, dossier: Dossier) -> date | None:
    """The day that goes with what is missing: since when, or from when on."""
    compte, convention, voie = dossier.compte, dossier.convention, decision.voie
    match decision.manque:
        case Manque.COMPTE_A_OUVRIR if compte is not None:
            return compte.ouverture
        case Manque.COMPTE_CLOTURE if compte is not None:
            return compte.cloture
        case Manque.CONVENTION_NON_SIGNEE if convention is not None and convention.validee:
            return convention.ouverture
        case Manque.CONVENTION_CLOTUREE if convention is not None:
            return convention.cloture
    done = _done(decision, dossier)
    if done is not None:
        return day_of(done.at)
    return None if voie is None or decision.manque is None else _when_of_voie(decision)


def ended_by(decision: Decision, dossier: Dossier) -> str | None:
    """Who suspended, terminated, withdrew it, or put an end to the membership."""
    if decision.manque is Manque.APPARTENANCE_TERMINEE and decision.voie is not None:
        return decision.voie.appartenance.fin_par
    done = _done(decision, dossier)
    return None if done is None else done.par


def _done(decision: Decision, dossier: Dossier) -> Mention | RoleRetire | None:
    """What somebody did that took the right away, where it was told."""
    convention, voie = dossier.convention, decision.voie
    signe = None if convention is None else convention.service(decision.service)
    match decision.manque:
        case Manque.CONVENTION_SUSPENDUE if convention is not None:
            return convention.suspension
        case Manque.SERVICE_SUSPENDU if signe is not None:
            return signe.suspension
        case Manque.BULLETIN_RESILIE if signe is not None:
            return signe.resiliation
        case Manque.ROLE_RETIRE if voie is not None:
            return voie.groupe.role_retire
    return None


def _when_of_voie(decision: Decision) -> date | None:
    voie = decision.voie
    if voie is None:
        return None
    groupe, appartenance = voie.groupe, voie.appartenance
    match decision.manque:
        case Manque.GROUPE_A_VENIR:
            return groupe.ouverture
        case Manque.GROUPE_CLOTURE:
            return groupe.cloture
        case Manque.APPARTENANCE_A_VENIR:
            return appartenance.debut
        case Manque.APPARTENANCE_TERMINEE:
            return appartenance.fin
    return None


def _is_for_caf(decision: Decision, dossier: Dossier) -> bool:
    """Whether the partner's own people cannot mend it: not delegated, or the Caf's own affair."""
    compte, convention = dossier.compte, dossier.convention
    if compte is not None and compte.is_without_partner:
        return True
    if convention is None:
        return False
    if not convention.gestion_deleguee:
        return True
    maillon = maillon_of(decision.manque) if decision.manque is not None else None
    if maillon is NomMaillon.COMPTE:
        return compte is not None and compte.id in convention.administrateurs
    return decision.voie is not None and _groupe_is_for_caf(decision.voie.groupe, maillon)


def _groupe_is_for_caf(groupe: Groupe, maillon: NomMaillon | None) -> bool:
    """The AFAS groups are the Caf's, and so are the members of AFAS-HABILITER [seed 001]."""
    if groupe.nature == NatureGroupe.PARTENAIRE:
        return False
    return maillon is not NomMaillon.APPARTENANCE or groupe.nature == NatureGroupe.AFAS_HABILITER


def _role(groupe: Groupe | None, manque: Manque) -> str:
    if groupe is None:
        return ""
    if manque is Manque.ROLE_RETIRE and groupe.role_retire is not None:
        return say_role(groupe.role_retire.role)
    return "" if groupe.role is None else say_role(groupe.role)


def _motif(decision: Decision, dossier: Dossier) -> str | None:
    convention = dossier.convention
    if convention is None:
        return None
    if decision.manque is Manque.SERVICE_SUSPENDU:
        signe = convention.service(decision.service)
        return None if signe is None else signe.motif
    return convention.motif


def _after_colon(text: str | None) -> str:
    return "" if text is None else f" : {text.rstrip('.')}"

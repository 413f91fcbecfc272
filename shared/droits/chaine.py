"""The chain of a right: decided in microseconds, on a dossier, for a service, on a day.

    decision = decide(dossier, CodeService.CDAP, day_of(now))
    decision.manque          # None: the person has access; else the first link that is missing
    decision.profil, decision.portee, decision.cafs, decision.groupes, decision.versions

compte → convention → contrat → bulletin → éligibilité → service not suspended → group → role
(profil) → condition confirmed → membership (domain.md § 1.1, § 2 [seed 002][seed 003]). A private
landlord's begins at the injection and opens the Espace Bailleur only [seed 003]. What is not known
gives nothing. `explication.explain` words the same chain, link by link.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from shared.contracts.conventions import (
    NEED_ELIGIBILITE,
    CodeService,
    EtatConvention,
    NatureGroupe,
    Portee,
)
from shared.droits.dossier import (
    Appartenance,
    Compte,
    Convention,
    Dossier,
    Groupe,
    Profil,
    ServiceSigne,
)
from shared.droits.versions import Versions


class Manque(StrEnum):
    """The first link that is missing: a stable code."""

    COMPTE_INCONNU = "compte_inconnu"
    COMPTE_A_OUVRIR = "compte_a_ouvrir"
    COMPTE_CLOTURE = "compte_cloture"
    COMPTE_INTERNE = "compte_interne"
    """An agent's rights are the functions of his account, not a group's."""
    SERVICE_RESERVE = "service_reserve"
    """A private landlord has the Espace Bailleur only."""
    CONVENTION_INCONNUE = "convention_inconnue"
    CONVENTION_NON_SIGNEE = "convention_non_signee"
    CONVENTION_SUSPENDUE = "convention_suspendue"
    CONVENTION_CLOTUREE = "convention_cloturee"
    CONTRAT_NON_SIGNE = "contrat_non_signe"
    BULLETIN_NON_SIGNE = "bulletin_non_signe"
    BULLETIN_RESILIE = "bulletin_resilie"
    ELIGIBILITE_ABSENTE = "eligibilite_absente"
    SERVICE_SUSPENDU = "service_suspendu"
    AUCUN_GROUPE = "aucun_groupe"
    GROUPE_A_VENIR = "groupe_a_venir"
    GROUPE_CLOTURE = "groupe_cloture"
    ROLE_JAMAIS_ATTRIBUE = "role_jamais_attribue"
    ROLE_RETIRE = "role_retire"
    PROFIL_NON_ACCORDE = "profil_non_accorde"
    CONDITION_NON_CONFIRMEE = "condition_non_confirmee"
    APPARTENANCE_A_VENIR = "appartenance_a_venir"
    APPARTENANCE_TERMINEE = "appartenance_terminee"


NEAREST: tuple[Manque, ...] = (
    Manque.CONDITION_NON_CONFIRMEE,
    Manque.PROFIL_NON_ACCORDE,
    Manque.APPARTENANCE_A_VENIR,
    Manque.GROUPE_A_VENIR,
    Manque.ROLE_RETIRE,
    Manque.GROUPE_CLOTURE,
    Manque.APPARTENANCE_TERMINEE,
    Manque.ROLE_JAMAIS_ATTRIBUE,
)
"""Which group is told of somebody in several, none of which gives the service: the one that lacks
least (assumed: what was had and lost says more than what was never given)."""
_RANK = {manque: rank for rank, manque in enumerate(NEAREST)}


class Voie(NamedTuple):
    """One membership on the way to a service: its group, and what it lacks (None: it gives it)."""

    appartenance: Appartenance
    groupe: Groupe
    manque: Manque | None
    profil: Profil | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a person has access to a service, and with what; in short."""

    service: str
    manque: Manque | None
    versions: Versions
    voie: Voie | None = None
    """The way by which access is given, or the nearest one."""
    profil: str | None = None
    portee: str | None = None
    cafs: tuple[str, ...] = ()
    """Those that the portée reaches; of a national one, none is named."""
    groupes: tuple[Groupe, ...] = ()
    """Every group that gives it: for AFAS their nature says what."""

    @property
    def is_granted(self) -> bool:
        """Whether every link holds."""
        return self.manque is None


def decide(dossier: Dossier, service: str, day: date) -> Decision:
    """Whether the chain holds on a day, or what is the first link that does not."""
    versions = _versions(dossier)
    compte, convention = dossier.compte, dossier.convention
    manque = _compte_lacks(compte, service, day)
    if manque is not None or compte is None:
        return Decision(service, manque, versions)
    if compte.is_bailleur:
        cafs = () if compte.caf is None else (compte.caf,)
        return Decision(service, None, versions, portee=Portee.CAF, cafs=cafs)
    if convention is None or convention.id != compte.convention_id:
        return Decision(service, Manque.CONVENTION_INCONNUE, versions)
    signe = convention.service(service)
    manque = _contract_lacks(convention, signe, service, day)
    if manque is not None or signe is None:
        return Decision(service, manque, versions)
    return _by_groupes(dossier, convention, signe, day, versions)


def _by_groupes(
    dossier: Dossier, convention: Convention, signe: ServiceSigne, day: date, versions: Versions
) -> Decision:
    nearest: Voie | None = None
    giving: list[Voie] = []
    for voie in _voies(dossier, convention.id, signe, day):
        if voie.manque is None:
            giving.append(voie)
        elif nearest is None or _key(voie) > _key(nearest):
            nearest = voie
    if not giving:
        manque = Manque.AUCUN_GROUPE if nearest is None else nearest.manque
        return Decision(signe.service, manque, versions, nearest)
    first = _first(giving)
    profil = first.profil
    return Decision(
        service=signe.service,
        manque=None,
        versions=versions,
        voie=first,
        profil=None if profil is None else profil.profil,
        portee=Portee.CAF if profil is None else profil.portee,
        cafs=_cafs(profil, convention),
        groupes=tuple(each.groupe for each in giving),
    )


def _voies(dossier: Dossier, convention_id: str, signe: ServiceSigne, day: date) -> Iterator[Voie]:
    """The memberships that have or had to do with a service, each with what it lacks."""
    if dossier.membre is None:
        return
    for appartenance in dossier.membre.appartenances:
        groupe = dossier.groupes.get(appartenance.groupe_id)
        if groupe is None or groupe.convention_id != convention_id:
            continue
        voie = _voie(appartenance, groupe, signe, day)
        if voie is not None:
            yield voie


def _voie(
    appartenance: Appartenance, groupe: Groupe, signe: ServiceSigne, day: date
) -> Voie | None:
    if appartenance.is_over(day):
        related = groupe.gives(signe.service) or groupe.gave(signe.service)
        return Voie(appartenance, groupe, Manque.APPARTENANCE_TERMINEE) if related else None
    profil: Profil | None = None
    manque = _groupe_lacks(groupe, signe.service, day)
    if manque is Manque.AUCUN_GROUPE:
        return None
    if manque is None:
        manque, profil = _role_lacks(groupe, signe)
    if manque is None and day < appartenance.debut:
        manque = Manque.APPARTENANCE_A_VENIR
    return Voie(appartenance, groupe, manque, profil)


def _compte_lacks(compte: Compte | None, service: str, day: date) -> Manque | None:
    if compte is None:
        return Manque.COMPTE_INCONNU
    if compte.is_closed(day):
        return Manque.COMPTE_CLOTURE
    if compte.is_to_come(day):
        return Manque.COMPTE_A_OUVRIR
    if compte.is_agent:
        return Manque.COMPTE_INTERNE
    if compte.is_bailleur and service != CodeService.BAILLEUR:
        return Manque.SERVICE_RESERVE
    return None


_NOT_OPEN: Mapping[str, Manque] = {
    EtatConvention.SUSPENDUE: Manque.CONVENTION_SUSPENDUE,
    EtatConvention.CLOTUREE: Manque.CONVENTION_CLOTUREE,
}


def _contract_lacks(
    convention: Convention, signe: ServiceSigne | None, service: str, day: date
) -> Manque | None:
    etat = convention.etat_at(day)
    if etat != EtatConvention.OUVERTE:
        return _NOT_OPEN.get(etat, Manque.CONVENTION_NON_SIGNEE)
    if convention.contrat is None or day < convention.contrat:
        return Manque.CONTRAT_NON_SIGNE
    if signe is None or day < signe.bulletin:
        return Manque.BULLETIN_NON_SIGNE
    if signe.is_over:
        return Manque.BULLETIN_RESILIE
    if service in NEED_ELIGIBILITE and (signe.eligibilite is None or day < signe.eligibilite):
        return Manque.ELIGIBILITE_ABSENTE
    return Manque.SERVICE_SUSPENDU if signe.is_suspended else None


def _groupe_lacks(groupe: Groupe, service: str, day: date) -> Manque | None:
    """What a group lacks up to its role; `AUCUN_GROUPE`: it has nothing to do with the service."""
    gives = groupe.gives(service)
    if not gives and not groupe.gave(service) and (groupe.has_had_role or groupe.is_closed(day)):
        return Manque.AUCUN_GROUPE
    if groupe.is_closed(day):
        return Manque.GROUPE_CLOTURE
    if day < groupe.ouverture:
        return Manque.GROUPE_A_VENIR
    if gives:
        return None
    return Manque.ROLE_RETIRE if groupe.has_had_role else Manque.ROLE_JAMAIS_ATTRIBUE


def _role_lacks(groupe: Groupe, signe: ServiceSigne) -> tuple[Manque | None, Profil | None]:
    """A profile must still be granted, its condition confirmed; CDAP has no role without one."""
    code = None if groupe.role is None else groupe.role.profil
    if code is None:
        lacks = signe.service == CodeService.CDAP
        return (Manque.PROFIL_NON_ACCORDE if lacks else None), None
    profil = signe.profil(code)
    if profil is None:
        return Manque.PROFIL_NON_ACCORDE, None
    return (None if profil.is_usable else Manque.CONDITION_NON_CONFIRMEE), profil


def _key(voie: Voie) -> tuple[bool, int, date]:
    """A group without any role comes last, whatever it lacks; then ways that lack less come first;
    of the same, the one that was there last.
    """
    assert voie.manque is not None  # noqa: S101 - of a way that gives nothing
    appartenance = voie.appartenance
    last = appartenance.fin or appartenance.debut
    return voie.groupe.has_had_role, -_RANK[voie.manque], last


def _first(giving: list[Voie]) -> Voie:
    """The way that is told: where declarations are made, if there is one [seed 001]."""
    declares = (each for each in giving if each.groupe.nature == NatureGroupe.AFAS_DECLARER)
    return next(declares, giving[0])


def _cafs(profil: Profil | None, convention: Convention) -> tuple[str, ...]:
    if profil is None or profil.portee == Portee.CAF:
        return (convention.caf,)
    return profil.cafs if profil.portee == Portee.MULTI_CAF else ()


def _versions(dossier: Dossier) -> Versions:
    return Versions(
        0 if dossier.convention is None else dossier.convention.seq,
        0 if dossier.membre is None else dossier.membre.seq,
        tuple((id, each.seq) for id, each in dossier.groupes.items()),
    )

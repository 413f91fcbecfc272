"""What leads from one state to another: the only tables of transitions.

A transition is told by a fact, so whoever follows the facts has the same tables; a decision checks
before it tells. `python -m deploy docs` draws them (docs/etats.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from services.habilitation.domain.errors import StateForbids
from shared.contracts import habilitation as contracts
from shared.contracts.conventions import EtatConvention, EtatService
from shared.contracts.envelope import Fact


class EtatGroupe(StrEnum):
    """State of a group, by the calendar."""

    A_VENIR = "a_venir"
    OUVERT = "ouvert"
    CLOTURE = "cloture"
    SUPPRIME = "supprime"


class EtatAppartenance(StrEnum):
    """State of a membership, by the calendar."""

    A_VENIR = "a_venir"
    EN_COURS = "en_cours"
    FINIE = "finie"


E = TypeVar("E", bound=StrEnum)


class Passage(NamedTuple, Generic[E]):
    """By which fact a state is left for another; `depuis` is None where it all begins."""

    depuis: E | None
    fait: type[Fact]
    vers: E


@dataclass(frozen=True)
class Cycle(Generic[E]):
    """The life of one kind of thing: its states as people read them, what leads where."""

    sujet: str
    libelles: Mapping[E, str]
    passages: tuple[Passage[E], ...]

    def admits(self, etat: E, fait: type[Fact]) -> bool:
        """Whether the state can be left by that fact."""
        return any(each.depuis == etat and each.fait is fait for each in self.passages)

    def check(self, etat: E, fait: type[Fact]) -> None:
        """Refuse what the state does not allow.

        Raises: StateForbids
        """
        if not self.admits(etat, fait):
            raise StateForbids(sujet=self.sujet, etat=self.libelles[etat])


CONVENTION = Cycle(
    "Cette convention",
    {
        EtatConvention.BROUILLON: "en brouillon",
        EtatConvention.A_SIGNER: "à signer",
        EtatConvention.OUVERTE: "ouverte",
        EtatConvention.SUSPENDUE: "suspendue",
        EtatConvention.CLOTUREE: "clôturée",
    },
    (
        Passage(None, contracts.ConventionRegistered, EtatConvention.BROUILLON),
        Passage(EtatConvention.BROUILLON, contracts.ConventionPresented, EtatConvention.A_SIGNER),
        Passage(EtatConvention.A_SIGNER, contracts.ConventionOpened, EtatConvention.OUVERTE),
        Passage(EtatConvention.OUVERTE, contracts.ConventionSuspended, EtatConvention.SUSPENDUE),
        Passage(EtatConvention.SUSPENDUE, contracts.ConventionResumed, EtatConvention.OUVERTE),
        Passage(EtatConvention.BROUILLON, contracts.ConventionClosed, EtatConvention.CLOTUREE),
        Passage(EtatConvention.A_SIGNER, contracts.ConventionClosed, EtatConvention.CLOTUREE),
        Passage(EtatConvention.OUVERTE, contracts.ConventionClosed, EtatConvention.CLOTUREE),
        Passage(EtatConvention.SUSPENDUE, contracts.ConventionClosed, EtatConvention.CLOTUREE),
    ),
)
"""Assumed (domain.md § 2.1); suspension is an outcome of the control plan [seed 003]. What is
closed stays closed: the same organisme may sign another convention (assumed)."""

SERVICE = Cycle(
    "Ce service",
    {
        EtatService.SIGNE: "en cours",
        EtatService.SUSPENDU: "suspendu",
        EtatService.RESILIE: "terminé",
    },
    (
        Passage(None, contracts.ServiceOpened, EtatService.SIGNE),
        Passage(EtatService.SIGNE, contracts.ServiceSuspended, EtatService.SUSPENDU),
        Passage(EtatService.SUSPENDU, contracts.ServiceResumed, EtatService.SIGNE),
        Passage(EtatService.SIGNE, contracts.ServiceClosed, EtatService.RESILIE),
        Passage(EtatService.SUSPENDU, contracts.ServiceClosed, EtatService.RESILIE),
        Passage(EtatService.RESILIE, contracts.ServiceOpened, EtatService.SIGNE),
    ),
)
"""One service of a convention [seed 003]; assumed: a bulletin may be signed again once over."""

GROUPE = Cycle(
    "Ce groupe",
    {
        EtatGroupe.A_VENIR: "à venir",
        EtatGroupe.OUVERT: "ouvert",
        EtatGroupe.CLOTURE: "clôturé",
        EtatGroupe.SUPPRIME: "supprimé",
    },
    (
        Passage(None, contracts.GroupeOpened, EtatGroupe.A_VENIR),
        Passage(None, contracts.GroupeOpened, EtatGroupe.OUVERT),
        Passage(EtatGroupe.A_VENIR, contracts.GroupeStarted, EtatGroupe.OUVERT),
        Passage(EtatGroupe.A_VENIR, contracts.GroupeClosed, EtatGroupe.CLOTURE),
        Passage(EtatGroupe.OUVERT, contracts.GroupeClosed, EtatGroupe.CLOTURE),
        Passage(EtatGroupe.CLOTURE, contracts.GroupeReopened, EtatGroupe.OUVERT),
        Passage(EtatGroupe.CLOTURE, contracts.GroupeReopened, EtatGroupe.A_VENIR),
        Passage(EtatGroupe.A_VENIR, contracts.GroupeDeleted, EtatGroupe.SUPPRIME),
        Passage(EtatGroupe.OUVERT, contracts.GroupeDeleted, EtatGroupe.SUPPRIME),
        Passage(EtatGroupe.CLOTURE, contracts.GroupeDeleted, EtatGroupe.SUPPRIME),
    ),
)
"""Dates [seed 004]; deleted only while empty [seed 000]."""

APPARTENANCE = Cycle(
    "Cette appartenance",
    {
        EtatAppartenance.A_VENIR: "à venir",
        EtatAppartenance.EN_COURS: "en cours",
        EtatAppartenance.FINIE: "finie",
    },
    (
        Passage(None, contracts.AppartenanceAdded, EtatAppartenance.A_VENIR),
        Passage(None, contracts.AppartenanceAdded, EtatAppartenance.EN_COURS),
        Passage(None, contracts.AppartenanceMoved, EtatAppartenance.A_VENIR),
        Passage(None, contracts.AppartenanceMoved, EtatAppartenance.EN_COURS),
        Passage(EtatAppartenance.A_VENIR, contracts.AppartenanceStarted, EtatAppartenance.EN_COURS),
        Passage(EtatAppartenance.A_VENIR, contracts.AppartenanceEnded, EtatAppartenance.FINIE),
        Passage(EtatAppartenance.EN_COURS, contracts.AppartenanceEnded, EtatAppartenance.FINIE),
        Passage(EtatAppartenance.A_VENIR, contracts.AppartenanceMoved, EtatAppartenance.FINIE),
        Passage(EtatAppartenance.EN_COURS, contracts.AppartenanceMoved, EtatAppartenance.FINIE),
        Passage(EtatAppartenance.EN_COURS, contracts.AppartenanceLapsed, EtatAppartenance.FINIE),
    ),
)
"""A person in a group, from `debut` on, up to `fin` [seed 004]. Nobody comes back by itself: a
membership that is over is followed by another."""

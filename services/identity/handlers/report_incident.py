"""ReportIncident: a person reports a security incident without delay [seed 002]."""

from dataclasses import dataclass, field
from typing import Any

from services.identity.domain.frequence import MOST_INCIDENTS
from services.identity.handlers.presence import Presence, convention_of
from services.identity.ports import Sealer
from shared.contracts.comptes import NatureIncident
from shared.contracts.identity import IncidentReported
from shared.frequence import counted
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase


@dataclass(frozen=True)
class ReportIncident:
    """What happened, in the person's own words: they may name anybody, so they travel sealed."""

    presence: Presence
    incident_id: str
    nature: NatureIncident
    description: str = field(repr=False)


@dataclass(frozen=True)
class SealedWords:
    """The description, for notifications only."""

    key_id: str
    sealed: str


def report_incident(sealer: Sealer) -> UseCase[ReportIncident, SealedWords]:
    """The use case, with what seals."""

    async def prepare(request: Request[ReportIncident, None], _: Reader) -> SealedWords:
        asked = request.message
        return SealedWords(
            *sealer.seal(
                {
                    "user_id": asked.presence.user_id,
                    "incident_id": asked.incident_id,
                    "description": asked.description,
                }
            )
        )

    return UseCase(message=ReportIncident, prepare=prepare, keys=_keys, decide=_decide)


def _keys(request: Request[ReportIncident, SealedWords]) -> list[Key[Any]]:
    return request.message.presence.keys


def _decide(request: Request[ReportIncident, SealedWords], state: State) -> Decision:
    asked, words = request.message, request.prepared
    compte = asked.presence.full(state, request.now)
    moments = counted(compte.incidents, request.now, most=MOST_INCIDENTS)
    compte = compte.changed(incidents=moments)
    convention = convention_of(state, compte.convention_id)
    told = IncidentReported(
        user_id=compte.id,
        convention_id=compte.convention_id,
        incident_id=asked.incident_id,
        nature=asked.nature,
        caf=compte.caf if convention is None else convention.caf,
        organisme=None if convention is None else convention.organisme,
        key_id=words.key_id,
        sealed=words.sealed,
        at=request.now,
    )
    return Decision(
        writes=(compte,),
        facts=(compte.told(told),),
        result={"incident_id": asked.incident_id},
    )

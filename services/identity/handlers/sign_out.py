"""SignOut: a person ends a session; its token opens nothing from then on."""

from dataclasses import dataclass
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.handlers.presence import Presence
from shared.path.decision import Decision, Key, Request, State, UseCase


@dataclass(frozen=True)
class SignOut:
    """The session to end."""

    presence: Presence


def _keys(request: Request[SignOut, None]) -> list[Key[Any]]:
    return request.message.presence.keys


def _decide(request: Request[SignOut, None], state: State) -> Decision:
    compte, session = request.message.presence.any(state, request.now)
    return Decision(
        writes=(compte, session.changed(ended_at=request.now)),
        facts=(comptes.signed_out(compte, at=request.now),),
        result={"user_id": compte.id},
    )


SIGN_OUT = UseCase(message=SignOut, keys=_keys, decide=_decide)

"""What every use case of the contract side shares: only the Caf signs, on its own conventions."""

from datetime import date
from typing import Any

from services.habilitation.domain import lecture
from services.habilitation.domain.bulletin import Change
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Operation, check_convention
from services.habilitation.domain.mention import Mention
from services.habilitation.domain.recit import tell_convention
from shared.calendrier import day_of
from shared.contracts.conventions import CodeService
from shared.contracts.envelope import Fact
from shared.contracts.habilitation_commands import ConventionCommand
from shared.path.decision import Decision, Key, Request, State

R = Request[Any, Any]
"""A command about one convention."""


def keys(request: R) -> list[Key[Any]]:
    """The documents by which the rights on a convention are decided."""
    asked: ConventionCommand = request.message
    return lecture.keys(request.principal, asked.convention_id)


def contracted(request: R, state: State) -> Convention:
    """The convention, if who asks may sign there.

    Raises: NotPermitted, ConventionUnknown, ConventionNotOpen, ConventionOver
    """
    asked: ConventionCommand = request.message
    day = today(request)
    return check_convention(
        lecture.demandeur(request.principal, state, day),
        Operation.CONTRACTER,
        state.get(Convention.key_of(asked.convention_id)),
        day,
    )


def updated(before: Convention, after: Convention, fait: type[Fact], request: R) -> Decision:
    """What a change of the convention itself makes; nothing where nothing changed."""
    if after == before:
        return Decision()
    return Decision((after,), (tell_convention(fait, after, at=request.now),))


def service_changed(
    before: Convention, change: Change, service: CodeService, request: R
) -> Decision:
    """What a change of one of its services makes; nothing where nothing changed."""
    after, fait = change
    if after == before:
        return Decision()
    return Decision((after,), (tell_convention(fait, after, at=request.now, service=service),))


def mentioned(request: R) -> Mention:
    """When it is asked, and by whom."""
    return Mention(at=request.now, par=request.principal.id)


def today(request: R) -> date:
    """The day on which it is asked."""
    return day_of(request.now)

"""What every use case about one group needs: the documents, the rights of who asks."""

from datetime import date
from typing import Any

from services.habilitation.domain import lecture
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Operation, check_groupe
from services.habilitation.domain.groupe import Groupe
from shared.calendrier import day_of
from shared.path.decision import Key, Request, State

R = Request[Any, Any]
"""A command about `groupe_id`."""


def keys(request: R) -> list[Key[Any]]:
    """Who asks, the convention, the group."""
    asked = request.message
    return lecture.keys(request.principal, asked.convention_id, asked.groupe_id)


def more_keys(request: R, state: State) -> list[Key[Any]]:
    """The groups of who asks."""
    return lecture.more_keys(request.principal, state, today(request))


def entitled(request: R, state: State, operation: Operation) -> tuple[Convention, Groupe]:
    """The convention and its group, if who asks may do that to it.

    Raises: ConventionUnknown, GroupeUnknown, NotPermitted, ConventionNotOpen, NotDelegated,
    ConventionOver
    """
    asked, day = request.message, today(request)
    return check_groupe(
        lecture.demandeur(request.principal, state, day),
        operation,
        state.get(Convention.key_of(asked.convention_id)),
        state.get(Groupe.key_of(asked.groupe_id)),
        day,
    )


def today(request: R) -> date:
    """The day on which it is asked."""
    return day_of(request.now)

"""Who belongs to the group that a command changes: found beforehand, loaded with the decision."""

from typing import Any

from services.habilitation.domain.adherents import Adherents
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.handlers import entitlement
from shared.calendrier import day_of
from shared.path.decision import Key, Reader, Request, State

Asked = Request[Any, Adherents]
"""A command about `groupe_id`, its members found."""


async def find_adherents(request: Request[Any, None], reader: Reader) -> Adherents:
    """Who belongs to the group, or will; the group is read first, so that none is missed."""
    groupe_id = request.message.groupe_id
    groupe = await reader.load(Groupe.key_of(groupe_id))
    if groupe is None or groupe.convention_id != request.message.convention_id:
        return Adherents()
    found = await reader.find(Membre, "appartenances.groupe_id", groupe_id)
    day = day_of(request.now)
    belong = sorted(each.id for each in found if each.in_groupe(groupe_id, day))
    return Adherents(groupe.adhesions, tuple(belong))


def keys(request: Asked) -> list[Key[Any]]:
    """Who asks, the convention, the group, the memberships of its members."""
    return [*entitlement.keys(request), *request.prepared.keys]


def more_keys(request: Asked, state: State) -> list[Key[Any]]:
    """The groups of who asks, and those of the members."""
    day = entitlement.today(request)
    return [*entitlement.more_keys(request, state), *request.prepared.more_keys(state, day)]

"""AccountRefused: identity made no account for somebody designated: it is as if he never was.

An administrateur is relieved. A group always has its responsable [seed 003]: it falls to who named
the one who is none (assumed: he may name another, and a group of nobody could not even be closed).
Who is an agent has no more rights by it than those of his Caf, and names another all the same.
A fact cannot be refused, and nothing here is: what is given no longer is left as it is.
"""

from typing import Any

from services.habilitation.domain import administrateurs, afas
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.personne import Personne
from services.habilitation.domain.recit import tell_groupe
from shared.contracts.habilitation import GroupeUpdated
from shared.contracts.identity import AccountRefused
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase

Groupes = tuple[str, ...]
"""The groups of which the person was responsable when this was prepared: no other can be, for
nobody is named again who has no account, unless another account is asked for and answered."""
Asked = Request[AccountRefused, Groupes]


async def _prepare(request: Request[AccountRefused, None], reader: Reader) -> Groupes:
    found = await reader.find(Groupe, "responsable_id", request.message.user_id)
    return tuple(each.id for each in found)


def _keys(request: Asked) -> list[Key[Any]]:
    fact = request.message
    return [
        Convention.key_of(fact.convention_id),
        Personne.key_of(fact.user_id),
        *administrateurs.keys(fact.convention_id, [fact.user_id]),
        *map(Groupe.key_of, request.prepared),
    ]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    return afas.groupe_keys(request.message.convention_id, state)


def _decide(request: Asked, state: State) -> Decision:
    """Take back what hangs on an account that is not there.

    Writes:  conventions, membres; groupes
    Tells:   AdministrateurRelieved, AppartenanceEnded; GroupeUpdated
    """
    fact = request.message
    convention = state.get(Convention.key_of(fact.convention_id))
    personne = state.get(Personne.key_of(fact.user_id))
    made = personne is not None and personne.convention_id == fact.convention_id
    if convention is None or made:  # made since, by another demand
        return Decision()
    return afas.both(_relieved(convention, request, state), _fallen(request, state))


def _relieved(convention: Convention, request: Asked, state: State) -> Decision:
    fact = request.message
    if not convention.is_administrateur(fact.user_id):
        return Decision()
    return administrateurs.relieve(
        convention, fact.user_id, state, by=fact.asked_by, now=request.now, refus=fact.motif
    )


def _fallen(request: Asked, state: State) -> Decision:
    """The groups of which he is responsable, closed ones too: they may be opened again."""
    fact = request.message
    found = (state.get(Groupe.key_of(each)) for each in request.prepared)
    fallen = tuple(
        each.changed(responsable_id=fact.asked_by)
        for each in found
        if each is not None
        and (each.responsable_id, each.convention_id) == (fact.user_id, fact.convention_id)
        and not each.supprime
    )
    told = (tell_groupe(GroupeUpdated, each, at=request.now) for each in fallen)
    return Decision(fallen, tuple(told))


TAKE_BACK_DESIGNATION = UseCase(
    message=AccountRefused, prepare=_prepare, keys=_keys, more_keys=_more_keys, decide=_decide
)

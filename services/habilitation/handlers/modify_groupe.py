"""ModifyGroupe: libellé, opening date, responsable; what is left out stays [seed 002]."""

from collections.abc import Iterator
from typing import Any

from services.habilitation.domain import afas, vie_groupe
from services.habilitation.domain.adherents import Adherents, check_gain
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.designation import Nomme
from services.habilitation.domain.droits import Operation
from services.habilitation.domain.errors_groupes import ResponsableMissing
from services.habilitation.domain.groupe import Groupe
from services.habilitation.handlers import adherence, entitlement
from shared.contracts.conventions import TitreDemande
from shared.contracts.habilitation_commands import ModifyGroupe
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase

Asked = Request[ModifyGroupe, Adherents]


async def _prepare(request: Request[ModifyGroupe, None], reader: Reader) -> Adherents:
    """Members matter only where the group may open earlier than they knew."""
    if request.message.ouverture is None:
        return Adherents()
    return await adherence.find_adherents(request, reader)


def _keys(request: Asked) -> list[Key[Any]]:
    asked, nomme = request.message, _nomme(request.message)
    return [*adherence.keys(request), *([] if nomme is None else nomme.keys(asked.convention_id))]


def _nomme(asked: ModifyGroupe) -> Nomme | None:
    """Who is named. Raises ResponsableMissing where an account is to be made without an id."""
    if asked.responsable_id is None:
        if asked.responsable is not None:
            raise ResponsableMissing
        return None
    return Nomme(asked.responsable_id, asked.responsable, TitreDemande.RESPONSABLE)


def _operations(asked: ModifyGroupe) -> Iterator[Operation]:
    if asked.libelle is not None or asked.ouverture is not None:
        yield Operation.MODIFIER_GROUPE
    if asked.responsable_id is not None or asked.responsable is not None:
        yield Operation.NOMMER_RESPONSABLE


def _decide(request: Asked, state: State) -> Decision:
    """The old responsable's delegation ends with the decision [seed 003].

    Tells:   GroupeUpdated; GroupeStarted if it opens by it; AccountRequested
    """
    asked, nomme = request.message, _nomme(request.message)
    convention, before = entitlement.entitled(request, state, Operation.CONSULTER)
    for operation in _operations(asked):
        entitlement.entitled(request, state, operation)
    after = _changed(request, convention, before, state)
    if after == before:
        return Decision(result={"groupe_id": before.id})
    by, now = request.principal.id, request.now
    told = vie_groupe.tell_modified(before, after, now)
    modified = Decision((after,), told, {"groupe_id": after.id})
    if nomme is None:
        return modified
    return afas.both(modified, nomme.account_requested(convention, state, by=by, now=now))


def _changed(request: Asked, convention: Convention, before: Groupe, state: State) -> Groupe:
    asked, day = request.message, entitlement.today(request)
    after = before
    if asked.libelle is not None:
        after = after.changed(libelle=vie_groupe.read_libelle(asked.libelle))
    if asked.ouverture is not None:
        after = vie_groupe.move_ouverture(after, asked.ouverture, day)
        if after.ouverture < before.ouverture:
            check_gain(before, after, request.prepared, state, request.principal, day)
    nomme = _nomme(asked)
    if nomme is None or nomme == (before.responsable_id, None, nomme.titre):
        return after
    nomme.check(convention, state, day)
    return after.changed(responsable_id=nomme.user_id)


MODIFY_GROUPE = UseCase(
    message=ModifyGroupe,
    prepare=_prepare,
    keys=_keys,
    more_keys=adherence.more_keys,
    decide=_decide,
)

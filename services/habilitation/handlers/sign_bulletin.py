"""SignBulletin: the bulletin d'adhésion of a service; that of AFAS makes its two groups."""

from typing import Any

from services.habilitation.domain import afas
from services.habilitation.domain.bulletin import sign
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.designation import Nomme
from services.habilitation.domain.errors_contrat import ResponsableMissing, ResponsableUseless
from services.habilitation.domain.membre import Membre
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import contracted, service_changed, today
from shared.contracts.conventions import CodeService, TitreDemande
from shared.contracts.habilitation_commands import SignBulletin
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[SignBulletin, None]


def _keys(request: Asked) -> list[Key[Any]]:
    asked, nomme = request.message, _nomme(request)
    codes = afas.code_keys(asked.convention_id) if _is_afas(request) else []
    named = [] if nomme is None else nomme.keys(asked.convention_id)
    return [*contracting.keys(request), *codes, *named]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    """The groups that there are; the memberships of who is to be put in AFAS-HABILITER."""
    convention_id = request.message.convention_id
    convention = state.get(Convention.key_of(convention_id))
    if not _is_afas(request) or convention is None:
        return []
    people = (Membre.key_of(each.user_id) for each in convention.administrateurs)
    return [*afas.groupe_keys(convention_id, state), *people]


def _decide(request: Asked, state: State) -> Decision:
    """A bulletin is signed, for the first time or again.

    Writes:  conventions; codes, groupes, membres, demandes
    Tells:   ServiceOpened or ServiceUpdated, AccountRequested; GroupeOpened, AppartenanceAdded
    Raises:  what `sign` raises, ResponsableUseless, ResponsableMissing, and what naming one raises
    """
    convention, asked = contracted(request, state), request.message
    change = sign(convention, asked.service, asked.profils, today(request))
    signed = service_changed(convention, change, asked.service, request)
    nomme = _nomme(request)
    if not _is_afas(request):
        if nomme is not None or asked.responsable is not None:
            raise ResponsableUseless
        return signed
    if nomme is None:
        goes_on = afas.are_open(convention.id, state, request.now)
        if asked.responsable is not None or not goes_on:
            raise ResponsableMissing
        return signed
    return afas.both(signed, _groupes(change[0], nomme, request, state))


def _groupes(convention: Convention, nomme: Nomme, request: Asked, state: State) -> Decision:
    """The two groups, with the responsable that the Caf names [seed 001]."""
    nomme.check(convention, state, today(request))
    by, now = request.principal.id, request.now
    requested = nomme.account_requested(convention, state, by=by, now=now)
    return afas.both(requested, afas.make(convention, nomme.user_id, state, by=by, now=now))


def _nomme(request: Asked) -> Nomme | None:
    asked = request.message
    if asked.responsable_id is None:
        return None
    return Nomme(asked.responsable_id, asked.responsable, TitreDemande.RESPONSABLE)


def _is_afas(request: Asked) -> bool:
    return request.message.service is CodeService.AFAS


SIGN_BULLETIN = UseCase(message=SignBulletin, keys=_keys, more_keys=_more_keys, decide=_decide)

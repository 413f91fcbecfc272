"""ApplyDates: the opening or closing date of an account has come; asked by the scheduler."""

from datetime import date
from typing import Any

from services.identity.domain import cloture, ouverture
from services.identity.domain import compte as comptes
from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.errors import NotPermitted
from services.identity.domain.ouverture import Envois
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity import SERVICE, ApplyDates
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase
from shared.security.principal import Principal, service_principal


def apply_dates(issuing: Issuing) -> UseCase[ApplyDates, Envois | None]:
    """The use case, with what draws credentials: 24 h run from the opening."""

    async def prepare(request: Request[ApplyDates, None], reader: Reader) -> Envois | None:
        _check(request.principal)
        compte = await reader.load(Compte.key_of(request.message.user_id))
        if compte is None or compte.generation > 0 or not _opens(compte, request.message.day):
            return None
        return await issuing.write_both(compte, request.now)

    return UseCase(
        message=ApplyDates, prepare=prepare, keys=_keys, more_keys=_more_keys, decide=_decide
    )


def _keys(request: Request[ApplyDates, Any]) -> list[Key[Any]]:
    return [Compte.key_of(request.message.user_id)]


def _more_keys(request: Request[ApplyDates, Any], state: State) -> list[Key[Any]]:
    compte = state.get(Compte.key_of(request.message.user_id))
    return [] if compte is None else [AdresseReservee.key_of(compte.mail)]


def _decide(request: Request[ApplyDates, Envois | None], state: State) -> Decision:
    """Nothing to do is no fault: the date was moved, or told, in the meantime.

    The scheduler has judged the day: another machine's clock, a little behind, is not asked again.
    """
    _check(request.principal)
    compte = comptes.find(state, request.message.user_id)
    by, now, day = request.principal.id, request.now, request.message.day
    if compte.etat is not EtatCompte.CLOTURE and compte.etat_at(day) is EtatCompte.CLOTURE:
        return cloture.close(compte, state, by=by, now=now)
    if _opens(compte, day):
        return ouverture.open_on_its_day(compte, request.prepared, by=by, now=now)
    return Decision()


def _opens(compte: Compte, day: date) -> bool:
    return compte.etat is EtatCompte.A_OUVRIR and compte.etat_at(day) is EtatCompte.OUVERT


def _check(principal: Principal) -> None:
    if principal != service_principal(SERVICE):
        raise NotPermitted

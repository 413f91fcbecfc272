"""ApplyDates: the opening or closing date of an account has come; asked by the scheduler."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.identity.domain import cloture, ouverture
from services.identity.domain import compte as comptes
from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.copies import Groupe
from services.identity.domain.errors import NotPermitted
from services.identity.domain.ouverture import Envois
from services.identity.handlers.issuing import Issuing
from services.identity.handlers.presence import convention_keys, convention_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity import SERVICE
from shared.contracts.identity_commands import ApplyDates
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase
from shared.security.principal import Principal, service_principal


@dataclass(frozen=True)
class Echeance:
    """The mails of an account that opens, the groups of which the person is responsable."""

    envois: Envois | None = None
    responsable_of: tuple[Groupe, ...] = ()


def apply_dates(issuing: Issuing) -> UseCase[ApplyDates, Echeance]:
    """The use case, with what draws credentials: 24 h run from the opening."""

    async def prepare(request: Request[ApplyDates, None], reader: Reader) -> Echeance:
        _check(request.principal)
        user_id = request.message.user_id
        responsable_of = tuple(await reader.find(Groupe, "responsable_id", user_id))
        compte = await reader.load(Compte.key_of(user_id))
        if compte is None or compte.generation > 0 or not _opens(compte, request.message.day):
            return Echeance(None, responsable_of)
        return Echeance(await issuing.write_both(compte, request.now), responsable_of)

    return UseCase(
        message=ApplyDates, prepare=prepare, keys=_keys, more_keys=_more_keys, decide=_decide
    )


def _keys(request: Request[ApplyDates, Any]) -> list[Key[Any]]:
    return [Compte.key_of(request.message.user_id)]


def _more_keys(request: Request[ApplyDates, Any], state: State) -> list[Key[Any]]:
    compte = state.get(Compte.key_of(request.message.user_id))
    if compte is None:
        return []
    return [AdresseReservee.key_of(compte.mail), *convention_keys(compte.convention_id)]


def _decide(request: Request[ApplyDates, Echeance], state: State) -> Decision:
    """Nothing to do is no fault: the date was moved, or told, in the meantime.

    The scheduler has judged the day: another machine's clock, a little behind, is not asked again.
    The responsable of a group still open is not closed by the calendar either,
    unless his address was given to another since that day began.
    """
    _check(request.principal)
    compte = comptes.find(state, request.message.user_id)
    convention = convention_of(state, compte.convention_id)
    compte = compte.of_caf(convention)
    by, now, day = request.principal.id, request.now, request.message.day
    if compte.etat is not EtatCompte.CLOTURE and compte.etat_at(day) is EtatCompte.CLOTURE:
        kept = state.get(AdresseReservee.key_of(compte.mail))
        has_address = kept is not None and kept.user_id == compte.id
        if has_address and cloture.to_hand_over(request.prepared.responsable_of, convention, day):
            return cloture.put_off(compte, day, by=by, now=now)
        return cloture.close(compte, state, by=by, now=now)
    if _opens(compte, day):
        return ouverture.open_on_its_day(compte, request.prepared.envois, by=by, now=now)
    return Decision()


def _opens(compte: Compte, day: date) -> bool:
    return compte.etat is EtatCompte.A_OUVRIR and compte.etat_at(day) is EtatCompte.OUVERT


def _check(principal: Principal) -> None:
    if principal != service_principal(SERVICE):
        raise NotPermitted

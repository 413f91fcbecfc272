"""Send a campaign: one mail to each of many persons, whatever is asked twice."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from services.notifications.content import check_valeurs
from services.notifications.domain.envoi import Envoi, campaign_mail_id, queue_notice
from services.notifications.domain.errors import ModeleUnknown, NotAService
from services.notifications.domain.modele import CAMPAGNES, VALIDITE, Modele
from shared.calendrier import start_of
from shared.contracts.notifications import SendCampaign
from shared.path.decision import Decision, Key, Request, State, UseCase
from shared.security.principal import ActorKind


def send_campaign(domain: str) -> UseCase[SendCampaign, None]:
    """The use case; `domain` is the right-hand side of the Message-IDs."""

    def decide(request: Request[SendCampaign, None], state: State) -> Decision:
        asked = request.message
        if request.principal.kind is not ActorKind.SERVICE:
            raise NotAService
        modele = _modele(asked.modele)
        last_day = check_valeurs(modele, asked.valeurs).dernier_jour
        expires_at = _expiry(last_day, request.now)
        return Decision(
            writes=tuple(
                _mail(asked, modele, user_id, domain, request.now, expires_at)
                for user_id, key in _mails(asked)
                if state.get(key) is None
            )
        )

    return UseCase(message=SendCampaign, keys=_keys, decide=decide)


def _mails(asked: SendCampaign) -> Iterable[tuple[str, Key[Envoi]]]:
    """Each person once, with the key of their mail."""
    for user_id in dict.fromkeys(asked.user_ids):
        yield user_id, Envoi.key_of(campaign_mail_id(asked.campagne_id, user_id))


def _keys(request: Request[SendCampaign, None]) -> Iterable[Key[Any]]:
    return [key for _, key in _mails(request.message)]


def _modele(code: str) -> Modele:
    try:
        modele = Modele(code)
    except ValueError:
        raise ModeleUnknown from None
    if modele not in CAMPAGNES:
        raise ModeleUnknown
    return modele


def _expiry(last_day: date | None, now: datetime) -> datetime:
    """Until when these mails are worth sending: no later than the end of that day in Paris."""
    if last_day is None:
        return now + VALIDITE
    return min(now + VALIDITE, start_of(last_day + timedelta(days=1)))


def _mail(
    asked: SendCampaign,
    modele: Modele,
    user_id: str,
    domain: str,
    now: datetime,
    expires_at: datetime,
) -> Envoi:
    return queue_notice(
        modele,
        user_id,
        id=campaign_mail_id(asked.campagne_id, user_id),
        domain=domain,
        now=now,
        expires_at=expires_at,
        campagne_id=asked.campagne_id,
        valeurs=asked.valeurs,
    )

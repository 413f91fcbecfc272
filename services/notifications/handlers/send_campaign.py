"""Send a campaign: one mail to each of many persons, whatever is asked twice."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.notifications.content import check_valeurs
from services.notifications.domain.envoi import Envoi, campaign_mail_id, queue_notice
from services.notifications.domain.errors import ModeleUnknown, NotAService
from services.notifications.domain.modele import CAMPAGNES, Modele
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
        check_valeurs(modele, asked.valeurs)
        return Decision(
            writes=tuple(
                _mail(asked, modele, user_id, domain, request.now)
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


def _mail(asked: SendCampaign, modele: Modele, user_id: str, domain: str, now: datetime) -> Envoi:
    return queue_notice(
        modele,
        user_id,
        id=campaign_mail_id(asked.campagne_id, user_id),
        domain=domain,
        now=now,
        campagne_id=asked.campagne_id,
        valeurs=asked.valeurs,
    )

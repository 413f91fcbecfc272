"""Expiring a mail: only the service itself, only once its secret is no longer valid."""

import pytest

from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.errors import MailUnknown, NotTheService
from services.notifications.handlers.expire_mail import EXPIRE_MAIL
from shared.contracts.notifications import ExpireMail, MailExpired
from shared.path.decision import Decision
from shared.security.principal import ActorKind, Principal, service_principal
from tests.notifications.builders import DAY, NOW, decided, password_mail

MAIL = password_mail()
ASKED = ExpireMail(mail_id=MAIL.id)


def test_mail_past_its_expiry_is_given_up_and_forgets_its_secret() -> None:
    decision = decided(EXPIRE_MAIL, ASKED, MAIL, now=NOW + DAY)
    (envoi,) = decision.writes
    assert isinstance(envoi, Envoi)
    assert (envoi.etat, envoi.sealed) == (EtatEnvoi.EXPIRE, None)
    assert [type(told.fact) for told in decision.facts] == [MailExpired]


def test_mail_whose_secret_is_valid_is_left_alone() -> None:
    assert decided(EXPIRE_MAIL, ASKED, MAIL, now=NOW) == Decision()


@pytest.mark.parametrize("etat", [EtatEnvoi.ENVOYE, EtatEnvoi.ECHEC, EtatEnvoi.EXPIRE])
def test_closed_mail_has_nothing_left_to_expire(etat: EtatEnvoi) -> None:
    closed = MAIL.changed(etat=etat, sealed=None)
    assert decided(EXPIRE_MAIL, ASKED, closed, now=NOW + DAY) == Decision()


@pytest.mark.parametrize(
    "actor",
    [
        Principal(ActorKind.AGENT_CAF, "a1"),
        Principal(ActorKind.PARTENAIRE, "notifications"),
        service_principal("identity"),
    ],
)
def test_only_the_service_itself_may_ask(actor: Principal) -> None:
    with pytest.raises(NotTheService):
        decided(EXPIRE_MAIL, ASKED, MAIL, now=NOW + DAY, principal=actor)


def test_unknown_mail_is_refused() -> None:
    with pytest.raises(MailUnknown):
        decided(EXPIRE_MAIL, ASKED, now=NOW + DAY)

"""A password expired: told to its person if it arrived, else to who opened the account."""

import pytest

from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.expire_mail import EXPIRE_MAIL
from services.notifications.handlers.tell_expired import tell_expired
from shared.contracts.identity import TemporaryPasswordExpired
from shared.contracts.notifications import ExpireMail
from shared.path.decision import Decision, Document
from tests.notifications.builders import DAY, DOMAIN, NOW, decided, password_mail
from tests.notifications.people import AGENT, known

TELL = tell_expired(DOMAIN)
FACT = TemporaryPasswordExpired(user_id="u1", at=NOW + DAY, generation=1)
MAIL = password_mail()
SENT = MAIL.changed(etat=EtatEnvoi.ENVOYE, sealed=None)


def mails(decision: Decision) -> list[tuple[Modele, str]]:
    return [(each.modele, each.user_id) for each in decision.writes if isinstance(each, Envoi)]


def told(*stored: Document) -> Decision:
    return decided(TELL, FACT, *stored, now=NOW + DAY)


def test_password_that_arrived_is_told_to_its_person_once() -> None:
    decision = told(SENT, known())
    assert mails(decision) == [(Modele.MOT_DE_PASSE_EXPIRE, "u1")]
    assert told(SENT, known(), *decision.writes) == Decision()


@pytest.mark.parametrize("stored", [(MAIL,), (MAIL.changed(etat=EtatEnvoi.RETENU),), ()])
def test_password_that_did_not_is_told_to_who_opened_the_account(stored: tuple[Envoi]) -> None:
    assert mails(told(known(), *stored)) == [(Modele.MOT_DE_PASSE_NON_REMIS, AGENT)]


def test_it_is_told_once_whichever_end_comes_first() -> None:
    expired = decided(EXPIRE_MAIL, ExpireMail(mail_id=MAIL.id), MAIL, known(), now=NOW + DAY)
    assert told(known(), *expired.writes) == Decision()
    notices = told(known(), MAIL).writes
    later = decided(
        EXPIRE_MAIL, ExpireMail(mail_id=MAIL.id), MAIL, known(), *notices, now=NOW + DAY
    )
    assert mails(later) == [(Modele.MOT_DE_PASSE_PROVISOIRE, "u1")]


@pytest.mark.parametrize("creator", [None, "identity"])
def test_nobody_is_told_where_no_person_opened_the_account(creator: str | None) -> None:
    assert told(MAIL, known(created_by=creator)) == Decision()


def test_fact_of_long_ago_is_not_written_about() -> None:
    assert decided(TELL, FACT, SENT, known(), now=NOW + DAY + VALIDITE) == Decision()

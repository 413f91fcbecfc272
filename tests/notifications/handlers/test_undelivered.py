"""A temporary password that never arrived: whoever opened the account is told, once."""

from typing import Any

import pytest

from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.modele import Modele
from services.notifications.domain.tentative import Rejected
from services.notifications.handlers.abandon_mail import ABANDON_MAIL, AbandonMail
from services.notifications.handlers.expire_mail import EXPIRE_MAIL
from services.notifications.handlers.queue_mail import queue_mails
from services.notifications.handlers.record_attempt import RECORD_ATTEMPT, RecordAttempt
from shared.contracts.notifications import ExpireMail, MotifAbandon
from shared.path.decision import Decision, Document
from tests.notifications.builders import (
    DAY,
    DOMAIN,
    NOW,
    decided,
    identifiant_mail,
    password_issued,
    password_mail,
)
from tests.notifications.people import AGENT, known

MAIL = password_mail()
TOLD = [MotifAbandon.TROP_TARD, MotifAbandon.ILLISIBLE, MotifAbandon.ADRESSE]
SILENT = [MotifAbandon.DEPASSE, MotifAbandon.EXPLOITANT]


def notices(decision: Decision) -> list[Envoi]:
    mails = [each for each in decision.writes if isinstance(each, Envoi)]
    return [each for each in mails if each.modele is Modele.MOT_DE_PASSE_NON_REMIS]


def expired(*stored: Document, mail: Envoi = MAIL) -> Decision:
    return decided(EXPIRE_MAIL, ExpireMail(mail_id=mail.id), mail, *stored, now=NOW + DAY)


def test_expired_password_is_told_to_the_creator_and_names_the_person() -> None:
    (notice,) = notices(expired(known()))
    assert (notice.user_id, notice.sujet_id, notice.etat) == (AGENT, "u1", EtatEnvoi.EN_FILE)
    assert notice.domain == MAIL.domain


@pytest.mark.parametrize("motif", TOLD)
def test_password_given_up_is_told(motif: MotifAbandon) -> None:
    assert notices(decided(ABANDON_MAIL, AbandonMail(MAIL.id, motif), MAIL, known()))


@pytest.mark.parametrize("motif", SILENT)
def test_password_that_is_not_needed_any_more_is_not_told(motif: MotifAbandon) -> None:
    assert not notices(decided(ABANDON_MAIL, AbandonMail(MAIL.id, motif), MAIL, known()))


def test_password_refused_for_what_it_says_is_told() -> None:
    asked = RecordAttempt(MAIL.id, Rejected(554), NOW, "u1")
    assert notices(decided(RECORD_ATTEMPT, asked, MAIL, known()))


def test_password_read_too_late_is_told() -> None:
    _, queue_password = queue_mails(DOMAIN)
    late = decided(queue_password, password_issued(), known(), now=NOW + DAY)
    (notice,) = notices(late)
    assert notice.user_id == AGENT


def test_it_is_told_once() -> None:
    before = notices(expired(known()))
    assert not notices(expired(known(), *before))


@pytest.mark.parametrize("stored", [(), (known(created_by=None),)])
def test_nobody_is_told_where_nobody_is_known(stored: tuple[Any, ...]) -> None:
    decision = expired(*stored)
    assert not notices(decision)
    assert len(decision.facts) == 1


def test_identifiant_is_no_password() -> None:
    assert not notices(expired(known(), mail=identifiant_mail()))

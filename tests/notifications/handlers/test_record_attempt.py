"""Recording an attempt: a row each time, a state, a fact."""

import pytest

from services.notifications.domain.envoi import Envoi, EtatEnvoi, expire
from services.notifications.domain.tentative import (
    Accepted,
    Deferred,
    Issue,
    Rejected,
    Result,
    Tentative,
)
from services.notifications.handlers.record_attempt import RECORD_ATTEMPT, RecordAttempt
from shared.contracts.notifications import MailDeferred, MailFailed, MailSent
from shared.errors import Bug
from tests.notifications.builders import NOW, decided, password_mail


@pytest.mark.parametrize(
    ("result", "etat", "fact"),
    [
        (Accepted(), EtatEnvoi.ENVOYE, MailSent),
        (Deferred(421), EtatEnvoi.DIFFERE, MailDeferred),
        (Rejected(554), EtatEnvoi.ECHEC, MailFailed),
    ],
)
def test_answer_becomes_a_state_a_row_and_a_fact(
    result: Result, etat: EtatEnvoi, fact: type
) -> None:
    mail = password_mail().changed(attempts=2)
    decision = decided(RECORD_ATTEMPT, RecordAttempt(mail.id, result, NOW, "u1"), mail)
    envoi, row = decision.writes
    assert isinstance(envoi, Envoi)
    assert (envoi.etat, envoi.attempts) == (etat, 3)
    assert isinstance(row, Tentative)
    assert (row.id, row.issue, row.smtp_code) == (f"{mail.id}/3", result.issue, result.smtp_code)
    assert [(told.by, type(told.fact)) for told in decision.facts] == [(envoi, fact)]


def test_attempt_that_ends_after_the_mail_was_closed_is_noted_all_the_same() -> None:
    closed, _ = expire(password_mail(), NOW)
    decision = decided(RECORD_ATTEMPT, RecordAttempt(closed.id, Deferred(), NOW, "u1"), closed)
    envoi, row = decision.writes
    assert envoi == closed.changed(attempts=1)
    assert isinstance(row, Tentative)
    assert row.issue is Issue.DIFFEREE
    assert decision.facts == ()


def test_attempt_at_no_mail_is_a_bug() -> None:
    with pytest.raises(Bug):
        decided(RECORD_ATTEMPT, RecordAttempt("none", Accepted(), NOW, "u1"))

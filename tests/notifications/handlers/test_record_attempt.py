"""Recording an attempt: a row each time, a state, a fact."""

from typing import Any

import pytest

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.envoi import Envoi, EtatEnvoi, expire
from services.notifications.domain.modele import Modele
from services.notifications.domain.tentative import (
    Accepted,
    Deferred,
    Issue,
    Rejected,
    Result,
    Tentative,
)
from services.notifications.handlers.record_attempt import RECORD_ATTEMPT, RecordAttempt
from shared.contracts.notifications import AddressFlagged, MailDeferred, MailFailed, MailSent
from shared.errors import Bug
from shared.path.decision import Decision, Document
from tests.notifications.builders import NOW, decided, identifiant_mail, password_mail
from tests.notifications.people import AGENT, known


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


# -- an address that is refused for good ----------------------------------------------------------

BOUNCE = Rejected(550, "5.1.1", of_recipient=True)
MAIL = "u1@commune.example"


def bounced(mail: Envoi, *stored: Document) -> Decision:
    asked = RecordAttempt(mail.id, BOUNCE, NOW, "u1", MAIL)
    return decided(RECORD_ATTEMPT, asked, mail, *stored)


def test_refused_recipient_flags_the_address_and_tells_the_creator() -> None:
    mail = identifiant_mail()
    decision = bounced(mail, known())
    failed, row, adresse, notice = decision.writes
    assert isinstance(failed, Envoi)
    assert isinstance(notice, Envoi)
    assert failed.etat is EtatEnvoi.ECHEC
    assert isinstance(row, Tentative)
    assert adresse == Adresse(id="u1", mail=MAIL, smtp_code=550, signalee_le=NOW)
    assert (notice.modele, notice.user_id, notice.sujet_id) == (
        Modele.ADRESSE_SIGNALEE,
        AGENT,
        "u1",
    )
    common: dict[str, Any] = {
        "mail_id": mail.id,
        "user_id": "u1",
        "modele": "identifiant",
        "attempts": 1,
        "at": NOW,
    }
    assert [told.fact for told in decision.facts] == [
        MailFailed(**common, smtp_code=550, smtp_status="5.1.1"),
        AddressFlagged(**common, smtp_code=550, creator_id=AGENT),
    ]


def test_address_that_is_flagged_already_is_not_told_again() -> None:
    flagged = Adresse(id="u1", mail=MAIL, smtp_code=550, signalee_le=NOW)
    decision = bounced(identifiant_mail(), known(), flagged)
    assert [type(told.fact) for told in decision.facts] == [MailFailed]
    assert len(decision.writes) == 2


def test_password_that_bounces_is_told_once_as_an_address_to_correct() -> None:
    mails = [each for each in bounced(password_mail(), known()).writes if isinstance(each, Envoi)]
    assert [each.modele for each in mails] == [
        Modele.MOT_DE_PASSE_PROVISOIRE,
        Modele.ADRESSE_SIGNALEE,
    ]


def test_address_is_flagged_even_if_nobody_is_known_to_be_told() -> None:
    decision = bounced(identifiant_mail())
    assert [type(told.fact) for told in decision.facts] == [MailFailed, AddressFlagged]
    assert any(isinstance(each, Adresse) for each in decision.writes)


def test_address_of_an_account_that_no_person_opened_is_flagged_and_told_to_nobody() -> None:
    decision = bounced(identifiant_mail(), known(created_by="si-1", genre="bailleur"))
    assert [type(told.fact) for told in decision.facts] == [MailFailed, AddressFlagged]
    assert len([each for each in decision.writes if isinstance(each, Envoi)]) == 1


def test_bounce_of_an_address_left_meanwhile_flags_nothing_and_the_mail_tries_the_new_one() -> None:
    decision = bounced(identifiant_mail(), known(mail="corrigee@commune.example"))
    deferred, row = decision.writes
    assert isinstance(deferred, Envoi)
    assert isinstance(row, Tentative)
    assert (deferred.etat, row.issue) == (EtatEnvoi.DIFFERE, Issue.REFUSEE)
    assert [type(told.fact) for told in decision.facts] == [MailDeferred]


def test_bounce_of_a_mail_that_ended_meanwhile_flags_nothing() -> None:
    ended, _ = expire(identifiant_mail(), NOW)
    assert bounced(ended, known()).facts == ()


def test_address_never_shows_in_a_log() -> None:
    assert MAIL not in repr(RecordAttempt("m1", BOUNCE, NOW, "u1", MAIL))

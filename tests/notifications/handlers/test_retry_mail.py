"""Retrying a mail: what waits is tried now, what ended cannot be."""

import pytest

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.envoi import Envoi, EtatEnvoi, expire, hold
from services.notifications.domain.errors import MailEnded, MailUnknown
from services.notifications.handlers.retry_mail import RETRY_MAIL, RetryMail
from shared.contracts.notifications import MailReleased
from shared.path.decision import Decision
from tests.notifications.builders import DAY, NOW, decided, identifiant_mail, password_mail

FLAGGED = Adresse(id="u1", mail="u1@commune.example", smtp_code=550, signalee_le=NOW)


def asked(mail: Envoi) -> RetryMail:
    return RetryMail(mail.id, "u1")


def test_deferred_mail_is_tried_now() -> None:
    mail = password_mail().changed(etat=EtatEnvoi.DIFFERE, next_attempt_at=NOW + DAY)
    decision = decided(RETRY_MAIL, asked(mail), mail)
    (queued,) = decision.writes
    assert isinstance(queued, Envoi)
    assert (queued.etat, queued.next_attempt_at) == (EtatEnvoi.EN_FILE, NOW)
    ((_, fact),) = decision.facts
    assert isinstance(fact, MailReleased)
    assert fact.by == "exploitant"


def test_held_mail_goes_with_all_those_of_its_person_whose_address_counts_as_good_again() -> None:
    first, _ = hold(password_mail(), NOW)
    second, _ = hold(identifiant_mail(), NOW)
    flagged = FLAGGED.changed(retenus=(first.id, second.id))
    decision = decided(RETRY_MAIL, asked(first), first, second, flagged)
    mails = [each for each in decision.writes if isinstance(each, Envoi)]
    assert {mail.etat for mail in mails} == {EtatEnvoi.EN_FILE}
    assert len(mails) == 2
    assert flagged.corrected() in decision.writes


def test_mail_in_the_queue_needs_nothing() -> None:
    mail = password_mail()
    assert decided(RETRY_MAIL, asked(mail), mail) == Decision()


def test_mail_that_is_due_may_be_on_its_way_and_is_left_alone() -> None:
    """Written anew, it would lose its lease and leave twice."""
    mail = password_mail().changed(etat=EtatEnvoi.DIFFERE, next_attempt_at=NOW)
    assert decided(RETRY_MAIL, asked(mail), mail) == Decision()


def test_mail_that_ended_or_never_was_is_refused() -> None:
    ended, _ = expire(password_mail(), NOW)
    with pytest.raises(MailEnded):
        decided(RETRY_MAIL, asked(ended), ended)
    with pytest.raises(MailUnknown):
        decided(RETRY_MAIL, RetryMail("none", "u1"))

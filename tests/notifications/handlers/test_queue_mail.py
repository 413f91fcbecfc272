"""Queueing a mail: once per fact, whatever comes twice, late or in the wrong order."""

from datetime import timedelta

from services.notifications.domain.destinataire import DernierSecret
from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.modele import Modele
from services.notifications.handlers.queue_mail import queue_mails
from shared.contracts.notifications import MailAbandoned, MailExpired, MotifAbandon
from shared.path.decision import Decision
from tests.notifications.builders import (
    DAY,
    DOMAIN,
    NOW,
    decided,
    identifiant_issued,
    identifiant_mail,
    password_issued,
    password_mail,
)

IDENTIFIANT, MOT_DE_PASSE = queue_mails(DOMAIN)


def mails(decision: Decision) -> dict[str, Envoi]:
    return {each.id: each for each in decision.writes if isinstance(each, Envoi)}


def test_identifiant_makes_one_mail_that_keeps_only_what_is_sealed() -> None:
    issued = identifiant_issued()
    decision = decided(IDENTIFIANT, issued)
    (mail,) = decision.writes
    assert isinstance(mail, Envoi)
    assert (mail.modele, mail.etat) == (Modele.IDENTIFIANT, EtatEnvoi.EN_FILE)
    assert (mail.sealed, mail.key_id, mail.expires_at) == (
        issued.sealed,
        issued.key_id,
        issued.expires_at,
    )
    assert mail.next_attempt_at == mail.created_at == NOW
    assert decision.facts == ()


def test_password_makes_another_mail_and_is_remembered_as_the_newest() -> None:
    decision = decided(MOT_DE_PASSE, password_issued(generation=4))
    (mail,) = mails(decision).values()
    assert mail.modele is Modele.MOT_DE_PASSE_PROVISOIRE
    assert DernierSecret(id="u1", generation=4, mail_id=mail.id) in decision.writes
    assert decision.facts == ()


def test_fact_that_comes_again_changes_nothing() -> None:
    assert decided(IDENTIFIANT, identifiant_issued(), identifiant_mail()) == Decision()
    sent = password_mail().changed(etat=EtatEnvoi.ENVOYE, sealed=None)
    last = DernierSecret(id="u1", generation=1, mail_id=sent.id)
    assert decided(MOT_DE_PASSE, password_issued(), sent, last) == Decision()


def test_newer_password_makes_the_mail_that_waits_pointless() -> None:
    older = password_mail(password_issued(generation=1))
    last = DernierSecret(id="u1", generation=1, mail_id=older.id, version=3, seq=0)
    decision = decided(MOT_DE_PASSE, password_issued(generation=2), older, last)
    given_up = mails(decision)[older.id]
    assert (given_up.etat, given_up.motif) == (EtatEnvoi.ABANDONNE, MotifAbandon.DEPASSE)
    assert given_up.sealed is None
    ((by, fact),) = decision.facts
    assert by.id == older.id
    assert isinstance(fact, MailAbandoned)
    newest = next(each for each in decision.writes if isinstance(each, DernierSecret))
    assert newest.generation == 2
    assert mails(decision)[newest.mail_id].etat is EtatEnvoi.EN_FILE


def test_newer_password_leaves_a_sent_mail_alone() -> None:
    older = password_mail().changed(etat=EtatEnvoi.ENVOYE, sealed=None)
    last = DernierSecret(id="u1", generation=1, mail_id=older.id)
    decision = decided(MOT_DE_PASSE, password_issued(generation=2), older, last)
    assert older.id not in mails(decision)
    assert decision.facts == ()


def test_older_password_that_comes_late_is_never_sent() -> None:
    newer = password_mail(password_issued(generation=2))
    last = DernierSecret(id="u1", generation=2, mail_id=newer.id)
    decision = decided(MOT_DE_PASSE, password_issued(generation=1), newer, last)
    (mail,) = decision.writes
    assert isinstance(mail, Envoi)
    assert (mail.generation, mail.etat, mail.sealed) == (1, EtatEnvoi.ABANDONNE, None)
    assert [type(told.fact) for told in decision.facts] == [MailAbandoned]


def test_secret_read_after_its_expiry_is_never_sent() -> None:
    for use_case, issued in (
        (IDENTIFIANT, identifiant_issued()),
        (MOT_DE_PASSE, password_issued()),
    ):
        decision = decided(use_case, issued, now=NOW + DAY)
        (mail,) = mails(decision).values()
        assert (mail.etat, mail.sealed) == (EtatEnvoi.EXPIRE, None)
        assert [type(told.fact) for told in decision.facts] == [MailExpired]
    just_in_time = decided(IDENTIFIANT, identifiant_issued(), now=NOW + DAY - timedelta(seconds=1))
    assert [mail.etat for mail in mails(just_in_time).values()] == [EtatEnvoi.EN_FILE]


def test_every_fact_is_told_by_a_mail_that_is_written() -> None:
    older = password_mail(password_issued(generation=1))
    last = DernierSecret(id="u1", generation=1, mail_id=older.id)
    late = password_issued(generation=2)
    decision = decided(MOT_DE_PASSE, late, older, last, now=NOW + DAY)
    assert len(decision.facts) == 2
    assert {told.by.key for told in decision.facts} <= {each.key for each in decision.writes}

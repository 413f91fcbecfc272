"""Abandoning a mail that waits; one that does not is left alone."""

from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.handlers.abandon_mail import ABANDON_MAIL, AbandonMail
from shared.contracts.notifications import MailAbandoned, MotifAbandon
from shared.path.decision import Decision
from tests.notifications.builders import NOW, decided, password_mail

MAIL = password_mail()
ASKED = AbandonMail(MAIL.id, MotifAbandon.TROP_TARD)


def test_mail_that_waits_is_given_up_with_its_reason() -> None:
    decision = decided(ABANDON_MAIL, ASKED, MAIL)
    (envoi,) = decision.writes
    assert isinstance(envoi, Envoi)
    assert (envoi.etat, envoi.motif) == (EtatEnvoi.ABANDONNE, MotifAbandon.TROP_TARD)
    (told,) = decision.facts
    assert isinstance(told.fact, MailAbandoned)
    assert (told.fact.motif, told.fact.at) == (MotifAbandon.TROP_TARD, NOW)


def test_mail_sent_meanwhile_stays_sent() -> None:
    sent = MAIL.changed(etat=EtatEnvoi.ENVOYE, sealed=None)
    assert decided(ABANDON_MAIL, ASKED, sent) == Decision()
    assert decided(ABANDON_MAIL, ASKED) == Decision()

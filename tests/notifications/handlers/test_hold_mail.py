"""Holding a mail: as long as the address of its person is refused, and no longer."""

import pytest

from services.notifications.domain.adresse import MOST_HELD, Adresse
from services.notifications.domain.envoi import Envoi, EtatEnvoi, abandon, expire, hold
from services.notifications.domain.modele import Modele
from services.notifications.handlers.hold_mail import HOLD_MAIL, HoldMail
from shared.contracts.notifications import MailAbandoned, MailHeld, MotifAbandon
from shared.path.decision import Decision
from tests.notifications.builders import (
    NOW,
    decided,
    identifiant_mail,
    password_issued,
    password_mail,
)
from tests.notifications.people import AGENT, known

MAIL = "u1@commune.example"
FLAGGED = Adresse(id="u1", mail=MAIL, smtp_code=550, signalee_le=NOW, retenus=("m0",))


HELD = [hold(identifiant_mail().changed(id=f"m{n}"), NOW)[0] for n in range(MOST_HELD)]


def asked(mail: Envoi) -> HoldMail:
    return HoldMail(mail.id, "u1", MAIL)


def test_mail_is_held_and_remembered_with_the_address() -> None:
    mail = password_mail()
    decision = decided(HOLD_MAIL, asked(mail), mail, FLAGGED, *HELD[:1])
    held, adresse = decision.writes
    assert isinstance(held, Envoi)
    assert (held.etat, held.next_attempt_at) == (EtatEnvoi.RETENU, None)
    assert held.sealed is not None
    assert adresse == FLAGGED.changed(retenus=("m0", mail.id))
    assert [type(told.fact) for told in decision.facts] == [MailHeld]


@pytest.mark.parametrize("adresse", [FLAGGED.corrected(), FLAGGED.changed(mail="z@b.example")])
def test_address_corrected_meanwhile_holds_nothing(adresse: Adresse) -> None:
    mail = password_mail()
    decision = decided(HOLD_MAIL, asked(mail), mail, adresse)
    assert decision.writes == (mail,)  # written as it is, which ends its lease
    assert decision.facts == ()


def test_mail_that_ended_meanwhile_is_left_alone() -> None:
    ended, _ = expire(password_mail(), NOW)
    assert decided(HOLD_MAIL, asked(ended), ended, FLAGGED) == Decision()


def test_more_than_enough_held_mails_are_given_up_and_the_creator_is_told() -> None:
    mail = password_mail()
    full = FLAGGED.changed(retenus=tuple(each.id for each in HELD))
    decision = decided(HOLD_MAIL, asked(mail), mail, full, known(), *HELD)
    given_up, notice = decision.writes
    assert isinstance(given_up, Envoi)
    assert isinstance(notice, Envoi)
    assert (given_up.etat, given_up.motif) == (EtatEnvoi.ABANDONNE, MotifAbandon.ADRESSE)
    assert (notice.modele, notice.user_id) == (Modele.MOT_DE_PASSE_NON_REMIS, AGENT)
    assert [type(told.fact) for told in decision.facts] == [MailAbandoned]


def test_mails_that_ended_while_they_were_held_leave_room() -> None:
    """Sixty « oublis »: each password overtakes the one before, one is held at a time."""
    adresse = FLAGGED.changed(retenus=())
    passwords: list[Envoi] = []
    for generation in range(1, 61):
        passwords = [abandon(each, MotifAbandon.DEPASSE, NOW)[0] for each in passwords[-1:]]
        mail = password_mail(password_issued(generation=generation))
        before = decided(HOLD_MAIL, asked(mail), mail, adresse, known(), *passwords)
        held, adresse = before.writes  # type: ignore[assignment]
        assert isinstance(held, Envoi)
        assert held.etat is EtatEnvoi.RETENU
        passwords.append(held)
    assert adresse.retenus == (passwords[-1].id,)


def test_address_never_shows_in_a_log() -> None:
    assert MAIL not in repr(asked(password_mail()))

"""A mail: its whole transition table, what it tells, when it is tried again, never late."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from services.notifications.domain.destinataire import Destinataire
from services.notifications.domain.envoi import (
    A_ESSAYER,
    LIBELLES,
    OUVERTS,
    TRANSITIONS,
    Envoi,
    EtatEnvoi,
    abandon,
    expire,
    hold,
    mail_id,
    queue_notice,
    reason_to_abandon,
    record_attempt,
    release,
)
from services.notifications.domain.errors import TransitionForbidden
from services.notifications.domain.modele import Modele
from services.notifications.domain.tentative import Accepted, Deferred, Rejected
from shared.contracts.comptes import EtatCompte
from shared.contracts.notifications import (
    MailAbandoned,
    MailDeferred,
    MailExpired,
    MailFailed,
    MailHeld,
    MailReleased,
    MailSent,
    MotifAbandon,
)
from tests.notifications.builders import (
    DAY,
    NOW,
    identifiant_issued,
    identifiant_mail,
    password_issued,
    password_mail,
)

ALLOWED = {
    (EtatEnvoi.EN_FILE, EtatEnvoi.ENVOYE),
    (EtatEnvoi.EN_FILE, EtatEnvoi.DIFFERE),
    (EtatEnvoi.EN_FILE, EtatEnvoi.ECHEC),
    (EtatEnvoi.EN_FILE, EtatEnvoi.ABANDONNE),
    (EtatEnvoi.EN_FILE, EtatEnvoi.EXPIRE),
    (EtatEnvoi.EN_FILE, EtatEnvoi.RETENU),
    (EtatEnvoi.DIFFERE, EtatEnvoi.EN_FILE),
    (EtatEnvoi.DIFFERE, EtatEnvoi.RETENU),
    (EtatEnvoi.RETENU, EtatEnvoi.EN_FILE),
    (EtatEnvoi.RETENU, EtatEnvoi.ENVOYE),
    (EtatEnvoi.RETENU, EtatEnvoi.ECHEC),
    (EtatEnvoi.RETENU, EtatEnvoi.ABANDONNE),
    (EtatEnvoi.RETENU, EtatEnvoi.EXPIRE),
    (EtatEnvoi.DIFFERE, EtatEnvoi.ENVOYE),
    (EtatEnvoi.DIFFERE, EtatEnvoi.DIFFERE),
    (EtatEnvoi.DIFFERE, EtatEnvoi.ECHEC),
    (EtatEnvoi.DIFFERE, EtatEnvoi.ABANDONNE),
    (EtatEnvoi.DIFFERE, EtatEnvoi.EXPIRE),
    (EtatEnvoi.ECHEC, EtatEnvoi.ENVOYE),
    (EtatEnvoi.ABANDONNE, EtatEnvoi.ENVOYE),
    (EtatEnvoi.EXPIRE, EtatEnvoi.ENVOYE),
}
MOVES = {
    EtatEnvoi.ENVOYE: lambda envoi: record_attempt(envoi, Accepted(), NOW),
    EtatEnvoi.DIFFERE: lambda envoi: record_attempt(envoi, Deferred(451), NOW),
    EtatEnvoi.ECHEC: lambda envoi: record_attempt(envoi, Rejected(550), NOW),
    EtatEnvoi.ABANDONNE: lambda envoi: abandon(envoi, MotifAbandon.DEPASSE, NOW),
    EtatEnvoi.EXPIRE: lambda envoi: expire(envoi, NOW),
    EtatEnvoi.RETENU: lambda envoi: hold(envoi, NOW),
    EtatEnvoi.EN_FILE: lambda envoi: release(envoi, "exploitant", NOW),
}
DECIDED = {EtatEnvoi.ABANDONNE, EtatEnvoi.EXPIRE, EtatEnvoi.RETENU, EtatEnvoi.EN_FILE}
"""What somebody decides; the other states are what came of an attempt."""
PAIRS = list(product(EtatEnvoi, MOVES))


def in_state(etat: EtatEnvoi) -> Envoi:
    sealed = password_mail().sealed if etat in OUVERTS else None
    again_at = NOW if etat in A_ESSAYER else None
    return password_mail().changed(etat=etat, sealed=sealed, next_attempt_at=again_at)


def test_table_is_the_one_meant() -> None:
    assert {(before, after) for before in TRANSITIONS for after in TRANSITIONS[before]} == ALLOWED
    assert set(TRANSITIONS) == set(LIBELLES) == set(EtatEnvoi)


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair in ALLOWED])
def test_allowed_move_changes_state_and_tells_one_fact(before: EtatEnvoi, after: EtatEnvoi) -> None:
    envoi, facts = MOVES[after](in_state(before))
    assert envoi.etat is after
    assert len(facts) == 1
    assert facts[0].key == envoi.id


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair not in ALLOWED])
def test_forbidden_move_is_refused_or_only_counted(before: EtatEnvoi, after: EtatEnvoi) -> None:
    mail = in_state(before)
    if after in DECIDED:
        with pytest.raises(TransitionForbidden):
            MOVES[after](mail)
        return
    envoi, facts = MOVES[after](mail)
    assert envoi == mail.changed(attempts=mail.attempts + 1)
    assert facts == ()


@pytest.mark.parametrize("after", MOVES)
def test_secret_goes_once_nothing_waits_for_it(after: EtatEnvoi) -> None:
    before = password_mail().changed(etat=EtatEnvoi.DIFFERE, valeurs={"le": "1"}, adresse="a@b.c")
    envoi, _ = MOVES[after](before)
    forgotten = after not in OUVERTS
    assert (envoi.sealed is None) == forgotten
    assert (envoi.valeurs is None) == forgotten
    assert (envoi.adresse is None) == forgotten
    assert (envoi.ended_at is not None) == forgotten
    assert (envoi.next_attempt_at is None) == (after not in A_ESSAYER)


def test_id_and_message_id_derive_from_the_business() -> None:
    first, again = password_mail(), password_mail(now=NOW + DAY / 2)
    assert first.id == again.id == mail_id("u1", 1, first.modele)
    assert first.message_id == again.message_id == f"<{first.id}@mcp.example>"
    assert len({first.id, identifiant_mail().id, password_mail(password_issued("u2")).id}) == 3


def test_facts_say_what_happened() -> None:
    mail = password_mail()
    common: dict[str, Any] = {
        "mail_id": mail.id,
        "user_id": "u1",
        "modele": "mot_de_passe_provisoire",
        "at": NOW,
    }
    again_at = NOW + timedelta(minutes=1)
    assert record_attempt(mail, Accepted(), NOW)[1] == (
        MailSent(**common, attempts=1, message_id=mail.message_id),
    )
    assert record_attempt(mail, Deferred(451), NOW)[1] == (
        MailDeferred(**common, attempts=1, smtp_code=451, next_attempt_at=again_at),
    )
    assert record_attempt(mail, Rejected(550), NOW)[1] == (
        MailFailed(**common, attempts=1, smtp_code=550),
    )
    assert abandon(mail, MotifAbandon.DEPASSE, NOW)[1] == (
        MailAbandoned(**common, attempts=0, motif=MotifAbandon.DEPASSE),
    )
    assert expire(mail, NOW)[1] == (MailExpired(**common, attempts=0),)
    held, facts = hold(mail, NOW)
    assert facts == (MailHeld(**common, attempts=0),)
    assert release(held, "exploitant", NOW)[1] == (
        MailReleased(**common, attempts=0, by="exploitant"),
    )


def test_released_mail_is_tried_anew_for_two_days_and_not_beyond_its_validity() -> None:
    mail = password_mail(password_issued(expires_at=NOW + timedelta(days=4)))
    held, _ = hold(mail, NOW)
    late = NOW + timedelta(days=3)
    released, _ = release(held, "adresse_corrigee", late)
    assert (released.next_attempt_at, released.adresse) == (late, None)
    assert released.limit == NOW + timedelta(days=4)
    assert reason_to_abandon(released, None, late) is None


def test_relance_to_a_closed_account_is_pointless() -> None:
    mail = queue_notice(Modele.RELANCE, "u1", id="m1", domain="mcp.example", now=NOW)
    closed = Destinataire(id="u1", etat=EtatCompte.CLOTURE)
    assert reason_to_abandon(mail, closed, NOW) is MotifAbandon.DEPASSE
    assert reason_to_abandon(mail, Destinataire(id="u1", etat=EtatCompte.OUVERT), NOW) is None
    told = mail.changed(modele=Modele.COMPTE_CLOTURE)
    assert reason_to_abandon(told, closed, NOW) is None


def test_identifiant_is_pointless_once_the_account_closed_and_not_once_it_opened_again() -> None:
    mail, soon = identifiant_mail(), NOW + timedelta(minutes=1)
    closed = Destinataire(id="u1", etat=EtatCompte.CLOTURE, clos_le=soon)
    assert reason_to_abandon(mail, closed, soon) is MotifAbandon.DEPASSE
    behind = closed.changed(clos_le=NOW - timedelta(days=1))  # the reopening is not copied yet
    assert reason_to_abandon(mail, behind, soon) is None


@pytest.mark.parametrize("modele", [Modele.MOT_DE_PASSE_NON_REMIS, Modele.ADRESSE_SIGNALEE])
def test_nobody_is_written_to_about_another_once_his_own_account_is_closed(modele: Modele) -> None:
    mail = identifiant_mail().changed(modele=modele)
    closed = Destinataire(id="u1", etat=EtatCompte.CLOTURE)
    assert reason_to_abandon(mail, closed, NOW) is MotifAbandon.DESTINATAIRE


def test_mail_given_up_while_on_its_way_is_sent_once_the_server_took_it() -> None:
    given_up, _ = abandon(password_mail(), MotifAbandon.DEPASSE, NOW)
    envoi, facts = record_attempt(given_up, Accepted(), NOW)
    assert (envoi.etat, envoi.motif, envoi.attempts) == (EtatEnvoi.ENVOYE, None, 1)
    assert isinstance(facts[0], MailSent)


@pytest.mark.parametrize("issued_for", [DAY, timedelta(days=10)])
def test_deferred_mail_is_tried_until_its_limit_and_never_after(issued_for: timedelta) -> None:
    mail = password_mail(password_issued(expires_at=NOW + issued_for))
    limit = NOW + min(issued_for, timedelta(hours=48))
    now, attempts = NOW, []
    while reason_to_abandon(mail, None, now) is None and not mail.is_expired(now):
        attempts.append(now)
        mail, facts = record_attempt(mail, Deferred(None), now)
        assert isinstance(facts[0], MailDeferred)
        assert mail.next_attempt_at is not None
        now = mail.next_attempt_at
    assert now == limit
    assert all(at < limit for at in attempts)
    assert len(attempts) > 10
    assert mail.is_expired(now) == (issued_for == DAY)


def test_mail_tried_for_two_days_is_too_late() -> None:
    mail = identifiant_mail(identifiant_issued(expires_at=NOW + timedelta(days=30)))
    almost = NOW + timedelta(hours=48) - timedelta(seconds=1)
    assert reason_to_abandon(mail, None, almost) is None
    assert reason_to_abandon(mail, None, NOW + timedelta(hours=48)) is MotifAbandon.TROP_TARD


@pytest.mark.parametrize(
    ("personnalisee", "emise", "motif"),
    [
        (0, 0, None),
        (1, 0, None),
        (2, 0, MotifAbandon.DEPASSE),
        (3, 0, MotifAbandon.DEPASSE),
        (0, 2, None),
        (0, 3, MotifAbandon.DEPASSE),
    ],
)
def test_password_mail_is_pointless_once_overtaken(
    personnalisee: int, emise: int, motif: MotifAbandon | None
) -> None:
    known = Destinataire(id="u1", personnalisee=personnalisee, emise=emise)
    assert reason_to_abandon(password_mail(password_issued(generation=2)), known, NOW) is motif


def test_identifiant_mail_is_useful_whatever_became_of_the_password() -> None:
    known = Destinataire(id="u1", personnalisee=9, emise=9)
    assert reason_to_abandon(identifiant_mail(), known, NOW) is None


@pytest.mark.parametrize("etat", EtatEnvoi)
def test_every_state_has_a_french_label(etat: EtatEnvoi) -> None:
    assert etat.libelle
    assert etat.value.isascii()

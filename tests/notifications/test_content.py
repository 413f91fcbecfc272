"""What a sealed secret says, only for the mail that it was sealed for."""

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.content import (
    ContenuIdentifiant,
    ContenuIncidentSignale,
    ContenuMotDePasse,
    ContenuPersonne,
    ContenuSujet,
    RecipientUnknown,
    content_of,
    recipient_of,
)
from services.notifications.domain.destinataire import Connus
from services.notifications.domain.envoi import Envoi, queue_notice
from services.notifications.domain.modele import Modele
from services.notifications.handlers.tell_incident import tell_incident
from shared.security.sealing import Opener, SealBroken, UnknownSealingKey
from tests.notifications.builders import (
    DAY,
    IDENTIFIANT,
    KEYS,
    NOW,
    PASSWORD,
    decided,
    identifiant_issued,
    identifiant_mail,
    password_issued,
    password_mail,
)
from tests.notifications.people import DESCRIPTION, incident, known

OPENER = Opener(KEYS)
NOBODY = Connus()


def test_each_mail_says_one_secret_only() -> None:
    password = content_of(OPENER, password_mail(), NOBODY)
    assert isinstance(password, ContenuMotDePasse)
    assert (password.to, password.mot_de_passe) == ("u1@commune.example", PASSWORD)
    identifiant = content_of(OPENER, identifiant_mail(), NOBODY)
    assert isinstance(identifiant, ContenuIdentifiant)
    assert identifiant.identifiant == IDENTIFIANT


@pytest.mark.parametrize(
    "issued",
    [password_issued("u2"), password_issued(generation=2), password_issued("u1", 1, NOW)],
)
def test_secret_sealed_for_another_mail_is_not_sent_with_this_one(issued: object) -> None:
    moved = password_mail().changed(sealed=issued.sealed)  # type: ignore[attr-defined]
    with pytest.raises(SealBroken):
        content_of(OPENER, moved, NOBODY)


def test_identifiant_is_not_sent_as_a_password() -> None:
    moved = password_mail().changed(sealed=identifiant_issued().sealed)
    with pytest.raises(SealBroken) as raised:
        content_of(OPENER, moved, NOBODY)
    assert IDENTIFIANT not in repr(raised.value)


def test_store_may_cut_the_expiry_to_milliseconds() -> None:
    expires_at = (NOW + DAY).replace(microsecond=123_987)
    mail = password_mail(password_issued(expires_at=expires_at))
    stored = mail.changed(expires_at=expires_at.replace(microsecond=123_000))
    assert isinstance(content_of(OPENER, stored, NOBODY), ContenuMotDePasse)


def test_unknown_key_is_told() -> None:
    with pytest.raises(UnknownSealingKey):
        content_of(OPENER, password_mail().changed(key_id="older"), NOBODY)


def test_content_never_shows_in_a_log() -> None:
    shown = repr(content_of(OPENER, password_mail(), NOBODY))
    for secret in (PASSWORD, "commune.example", "Zoé", "Durand"):
        assert secret not in shown


# -- mails without a secret -----------------------------------------------------------------------

KNOWN = known()


def notice(modele: Modele, **more: Any) -> Envoi:
    return queue_notice(modele, "u1", id="m1", domain="mcp.example", now=NOW, **more)


def test_notice_says_what_is_kept_and_names_the_person_as_told_last() -> None:
    mail = notice(Modele.ADRESSE_SIGNALEE, sujet_id="u2", valeurs={"le": NOW.isoformat()})
    content = content_of(OPENER, mail, Connus(KNOWN, known("u2", prenom="Aïcha")))
    assert isinstance(content, ContenuSujet)
    assert (content.prenom, content.sujet_prenom, content.le) == ("Zoé", "Aïcha", NOW)


@pytest.mark.parametrize(
    "connus", [NOBODY, Connus(known(mail=None)), Connus(known(nom=None)), Connus(sujet=KNOWN)]
)
def test_mail_waits_for_whom_it_needs_to_know(connus: Connus) -> None:
    mail = notice(Modele.MOT_DE_PASSE_EXPIRE, valeurs={})
    with pytest.raises(RecipientUnknown):
        content_of(OPENER, mail, connus)


def test_recipient_is_the_address_in_use_unless_the_mail_has_its_own() -> None:
    content = ContenuPersonne(prenom="Zoé", nom="Durand")
    mail = notice(Modele.MOT_DE_PASSE_EXPIRE)
    assert recipient_of(content, mail, Connus(KNOWN), None) == "u1@commune.example"
    own = mail.changed(adresse="z@b.example")
    assert recipient_of(content, own, Connus(KNOWN), None) == "z@b.example"


def test_recipient_of_a_caf_is_its_contact() -> None:
    content = ContenuPersonne(prenom="Zoé", nom="Durand")
    mail = notice(Modele.INCIDENT_SIGNALE, caf="931")
    assert recipient_of(content, mail, Connus(KNOWN), "aide@caf931.example") == (
        "aide@caf931.example"
    )
    with pytest.raises(RecipientUnknown):
        recipient_of(content, mail, Connus(KNOWN), None)


def test_secret_goes_where_it_was_sealed_to_unless_that_address_was_left() -> None:
    content = content_of(OPENER, password_mail(), NOBODY)
    sealed_to = "u1@commune.example"
    assert recipient_of(content, password_mail(), NOBODY, None) == sealed_to
    behind = Connus(known(mail="older@commune.example"))  # the copy is late, or was
    assert recipient_of(content, password_mail(), behind, None) == sealed_to
    left = Connus(known(mail="new@commune.example", mail_depuis=NOW + timedelta(seconds=1)))
    assert recipient_of(content, password_mail(), left, None) == "new@commune.example"


def test_secret_goes_by_when_it_was_issued_however_late_it_is_read() -> None:
    """Two changes later, or with a copy that knows an older change only."""
    issued = password_issued(issued_at=NOW.isoformat())
    mail = password_mail(issued, now=NOW + timedelta(hours=2))
    content = content_of(OPENER, mail, NOBODY)
    for hours, goes_to in (
        (-1, "u1@commune.example"),
        (0, "u1@commune.example"),
        (1, "c@b.example"),
    ):
        known_now = known(mail="c@b.example", mail_depuis=NOW + timedelta(hours=hours))
        assert recipient_of(content, mail, Connus(known_now), None) == goes_to


def test_incident_says_what_was_sealed_for_it() -> None:
    (mail,) = decided(tell_incident("mcp.example"), incident()).writes
    assert isinstance(mail, Envoi)
    content = content_of(OPENER, mail, Connus(KNOWN, KNOWN))
    assert isinstance(content, ContenuIncidentSignale)
    assert content.description == DESCRIPTION
    assert DESCRIPTION not in repr(content)

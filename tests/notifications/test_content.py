"""What a sealed secret says, only for the mail that it was sealed for."""

import pytest

from services.notifications.content import ContenuIdentifiant, ContenuMotDePasse, content_of
from services.notifications.domain.destinataire import Connus
from shared.security.sealing import Opener, SealBroken, UnknownSealingKey
from tests.notifications.builders import (
    DAY,
    IDENTIFIANT,
    KEYS,
    NOW,
    PASSWORD,
    identifiant_issued,
    identifiant_mail,
    password_issued,
    password_mail,
)

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

"""Sealed secrets open with the right key only, unaltered only, and show nothing on the way."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from deploy.local.keys import public, sealing_key, signing_key
from shared.security.sealing import Opener, SealBroken, SealError, UnknownSealingKey, seal

KEY, OTHER = sealing_key(), sealing_key()
PUBLIC = json.dumps(public(KEY))
SECRET = {"to": "zoe@commune.example", "mot_de_passe": "p7#Kd-vR4m!Zx9Tq2&Lw", "generation": 3}


def opener(*keys: dict[str, str]) -> Opener:
    return Opener(json.dumps({"keys": keys}))


def altered(sealed: str, position: int) -> str:
    box = bytearray(base64.b64decode(sealed))
    box[position] ^= 1
    return base64.b64encode(box).decode()


@given(
    st.dictionaries(
        st.text(max_size=20), st.none() | st.booleans() | st.integers() | st.text(), max_size=8
    )
)
def test_what_is_sealed_opens_as_it_was(payload: dict[str, Any]) -> None:
    payload = json.loads(json.dumps(payload))
    assert opener(KEY).open(*seal(PUBLIC, payload)) == payload


def test_same_secret_never_looks_the_same_and_shows_nothing() -> None:
    (kid, first), (_, second) = seal(PUBLIC, SECRET), seal(PUBLIC, SECRET)
    assert kid == KEY["kid"]
    assert first != second
    assert b"zoe" not in base64.b64decode(first)


def test_rotated_key_still_opens_beside_the_new_one() -> None:
    both = opener(OTHER, KEY)
    assert both.newest == OTHER["kid"]
    assert both.open(*seal(PUBLIC, SECRET)) == SECRET


def test_unknown_key_is_told_from_a_broken_seal() -> None:
    with pytest.raises(UnknownSealingKey):
        opener(OTHER).open(*seal(PUBLIC, SECRET))


def test_key_id_of_another_key_does_not_open() -> None:
    _, sealed = seal(PUBLIC, SECRET)
    with pytest.raises(SealBroken):
        opener(KEY, OTHER).open(OTHER["kid"], sealed)


@pytest.mark.parametrize("position", [0, 31, 32, 47, 48, -1])
def test_altered_box_does_not_open(position: int) -> None:
    kid, sealed = seal(PUBLIC, SECRET)
    with pytest.raises(SealBroken):
        opener(KEY).open(kid, altered(sealed, position))


@pytest.mark.parametrize("sealed", ["", "AAAA", "pas du base64 !", "é", "A" * 63, "A" * 64])
def test_no_box_at_all_does_not_open(sealed: str) -> None:
    with pytest.raises(SealBroken):
        opener(KEY).open(KEY["kid"], sealed)


@pytest.mark.parametrize("plain", [b"", b"[1]", b'"text"', b"{", b"\xff", b"[" * 100_000])
def test_box_that_holds_no_json_object_is_broken(plain: bytes) -> None:
    private = PrivateKey(base64.urlsafe_b64decode(KEY["d"] + "="))
    box = SealedBox(private.public_key).encrypt(plain)
    with pytest.raises(SealBroken):
        opener(KEY).open(KEY["kid"], base64.b64encode(box).decode())


def test_error_says_nothing_of_the_secret() -> None:
    kid, sealed = seal(PUBLIC, SECRET)
    with pytest.raises(SealError) as raised:
        opener(KEY).open(kid, altered(sealed, -1))
    assert str(raised.value) == raised.value.code == "seal_broken"
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    "key",
    [
        signing_key(),
        {**KEY, "kid": ""},
        {name: value for name, value in KEY.items() if name != "kid"},
        {**KEY, "d": OTHER["d"]},
        {**KEY, "d": "AAAA"},
        {**KEY, "x": "é"},
        public(KEY),
    ],
)
def test_opener_refuses_a_key_that_is_none_at_once(key: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="sealing key"):
        opener(key)


def test_opener_refuses_no_key_and_twins() -> None:
    for keys in ((), (KEY, KEY)):
        with pytest.raises(ValueError, match="sealing keys"):
            opener(*keys)


def test_sealing_refuses_a_key_that_is_none() -> None:
    for key in (public(signing_key()), {**public(KEY), "x": "AAAA"}):
        with pytest.raises(ValueError, match="sealing key"):
            seal(json.dumps(key), SECRET)

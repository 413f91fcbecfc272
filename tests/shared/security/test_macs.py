"""Proofs that only one service can make."""

import base64
import hashlib
import hmac

import pytest

from shared.security.macs import Macs
from shared.security.principal import ActorKind, Principal

KEY = base64.b64encode(b"k" * 32).decode()
MACS, OTHERS = Macs(KEY), Macs(base64.b64encode(b"o" * 32).decode())
AGENT = Principal(ActorKind.AGENT_CAF, "agent:1")


def test_a_proof_is_hmac_sha256_of_purpose_and_content():
    expected = hmac.new(b"k" * 32, b"body\x00content", hashlib.sha256).hexdigest()
    assert MACS.of("body", b"content") == expected


def test_a_proof_is_of_one_key_one_purpose_and_one_content():
    proofs = {
        MACS.of("body", b"content"),
        OTHERS.of("body", b"content"),
        MACS.of("other", b"content"),
        MACS.of("body", b"content "),
        MACS.of("bod", b"ycontent"),
    }
    assert len(proofs) == 5


@pytest.mark.parametrize("kind", list(ActorKind))
def test_a_principal_written_down_is_read_again(kind: ActorKind):
    principal = Principal(kind, "a:b:c")
    assert MACS.open_principal(MACS.seal_principal(principal, "m1"), "m1") == principal


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        ":",
        "::",
        "agent_caf:agent:1",
        "agent_caf:agent:1:forged",
        "agent_caf:agent:1:é",
        "é",
        OTHERS.seal_principal(AGENT, "m1"),
        MACS.seal_principal(AGENT, "m2"),
        MACS.seal_principal(AGENT, "m1").replace("agent_caf", "partenaire"),
        MACS.seal_principal(AGENT, "m1").replace("agent:1", "agent:2"),
        MACS.seal_principal(AGENT, "m1") + "0",
        MACS.seal_principal(AGENT, "m1").upper(),
    ],
)
def test_what_this_service_did_not_write_down_names_nobody(sealed: str):
    assert MACS.open_principal(sealed, "m1") is None


def test_a_kind_that_is_none_names_nobody():
    plain = "administrateur:x"
    sealed = f"{plain}:{MACS._of_principal(plain, 'm1')}"
    assert MACS.open_principal(sealed, "m1") is None


def test_a_principal_and_a_message_id_do_not_run_into_one_another():
    longer = MACS.seal_principal(Principal(ActorKind.SERVICE, "identity:x"), "m1")
    _, _, proof = longer.rpartition(":")
    assert MACS.open_principal(f"service:identity:{proof}", "x:m1") is None


@pytest.mark.parametrize("key", ["é", "not base64!", "AAA"])
def test_a_key_that_is_no_base64_is_an_error_at_the_start(key: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        Macs(key)

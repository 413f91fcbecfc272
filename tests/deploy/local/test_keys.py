"""Keys are what the services expect, and each service gets only its own."""

import base64
import json
import stat
from collections import Counter
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from deploy.local.keys import KeyMaterial

SERVICES = ("identity", "habilitation", "notifications")


def test_token_signed_with_the_private_key_verifies_with_the_set() -> None:
    keys = KeyMaterial.make(SERVICES)
    private = jwt.PyJWK(json.loads(keys.environment("identity")["IDENTITY_SIGNING_KEY"]))
    token = jwt.encode({"sub": "x"}, private.key, "EdDSA", headers={"kid": private.key_id})
    public = jwt.PyJWKSet.from_json(keys.environment("notifications")["NOTIFICATIONS_JWKS"])
    assert jwt.decode(token, public[private.key_id or ""].key, ["EdDSA"]) == {"sub": "x"}


def test_sealing_keys_belong_together() -> None:
    keys = KeyMaterial.make(SERVICES)
    public = json.loads(keys.environment("identity")["IDENTITY_SEALING_KEY"])
    (private,) = json.loads(keys.environment("notifications")["NOTIFICATIONS_SEALING_KEYS"])["keys"]
    assert "d" not in public
    assert public["kid"] == private["kid"]
    key = X25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(private["d"] + "="))
    assert key.public_key().public_bytes_raw() == base64.urlsafe_b64decode(public["x"] + "=")


def test_each_service_gets_its_own_secrets_only() -> None:
    keys = KeyMaterial.make(SERVICES)
    given = {service: keys.environment(service) for service in SERVICES}
    identity, notifications = given["identity"], given["notifications"]
    everyone = [value for variables in given.values() for value in set(variables.values())]
    assert {value for value, times in Counter(everyone).items() if times > 1} == {
        identity["IDENTITY_JWKS"]
    }
    assert given["habilitation"].keys() == {"HABILITATION_JWKS", "HABILITATION_HMAC_KEY"}
    assert keys.signing["d"] not in f"{given['habilitation']}{notifications}"
    assert keys.sealing[0]["d"] not in f"{given['habilitation']}{identity}"
    assert len(base64.b64decode(identity["IDENTITY_HMAC_KEY"])) == 32
    assert identity["IDENTITY_HMAC_KEY"] != notifications["NOTIFICATIONS_HMAC_KEY"]


def test_keys_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "run" / "keys.json"
    first = KeyMaterial.load(file, ("identity",))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = KeyMaterial.load(file, SERVICES)
    assert second.signing == first.signing
    assert second.hmac["identity"] == first.hmac["identity"]
    assert KeyMaterial.load(file, SERVICES) == second

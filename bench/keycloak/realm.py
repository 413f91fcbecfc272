"""A realm in Keycloak with our rules: Argon2id, brute-force detection; and what to ask it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from bench.keycloak.server import ADMIN, Keycloak
from bench.load.plan import Asked

REALM = "banc"
CLIENT = "banc"
ADMIN_TOKEN_S = 7_200
"""Longer than a row: renewing it is nothing that is measured."""
ASK_S = 60.0
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SIGN_IN = f"/realms/{REALM}/protocol/openid-connect/token"


RULES = {
    "realm": REALM,
    "enabled": True,
    "bruteForceProtected": True,
    "passwordPolicy": "hashAlgorithm(argon2)",
    "clients": [{"clientId": CLIENT, "publicClient": True, "directAccessGrantsEnabled": True}],
}


def make_realm(keycloak: Keycloak) -> "Realm":
    """A new realm, and an administrator's token that outlives the row."""
    with httpx.Client(base_url=keycloak.address, timeout=ASK_S) as client:
        first = _authorization(_admin_token(client))
        lifespan = {"accessTokenLifespan": ADMIN_TOKEN_S}
        client.put("/admin/realms/master", json=lifespan, headers=first).raise_for_status()
        authorization = _authorization(_admin_token(client))
        client.post("/admin/realms", json=RULES, headers=authorization).raise_for_status()
    return Realm(keycloak.port, authorization)


@dataclass(frozen=True)
class Realm:
    """Where the realm is, and what its administrator shows."""

    port: int
    authorization: dict[str, str] = field(repr=False)

    def hash_settings(self, name: str) -> dict[str, Any]:
        """What Keycloak itself says of the hash that it keeps of somebody's password."""
        users = f"/admin/realms/{REALM}/users"
        address = f"http://127.0.0.1:{self.port}"
        with httpx.Client(base_url=address, timeout=ASK_S, headers=self.authorization) as client:
            (user,) = client.get(users, params={"username": name, "exact": "true"}).json()
            (credential,) = client.get(f"{users}/{user['id']}/credentials").json()
        kept = json.loads(credential["credentialData"])
        return {"algorithm": kept["algorithm"], "iterations": kept["hashIterations"]} | {
            each: values[0] for each, values in kept["additionalParameters"].items()
        }

    def creations(self, names: Iterable[str], password: str) -> Asked:
        """An account for each of these people, with a password that is theirs at once."""
        return Asked(
            ports=[self.port],
            method="POST",
            headers={**self.authorization, "Content-Type": JSON},
            requests=[
                (f"/admin/realms/{REALM}/users", json.dumps(_user(name, password)))
                for name in names
            ],
        )

    def sign_ins(self, names: Iterable[str], password: str) -> Asked:
        """A sign-in of each of these people, by direct grant: no page is rendered."""
        form = {"grant_type": "password", "client_id": CLIENT, "password": password}
        return Asked(
            ports=[self.port],
            method="POST",
            headers={"Content-Type": FORM},
            requests=[(SIGN_IN, urlencode({**form, "username": name})) for name in names],
        )


def _user(name: str, password: str) -> dict[str, Any]:
    return {
        "username": name,
        "email": f"{name}@exemple.fr",
        "emailVerified": True,
        "firstName": "Camille",
        "lastName": "Durand",
        "enabled": True,
        "credentials": [{"type": "password", "value": password, "temporary": False}],
    }


def _admin_token(client: httpx.Client) -> str:
    form = {"grant_type": "password", "client_id": "admin-cli"}
    form |= {"username": ADMIN, "password": ADMIN}
    answer = client.post("/realms/master/protocol/openid-connect/token", data=form)
    token: str = answer.raise_for_status().json()["access_token"]
    return token


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}

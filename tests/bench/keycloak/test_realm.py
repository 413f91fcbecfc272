"""Keycloak is asked what identity is asked: accounts with a password, sign-ins without a page."""

import json
from urllib.parse import parse_qs

from bench.keycloak.realm import RULES, SIGN_IN, Realm

REALM = Realm(18080, {"Authorization": "Bearer administrator"})


def test_a_sign_in_is_one_direct_grant() -> None:
    asked = REALM.sign_ins(["p1", "p2"], "Mot de passe-1&2")
    assert (asked.ports, asked.method) == ([18080], "POST")
    assert "Authorization" not in asked.headers
    assert [path for path, _ in asked.requests] == [SIGN_IN, SIGN_IN]
    assert [parse_qs(body) for _, body in asked.requests] == [
        {
            "grant_type": ["password"],
            "client_id": ["banc"],
            "username": [name],
            "password": ["Mot de passe-1&2"],
        }
        for name in ("p1", "p2")
    ]


def test_an_account_has_all_that_a_sign_in_needs() -> None:
    asked = REALM.creations(["p1"], "Mot de passe-1")
    ((path, body),) = asked.requests
    told = json.loads(body)
    assert (path, asked.headers["Authorization"]) == (
        "/admin/realms/banc/users",
        "Bearer administrator",
    )
    # a profile without these asks for them at the first sign-in, and refuses it
    assert all(told[name] for name in ("email", "emailVerified", "firstName", "lastName"))
    assert told["credentials"] == [
        {"type": "password", "value": "Mot de passe-1", "temporary": False}
    ]


def test_guesses_are_counted_there_too() -> None:
    assert RULES["bruteForceProtected"] is True
    assert RULES["passwordPolicy"] == "hashAlgorithm(argon2)"

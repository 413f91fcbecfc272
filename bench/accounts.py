"""Accounts and the commands about them: the same documents and records for both sides."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from services.identity.domain.compte import Compte
from services.identity.domain.session import Portee, Session, draw_token, id_of
from shared.contracts.comptes import GenreCompte
from shared.contracts.identity import ModifyUser
from shared.ids import draw_id
from shared.mongo.documents import to_row
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer
from tests.harness.topics import Outgoing

AUDIENCE = ModifyUser.TOPIC
CHANGE = {"telephone": "0102030405"}
"""An invented number: what every command of the bench asks for."""


def draw_users(count: int) -> list[str]:
    """Fresh user ids."""
    return [draw_id() for _ in range(count)]


def account_rows(users: Iterable[str], genre: GenreCompte = GenreCompte.PARTENAIRE) -> list[Any]:
    """Open accounts of invented people, as identity stores them once it told that they exist."""
    return [
        {
            **to_row(
                Compte(
                    id=id,
                    genre=genre,
                    convention_id="19_214",
                    identifiant=id[:11].upper(),
                    nom="Durand",
                    prenom="Camille",
                    mail=f"{id[:12]}@exemple.fr",
                    generation=1,
                    ouverture=date(2025, 1, 6),
                )
            ),
            "version": 1,
            "seq": 1,
        }
        for id in users
    ]


def open_session(user_id: str) -> tuple[str, dict[str, Any]]:
    """A session's token and its stored row."""
    token, now = draw_token(), datetime.now(UTC)
    session = Session(
        id=id_of(token),
        user_id=user_id,
        portee=Portee.COMPLETE,
        epoque=0,
        opened_at=now,
        seen_at=now,
    )
    return token, {**to_row(session), "version": 1}


def issue_token(signing_key: str) -> str:
    """A fresh command token of an invented agent, valid five minutes."""
    agent = Principal(ActorKind.AGENT_CAF, "agent-du-banc")
    return TokenIssuer(signing_key).issue(agent, audience=AUDIENCE, now=datetime.now(UTC))


def command_headers(token: str, at: str) -> list[tuple[str, str]]:
    """The headers of one ModifyUser command, with a fresh id first."""
    return [
        ("ce_id", draw_id()),
        ("ce_specversion", "1.0"),
        ("ce_type", ModifyUser.TYPE),
        ("ce_source", "/bench"),
        ("ce_time", at),
        ("content-type", "application/json"),
        ("authorization", f"Bearer {token}"),
    ]


def command_records(topic: str, users: Sequence[str], token: str) -> Iterable[Outgoing]:
    """One ModifyUser command for each of these accounts."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    for id in users:
        headers = tuple((name, value.encode()) for name, value in command_headers(token, at))
        body = json.dumps({"user_id": id, **CHANGE}).encode()
        yield Outgoing(topic, id.encode(), headers, body)

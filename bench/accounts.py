"""Accounts and the commands about them: the same documents and records for both sides."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from random import randrange
from typing import Any

from pymongo.collection import Collection

from services.identity.domain.compte import Compte, IdentifiantReserve
from services.identity.domain.copies import Convention
from services.identity.domain.session import Portee, Session, draw_token, id_of
from shared.contracts.comptes import Fonction, GenreCompte
from shared.contracts.conventions import EtatConvention
from shared.contracts.envelope import Command
from shared.contracts.identity_commands import CreateUser, ModifyUser
from shared.ids import draw_id
from shared.mongo.documents import to_row
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer
from tests.harness.topics import Outgoing

AUDIENCE = ModifyUser.TOPIC
NUMBERS = 10**8
"""Invented telephone numbers, one for each command: what changes nothing tells nothing."""
CONVENTION, CAF = "19_214", "931"
"""Of every account here; the Caf pivot of the convention, and the Caf of the agents."""
AGENT = "agent-du-banc"
WHO_ASKS = Principal(ActorKind.AGENT_CAF, AGENT)
"""Who asks for everything; a service that looks finds that he may."""


class Accounts:
    """Fresh accounts in a collection, each changed by one command."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        self._collection = collection

    def seed(self, many: int) -> list[str]:
        """Their ids."""
        users = draw_users(many)
        self._collection.insert_many(account_rows(users), ordered=False)
        return users

    def records(self, topic: str, ids: Sequence[str], token: str) -> "Iterable[Outgoing]":
        """One ModifyUser command for each of them."""
        return command_records(topic, ids, token)

    def keys(self, ids: Sequence[str]) -> list[str]:
        """Those of the facts."""
        return list(ids)


def draw_change() -> dict[str, str]:
    """What a command of the bench asks for: another number than any before, or nearly."""
    return {"telephone": f"01{randrange(NUMBERS):08}"}


def draw_users(count: int) -> list[str]:
    """Fresh user ids."""
    return [draw_id() for _ in range(count)]


def account_rows(users: Iterable[str], password_hash: str | None = None) -> list[Any]:
    """Open accounts of invented people, as identity stores them once it told that they exist."""
    return [
        _stored(
            Compte(
                **_person(id),
                genre=GenreCompte.PARTENAIRE,
                convention_id=CONVENTION,
                caf=CAF,
                mot_de_passe=password_hash,
            )
        )
        for id in users
    ]


def agent_row(id: str = AGENT) -> dict[str, Any]:
    """An agent of the Caf who may open and change accounts."""
    return _stored(
        Compte(
            **_person(id),
            genre=GenreCompte.AGENT_CAF,
            caf=CAF,
            fonctions=(Fonction.HABILITATIONS,),
        )
    )


def convention_row() -> dict[str, Any]:
    """The convention of these accounts, open, as identity keeps what habilitation told."""
    convention = Convention(
        id=CONVENTION,
        organisme="Mairie de Valfleury",
        caf=CAF,
        gestion_deleguee=True,
        etat=EtatConvention.OUVERTE,
        seq=1,
    )
    return to_row(convention)


def identifiant_rows(users: Iterable[str]) -> list[dict[str, Any]]:
    """The identifiants of these people, as identity finds accounts by them."""
    return [
        {**to_row(IdentifiantReserve(id=identifiant_of(id), user_id=id)), "version": 1}
        for id in users
    ]


def identifiant_of(id: str) -> str:
    """What a person of the bench signs in with; not of the real shape, which nobody looks at."""
    return id[:11].upper()


def _person(id: str) -> dict[str, Any]:
    return {
        "id": id,
        "identifiant": identifiant_of(id),
        "nom": "Durand",
        "prenom": "Camille",
        "mail": mail_of(id),
        "generation": 1,
        "ouverture": date(2025, 1, 6),
    }


def _stored(compte: Compte) -> dict[str, Any]:
    return {**to_row(compte), "version": 1, "seq": 1}


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


def issue_token(signing_key: str, by: Principal = WHO_ASKS, audience: str = AUDIENCE) -> str:
    """A fresh command token, valid five minutes."""
    return TokenIssuer(signing_key).issue(by, audience=audience, now=datetime.now(UTC))


def command_headers(
    token: str, at: str, asked: type[Command] = ModifyUser
) -> list[tuple[str, str]]:
    """The headers of one command, with a fresh id first."""
    return [
        ("ce_id", draw_id()),
        ("ce_specversion", "1.0"),
        ("ce_type", asked.TYPE),
        ("ce_source", "/bench"),
        ("ce_time", at),
        ("content-type", "application/json"),
        ("authorization", f"Bearer {token}"),
    ]


def command_records(topic: str, users: Sequence[str], token: str) -> Iterable[Outgoing]:
    """One ModifyUser command for each of these accounts."""
    return _records(topic, users, token, ModifyUser, lambda _: draw_change())


def creation_records(topic: str, users: Sequence[str], token: str) -> Iterable[Outgoing]:
    """One CreateUser command for each of these people, who have no account yet."""
    return _records(topic, users, token, CreateUser, creation)


def creation(id: str) -> dict[str, Any]:
    """What is told of a person who gets an account."""
    return {
        "convention_id": CONVENTION,
        "nom": "Durand",
        "prenom": "Camille",
        "mail": mail_of(id),
    }


def mail_of(id: str) -> str:
    """The address of a person of the bench, in one of some 256 town halls.

    One domain gets only so many mails a second (`smtp_rate_per_domain`).
    """
    return f"camille.{id[:12]}@mairie-{id[-2:]}.exemple.fr"


def _records(
    topic: str,
    users: Sequence[str],
    token: str,
    asked: type[Command],
    told: Callable[[str], dict[str, Any]],
) -> Iterable[Outgoing]:
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    for id in users:
        headers = tuple((name, value.encode()) for name, value in command_headers(token, at, asked))
        body = json.dumps({"user_id": id, **told(id)}).encode()
        yield Outgoing(topic, id.encode(), headers, body)

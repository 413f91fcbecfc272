"""identity under load: telephones of accounts change, accounts are opened."""

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from services.identity.domain.compte import Compte
from services.identity.domain.session import Portee, Session, draw_token, id_of
from shared.contracts.comptes import Fonction, GenreCompte
from shared.contracts.envelope import Command
from shared.contracts.identity import (
    SERVICE,
    IdentifiantIssued,
    TemporaryPasswordIssued,
    UserCreated,
    UserUpdated,
)
from shared.contracts.identity_commands import CreateUser, ModifyUser
from shared.ids import draw_id
from shared.mongo.documents import to_row
from tests.faults.subject import AGENT, Effect, HttpRequest, Subject
from tests.harness.platform import Platform

CONVENTION, CAF = "19_214", "931"


class Accounts(Subject):
    """Accounts of one convention, an agent in session."""

    SERVICE: ClassVar[str] = SERVICE

    async def seed(self, count: int) -> None:
        """Straight into the store, before any event.

        Their convention is made known as it always is: the service must be running.
        """
        await known_convention(self.platform)
        self.ids = [f"compte-{number}" for number in range(count)]
        self._session = draw_token()
        now = datetime.now(UTC)
        session = Session(
            id=id_of(self._session), user_id=AGENT.id, portee=Portee.COMPLETE, epoque=0,
            opened_at=now, seen_at=now,
        )  # fmt: skip
        database = self.platform.database(SERVICE)
        habilitations = (Fonction.HABILITATIONS,)
        people = [_compte(AGENT.id, GenreCompte.AGENT_CAF, caf=CAF, fonctions=habilitations)]
        people += [_compte(id, GenreCompte.PARTENAIRE, convention_id=CONVENTION) for id in self.ids]
        database["comptes"].insert_many([to_row(each) for each in people])
        database["sessions"].insert_one(to_row(session))

    def change(self, number: int) -> tuple[Command, Effect]:
        """Another telephone."""
        user_id, telephone = self._next(number)
        return ModifyUser(user_id=user_id, telephone=telephone), modified(user_id, telephone)

    def create(self) -> tuple[Command, Effect]:
        """An account: three facts on two topics.

        Its address starts with a word: an id drawn alone may spell a service's (`0caf1…@`).
        """
        user_id = draw_id()
        command = CreateUser(
            user_id=user_id,
            convention_id=CONVENTION,
            nom="Essai",
            prenom="Charge",
            mail=f"essai.{user_id}@mcp.example",
        )
        facts = (UserCreated.TYPE, IdentifiantIssued.TYPE, TemporaryPasswordIssued.TYPE)
        return command, Effect(f"comptes/{user_id}", facts)

    def request(self, number: int) -> HttpRequest:
        """Another telephone, typed twice."""
        user_id, telephone = self._next(number)
        body: Mapping[str, str] = {"telephone": telephone, "telephone_confirmation": telephone}
        return HttpRequest(f"/users/{user_id}", body, modified(user_id, telephone))

    def bearer(self) -> str:
        """The agent's session."""
        return self._session

    def _next(self, number: int) -> tuple[str, str]:
        return self.ids[number % len(self.ids)], f"01{next(self._numbers):08}"


async def known_convention(platform: Platform) -> str:
    """Have identity know the convention of everybody here; returns its number."""
    await platform.habilitation.open_convention(CONVENTION, caf=CAF)
    await platform.habilitation.known_to(SERVICE)
    return CONVENTION


def modified(user_id: str, telephone: str) -> Effect:
    """What is due of a command that sets a telephone."""
    return Effect(f"comptes/{user_id}", (UserUpdated.TYPE,), {"telephone": telephone})


def _compte(id: str, genre: GenreCompte, **own: Any) -> Compte:
    return Compte(
        id=id,
        genre=genre,
        identifiant=f"ESS{secrets.token_hex(6)}",
        nom="Essai",
        prenom="Charge",
        mail=f"{id}@mcp.example",
        ouverture=date(2025, 1, 6),
        version=1,
        **own,
    )

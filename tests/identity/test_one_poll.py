"""Commands of one poll about one account: all prepared first, then decided in their order."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.mot_de_passe import looks_temporary
from services.identity.use_cases import make_use_cases
from shared.contracts.envelope import Command
from shared.contracts.identity import SERVICE, CommandRefused
from shared.contracts.identity_commands import (
    CreateUser,
    ModifyUser,
    ResendIdentifiant,
    ResetPassword,
)
from shared.kafka.door import Entrance
from shared.kafka.intakes import table_of
from shared.kafka.limit import DeadLetterLimit
from shared.mongo.client import Store
from shared.mongo.documents import to_row
from shared.mongo.faults import MongoFaults
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.committer import Committer
from shared.path.decision import Request
from shared.path.group import House
from shared.path.work import Ask, Origin, Row
from tests.identity.builders import (
    AGENT,
    CONVENTION,
    NOW,
    FakeHasher,
    FakeSealer,
    agent,
    compte,
    convention,
    create,
    temporary,
)

NEW = "juste@commune.example"
CREATE = create("u2", mail=NEW)
MODIFY = ModifyUser(user_id="u1", mail=NEW)


class Poll:
    """Passes commands through as one poll, on a real store."""

    def __init__(self, store: Store, committer: Committer, reader: UnitOfWork) -> None:
        self.store = store
        self.hasher, self.sealer = FakeHasher(), FakeSealer()
        self._table = table_of(make_use_cases(self.hasher, self.sealer).by_topic)
        limit = DeadLetterLimit(100, lambda: None)
        self._entrance = Entrance(committer, reader, MongoFaults(), limit)

    async def pass_through(self, *commands: Command) -> None:
        """All of them at once, asked by the agent."""
        await self._entrance.pass_through(
            self._work(command, offset) for offset, command in enumerate(commands)
        )

    def _work(self, command: Command, offset: int) -> Ask:
        id, key = f"m{offset}", command.key
        return Ask(
            inbox_id=id,
            use_case=self._table[command.TYPE],
            request=Request(command, AGENT, NOW, id, id, None),
            type=command.TYPE,
            key=key,
            origin=lambda: Origin(command.TOPIC, 0, offset, key, {}, command.to_json()),
        )

    async def statuses(self) -> list[str]:
        """What became of each."""
        rows = self.store.collection("inbox").find().sort("_id", 1)
        return [row["status"] async for row in rows]

    async def facts(self) -> list[str]:
        """The names of the facts told, in order."""
        rows = await self.store.collection("outbox").find().sort("seq", 1).to_list(None)
        return [row["headers"]["ce_type"].split(".")[2] for row in rows]


class Nobody:
    """Publishes nothing: rows stay in the outbox, where a test reads them."""

    def add(self, _: Sequence[Row]) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


@pytest_asyncio.fixture
async def poll(store: Store) -> AsyncIterator[Poll]:
    waiting = compte(mot_de_passe=None, provisoire=temporary(), version=1)
    address = AdresseReservee(id=waiting.mail, user_id="u1", version=1)
    for document in (agent(version=1), convention(), waiting, address):
        await store.collection(document.COLLECTION).insert_one(to_row(document))
    reader = UnitOfWork(store, House(SERVICE, "test", CommandRefused), 5.0)
    committer = Committer(reader, Nobody(), MongoFaults())
    task = asyncio.create_task(committer.run())
    yield Poll(store, committer, reader)
    task.cancel()
    await asyncio.wait({task})


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (MODIFY, ResetPassword(user_id="u1"), "password_reset"),
        (MODIFY, ResendIdentifiant(user_id="u1"), "identifiant_issued"),
        (CREATE, ResetPassword(user_id="u2"), "password_reset"),
        (CREATE, ResendIdentifiant(user_id="u2"), "identifiant_issued"),
        (CREATE, ModifyUser(user_id="u2", mail="z@commune.example"), "user_mail_changed"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Command) else str(each),
)
async def test_the_second_counts_on_what_the_first_did(
    poll: Poll, first: CreateUser | ModifyUser, second: Command, told: str
) -> None:
    await poll.pass_through(first, second)
    assert await poll.statuses() == ["done", "done"]
    assert told in (await poll.facts())[3:]


async def test_the_mail_of_the_second_goes_where_the_first_says(poll: Poll) -> None:
    await poll.pass_through(MODIFY, ResetPassword(user_id="u1"))
    row = await poll.store.collection(Compte.COLLECTION).find_one({"_id": "u1"})
    assert row is not None
    assert (row["generation"], row["provisoire"]["generation"]) == (3, 3)
    last = [each for each in poll.sealer.sealed if "mot_de_passe" in each][-1]
    assert (last["to"], last["generation"]) == (NEW, 3)
    assert looks_temporary(str(last["mot_de_passe"]))


async def test_two_resets_are_two_mails_of_which_the_second_counts(poll: Poll) -> None:
    await poll.pass_through(ResetPassword(user_id="u1"), ResetPassword(user_id="u1"))
    assert await poll.statuses() == ["done", "done"]
    assert (await poll.facts()).count("temporary_password_issued") == 2


async def test_who_may_not_is_refused_by_the_decision_and_no_hash_is_made(poll: Poll) -> None:
    await poll.store.collection("conventions").update_one(
        {"_id": CONVENTION}, {"$set": {"caf": "831"}}
    )
    await poll.pass_through(MODIFY, ResetPassword(user_id="u1"))
    assert await poll.statuses() == ["refused", "refused"]
    assert poll.hasher.hashed == []

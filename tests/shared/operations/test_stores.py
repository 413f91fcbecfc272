"""The store is brought up to date once, whoever asks."""

import asyncio

import pytest
from pydantic import SecretStr

from deploy.local.ports import free_port
from shared.mongo.client import Store
from shared.mongo.migrate import pending
from shared.operations.endings import FAILED, Failed, told
from shared.operations.opening import opened_store
from shared.operations.stores import migrate_store
from shared.service import Service
from tests.shared import tiny

pytestmark = pytest.mark.connected


async def test_migrate_tells_what_ran_then_has_nothing_to_do(
    tiny_service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await migrate_store(tiny_service) == 0
    assert "v0000 plumbing\np0001 acces_refuses\nv0001 counters\n" in capsys.readouterr().out
    assert await migrate_store(tiny_service) == 0
    assert "Rien à faire." in capsys.readouterr().out


async def test_two_migrate_at_once_run_each_change_once(
    tiny_service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = await asyncio.gather(*(migrate_store(tiny_service) for _ in range(4)))
    assert ended == [0] * 4
    assert capsys.readouterr().out.count("v0001 counters\n") == 1


async def test_store_that_stays_away_is_told_in_a_sentence(
    tiny_service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tiny_service.settings.model_copy(
        update={"mongo_uri": SecretStr(f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0")}
    )
    assert isinstance(nowhere, tiny.TinySettings)

    @told
    async def open_for_a_moment() -> int:
        async with opened_store(tiny.build(nowhere), wait_s=0.1):
            raise AssertionError

    assert await open_for_a_moment() == FAILED
    assert "La base ne répond pas." in capsys.readouterr().out


async def test_sentence_of_a_failure_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    @told
    async def fail() -> int:
        raise Failed("Non.")

    assert await fail() == FAILED
    assert capsys.readouterr().out == "Non.\n"


async def test_nothing_is_pending_once_migrated(tiny_service: Service, tiny_store: Store) -> None:
    assert await pending(tiny_store, tiny_service.migrations) == []

"""Offsets are told beside the work: the newest word only, and a stop waits for the last."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError

from shared.kafka import offsets
from shared.kafka.offsets import Telling
from tests.harness.polling import eventually

DEADLINE_S = 5


class Broker:
    """Takes words one by one, each once it is let."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.taken: list[int] = []
        self.failing = 0
        self.lets = asyncio.Semaphore(0)

    async def take(self, word: int) -> None:
        """Wait to be let, then take the word, or fail."""
        self.begun.append(word)
        await self.lets.acquire()
        if self.failing:
            self.failing -= 1
            raise KafkaConnectionError
        self.taken.append(word)


async def test_who_notes_does_not_wait_and_the_newest_word_says_all():
    broker = Broker()
    telling = Telling(broker.take)
    for word in (1, 2, 3):
        telling.note(word)
        await asyncio.sleep(0)
    assert (broker.begun, broker.taken) == ([1], [])
    broker.lets.release()
    broker.lets.release()
    await telling.told()
    assert broker.taken == [1, 3]


async def test_a_word_that_failed_is_made_good_by_the_next():
    broker = Broker()
    broker.failing = 1
    telling = Telling(broker.take)
    telling.note(1)
    broker.lets.release()
    await telling.told()
    telling.note(2)
    broker.lets.release()
    await telling.told()
    assert (broker.begun, broker.taken) == ([1, 2], [2])


async def test_a_stop_waits_for_the_last_word():
    broker = Broker()
    telling = Telling(broker.take)
    telling.note(1)
    closing = asyncio.create_task(telling.close())
    await eventually(lambda: broker.begun == [1], DEADLINE_S, "begun")
    assert not closing.done()
    broker.lets.release()
    await closing
    assert broker.taken == [1]


async def test_a_stop_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(offsets, "LAST_WORD_S", 0.01)
    broker = Broker()
    telling = Telling(broker.take)
    telling.note(1)
    async with asyncio.timeout(DEADLINE_S):
        await telling.close()
        with pytest.raises(asyncio.CancelledError):
            await telling.told()
    assert broker.taken == []


async def test_nothing_noted_is_nothing_to_wait_for():
    telling = Telling(Broker().take)
    await telling.told()
    await telling.close()

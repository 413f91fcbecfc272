"""Argon2id with a pepper, away from the event loop."""

import asyncio
import base64
import os
import time
import unicodedata

import pytest
from argon2 import PasswordHasher

from services.identity import hashing
from services.identity.hashing import LANES, MEMORY_KIB, PASSES, ArgonHasher
from shared.errors import Unavailable

PEPPER = base64.b64encode(b"p" * 32).decode()
OTHER = base64.b64encode(b"q" * 32).decode()
PASSWORD = "Bonjour-2026"
BLOCKED_S = 0.05
"""A loop that waits longer answers late to everybody (assumed)."""


@pytest.fixture(scope="module")
def hasher() -> ArgonHasher:
    return ArgonHasher(PEPPER)


async def test_hash_names_its_parameters(hasher: ArgonHasher) -> None:
    hashed = await hasher.hash(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (MEMORY_KIB, PASSES, LANES) == (19_456, 2, 1)
    assert PASSWORD not in hashed


async def test_same_password_hashes_to_something_else(hasher: ArgonHasher) -> None:
    assert await hasher.hash(PASSWORD) != await hasher.hash(PASSWORD)


async def test_right_password_is_right_and_others_are_wrong(hasher: ArgonHasher) -> None:
    hashed = await hasher.hash(PASSWORD)
    assert await hasher.verify(PASSWORD, hashed)
    for wrong in (
        "",
        "bonjour-2026",
        PASSWORD + " ",
        PASSWORD + "\0",
        PASSWORD + "\ud800",
        "x" * 100_000,
    ):
        assert not await hasher.verify(wrong, hashed)


async def test_hash_is_worth_nothing_without_the_pepper(hasher: ArgonHasher) -> None:
    hashed = await hasher.hash(PASSWORD)
    assert not await ArgonHasher(OTHER).verify(PASSWORD, hashed)
    assert await ArgonHasher(PEPPER).verify(PASSWORD, hashed)


@pytest.mark.parametrize(
    "hash", ["", "nonsense", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$", "é" * 200]
)
async def test_what_is_no_hash_is_never_right(hasher: ArgonHasher, hash: str) -> None:
    assert not await hasher.verify(PASSWORD, hash)


async def test_without_a_hash_a_real_verification_says_no(
    hasher: ArgonHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[str] = []
    verify = hasher._verify

    def watched(hash: str, password: str) -> bool:
        worked.append(hash)
        return verify(hash, password)

    monkeypatch.setattr(hasher, "_verify", watched)
    assert await hasher.verify(PASSWORD, None) is False
    assert await hasher.verify("nobody has this password", None) is False
    assert len(worked) == 2
    assert all(hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for hash in worked)


async def test_event_loop_turns_while_passwords_are_hashed(hasher: ArgonHasher) -> None:
    late: list[float] = []
    stopping = asyncio.Event()

    async def watch() -> None:
        while not stopping.is_set():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - before)

    watching = asyncio.create_task(watch())
    count = 8 * (os.cpu_count() or 1)
    await asyncio.gather(*(hasher.hash(PASSWORD) for _ in range(count)))
    stopping.set()
    await watching
    assert len(late) > 10
    assert sorted(late)[len(late) // 2] < BLOCKED_S  # the median: the machine may be busy too


async def test_no_more_passwords_wait_than_two_seconds_of_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hashing, "MOST_PER_THREAD", 2)
    hasher = ArgonHasher(PEPPER)
    most = 2 * (os.cpu_count() or 1)
    waiting = [asyncio.create_task(hasher.verify(PASSWORD, None)) for _ in range(most)]
    await asyncio.sleep(0)
    for refused in (hasher.verify(PASSWORD, None), hasher.hash(PASSWORD)):
        with pytest.raises(Unavailable):
            await refused
    with pytest.raises(Unavailable):
        hasher.check_room()
    await asyncio.gather(*waiting)
    assert await hasher.verify(PASSWORD, None) is False


def test_pepper_that_is_no_base64_stops_the_start() -> None:
    with pytest.raises(ValueError, match=r"base64|padding"):
        ArgonHasher("not base64!")


async def test_password_is_the_same_however_the_keyboard_composed_it(hasher: ArgonHasher) -> None:
    hashed = await hasher.hash("Été-à-Nîmes-1")
    assert await hasher.verify(unicodedata.normalize("NFD", "Été-à-Nîmes-1"), hashed)


@pytest.mark.parametrize("parameters", [(2, 19_456, 1), (3, 8_192, 2)], ids=["today's", "others"])
async def test_another_implementation_makes_and_reads_the_same_hashes(
    hasher: ArgonHasher, parameters: tuple[int, int, int]
) -> None:
    other, peppered = PasswordHasher(*parameters), hasher._peppered(PASSWORD)
    assert await hasher.verify(PASSWORD, other.hash(peppered))
    assert not await hasher.verify(PASSWORD + "x", other.hash(peppered))
    assert other.verify(await hasher.hash(PASSWORD), peppered)


async def test_hash_of_other_parameters_is_outdated(hasher: ArgonHasher) -> None:
    today = await hasher.hash(PASSWORD)
    assert not hasher.is_outdated(today)
    assert hasher.is_outdated(today.replace("t=2", "t=1"))
    assert hasher.is_outdated(today.replace("m=19456", "m=9216"))

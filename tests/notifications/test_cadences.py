"""How fast a destination is written to: never faster, in line, and nobody else waits for it."""

import asyncio
import heapq
from collections import Counter
from datetime import timedelta

import pytest

from services.notifications.cadences import FORGET_S, MANY, Cadences
from services.notifications.domain.envoi import Envoi, EtatEnvoi
from tests.harness.polling import eventually
from tests.notifications.builders import identifiant_issued
from tests.notifications.running import Replica
from tests.notifications.sending import Slow, sending

DEADLINE_S = 15
RATE = 10


def sent_at(cadences: Cadences, count: int, until: float) -> list[float]:
    """When mails to one destination go, each of which comes back when it was told to."""
    coming = [(0.0, f"m{number}") for number in range(count)]
    sent: list[float] = []
    while coming and coming[0][0] <= until:
        moment, mail = heapq.heappop(coming)
        wait = cadences.wait_s(mail, "commune.example", moment)
        if wait:
            heapq.heappush(coming, (moment + wait, mail))
        else:
            sent.append(moment)
    return sent


def test_no_second_has_more_than_its_share_once_the_burst_is_over() -> None:
    sent = sent_at(Cadences(RATE), 200, 60)
    assert sent.count(0.0) == RATE
    assert len(sent) == 200
    for start in sent:
        assert sum(start <= moment < start + 1 for moment in sent if moment) <= RATE + 1
    assert sent[-1] == pytest.approx((200 - RATE) / RATE, abs=0.5)


def test_each_waits_once_and_comes_back_when_it_is_its_turn() -> None:
    cadences = Cadences(RATE)
    waits = [cadences.wait_s(f"m{number}", "commune.example", 0.0) for number in range(RATE + 3)]
    assert waits == pytest.approx([0.0] * RATE + [0.1, 0.2, 0.3])
    assert cadences.wait_s("late", "commune.example", 0.25) == pytest.approx(0.15)
    for number, moment in ((RATE, 0.1), (RATE + 1, 0.2), (RATE + 2, 0.3)):
        assert cadences.wait_s(f"m{number}", "commune.example", moment + 0.001) == 0.0


def test_those_who_come_back_late_and_together_still_go_no_faster() -> None:
    cadences = Cadences(RATE)
    for number in range(100):
        cadences.wait_s(f"m{number}", "commune.example", 0.0)
    waits = [cadences.wait_s(f"m{number}", "commune.example", 30.0) for number in range(10, 100)]
    assert waits.count(0.0) == RATE


def test_slow_rate_still_lets_one_go() -> None:
    cadences = Cadences(0.5)
    assert cadences.wait_s("m1", "commune.example", 0.0) == 0.0
    assert cadences.wait_s("m2", "commune.example", 0.0) == pytest.approx(2.0)
    assert cadences.wait_s("m2", "commune.example", 2.0) == 0.0


def test_destinations_do_not_wait_for_each_other() -> None:
    cadences = Cadences(1)
    assert cadences.wait_s("m1", "commune.example", 0.0) == 0.0
    assert cadences.wait_s("m2", "commune.example", 0.0) > 0
    assert cadences.wait_s("m3", "autre.example", 0.0) == 0.0


def test_what_nobody_comes_back_for_is_forgotten() -> None:
    cadences = Cadences(RATE)
    for number in range(MANY + 500):
        for mail in range(2 if number < 3 else 1):
            cadences.wait_s(f"m{number}-{mail}", f"commune{number}.example", number * FORGET_S)
    assert len(cadences._lines) <= MANY
    assert not cadences._places


async def test_busy_destination_goes_at_its_pace_and_the_others_at_once(process: Replica) -> None:
    """A campaign to one domain, longer than what may be in hand, borrowed before the others."""
    server = Slow()
    slow = [identifiant_issued(f"s{n}", to=f"s{n}@lente.example") for n in range(700)]
    ids = await process.queue(*slow)
    others = [identifiant_issued(f"o{n}", to=f"o{n}@Autre{n}.example") for n in range(60)]
    process.pass_time(timedelta(seconds=1))
    ids += await process.queue(*others)

    def to_others() -> bool:
        return sum("@Autre" in letter.recipient for letter, _ in server.sent) == len(others)

    loop = asyncio.get_running_loop()
    async with sending(process, server, smtp_rate_per_domain=20):
        started = loop.time()
        await eventually(to_others, DEADLINE_S, "the mails to other domains have gone")
        seconds = loop.time() - started
        in_line = await process.store.collection(Envoi.COLLECTION).count_documents(
            {"etat": EtatEnvoi.EN_FILE, "next_attempt_at": {"$gt": process.clock.now()}}
        )
        told = [await process.told(id) for id in ids[:3]]
    by_domain = Counter(letter.destination for letter, _ in server.sent)
    assert 1 <= by_domain["lente.example"] <= 20 * (seconds + 2)
    assert by_domain["lente.example"] < 400
    assert in_line > 100
    assert all(each in ([], ["mail_sent"]) for each in told)  # waiting in line is no deferral


async def test_every_mail_in_line_gets_its_turn(process: Replica) -> None:
    server = Slow()
    ids = await process.queue(
        *(identifiant_issued(f"s{n}", to=f"s{n}@lente.example") for n in range(120))
    )
    async with sending(process, server, smtp_rate_per_domain=40):

        async def all_sent() -> bool:
            return await process.count(EtatEnvoi.ENVOYE) == len(ids)

        await eventually(all_sent, DEADLINE_S, "all mails are sent")
    assert max(Counter(letter.recipient for letter, _ in server.sent).values()) == 1
    assert [mail.attempts for mail in await process.mails()] == [1] * len(ids)

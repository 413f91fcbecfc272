"""How fast a destination is written to: never faster, in line, and nobody else waits for it."""

import asyncio
import heapq
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from services.notifications.cadences import MANY, Cadences
from services.notifications.domain.envoi import Envoi, EtatEnvoi, record_attempt
from services.notifications.domain.tentative import Deferred
from services.notifications.store import lease_due, postpone
from tests.harness.polling import eventually
from tests.notifications.builders import identifiant_issued
from tests.notifications.running import Replica
from tests.notifications.sending import Slow, sending

DEADLINE_S = 15
RATE = 10
HERE = "commune.example"


def sent_at(cadences: Cadences, count: int, until: float) -> list[float]:
    """When mails to one destination go, each of which comes back when it was told to."""
    coming = [(0.0, number, False) for number in range(count)]
    sent: list[float] = []
    while coming and coming[0][0] <= until:
        moment, mail, waited = heapq.heappop(coming)
        wait = cadences.wait_s(HERE, moment, waited=waited)
        if wait:
            heapq.heappush(coming, (moment + wait, mail, True))
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
    waits = [cadences.wait_s(HERE, 0.0) for _ in range(RATE + 3)]
    assert waits == pytest.approx([0.0] * RATE + [0.1, 0.2, 0.3])
    assert cadences.wait_s(HERE, 0.25) == pytest.approx(0.15)
    for moment in (0.1, 0.2, 0.3):
        assert cadences.wait_s(HERE, moment + 0.001, waited=True) == 0.0


def test_those_who_come_back_late_and_together_still_go_no_faster() -> None:
    cadences = Cadences(RATE)
    for _ in range(100):
        cadences.wait_s(HERE, 0.0)
    waits = [cadences.wait_s(HERE, 30.0, waited=True) for _ in range(90)]
    assert waits.count(0.0) == RATE


def test_a_mail_that_waited_in_another_process_goes_here_at_once() -> None:
    assert Cadences(RATE).wait_s(HERE, 0.0, waited=True) == 0.0


def test_nobody_waits_in_the_line_of_a_campaign() -> None:
    cadences = Cadences(RATE)
    waits = [cadences.wait_s(HERE, 0.0, campaign=True) for _ in range(RATE + 100)]
    assert waits[-1] == pytest.approx(10.0)
    assert cadences.wait_s(HERE, 0.0) == pytest.approx(0.1)
    assert cadences.wait_s(HERE, 0.15, waited=True) == 0.0
    assert cadences.wait_s(HERE, 0.16, waited=True, campaign=True) > 9  # its part is counted


def test_slow_rate_still_lets_one_go() -> None:
    cadences = Cadences(0.5)
    assert cadences.wait_s(HERE, 0.0) == 0.0
    assert cadences.wait_s(HERE, 0.0) == pytest.approx(2.0)
    assert cadences.wait_s(HERE, 2.0, waited=True) == 0.0


def test_destinations_do_not_wait_for_each_other() -> None:
    cadences = Cadences(1)
    assert cadences.wait_s(HERE, 0.0) == 0.0
    assert cadences.wait_s(HERE, 0.0) > 0
    assert cadences.wait_s("autre.example", 0.0) == 0.0


def test_quiet_destinations_are_forgotten() -> None:
    cadences = Cadences(RATE)
    for number in range(MANY + 500):
        cadences.wait_s(f"commune{number}.example", number * 60.0)
    assert len(cadences._destinations) <= MANY


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


async def test_mail_that_waited_in_line_has_its_turn_whoever_looks_at_it(process: Replica) -> None:
    """The place is kept with the mail until it is deferred or decided otherwise."""
    (id,) = await process.queue(identifiant_issued())
    borrow = partial(lease_due, process.store, lease_s=60, most=1, but=())
    (lent,) = await borrow(token="mine", now=process.clock.now())
    assert not lent.a_son_tour
    until = process.clock.now() + timedelta(seconds=3)
    await postpone(process.store, token="mine", id=id, until=until)
    assert await borrow(token="other", now=process.clock.now()) == []
    (lent,) = await borrow(token="other", now=until)
    assert lent.a_son_tour
    deferred, _ = record_attempt(lent, Deferred(451), until)
    assert not deferred.a_son_tour

"""How old a projection may be: its place in the topic, plus its owner's own delay."""

import math
from datetime import UTC, datetime

import pytest

from shared.contracts.platform import ProcessBeat
from shared.kafka.staleness import MOST_LOOKS, SILENCE_S, Place, Staleness


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


AT_END = {0: Place(7, 7), 1: Place(3, 3)}
BEHIND = {0: Place(8, 7), 1: Place(3, 3)}
CAUGHT_UP = {0: Place(8, 8), 1: Place(3, 3)}


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def staleness(time: Time) -> Staleness:
    return Staleness("identity", time)


def beat(oldest_pending_s: float = 0.0, service: str = "identity") -> ProcessBeat:
    return ProcessBeat(
        process_id="p",
        service=service,
        release="r",
        oldest_pending_s=oldest_pending_s,
        at=datetime.now(UTC),
    )


def test_at_the_end_of_the_topic_of_an_owner_without_backlog_it_is_fresh(
    staleness: Staleness, time: Time
):
    time.now += 10
    staleness.saw(AT_END)
    staleness.heard(beat())
    assert staleness.seconds() == 0


def test_an_answer_that_took_its_time_tells_of_when_it_was_asked(staleness: Staleness, time: Time):
    asked_at = staleness.now()
    time.now += 2
    staleness.saw(AT_END, asked_at)
    staleness.heard(beat())
    assert staleness.seconds() == 2


def test_before_it_caught_up_once_nobody_knows(staleness: Staleness, time: Time):
    assert staleness.seconds() == math.inf
    staleness.heard(beat())
    staleness.saw(BEHIND)
    time.now += 1
    assert staleness.seconds() == math.inf
    staleness.saw({0: Place(9, 8), 1: Place(3, 3)})
    assert staleness.seconds() == 1


def test_before_the_first_word_of_its_owner_nobody_knows_what_it_holds_back(
    staleness: Staleness, time: Time
):
    staleness.saw(AT_END)
    assert staleness.seconds() == math.inf
    staleness.heard(beat(service="notifications"))
    assert staleness.seconds() == math.inf
    time.now += 4
    staleness.saw(AT_END)
    staleness.heard(beat())
    assert staleness.seconds() == 0


def test_while_facts_come_all_the_time_it_is_as_old_as_the_look_that_it_reached(
    staleness: Staleness, time: Time
):
    for end in range(100):
        staleness.saw({0: Place(end, max(0, end - 2))})
        staleness.heard(beat())
        time.now += 1
    assert staleness.seconds() == 3


def test_every_partition_must_have_reached_it(staleness: Staleness, time: Time):
    staleness.heard(beat())
    staleness.saw({0: Place(8, 7), 1: Place(3, 3)})
    time.now += 1
    staleness.saw({0: Place(9, 7), 1: Place(9, 9)})
    assert staleness.seconds() == math.inf
    staleness.saw({0: Place(9, 8), 1: Place(9, 9)})
    assert staleness.seconds() == 1


def test_of_too_many_looks_the_oldest_are_forgotten(staleness: Staleness, time: Time):
    for end in range(1, 2 * MOST_LOOKS):
        staleness.saw({0: Place(end, 0)})
        time.now += 1
    staleness.heard(beat())
    staleness.saw({0: Place(2 * MOST_LOOKS, MOST_LOOKS)})
    assert staleness.seconds() == math.inf
    staleness.saw({0: Place(2 * MOST_LOOKS, MOST_LOOKS + 2)})
    assert staleness.seconds() == MOST_LOOKS - 2


def test_it_ages_while_there_are_records_ahead(staleness: Staleness, time: Time):
    staleness.saw(AT_END)
    for _ in range(10):
        time.now += 1
        staleness.saw(BEHIND)
        staleness.heard(beat())
    assert staleness.seconds() == 10
    staleness.saw(CAUGHT_UP)
    assert staleness.seconds() == 0


def test_it_ages_while_nobody_can_tell_the_lag(staleness: Staleness, time: Time):
    staleness.saw(AT_END)
    time.now += 7
    staleness.heard(beat())
    assert staleness.seconds() == 7


def test_what_the_owner_has_not_published_is_added(staleness: Staleness):
    staleness.saw(AT_END)
    staleness.heard(beat(42.0))
    assert staleness.seconds() == 42
    staleness.heard(beat(0.0))
    assert staleness.seconds() == 0


def test_another_services_backlog_is_not(staleness: Staleness):
    staleness.saw(AT_END)
    staleness.heard(beat())
    staleness.heard(beat(42.0, service="notifications"))
    assert staleness.seconds() == 0


def test_an_owner_that_fell_silent_may_hold_anything_back(staleness: Staleness, time: Time):
    staleness.heard(beat())
    time.now += SILENCE_S
    staleness.saw(AT_END)
    assert staleness.seconds() == 0
    time.now += 5
    staleness.saw(AT_END)
    assert staleness.seconds() == SILENCE_S + 5

"""How old a projection may be: its place in the topic, plus its owner's own delay."""

from datetime import UTC, datetime

import pytest

from shared.contracts.platform import ProcessBeat
from shared.kafka.staleness import SILENCE_S, Staleness


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


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
    staleness.saw_lag(0)
    staleness.heard(beat())
    assert staleness.seconds() == 0


def test_it_ages_while_there_are_records_ahead(staleness: Staleness, time: Time):
    for _ in range(10):
        time.now += 1
        staleness.saw_lag(3)
        staleness.heard(beat())
    assert staleness.seconds() == 10
    staleness.saw_lag(0)
    assert staleness.seconds() == 0


def test_it_ages_while_nobody_can_tell_the_lag(staleness: Staleness, time: Time):
    time.now += 7
    staleness.heard(beat())
    assert staleness.seconds() == 7


def test_what_the_owner_has_not_published_is_added(staleness: Staleness):
    staleness.saw_lag(0)
    staleness.heard(beat(42.0))
    assert staleness.seconds() == 42
    staleness.heard(beat(0.0))
    assert staleness.seconds() == 0


def test_another_services_backlog_is_not(staleness: Staleness):
    staleness.heard(beat(42.0, service="notifications"))
    assert staleness.seconds() == 0


def test_an_owner_that_fell_silent_may_hold_anything_back(staleness: Staleness, time: Time):
    staleness.heard(beat())
    time.now += SILENCE_S
    staleness.saw_lag(0)
    assert staleness.seconds() == 0
    time.now += 5
    staleness.saw_lag(0)
    assert staleness.seconds() == SILENCE_S + 5

"""The limit of dead letters: a bad release must stop, not empty a topic."""

from shared.kafka.limit import WINDOW, DeadLetterLimit
from shared.path.work import Outcome

DEAD, DONE = Outcome("dead"), Outcome("done")


def test_the_limit_stops_consumption_once():
    stops: list[bool] = []
    limit = DeadLetterLimit(3, lambda: stops.append(True))
    limit.count([DEAD, DONE, DEAD])
    assert not limit.reached
    limit.count([DEAD])
    limit.count([DEAD, DEAD])
    assert limit.reached
    assert stops == [True]


def test_only_the_last_records_count():
    limit = DeadLetterLimit(3, lambda: None)
    for _ in range(10):
        limit.count([DEAD, DEAD])
        limit.count([DONE] * WINDOW)
    assert not limit.reached


def test_a_dead_letter_polled_again_does_not_count():
    limit = DeadLetterLimit(2, lambda: None)
    limit.count([Outcome("dead", first=False)] * 50)
    assert not limit.reached

"""How long to wait before trying a dependency again."""

from itertools import pairwise

from shared.backoff import CAP_S, FIRST_S, JITTER, backoff_s


def test_waits_double_from_the_first_to_the_cap_with_some_jitter():
    for attempt in range(1, 40):
        plain = min(CAP_S, FIRST_S * 2 ** (attempt - 1))
        for _ in range(20):
            assert plain * (1 - JITTER) <= backoff_s(attempt) <= plain * (1 + JITTER)


def test_waits_differ_so_that_replicas_do_not_come_back_together():
    assert len({backoff_s(5) for _ in range(20)}) > 1


def test_an_outage_of_a_minute_costs_about_a_dozen_tries():
    waited, attempt = 0.0, 0
    while waited < 60:
        attempt += 1
        waited += backoff_s(attempt)
    assert 8 <= attempt <= 12


def test_a_very_long_outage_overflows_nothing():
    assert backoff_s(10**9) <= CAP_S * (1 + JITTER)
    waits = [backoff_s(attempt) for attempt in range(20, 30)]
    assert all(abs(after - before) <= 2 * JITTER * CAP_S for before, after in pairwise(waits))

"""The size of the next group."""

from shared.path.pace import MOST, TARGET_S, Pace


def test_a_group_takes_at_most_500():
    pace = Pace()
    assert pace.limit == MOST == 500
    pace.succeeded(500, 0.001)
    assert pace.limit == MOST


def test_a_slow_group_makes_the_next_one_fit_the_target():
    pace = Pace()
    pace.succeeded(400, 2 * TARGET_S)
    assert pace.limit == 200


def test_groups_shrink_after_a_write_conflict_and_grow_after_successes():
    pace = Pace()
    pace.conflicted(64)
    assert pace.limit == 32
    for expected in (64, 128, 256, 500, 500):
        pace.succeeded(pace.limit, 0.0001)
        assert pace.limit == expected


def test_a_group_is_never_empty():
    pace = Pace()
    pace.conflicted(1)
    assert pace.limit == 1
    pace.succeeded(1, 10)
    assert pace.limit == 1
    pace.succeeded(1, 0)
    assert pace.limit == 2

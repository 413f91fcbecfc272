"""The rank test itself: what it must see, what it must not."""

from random import Random

import pytest

from tests.identity.timings import ALIKE_S, difference, rank_test


def noisy(seed: int, mean: float) -> list[float]:
    """Durations of a busy machine: most near the mean, some far above."""
    chance = Random(seed)  # noqa: S311 - a test
    return [mean + chance.expovariate(1 / 0.008) for _ in range(60)]


def test_p_is_that_of_the_tables() -> None:
    """Mann and Whitney's own kind of example: U = 2 of 5 and 5, p = 0.036 (normal, corrected)."""
    assert rank_test([1, 2, 3, 4, 7], [5, 6, 8, 9, 10]) == pytest.approx(0.0367, abs=0.0005)
    assert rank_test([1, 1, 1], [1, 1, 1]) == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_missing_hash_is_seen_and_noise_is_not(seed: int) -> None:
    seen = difference(noisy(seed, 0.04), noisy(seed + 100, 0.02))
    assert seen.median_s >= ALIKE_S
    assert not seen.is_alike
    assert difference(noisy(seed, 0.04), noisy(seed + 100, 0.04)).median_s < ALIKE_S


def test_small_difference_that_is_no_chance_is_one() -> None:
    """Medians 2 ms apart, which a rank test sees: not alike."""
    one = [0.150 + n / 100_000 for n in range(60)]
    seen = difference(one, [each + 0.002 for each in one])
    assert seen.median_s < ALIKE_S
    assert not seen.is_alike
    assert difference(one, one).is_alike

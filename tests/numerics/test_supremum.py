"""The certified search for the largest probability."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats._typing import Floats
from k2stats.numerics.supremum import supremum, upper_bounds


class Chance:
    """Probability that a binomial falls on one of some counts."""

    def __init__(self, counts: list[int], size: int) -> None:
        self.counts, self.size = np.array(counts), size

    def __call__(self, phi: Floats) -> Floats:
        theta = np.sin(phi / 2) ** 2
        pmf = stats.binom.pmf(self.counts, self.size, theta[:, None])
        return np.asarray(np.sum(pmf, axis=1))


@given(st.integers(1, 30), st.data())
def test_bounds_hold_between_the_ends(size: int, data: st.DataObject) -> None:
    counts = data.draw(st.sets(st.integers(0, size), min_size=1))
    chance = Chance(sorted(counts), size)
    left = data.draw(st.floats(0.0, 3.0))
    right = min(math.pi, left + data.draw(st.floats(0.001, 0.3)))
    ends = chance(np.array([left, right]))
    bound = upper_bounds(np.array([left]), np.array([right]), ends[:, None], size)
    between = chance(np.linspace(left, right, 201))
    assert between.max() <= bound[0] * (1 + 1e-12)


@given(st.integers(1, 60), st.data())
def test_one_count_is_likeliest_at_its_own_share(
    size: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, size))
    found = supremum(Chance([count], size), size, 1e-9, math.pi - 1e-9)
    exact = stats.binom.pmf(count, size, count / size)
    assert found == pytest.approx(exact, rel=1e-12)


def test_two_peaks_of_nearly_one_height() -> None:
    # 20 or 81 of 100: peaks at both shares, the higher at 81.
    chance = Chance([20, 81], 100)
    found = supremum(chance, 100)
    fine = chance(np.linspace(2.2, 2.4, 200_001)).max()
    assert fine <= found * (1 + 1e-13)
    assert found == pytest.approx(fine, rel=1e-9)
    assert found > chance(np.linspace(0.8, 1.1, 2001)).max()


def test_tiny_probabilities_are_climbed() -> None:
    # 2 of 400 and 398 of 400 in two halves: theta = 1/2 by symmetry, 2^-800 times
    # the number of ways.
    def both(phi: Floats) -> Floats:
        theta = np.sin(phi / 2) ** 2
        first = stats.binom.pmf(2, 400, theta)
        return np.asarray(first * stats.binom.pmf(398, 400, theta))

    exact = math.comb(400, 2) ** 2 / 2**800
    assert supremum(both, 800) == pytest.approx(exact, rel=1e-9)


def test_the_range_can_be_cut() -> None:
    # 5 of 10 is likeliest at 1/2; up to theta = .3 it is likeliest at .3.
    high = 2 * math.asin(math.sqrt(0.3))
    found = supremum(Chance([5], 10), 10, 0.1, high)
    assert found == pytest.approx(stats.binom.pmf(5, 10, 0.3), rel=1e-12)

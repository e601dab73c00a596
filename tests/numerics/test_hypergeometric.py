"""Windows, integer comparisons and memory of the hypergeometric kernels."""

import math

import numpy as np
import pytest
from scipy import stats

from k2stats.numerics.hypergeometric import (
    Tables,
    compare_likelihood,
    in_chunks,
    supports,
    weights,
    window,
)


def tables(*rows: tuple[int, int, int, int]) -> Tables:
    x, n1, n2, m = (np.array(column) for column in zip(*rows, strict=True))
    return Tables(x, n1, n2, m)


def test_pmf_is_scipys() -> None:
    s = supports(tables((3, 9, 14, 8), (0, 5, 2, 3), (2, 2, 3, 5)))
    for k, (n1, n2, m) in enumerate(((9, 14, 8), (5, 2, 3), (2, 3, 5))):
        here = s.owner == k
        expected = stats.hypergeom.pmf(s.x[here], n1 + n2, m, n1)
        np.testing.assert_allclose(s.pmf[here], expected, rtol=1e-12)


def test_small_supports_are_whole() -> None:
    low, high = window(tables((3, 30, 40, 35), (0, 5, 2, 4), (0, 5, 7, 0)))
    np.testing.assert_array_equal(low, [0, 2, 0])
    np.testing.assert_array_equal(high, [30, 4, 0])


def test_large_supports_are_cut_where_nothing_is_left() -> None:
    n, m = 10**9, 10**9
    low, high = window(tables((m // 2, n, n, m)))
    assert high[0] - low[0] < 2e6
    # Beyond the cut even the most likely point is below the least double.
    step = float(high[0] - m // 2)
    assert 2 * step**2 / n > 745


def test_a_far_tail_is_zero_and_not_an_error() -> None:
    p = in_chunks(
        tables((900_000, 10**6, 10**6, 10**6)), lambda s: s.total(s.x >= s.at)
    )
    assert p.tolist() == [0.0]


@pytest.mark.parametrize(("n1", "n2", "m"), [(5, 9, 6), (7, 7, 7), (4, 12, 9)])
def test_integers_decide_which_is_likelier(n1: int, n2: int, m: int) -> None:
    points = range(max(0, m - n2), min(n1, m) + 1)
    ways = {x: math.comb(n1, x) * math.comb(n2, m - x) for x in points}
    for x in points:
        for y in points:
            order = (ways[x] > ways[y]) - (ways[x] < ways[y])
            assert compare_likelihood(x, y, n1, n2, m) == order
    for first in points:
        for last in points:
            total = sum(ways[x] for x in points if first <= x <= last)
            assert weights(first, last, n1, n2, m) == total

"""Probability of a set of tables under two binomials."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats._typing import Bools, Floats
from k2stats.numerics.binomial import Region, probability


def blocks(member: Bools, size: int) -> Iterator[Bools]:
    for k in range(0, member.shape[0], size):
        yield member[k : k + size]


def direct(member: Bools, phi: Floats) -> Floats:
    n1, n2 = member.shape[0] - 1, member.shape[1] - 1
    theta = np.sin(phi / 2) ** 2
    chance1 = stats.binom.pmf(np.arange(n1 + 1), n1, theta[:, None])
    chance2 = stats.binom.pmf(np.arange(n2 + 1), n2, theta[:, None])
    return np.asarray(((chance1 @ member) * chance2).sum(axis=1))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.data())
def test_any_set_of_tables(n1: int, n2: int, size: int, data: st.DataObject) -> None:
    cells = (n1 + 1) * (n2 + 1)
    bits = data.draw(st.lists(st.booleans(), min_size=cells, max_size=cells))
    member = np.array(bits).reshape(n1 + 1, n2 + 1)
    region = Region.from_rows(blocks(member, size), n1, n2)
    phi = np.linspace(0.01, np.pi - 0.01, 7)
    np.testing.assert_allclose(
        probability(region, phi), direct(member, phi), rtol=1e-11, atol=1e-300
    )
    assert region.holds_none == member[0, 0]
    assert region.holds_all == member[-1, -1]
    assert region.is_everything == member.all()
    np.testing.assert_allclose(
        probability(region.mirrored(), phi),
        direct(member[::-1, ::-1], phi),
        rtol=1e-11,
        atol=1e-300,
    )


@pytest.mark.parametrize("log_tail", [60.0, 745.0])
def test_a_window_loses_nothing_that_matters(log_tail: float) -> None:
    n = 3000
    x = np.arange(n + 1)
    lower = np.clip(x - 120, 0, n + 1)
    region = Region(n, n, lower, np.full(n + 1, n + 1))
    phi = np.array([0.2, 1.2, np.pi / 2])
    theta = np.sin(phi / 2) ** 2
    expected = [
        (stats.binom.pmf(x, n, t) * stats.binom.cdf(lower - 1, n, t)).sum()
        for t in theta
    ]
    np.testing.assert_allclose(
        probability(region, phi, log_tail), expected, rtol=1e-10, atol=1e-24
    )

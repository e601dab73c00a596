"""What medians, sizes and a bound on p imply."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import MediansWithP, Reported
from k2stats.numerics.interval import Interval
from k2stats.significance.medians import (
    auc_of_z,
    implied_z,
    largest_z,
    least_u,
    mann_whitney_counts,
    medians_implied,
    smallest_mann_whitney_p,
)

# Lasemi 2018: MK-4 866 ng/ml in 29 against 196 in 45, p < .001
MK4 = MediansWithP(Reported("866"), 29, Reported("196"), 45, Reported("<.001"))


def test_lasemi_2018() -> None:
    found = medians_implied(MK4)
    assert found.ratio in Reported("4.4184").interval
    low, high = found.ratio_window.floats()
    assert low in Reported("4.4046").interval
    assert high in Reported("4.4322").interval
    assert float(found.z.low) in Reported("3.2905").interval
    assert found.z.high == math.inf
    assert found.least_auc in Reported("0.7277").interval
    assert found.largest_z in Reported("7.225").interval
    assert found.smallest_p in Reported("6.39e-21").interval
    assert found.largest_se in Reported("0.4515").interval
    assert found.attainable
    # more than three-fold: true of every ratio that prints so
    assert found.ratio_window.low > 3


def test_least_u_is_the_first_below_the_bound() -> None:
    found = medians_implied(MK4).least_u
    assert found is not None
    counts, total = mann_whitney_counts(29, 45), math.comb(74, 29)

    def p(u: int) -> float:
        return 2 * sum(counts[: 29 * 45 - u + 1]) / total

    assert p(found) < 0.001 <= p(found - 1)


@pytest.mark.parametrize(("n1", "n2"), [(1, 1), (3, 4), (5, 5), (8, 3)])
def test_counts_are_those_of_scipys_exact_test(n1: int, n2: int) -> None:
    counts = mann_whitney_counts(n1, n2)
    assert sum(counts) == math.comb(n1 + n2, n1)
    assert counts == counts[::-1]
    # all values of the first group above those of the second, then a step down
    for k in range(n2 + 1):
        x = np.append(np.arange(n1 - 1) + 1000.0, n2 - k + 0.5)
        y = np.arange(1.0, n2 + 1)
        u = n1 * n2 - k
        right = stats.mannwhitneyu(x, y, method="exact")
        assert right.statistic == u
        mine = min(1.0, 2 * sum(counts[: min(u, k) + 1]) / sum(counts))
        assert mine == pytest.approx(float(right.pvalue), rel=1e-12)


@given(st.integers(1, 60), st.integers(1, 60))
def test_extremes_of_a_separated_sample(n1: int, n2: int) -> None:
    # every value of group 1 above every value of group 2: U = n1 n2
    z = (n1 * n2 / 2) / math.sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
    assert largest_z(n1, n2) == pytest.approx(z, rel=1e-12)
    assert auc_of_z(largest_z(n1, n2) * (1 - 1e-12), n1, n2) == pytest.approx(1.0)
    assert math.isnan(auc_of_z(largest_z(n1, n2) * 1.001, n1, n2))
    assert auc_of_z(0.0, n1, n2) == 0.5
    smallest = 2.0 / math.comb(n1 + n2, n1)
    assert smallest_mann_whitney_p(n1, n2) == min(1.0, smallest)


def test_a_bound_out_of_reach() -> None:
    # three against three cannot give p < .05: the least is .1
    small = MediansWithP(Reported("5"), 3, Reported("1"), 3, Reported("<0.05"))
    found = medians_implied(small)
    assert found.smallest_p == pytest.approx(0.1)
    assert found.least_u is None
    # the normal approximation says otherwise, barely
    assert found.largest_z == pytest.approx(1.9639610121239315)
    assert found.attainable
    tiny = MediansWithP(Reported("5"), 2, Reported("1"), 2, Reported("<0.05"))
    assert not medians_implied(tiny).attainable
    assert math.isnan(medians_implied(tiny).least_auc)


def test_a_printed_value_gives_both_ends() -> None:
    z = implied_z(Reported("0.044"))
    assert float(z.low) == pytest.approx(stats.norm.isf(0.0445 / 2))
    assert float(z.high) == pytest.approx(stats.norm.isf(0.0435 / 2))
    above = implied_z(Reported(">0.05"))
    assert float(above.low) == 0.0
    assert float(above.high) == pytest.approx(1.959963984540054)
    assert not above.high_closed
    zeros = implied_z(Reported("0.000"))
    assert float(zeros.low) == pytest.approx(stats.norm.isf(0.0005 / 2))
    assert zeros.high == math.inf
    with pytest.raises(InvalidEvidenceError, match=r"p must be between 0 and 1"):
        implied_z(Reported("1.2"))


def test_least_u_of_a_printed_value() -> None:
    counts, total = mann_whitney_counts(10, 10), math.comb(20, 10)
    found = least_u(Reported("0.043"), 10, 10)
    assert found == 77
    assert 2 * sum(counts[: 100 - 77 + 1]) / total in Reported("0.043").interval
    assert least_u(Reported("0.044"), 10, 10) is None
    assert least_u(Reported(">0.5"), 3, 3) == 5


def test_without_a_p() -> None:
    bare = medians_implied(MediansWithP(Reported("4"), 5, Reported("2"), 5))
    assert bare.z == Interval(0.0, math.inf)
    assert bare.largest_se == math.inf
    assert bare.least_auc == 0.5
    assert bare.least_u is None


def test_medians_without_a_ratio() -> None:
    found = medians_implied(
        MediansWithP(Reported("1"), 5, Reported("0"), 5, Reported("<.05"))
    )
    assert math.isnan(found.ratio)
    assert math.isnan(found.largest_se)
    negative = medians_implied(
        MediansWithP(Reported("-1"), 5, Reported("2"), 5, Reported("<.05"))
    )
    assert negative.ratio == -0.5
    assert math.isnan(negative.largest_se)


def test_too_many_to_count() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"n1 n2 must be at most 40000"):
        mann_whitney_counts(201, 200)
    large = MediansWithP(Reported("4"), 500, Reported("2"), 500, Reported("<.05"))
    assert medians_implied(large).least_u is None

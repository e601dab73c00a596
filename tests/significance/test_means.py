"""Tests and intervals of two means from summaries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats.evidence import PrintedTwoMeans, Reported, TwoMeans
from k2stats.significance._base import MEANS_TESTS
from k2stats.significance.mean_intervals import (
    MD_INTERVALS,
    cohen_d,
    hedges_g,
    ratio_of_means,
)
from k2stats.significance.means import satterthwaite_df, student, welch
from k2stats.significance.means_rounding import as_two_means

# Lasemi 2018: vitamin K2 (MK-4) 812 +/- 154 in 29 against 235 +/- 100 in 45
MK4 = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)


@st.composite
def summaries(draw: st.DrawFn) -> TwoMeans:
    """Two groups of any size with SDs above zero."""
    mean, sd = st.floats(-50, 50), st.floats(0.01, 30)
    n = st.integers(2, 400)
    return TwoMeans.from_summary(
        mean1=draw(mean),
        sd1=draw(sd),
        n1=draw(n),
        mean2=draw(mean),
        sd2=draw(sd),
        n2=draw(n),
    )


def test_lasemi_2018_recomputed() -> None:
    result = welch(MK4)
    assert float(result.statistic[0]) in Reported("17.892").interval
    assert float(satterthwaite_df(MK4)[0]) in Reported("43.25").interval
    interval = MD_INTERVALS["welch"].function(MK4, 0.95)
    assert float(interval.estimate[0]) == 577.0
    assert float(interval.low[0]) in Reported("511.97").interval
    assert float(interval.high[0]) in Reported("642.03").interval
    assert float(cohen_d(MK4)[0]) in Reported("4.66").interval
    assert float(hedges_g(MK4)[0]) in Reported("4.611").interval
    ratio = ratio_of_means(MK4)
    assert float(ratio.estimate[0]) in Reported("3.4553").interval
    assert float(ratio.low[0]) in Reported("2.9973").interval
    assert float(ratio.high[0]) in Reported("3.9833").interval


def test_lasemi_2018_with_the_spread_as_standard_error() -> None:
    printed = PrintedTwoMeans(
        Reported("812"), Reported("154"), 29, Reported("235"), Reported("100"), 45
    )
    means = as_two_means(printed, "se")
    assert float(means.sd1[0]) in Reported("829").interval
    assert float(means.sd2[0]) in Reported("671").interval
    # SDs larger than the means, and a difference still far from zero
    assert float(welch(means).p[0]) == pytest.approx(
        stats.ttest_ind_from_stats(
            812, means.sd1[0], 29, 235, means.sd2[0], 45, equal_var=False
        ).pvalue,
        rel=1e-12,
    )


@given(summaries(), st.sampled_from(["student", "welch"]))
def test_scipy_agrees(means: TwoMeans, name: str) -> None:
    result = MEANS_TESTS[name].function(means)
    with np.errstate(all="ignore"):
        right = stats.ttest_ind_from_stats(
            means.mean1,
            means.sd1,
            means.n1.astype(int),
            means.mean2,
            means.sd2,
            means.n2.astype(int),
            equal_var=name == "student",
        )
    np.testing.assert_allclose(result.statistic, right.statistic, rtol=1e-9)
    np.testing.assert_allclose(result.p, right.pvalue, rtol=1e-7, atol=1e-300)


@given(summaries(), st.floats(-100, 100), st.floats(0.01, 100))
def test_shift_and_scale_leave_p(means: TwoMeans, shift: float, scale: float) -> None:
    moved = TwoMeans(
        (means.mean1 + shift) * scale,
        means.sd1 * scale,
        means.n1,
        (means.mean2 + shift) * scale,
        means.sd2 * scale,
        means.n2,
    )
    for entry in MEANS_TESTS.entries():
        here, there = entry.function(means), entry.function(moved)
        size = np.maximum(np.abs(here.statistic), 1.0)
        np.testing.assert_allclose(
            here.statistic / size, there.statistic / size, atol=1e-6
        )


@given(summaries())
def test_swapping_groups_changes_only_the_sign(means: TwoMeans) -> None:
    swapped = TwoMeans(
        means.mean2, means.sd2, means.n2, means.mean1, means.sd1, means.n1
    )
    for entry in MEANS_TESTS.entries():
        here, there = entry.function(means), entry.function(swapped)
        np.testing.assert_allclose(here.statistic, -there.statistic, rtol=1e-12)
        np.testing.assert_allclose(here.p, there.p, rtol=1e-9)


@given(summaries())
def test_equal_sizes_give_equal_statistics(means: TwoMeans) -> None:
    equal = TwoMeans(means.mean1, means.sd1, means.n1, means.mean2, means.sd2, means.n1)
    found = [e.function(equal).statistic for e in MEANS_TESTS.entries()]
    np.testing.assert_allclose(found, np.broadcast_to(found[0], (3, 1)), rtol=1e-12)
    assert satterthwaite_df(equal)[0] <= student(equal).df + 1e-9


@given(summaries())
def test_satterthwaite_lies_between_its_bounds(means: TwoMeans) -> None:
    df = satterthwaite_df(means)[0]
    assert df >= min(means.n1[0], means.n2[0]) - 1 - 1e-9
    assert df <= means.n1[0] + means.n2[0] - 2 + 1e-9


@given(summaries(), st.sampled_from(["z", "student", "welch"]), st.floats(0.5, 0.999))
def test_interval_excludes_zero_where_p_is_below_alpha(
    means: TwoMeans, name: str, level: float
) -> None:
    p = float(MEANS_TESTS[name].function(means).p[0])
    interval = MD_INTERVALS[name].function(means, level)
    excludes = bool(interval.low[0] > 0 or interval.high[0] < 0)
    if abs(p - (1 - level)) > 1e-9:
        assert excludes is (p < 1 - level)


def test_equal_variance_peak_of_the_degrees_of_freedom() -> None:
    # most where sd1^2 / (n1 (n1 - 1)) = sd2^2 / (n2 (n2 - 1)): 1/6 = 1/6 and n = 3
    means = TwoMeans.from_summary(mean1=0, sd1=1, n1=3, mean2=0, sd2=2**0.5, n2=4)
    assert satterthwaite_df(means)[0] == pytest.approx(5.0)


def test_zero_spread_is_undefined() -> None:
    none = TwoMeans.from_summary(mean1=1, sd1=0, n1=5, mean2=2, sd2=0, n2=5)
    for entry in MEANS_TESTS.entries():
        assert np.isnan(entry.function(none).p).all()
    # one group without spread is not
    one = TwoMeans.from_summary(mean1=1, sd1=0, n1=5, mean2=2, sd2=1, n2=5)
    assert float(welch(one).p[0]) == pytest.approx(
        float(2 * stats.t.sf(np.sqrt(5), 4)), rel=1e-12
    )


def test_ratio_of_means_of_mixed_signs_is_undefined() -> None:
    mixed = TwoMeans.from_summary(
        mean1=[1, -1, 0], sd1=1, n1=9, mean2=[-2, -2, 2], sd2=1, n2=9
    )
    np.testing.assert_array_equal(
        np.isnan(ratio_of_means(mixed).low), [True, False, True]
    )


def test_batches_keep_their_shape() -> None:
    means = TwoMeans.from_summary(
        mean1=np.linspace(0, 1, 6).reshape(2, 1, 3),
        sd1=1,
        n1=[[10], [20]],
        mean2=0,
        sd2=2,
        n2=8,
    )
    for entry in MEANS_TESTS.entries():
        result = entry.function(means)
        assert result.p.shape == (2, 2, 3)
        assert result.log_p.shape == (2, 2, 3)
    for interval in MD_INTERVALS.entries():
        assert interval.function(means, 0.9).low.shape == (2, 2, 3)


def test_extreme_spreads_do_not_overflow() -> None:
    huge = TwoMeans.from_summary(mean1=1e200, sd1=1e150, n1=5, mean2=0, sd2=1e150, n2=5)
    assert satterthwaite_df(huge)[0] == pytest.approx(8.0)

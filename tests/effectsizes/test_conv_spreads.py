"""SDs from standard errors, intervals, quartiles, tests, and of changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats.effectsizes.conversions import (
    change_sd,
    change_sd_from_p,
    change_sd_from_t,
    correlation_from_sds,
    sd_from_ci,
    sd_from_iqr,
    sd_from_other_group,
    sd_from_p,
    sd_from_range,
    sd_from_se,
    sd_from_se_difference,
    sd_from_t,
)
from k2stats.errors import InvalidEvidenceError

SD = st.floats(0.01, 100.0)
N = st.integers(2, 400)


def test_handbook_examples() -> None:
    """Cochrane Handbook 6.5.2.2, 6.5.2.3 and 6.5.2.8: the worked examples.

    A mean's interval of 30.0 to 34.2 in 25 people has the divisor 2 x 2.0639; a
    difference of 3.8 with P = 0.008 in 25 and 22 people has t = 2.78; SDs of 6.4,
    7.1 and 4.5 have a correlation of 0.78.
    """
    sd = sd_from_ci(30.0, 34.2, 25)
    assert float(sd) == pytest.approx(5.0 * 4.2 / 4.128, abs=0.0005)
    # The page prints 4.69, from a t and an SE rounded to two decimals.
    t = 3.8 / (float(sd_from_p(3.8, 0.008, 25, 22)) * np.sqrt(1 / 25 + 1 / 22))
    assert t == pytest.approx(2.78, abs=0.005)
    assert float(sd_from_p(3.8, 0.008, 25, 22)) == pytest.approx(4.69, abs=0.02)
    assert float(correlation_from_sds(6.4, 7.1, 4.5)) == pytest.approx(0.78, abs=0.005)


@given(SD, N, st.floats(0.5, 0.999))
def test_interval_of_a_mean_and_back(sd: float, n: int, level: float) -> None:
    se = sd / np.sqrt(n)
    assert float(sd_from_se(se, n)) == pytest.approx(sd)
    for name, law in (("t", stats.t(n - 1)), ("z", stats.norm)):
        half = law.isf((1 - level) / 2) * se
        back = sd_from_ci(7 - half, 7 + half, n, level=level, distribution=name)
        assert float(back) == pytest.approx(sd, rel=1e-6)


@given(SD, N, N, st.floats(0.1, 8.0))
def test_difference_of_means_and_back(sd: float, n1: int, n2: int, t: float) -> None:
    se = sd * np.sqrt(1 / n1 + 1 / n2)
    assert float(sd_from_se_difference(se, n1, n2)) == pytest.approx(sd)
    assert float(sd_from_t(-t * se, t, n1, n2)) == pytest.approx(sd)
    p = 2 * stats.t.sf(t, n1 + n2 - 2)
    assert float(sd_from_p(t * se, p, n1, n2)) == pytest.approx(sd, rel=1e-8)


@given(SD, SD, N, N)
def test_the_other_groups_sd(sd1: float, sd2: float, n1: int, n2: int) -> None:
    se = np.hypot(sd1 / np.sqrt(n1), sd2 / np.sqrt(n2))
    pooled2 = ((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2)
    se_pooled = np.sqrt(pooled2 * (1 / n1 + 1 / n2))
    if sd1 > 0.05 * sd2:
        one = sd_from_other_group(se, sd2, n1, n2)
        other = sd_from_other_group(se_pooled, sd2, n1, n2, pooled=True)
        assert float(one) == pytest.approx(sd1, rel=1e-6)
        assert float(other) == pytest.approx(sd1, rel=1e-6)


@given(SD, SD, st.floats(-1.0, 1.0))
def test_change_and_correlation_and_back(a: float, b: float, r: float) -> None:
    change = float(change_sd(a, b, r))
    assert abs(a - b) * (1 - 1e-12) <= change <= (a + b) * (1 + 1e-12)
    assert float(correlation_from_sds(a, b, change)) == pytest.approx(
        r, abs=1e-9 * (1 + max(a / b, b / a))
    )


def test_change_of_data() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(5.0, 2.0, 30)
    y = x + rng.normal(1.0, 1.0, 30)
    change = y - x
    sd = change.std(ddof=1)
    r = np.corrcoef(x, y)[0, 1]
    assert float(change_sd(x.std(ddof=1), y.std(ddof=1), r)) == pytest.approx(sd)
    t, p = stats.ttest_rel(y, x)
    assert float(change_sd_from_t(change.mean(), t, 30)) == pytest.approx(sd)
    assert float(change_sd_from_p(change.mean(), p, 30)) == pytest.approx(sd, rel=1e-9)


def test_quartiles_and_range_of_normal_data() -> None:
    """Mean of 20,000 simulated samples within 1% of the SD (n = 4Q + 1)."""
    rng = np.random.default_rng(4)
    for n in (21, 101):
        x = np.sort(rng.normal(0.0, 3.0, (20_000, n)), axis=1)
        quarter = (n - 1) // 4
        iqr = sd_from_iqr(x[:, quarter], x[:, 3 * quarter], n)
        span = sd_from_range(x[:, 0], x[:, -1], n)
        assert float(iqr.mean()) == pytest.approx(3.0, abs=0.03)
        assert float(span.mean()) == pytest.approx(3.0, abs=0.03)
    large = float(sd_from_iqr(-1.0, 1.0, 1e9))
    assert large == pytest.approx(float(sd_from_iqr(-1.0, 1.0)), rel=1e-8)


@given(st.floats(0.1, 10.0), st.floats(0.01, 100.0))
def test_units(gap: float, scale: float) -> None:
    def all_of(u: float) -> list[float]:
        return [
            float(sd_from_ci(0.0, gap * u, 20)),
            float(sd_from_iqr(0.0, gap * u, 20)),
            float(sd_from_range(0.0, gap * u, 20)),
            float(sd_from_p(gap * u, 0.03, 10, 12)),
        ]

    expect = [x * scale for x in all_of(1.0)]
    assert all_of(scale) == pytest.approx(expect, rel=1e-9)


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"se must be at least 0.*\[1\]"):
        sd_from_se([1.0, -1.0], 10)
    with pytest.raises(InvalidEvidenceError, match="n must be at least 2"):
        sd_from_ci(0.0, 1.0, 1)
    with pytest.raises(InvalidEvidenceError, match="distribution must be one of t, z"):
        sd_from_ci(0.0, 1.0, 10, distribution="normal")
    with pytest.raises(InvalidEvidenceError, match="high must be at least low"):
        sd_from_ci(1.0, 0.0, 10)
    with pytest.raises(InvalidEvidenceError, match="q3 must be at least q1"):
        sd_from_iqr(1.0, 0.0)
    with pytest.raises(InvalidEvidenceError, match="maximum must be at least minimum"):
        sd_from_range(1.0, 0.0, 10)
    with pytest.raises(InvalidEvidenceError, match="t must be other than 0"):
        sd_from_t(1.0, 0.0, 10, 10)
    with pytest.raises(InvalidEvidenceError, match="difference must be other than 0"):
        sd_from_p(0.0, 0.5, 10, 10)
    with pytest.raises(InvalidEvidenceError, match="p must be above 0 and below 1"):
        sd_from_p(1.0, 1.0, 10, 10)
    with pytest.raises(InvalidEvidenceError, match=r"sd2 must be small enough.*\[0\]"):
        sd_from_other_group(1.0, 10.0, 20, 20)
    with pytest.raises(
        InvalidEvidenceError, match=r"sd_change must be between \|sd_be"
    ):
        correlation_from_sds(1.0, 1.0, 2.5)
    with pytest.raises(InvalidEvidenceError, match="r must be between -1 and 1"):
        change_sd(1.0, 1.0, 1.1)
    with pytest.raises(InvalidEvidenceError, match="mean_change must be other than 0"):
        change_sd_from_p(0.0, 0.5, 10)
    with pytest.raises(InvalidEvidenceError, match="t must be other than 0"):
        change_sd_from_t(1.0, 0.0, 10)

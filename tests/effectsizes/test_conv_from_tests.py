"""SMDs, correlations and odds ratios from test statistics."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats.effectsizes.conversions import (
    chi2_from_yates,
    correlation_from_f,
    correlation_from_p,
    correlation_from_t,
    correlation_from_z,
    partial_correlation_from_t,
    peto_from_chi2,
    phi_from_chi2,
    semipartial_correlation_from_t,
    smcc_from_t,
    smd_from_f,
    smd_from_p,
    smd_from_t,
    variance_from_statistic,
    yates_from_chi2,
)
from k2stats.errors import InvalidEvidenceError


def test_reference_figures() -> None:
    """Reference cases escalc_smd: metafor 5.1-12, from t and from p."""
    g, v = smd_from_t(2.8, 20, 30)
    assert [float(g), float(v)] == pytest.approx([0.7955835884, 0.0896628658], abs=1e-8)
    g, v = smd_from_p(0.018, 100, 150)
    assert [float(g), float(v)] == pytest.approx([0.306512781, 0.0168545668], abs=1e-8)


def test_regression_correlations_against_metafor_3_8() -> None:
    """Printed by metafor 3.8-1: PCOR and SPCOR with t = 3, n = 31, m = 3, R2 = .4."""
    r, v = partial_correlation_from_t(3, 31, 3)
    assert [float(r), float(v)] == pytest.approx([0.5, 0.0208], abs=5e-5)
    r, v = semipartial_correlation_from_t(3, 31, 3, 0.4)
    assert [float(r), float(v)] == pytest.approx([0.4472, 0.0168], abs=5e-5)


def test_smd_is_the_one_of_the_data() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(1.0, 2.0, 17), rng.normal(0.0, 2.0, 23)
    t, p = stats.ttest_ind(x, y)
    pooled = np.sqrt((16 * x.var(ddof=1) + 22 * y.var(ddof=1)) / 38)
    d = (x.mean() - y.mean()) / pooled
    from_t = smd_from_t(t, 17, 23, correct=False)
    from_p = smd_from_p(p, 17, 23, sign=np.sign(d), correct=False)
    from_f = smd_from_f(t**2, 17, 23, sign=np.sign(d), correct=False)
    for e in (from_t, from_p, from_f):
        assert float(e.y) == pytest.approx(d, rel=1e-10)
    change = smcc_from_t(stats.ttest_1samp(x, 0.0).statistic, 17, correct=False)
    assert float(change.y) == pytest.approx(x.mean() / x.std(ddof=1), rel=1e-12)


def test_correlation_is_the_one_of_the_data() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=40)
    y = 0.4 * x + rng.normal(size=40)
    r, p = stats.pearsonr(x, y)
    t = r * np.sqrt(38 / (1 - r * r))
    assert float(correlation_from_t(t, 40).y) == pytest.approx(r, rel=1e-12)
    assert float(correlation_from_f(t * t, 40).y) == pytest.approx(r, rel=1e-12)
    assert float(correlation_from_p(p, 40).y) == pytest.approx(r, rel=1e-9)
    assert float(correlation_from_t(t, 40).v) == pytest.approx((1 - r * r) ** 2 / 39)


def test_regression_t_gives_the_partial_correlations_of_the_data() -> None:
    rng = np.random.default_rng(7)
    n = 60
    design = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])
    y = design @ [0.0, 0.5, -0.3, 0.2] + rng.normal(size=n)

    def residuals(columns: list[int], of: np.ndarray) -> np.ndarray:
        part = design[:, columns]
        return np.asarray(of - part @ np.linalg.lstsq(part, of, rcond=None)[0])

    left = residuals([0, 2, 3], design[:, 1])
    error = residuals([0, 1, 2, 3], y)
    sigma2 = error @ error / (n - 4)
    beta = left @ y / (left @ left)
    t = beta / np.sqrt(sigma2 / (left @ left))
    partial = np.corrcoef(left, residuals([0, 2, 3], y))[0, 1]
    r2 = 1 - error @ error / np.square(y - y.mean()).sum()
    assert float(partial_correlation_from_t(t, n, 3).y) == pytest.approx(partial)
    assert float(semipartial_correlation_from_t(t, n, 3, r2).y) == pytest.approx(
        np.corrcoef(left, y)[0, 1]
    )


TABLE = st.tuples(*(st.integers(0, 60) for _ in range(4)))


@given(TABLE)
@settings(deadline=None)
def test_yates_and_back_and_scipy(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    assume(min(a + b, c + d, a + c, b + d) > 0)
    margins = (a + b, c + d, a + c)
    plain = stats.chi2_contingency([[a, b], [c, d]], correction=False).statistic
    total = a + b + c + d
    product = (a + b) * (c + d) * (a + c) * (b + d)
    gap = max(abs(a * d - b * c) - total / 2, 0)
    corrected = total * gap**2 / product
    assert float(yates_from_chi2(plain, *margins)) == pytest.approx(
        corrected, rel=1e-8, abs=1e-9
    )
    assume(corrected > 1e-6)
    assert float(chi2_from_yates(corrected, *margins)) == pytest.approx(plain, rel=1e-9)
    sign = 1 if a * d > b * c else -1
    phi = (a * d - b * c) / np.sqrt(product)
    assert float(phi_from_chi2(plain, total, sign=sign)) == pytest.approx(phi)
    variance = product / (total**2 * (total - 1))
    o_minus_e = a - (a + b) * (a + c) / total
    for value, yates in ((plain, False), (corrected, True)):
        y, v = peto_from_chi2(value, *margins, yates=yates, sign=sign)
        assert float(y) == pytest.approx(o_minus_e / variance, rel=1e-8)
        assert float(v) == pytest.approx(1 / variance, rel=1e-10)


@given(st.floats(-20, 20), st.integers(3, 500), st.integers(3, 500))
def test_swapping_groups_turns_the_sign(t: float, n1: int, n2: int) -> None:
    one, other = smd_from_t(t, n1, n2), smd_from_t(-t, n2, n1)
    assert float(one.y) == -float(other.y)
    assert float(one.v) == float(other.v)


def test_correlation_from_z_and_variance_from_statistic() -> None:
    assert float(correlation_from_z(-4.0, 64).y) == -0.5
    # A statistic printed as its size serves an effect below 0 as well.
    v = variance_from_statistic([-0.5, -0.5], [-2.5, 2.5])
    assert v == pytest.approx([0.04, 0.04])


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"n1 \+ n2 must be at least 4"):
        smd_from_t(2.0, 1, 2)
    with pytest.raises(InvalidEvidenceError, match=r"chi2 must be above 0 to be inver"):
        chi2_from_yates(0.0, 10, 10, 5)
    with pytest.raises(InvalidEvidenceError, match=r"events must be above 0 and below"):
        yates_from_chi2(1.0, 10, 10, 20)
    with pytest.raises(InvalidEvidenceError, match=r"chi2 must be at most n.*\[1\]"):
        phi_from_chi2([1.0, 50.0], 40)
    with pytest.raises(InvalidEvidenceError, match=r"n must be above predictors \+ 1"):
        partial_correlation_from_t(2.0, 4, 3)
    with pytest.raises(InvalidEvidenceError, match="share of variance is at most r2"):
        semipartial_correlation_from_t(9.0, 31, 3, 0.4)
    with pytest.raises(InvalidEvidenceError, match="at most the square root of n"):
        correlation_from_z(6.0, 25)
    with pytest.raises(InvalidEvidenceError, match="statistic must be other than 0"):
        variance_from_statistic(0.5, 0.0)
    with pytest.raises(InvalidEvidenceError, match="sign of the effect"):
        variance_from_statistic(0.5, -2.0)
    with pytest.raises(InvalidEvidenceError, match="yates must be True or False"):
        peto_from_chi2(1.0, 5, 5, 5, yates=1)  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match=r"t, n1, n2 must be of one length"):
        smd_from_t([1.0, 2.0, 3.0], [10, 20], 30)
    with pytest.raises(InvalidEvidenceError, match="t must be numeric"):
        smd_from_t("2.8", 20, 30)

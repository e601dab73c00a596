import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats._typing import Floats
from k2stats.numerics.quadratic_forms import chi2_mixture_p, log_chi2_mixture_p


@pytest.mark.parametrize("df", [1, 2, 3, 10, 100, 1000, 10_000])
@pytest.mark.parametrize("p", [1e-300, 1e-12, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-9])
def test_equal_weights_are_chi_squared(df: int, p: float) -> None:
    x = np.array(stats.chi2.isf(p, df))
    w, nu = np.array([2.0]), np.array([float(df)])
    upper = log_chi2_mixture_p(2.0 * x, w, nu)
    lower = log_chi2_mixture_p(2.0 * x, w, nu, lower=True)
    assert upper == pytest.approx(stats.chi2.logsf(x, df), rel=2e-11, abs=1e-300)
    assert lower == pytest.approx(stats.chi2.logcdf(x, df), rel=2e-11, abs=1e-300)


@pytest.mark.parametrize("df", [1, 2, 5, 50])
@pytest.mark.parametrize("noncentrality", [0.1, 1.0, 10.0, 300.0])
@pytest.mark.parametrize("p", [1e-10, 0.001, 0.5, 0.999])
def test_one_noncentral_term(df: int, noncentrality: float, p: float) -> None:
    x = stats.ncx2.isf(p, df, noncentrality)
    got = chi2_mixture_p(
        np.array(x), np.ones(1), np.array([float(df)]), np.array([noncentrality])
    )
    expected = stats.ncx2.sf(x, df, noncentrality)
    assert got == pytest.approx(expected, rel=1e-9)


def imhof(x: float, weights: list[float]) -> float:
    """Imhof's (1961) integral at twenty digits."""
    with mpmath.workdps(20):
        lam = [mpmath.mpf(w) for w in weights]

        def integrand(u: mpmath.mpf) -> mpmath.mpf:
            angle = sum(mpmath.atan(w * u) for w in lam) / 2 - x * u / 2
            size = mpmath.fprod((1 + (w * u) ** 2) ** mpmath.mpf("0.25") for w in lam)
            return mpmath.sin(angle) / (u * size)

        area = mpmath.quadosc(integrand, [0, mpmath.inf], omega=mpmath.mpf(x) / 2)
        return float(mpmath.mpf("0.5") + area / mpmath.pi)


@pytest.mark.parametrize(
    ("x", "weights"),
    [
        (1.0, [0.6, 0.3, 0.1]),  # the first form of Imhof's table 1
        (20.0, [3.0, 2.0, 1.0]),
        (2.0, [0.9, 0.05, 0.05]),
    ],
)
def test_imhofs_integral(x: float, weights: list[float]) -> None:
    got = chi2_mixture_p(np.array(x), np.array(weights))
    assert got == pytest.approx(imhof(x, weights), rel=1e-12)


@pytest.mark.parametrize(("x", "tail"), [(0.1, 0.9458), (0.7, 0.5064), (2.0, 0.1240)])
def test_imhof_1961_table_1(x: float, tail: float) -> None:
    # Q1 = 0.6, 0.3, 0.1 with one degree of freedom each.
    got = float(chi2_mixture_p(np.array(x), np.array([0.6, 0.3, 0.1])))
    assert abs(got - tail) <= 0.5e-4


@pytest.mark.parametrize("x", [0.01, 1.0, 5.0, 50.0, 900.0])
def test_pairs_are_sums_of_exponentials(x: float) -> None:
    # With two degrees of freedom each: sum of exponentials, a sum in closed form.
    scale = 2.0 * np.array([0.2, 0.7, 1.5])
    parts = [
        np.prod([s / (s - t) for t in scale if t != s]) * np.exp(-x / s) for s in scale
    ]
    got = chi2_mixture_p(np.array(x), scale / 2.0, np.full(3, 2.0))
    assert got == pytest.approx(float(np.sum(parts)), rel=1e-11)


def test_far_tails_keep_their_relative_accuracy() -> None:
    # Two degrees of freedom for the largest weight: P = C exp(-x / 2) far out, with
    # C = prod_j (1 - w_j)^(-1/2).
    w, nu = np.array([1.0, 0.5, 0.25]), np.array([2.0, 1.0, 1.0])
    log_c = -0.5 * np.log(0.5) - 0.5 * np.log(0.75)
    got = log_chi2_mixture_p(np.array(3000.0), w, nu)
    assert got == pytest.approx(-1500.0 + log_c, rel=1e-14)


def test_edges() -> None:
    w = np.array([1.0, 0.0])
    assert chi2_mixture_p(np.array(0.0), w) == 1.0
    assert chi2_mixture_p(np.array(-1.0), w, lower=True) == 0.0
    assert chi2_mixture_p(np.array(np.inf), w) == 0.0
    assert chi2_mixture_p(np.array(3.0), np.zeros(2)) == 0.0
    assert np.isnan(chi2_mixture_p(np.array(np.nan), w))
    assert chi2_mixture_p(np.array(3.0), w) == pytest.approx(
        float(stats.chi2.sf(3.0, 1)), rel=1e-13
    )


weights = st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=6).map(np.array)


@settings(max_examples=60, deadline=None)
@given(w=weights, share=st.floats(0.01, 20.0), by=st.floats(1e-8, 1e8))
def test_scale_order_and_both_tails(w: Floats, share: float, by: float) -> None:
    x = np.array(share * w.sum())
    upper = chi2_mixture_p(x, w)
    assert chi2_mixture_p(x * by, w * by) == pytest.approx(float(upper), rel=1e-9)
    assert chi2_mixture_p(x, w[::-1]) == pytest.approx(float(upper), rel=1e-12)
    assert upper + chi2_mixture_p(x, w, lower=True) == pytest.approx(1.0, abs=1e-13)


@settings(max_examples=40, deadline=None)
@given(w=weights, share=st.floats(0.05, 8.0))
def test_splitting_degrees_of_freedom_changes_nothing(w: Floats, share: float) -> None:
    x = np.array(3.0 * share * w.sum())
    together = log_chi2_mixture_p(x, w, np.full(w.size, 3.0))
    apart = log_chi2_mixture_p(x, np.repeat(w, 3))
    assert together == pytest.approx(float(apart), rel=1e-11, abs=1e-13)


def test_a_batch_is_its_elements_one_by_one() -> None:
    rng = np.random.default_rng(5)
    w, x = rng.uniform(size=(3, 2, 4)), rng.uniform(0.1, 9.0, (3, 2))
    batch = chi2_mixture_p(x, w)
    for i in np.ndindex(3, 2):
        one = float(chi2_mixture_p(x[i], w[i]))
        assert batch[i] == pytest.approx(one, rel=1e-13)

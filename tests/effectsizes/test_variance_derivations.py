"""Variances derived anew: delta method by differences, exact moments, quadrature."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, special, stats

from k2stats.effectsizes import (
    ChangeMeans,
    Determination,
    RegressionTest,
    Superiority,
)
from k2stats.effectsizes.compute import measures_of
from k2stats.evidence import TwoMeans

Moments = np.ndarray
"""Means and variances (not SDs), in one row."""


def gradient(f: Callable[[Moments], float], at: Moments) -> Moments:
    """Central differences, extrapolated once: errors of order h^4."""

    def slope(i: int, h: float) -> float:
        step = np.zeros_like(at)
        step[i] = h * abs(at[i])
        return (f(at + step) - f(at - step)) / (2 * float(step[i]))

    return np.array([(4 * slope(i, 5e-4) - slope(i, 1e-3)) / 3 for i in range(at.size)])


N1, N2, PAIRS, R = 12, 17, 14, 0.35


def of_two(code: str, vtype: str = "LS") -> tuple[Callable[[Moments], float], float]:
    """Effect as a function of the moments, and the variance at TWO."""

    def made(x: Moments) -> TwoMeans:
        return TwoMeans.from_summary(
            mean1=x[0], sd1=np.sqrt(x[2]), n1=N1, mean2=x[1], sd2=np.sqrt(x[3]), n2=N2
        )

    def effect(x: Moments) -> float:
        return float(measures_of(made(x), code, correct=False).y[0])

    es = measures_of(made(TWO), code, vtype=vtype, correct=False)
    return effect, float(es.v[0])


TWO = np.array([6.0, 5.0, 2.5, 1.7])


def spread_of_two(less: float) -> np.ndarray:
    """Covariance of the moments of two normal samples; means divided by n - less."""
    w1, w2 = TWO[2], TWO[3]
    means = (w1 / (N1 - less), w2 / (N2 - less))
    return np.diag((*means, 2 * w1**2 / (N1 - 1), 2 * w2**2 / (N2 - 1)))


@pytest.mark.parametrize(
    ("code", "less"),
    [
        ("MD", 0),
        ("ROM", 0),
        ("VR", 0),
        ("CVR", 0),
        ("SMDH", 1),
        ("SMD1H", 1),
        ("CLESN", 1),
    ],
)
def test_two_groups_by_the_delta_method(code: str, less: int) -> None:
    effect, v = of_two(code)
    g = gradient(effect, TWO)
    np.testing.assert_allclose(v, g @ spread_of_two(less) @ g, rtol=1e-8)


@pytest.mark.parametrize(("code", "vtype"), [("SMD", "LS"), ("CLESN", "HO")])
def test_one_variance_by_the_delta_method(code: str, vtype: str) -> None:
    # The moments are the difference and the one variance, whose estimate is taken to
    # have the relative variance 2/N.
    def made(x: Moments) -> TwoMeans:
        sd = np.sqrt(x[1])
        return TwoMeans.from_summary(mean1=x[0], sd1=sd, n1=N1, mean2=0, sd2=sd, n2=N2)

    def effect(x: Moments) -> float:
        return float(measures_of(made(x), code, correct=False).y[0])

    at = np.array([1.3, 2.2])
    g = gradient(effect, at)
    spread = np.diag([at[1] * (1 / N1 + 1 / N2), 2 * at[1] ** 2 / (N1 + N2)])
    es = measures_of(made(at), code, vtype=vtype, correct=False)
    np.testing.assert_allclose(es.v[0], g @ spread @ g, rtol=1e-8)


PAIR = np.array([6.0, 5.0, 2.5, 1.7])


def pair(x: Moments) -> ChangeMeans:
    return ChangeMeans.from_arrays(
        mean1=x[0], mean2=x[1], sd1=np.sqrt(x[2]), sd2=np.sqrt(x[3]), n=PAIRS, r=R
    )


@pytest.mark.parametrize(
    ("code", "less"),
    [
        ("MC", 0),
        ("ROMC", 0),
        ("VRC", 0),
        ("CVRC", 0),
        ("SMCRH", 1),
        ("SMCRPH", 1),
        ("AUCCN", 1),
    ],
)
def test_pairs_by_the_delta_method(code: str, less: int) -> None:
    # Moments of bivariate normal pairs: cov(s1^2, s2^2) = 2 (r s1 s2)^2/(n - 1).
    def effect(x: Moments) -> float:
        return float(measures_of(pair(x), code, correct=False).y[0])

    w1, w2 = PAIR[2:]
    both = R * np.sqrt(w1 * w2)
    spread = np.zeros((4, 4))
    spread[:2, :2] = np.array([[w1, both], [both, w2]]) / (PAIRS - less)
    spread[2:, 2:] = 2 * np.array([[w1**2, both**2], [both**2, w2**2]]) / (PAIRS - 1)
    g = gradient(effect, PAIR)
    v = measures_of(pair(PAIR), code, correct=False).v[0]
    np.testing.assert_allclose(v, g @ spread @ g, rtol=1e-8)


@pytest.mark.parametrize(("code", "less"), [("SMCC", 0), ("CLESCN", 1)])
def test_change_scores_by_the_delta_method(code: str, less: int) -> None:
    # Without a spread of the second measurement the change has the SD of the first.
    def made(x: Moments) -> ChangeMeans:
        return ChangeMeans.from_arrays(
            mean1=x[0], mean2=0, sd1=np.sqrt(x[1]), sd2=0, n=PAIRS, r=0
        )

    def effect(x: Moments) -> float:
        return float(measures_of(made(x), code, correct=False).y[0])

    at = np.array([0.9, 2.2])
    g = gradient(effect, at)
    spread = np.diag([at[1] / (PAIRS - less), 2 * at[1] ** 2 / (PAIRS - less)])
    v = measures_of(made(at), code, correct=False).v[0]
    np.testing.assert_allclose(v, g @ spread @ g, rtol=1e-8)


@pytest.mark.parametrize("code", ["CLESCN", "AUCCN", "CLESN"])
@pytest.mark.parametrize("z", [-1.5, 0.2, 0.9])
def test_superiority_is_the_probability_it_is_called(code: str, z: float) -> None:
    # P(X > Y) by integration over Y, of means z and 0 and SDs 1.2 and 0.7.
    s1, s2 = 1.2, 0.7
    r = 0.4 if code == "CLESCN" else 0.0  # between people nothing correlates
    slope, rest = r * s1 / s2, s1 * np.sqrt(1 - r * r)

    def above(y: float) -> float:
        return float(
            special.ndtr((z + slope * y - y) / rest) * stats.norm.pdf(y, scale=s2)
        )

    want = integrate.quad(above, -9, 9, epsabs=1e-13)[0]
    given: TwoMeans | ChangeMeans
    if code == "CLESN":
        given = TwoMeans.from_summary(mean1=z, sd1=s1, n1=9, mean2=0, sd2=s2, n2=9)
    else:
        given = ChangeMeans.from_arrays(mean1=z, sd1=s1, mean2=0, sd2=s2, n=9, r=r)
    np.testing.assert_allclose(measures_of(given, code).y[0], want, rtol=1e-10)


def test_averages_of_the_log_ratio_of_means_by_hand() -> None:
    # Coefficients of variation 1/2 and 1/4 in group 1, 1/5 and 2/5 in group 2.
    t = TwoMeans.from_summary(
        mean1=[4, 8], sd1=[2, 2], n1=[10, 30], mean2=[5, 5], sd2=[1, 2], n2=[20, 40]
    )
    first = (Fraction(10, 2) + Fraction(30, 4)) / 40
    second = (Fraction(20, 5) + Fraction(80, 5)) / 60
    both = (first * 40 + second * 60) / 100
    want = [first**2 / n1 + second**2 / n2 for n1, n2 in ((10, 20), (30, 40))]
    es = measures_of(t, "ROM", vtype="AV")
    np.testing.assert_allclose(es.v, [float(x) for x in want], rtol=1e-14)
    want = [
        both**2 * (Fraction(1, a) + Fraction(1, b)) for a, b in ((10, 20), (30, 40))
    ]
    es = measures_of(t, "ROM", vtype="AVHO")
    np.testing.assert_allclose(es.v, [float(x) for x in want], rtol=1e-14)


def test_without_an_average_there_is_no_effect() -> None:
    # A mean of 0 has no coefficient of variation, and so no average of all has.
    t = TwoMeans.from_summary(
        mean1=[4, 0], sd1=[2, 2], n1=10, mean2=[5, 5], sd2=[1, 2], n2=20
    )
    for vtype in ("AV", "AVHO"):
        es = measures_of(t, "ROM", vtype=vtype)
        assert np.isnan(es.y).all()
        assert np.isnan(es.v).all()


def mann_whitney(a: float, q1: float, q2: float, n1: int, n2: int) -> float:
    """Exact variance of U/(n1 n2): two persons of a group share one of the other."""
    q1, q2 = q1 - a * a, q2 - a * a
    return (a * (1 - a) + (n1 - 1) * q1 + (n2 - 1) * q2) / (n1 * n2)


@pytest.mark.parametrize("area", [0.3, 0.5, 0.893])
def test_area_of_exponentials(area: float) -> None:
    # Y of rate 1, X of rate (1 - A)/A; both X above Y, X above both Y, by quadrature.
    rate = (1 - area) / area
    q1 = integrate.quad(lambda y: np.exp(-2 * rate * y - y), 0, np.inf)[0]
    q2 = integrate.quad(
        lambda x: rate * np.exp(-rate * x) * (1 - np.exp(-x)) ** 2, 0, np.inf
    )[0]
    given = Superiority.from_arrays(auc=area, n1=51, n2=58)
    for code in ("AUC", "CLES"):
        np.testing.assert_allclose(
            measures_of(given, code).v[0],
            mann_whitney(area, q1, q2, 51, 58),
            rtol=1e-9,
        )
        # Newcombe's modification: both sizes less 1 become N/2 - 1.
        want = (area * (1 - area) + (54.5 - 1) * (q1 + q2 - 2 * area**2)) / (51 * 58)
        np.testing.assert_allclose(
            measures_of(given, code, vtype="LS2").v[0], want, rtol=1e-9
        )


def test_modified_area_is_symmetric_and_agrees_for_equal_groups() -> None:
    area = np.array([0.1, 0.42, 0.8])
    one = Superiority.from_arrays(auc=area, n1=30, n2=45)
    other = Superiority.from_arrays(auc=1 - area, n1=30, n2=45)
    np.testing.assert_allclose(
        measures_of(one, "AUC", vtype="LS2").v,
        measures_of(other, "AUC", vtype="LS2").v,
        rtol=1e-13,
    )
    assert not np.allclose(measures_of(one, "AUC").v, measures_of(other, "AUC").v)
    even = Superiority.from_arrays(auc=area, n1=30, n2=30)
    np.testing.assert_allclose(
        measures_of(even, "AUC", vtype="LS2").v, measures_of(even, "AUC").v, rtol=1e-13
    )


def test_binormal_area_is_that_of_normal_outcomes_with_one_variance() -> None:
    t = TwoMeans.from_summary(mean1=7, sd1=2, n1=30, mean2=5.5, sd2=2, n2=45)
    normal = measures_of(t, "CLESN", vtype="HO")
    given = Superiority.from_arrays(auc=normal.y, n1=30, n2=45)
    for code in ("AUC", "CLES"):
        np.testing.assert_allclose(
            measures_of(given, code, vtype="LS3").v, normal.v, rtol=1e-12
        )


def test_largest_variance_of_the_area_is_reached_and_not_exceeded() -> None:
    rng = np.random.default_rng(5)
    for _ in range(300):
        n1, n2 = (int(n) for n in rng.integers(1, 40, 2))
        # X and Y on points that take turns, so that there are no ties.
        x, y = rng.dirichlet(np.full(5, 0.3), 2)
        below = np.concatenate([[0.0], np.cumsum(y)[:-1]])  # of Y below each X
        above = np.cumsum(x[::-1])[::-1] - x  # of X above each Y
        area = float(x @ below)
        v = mann_whitney(area, float(y @ above**2), float(x @ below**2), n1, n2)
        given = Superiority.from_arrays(auc=min(area, 1.0), n1=n1, n2=n2)
        most = measures_of(given, "AUC", vtype="MAX").v[0]
        assert v <= most * (1 + 1e-9) + 1e-12
    # Everyone of the larger group alike: the area is a proportion of the smaller one.
    reached = mann_whitney(0.7, 0.7**2, 0.7, 20, 35)
    given = Superiority.from_arrays(auc=0.7, n1=20, n2=35)
    np.testing.assert_allclose(
        measures_of(given, "AUC", vtype="MAX").v[0], reached, rtol=1e-13
    )


def fixed_moments(r2: float, n: int, m: int) -> tuple[float, float]:
    """Exact mean and variance of R-squared with fixed predictors, by series.

    Given j, Poisson of mean lambda/2, R-squared is beta((m + 2 j)/2, (n - m - 1)/2).
    """
    half = 0.5 * n * r2 / (1 - r2)
    j = np.arange(0, int(half + 12 * np.sqrt(half) + 60))
    weight = stats.poisson.pmf(j, half)
    a, b = 0.5 * m + j, 0.5 * (n - m - 1)
    first = float(weight @ (a / (a + b)))
    second = float(weight @ (a * (a + 1) / ((a + b) * (a + b + 1))))
    return first, second - first**2


@pytest.mark.parametrize("r2", [0.1, 0.35, 0.8])
@pytest.mark.parametrize("m", [1, 4])
def test_r_squared_of_fixed_predictors_against_its_exact_variance(
    r2: float, m: int
) -> None:
    # n times the exact variance tends to n times the stated one, with error c/n.
    n = 4000
    one, two = (k * fixed_moments(r2, k, m)[1] for k in (n, 2 * n))
    limit = 2 * two - one
    given = Determination.from_arrays(r2=r2, n=n, predictors=m)
    np.testing.assert_allclose(measures_of(given, "R2F").v[0] * n, limit, rtol=2e-5)
    # On the transformed scale that is 1, whatever R-squared is.
    step = 1e-5
    y = [
        measures_of(Determination.from_arrays(r2=r2 + s, n=n, predictors=m), "ZR2F").y[
            0
        ]
        for s in (-step, step)
    ]
    slope = (y[1] - y[0]) / (2 * step)
    np.testing.assert_allclose(slope**2 * limit, 1.0, rtol=2e-5)
    np.testing.assert_allclose(measures_of(given, "ZR2F").v[0] * n, 1.0, rtol=1e-14)


@pytest.mark.parametrize("df", [4, 9, 30])
def test_partial_correlation_on_fishers_scale_without_association(df: int) -> None:
    # Without association z = atanh(r) has a density that goes as cosh(z)^-df and the
    # exact variance psi'(df/2)/2, which 1/(df - 1) = 1/(n - m - 2) approaches.
    def density(z: float) -> float:
        return float(np.cosh(z) ** -df)

    total = integrate.quad(density, -20, 20, points=[0])[0]
    second = integrate.quad(lambda z: z * z * density(z), -20, 20, points=[0])[0]
    exact = second / total
    np.testing.assert_allclose(exact, special.polygamma(1, df / 2) / 2, rtol=1e-7)
    m = 3
    given = RegressionTest.from_arrays(t=0.7, n=df + m + 1, predictors=m)
    stated = measures_of(given, "ZPCOR").v[0]
    assert stated == pytest.approx(1 / (df - 1), rel=1e-14)
    # Closer than the same with one degree of freedom more or less.
    for other in (1 / df, 1 / (df - 2)):
        assert abs(stated - exact) < abs(other - exact)

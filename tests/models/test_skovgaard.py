"""Skovgaard's r* against its definition, exact laws and brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.models import fit_arrays, meta_regression, pool
from models.pool_examples import bcg, sets

Z = float(special.ndtri(0.975))


def fitted(y: Floats, v: Floats, X: Floats | None = None) -> tuple[Floats, ...]:
    made = fit_arrays(y, v, X, tau2="ML", ci="skovgaard")
    return made.low, made.high, made.statistic


class Definition:
    """r* by its definition: covariances of numerical scores by exact quadrature.

    The log-likelihood and its numerical derivatives are all that is put in; the
    expectations under the fitted model are of polynomials of degree four in normal
    variables, which Gauss-Hermite rules of six nodes integrate exactly.
    """

    def __init__(self, y: Floats, v: Floats, X: Floats) -> None:
        self.y, self.v, self.X = y, v, X
        self.best = self._maximum(y, X)

    def log_likelihood(self, theta: Floats, y: Floats) -> Floats:
        total = self.v + theta[-1]
        e = y - self.X @ theta[:-1]
        return np.asarray(-0.5 * (np.log(total) + e * e / total).sum(axis=-1))

    def _maximum(self, y: Floats, X: Floats) -> Floats:
        """Coefficients and tau2 of the highest likelihood: a grid, then a search."""

        def at(t: float) -> tuple[float, Floats]:
            w = 1.0 / (self.v + t)
            beta = np.asarray(np.linalg.solve(X.T * w @ X, X.T * w @ y))
            e = y - X @ beta
            return float(0.5 * (np.log(w) - w * e * e).sum()), beta

        grid = np.concatenate([[0.0], np.geomspace(1e-5, 1e4, 2000)])
        i = int(np.argmax([at(t)[0] for t in grid]))
        t = 0.0
        if i > 0:
            found = optimize.minimize_scalar(
                lambda t: -at(t)[0],
                bounds=(grid[i - 1], grid[i + 1]),
                method="bounded",
                options={"xatol": 1e-12},
            )
            t = float(found.x)
        return np.append(at(t)[1], t)

    def score(self, theta: Floats, y: Floats) -> Floats:
        """Gradient by complex steps, exact to rounding, for rows of y."""
        columns = []
        for i in range(theta.size):
            step = theta.astype(complex)
            step[i] += 1e-30j
            total = self.v + step[-1]
            e = y - self.X @ step[:-1]
            value = -0.5 * (np.log(total) + e * e / total).sum(axis=-1)
            columns.append(value.imag / 1e-30)
        return np.stack(columns, axis=-1)

    def information(self, theta: Floats) -> Floats:
        """Observed information by central differences of the score."""
        rows = []
        for i in range(theta.size):
            step = np.zeros(theta.size)
            step[i] = 1e-5
            up, down = (self.score(theta + s * step, self.y) for s in (1.0, -1.0))
            rows.append((down - up) / 2e-5)
        return np.array(rows)

    def r_star(self, j: int, value: float) -> tuple[float, float]:
        """Return r and r* of the hypothesis that coefficient j has this value."""
        rest = [i for i in range(self.X.shape[1]) if i != j]
        held = self._maximum(self.y - self.X[:, j] * value, self.X[:, rest])
        tilde, hat = np.insert(held, j, value), self.best
        k = self.y.size
        nodes, weights = np.polynomial.hermite_e.hermegauss(6)
        z = np.array(list(product(nodes, repeat=k)))
        mass = np.prod(list(product(weights / weights.sum(), repeat=k)), axis=-1)
        y = self.X @ hat[:-1] + z * np.sqrt(self.v + hat[-1])
        one, two = self.score(hat, y), self.score(tilde, y)
        drop = self.log_likelihood(hat, y) - self.log_likelihood(tilde, y)

        def covariance(a: Floats, b: Floats) -> Floats:
            a, b = a - mass @ a, b - mass @ b
            return np.asarray((a * mass[:, np.newaxis]).T @ b)

        expected, cross = covariance(one, one), covariance(one, two)
        q = covariance(one, drop[:, np.newaxis])[:, 0]
        nuisance = [i for i in range(hat.size) if i != j]
        det = np.linalg.det
        u = (
            np.linalg.solve(cross, q)[j]
            * det(self.information(hat)) ** 0.5
            / det(expected)
            * det(cross)
            / det(self.information(tilde)[np.ix_(nuisance, nuisance)]) ** 0.5
        )
        observed = self.log_likelihood(hat, self.y[np.newaxis])[0]
        drop_here = observed - self.log_likelihood(tilde, self.y[np.newaxis])[0]
        r = np.sign(hat[j] - value) * np.sqrt(2.0 * drop_here)
        return float(r), float(r + np.log(u / r) / r)


@pytest.mark.parametrize(
    ("y", "v"),
    [
        ([0.1, 1.9, -1.2, 0.8], [0.3, 0.1, 0.5, 0.2]),
        ([2.1, 0.2, -1.6], [0.05, 0.4, 0.9]),
        ([0.4, 1.1, 3.0, -0.9, 2.2], [0.02, 0.02, 0.5, 0.1, 1.0]),
    ],
)
def test_as_defined_by_covariances_of_scores(y: list[float], v: list[float]) -> None:
    definition = Definition(np.array(y), np.array(v), np.ones((len(y), 1)))
    assert definition.best[-1] > 0.0
    low, high, statistic = fitted(np.array(y), np.array(v))
    assert definition.r_star(0, 0.0)[1] == pytest.approx(statistic[0], abs=1e-6)
    assert definition.r_star(0, float(low[0]))[1] == pytest.approx(Z, abs=1e-6)
    assert definition.r_star(0, float(high[0]))[1] == pytest.approx(-Z, abs=1e-6)


def test_as_defined_by_covariances_of_scores_with_a_moderator() -> None:
    y = np.array([0.4, 1.9, 0.3, 3.0, 1.0])
    v = np.array([0.1, 0.3, 0.05, 0.5, 0.2])
    X = np.column_stack([np.ones(5), [-1.0, 0.5, 0.0, 2.0, 1.0]])
    definition = Definition(y, v, X)
    assert definition.best[-1] > 0.0
    low, high, statistic = fitted(y, v, X)
    for j in (0, 1):
        r, r_star = definition.r_star(j, 0.0)
        assert abs(r - r_star) > 0.1
        assert r_star == pytest.approx(statistic[j], abs=1e-6)
        assert definition.r_star(j, float(low[j]))[1] == pytest.approx(Z, abs=1e-6)
        assert definition.r_star(j, float(high[j]))[1] == pytest.approx(-Z, abs=1e-6)


@pytest.mark.parametrize("k", [3, 5, 10, 30])
def test_with_equal_variances_it_is_that_of_a_normal_sample(k: int) -> None:
    # tau2 + v is then the variance of a sample of normals: with
    # s^2 = sum (y - ybar)^2 / K, r^2 = K log(1 + d^2 / s^2) and
    # u = K^(1/2) (d / s) / (1 + d^2 / s^2).
    y = np.random.default_rng(k).normal(0.7, 2.0, k)
    low, high, statistic = fitted(y, np.full(k, 0.05))
    ratio = float(y.mean() / y.std())
    r = np.sign(ratio) * np.sqrt(k * np.log1p(ratio**2))
    u = np.sqrt(k) * ratio / (1.0 + ratio**2)
    np.testing.assert_allclose(statistic, r + np.log(u / r) / r, rtol=1e-8)
    # Student's t is exact, and r* within order K^(-3/2) of it.
    exact = float(stats.t.ppf(0.975, k - 1)) * y.std(ddof=1) / np.sqrt(k)
    assert abs((high - low)[0] / (2.0 * exact) - 1.0) < 0.4 * k**-1.5


def test_without_heterogeneity_it_is_the_wald_test() -> None:
    y, v = np.array([0.30, 0.31, 0.29, 0.30]), np.array([0.1, 0.2, 0.3, 0.1])
    one = fit_arrays(y, v, tau2="ML", ci="skovgaard", level=0.9)
    wald = fit_arrays(y, v, tau2="ML", ci="z", level=0.9)
    assert float(one.tau2) == 0.0
    # Far from the estimate tau2 is no longer zero; within the limits it is.
    np.testing.assert_allclose(one.low, wald.low, rtol=1e-9)
    np.testing.assert_allclose(one.high, wald.high, rtol=1e-9)


def test_with_a_given_tau2_nothing_is_left_to_correct() -> None:
    y, v = sets(4, (6,))
    one = fit_arrays(y, v, tau2="ML", tau2_value=0.2, ci="skovgaard")
    wald = fit_arrays(y, v, tau2="ML", tau2_value=0.2, ci="z")
    np.testing.assert_array_equal(one.low, wald.low)
    np.testing.assert_array_equal(one.p, wald.p)


def test_one_study_has_no_interval() -> None:
    low, high, statistic = fitted(np.array([0.4]), np.array([0.1]))
    assert np.isnan([low[0], high[0], statistic[0]]).all()


def test_with_many_studies_it_is_the_profile_likelihood() -> None:
    y, v = sets(5, (400,))
    one = fit_arrays(y, v, tau2="ML", ci="skovgaard")
    other = fit_arrays(y, v, tau2="ML", ci="PL")
    width = float((other.high - other.low)[0])
    assert abs(float((one.high - one.low)[0]) / width - 1.0) < 0.01


@given(
    seed=st.integers(0, 2**32 - 1),
    k=st.integers(2, 9),
    decades=st.floats(0.0, 3.0),
    shift=st.integers(-(2**26), 2**26),
    power=st.integers(-40, 40),
)
@settings(max_examples=15)
def test_order_shift_scale_and_sign(
    seed: int, k: int, decades: float, shift: int, power: int
) -> None:
    rng = np.random.default_rng(seed)
    v = 10.0 ** rng.uniform(-decades / 2.0, decades / 2.0, k)
    # Effects on a grid of 2^-20, so that the shift itself loses nothing.
    y = np.round(rng.normal(0.0, np.sqrt(v + 0.5)) * 2.0**20) / 2.0**20
    low, high, statistic = fitted(y, v)
    width = float((high - low)[0])
    assert width > 0.0
    order, by = rng.permutation(k), 2.0**power
    close = pytest.approx
    assert fitted(y[order], v[order])[0] == close(low, abs=1e-8 * width)
    moved = fitted(y + float(shift), v)
    assert moved[0] - shift == close(low, abs=1e-7 * width)
    assert moved[1] - shift == close(high, abs=1e-7 * width)
    scaled = fitted(by * y, by * by * v)
    assert scaled[0] / by == close(low, abs=1e-9 * width)
    assert scaled[2] == close(statistic, rel=1e-9, abs=1e-9)
    mirrored = fitted(-y, v)
    assert -mirrored[1] == close(low, abs=1e-8 * width)
    assert -mirrored[2] == close(statistic, rel=1e-7, abs=1e-7)


def test_the_limits_are_the_values_that_are_just_rejected() -> None:
    y, v = sets(31, (30, 5), 2.5)
    low, high, _ = fitted(y, v)
    at_low, at_high = fitted(y - low, v)[2], fitted(y - high, v)[2]
    jump = 0.05  # where tau2 leaves zero the statistic can jump, a limit among it
    assert np.median(np.abs(at_low - Z)) < 1e-8
    assert np.median(np.abs(at_high + Z)) < 1e-8
    assert (at_low > Z - jump).all()
    width = high - low
    for beyond in (0.02, 0.3, 2.0):
        assert (fitted(y - (low - beyond * width), v)[2] > Z).all()
        assert (fitted(y - (high + beyond * width), v)[2] < -Z).all()


def test_the_test_rejects_what_the_interval_does_not_hold() -> None:
    # One precise study: r* often jumps where tau2 leaves zero.
    rng = np.random.default_rng(8)
    v = np.array([0.05, 1.0, 1.0, 1.0, 1.0])
    y = rng.normal(size=(400, 5)) * np.sqrt(v + 0.5)
    for level in (0.8, 0.95):
        one = fit_arrays(
            y, np.broadcast_to(v, y.shape), tau2="ML", ci="skovgaard", level=level
        )
        held = (one.low <= 0.0) & (one.high >= 0.0)
        # Parts narrower than a step of the grid that looks for them are not seen.
        assert (held == (one.p > 1.0 - level)).mean() >= 0.99


def test_other_columns_may_be_centred_and_this_one_scaled() -> None:
    y, v = sets(12, (9,))
    x = np.linspace(10.0, 50.0, 9)
    one = fitted(y, v, np.column_stack([np.ones(9), x]))
    two = fitted(y, v, np.column_stack([np.full(9, 3.0), (x - 30.0) / 7.0]))
    np.testing.assert_allclose(two[0][1], 7.0 * one[0][1], rtol=1e-7)
    np.testing.assert_allclose(two[1][1], 7.0 * one[1][1], rtol=1e-7)
    np.testing.assert_allclose(two[2][1], one[2][1], rtol=1e-7)


def test_near_the_estimate_the_statistic_is_smooth() -> None:
    y, v = sets(6, (7,))
    centre = float(fit_arrays(y, v, tau2="ML", ci="z").beta[0])
    at = np.linspace(-0.03, 0.03, 61)
    values = fitted(y - centre - at[:, np.newaxis], np.broadcast_to(v, (61, 7)))[2]
    bends = np.diff(values[:, 0], n=2)
    assert (np.diff(values[:, 0]) < 0.0).all()
    assert np.abs(bends).max() < 1e-4


def test_in_the_front_doors() -> None:
    es = bcg()
    fit = pool(es, ci="skovgaard")
    assert fit.method.tau2.name == "ML"
    other = pool(es, ci="profile-likelihood")
    # Wider than the first-order interval, as few studies call for.
    assert float(fit.ci_low) < float(other.ci_low)
    assert float(fit.ci_high) > float(other.ci_high)
    assert float(fit.p) > float(other.p)
    year = EffectSizes.from_arrays(es.y, es.v)
    x = np.linspace(-1.0, 1.0, es.k)
    X = np.column_stack([np.ones(es.k), x])
    made = meta_regression(year, X, tau2="ML", ci="skovgaard")
    direct = fitted(es.y, es.v, X)
    np.testing.assert_allclose(made.ci_low, direct[0], rtol=1e-9)

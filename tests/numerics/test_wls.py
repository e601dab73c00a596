from functools import partial

import mpmath
import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from k2stats._typing import Floats
from k2stats.numerics.wls import fit_wls, others, project, weighted_mean


def dense_p(w: Floats, X: Floats) -> Floats:
    """The projection as a matrix, straight from its definition."""
    W = np.diag(w)
    inner = np.linalg.inv(X.T @ W @ X)
    return np.asarray(W - W @ X @ inner @ X.T @ W)


close = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-13)


def example(p: int, k: int = 7, seed: int = 1) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
    return rng.normal(size=k), rng.uniform(0.2, 5.0, k), X


@pytest.mark.parametrize("p", [1, 2, 4])
def test_every_trace_agrees_with_the_matrix(p: int) -> None:
    y, w, X = example(p)
    d, e = np.linspace(0.3, 2.0, 7), np.linspace(3.0, 0.1, 7)
    P, D, E = dense_p(w, X), np.diag(d), np.diag(e)
    for projection in [project(w, X)] + ([project(w)] if p == 1 else []):
        close(projection.apply(y), P @ y)
        close(projection.rss(y), y @ P @ y)
        close(projection.trace(), np.trace(P))
        close(projection.trace(d), np.trace(P @ D))
        close(projection.trace_pair(), np.trace(P @ P))
        close(
            projection.trace_pair(d, e),
            np.trace(P @ D @ P @ E),
        )
        close(projection.sandwich(d), np.diag(P @ D @ P))
        leverage = np.diag(X @ np.linalg.inv(X.T @ np.diag(w) @ X) @ X.T) * w
        close(projection.free_share(), 1.0 - leverage)
        close(
            projection.log_det(),
            np.linalg.slogdet(X.T @ np.diag(w) @ X)[1],
        )


@pytest.mark.parametrize("p", [1, 3])
def test_the_fit_is_that_of_statsmodels(p: int) -> None:
    y, w, X = example(p)
    theirs = sm.WLS(y, X, weights=w).fit()
    ours = fit_wls(y, w, X)
    np.testing.assert_allclose(ours.beta, theirs.params, rtol=1e-12)
    np.testing.assert_allclose(ours.cov, theirs.normalized_cov_params, rtol=1e-11)
    np.testing.assert_allclose(ours.residual, theirs.resid, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(ours.rss, theirs.ssr, rtol=1e-12)


def test_the_mean_is_the_regression_on_one_column_of_ones() -> None:
    y, w, X = example(1)
    short, long = fit_wls(y, w), fit_wls(y, w, X)
    for name in ("beta", "cov", "rss", "residual", "log_det"):
        np.testing.assert_allclose(
            getattr(short, name), getattr(long, name), rtol=1e-12, atol=1e-14
        )
    assert weighted_mean(y, w) == pytest.approx(short.beta[0], rel=1e-15)


@pytest.mark.parametrize("p", [1, 3])
def test_a_batch_is_its_elements_one_by_one(p: int) -> None:
    rng = np.random.default_rng(3)
    y, w = rng.normal(size=(4, 3, 6)), rng.uniform(0.1, 2.0, (4, 3, 6))
    X = rng.normal(size=(4, 3, 6, p)) if p > 1 else None
    batch, projection = fit_wls(y, w, X), project(w, X)
    for i in np.ndindex(4, 3):
        x = None if X is None else X[i]
        one, single = fit_wls(y[i], w[i], x), project(w[i], x)
        np.testing.assert_allclose(batch.beta[i], one.beta, rtol=1e-12)
        np.testing.assert_allclose(batch.cov[i], one.cov, rtol=1e-11)
        np.testing.assert_allclose(batch.log_det[i], one.log_det, rtol=1e-12)
        np.testing.assert_allclose(
            projection.trace_pair()[i], single.trace_pair(), rtol=1e-12
        )


@pytest.mark.parametrize("p", [1, 2])
def test_weight_zero_leaves_a_study_out(p: int) -> None:
    y, w, X = example(p, k=8)
    x = X if p > 1 else None
    w[[2, 5]] = 0.0
    here = w > 0.0
    kept = None if x is None else x[here]
    all_, some = fit_wls(y, w, x), fit_wls(y[here], w[here], kept)
    np.testing.assert_allclose(all_.beta, some.beta, rtol=1e-13)
    np.testing.assert_allclose(all_.rss, some.rss, rtol=1e-13)
    one, two = project(w, x), project(w[here], kept)
    np.testing.assert_allclose(one.trace_pair(), two.trace_pair(), rtol=1e-12)
    np.testing.assert_allclose(one.apply(y)[here], two.apply(y[here]), rtol=1e-11)
    assert (one.apply(y)[~here] == 0.0).all()


def test_dependent_columns_give_nan_and_no_error() -> None:
    y, w, X = example(2)
    fit = fit_wls(y, w, np.column_stack([X, X[:, 1]]))
    assert np.isnan(fit.beta).all()
    assert np.isnan(fit.cov).all()


@pytest.mark.parametrize("ratio", [1e6, 1e12])
def test_one_study_may_outweigh_the_others(ratio: float) -> None:
    w = np.array([1.0, ratio, 2.0, 0.5])
    with mpmath.workdps(60):
        m = [mpmath.mpf(float(x)) for x in w]
        total = sum(m)
        P = mpmath.matrix(4, 4)
        for i in range(4):
            for j in range(4):
                P[i, j] = (m[i] if i == j else 0) - m[i] * m[j] / total
        square = P * P
        trace = float(sum(P[i, i] for i in range(4)))
        pair = float(sum(square[i, i] for i in range(4)))
    assert project(w).trace() == pytest.approx(trace, rel=1e-14)
    assert project(w).trace_pair() == pytest.approx(pair, rel=1e-13)


def test_a_large_shift_costs_only_what_the_input_lost() -> None:
    y, w, X = example(2)
    far = y + 1e8
    lost = far - 1e8
    for x in (None, X):
        near, shifted = fit_wls(lost, w, x), fit_wls(far, w, x)
        np.testing.assert_allclose(shifted.rss, near.rss, rtol=1e-12)


@settings(max_examples=100)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_others_sums_the_others(values: list[float]) -> None:
    x = np.array(values)
    expected = [float(np.delete(x, i).sum()) for i in range(x.size)]
    size = float(np.abs(x).sum())
    np.testing.assert_allclose(others(x), expected, rtol=1e-12, atol=1e-13 * size)

"""Meta-regression with weights of the user: against dense algebra, laws, errors."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.models import (
    contrast,
    likelihood_ratio_test,
    meta_regression,
    pool,
    r2_interval,
    regression_permutation,
    robust,
)
from models.pool_examples import sets

K = 12
X = np.column_stack(
    [np.ones(K), np.linspace(-3.0, 5.0, K), np.arange(K) % 3 == 0]
).astype(float)
DATA = {"x": X[:, 1], "z": X[:, 2]}


def studies(seed: int) -> EffectSizes:
    y, v = sets(seed, (K,))
    return EffectSizes.from_arrays(y, v, measure="SMD", check_scale=False)


def weights(seed: int) -> Any:
    return np.random.default_rng(seed + 900).uniform(0.2, 5.0, K)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 5000), st.sampled_from(["REML", "DL", "EE", "PM"]))
def test_coefficients_and_sandwich_by_dense_algebra(seed: int, tau2: str) -> None:
    es, w = studies(seed), weights(seed)
    fit = meta_regression(es, "~ x + z", data=DATA, weights=w, tau2=tau2, ci="z")
    plain = meta_regression(es, "~ x + z", data=DATA, tau2=tau2, ci="z")
    assert float(fit.tau2) == float(plain.tau2)
    W, M = np.diag(w), np.diag(es.v + float(fit.tau2))
    bread = np.linalg.inv(X.T @ W @ X)
    beta = bread @ X.T @ W @ es.y
    cov = bread @ X.T @ W @ M @ W @ X @ bread
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(fit.cov, cov, rtol=1e-8, atol=1e-12)
    z = stats.norm.ppf(0.975)
    np.testing.assert_allclose(
        fit.ci_high, beta + z * np.sqrt(np.diagonal(cov)), rtol=1e-8, atol=1e-10
    )
    L = np.eye(3)[1:]
    gap = L @ beta
    chi2 = gap @ np.linalg.solve(L @ cov @ L.T, gap)
    np.testing.assert_allclose(fit.omnibus.statistic, chi2, rtol=1e-6, atol=1e-10)
    row = np.array([1.0, 0.7, 1.0])
    at = fit.predict({"x": 0.7, "z": 1.0})
    np.testing.assert_allclose(at.se[0], np.sqrt(row @ cov @ row), rtol=1e-8)
    np.testing.assert_allclose(
        at.pi_high[0],
        row @ beta + z * np.sqrt(row @ cov @ row + float(fit.tau2)),
        rtol=1e-8,
        atol=1e-10,
    )


def test_hartung_knapp_scales_the_sandwich() -> None:
    es, w = studies(3), weights(3)
    fit = meta_regression(es, "~ x + z", data=DATA, weights=w)
    z = meta_regression(es, "~ x + z", data=DATA, weights=w, ci="z")
    iv = np.diag(1.0 / (es.v + float(fit.tau2)))
    P = iv - iv @ X @ np.linalg.solve(X.T @ iv @ X, X.T @ iv)
    q = es.y @ P @ es.y / (K - 3)
    np.testing.assert_allclose(fit.cov, q * z.cov, rtol=1e-8)
    assert fit.df.tolist() == [9.0, 9.0, 9.0]
    other = fit.conf_int(0.8)[1]
    t = stats.t.ppf(0.9, 9)
    np.testing.assert_allclose(other, fit.beta + t * fit.se, rtol=1e-9)


@pytest.mark.parametrize("ci", ["z", "t", "HK", "HK-adhoc"])
def test_weights_of_the_model_change_nothing(ci: str) -> None:
    es = studies(5)
    plain = meta_regression(es, "~ x + z", data=DATA, ci=ci)
    own = 7.0 / (es.v + float(plain.tau2))  # any multiple of them
    fit = meta_regression(es, "~ x + z", data=DATA, ci=ci, weights=own)
    np.testing.assert_allclose(fit.beta, plain.beta, rtol=1e-9)
    np.testing.assert_allclose(fit.cov, plain.cov, rtol=1e-8)


@pytest.mark.parametrize("ci", ["z", "t", "HK"])
@pytest.mark.parametrize("tau2", ["REML", "EE"])
def test_a_mean_alone_is_the_pooled_one(ci: str, tau2: str) -> None:
    es, w = studies(7), weights(7)
    model = "fixed" if tau2 == "EE" else "random"
    fit = meta_regression(es, "~ 1", weights=w, ci=ci, tau2=tau2)
    one = pool(es, weights=w, ci=ci, model=model, tau2=None if tau2 == "EE" else tau2)
    np.testing.assert_allclose(fit.beta[0], one.estimate, rtol=1e-12)
    np.testing.assert_allclose(fit.se[0], one.se, rtol=1e-12)
    np.testing.assert_allclose(fit.p[0], one.p, rtol=1e-10)


def test_batches_missing_studies_and_generalised_q() -> None:
    y, v = sets(11, (4, K))
    es = EffectSizes.from_arrays(y, v, measure="SMD", check_scale=False)
    w = np.stack([weights(i) for i in range(4)])
    fit = meta_regression(es, X, weights=w, ci="t")
    for i in range(4):
        one = EffectSizes.from_arrays(y[i], v[i], measure="SMD", check_scale=False)
        alone = meta_regression(one, X, weights=w[i], ci="t")
        np.testing.assert_allclose(fit.beta[i], alone.beta, rtol=1e-10)
        np.testing.assert_allclose(fit.cov[i], alone.cov, rtol=1e-9)
    gaps = {"x": [np.nan, *X[1:, 1]], "z": X[:, 2]}
    es = studies(2)
    less = meta_regression(
        es, "~ x + z", data=gaps, weights=w[0], drop_missing=True, tau2="GENQ"
    )
    kept = meta_regression(es[1:], X[1:], weights=w[0][1:], tau2="GENQ")
    np.testing.assert_allclose(less.beta, kept.beta, rtol=1e-10)
    np.testing.assert_allclose(less.tau2, kept.tau2, rtol=1e-10)
    with pytest.raises(MissingInputError, match="weights is needed for method 'GENQ'"):
        meta_regression(es, "~ x", data=DATA, tau2="GENQ")


def test_it_says_that_weights_were_given() -> None:
    fit = meta_regression(studies(1), "~ x", data=DATA, weights=weights(1), tau2="ML")
    assert fit.method.weights == "given"
    assert "Weights: given." in fit.summary()
    assert "Studies had weights that were given." in fit.report()
    assert fit.given_weights is not None
    assert not fit.given_weights.flags.writeable
    assert np.isnan(fit.loglik)
    assert contrast(fit, "x").se[0] == fit.se[1]
    plain = meta_regression(studies(1), "~ x", data=DATA)
    assert plain.given_weights is None
    assert "Weights" not in plain.summary()


def test_what_holds_for_other_weights_alone_is_refused() -> None:
    es, w = studies(1), weights(1)
    fit = meta_regression(es, "~ x", data=DATA, weights=w, tau2="ML")
    small = meta_regression(es, "~ 1", weights=w, tau2="ML")
    match = r"weights must be one over v \+ tau2 where the method is"
    for ci, tau2 in (("KR", "REML"), ("profile-likelihood", "ML")):
        with pytest.raises(InvalidEvidenceError, match=match):
            meta_regression(es, "~ x", data=DATA, weights=w, ci=ci, tau2=tau2)
        with pytest.raises(InvalidEvidenceError, match=match):
            pool(es, weights=w, ci=ci, tau2=tau2)
        with pytest.raises(InvalidEvidenceError, match=match):
            pool(es, model="unweighted", tau2=tau2).conf_int(method=ci)
    with pytest.raises(InvalidEvidenceError, match=match):
        meta_regression(es, "~ x", data=DATA, weights=w).predict(prediction="KR")
    with pytest.raises(InvalidEvidenceError, match="with weights of the model"):
        likelihood_ratio_test(small, fit)
    for ask in (
        lambda: robust(fit),
        lambda: r2_interval(fit, rng=1, draws=10),
        lambda: regression_permutation(fit, rng=1),
    ):
        with pytest.raises(InvalidEvidenceError, match="with weights of the model"):
            ask()


def test_bad_weights_are_named() -> None:
    es = studies(1)
    with pytest.raises(InvalidEvidenceError, match="of length 12, one for each study"):
        meta_regression(es, "~ x", data=DATA, weights=[1.0] * 3)
    with pytest.raises(InvalidEvidenceError, match=r"not negative.*\[1\]"):
        meta_regression(es, "~ x", data=DATA, weights=[1.0, -1.0, *[1.0] * 10])
    only = np.where(np.arange(K) % 3 == 0, 1.0, 0.0)
    with pytest.raises(InvalidEvidenceError, match="columns of the moderators are"):
        meta_regression(es, "~ x + z", data=DATA, weights=only)

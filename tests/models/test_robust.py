"""Robust standard errors: clubSandwich's figures, full matrices, laws."""

import numpy as np
import pytest
from scipy import linalg

from k2stats._typing import Floats, Ints
from k2stats.datasets import bcg
from k2stats.effectsizes import effect_sizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.models.meta_regression import meta_regression
from k2stats.models.robust import robust
from k2stats.models.sandwich import SANDWICH, Sandwich, blocks_of, sandwich

ES = effect_sizes(bcg.BCG, "RR")
FIT = meta_regression(ES, "~ ablat + year", data=bcg.frame())
CLUSTER = [1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 8]

# coef_test(rma(yi, vi, mods = ~ ablat + year), test = "Satterthwaite") of clubSandwich
# 0.5.8: standard errors, degrees of freedom and p of latitude and year
CLUBSANDWICH = {
    "CR0": (
        [0.006620692351, 0.010273659998],
        [3.517279556, 3.021967804],
        0.01749570758,
    ),
    "CR1": ([0.00707781784, 0.01098300453], [3.517279556, 3.021967804], 0.02139353043),
    "CR1p": ([0.008374587007, 0.0129952662], [3.517279556, 3.021967804], 0.03487304186),
    "CR1S": (
        [0.007753360978, 0.01203127862],
        [3.517279556, 3.021967804],
        0.02797481727,
    ),
    "CR2": ([0.01264366634, 0.01703109280], [2.051844254, 2.427196621], 0.1538809046),
    "CR3": ([0.02697712040, 0.03427313650], [1.288123248, 1.565712060], 0.4553413804),
}


@pytest.mark.parametrize("kind", CLUBSANDWICH)
def test_figures_of_clubsandwich(kind: str) -> None:
    se, df, p = CLUBSANDWICH[kind]
    made = robust(FIT, CLUSTER, vcov=kind)
    np.testing.assert_allclose(made.se[1:], se, rtol=2e-8)
    np.testing.assert_allclose(made.df[1:], df, rtol=2e-8)
    np.testing.assert_allclose(made.p[1], p, rtol=2e-8)


def test_figures_of_metafor_robust() -> None:
    # robust(fit, cluster) of metafor 3.8: CR1p, t and F with m - p degrees of freedom
    made = robust(FIT, CLUSTER, vcov="CR1p", test="naive-tp")
    np.testing.assert_allclose(made.p[1:], [0.020444765604, 0.889038325027], rtol=1e-8)
    np.testing.assert_allclose(made.omnibus, 13.408278213583, rtol=1e-8)
    np.testing.assert_allclose(made.omnibus_p, 0.009790211582, rtol=1e-8)
    assert (made.clusters, made.omnibus_ddf) == (8, 5.0)


def test_each_study_its_own_cluster() -> None:
    # coef_test(fit, vcov = "CR2", cluster = 1:13) of clubSandwich 0.5.8
    made = robust(FIT, vcov="HC2")
    np.testing.assert_allclose(made.se[1:], [0.01199417863, 0.01696268213], rtol=2e-8)
    np.testing.assert_allclose(made.df[1:], [2.112891368, 2.745920721], rtol=2e-8)
    assert made.vcov == "HC2"
    assert "Robust standard errors, HC2\n" in made.summary()
    # HC0, HC1 and HC3 by their textbook formulas
    X, w = FIT.design.X, 1.0 / (ES.v + float(FIT.tau2))
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    e = FIT.residuals()
    h = np.einsum("ki,ij,kj->k", X, bread, X) * w
    one = e * np.sqrt(13 / (13 - X.shape[1]))
    for kind, size in (("HC0", e), ("HC1", one), ("HC3", e / (1.0 - h))):
        meat = X.T @ ((w * size)[:, None] ** 2 * X)
        np.testing.assert_allclose(
            robust(FIT, vcov=kind).cov, bread @ meat @ bread, rtol=1e-6
        )


def dense_data() -> tuple[Floats, Floats, list[Floats], Ints]:
    rng = np.random.default_rng(11)
    codes = np.array([0, 0, 0, 1, 2, 2, 3, 3, 3, 4, 4, 5])
    X = np.column_stack([np.ones(12), rng.normal(size=12), rng.normal(size=12)])
    phi = []
    for j in range(6):
        n = int((codes == j).sum())
        a = rng.normal(size=(n, n))
        phi.append(a @ a.T + np.eye(n))
    return X, rng.normal(size=12), phi, codes


def made_sandwich(kind: str) -> tuple[Sandwich, Floats, Floats, list[Floats], Ints]:
    X, y, phi, codes = dense_data()
    W = np.linalg.inv(linalg.block_diag(*phi))
    beta = np.linalg.solve(X.T @ W @ X, X.T @ W @ y)

    def look(rows: Ints) -> Floats:
        return np.stack([phi[codes[r[0]]] for r in rows])

    made = sandwich(X, y - X @ beta, blocks_of(codes, look), kind)
    return made, X, y - X @ beta, phi, codes


@pytest.mark.parametrize("kind", list(SANDWICH))
def test_correlated_clusters_agree_with_full_matrices(kind: str) -> None:
    made, X, e, phi, codes = made_sandwich(kind)
    Phi = linalg.block_diag(*phi)
    W = np.linalg.inv(Phi)
    M = np.linalg.inv(X.T @ W @ X)
    n, p, m = 12, 3, 6
    factor = {"CR1": m / (m - 1), "CR1p": m / (m - p)}.get(kind, 1.0)
    factor = m * (n - 1) / ((m - 1) * (n - p)) if kind == "CR1S" else factor
    left = np.eye(n) - X @ M @ X.T @ W
    weights: list[Floats] = []
    meat: Floats = np.zeros((p, p))
    for j in range(m):
        at = np.flatnonzero(codes == j)
        A: Floats = np.eye(at.size)
        own = (left @ Phi @ left.T)[np.ix_(at, at)]
        if kind == "CR2":
            d = np.linalg.cholesky(phi[j]).T
            A = d.T @ np.real(linalg.inv(linalg.sqrtm(d @ own @ d.T))) @ d
        if kind == "CR3":
            A = np.asarray(np.linalg.inv(left[np.ix_(at, at)]), dtype=np.float64)
        part = X[at].T @ W[np.ix_(at, at)] @ A
        weights.append(M @ part @ left[at])
        score = part @ e[at]
        meat = np.asarray(meat + np.outer(score, score), dtype=float)
    np.testing.assert_allclose(made.cov, factor * M @ meat @ M, rtol=1e-8)
    for j in range(p):
        G = np.array([g[j] for g in weights])
        gamma = G @ Phi @ G.T
        df = np.trace(gamma) ** 2 / np.trace(gamma @ gamma)
        np.testing.assert_allclose(made.df(np.eye(p)[j]), df, rtol=1e-8)


def test_bias_reduced_covariance_is_unbiased_where_the_model_is_right() -> None:
    # E[e e'] is known, so the expectation of CR2 is exact: the model's covariance
    made, X, _, phi, codes = made_sandwich("CR2")
    Phi = linalg.block_diag(*phi)
    M = made.model
    residual = Phi - X @ M @ X.T
    # the adjusted residual covariance of a cluster is Phi_j: the sum of what they give
    # is the covariance of the model
    total = np.zeros((3, 3))
    for j in range(6):
        at = np.flatnonzero(codes == j)
        W = np.linalg.inv(phi[j])
        d = np.linalg.cholesky(phi[j]).T
        own = residual[np.ix_(at, at)]
        A = d.T @ np.real(linalg.inv(linalg.sqrtm(d @ own @ d.T))) @ d
        half = M @ X[at].T @ W @ A
        total += half @ own @ half.T
    np.testing.assert_allclose(total, M, rtol=1e-8)


def test_units_of_moderators_do_not_matter() -> None:
    frame = bcg.frame()
    frame["ablat"] = frame["ablat"] * 1e-7
    frame["year"] = frame["year"] * 1e5
    small = meta_regression(ES, "~ ablat + year", data=frame)
    np.testing.assert_allclose(
        robust(small, CLUSTER).p, robust(FIT, CLUSTER).p, rtol=1e-6
    )
    np.testing.assert_allclose(
        robust(small, CLUSTER).df, robust(FIT, CLUSTER).df, rtol=1e-6
    )


def test_refusals() -> None:
    with pytest.raises(
        UnknownMethodError, match=r"Unknown robust covariance 'CR4'.*HC1"
    ):
        robust(FIT, CLUSTER, vcov="CR4")
    with pytest.raises(InvalidEvidenceError, match="cluster must be of length 13"):
        robust(FIT, [1, 2])
    with pytest.raises(InvalidEvidenceError, match=r"given for every study.*\[3\]"):
        robust(FIT, [1, 2, 3, None, *range(9)])
    with pytest.raises(InvalidEvidenceError, match="two clusters at least"):
        robust(FIT, ["a"] * 13)
    with pytest.raises(InvalidEvidenceError, match="CR0 to CR3 with clusters"):
        robust(FIT, CLUSTER, vcov="HC3")


def test_clusters_of_all_rows_where_some_were_left_out() -> None:
    frame = bcg.frame()
    frame["ablat"] = frame["ablat"].astype(float)
    frame.loc[frame.index[3], "ablat"] = np.nan
    fit = meta_regression(ES, "~ ablat", data=frame, drop_missing=True)
    by_all = robust(fit, CLUSTER)
    by_kept = robust(fit, CLUSTER[:3] + CLUSTER[4:])
    np.testing.assert_array_equal(by_all.se, by_kept.se)

"""Deletion diagnostics against metafor's figures, against deletion one by one."""

import numpy as np
import pytest
from hypothesis import given

from diagnostics.studies import BCG_RR, BCG_X, effect_sets, plain
from k2stats.diagnostics import baujat, influence, leave_one_cluster_out
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity import estimate_tau2
from k2stats.models.meta_regression import meta_regression
from k2stats.models.pooling import pool
from k2stats.numerics.wls import fit_wls


def test_bcg_figures() -> None:
    # metafor 5.1-12, influence() of the BCG trials, log RR, REML: first five trials.
    found = influence(BCG_RR, tau2="REML")
    figures = {
        "rstudent": [-0.218142486, -1.291790186, -0.75471977, -1.45120066, 0.84771058],
        "dffits": [-0.04070755, -0.34358771, -0.16036150, -0.52005099, 0.27074522],
        "cook_d": [0.00171654, 0.11324970, 0.02598033, 0.22948164, 0.07623144],
        "cov_r": [1.11644899, 1.01019229, 1.06699581, 0.96512649, 1.13802335],
        "tau2_del": [0.33615670, 0.29258308, 0.32073793, 0.26275815, 0.32780326],
        "QE_del": [151.58257275, 145.31760767, 150.19704446, 96.56259497, 151.32000893],
        "hat": [0.05059483, 0.06364679, 0.04436027, 0.09698747, 0.08868456],
    }
    for name, expected in figures.items():
        got = getattr(found, name)[:5]
        np.testing.assert_allclose(got, expected, rtol=2e-6, atol=1e-8, err_msg=name)
    np.testing.assert_allclose(found.weight, 100.0 * found.hat)


def test_regression_figures() -> None:
    # metafor 3.8-1, influence() and dfbetas() of log RR on latitude, DL, printed.
    found = influence(BCG_RR, BCG_X, tau2="DL")
    figures = {
        "rstudent": [0.2255, -0.5005, -0.5564],
        "dffits": [0.0569, -0.2036, -0.0989],
        "cook_d": [0.0035, 0.0422, 0.0099],
        "cov_r": [1.1419, 1.2503, 1.0830],
        "tau2_del": [0.0674, 0.0667, 0.0655],
        "QE_del": [30.7242, 30.1830, 30.2113],
        "hat": [0.0450, 0.1389, 0.0321],
        "weight": [2.5747, 3.8826, 2.0917],
    }
    for name, expected in figures.items():
        got = getattr(found, name)[:3]
        np.testing.assert_allclose(got, expected, atol=5.1e-5, rtol=0, err_msg=name)
    dfbetas = [[-0.0021, 0.0266], [0.1188, -0.1775], [0.0250, -0.0634]]
    np.testing.assert_allclose(found.dfbetas[:3], dfbetas, atol=5.1e-5, rtol=0)


@pytest.mark.parametrize("method", ["REML", "DL", "PM", "EE"])
@pytest.mark.parametrize("regression", [False, True])
def test_deletion_one_by_one(method: str, *, regression: bool) -> None:
    X = BCG_X if regression else None
    found = influence(BCG_RR, X, tau2=method)
    y, v = BCG_RR.y, BCG_RR.v
    x = BCG_X if regression else np.ones((13, 1))

    def fit(kept: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        t = float(estimate_tau2(y[kept], v[kept], x[kept], method=method).tau2)
        made = fit_wls(y[kept], 1.0 / (v[kept] + t), x[kept])
        return t, made.beta, made.cov

    _, beta, cov = fit(np.ones(13, bool))
    for i in range(13):
        t, b, c = fit(np.arange(13) != i)
        assert found.tau2_del[i] == pytest.approx(t, rel=1e-6, abs=1e-9)
        np.testing.assert_allclose(found.beta_del[i], b, rtol=1e-6)
        away = (y[i] - x[i] @ b) / np.sqrt(v[i] + t + x[i] @ c @ x[i])
        assert found.rstudent[i] == pytest.approx(away, rel=1e-6)
        shift = beta - b
        cook = shift @ np.linalg.inv(cov) @ shift
        assert found.cook_d[i] == pytest.approx(cook, rel=1e-5, abs=1e-10)
        w = 1.0 / (v + t)
        spread = np.sqrt(np.diag(np.linalg.inv(x.T @ (w[:, None] * x))))
        np.testing.assert_allclose(found.dfbetas[i], shift / spread, rtol=1e-5)


def test_a_fit_brings_its_model() -> None:
    fit = pool(BCG_RR, tau2="DL")
    np.testing.assert_array_equal(
        influence(fit).rstudent, influence(BCG_RR, tau2="DL").rstudent
    )
    regression = meta_regression(BCG_RR, BCG_X, tau2="DL")
    found = influence(regression)
    np.testing.assert_allclose(
        found.rstudent, influence(BCG_RR, BCG_X, tau2="DL").rstudent
    )
    assert found.names == regression.names


@given(effect_sets())
def test_scale_and_shift(es: EffectSizes) -> None:
    first = influence(es, tau2="DL")
    other = plain(3.0 - 2.0 * es.y, 4.0 * es.v)
    second = influence(other, tau2="DL")
    np.testing.assert_allclose(second.rstudent, -first.rstudent, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(second.cook_d, first.cook_d, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(second.hat.sum(), 1.0)


def test_clusters_of_one_are_studies() -> None:
    one = leave_one_cluster_out(BCG_RR, range(13), tau2="REML")
    all_ = influence(BCG_RR, tau2="REML")
    np.testing.assert_allclose(one.tau2, all_.tau2_del, rtol=1e-6)
    np.testing.assert_allclose(one.cook_d, all_.cook_d, rtol=1e-5)
    np.testing.assert_allclose(one.Q, all_.QE_del)


def test_clusters() -> None:
    labels = ["a"] * 4 + ["b"] * 5 + ["c"] * 4
    found = leave_one_cluster_out(BCG_RR, labels, BCG_X, tau2="PM")
    kept = np.array(labels) != "b"
    t = float(
        estimate_tau2(BCG_RR.y[kept], BCG_RR.v[kept], BCG_X[kept], method="PM").tau2
    )
    made = fit_wls(BCG_RR.y[kept], 1.0 / (BCG_RR.v[kept] + t), BCG_X[kept])
    assert found.cluster == ("a", "b", "c")
    assert found.size.tolist() == [4.0, 5.0, 4.0]
    assert found.tau2[1] == pytest.approx(t)
    np.testing.assert_allclose(found.beta[1], made.beta)
    assert list(found.to_frame().index) == ["a", "b", "c"]


def test_influential_study_is_named() -> None:
    es = EffectSizes.from_arrays(
        [0.1, 0.12, 0.08, 0.11, 0.09, 3.0], [0.02] * 5 + [0.2], study=[*"abcdef"]
    )
    found = influence(es, tau2="EE")
    assert found.to_frame().index[found.influential].tolist() == ["f"]
    assert found.summary().splitlines()[-1].startswith("f")


@pytest.mark.parametrize(
    ("method", "x", "y"),
    [
        # metafor 3.8-1, baujat(): trials 1 to 4, printed.
        ("EE", [0.6471587, 6.8571096, 2.0279243, 51.1073136],
         [0.003276599, 0.058290785, 0.008039338, 4.563099485]),
        ("DL", [0.0483853, 1.5081492, 0.5550124, 1.6095133],
         [0.002381769, 0.106611486, 0.025658243, 0.338226322]),
    ],
)  # fmt: skip
def test_baujat_figures(method: str, x: list[float], y: list[float]) -> None:
    found = baujat(BCG_RR, tau2=method)
    np.testing.assert_allclose(found.heterogeneity[:4], x, rtol=2e-6)
    np.testing.assert_allclose(found.influence[:4], y, rtol=2e-6)


def test_baujat_regression_figures() -> None:
    # metafor 3.8-1, baujat() of log RR on latitude, DL: trials 1 to 3, printed.
    found = baujat(BCG_RR, BCG_X, tau2="DL")
    np.testing.assert_allclose(
        found.heterogeneity[:3], [0.04841129, 0.21845623, 0.30168579], rtol=1e-6
    )
    np.testing.assert_allclose(
        found.influence[:3], [0.003003337, 0.034874212, 0.009296931], rtol=1e-6
    )


@given(effect_sets())
def test_baujat_sums_to_q(es: EffectSizes) -> None:
    found = baujat(es, tau2="EE")
    rss = fit_wls(es.y, 1.0 / es.v).rss
    assert found.heterogeneity.sum() == pytest.approx(float(rss))


def test_refusals() -> None:
    two = EffectSizes.from_arrays([0.1, 0.2], [0.1, 0.1])
    with pytest.raises(InvalidEvidenceError, match="at least 3 studies for deletion"):
        influence(two)
    batch = EffectSizes.from_arrays(np.zeros((2, 5)), np.ones((2, 5)))
    with pytest.raises(InvalidEvidenceError, match="not a batch"):
        influence(batch)
    with pytest.raises(UnknownMethodError, match="tau2 estimator 'nil'"):
        influence(BCG_RR, tau2="nil")
    with pytest.raises(InvalidEvidenceError, match="the fit has its own"):
        influence(pool(BCG_RR), tau2="DL")
    with pytest.raises(InvalidEvidenceError, match="cluster must be of length 13"):
        leave_one_cluster_out(BCG_RR, ["a", "b"])
    with pytest.raises(InvalidEvidenceError, match="two different labels"):
        leave_one_cluster_out(BCG_RR, ["a"] * 13)
    gap = EffectSizes(np.array([0.1, np.nan, 0.2]), np.ones(3), "GEN")
    with pytest.raises(InvalidEvidenceError, match=r"complete.*rows \[1\]"):
        influence(gap)

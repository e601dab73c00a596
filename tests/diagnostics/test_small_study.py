"""Tests of asymmetry against metafor's and meta's figures, and laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from diagnostics.studies import BCG_RR, HACKSHAW, effect_sets, plain
from k2stats.datasets.bcg import BCG
from k2stats.diagnostics import (
    ASYMMETRY_TESTS,
    asymmetry_test,
    asymmetry_tests,
    egger_test,
)
from k2stats.diagnostics._kendall import exact_p, kendall, normal_statistic
from k2stats.diagnostics.rank_tests import noncentral_moments
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError, UnknownMethodError
from k2stats.evidence import TwoByTwo, TwoMeans


@pytest.mark.parametrize(
    ("model", "statistic", "p", "limit"),
    [
        # metafor 5.1-12, regtest() of the BCG trials, log RR, REML.
        ("rma", -0.803329193090804, 0.421784488855319, -0.510431874103037),
        ("lm", -1.40128200228933, 0.188706995081979, -0.19092864235982),
    ],
)
def test_egger_figures(model: str, statistic: float, p: float, limit: float) -> None:
    found = egger_test(BCG_RR, model=model)
    assert float(found.statistic) == pytest.approx(statistic, rel=1e-6)
    assert float(found.p) == pytest.approx(p, rel=1e-6)
    assert float(found.limit) == pytest.approx(limit, rel=1e-6)
    assert found.note == ""


@pytest.mark.parametrize(
    ("predictor", "z", "p"),
    [
        # metafor 3.8-1, regtest(predictor=) of the BCG trials, log RR, REML; its
        # REML ends at a tolerance of 1e-5.
        ("ni", 2.048753566, 0.04048621838),
        ("ninv", -1.256562754, 0.2089120088),
        ("sqrtni", 2.357244968, 0.01841109691),
        ("sqrtninv", -1.836062387, 0.06634843026),
    ],
)
def test_predictors_of_size(predictor: str, z: float, p: float) -> None:
    found = egger_test(BCG_RR, predictor=predictor)
    assert float(found.statistic) == pytest.approx(z, rel=1e-5)
    assert float(found.p) == pytest.approx(p, rel=1e-4)


@pytest.mark.parametrize(
    ("method", "statistic", "p"),
    [
        # meta 8.4-0, metabias() of the BCG trials, odds ratios.
        ("harbord", -1.25647434404506, 0.234971952122066),
        ("thompson", -0.771850048517162, 0.456465347311821),
        ("schwarzer", 0.366053325651938, 0.71432528466629),
    ],
)
def test_count_figures(method: str, statistic: float, p: float) -> None:
    found = asymmetry_test(BCG, method)
    assert float(found.statistic) == pytest.approx(statistic, rel=1e-8)
    assert float(found.p) == pytest.approx(p, rel=1e-8)


def test_begg_figures() -> None:
    # metafor: tau 0.0256410256410256, p 0.90288494086971 normal; 0.9524 exact.
    normal, exact = (asymmetry_test(BCG_RR, m) for m in ("begg", "begg-exact"))
    assert float(normal.estimate) == pytest.approx(1.0 / 39.0)
    assert float(normal.p) == pytest.approx(0.90288494086971)
    assert float(exact.p) == pytest.approx(0.9524, abs=5e-5)


@pytest.mark.parametrize("k", [3, 4, 5, 6])
def test_kendall_by_permutations(k: int) -> None:
    x = np.arange(float(k))
    scores = [
        float(kendall(x, np.array(order, float)).score)
        for order in itertools.permutations(range(k))
    ]
    found = kendall(x, x)
    assert float(found.variance) == pytest.approx(np.var(scores))
    for score in set(scores):
        same = found._replace(score=np.array(score))
        right = np.mean(np.abs(scores) >= abs(score) - 1e-9)
        assert float(exact_p(same)) == pytest.approx(right)


def test_kendall_ties_as_scipy() -> None:
    x = np.array([1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 5.0])
    y = np.array([2.0, 1.0, 1.0, 4.0, 4.0, 3.0, 6.0])
    right = stats.kendalltau(x, y, method="asymptotic")
    found = kendall(x, y)
    assert float(found.tau) == pytest.approx(right.statistic)
    p = 2.0 * stats.norm.sf(abs(float(normal_statistic(found))))
    assert p == pytest.approx(right.pvalue)
    assert np.isnan(exact_p(found))


def test_noncentral_moments() -> None:
    for m, a, b, psi in ((7, 10, 12, 0.4), (900, 5000, 6000, 1.7), (3, 2, 40, 5.0)):
        right = stats.nchypergeom_fisher(a + b, a, m, psi)
        each = (np.array([float(q)]) for q in (m, a, b, psi))
        mean, variance = noncentral_moments(*each)
        assert mean[0] == pytest.approx(right.mean(), rel=1e-10)
        assert variance[0] == pytest.approx(right.var(), rel=1e-8)


def test_double_zeros_are_left_out() -> None:
    extra = TwoByTwo.from_counts(
        events1=[*BCG.events1, 0], n1=[*BCG.n1, 40],
        events2=[*BCG.events2, 0], n2=[*BCG.n2, 50],
    )  # fmt: skip
    for name, entry in ((e.name, e) for e in ASYMMETRY_TESTS.entries()):
        first, second = asymmetry_test(BCG, name), asymmetry_test(extra, name)
        assert float(first.p) == pytest.approx(float(second.p), rel=1e-9), entry.label
        assert float(second.k) == 13.0


def test_batch_is_each_alone() -> None:
    rng = np.random.default_rng(2)
    y, v = rng.normal(size=(3, 11)), rng.uniform(0.1, 1.0, size=(3, 11))
    n = rng.integers(20, 200, size=(3, 11)).astype(float)
    batch = EffectSizes.from_arrays(y, v, n=n)
    for entry in ASYMMETRY_TESTS.entries(lacking="counts"):
        together = asymmetry_test(batch, entry.name, n1=n, n2=2 * n)
        assert together.p.shape == (3,)
        for i in range(3):
            one = EffectSizes.from_arrays(y[i], v[i], n=n[i])
            alone = asymmetry_test(one, entry.name, n1=n[i], n2=2 * n[i])
            assert float(together.p[i]) == pytest.approx(float(alone.p), rel=1e-8)


@given(effect_sets())
def test_mirrored_effects(es: EffectSizes) -> None:
    mirrored = plain(-es.y, es.v)
    for name in ("egger", "egger-re", "begg", "thompson"):
        a, b = asymmetry_test(es, name), asymmetry_test(mirrored, name)
        np.testing.assert_allclose(a.statistic, -b.statistic, rtol=1e-6, atol=1e-8)


@given(effect_sets())
def test_egger_does_not_see_a_shift(es: EffectSizes) -> None:
    moved = plain(es.y + 5.0, es.v)
    a, b = (asymmetry_test(e, "egger") for e in (es, moved))
    np.testing.assert_allclose(a.statistic, b.statistic, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(a.limit + 5.0, b.limit, rtol=1e-6, atol=1e-6)


def test_pustejovsky_on_means() -> None:
    rng = np.random.default_rng(5)
    n1, n2 = rng.integers(8, 90, 12), rng.integers(8, 90, 12)
    means = TwoMeans.from_summary(
        mean1=rng.normal(0.5, 0.4, 12), sd1=np.ones(12), n1=n1,
        mean2=np.zeros(12), sd2=np.ones(12), n2=n2,
    )  # fmt: skip
    found = asymmetry_test(means, "pustejovsky")
    s = np.sqrt(1.0 / n1 + 1.0 / n2)
    from k2stats.effectsizes.compute import measures_of

    y = measures_of(means, "SMD").y
    right = stats.linregress(1.0 / s, y / s)
    # Egger's first form: the deviate on precision, intercept tested.
    assert float(found.statistic) == pytest.approx(
        right.intercept / right.intercept_stderr
    )


def test_few_studies_are_said_to_be_few() -> None:
    few = HACKSHAW[:7]
    found = asymmetry_test(few, "egger")
    assert "7 studies, fewer than 10" in found.note
    assert found.note in found.summary()


def test_all_tests_that_the_data_allow() -> None:
    frame = asymmetry_tests(BCG)
    assert set(frame.index) == set(ASYMMETRY_TESTS)
    only = asymmetry_tests(EffectSizes.from_arrays(BCG_RR.y, BCG_RR.v))
    assert set(only.index) == {"egger", "egger-re", "thompson", "begg", "begg-exact"}


def test_refusals() -> None:
    with pytest.raises(UnknownMethodError, match="asymmetry test 'eger'"):
        asymmetry_test(BCG_RR, "eger")
    with pytest.raises(MissingInputError, match="counts is needed for Peters"):
        asymmetry_test(BCG_RR, "peters")
    with pytest.raises(MissingInputError, match="n1, n2 is needed for Deeks"):
        asymmetry_test(BCG_RR, "deeks")
    with pytest.raises(UnknownMethodError, match="predictor 'se'"):
        egger_test(BCG_RR, predictor="se")
    with pytest.raises(InvalidEvidenceError, match="'rma' or 'lm'"):
        egger_test(BCG_RR, model="ols")
    with pytest.raises(InvalidEvidenceError, match="at least 3 studies"):
        asymmetry_test(HACKSHAW[:2], "egger")
    with pytest.raises(InvalidEvidenceError, match="left out where effects"):
        asymmetry_test(BCG_RR, "egger", measure="OR")
    with pytest.raises(InvalidEvidenceError, match="n1 must be of length 13"):
        asymmetry_test(BCG_RR, "deeks", n1=[3.0], n2=[4.0])
    with pytest.raises(InvalidEvidenceError, match="level must be between"):
        egger_test(BCG_RR, level=1.0)
    with pytest.raises(InvalidEvidenceError, match="TwoByTwo or TwoMeans"):
        asymmetry_test([1.0, 2.0], "egger")  # type: ignore[arg-type]

"""All subsets against loops over them; clusters; residual diagnostics."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given

from diagnostics.studies import BCG_RR, BCG_X, HACKSHAW, effect_sets
from k2stats.diagnostics import gosh, qq, radial
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity import estimate_tau2
from k2stats.numerics.wls import fit_wls


@pytest.mark.parametrize("method", ["EE", "DL", "REML", "PM"])
def test_every_subset_by_loops(method: str) -> None:
    es = BCG_RR[:6]
    found = gosh(es, tau2=method)
    assert found.every
    assert found.subset.size == 2**6 - 7
    at = {int(s): i for i, s in enumerate(found.subset)}
    for size in range(2, 7):
        for chosen in combinations(range(6), size):
            i = at[sum(1 << j for j in chosen)]
            y, v = es.y[list(chosen)], es.v[list(chosen)]
            t = float(estimate_tau2(y, v, method=method).tau2)
            mean = fit_wls(y, 1.0 / (v + t)).beta[0]
            q = float(fit_wls(y, 1.0 / v).rss)
            assert found.size[i] == size
            assert found.estimate[i] == pytest.approx(mean, rel=1e-6)
            assert found.tau2[i] == pytest.approx(t, rel=1e-6, abs=1e-9)
            assert found.Q[i] == pytest.approx(q, rel=1e-9, abs=1e-12)
            if method == "DL":
                i2 = 100.0 * max(0.0, q - (size - 1)) / q
                assert found.I2[i] == pytest.approx(i2, abs=1e-8)


def test_tables_of_sums_beyond_eleven_studies() -> None:
    found = gosh(BCG_RR)
    whole = found.subset == 2**13 - 1
    t = float(estimate_tau2(BCG_RR.y, BCG_RR.v, method="DL").tau2)
    assert found.tau2[whole][0] == pytest.approx(t)
    picked = found.subset == 0b1010000000011
    kept = [0, 1, 10, 12]
    t = float(estimate_tau2(BCG_RR.y[kept], BCG_RR.v[kept], method="DL").tau2)
    assert found.tau2[picked][0] == pytest.approx(t)


@given(effect_sets(4, 6))
def test_estimates_lie_between_the_effects(es: EffectSizes) -> None:
    found = gosh(es)
    assert found.estimate.min() >= es.y.min() - 1e-9
    assert found.estimate.max() <= es.y.max() + 1e-9
    assert ((found.I2 >= 0.0) & (found.I2 <= 100.0)).all()


def test_drawn_subsets_repeat_and_estimate() -> None:
    one = gosh(HACKSHAW, subsets=3000, rng=7)
    two = gosh(HACKSHAW, subsets=3000, rng=7)
    np.testing.assert_array_equal(one.subset, two.subset)
    assert not one.every
    # Each study is in with probability one half: 3000 draws, four standard errors.
    share = one.has(5).mean()
    assert abs(share - 0.5) < 4.0 * 0.5 / np.sqrt(3000.0)


def test_the_outlier_makes_the_clusters() -> None:
    rng = np.random.default_rng(4)
    y = rng.normal(0.3, 0.1, 10)
    y[6] = 2.0
    es = EffectSizes.from_arrays(y, np.full(10, 0.02), study=[*"abcdefghij"])
    found = gosh(es)
    clusters = found.clusters(rng=1)
    assert clusters.outliers == ("g",)
    assert clusters.size.sum() == clusters.subset.size
    table = found.by_study()
    assert table["shift"].abs().idxmax() == "g"
    there = found.has("g")
    assert table.loc["g", "with"] == pytest.approx(found.estimate[there].mean())


@pytest.mark.parametrize("odd", [1, 2, 3])
@pytest.mark.parametrize("groups", [2, 3])
def test_studies_that_are_off_together_are_all_named(odd: int, groups: int) -> None:
    # of r such studies each is in 2**(r - 1) of the 2**r - 1 subsets that have any:
    # in 1, 2/3 and 4/7 of them
    y = np.append(np.linspace(-0.1, 0.1, 12 - odd), np.full(odd, 2.0))
    es = EffectSizes.from_arrays(y, np.full(12, 0.02), study=[*"abcdefghijkl"])
    found = gosh(es).clusters(groups, rng=1)
    assert set("abcdefghijkl"[12 - odd :]) <= set(found.outliers)
    if groups == 2:
        assert len(found.outliers) == odd


def test_no_study_makes_the_clusters_of_like_ones() -> None:
    es = EffectSizes.from_arrays(np.linspace(-0.1, 0.1, 12), np.full(12, 0.02))
    assert gosh(es).clusters(rng=1).outliers == ()


def test_gosh_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match="for more than 22 studies"):
        gosh(HACKSHAW)
    with pytest.raises(InvalidEvidenceError, match="rng must be given"):
        gosh(HACKSHAW, subsets=10)
    with pytest.raises(InvalidEvidenceError, match="subsets must be at least 1"):
        gosh(HACKSHAW, subsets=0, rng=1)
    with pytest.raises(UnknownMethodError, match="tau2 estimator"):
        gosh(BCG_RR, tau2="none")
    found = gosh(BCG_RR[:4])
    with pytest.raises(InvalidEvidenceError, match="study must be one of"):
        found.has("nobody")
    with pytest.raises(InvalidEvidenceError, match="groups must be at least 2"):
        found.clusters(1, rng=1)


def test_radial_slope_is_the_mean() -> None:
    # metafor 3.8-1, rma(method="EE") of the BCG trials: -0.4302851637.
    found = radial(BCG_RR, tau2="EE")
    assert found.slope == pytest.approx(-0.4302851637)
    line = (found.z * found.precision).sum() / (found.precision**2).sum()
    assert line == pytest.approx(found.slope)
    away = np.abs(BCG_RR.y - found.slope) / np.sqrt(BCG_RR.v)
    np.testing.assert_array_equal(found.outside, away > 1.959963984540054)
    assert found.to_frame().shape == (13, 3)


def test_qq_figures() -> None:
    # metafor 3.8-1, qqnorm() of the BCG trials, DL: in trial order.
    x = [-0.19402814, -0.86942377, -0.39572530, -1.76882504, 0.61514110]
    y = [-0.22572432, -1.26900132, -0.76199075, -1.33519856, 0.86701997]
    frame = qq(BCG_RR, rng=1, tau2="DL").to_frame()
    order = [list(BCG_RR.labels)[i] for i in range(5)]
    np.testing.assert_allclose(frame.loc[order, "theoretical"], x, rtol=1e-7)
    np.testing.assert_allclose(frame.loc[order, "residual"], y, rtol=1e-7)


def test_qq_envelope_holds_its_level() -> None:
    rng = np.random.default_rng(8)
    v = rng.uniform(0.05, 0.5, 12)
    outside = [
        qq(
            EffectSizes.from_arrays(rng.normal(0.0, np.sqrt(v)), v),
            rng=i, tau2="EE", draws=400,
        ).outside.mean()
        for i in range(200)
    ]  # fmt: skip
    # 5% of points; the points of a set are correlated, hence the wide band.
    assert abs(np.mean(outside) - 0.05) < 0.02


def test_qq_of_a_regression_and_refusals() -> None:
    found = qq(BCG_RR, BCG_X, rng=3, tau2="DL", kind="rstudent")
    assert np.all(np.diff(found.residual) >= 0.0)
    with pytest.raises(InvalidEvidenceError, match="'rstandard' or 'rstudent'"):
        qq(BCG_RR, rng=1, kind="raw")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="draws must be at least 1"):
        qq(BCG_RR, rng=1, draws=0)
    with pytest.raises(InvalidEvidenceError, match="level must be between"):
        radial(BCG_RR, level=0.0)

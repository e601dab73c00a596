"""PET-PEESE, WAAP-WLS, limit meta-analysis, trim and fill."""

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from diagnostics.studies import BCG_RR, HACKSHAW, effect_sets, plain
from k2stats.diagnostics import (
    MISSING,
    limit_meta_analysis,
    pet_peese,
    trim_fill,
    waap_wls,
)
from k2stats.diagnostics.trim_fill import Ranks
from k2stats.effectsizes import EffectSizes
from k2stats.errors import ConvergenceError, InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity import estimate_tau2


def test_pet_figures() -> None:
    # R 4.2.2, lm(yi ~ sqrt(vi), weights = 1 / vi), BCG trials, log RR.
    found = pet_peese(BCG_RR, "pet")
    assert float(found.estimate) == pytest.approx(-0.19092864235982)
    assert float(found.se) == pytest.approx(0.220084949548725)
    assert float(found.p) == pytest.approx(0.404183981705598)
    assert float(found.slope) == pytest.approx(-2.1120421208933)
    assert float(found.slope_p) == pytest.approx(0.188706995081979)


def test_the_stage_that_pet_chooses() -> None:
    strong = EffectSizes.from_arrays(
        [0.5, 0.52, 0.48, 0.6, 0.75], [0.001, 0.002, 0.002, 0.02, 0.04]
    )
    both = pet_peese(strong)
    assert str(both.used) == "PEESE"
    assert float(both.estimate) == float(pet_peese(strong, "peese").estimate)
    assert str(pet_peese(BCG_RR).used) == "PET"
    assert "5 studies, fewer than 10" in both.note


@given(effect_sets())
def test_peese_by_linear_algebra(es: EffectSizes) -> None:
    found = pet_peese(es, "peese")
    X = np.stack([np.ones(es.k), es.v], axis=-1)
    rest = es.y - X @ [float(found.estimate), float(found.slope)]
    # Weighted residuals are orthogonal to both columns.
    size = np.abs(X / es.v[:, None]).T @ np.abs(es.y)
    assert (np.abs((X / es.v[:, None]).T @ rest) <= 1e-7 * size).all()
    low, high = found.ci
    assert low <= found.estimate <= high


def test_waap_takes_the_powered() -> None:
    y = np.array([0.5, 0.45, 0.9, 1.5, 1.1])
    s = np.array([0.05, 0.1, 0.4, 0.6, 0.5])
    es = EffectSizes.from_arrays(y, se=s)
    w = 1.0 / s**2
    mean = (w * y).sum() / w.sum()
    powered = s <= abs(mean) / 2.8
    assert powered.tolist() == [True, True, False, False, False]
    found = waap_wls(es)
    m = np.average(y[powered], weights=w[powered])
    assert float(found.estimate) == pytest.approx(m)
    phi = (w * (y - m) ** 2)[powered].sum() / 1.0
    assert float(found.se) == pytest.approx(np.sqrt(phi / w[powered].sum()))
    assert str(found.used) == "WAAP"
    assert str(waap_wls(EffectSizes.from_arrays([0.1, 0.2], [1.0, 1.0])).used) == "WLS"


def test_batches_of_adjusted_means() -> None:
    rng = np.random.default_rng(1)
    y, v = rng.normal(0.4, 0.3, (4, 9)), rng.uniform(0.01, 0.3, (4, 9))
    batch = EffectSizes.from_arrays(y, v)
    for i in range(4):
        one = EffectSizes.from_arrays(y[i], v[i])
        for many, alone in (
            (pet_peese(batch), pet_peese(one)),
            (waap_wls(batch), waap_wls(one)),
        ):
            assert many.estimate[i] == pytest.approx(float(alone.estimate))
            assert many.p[i] == pytest.approx(float(alone.p))
        limits = limit_meta_analysis(batch), limit_meta_analysis(one)
        assert limits[0].estimate[i] == pytest.approx(float(limits[1].estimate))


def test_limit_is_the_radial_regression() -> None:
    t = float(estimate_tau2(HACKSHAW.y, HACKSHAW.v).tau2)
    root = np.sqrt(HACKSHAW.v + t)
    radial = stats.linregress(1.0 / root, HACKSHAW.y / root)
    found = limit_meta_analysis(HACKSHAW)
    assert float(found.beta) == pytest.approx(radial.slope)
    assert float(found.alpha) == pytest.approx(radial.intercept)
    limit = radial.slope + np.sqrt(t) * radial.intercept
    assert float(found.estimate) == pytest.approx(limit)
    # Small-study effects and the rest add up to Q.
    total = found.Q_small_study + found.Q_residual
    assert float(total) == pytest.approx(float(found.Q))
    # Its test of the parts is that of Egger's slope with the dispersion at 1.
    assert 0.0 < float(found.small_study_p) < 1.0
    assert float(found.residual_p) == pytest.approx(
        stats.chi2.sf(float(found.Q_residual), 35)
    )


def test_limit_without_heterogeneity_is_egger() -> None:
    es = EffectSizes.from_arrays(
        [0.20, 0.22, 0.25, 0.30, 0.33], [0.01, 0.02, 0.05, 0.1, 0.2]
    )
    found = limit_meta_analysis(es)
    assert float(found.tau2) == 0.0
    assert float(found.estimate) == pytest.approx(float(pet_peese(es, "pet").estimate))
    np.testing.assert_allclose(found.study_effects, found.estimate)


@pytest.mark.parametrize(
    ("tau2", "estimator", "k0", "se", "mean", "mean_se"),
    [
        # metafor 3.8-1, trimfill(side="left") of Hackshaw (1998).
        ("EE", "L0", 7, 4.04049584826842, 0.155599577899708, 0.0364351242781106),
        ("EE", "R0", 7, 4.0, 0.155599577899708, 0.0364351242781106),
        ("EE", "Q0", 10, 5.5427136641891, 0.130194290566266, 0.0354832391139506),
        ("REML", "L0", 7, 4.03993726004692, 0.17447117205471, 0.0484317219722615),
        ("DL", "Q0", 8, 5.23309142793383, 0.162185659348078, 0.0495631851234311),
    ],
)
def test_trim_fill_figures(
    tau2: str, estimator: str, k0: int, se: float, mean: float, mean_se: float
) -> None:
    found = trim_fill(HACKSHAW, estimator, side="left", tau2=tau2)
    assert found.k0 == k0
    assert found.k0_se == pytest.approx(se)
    # metafor's REML ends at a tolerance of 1e-5.
    assert found.estimate == pytest.approx(mean, rel=2e-6)
    assert found.se == pytest.approx(mean_se, rel=2e-6)
    if estimator == "R0":
        assert found.k0_p == pytest.approx(0.00390625)


def test_trim_fill_on_the_other_side() -> None:
    # metafor 3.8-1: four studies on the right of the BCG trials, common effect.
    found = trim_fill(BCG_RR, tau2="EE")
    assert (found.side, found.k0) == ("right", 4)
    mirrored = trim_fill(EffectSizes.from_arrays(-BCG_RR.y, BCG_RR.v), tau2="EE")
    assert (mirrored.side, mirrored.k0) == ("left", 4)
    assert mirrored.estimate == pytest.approx(-found.estimate)
    filled = found.effects
    assert filled.k == 17
    w = 1.0 / filled.v
    assert found.estimate == pytest.approx((w * filled.y).sum() / w.sum())


@given(effect_sets(5, 8))
def test_nothing_filled_changes_nothing(es: EffectSizes) -> None:
    symmetric = plain(np.append(es.y, -es.y), np.append(es.v, es.v))
    found = trim_fill(symmetric, "L0", side="left", tau2="EE")
    if found.k0 == 0:
        assert found.estimate == pytest.approx(found.observed)
        assert found.effects is symmetric


def test_refusals() -> None:
    two = EffectSizes.from_arrays([0.1, 0.2], [0.1, 0.1])
    with pytest.raises(InvalidEvidenceError, match="at least 3 studies for PET"):
        pet_peese(two)
    with pytest.raises(InvalidEvidenceError, match="'pet', 'peese' or 'pet-peese'"):
        pet_peese(BCG_RR, "both")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="alpha must be between"):
        pet_peese(BCG_RR, alpha=0.0)
    with pytest.raises(InvalidEvidenceError, match="level must be between"):
        waap_wls(BCG_RR, level=1.5)
    with pytest.raises(InvalidEvidenceError, match="for limit meta-analysis"):
        limit_meta_analysis(two)
    with pytest.raises(UnknownMethodError, match="estimator of missing studies 'L1'"):
        trim_fill(BCG_RR, "L1")
    with pytest.raises(InvalidEvidenceError, match="'left', 'right' or left out"):
        trim_fill(BCG_RR, side="top")  # type: ignore[arg-type]


def test_q0_without_a_root_is_refused() -> None:
    # The effects above the trimmed mean have ranks that sum to more than K^2 / 2:
    # 2 K^2 - 4 T + 1/4 is negative.
    es = EffectSizes.from_arrays(
        [0.55006, 1.08141, 0.23432, 0.35561, 0.48436],
        [0.045589, 0.039445, 0.080209, 0.15163, 0.063159],
    )
    with pytest.raises(ConvergenceError, match=r"Q0 does not exist: .* L0 and R0 have"):
        trim_fill(es, estimator="Q0", side="right", tau2="EE")
    ranks = MISSING["Q0"].function(Ranks(5, 12.5, 2))
    assert abs(ranks.count - (5 - 0.5 - np.sqrt(0.25))) < 1e-14

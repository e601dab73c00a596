"""Prediction intervals against figures, formulas and the exact law of Q."""

import numpy as np
import pytest
from scipy import stats

from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.heterogeneity import q_exact_p
from k2stats.models import PREDICTIONS, pool, share_beyond
from k2stats.models.prediction_bootstrap import confidence_draws, new_effects
from models.pool_examples import bcg, expectancy, sets

BCG_LOW = {
    # lower limits of reference cases pi/bcg/RR/* (meta 8.4-0)
    "V": -1.9953419585091,
    "HTS": -2.00837590692258,
    "HK": -1.9960168341962,
    "HK-PR": -2.00905765037111,
    "KR": -2.01690753497855,
    "KR-PR": -2.03467907057382,
    "S": -1.86669221790289,
}


@pytest.mark.parametrize("name", BCG_LOW)
def test_reference_figures(name: str) -> None:
    low, high = pool(bcg()).prediction_interval(name)
    np.testing.assert_allclose(low, BCG_LOW[name], rtol=1e-8)
    estimate = float(pool(bcg()).estimate)
    np.testing.assert_allclose(high, 2.0 * estimate - BCG_LOW[name], rtol=1e-7)


def test_metafor_takes_the_reference_of_the_interval() -> None:
    # reference case predict/bcg/RR/z; metafor 3.8 for knha: 0.1359 to 1.7629
    low, high = pool(bcg(), ci="z").prediction_interval()
    np.testing.assert_allclose(low, -1.8666922179029, rtol=1e-9)
    np.testing.assert_allclose(high, 0.437627533586617, rtol=1e-9)
    made = pool(bcg(), ci="HK").natural_prediction()
    assert abs(made.low - 0.1359) < 0.5e-4
    assert abs(made.high - 1.7629) < 0.5e-4


def test_a_level_of_its_own() -> None:
    fit = pool(bcg(), ci="z")
    low, high = fit.prediction_interval("S", level=0.8)
    half = 1.2815515655446004 * np.sqrt(float(fit.tau2) + float(fit.se) ** 2)
    np.testing.assert_allclose((high - low) / 2.0, half, rtol=1e-12)


@pytest.mark.parametrize("name", [n for n in PREDICTIONS if n != "NNF"])
def test_probability_above_meets_the_limits(name: str) -> None:
    fit = pool(bcg())
    low, high = fit.prediction_interval(name)
    np.testing.assert_allclose(fit.probability_above(high, name), 0.025, rtol=1e-8)
    np.testing.assert_allclose(fit.probability_above(low, name), 0.975, rtol=1e-10)


def test_probability_above_over_a_batch() -> None:
    y, v = sets(8, (3, 6))
    fit = pool(EffectSizes.from_arrays(y, v))
    at = np.array([0.0, 0.5, 1.0])
    many = fit.probability_above(at)
    for i in range(3):
        np.testing.assert_allclose(many[i], fit[i].probability_above(at[i]), rtol=1e-9)


@pytest.mark.parametrize("seed", [1, 2])
def test_draws_of_tau2_follow_the_exact_law_of_q(seed: int) -> None:
    y, v = sets(seed, (6,), 2.0)
    draws = confidence_draws(y, v, 40_000, np.random.default_rng(seed))
    for t in (0.0, *np.quantile(draws, [0.3, 0.5, 0.7, 0.9, 0.97])):
        exact = float(q_exact_p(y, v, tau2=t))
        # four standard errors of a share of 40,000 draws
        slack = 4.0 * np.sqrt(exact * (1.0 - exact) / draws.size) + 1e-12
        assert abs(float((draws <= t).mean()) - exact) < slack


def test_nnf_by_the_algorithm_of_the_paper() -> None:
    # Nagashima, Noma and Furukawa (2019), algorithm 1, with tau2 by inversion of the
    # exact distribution function on a fine grid.
    es = expectancy()
    rng = np.random.default_rng(5)
    grid = np.concatenate([[0.0], np.geomspace(1e-5, 20.0, 400)])
    many = np.broadcast_to(es.y, (grid.size, es.k))
    cdf = np.asarray(q_exact_p(many, np.broadcast_to(es.v, many.shape), tau2=grid))
    size = 60_000
    tau2 = np.interp(rng.random(size), cdf, grid, left=0.0)
    w = 1.0 / (es.v + tau2[:, np.newaxis])
    w /= w.sum(axis=-1, keepdims=True)
    mean = w @ es.y
    square = (w * (es.y - mean[:, np.newaxis]) ** 2).sum(axis=-1) / (es.k - 1)
    z, t = rng.standard_normal(size), rng.standard_t(es.k - 1, size)
    effects = mean + z * np.sqrt(tau2) - t * np.sqrt(square)
    ours = new_effects(es.y, es.v, size, np.random.default_rng(6))
    assert stats.ks_2samp(effects, ours).pvalue > 0.001
    low, high = pool(es).prediction_interval("NNF", rng=7)
    np.testing.assert_allclose(
        [low, high], np.quantile(effects, [0.025, 0.975]), atol=0.03
    )


def test_nnf_repeats_with_its_seed() -> None:
    fit = pool(bcg())
    first, again = (fit.prediction_interval("NNF", rng=3) for _ in range(2))
    assert first == again
    assert first != fit.prediction_interval("NNF", rng=4)
    with pytest.raises(MissingInputError, match="rng is needed for NNF"):
        fit.prediction_interval("NNF")


def test_common_effect_has_none() -> None:
    with pytest.raises(InvalidEvidenceError, match="variance between studies"):
        pool(bcg(), model="common").prediction_interval()


def test_kenward_roger_needs_reml() -> None:
    with pytest.raises(InvalidEvidenceError, match="tau2 must be 'REML'"):
        pool(bcg(), tau2="DL").prediction_interval("KR")


def test_share_beyond_by_its_formula() -> None:
    # Mathur and VanderWeele (2019), equations for the estimate and its variance
    fit = pool(bcg(), ci="z")
    q = np.log(0.8)
    made = share_beyond(fit, q, tail="below")
    tau = np.sqrt(float(fit.tau2))
    z = (q - float(fit.estimate)) / tau
    np.testing.assert_allclose(made.share, stats.norm.cdf(z), rtol=1e-12)
    gradient = np.array([-1.0 / tau, -z / (2.0 * tau**2)]) * stats.norm.pdf(z)
    variance = gradient**2 @ [float(fit.se) ** 2, float(fit.tau2_se) ** 2]
    np.testing.assert_allclose(made.se, np.sqrt(variance), rtol=1e-12)
    other = share_beyond(fit, q, tail="above")
    np.testing.assert_allclose(made.share + other.share, 1.0, rtol=1e-14)


def test_calibrated_share() -> None:
    es = bcg()
    fit = pool(es, ci="z")
    made = share_beyond(fit, -0.5, tail="below", method="calibrated", rng=1)
    kept = np.sqrt(float(fit.tau2) / (float(fit.tau2) + es.v))
    effects = float(fit.estimate) + kept * (es.y - float(fit.estimate))
    assert made.share == (effects < -0.5).mean()
    assert 0.0 <= made.low < made.share < made.high <= 1.0
    with pytest.raises(MissingInputError, match="rng is needed"):
        share_beyond(fit, -0.5, method="calibrated")


def test_share_without_heterogeneity_is_all_or_nothing() -> None:
    es = EffectSizes.from_arrays([0.3, 0.31, 0.29], [0.1, 0.1, 0.1])
    made = share_beyond(pool(es), 0.0)
    assert made.share == 1.0
    assert np.isnan([made.low, made.high]).all()


def test_share_messages() -> None:
    fit = pool(bcg())
    with pytest.raises(InvalidEvidenceError, match="tail must be 'above' or 'below'"):
        share_beyond(fit, 0.0, tail="up")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        share_beyond(fit, 0.0, level=95)
    with pytest.raises(InvalidEvidenceError, match="method must be 'normal'"):
        share_beyond(fit, 0.0, method="sign")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="variance between studies"):
        share_beyond(pool(bcg(), model="common"), 0.0)


def test_a_share_prints_its_threshold_on_the_natural_scale() -> None:
    made = share_beyond(pool(bcg()), np.log(0.8), tail="below")
    assert str(made).endswith("of true effects below RR 0.8 (-0.2231 on the log scale)")
    plain = EffectSizes.from_arrays([0.1, 0.9, -0.4], [0.01] * 3)
    assert str(share_beyond(pool(plain), 0.2)).endswith("of true effects above 0.2")

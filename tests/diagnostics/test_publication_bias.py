"""p-uniform, p-uniform*, S-values."""

import numpy as np
import pytest
from scipy import integrate, stats

from diagnostics.studies import HACKSHAW
from k2stats._typing import Floats
from k2stats.diagnostics import (
    corrected_mean,
    p_uniform,
    p_uniform_star,
    publication_bias_s_value,
    reporting_bound,
)
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError

Z = 1.959963984540054


def selected(seed: int, mu: float, tau2: float, k: int) -> tuple[Floats, Floats]:
    """Published effects: all that are significant, a fifth of the others."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.1, k)
    y = rng.normal(mu, np.sqrt(v + tau2))
    kept = (y > Z * np.sqrt(v)) | (rng.uniform(size=k) < 0.2)
    return y[kept], v[kept]


def test_p_uniform_solves_its_equation() -> None:
    es = EffectSizes.from_arrays(*selected(1, 0.3, 0.0, 60))
    found = p_uniform(es)
    kept = es.y > Z * es.se
    y, s = es.y[kept], es.se[kept]
    q = stats.norm.sf((y - found.estimate) / s) / stats.norm.sf(Z - found.estimate / s)
    assert q.sum() == pytest.approx(kept.sum() / 2.0, rel=1e-9)
    assert found.k_significant == int(kept.sum())
    assert found.low < found.estimate < found.high


def test_p_uniform_undoes_selection() -> None:
    es = EffectSizes.from_arrays(*selected(2, 0.25, 0.0, 5000))
    found = p_uniform(es)
    assert found.low < 0.25 < found.high
    assert found.high - found.low < 0.1
    kept = es.y > Z * es.se
    assert np.average(es.y[kept], weights=1.0 / es.v[kept]) > found.high
    assert found.bias_p < 1e-6
    assert found.null_p < 1e-6


def test_sides() -> None:
    y, v = selected(3, 0.3, 0.0, 60)
    right = p_uniform(EffectSizes.from_arrays(y, v))
    left = p_uniform(EffectSizes.from_arrays(-y, v), side="left")
    assert left.estimate == pytest.approx(-right.estimate)
    assert (left.low, left.high) == pytest.approx((-right.high, -right.low))
    star = p_uniform_star(EffectSizes.from_arrays(y, v))
    mirrored = p_uniform_star(EffectSizes.from_arrays(-y, v), side="left")
    assert mirrored.estimate == pytest.approx(-star.estimate, abs=1e-7)


def test_star_undoes_selection_with_heterogeneity() -> None:
    found = p_uniform_star(EffectSizes.from_arrays(*selected(4, 0.25, 0.04, 5000)))
    assert found.low < 0.25 < found.high
    assert abs(found.tau2 - 0.04) < 0.02
    assert found.null_p < 1e-4


def test_star_maximum_by_grid() -> None:
    y, v = selected(5, 0.3, 0.02, 40)
    found = p_uniform_star(EffectSizes.from_arrays(y, v))
    mu, tau2 = np.meshgrid(np.linspace(-1.0, 1.0, 401), np.linspace(0.0, 0.3, 301))
    s = np.sqrt(v + tau2[..., None])
    a = (mu[..., None] - Z * np.sqrt(v)) / s
    side = stats.norm.logcdf(np.where(y > Z * np.sqrt(v), a, -a))
    value = (stats.norm.logpdf(y, mu[..., None], s) - side).sum(axis=-1)
    assert value.max() <= found.loglik < value.max() + 1e-2
    # The limits are where the profile has fallen by half of 3.841.
    for end in (found.low, found.high):
        at = np.abs(mu[0] - end).argmin()
        drop = found.loglik - value[:, at].max()
        assert drop == pytest.approx(0.5 * 3.841458820694124, abs=0.1)


def test_star_density_integrates_to_one() -> None:
    # The conditional densities of both sides, for one study.
    s, mu, cut = 0.3, 0.2, Z * 0.25
    above, _ = integrate.quad(
        lambda x: stats.norm.pdf(x, mu, s) / stats.norm.sf(cut, mu, s), cut, 5.0
    )
    below, _ = integrate.quad(
        lambda x: stats.norm.pdf(x, mu, s) / stats.norm.cdf(cut, mu, s), -5.0, cut
    )
    assert above == pytest.approx(1.0)
    assert below == pytest.approx(1.0)


@pytest.mark.parametrize("model", ["fixed", "robust"])
def test_the_s_value_brings_the_mean_there(model: str) -> None:
    es = EffectSizes.from_arrays(
        [0.5, 0.6, 0.4, -0.1, 0.1, -0.2, 0.7],
        [0.01, 0.02, 0.02, 0.02, 0.03, 0.04, 0.05],
    )
    found = publication_bias_s_value(es, 0.05, model=model)  # type: ignore[arg-type]
    moved = corrected_mean(es, found.estimate, model=model)  # type: ignore[arg-type]
    assert moved.estimate == pytest.approx(0.05, abs=1e-10)
    if found.interval > 1.0:
        limit = corrected_mean(es, found.interval, model=model)  # type: ignore[arg-type]
        assert limit.low == pytest.approx(0.05, abs=1e-8)
    assert found.interval <= found.estimate


def test_fixed_correction_by_hand() -> None:
    es = EffectSizes.from_arrays([0.5, 0.6, 0.4, -0.1], [0.01, 0.02, 0.02, 0.02])
    w = np.array([100.0, 50.0, 50.0, 50.0]) * [1, 1, 1, 3]
    found = corrected_mean(es, 3.0, model="fixed")
    assert found.estimate == pytest.approx((w * es.y).sum() / w.sum())
    assert found.se == pytest.approx(np.sqrt((w**2 * es.v).sum()) / w.sum())
    assert (found.k_affirmative, found.k_other) == (3, 1)


def test_no_ratio_reaches_a_worst_case_that_is_above() -> None:
    # All the studies that are not affirmative lie above the threshold on average.
    found = publication_bias_s_value(HACKSHAW, model="fixed")
    assert found.worst_case.estimate > 0.0
    assert found.estimate == np.inf


def test_robust_errors_hold_their_level() -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.02, 0.3, 12)
    misses = 0
    for _ in range(1500):
        y = rng.normal(0.0, np.sqrt(v + 0.05))
        es = EffectSizes.from_arrays(y, v, check_scale=False)
        found = corrected_mean(es, 1.0, tau2="DL")
        misses += not found.low < 0.0 < found.high
    # 5% within four standard errors of 1500 draws, and a little for estimation.
    assert abs(misses / 1500.0 - 0.05) < 4.0 * np.sqrt(0.05 * 0.95 / 1500.0) + 0.005


def test_reporting_bound_is_reached_by_the_worst_choice() -> None:
    # Of many equally precise studies without an effect the largest are reported.
    rng = np.random.default_rng(7)
    k, m, v = 60_000, 40_000, 0.04
    kept = np.sort(rng.normal(0.0, np.sqrt(v), k + m))[m:]
    es = EffectSizes.from_arrays(kept, np.full(k, v), check_scale=False)
    found = reporting_bound(es, [m], tau2="EE")
    assert found.max_bias[0] == pytest.approx(kept.mean(), abs=4.0 * 0.2 / np.sqrt(k))
    assert found.low[0] < 0.0 < found.high[0]


def test_reporting_bound_grows() -> None:
    found = reporting_bound(HACKSHAW, range(0, 40, 5))
    assert found.max_bias[0] == 0.0
    assert np.all(np.diff(found.max_bias) > 0.0)
    crossed = (found.low <= 0.0) & (found.high >= 0.0)
    assert found.tipping == found.unreported[crossed].min()
    with pytest.raises(InvalidEvidenceError, match="unreported must be finite"):
        reporting_bound(HACKSHAW, [-1])


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match="significant on the left"):
        p_uniform(EffectSizes.from_arrays([0.1, 0.2], [0.1, 0.1]), side="left")
    with pytest.raises(InvalidEvidenceError, match="'right' or 'left'"):
        p_uniform_star(HACKSHAW, side="up")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="at least 1, got"):
        corrected_mean(HACKSHAW, 0.5)
    with pytest.raises(InvalidEvidenceError, match="threshold must be"):
        publication_bias_s_value(HACKSHAW, 5.0)
    with pytest.raises(InvalidEvidenceError, match="'robust' or 'fixed'"):
        publication_bias_s_value(HACKSHAW, model="mixed")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="'positive' or 'negative'"):
        publication_bias_s_value(HACKSHAW, favours="none")  # type: ignore[arg-type]

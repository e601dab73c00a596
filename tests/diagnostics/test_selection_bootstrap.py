"""Bootstrap of selection models: every resample is the fit of those studies."""

import numpy as np
import pytest

from k2stats.diagnostics import selection_model
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError


def selected(seed: int, k: int) -> EffectSizes:
    """Studies of which results that are not significant are published half the time."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.15, 4 * k)
    y = rng.normal(0.2, np.sqrt(v + 0.02))
    kept = np.flatnonzero((y / np.sqrt(v) > 1.96) | (rng.random(4 * k) < 0.5))[:k]
    return EffectSizes.from_arrays(y[kept], v[kept])


@pytest.mark.parametrize(
    ("weights", "draws"), [("step", 12), ("4PSM", 8), ("negative-exponential", 3)]
)
def test_each_draw_is_the_fit_of_its_resample(weights: str, draws: int) -> None:
    es = selected(2, 25)
    found = selection_model(es, weights).bootstrap(draws, rng=7)
    # The same counts, drawn from the same seed.
    counts = np.random.default_rng(7).multinomial(25, np.full(25, 1 / 25), size=draws)
    for b, row in enumerate(counts):
        again = np.repeat(np.arange(25), row)
        own = EffectSizes.from_arrays(es.y[again], es.v[again])
        alone = selection_model(own, weights)
        assert found.converged[b]
        assert found.beta[b, 0] == pytest.approx(alone.estimate, abs=2e-6)
        assert found.tau2[b] == pytest.approx(alone.tau2, abs=2e-6)


def test_it_repeats_with_its_seed_and_not_with_another() -> None:
    fit = selection_model(selected(1, 20))
    one, same, other = (fit.bootstrap(40, rng=r) for r in (3, 3, 4))
    np.testing.assert_array_equal(one.beta, same.beta)
    assert not np.array_equal(one.beta, other.beta)


def test_parts_do_not_change_what_is_found() -> None:
    fit = selection_model(selected(4, 20))
    every = fit.bootstrap(60, rng=5)
    few = fit.bootstrap(15, rng=5)
    np.testing.assert_allclose(few.beta, every.beta[:15], atol=1e-8)


def test_limits_are_percentiles_of_the_draws_that_ended() -> None:
    found = selection_model(selected(5, 30), level=0.9).bootstrap(100, rng=1)
    kept = found.beta[found.converged, 0]
    low, high = found.ci
    assert float(low[0]) == pytest.approx(np.quantile(kept, 0.05))
    assert float(high[0]) == pytest.approx(np.quantile(kept, 0.95))
    assert found.failed == 100 - kept.size
    assert found.se[0] == pytest.approx(kept.std(ddof=1))
    frame = found.to_frame()
    assert frame["parameter"].tolist() == ["Intercept", "tau2", "0.025 < p <= 1"]
    assert frame["high"][1] == pytest.approx(found.tau2_ci[1])
    assert f"{found.failed} without a maximum" in found.summary()
    assert "90% percentile limits" in repr(found)


def test_a_resample_within_one_piece_has_its_weight_at_the_bound() -> None:
    # Three of twelve are significant: some resamples have none of them.
    y = [0.5, 0.6, 0.7, 0.05, 0.1, -0.1, 0.0, 0.12, -0.05, 0.02, 0.08, -0.02]
    fit = selection_model(EffectSizes.from_arrays(y, [0.04] * 12))
    found = fit.bootstrap(200, rng=2)
    counts = np.random.default_rng(2).multinomial(12, np.full(12, 1 / 12), size=200)
    none = counts[:, :3].sum(axis=1) == 0
    assert 0 < none.sum() < 200
    ended = none & found.converged
    assert (found.delta[ended, 0] == 100.0).all()
    assert found.at_bound >= int(ended.sum())


def test_a_fixed_tau2_and_a_fixed_weight_stay() -> None:
    es = selected(3, 20)
    found = selection_model(es, tau2=0.01, delta=[0.5]).bootstrap(30, rng=1)
    assert set(found.tau2[found.converged].tolist()) == {0.01}
    assert set(found.delta[found.converged, 0].tolist()) == {0.5}
    assert found.at_bound == 0


def test_one_draw_is_refused_and_the_figure_has_them_all() -> None:
    fit = selection_model(selected(1, 20))
    with pytest.raises(InvalidEvidenceError, match="draws must be at least 2"):
        fit.bootstrap(1, rng=1)
    found = fit.bootstrap(50, rng=1)
    bars = found.plot().axes[0].patches
    assert sum(b.get_height() for b in bars) == found.converged.sum()  # type: ignore[attr-defined]

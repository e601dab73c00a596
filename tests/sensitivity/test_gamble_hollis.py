"""Uncertainty intervals for missing outcomes: by hand, by another program, laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from statsmodels.stats.contingency_tables import Table2x2

from k2stats.effectsizes import effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models import pool
from k2stats.sensitivity import BinaryWithMissing, uncertainty_intervals
from sensitivity.haloperidol import trials

MEASURES = ("RR", "OR", "RD")


def sets(shape: tuple[int, ...], seed: int, missing: int) -> BinaryWithMissing:
    rng = np.random.default_rng(seed)

    def draw(low: int, high: int) -> np.ndarray:
        return rng.integers(low, high, size=shape)

    return BinaryWithMissing.from_counts(
        events1=draw(1, 40),
        nonevents1=draw(1, 40),
        missing1=draw(0, missing + 1),
        events2=draw(1, 40),
        nonevents2=draw(1, 40),
        missing2=draw(0, missing + 1),
    )


@pytest.mark.parametrize("measure", ["RR", "OR"])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_limits_are_those_of_the_two_extreme_tables(measure: str, level: float) -> None:
    # Beasley in the haloperidol trials: 29 of 47 and 20 of 34 known, 22 and 34 not.
    # statsmodels: the intervals of 29/69 v 54/68 and of 51/69 v 20/68.
    found = uncertainty_intervals(trials(), measure, level=level)
    worst = Table2x2([[29, 40], [54, 14]])
    best = Table2x2([[51, 18], [20, 48]])
    alpha = 1.0 - level
    if measure == "RR":
        low = worst.log_riskratio_confint(alpha)[0]
        high = best.log_riskratio_confint(alpha)[1]
    else:
        low = worst.log_oddsratio_confint(alpha)[0]
        high = best.log_oddsratio_confint(alpha)[1]
    assert_allclose([found.low[1], found.high[1]], [low, high], rtol=1e-10)
    width = 2.0 * stats.norm.isf(alpha / 2.0)
    assert_allclose(found.effects.se[1], (high - low) / width, rtol=1e-10)
    known = effect_sizes(trials().available, measure)
    assert_array_equal(found.effects.y, known.y)


def test_the_weights_are_those_of_the_intervals() -> None:
    """Pooled by hand from the widths alone."""
    found = uncertainty_intervals(trials(), "OR")
    weight = 1.0 / (found.high - found.low) ** 2
    fit = pool(found.effects, model="common", ci="z")
    mean = (weight * found.effects.y).sum() / weight.sum()
    assert_allclose(fit.estimate, mean, rtol=1e-12)
    z = stats.norm.isf(0.025)
    assert_allclose(fit.se, 1.0 / (2.0 * z * np.sqrt(weight.sum())), rtol=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_without_missing_outcomes_nothing_changes(measure: str) -> None:
    data = sets((5, 4), 3, 0)
    found = uncertainty_intervals(data, measure)
    known = effect_sizes(data.available, measure)
    assert found.effects.y.shape == found.low.shape == (5, 4)
    assert_array_equal(found.effects.y, known.y)
    assert_allclose(found.effects.v, known.v, rtol=1e-12)
    assert_allclose(found.inflation, 1.0, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(MEASURES), st.floats(0.5, 0.999))
def test_the_standard_error_in_two_parts(seed: int, measure: str, level: float) -> None:
    """Half the distance of the extremes over z, and the mean of their errors."""
    data = sets((7,), seed, 12)
    found = uncertainty_intervals(data, measure, level=level)
    best = effect_sizes(data.best_case(), measure)
    worst = effect_sizes(data.worst_case(), measure)
    z = stats.norm.isf(0.5 * (1.0 - level))
    parts = (best.y - worst.y) / (2.0 * z) + 0.5 * (best.se + worst.se)
    assert_allclose(found.effects.se, parts, rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(MEASURES))
def test_groups_changed_over_are_the_mirror_image(seed: int, measure: str) -> None:
    data = sets((6,), seed, 9)
    other = BinaryWithMissing.from_counts(
        events1=data.events2,
        nonevents1=data.observed2 - data.events2,
        missing1=data.missing2,
        events2=data.events1,
        nonevents2=data.observed1 - data.events1,
        missing2=data.missing1,
    )
    here, there = (uncertainty_intervals(d, measure) for d in (data, other))
    assert_allclose(there.low, -here.high, rtol=1e-9, atol=1e-12)
    assert_allclose(there.effects.v, here.effects.v, rtol=1e-9)


def test_three_trials_with_no_event_among_those_known() -> None:
    # The trials that Gamble and Hollis analyse (artemether-lumefantrine 2001, 2000
    # and 1998), as the manual of the R package metasens prints their counts; events
    # 0 of 53 and 0 of 47 in group 2 of the first two, half added to each cell there.
    data = BinaryWithMissing.from_counts(
        events1=[7, 4, 49],
        nonevents1=[148, 130, 224],
        missing1=[9, 16, 36],
        events2=[0, 0, 7],
        nonevents2=[53, 47, 257],
        missing2=[2, 3, 44],
    )
    found = uncertainty_intervals(data, "OR", study=["2001", "2000", "1998"])
    # First trial: best 16/164 v 0/55 with a half added, worst 7/164 v 2/55 without.
    z = stats.norm.isf(0.025)
    best = np.log(16.5 * 55.5 / (148.5 * 0.5))
    best_se = np.sqrt(1 / 16.5 + 1 / 148.5 + 1 / 0.5 + 1 / 55.5)
    worst = np.log(7 * 53 / (157 * 2))
    worst_se = np.sqrt(1 / 7 + 1 / 157 + 1 / 2 + 1 / 53)
    assert_allclose(
        [found.low[0], found.high[0]],
        [worst - z * worst_se, best + z * best_se],
        rtol=1e-12,
    )
    assert found.effects.study == ("2001", "2000", "1998")
    assert (found.inflation > 1.0).all()
    fit, known = (pool(e, tau2="DL", ci="z") for e in (found.effects, found.available))
    assert fit.se > known.se


def test_what_is_said_and_refused() -> None:
    found = uncertainty_intervals(trials())
    assert repr(found) == (
        "Uncertainty intervals of 17 trials (95%, RR). With the missing outcomes at "
        "their extremes standard errors are 1.00 to 3.13 times those of the known "
        "outcomes, in the median 1.01 times."
    )
    for array in (found.low, found.high, found.effects.v):
        assert not array.flags.writeable
    with pytest.raises(InvalidEvidenceError, match="'RR', 'OR' or 'RD', got 'SMD'"):
        uncertainty_intervals(trials(), "SMD")
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        uncertainty_intervals(trials(), level=95.0)

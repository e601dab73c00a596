"""Figures of what would change a judgement: what is drawn is what the results hold."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes import ZeroCells
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import (
    MetaFragility,
    PooledAnalysis,
    analysis_of_credibility,
    bayes_factor_bound,
    confounded_meta,
    meta_fragility,
)

HOW = PooledAnalysis("RR", "MH", zero_cells=ZeroCells(drop_double_zero=True))


def eight_trials() -> MetaFragility:
    # The example of Atal et al. (2019), J Clin Epidemiol 111:32.
    table = TwoByTwo.from_counts(
        events1=[2, 4, 2, 1, 0, 7, 0, 2],
        n1=[39, 25, 23, 9, 17, 182, 15, 17],
        events2=[7, 2, 4, 2, 2, 16, 0, 2],
        n2=[39, 11, 20, 12, 24, 189, 15, 19],
    )
    return meta_fragility(table, HOW, depth=1)


def line(axes: Axes, label: str) -> tuple[Floats, Floats]:
    """Points of what is drawn under a label."""
    found = next(a for a in axes.get_lines() if a.get_label() == label)
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def test_the_path_leads_from_the_observed_to_the_other_conclusion() -> None:
    found = eight_trials()
    path = found.path()
    assert path["changed"].tolist() == [0, 1, 2, 3, 4]
    assert path["significant"].tolist() == [True] * 4 + [False]
    assert_allclose(path.loc[0, ["estimate", "low", "high"]], found.before)
    assert_allclose(path.loc[4, ["estimate", "low", "high"]], found.after)
    # one outcome at a time: each row is pooled anew from the changed counts
    high = path["high"].to_numpy(dtype=float)
    assert (np.diff(high) > 0.0).all()


def test_the_path_is_drawn_step_by_step() -> None:
    found = eight_trials()
    path, axes = found.path(), found.plot().axes[0]
    x, y = line(axes, "significant")
    assert_allclose(np.exp(x), path["estimate"][:4])
    assert_array_equal(y, [0.0, -1.0, -2.0, -3.0])
    x, y = line(axes, "not significant")
    assert_allclose(np.exp(x), path["estimate"][4:])
    names = [t.get_text() for t in axes.get_yticklabels()]
    assert names[0] == "as observed"
    assert names[4] == f"4: {path['change'][4]}"


def test_a_long_path_is_thinned_and_ends_at_its_end() -> None:
    table = TwoByTwo.from_counts(
        events1=[30, 40], n1=[200, 220], events2=[80, 90], n2=[200, 210]
    )
    found = meta_fragility(table, PooledAnalysis("RD", tau2="DL", ci="z"), depth=0)
    assert found.index is not None
    assert found.index > 30
    names = [t.get_text() for t in found.plot().axes[0].get_yticklabels()]
    assert len(names) <= 32
    assert names[-1].startswith(f"{found.index}: ")


def test_no_change_is_a_row_alone() -> None:
    table = TwoByTwo.from_counts(events1=[1, 1], n1=[2, 2], events2=[1, 1], n2=[2, 2])
    found = meta_fragility(
        table, PooledAnalysis("RD", tau2="DL", ci="z"), depth=0, greedy_limit=1
    )
    assert found.index is None
    assert len(found.path()) == 1
    assert len(found.plot(title="None").axes[0].get_yticks()) == 1


def test_the_share_falls_through_what_is_tolerated_at_the_bias_needed() -> None:
    found = confounded_meta(0.4, 0.08, 0.1, 0.05, threshold=np.log(1.1), bias_mean=0.3)
    axes = found.plot().axes[0]
    x, y = line(axes, "the same bias in every study")
    assert_allclose(y, special.ndtr((0.4 - np.log(1.1) - x) / np.sqrt(0.1)))
    at = np.interp(np.log(found.bias_needed[0]), x, y)
    assert at == pytest.approx(0.1, abs=1e-3)
    x, y = line(axes, "the bias assumed")
    assert (x[0], y[0]) == (0.3, found.share[0])
    share, se = found.shares(0.3)
    assert_allclose([share, se], [found.share[0], found.share_se[0]])


def test_strengths_on_the_upper_axis_make_the_biases_below_them() -> None:
    found = confounded_meta(0.9, 0.1, 0.05, 0.05, threshold=0.0)
    other = found.plot().axes[0].child_axes[0]
    other.figure.draw_without_rendering()  # type: ignore[union-attr]
    for at, text in zip(
        np.asarray(other.get_xticks()), other.get_xticklabels(), strict=True
    ):
        g = float(text.get_text())
        assert np.exp(at) == pytest.approx(g * g / (2.0 * g - 1.0))


@pytest.mark.parametrize("tail", ["above", "below"])
def test_effects_that_are_all_alike_fall_in_one_step(tail: str) -> None:
    side = 1.0 if tail == "above" else -1.0
    found = confounded_meta(
        side * 0.5, 0.1, 0.0, threshold=side * 0.1, tail=tail, bias_mean=0.3
    )
    assert found.share.tolist() == [1.0]
    assert_allclose(found.bias_needed, np.exp(0.4))
    assert_array_equal(found.shares([0.39, 0.41])[0], [1.0, 0.0])
    x, y = line(found.plot().axes[0], "the same bias in every study")
    assert_array_equal(y, (x < 0.4).astype(float))
    assert "95% limits" not in str(found.plot().axes[0].get_legend())


def test_words_where_no_confounding_is_needed_or_the_bias_varies_too_much() -> None:
    none = confounded_meta(0.0, 0.1, 0.001, threshold=0.2)
    assert "no more than 10% are above the threshold even without" in none.meaning[0]
    none.plot()
    varied = confounded_meta(0.5, 0.1, 0.01, threshold=0.1, bias_sd=0.3)
    assert varied.meaning[0].startswith("The bias assumed varies more than the effects")
    assert "nan" not in varied.meaning[0]


def test_bars_are_the_critical_intervals_and_marks_the_bounds() -> None:
    found = analysis_of_credibility([0.46, 0.8], [0.99, 1.3])
    axes, side = found.plot(["one", "two"]).axes
    bars = [b for c in axes.containers for b in c]
    ends = [(b.get_x(), b.get_x() + b.get_width()) for b in bars]
    assert_allclose(np.exp(ends), np.stack([found.low, found.high], axis=1))
    # alone, the first has a bar too wide to be drawn in full on one side
    alone = analysis_of_credibility(0.46, 0.99).plot().axes[0]
    (bar,) = (b for c in alone.containers for b in c)
    assert_allclose(np.exp(bar.get_x()), found.low[0])
    assert bar.get_x() + bar.get_width() < np.log(found.high[0])
    assert any(a.get_marker() == ">" for a in alone.get_lines())
    x, _ = line(axes, "estimate, 95% interval")
    assert_allclose(np.exp(x), found.estimate)
    x, _ = line(side, "-e p log p")
    assert_allclose(x, bayes_factor_bound(found.p))


def test_p_of_a_credibility_is_that_of_its_limits() -> None:
    half = special.ndtri(0.975)
    found = analysis_of_credibility([2.0 - half, np.e], [2.0 + half, 7.0], ratio=False)
    assert found.p[0] == pytest.approx(2.0 * special.ndtr(-2.0))
    again = analysis_of_credibility(np.exp(2.0 - half), np.exp(2.0 + half))
    assert again.p[0] == pytest.approx(found.p[0])
    assert again.estimate[0] == pytest.approx(np.exp(2.0))


def test_extreme_and_null_results_are_drawn() -> None:
    found = analysis_of_credibility([0.5, 1e-9, 20.0, 0.999], [2.0, 1e9, 21.0, 1.001])
    figure = found.plot()
    figure.draw_without_rendering()
    x, _ = line(figure.axes[1], "-e p log p")
    assert x.min() == 1e-6
    text = " ".join(t.get_text() for t in figure.texts)
    assert "below 1e-06 are drawn at the edge" in text


def test_figures_refuse_what_they_cannot_show() -> None:
    found = analysis_of_credibility([0.5, 0.6], [2.0, 0.9])
    with pytest.raises(InvalidEvidenceError, match="labels must be of length 2"):
        found.plot(["one"])
    with pytest.raises(InvalidEvidenceError, match="at most 60 in a figure"):
        analysis_of_credibility(np.full(61, 0.5), 2.0).plot()
    with pytest.raises(InvalidEvidenceError, match="index must be from 0 to 0"):
        confounded_meta(0.4, 0.1, 0.1, threshold=0.1).plot(1)

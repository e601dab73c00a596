"""Figures of the diagnostics: what is drawn is what the results hold."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from diagnostics.studies import BCG_RR
from k2stats.diagnostics import (
    baujat,
    copas,
    egger_test,
    funnel,
    gosh,
    influence,
    limit_meta_analysis,
    p_curve,
    qq,
    radial,
    reporting_bound,
    selection_model,
    trim_fill,
    z_curve,
)
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models import pool

THREE = EffectSizes.from_arrays([0.2, 0.5, -0.1], [0.04, 0.09, 0.02], measure="SMD")
Drawing = Callable[[EffectSizes], Figure]

DRAWINGS: dict[str, Drawing] = {
    "baujat": lambda es: baujat(es).plot(),
    "copas": lambda es: copas(es, publish_small=[0.9, 0.5]).plot(),
    "funnel": lambda es: funnel(es, contours=True, egger=True, filled=True),
    "funnel precision": lambda es: funnel(es, vertical="precision", names="all"),
    "gosh": lambda es: gosh(es).plot(),
    "influence": lambda es: influence(es).plot(),
    "limit": lambda es: limit_meta_analysis(es).plot(),
    "qq": lambda es: qq(es, rng=1, draws=20).plot(),
    "radial": lambda es: radial(es).plot(),
    "reporting": lambda es: reporting_bound(es, [0, 3, 9]).plot(),
    "trim and fill": lambda es: trim_fill(es).plot(),
}


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("effects", [BCG_RR, THREE], ids=["thirteen", "three"])
def test_a_figure_is_drawn_without_pyplot(name: str, effects: EffectSizes) -> None:
    figure = DRAWINGS[name](effects)
    figure.draw_without_rendering()
    assert figure.axes
    assert all(a.has_data() for a in figure.axes)


def points_of(
    figure: Figure, panel: int = 0
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Coordinates of all that is drawn as points."""
    lines = figure.axes[panel].get_lines()
    marked = [
        line.get_xydata() for line in lines if line.get_marker() not in ("None", "")
    ]
    return np.concatenate(
        [np.asarray(m, dtype=float) for m in marked if len(np.asarray(m))]
    )


def test_a_funnel_has_every_study_and_the_line_of_the_test() -> None:
    figure = funnel(BCG_RR, egger=True)
    drawn = points_of(figure)
    np.testing.assert_array_equal(np.sort(drawn[:, 0]), np.sort(BCG_RR.y))
    np.testing.assert_array_equal(np.sort(drawn[:, 1]), np.sort(BCG_RR.se))
    test = egger_test(BCG_RR)
    line = next(
        a for a in figure.axes[0].get_lines() if a.get_label() == "Egger's line"
    )
    x, se = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    np.testing.assert_allclose(x, test.limit + test.estimate * se, rtol=1e-12)


def test_the_axis_of_ratios_prints_ratios() -> None:
    axes = funnel(BCG_RR).axes[0]
    for tick in axes.get_xticklabels():
        assert float(tick.get_text()) == pytest.approx(np.exp(tick.get_position()[0]))
    assert axes.get_xlabel() == "RR"


def test_the_studies_filled_in_mirror_those_trimmed() -> None:
    found = trim_fill(BCG_RR, side="right")
    assert found.k0 > 0
    drawn = points_of(found.plot())
    both = np.concatenate([BCG_RR.y, found.filled_y])
    np.testing.assert_array_equal(np.sort(drawn[:, 0]), np.sort(both))


def test_a_funnel_of_a_fit_stands_on_its_mean() -> None:
    fit = pool(BCG_RR, tau2="DL")
    lines = funnel(fit).axes[0].get_lines()
    mean = next(line for line in lines if line.get_label() == "mean (DL)")
    assert set(np.asarray(mean.get_xdata()).tolist()) == {float(fit.estimate)}


def test_the_limits_of_a_funnel_hold_sampling_error_alone() -> None:
    figure = funnel(BCG_RR, tau2="EE", pseudo=0.99)
    lines = figure.axes[0].get_lines()
    low = next(a for a in lines if a.get_label() == "99% of sampling error")
    w = 1.0 / BCG_RR.v
    mean = (w * BCG_RR.y).sum() / w.sum()
    x, se = np.asarray(low.get_xdata()), np.asarray(low.get_ydata())
    np.testing.assert_allclose(x, mean - 2.5758293035489004 * se, rtol=1e-12)


def test_influence_marks_what_passes_a_cut_off() -> None:
    found = influence(THREE)
    assert found.influential.sum() == 1
    names = influence(THREE).plot().axes[0].get_yticklabels()
    bold = [t.get_fontweight() == "bold" for t in names]
    assert bold == found.influential.tolist()


def test_the_fifths_of_a_p_curve() -> None:
    found = p_curve([0.001, 0.0099, 0.0101, 0.021, 0.034, 0.0499])
    assert found.shares == pytest.approx((2 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6))
    assert sum(found.shares_33) == pytest.approx(1.0)
    # z tests of 33% power: P(Z > z_(alpha i / 5)) / (1/3), Z about 1.5187.
    from scipy import stats

    ncp = found.ncp33[0]
    at = stats.norm.isf(np.arange(1, 6) * 0.005)
    expected = np.diff([0.0, *(3.0 * stats.norm.sf(at - ncp))])
    np.testing.assert_allclose(found.shares_33, expected, rtol=1e-9)
    assert len(found.plot().axes) == 1


def test_a_z_curve_has_every_z_up_to_six() -> None:
    z = [0.3, 1.2, 2.0, 2.1, 2.2, 2.3, 2.5, 2.7, 3.0, 3.5, 4.2, 7.0]
    figure = z_curve(z=z).plot()
    heights = [p.get_height() for p in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert sum(heights) == 11


@pytest.mark.parametrize(
    "weights", ["step", "4PSM", "negative-exponential", "logistic", "truncated"]
)
def test_a_weight_function_is_drawn(weights: str) -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.01, 0.1, 60)
    y = rng.normal(0.15, np.sqrt(v + 0.02))
    keep = (y / np.sqrt(v) > 1.96) | (rng.random(60) < 0.5)
    es = EffectSizes.from_arrays(y[keep], v[keep])
    figure = selection_model(es, weights).plot()
    figure.draw_without_rendering()
    assert figure.axes[0].get_ylabel() == "Relative probability of publication"


def test_pieces_stand_at_their_weights() -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.01, 0.1, 80)
    es = EffectSizes.from_arrays(rng.normal(0.15, np.sqrt(v + 0.02)), v)
    found = selection_model(es, "4PSM")
    lines = found.plot().axes[0].get_lines()
    ends = [tuple(np.asarray(line.get_xdata()).tolist()) for line in lines]
    for piece, weight in zip(
        [(0.0, 0.025), (0.025, 0.5), (0.5, 1.0)], [1.0, *found.delta], strict=True
    ):
        line = lines[ends.index(piece)]
        assert set(np.asarray(line.get_ydata()).tolist()) == {float(weight)}


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InvalidEvidenceError, match="vertical must be"):
        funnel(BCG_RR, vertical="size")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="names must be"):
        funnel(BCG_RR, names="some")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="between 0 and 1"):
        funnel(BCG_RR, contours=[0.9, 1.2])
    with pytest.raises(InvalidEvidenceError, match="three levels at most"):
        funnel(BCG_RR, contours=[0.8, 0.9, 0.95, 0.99])
    batch = EffectSizes.from_arrays(np.stack([BCG_RR.y] * 2), np.stack([BCG_RR.v] * 2))
    with pytest.raises(InvalidEvidenceError, match="not a batch"):
        funnel(batch)
    with pytest.raises(InvalidEvidenceError, match="not a batch"):
        limit_meta_analysis(batch).plot()
    with pytest.raises(InvalidEvidenceError, match="study must be one of"):
        gosh(THREE).plot(study="Nobody")

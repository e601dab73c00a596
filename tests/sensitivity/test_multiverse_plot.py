"""The specification curve: what is drawn is what the frame holds."""

from typing import Any

import numpy as np
import pytest

import k2stats as k2
from k2stats.datasets import bcg
from k2stats.effectsizes import Proportion
from k2stats.errors import UnknownMethodError
from k2stats.sensitivity import Multiverse, multiverse
from k2stats.sensitivity._multiverse_layout import panels_of, rows_of
from k2stats.sensitivity.multiverse_plot import ABOVE, BELOW, MARK

M = multiverse(bcg.BCG, ["RR", "RD"], study=bcg.LABELS, tau2=["DL", "REML"])


def colors_of(axes: Any) -> list[str]:
    from matplotlib.colors import to_hex

    return [to_hex(c) for c in axes.collections[-1].get_facecolors()]


def points_of(axes: Any) -> np.ndarray:
    points: np.ndarray = axes.collections[-1].get_offsets()
    return np.asarray(points)


def test_estimates_are_those_of_the_frame_in_order() -> None:
    figure = M.where(measure="RR").plot()
    curve = figure.axes[0]
    frame = M.where(measure="RR").to_frame()
    drawn = points_of(curve)
    np.testing.assert_allclose(drawn[:, 1], np.sort(frame["natural"]))
    assert curve.get_yscale() == "log"
    blue = colors_of(curve).count(BELOW)
    assert blue == int((frame["significant"] & (frame["estimate"] < 0)).sum())
    # the diamond stands at the reference
    (diamond,) = [line for line in curve.lines if line.get_marker() == "D"]
    reference = M.where(measure="RR")
    at = reference.reference["RR"]
    assert np.asarray(diamond.get_ydata())[0] == pytest.approx(reference.natural[at])
    assert diamond.get_color() == MARK


def test_a_column_a_scale_and_one_alone() -> None:
    assert len(M.plot().axes) == 4
    assert M.plot(scale="RD").axes[0].get_yscale() == "linear"
    assert len(M.plot(scale="RD").axes) == 2
    with pytest.raises(UnknownMethodError, match=r"Unknown scale 'OR'\. Known: RR, RD"):
        M.plot(scale="OR")


def test_every_specification_has_one_level_of_each_choice() -> None:
    for part in (M, M.where(measure="RR", model="random")):
        panels = panels_of(part, None)
        shown = np.concatenate([p.order for p in panels])
        rows = rows_of(part, panels, 6)
        for group in {r.group for r in rows}:
            held = np.sum([r.holds[shown] for r in rows if r.group == group], axis=0)
            assert (held == 1).all(), group
        left_out = [r for r in rows if r.group == "Left out"]
        assert len(left_out) == 6
        assert left_out[0].label == "none"
        assert left_out[-1].label == "9 others"


def test_the_axis_holds_all_estimates_and_no_effect() -> None:
    for panel in panels_of(M, None):
        low, high = panel.ends()
        assert low < min(panel.estimate.min(), panel.null)
        assert high > max(panel.estimate.max(), panel.null)


def test_of_one_group_the_line_is_what_p_is_about() -> None:
    shares = Proportion.from_arrays(events=[3, 4, 35, 21], n=[20, 15, 60, 33])
    logit, raw = (
        multiverse(shares, ["PLO", "PR"], exclude=None, tau2="DL").plot().axes[::2]
    )
    for axes, null in ((logit, 0.5), (raw, 0.0)):
        assert np.asarray(axes.lines[0].get_ydata()).tolist() == [null, null]


def test_ticks_are_shades_where_there_are_many() -> None:
    es = k2.effect_sizes(bcg.BCG, "RR", study=bcg.LABELS)
    few = multiverse(es, exclude=None).plot()
    assert not few.axes[1].images
    many = multiverse(es, exclude=["each", "pairs"]).plot()
    images = many.axes[1].images
    assert len(images) > 20
    shades = np.asarray(images[0].get_array())[..., 3]
    assert shades.max() == 1.0


def test_significant_on_both_sides_has_both_colours() -> None:
    y, v = np.array([0.9, 1.0, -1.0, -0.9]), np.full(4, 0.02)
    es = k2.EffectSizes.from_arrays(y, v, study=list("ABCD"))
    m = multiverse(
        es, subsets={"up": ["A", "B"], "down": ["C", "D"]}, tau2="DL", ci="z"
    )
    colors = colors_of(m.plot().axes[0])
    assert BELOW in colors
    assert ABOVE in colors
    labels = [t.get_text() for t in m.plot().axes[1].texts]
    assert "significant, below 0" in labels
    assert "significant, above 0" in labels


def test_no_effect_is_drawn_behind() -> None:
    es = k2.EffectSizes.from_arrays([0.3, 0.5, 0.2, 0.4], [0.02, 0.05, 0.03, 0.04])
    m = multiverse(es, tau2="DL", ci="z")
    plain, tested = m.plot(), m.plot(inference=m.inference(rng=1))
    assert len(tested.axes[0].collections) == len(plain.axes[0].collections) + 1
    assert "no effect would give" in tested.axes[0].get_title(loc="left")


def drawable(m: Multiverse) -> None:
    from io import BytesIO

    out = BytesIO()
    m.plot().savefig(out, format="png", dpi=40)
    assert out.getbuffer().nbytes > 2000


def test_odd_multiverses_are_drawn() -> None:
    two = k2.EffectSizes.from_arrays([0.3, 0.3], [0.02, 0.02])
    drawable(multiverse(two, models="random", tau2="DL", ci="z", exclude=None))
    drawable(multiverse(two))  # Hartung-Knapp of no spread: intervals of no width
    far = k2.EffectSizes.from_arrays([0.0, 40.0], [1e-4, 1e-4], measure="OR")
    drawable(multiverse(far))
    names = [f"{'very ' * 12}long name {i}" for i in range(40)]
    rng = np.random.default_rng(1)
    es = k2.EffectSizes.from_arrays(rng.normal(size=40), np.ones(40), study=names)
    drawable(multiverse(es, tau2="DL", ci="z"))


def test_fits_without_an_answer_are_not_drawn() -> None:
    none = k2.TwoByTwo.from_counts(
        events1=[0, 0, 0], n1=[30, 40, 50], events2=[2, 1, 3], n2=[30, 40, 50]
    )
    m = multiverse(none, "OR", models=["MH", "random"], exclude=None)
    assert points_of(m.plot().axes[0]).shape[0] == len(m) - 1
    only = multiverse(none, "OR", models="MH", exclude=None)
    assert only.plot().axes == []
    assert "1 without an estimate" in only.summary()
    assert "<table>" in only._repr_html_()


def test_infinite_limits_side_by_side_are_drawn() -> None:
    # Of few trials the limits by Kenward-Roger can be beyond any double as ratios.
    table = k2.TwoByTwo.from_counts(
        events1=[12, 0, 33, 5, 71],
        n1=[140, 55, 410, 60, 900],
        events2=[20, 3, 41, 4, 98],
        n2=[138, 52, 399, 61, 905],
    )
    made = multiverse(table, ["OR", "RR"], models="all")
    assert bool(np.isinf(made.to_frame()["natural_high"].to_numpy()).any())
    made.plot().canvas.draw()

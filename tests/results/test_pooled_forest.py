"""Forest plots: what is drawn, and that nothing is left open."""

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt

from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models import cumulative, leave_one_out, pool
from k2stats.render.forest import decimals, forest_plot, interval_text
from k2stats.render.forest_page import ForestRow
from models.pool_examples import bcg, sets


def _texts(figure: object) -> list[str]:
    axes = figure.axes[0]  # type: ignore[attr-defined]
    return [t.get_text() for t in axes.texts]


def test_every_study_and_the_summary_are_named() -> None:
    figure = pool(bcg()).forest(title="BCG")
    texts = _texts(figure)
    for label in bcg().labels:
        assert str(label) in texts
    assert "Random-effects model" in texts
    assert "0.49 [0.33, 0.73]" in texts
    assert "[0.14, 1.76]" in texts
    assert figure.axes[0].get_xscale() == "log"
    shown = [t.get_text() for t in figure.texts]
    assert "BCG" in shown
    assert any("I2 = 92.2%" in t for t in shown)


def test_no_prediction_where_there_is_none() -> None:
    assert "Prediction interval" not in _texts(pool(bcg(), model="common").forest())
    assert "Prediction interval" not in _texts(pool(bcg()).forest(prediction=False))


def test_order_of_the_studies() -> None:
    es = bcg()
    names = [str(n) for n in es.labels]
    texts = _texts(pool(es).forest(sort="effect"))
    shown = [t for t in texts if t in names]
    assert shown == [names[i] for i in np.argsort(es.y, kind="stable")]


def test_absent_studies_are_not_drawn() -> None:
    mask = np.arange(13) != 3
    texts = _texts(pool(bcg(), mask=mask).forest())
    assert str(bcg().labels[3]) not in texts


@pytest.mark.parametrize("k", [1, 2, 60, 500])
def test_any_number_of_studies_is_drawn(k: int) -> None:
    y, v = sets(1, (k,))
    figure = pool(EffectSizes.from_arrays(y, v, measure="SMD"), ci="z").forest()
    width, height = figure.get_size_inches()
    assert 5.0 < width < 14.0
    assert height < 17.0
    figure.savefig(io.BytesIO(), format="svg")


def test_series_and_pyplot_knows_nothing() -> None:
    before = plt.get_fignums()
    one, two = leave_one_out(bcg()).forest(), cumulative(bcg()).forest()
    assert "Without Aronson 1948" in _texts(one)
    assert "+ Aronson 1948" in _texts(two)
    assert plt.get_fignums() == before


def test_a_batch_is_refused() -> None:
    y, v = sets(1, (2, 3))
    with pytest.raises(InvalidEvidenceError, match="one meta-analysis, not a batch"):
        pool(EffectSizes.from_arrays(y, v)).forest()


def test_far_limits_do_not_rule_the_axis() -> None:
    rows = [
        ForestRow("A", 1.0, 0.5, 2.0),
        ForestRow("B", 1.5, 1e-9, 1e9),
        ForestRow("S", 1.2, 1e-12, 1e12, "summary"),
        ForestRow("undefined", np.nan, np.nan, np.nan),
        ForestRow("point", 1.1, np.nan, np.nan),
    ]
    low, high = forest_plot(rows, scale="log", null=1.0).axes[0].get_xlim()
    assert low < 0.5
    assert high > 2.0
    # the summary may reach half as far again as the studies, not all its way
    assert high < 1e15
    few = [r for r in rows if r.kind == "study"]
    low, high = forest_plot(few, scale="log", null=1.0).axes[0].get_xlim()
    assert 0.3 < low < 0.5
    assert 2.0 < high < 3.0


def test_numbers() -> None:
    assert decimals([0.3, 0.7]) == 2
    assert decimals([1e-9, 1e-8]) == 5
    assert decimals([np.nan, np.inf]) == 2
    assert interval_text(-np.inf, np.inf, 2, 0.5) == "0.50 [-∞, ∞]"
    assert interval_text(0.01, 1234.5, 2, None) == "[0.01, 1234]"


def test_a_notebook_shows_the_figure_without_pyplot() -> None:
    figure = pool(bcg()).forest()
    data, size = figure._repr_png_()  # type: ignore[attr-defined]
    # the size that a PNG states itself: RFC 2083, the IHDR chunk
    assert data[12:16] == b"IHDR"
    width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
    inches = figure.get_size_inches()
    assert size == {
        "width": round(96 * inches[0]),
        "height": round(96 * inches[1]),
    }
    assert abs(width - 2 * size["width"]) <= 2
    assert abs(height - 2 * size["height"]) <= 2


def test_long_labels_are_broken_and_dollars_stay() -> None:
    long = "Someone, Somebody and Somebody Else et al. 1998 (second cohort) " * 2
    plain = [ForestRow("costs $5 or $10", 0.5, 0.3, 0.8)]
    rows = [*plain, ForestRow(long.strip(), 0.5, 0.3, 0.8)]
    figure = forest_plot(rows, scale="log", null=1.0)
    texts = _texts(figure)
    assert "costs $5 or $10" in texts
    broken = next(t for t in texts if "\n" in t)
    assert " ".join(broken.split()) == long.strip()
    assert figure.get_size_inches()[0] < 9.0
    assert figure.get_size_inches()[1] > forest_plot(plain).get_size_inches()[1] + 0.3


def test_one_study_says_so() -> None:
    es = EffectSizes.from_arrays([0.3], [0.04], measure="OR")
    notes = [t.get_text() for t in pool(es, ci="z").forest().texts]
    assert notes == ["One study: heterogeneity cannot be assessed"]


def test_headings_and_notes_have_no_mark() -> None:
    gap = float("nan")
    rows = [
        ForestRow("Group", gap, gap, gap, "heading"),
        ForestRow("A", 0.5, 0.3, 0.8),
        ForestRow("Sum", 0.5, 0.3, 0.8, "subtotal"),
        ForestRow("Q = 1", gap, gap, gap, "note"),
    ]
    axes = forest_plot(rows, scale="log").axes[0]
    assert len(axes.patches) == 1
    assert len(axes.lines) == 2  # the interval and the square of A
    assert [t.get_text() for t in axes.texts] == ["Group", "A", "Sum", "Q = 1"]


def test_a_diamond_that_the_axis_ends_is_cut_off() -> None:
    rows = [
        ForestRow("A", 0.5, 0.25, 1.0),
        ForestRow("Sum", 0.5, 0.0, float("inf"), "summary"),
        ForestRow("Sum", 0.5, 0.3, 0.9, "subtotal"),
        ForestRow("Next", 0.5, float("nan"), float("nan"), "prediction"),
    ]
    axes = forest_plot(rows, scale="log").axes[0]
    endless, whole = (np.asarray(p.get_path().vertices) for p in axes.patches)
    left = endless[endless[:, 0] == endless[:, 0].min()]
    assert np.ptp(left[:, 1]) == pytest.approx(np.ptp(endless[:, 1]))  # a bar
    left = whole[whole[:, 0] == whole[:, 0].min()]
    assert np.ptp(left[:, 1]) == 0.0  # a point
    assert len(axes.lines) == 3  # the study's two, and the dashes; no dot


def test_differences_near_zero_are_rounded() -> None:
    es = EffectSizes.from_arrays([-0.62, 0.2], [0.1, 0.1], measure="SMD")
    texts = _texts(pool(es, ci="z").forest(places=2))
    assert "-0.62 [-1.24, -0.00]" in texts

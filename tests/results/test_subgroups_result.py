"""How a subgroup analysis is shown: text, frames, HTML, report, forest plot."""

import copy
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from k2stats.datasets.published import published
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.models.subgroups import subgroups
from models.pool_examples import bcg, sets

ALLOC = published("bcg").frame()["alloc"]
MADE = subgroups(bcg(), ALLOC)
COMMON = subgroups(bcg(), ALLOC, common_tau2=True)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_one_line_a_subgroup() -> None:
    assert str(MADE).splitlines() == [
        "random      RR 0.379 (95% CI 0.204 to 0.704), 7 studies",
        "alternate   RR 0.582 (95% CI 0.016 to 20.849), 2 studies",
        "systematic  RR 0.654 (95% CI 0.205 to 2.085), 4 studies",
        "Overall     RR 0.489 (95% CI 0.330 to 0.726), 13 studies",
        "Subgroup differences: Q = 2.04 (df 2), p = 0.3609",
    ]
    assert repr(COMMON).splitlines()[-1] == (
        "Subgroup differences: F(2, 10) = 0.97, p = 0.4134"
    )


def test_summary_holds_means_spread_and_tests() -> None:
    text = squeezed(MADE.summary())
    for part in (
        "Subgroup analysis by alloc: 13 studies in 3 subgroups",
        "Random-effects model, tau2 separate in subgroups",
        "random 7 0.3787 0.2039 0.7036 0.0086 0.0725 1.9788",
        "random 0.3925 0.6265 89.9% 110.21 6 < 0.0001",
        "Between, random-effects model Q 2.04 2 0.3609",
        "Between, random-effects model, Welch F 0.87 2, 3.92 0.4863",
        "Between, common effects Q 19.87 2 < 0.0001",
        "Within, common effects Q 132.37 10 < 0.0001",
    ):
        assert part in text
    one = squeezed(COMMON.summary())
    assert "tau2 common to subgroups" in one
    assert "tau2 within subgroups: 0.3615, 95% CI" in one
    assert "Welch" not in one
    plain = subgroups(bcg(), ALLOC, model="common").summary()
    assert "tau2" not in plain
    assert plain.count("Between") == 1


def test_every_line_of_a_summary_fits_a_terminal() -> None:
    long = ["in children and adolescents of both sexes, worldwide"] * 12 + ["x"]
    for made in (MADE, COMMON, subgroups(bcg(), long)):
        assert max(map(len, made.summary().splitlines())) <= 100
    assert "Subgroup analysis: 13" in subgroups(bcg(), long).summary()
    assert "One study in x" in subgroups(bcg(), long).summary()


def test_frames() -> None:
    frame = MADE.to_frame(natural=True)
    assert frame.index.tolist() == ["random", "alternate", "systematic", "Overall"]
    assert frame.index.name == "alloc"
    assert frame["k"].tolist() == [7, 2, 4, 13]
    np.testing.assert_allclose(
        frame["RR"], np.exp([*MADE.estimate, MADE.overall.estimate])
    )
    low, high = MADE.prediction_interval()
    np.testing.assert_allclose(frame["pi_low"][:3], np.exp(low))
    np.testing.assert_allclose(MADE.to_frame()["pi_high"][:3], high)
    ratio = MADE.differences(natural=True)
    np.testing.assert_allclose(
        ratio["ratio"].iloc[0], frame["RR"].iloc[1] / frame["RR"].iloc[0]
    )
    y, v = sets(1, (5, 6))
    batch = subgroups(EffectSizes.from_arrays(y, v, measure="MD"), list("aabbcc"))
    assert batch.to_frame().shape[0] == 4 * 5
    assert set(batch.to_frame()["subgroup"]) == {"a", "b", "c", "Overall"}


def test_report_names_methods_results_and_papers() -> None:
    text = MADE.report()
    for part in (
        "Studies were grouped by alloc; each subgroup was pooled in the same way, with "
        "a tau2 of its own.",
        "By alloc, the pooled RR was 0.379 (95% CI 0.204 to 0.704; 7 studies) in r",
        "Q = 2.04 (df 2), p = 0.3609; by Welch's test F(2, 3.92) = 0.87, p = 0.4863",
        "Borenstein et al. (2009)",
        "Welch (1951) Biometrika 38:330-336.",
    ):
        assert part in text
    assert "one tau2 for all subgroups" in COMMON.report()
    common = subgroups(bcg(), ALLOC, model="common").report()
    assert common.count("19.87") == 1
    unnamed = subgroups(bcg(), list(ALLOC)).report()
    assert "Studies were grouped; each" in unnamed
    assert "In the subgroups, the pooled RR was" in unnamed


def test_html_is_escaped_and_whole() -> None:
    html = subgroups(bcg(), ["<b>"] * 6 + ["c & d"] * 7)._repr_html_()
    assert html.startswith('<div style="overflow-x:auto"><table ')
    assert "&lt;b&gt;" in html
    assert "c &amp; d" in html
    assert html.count("<table ") == html.count("</table>") == 3


def test_a_batch_says_what_it_is() -> None:
    y, v = sets(1, (5, 6))
    batch = subgroups(EffectSizes.from_arrays(y, v, measure="MD"), list("aabbcc"))
    assert str(batch) == batch.summary() == "MD in 3 subgroups: batch of shape (5,)"
    assert batch._repr_html_() == f"<p>{batch}</p>"
    for ask in (batch.report, batch.differences, batch.forest):
        with pytest.raises(InvalidEvidenceError, match="of one set of studies"):
            ask()


def test_forest_has_blocks_and_diamonds() -> None:
    figure = MADE.forest(title="BCG")
    axes = figure.axes[0]
    texts = [t.get_text().strip() for t in axes.texts]
    start = texts.index("random")
    assert texts[start + 1] == "Aronson 1948"
    assert texts[start + 1 :].index("Subtotal, k = 7") < texts.index("alternate")
    assert "Overall, random-effects model" in texts
    assert "I2 = 89.9%, tau2 = 0.3925, Q = 110.21, p < 0.0001" in texts
    assert "50.5%" in texts  # the subgroup's share of all weights
    assert len(axes.patches) == 4
    notes = [t.get_text() for t in figure.texts]
    assert "Subgroup differences: Q = 2.04 (df 2), p = 0.3609" in notes
    few = COMMON.forest(heterogeneity=False, prediction=False, sort="effect")
    texts = [t.get_text().strip() for t in few.axes[0].texts]
    assert not any("I2" in t for t in texts)
    assert "Prediction interval" not in texts
    names = [str(n) for n in bcg().labels]
    order = [names.index(t) for t in texts if t in names][:7]
    assert np.all(np.diff(bcg().y[order]) >= 0)


def test_a_label_of_several_lines_is_set_in_on_each_of_them() -> None:
    long = "A multicentre trial with a title that takes much more than one line 1987"
    es = EffectSizes.from_arrays(
        [0.1, 0.2, 0.4, 0.3], [0.1] * 4, study=[long, "B", "C", "D"]
    )
    figure = subgroups(es, [long, long, "two", "two"]).forest()
    drawn = [t for t in figure.axes[0].texts if "multicentre" in t.get_text()]
    heading, study = (t.get_text().split("\n") for t in drawn)
    assert len(study) == len(heading) == 2
    assert all(line.startswith("  ") and line[2] != " " for line in study)
    assert not any(line.startswith(" ") for line in heading)
    assert " ".join(line.strip() for line in study) == long


def test_it_is_frozen_and_can_be_pickled() -> None:
    with pytest.raises(FrozenInstanceError):
        MADE.by = "x"  # type: ignore[misc]
    for made in (MADE, COMMON):
        for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
            assert again.summary() == made.summary()
            assert len(again) == 3


def test_other_tests_and_members() -> None:
    assert [float(f.k) for f in MADE] == [7.0, 2.0, 4.0]
    assert MADE.difference_test() is MADE.between
    assert COMMON.difference_test("F") is COMMON.between
    q = COMMON.difference_test("Q")
    np.testing.assert_allclose(q.statistic, 2 * COMMON.between.statistic, rtol=1e-9)
    with pytest.raises(InvalidEvidenceError, match="'Q' or 'Welch'"):
        MADE.difference_test("F")
    with pytest.raises(UnknownMethodError):
        MADE.difference_test("t")
    assert np.isnan(MADE.R2)
    assert float(COMMON.R2) == 0.0
    md = subgroups(EffectSizes.from_arrays([1.0, 2, 4, 3], [0.1] * 4), list("aabb"))
    with pytest.raises(InvalidEvidenceError, match="natural must be false"):
        md.differences(natural=True)

"""The container: construction, errors, selection, joining, printing."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from k2stats.datasets.published import published
from k2stats.effectsizes import EffectSizes, Proportion, ZeroCells
from k2stats.effectsizes.compute import measures_of
from k2stats.errors import InvalidEvidenceError, MissingInputError, UnknownMethodError
from k2stats.evidence import TwoByTwo

Y, V = [0.1, -0.3, 0.2], [0.04, 0.09, 0.01]
ES = EffectSizes.from_arrays(
    Y, V, measure="RR", study=["A", "B", "C"], n=[100, 50, 400]
)
FUSION = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)


def refuses(message: str, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(InvalidEvidenceError, match=re.escape(message)):
        EffectSizes.from_arrays(*args, **kwargs)


def test_standard_errors_are_squared() -> None:
    es = EffectSizes.from_arrays(Y, se=[0.2, 0.3, 0.1], measure="RR")
    np.testing.assert_allclose(es.v, V, rtol=1e-15)
    np.testing.assert_allclose(es.se, [0.2, 0.3, 0.1], rtol=1e-15)


def test_exactly_one_spread() -> None:
    refuses("v, se must be given as exactly one of the two", Y)
    refuses("v, se must be given as exactly one of the two", Y, V, se=V)


def test_bad_values_are_named_with_their_rows() -> None:
    refuses("v must be above 0, got 0.0; violated in rows [1]", Y, [0.1, 0, 0.1])
    refuses("se must be above 0, got -0.2; violated in rows [0]", Y, se=[-0.2, 1, 1])
    refuses("y must be finite, got inf; violated in rows [2]", [1, 2, np.inf], V)
    refuses(
        "y must be finite (drop_missing=True leaves such rows out), got nan; "
        "violated in rows [0]",
        [None, 2, 3],
        V,
    )
    refuses("y must be non-empty; there are no rows", [], [])
    refuses("v must be of the shape of y, (3,), got (2,)", Y, [0.1, 0.2])
    refuses("n must be of the shape of y, (3,), got (2,)", Y, V, n=[1, 2])
    refuses("y must be numeric, got 'a'", ["a", "b"], [1, 1])


def test_labels_are_checked() -> None:
    refuses(
        "study must be unique; make labels such as 'Smith 2001a', got 'A'; "
        "violated in rows [0, 2]",
        Y,
        V,
        study=["A", "B", "A"],
    )
    refuses(
        "study must be one label for each of 3 studies, got 2", Y, V, study=["A", "B"]
    )
    refuses("study must be one label a study, got 'ABC'", Y, V, study="ABC")
    refuses(
        "study must be present in every row; violated in rows [1]",
        Y,
        V,
        study=["A", None, "B"],
    )
    twice = EffectSizes.from_arrays(Y, V, study=["A", "A", "B"], by=[1, 2, 2])
    assert twice.study == ("A", "A", "B")


def test_missing_rows_are_left_out_on_request_and_counted() -> None:
    es = EffectSizes.from_arrays(
        [0.1, np.nan, 0.2], [0.1, 0.2, np.nan], study=list("ABC"), drop_missing=True
    )
    assert (es.k, es.dropped, es.study) == (1, 2, ("A",))
    assert "Left out for missing values: 2." in es.summary()
    refuses("y must be present in at least one row", [np.nan], [1], drop_missing=True)
    refuses(
        "drop_missing must be used with one set of studies, not with a batch",
        [[np.nan, 1.0]],
        [[1.0, 1.0]],
        drop_missing=True,
    )


@pytest.mark.parametrize(
    ("measure", "y", "message"),
    [
        (
            "PR",
            45.0,
            "y must be between 0 and 1 for PR; a percentage is divided by 100",
        ),
        ("COR", 1.2, "y must be between -1 and 1 for COR"),
        ("R2", -0.1, "y must be between 0 and 1 for R2"),
        ("SMD", 25.0, "looks like a raw difference (measure 'MD')"),
    ],
)
def test_impossible_effects(measure: str, y: float, message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=re.escape(message)):
        EffectSizes.from_arrays([y, 0.5], [0.01, 0.01], measure=measure)


def test_variances_given_as_standard_errors() -> None:
    # 1/n1 + 1/n2 is at least 4/n: a variance of 0.04 squared is impossible at n = 100.
    message = (
        "se must be a standard error, not a variance: no SMD from n participants "
        "varies less than 4/n, got 0.04; violated in rows [0, 1]"
    )
    refuses(message, [0.2, 0.4], se=[0.04, 0.05], n=[100, 80], measure="SMD")
    refuses("v must be a variance: no OR", [0.2], [0.01], n=[100], measure="OR")


def test_standard_errors_given_as_variances() -> None:
    text = "v must be sampling variances; these fit standard errors"
    n = np.array([50, 100, 200])
    refuses(text, [0.2, 0.3, 0.1], 1 / np.sqrt(n - 3), n=n, measure="ZCOR")
    refuses(text, [0.2, 0.3], [0.05, 0.04], n=[100, 150], measure="PR")
    # Raudenbush & Bryk (1985), teacher expectancy: the table prints both.
    studies = published("raudenbush1985")
    n = studies.moderators["n1i"] + studies.moderators["n2i"]
    refuses(text, studies.y, studies.moderators["sei"], n=n, measure="SMD")
    kept = EffectSizes.from_arrays(studies.y, studies.v, n=n, measure="SMD")
    assert kept.k == 19
    rng = np.random.default_rng(1)
    se = rng.uniform(0.05, 0.15, 40)
    y = rng.normal(0.3, se)
    refuses(text, y, se, measure="MD")
    kept = EffectSizes.from_arrays(y, se, measure="MD", check_scale=False)
    assert kept.k == 40
    assert EffectSizes.from_arrays(y, se=se, measure="MD").k == 40


def test_standardized_differences_of_unequal_groups_pass() -> None:
    # 4 against 36 people: the variance is 0.278, three times that of equal groups.
    for n1, n2 in ((4, 36), (20, 20), (100, 1100), (3, 9)):
        n = np.array([n1 + n2] * 4)
        v = np.full(4, 1 / n1 + 1 / n2 + 0.01)
        es = EffectSizes.from_arrays([0.1, 0.2, 0.3, 0.4], v, n=n, measure="SMD")
        assert es.k == 4


def test_correct_inputs_of_every_checked_measure_pass() -> None:
    n = np.array([50.0, 100, 200])
    for code, v in (
        ("ZCOR", 1 / (n - 3)),
        ("PAS", 1 / (4 * n)),
        ("PFT", 1 / (4 * n + 2)),
        ("SMD", 4.2 / n),
        ("OR", 17 / n),
        ("COR", 0.8 / n),
        ("PR", 0.2 / n),
    ):
        assert EffectSizes.from_arrays([0.1, 0.2, 0.3], v, n=n, measure=code).k == 3


def test_unknown_measure() -> None:
    with pytest.raises(UnknownMethodError, match="Unknown measure 'XX'"):
        EffectSizes.from_arrays(Y, V, measure="XX")


def test_selection_keeps_labels() -> None:
    for index in (np.array([True, False, True]), [0, 2], slice(0, 3, 2)):
        part = ES[index]
        assert part.study == ("A", "C")
        np.testing.assert_array_equal(part.y, [0.1, 0.2])
        assert part.n is not None
        np.testing.assert_array_equal(part.n, [100, 400])
    assert ES[1].study == ES["B"].study == ("B",)
    assert [e.study for e in ES] == [("A",), ("B",), ("C",)]
    assert len(ES) == 3
    with pytest.raises(InvalidEvidenceError, match="study must be one of A, B, C, got"):
        ES["D"]
    with pytest.raises(InvalidEvidenceError, match="mask must be of length 3"):
        ES[np.array([True])]
    with pytest.raises(IndexError):
        ES[7]


def test_concatenation_keeps_labels_and_refuses_other_measures() -> None:
    joined = EffectSizes.concat([ES[:2], ES[2]])
    assert joined.study == ES.study
    np.testing.assert_array_equal(joined.y, ES.y)
    np.testing.assert_array_equal(joined.v, ES.v)
    with pytest.raises(InvalidEvidenceError, match="study must be unique"):
        EffectSizes.concat([ES, ES])
    other = EffectSizes.from_arrays([0.1], [0.2], measure="OR", study=["Z"])
    with pytest.raises(
        InvalidEvidenceError, match="the same in all parts, got 'RR, OR'"
    ):
        EffectSizes.concat([ES, other])
    bare = EffectSizes.from_arrays([0.1], [0.2], measure="RR")
    with pytest.raises(InvalidEvidenceError, match="given for all parts or for none"):
        EffectSizes.concat([ES, bare])
    with pytest.raises(InvalidEvidenceError, match="parts must be non-empty"):
        EffectSizes.concat([])
    mixed = EffectSizes.concat(
        [measures_of(FUSION, "RD"), measures_of(FUSION, "RD", vtype="UB")]
    )
    assert mixed.vtype == "mixed"


def test_subgroups() -> None:
    es = EffectSizes.from_arrays(Y, V, by=["x", "y", "x"])
    assert {g: e.k for g, e in es.groups().items()} == {"x": 2, "y": 1}
    with pytest.raises(MissingInputError, match="by is needed for subgroups"):
        ES.groups()


def test_arrays_are_read_only_and_own_their_memory() -> None:
    given = np.array(Y)
    es = EffectSizes.from_arrays(given, V)
    given[0] = 99.0
    assert es.y[0] == 0.1
    with pytest.raises(ValueError, match="read-only"):
        es.y[0] = 1.0
    made = measures_of(FUSION, "RR")
    assert not made.y.flags.writeable
    assert not made.v.flags.writeable
    given[1] = 0.0


def test_one_study_prints_on_the_natural_scale() -> None:
    # Wang (2025), fusion: RR 1.234 (0.992 to 1.535).
    assert str(measures_of(FUSION, "RR")) == "RR 1.234 (0.992 to 1.535)"
    assert repr(measures_of(FUSION, "VE")) == "VE -0.234 (-0.535 to 0.008)"


def test_table_and_notes() -> None:
    t = TwoByTwo.from_counts(events1=[0, 3], n1=[9, 9], events2=[2, 2], n2=[9, 9])
    es = measures_of(t, "OR", study=["Ann <1>", "Bo"])
    text = es.summary()
    assert text.splitlines()[0].split() == ["Study", "OR", "(95%", "CI)", "Added"]
    assert "Zero cells: 0.5 added to tables with a zero cell (1 of 2)." in text
    dropping = ZeroCells(drop_double_zero=True)
    table = TwoByTwo.from_counts(events1=[0, 3, 0], n1=9, events2=[2, 2, 0], n2=9)
    assert (
        "Zero cells: 0.5 added to tables with a zero cell (2 of 3); "
        "double zeros left out.\n"
        "Without an effect or a variance: 1 of 3."
    ) in measures_of(table, "RR", zero_cells=dropping).summary()
    html = es._repr_html_()
    assert "Ann &lt;1&gt;" in html
    assert html.count("<tr>") == 3
    none = measures_of(t, "OR", zero_cells=ZeroCells(to="none"))
    assert "Without an effect or a variance: 1 of 2." in none.summary()
    assert "undefined" in str(none)
    assert none.drop_incomplete().dropped == 1


def test_many_studies_are_cut_short() -> None:
    es = EffectSizes.from_arrays(np.zeros(80), np.ones(80))
    assert "... 20 more studies" in str(es)


def test_batches() -> None:
    es = EffectSizes.from_arrays(np.zeros((2, 3)), np.ones((2, 3)), study=list("abc"))
    assert str(es) == "effect: effect sizes of shape (2, 3)"
    assert es[1:].shape == (2, 2)
    assert es[1:].study == ("b", "c")
    frame = es.to_frame()
    assert frame.columns.tolist() == ["set0", "study", "y", "v", "se"]
    assert frame["study"].tolist() == list("abcabc")
    with pytest.raises(InvalidEvidenceError, match="one set of studies, not a batch"):
        es.drop_incomplete()
    assert es._repr_html_() == "<p>effect: effect sizes of shape (2, 3)</p>"


def test_frames() -> None:
    frame = ES.to_frame()
    assert frame.columns.tolist() == ["study", "y", "v", "se", "n"]
    natural = ES.to_frame(natural=True, level=0.9)
    assert natural.columns.tolist() == ["study", "RR", "low", "high", "n"]
    want = np.exp(np.array(Y) - 1.6448536269514722 * np.sqrt(V))
    np.testing.assert_allclose(natural["low"], want, rtol=1e-14)
    again = EffectSizes.from_arrays(
        frame["y"], frame["v"], measure="RR", study=frame["study"].tolist()
    )
    pd.testing.assert_frame_equal(again.to_frame(), frame.drop(columns="n"))


def test_levels() -> None:
    for level in (0.0, 1.0, 95.0):
        with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
            ES.conf_int(level)


def test_limits_stay_in_the_range_of_the_measure() -> None:
    es = measures_of(Proportion.from_arrays(events=1, n=4), "PR")
    made = es.natural()
    assert made.low[0] == 0.0
    assert es.conf_int()[0][0] < 0


def test_freeman_tukey_without_sizes_stays_on_its_scale() -> None:
    es = EffectSizes.from_arrays([0.5], [0.01], measure="PFT")
    with pytest.raises(MissingInputError, match="n is needed for the back-transform"):
        es.natural()
    assert str(es).startswith("PFT (double-arcsine scale) 0.500")

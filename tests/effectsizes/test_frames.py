"""Effect sizes from frames and arrays; what is refused and how it is named."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from k2stats.effectsizes import ZeroCells, effect_size, effect_sizes, needs
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import TwoByTwo, TwoMeans

TRIALS = pd.DataFrame(
    {
        "author": ["Aronson", "Ferguson", "Rosenthal"],
        "tpos": [4, 6, 3],
        "tn": [123, 306, 231],
        "cpos": [11, 29, 11],
        "cn": [139, 303, 220],
        "alloc": ["random", "random", "alternate"],
    }
)
NAMES: dict[str, Any] = {"events1": "tpos", "n1": "tn", "events2": "cpos", "n2": "cn"}
# escalc/bcg/RR, first three trials.
WANT = [-0.889311333920205, -1.58538865720143, -1.34807314829969]


def refuses(message: str, frame: pd.DataFrame, measure: str, **kwargs: Any) -> None:
    with pytest.raises(InvalidEvidenceError, match=re.escape(message)):
        effect_sizes(frame, measure, **kwargs)


def test_columns_by_name() -> None:
    es = effect_sizes(TRIALS, "RR", study="author", by="alloc", **NAMES)
    np.testing.assert_allclose(es.y, WANT, rtol=1e-12)
    assert es.study == ("Aronson", "Ferguson", "Rosenthal")
    assert list(es.groups()) == ["random", "alternate"]
    assert es.n is not None
    assert es.n.tolist() == [262, 609, 451]


def test_columns_as_arrays_and_cells() -> None:
    t = TRIALS
    arrays = effect_sizes(
        None, "RR", events1=t.tpos, n1=t.tn.tolist(), events2=t.cpos.array, n2=t["cn"]
    )
    np.testing.assert_allclose(arrays.y, WANT, rtol=1e-12)
    cells = effect_sizes(
        None, "RR", a=t.tpos, b=t.tn - t.tpos, c=t.cpos, d=t.cn - t.cpos
    )
    np.testing.assert_allclose(cells.y, WANT, rtol=1e-12)
    mixed = effect_sizes(t, "RR", events1="tpos", n1="tn", events2=t.cpos, n2="cn")
    np.testing.assert_allclose(mixed.y, WANT, rtol=1e-12)


def test_an_index_of_names_gives_the_labels() -> None:
    es = effect_sizes(TRIALS.set_index("author"), "RR", **NAMES)
    assert es.study == ("Aronson", "Ferguson", "Rosenthal")
    assert effect_sizes(TRIALS, "RR", **NAMES).study is None


def test_labels_of_an_index_stay_with_their_rows() -> None:
    frame = TRIALS.assign(tpos=pd.array([4, pd.NA, 3], dtype="Int64"))
    es = effect_sizes(frame.set_index("author"), "RR", drop_missing=True, **NAMES)
    assert es.study == ("Aronson", "Rosenthal")
    assert es.dropped == 1


def test_a_series_of_other_rows_is_refused() -> None:
    turned = TRIALS.sort_values("cn")
    message = (
        "events2 must be a Series with the index of data; this one has other rows or "
        "another order (give .to_numpy() to go by position)."
    )
    refuses(message, turned, "RR", **(NAMES | {"events2": TRIALS.cpos}))
    refuses("study must be a Series with", turned, "RR", study=TRIALS.author, **NAMES)
    with pytest.raises(InvalidEvidenceError, match="n1 must be a Series with the inde"):
        effect_sizes(
            None, "RR", events1=TRIALS.tpos, n1=turned.tn, events2=[9] * 3, n2=[99] * 3
        )
    by_position = NAMES | {"events2": turned.cpos.to_numpy()}
    es = effect_sizes(turned, "RR", study=turned.author, **by_position)
    # Sorted by the size of the control group: 139, 220, 303.
    assert es.study == ("Aronson", "Rosenthal", "Ferguson")
    np.testing.assert_allclose(es.y, [WANT[0], WANT[2], WANT[1]], rtol=1e-12)


@pytest.mark.parametrize("kind", ["Int64", "Float64", "float32", "uint8", object])
def test_nullable_and_object_columns_of_numbers(kind: Any) -> None:
    frame = TRIALS.assign(tpos=TRIALS["tpos"].astype(kind))
    np.testing.assert_allclose(effect_sizes(frame, "RR", **NAMES).y, WANT, rtol=1e-12)


def test_categorical_labels_are_plain_labels() -> None:
    frame = TRIALS.assign(author=TRIALS["author"].astype("category"))
    es = effect_sizes(frame, "RR", study="author", **NAMES)
    assert es.study == ("Aronson", "Ferguson", "Rosenthal")


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["4", "6", "3"], "events1 (column 'tpos') must be numeric, got '4'"),
        (
            [4, "six", 3],
            "events1 (column 'tpos') must be numeric, got 'six'; violated in rows [1]",
        ),
        (
            [True, False, True],
            "events1 (column 'tpos') must be numeric, not true or false",
        ),
        (
            pd.Categorical([4, 6, 3]),
            "events1 (column 'tpos') must be numeric, not categorical",
        ),
        (
            [4, 6.5, 3],
            "events1 (column 'tpos') must be a whole number, got 6.5; violated "
            "in rows [1]",
        ),
        ([4, -6, 3], "events1 (column 'tpos') must be at least 0, got -6.0"),
        (
            [4, 307, 3],
            "events1 (column 'tpos') must be at most n1, got 307.0; violated in "
            "rows [1]",
        ),
        (
            [4, None, 3],
            "events1 (column 'tpos') must be present (drop_missing=True leaves "
            "such rows out); violated in rows [1]",
        ),
        ([4, 2**60, 3], "events1 (column 'tpos') must be at most 2**53"),
    ],
)
def test_bad_columns_are_named(column: Any, message: str) -> None:
    refuses(message, TRIALS.assign(tpos=column), "RR", **NAMES)


def test_columns_labelled_by_stata_are_refused_by_name() -> None:
    # pandas.read_stata gives labelled values as ordered categories.
    labelled = pd.Categorical(["none", "some", "none"], ordered=True)
    refuses(
        "events1 (column 'tpos') must be numeric, not categorical",
        TRIALS.assign(tpos=labelled),
        "RR",
        **NAMES,
    )


def test_missing_rows_are_counted() -> None:
    frame = TRIALS.assign(tpos=pd.array([4, pd.NA, 3], dtype="Int64"))
    es = effect_sizes(frame, "RR", study="author", drop_missing=True, **NAMES)
    assert es.study == ("Aronson", "Rosenthal")
    assert es.dropped == 1
    np.testing.assert_allclose(es.y, [WANT[0], WANT[2]], rtol=1e-12)


def test_arguments_that_are_missing_or_wrong() -> None:
    with pytest.raises(
        MissingInputError,
        match=re.escape(
            "n2 is needed for RR and was not given; it takes events1, n1, events2, n2 "
            "or a, b, c, d."
        ),
    ):
        effect_sizes(TRIALS, "RR", events1="tpos", n1="tn", events2="cpos")
    refuses(
        "columns of SMD must be mean1, sd1, n1, mean2, sd2, n2, got 'events1, n1, "
        "events2, n2'",
        TRIALS,
        "SMD",
        **NAMES,
    )
    refuses(
        "events1 must be a column, one of author, tpos, tn, cpos, cn, alloc, got",
        TRIALS,
        "RR",
        **(NAMES | {"events1": "tpso"}),
    )
    refuses("study must be a column, one of", TRIALS, "RR", study="name", **NAMES)
    with pytest.raises(InvalidEvidenceError, match="events1 must be an array, as no"):
        effect_sizes(None, "RR", **NAMES)
    twice = pd.concat([TRIALS, TRIALS[["tpos"]]], axis=1)
    refuses("events1 must be one column; the name comes twice", twice, "RR", **NAMES)
    with pytest.raises(InvalidEvidenceError, match="of one length"):
        effect_sizes(None, "RR", events1=[1, 2], n1=[5, 6, 7], events2=1, n2=9)
    with pytest.raises(InvalidEvidenceError, match="non-empty"):
        effect_sizes(TRIALS.iloc[:0], "RR", **NAMES)


def test_evidence_is_taken_as_it_is() -> None:
    t = TwoByTwo.from_counts(
        events1=[4, 6], n1=[123, 306], events2=[11, 29], n2=[139, 303]
    )
    es = effect_sizes(t, "RR", study=["a", "b"], by=["x", "y"])
    np.testing.assert_allclose(es.y, WANT[:2], rtol=1e-12)
    assert (es.study, es.by) == (("a", "b"), ("x", "y"))
    with pytest.raises(InvalidEvidenceError, match="left out where evidence is given"):
        effect_sizes(t, "RR", events1=[1])


def test_standard_errors_in_the_place_of_sds_are_noticed() -> None:
    # Heights of 400 people a group in cm, 171 and 158, with an SE of 0.4 each.
    given: dict[str, Any] = {
        "mean1": 171,
        "sd1": 0.4,
        "n1": 400,
        "mean2": 158,
        "sd2": 0.4,
        "n2": 400,
    }
    message = (
        "SMD must be within 20 SDs; beyond it the spread looks like a standard error, "
        "not an SD (check_scale=False keeps it), got 32."
    )
    with pytest.raises(InvalidEvidenceError, match=re.escape(message)):
        effect_sizes(None, "SMD", **given)
    with pytest.raises(InvalidEvidenceError, match=re.escape(message)):
        effect_size(TwoMeans.from_summary(**given), "SMD")
    kept = effect_sizes(None, "SMD", check_scale=False, **given)
    assert kept.y.item() > 32
    sds = given | {"sd1": 8.0, "sd2": 8.0}
    assert effect_sizes(None, "SMD", **sds).y.item() < 2
    assert effect_sizes(None, "MD", **given).y.item() == 13


def test_one_study() -> None:
    t = TwoByTwo.from_counts(
        events1=[0, 6], n1=[123, 306], events2=[11, 29], n2=[139, 303]
    )
    one = effect_size(t[0], "OR", zero_cells=ZeroCells(to="all"))
    assert one.k == 1
    with pytest.raises(InvalidEvidenceError, match=r"of one study .* got '2 studies'"):
        effect_size(t, "OR")


def test_every_measure_says_what_it_needs() -> None:
    assert needs("SMD") == [("mean1", "sd1", "n1", "mean2", "sd2", "n2")]
    assert needs("SMCR") == [("mean1", "sd1", "mean2", "sd2", "n", "r")]
    assert needs("HR") == [("y", "v")]
    hr = effect_sizes(None, "HR", y=[0.1, 0.2], v=[0.01, 0.02])
    assert hr.info.scale.name == "log"


def test_missing_rows_stay_in_their_place_on_request() -> None:
    frame = pd.DataFrame(
        {
            "a": [4, None, 0, 3],
            "n1": [123, 306, 231, None],
            "c": [11, 29, 11, 2],
            "n2": [139, 303, 220, 9],
            "who": ["A", "B", "C", "D"],
        }
    )
    columns: dict[str, Any] = {
        "events1": "a",
        "n1": "n1",
        "events2": "c",
        "n2": "n2",
        "study": "who",
    }
    es = effect_sizes(frame, "RR", keep_missing=True, **columns)
    gone = effect_sizes(frame, "RR", drop_missing=True, **columns)
    assert es.study == ("A", "B", "C", "D")
    assert (es.k, es.dropped, gone.k, gone.dropped) == (4, 0, 2, 2)
    for name in ("y", "v", "n"):
        whole, part = getattr(es, name), getattr(gone, name)
        np.testing.assert_array_equal(np.isnan(whole), [False, True, False, True])
        np.testing.assert_array_equal(whole[[0, 2]], part)
        assert not whole.flags.writeable
    assert es.added is not None
    np.testing.assert_array_equal(es.added, [0, 0, 0.5, 0])
    assert "Without an effect or a variance: 2 of 4." in es.summary()
    by_study = effect_sizes(
        frame, "PHI", keep_missing=True, vtype=["ST", "CS", "CS", "ST"], **columns
    )
    alone = effect_sizes(frame.iloc[[2]], "PHI", vtype="CS", **columns)
    assert by_study.v[2] == alone.v[0]


def test_nothing_missing_leaves_nothing_to_keep() -> None:
    given: dict[str, Any] = {"events": [1, 2], "n": [5, 6]}
    es = effect_sizes(None, "PR", keep_missing=True, **given)
    np.testing.assert_array_equal(es.y, effect_sizes(None, "PR", **given).y)
    odd: dict[str, Any] = {"events": np.array([1, 2], dtype=object), "n": [5, 6]}
    np.testing.assert_array_equal(
        effect_sizes(None, "PR", keep_missing=True, **odd).y, es.y
    )


def test_rows_of_errors_are_those_that_were_given() -> None:
    given: dict[str, Any] = {"events": [None, 2, 9], "n": [5, 6, 6]}
    batch: dict[str, Any] = {"events": [[None, 1]], "n": [[3, 4]]}
    for word in ("keep_missing", "drop_missing"):
        asked: dict[str, Any] = {word: True}
        with pytest.raises(
            InvalidEvidenceError, match=r"events must be at most n.*rows \[2\]"
        ):
            effect_sizes(None, "PR", **asked, **given)
        with pytest.raises(InvalidEvidenceError, match=f"{word} must be used with one"):
            effect_sizes(None, "PR", **asked, **batch)
    with pytest.raises(InvalidEvidenceError, match="asked for one at a time"):
        effect_sizes(None, "PR", drop_missing=True, keep_missing=True, **given)
    with pytest.raises(InvalidEvidenceError, match="study must be one label for each"):
        effect_sizes(None, "PR", keep_missing=True, study=["A"], **given)

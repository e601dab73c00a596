"""Where array-likes become floats: numbers, missing values, what is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import ArrayLike

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo, TwoMeans
from k2stats.evidence._coerce import as_floats, rows_of, together

TRUTH = {
    "list": [True, False],
    "among numbers": [True, 2.5],
    "numpy's own among numbers": [np.False_, 2],
    "nested": [[1.0, True], [2.0, 3.0]],
    "in a tuple": (1.0, True),
    "scalar": True,
    "array": np.array([True]),
    "Series": pd.Series([True, False]),
    "nullable Series": pd.Series([True, None], dtype="boolean"),
    "object Series": pd.Series([True, 1.0], dtype=object),
    "sparse Series": pd.Series(pd.arrays.SparseArray([True, False])),
    "nullable array": pd.array([True, None], dtype="boolean"),
    "Index": pd.Index([True, False]),
}

NOT_NUMBERS = {
    "text": ["1", "2"],
    "text Series": pd.Series(["1"], dtype="string"),
    "complex": [1j],
    "dates": pd.Series(pd.to_datetime(["2020-01-01"])),
    "ragged": [[1.0, 2.0], [3.0]],
}


@pytest.mark.parametrize("name", TRUTH)
def test_truth_values_are_no_numbers(name: str) -> None:
    given: Any = TRUTH[name]
    with pytest.raises(InvalidEvidenceError, match="n1 must be numeric"):
        as_floats("n1", given)


@pytest.mark.parametrize("name", NOT_NUMBERS)
def test_what_is_not_a_number_is_refused(name: str) -> None:
    given: Any = NOT_NUMBERS[name]
    with pytest.raises(InvalidEvidenceError, match="n1 must be"):
        as_floats("n1", given)


@pytest.mark.parametrize(
    "given",
    [
        pd.Series([1, 2], dtype="category"),
        pd.Categorical([1, 2]),
        pd.CategoricalIndex([1, 2]),
    ],
)
def test_categories_are_no_numbers(given: Any) -> None:
    with pytest.raises(InvalidEvidenceError, match="n1 must be numeric, not categ"):
        as_floats("n1", given)


@pytest.mark.parametrize(
    "given",
    [
        [1, None],
        [1.0, np.nan],
        pd.Series([1, None], dtype="Int64"),
        pd.array([1, None], dtype="Int64"),
        pd.Series([1, pd.NA], dtype=object),
        np.ma.masked_array([1.0, 2.0], mask=[False, True]),
        np.ma.masked_array([1, 2], mask=[False, True]),
    ],
)
def test_missing_values_become_nan(given: ArrayLike) -> None:
    np.testing.assert_array_equal(as_floats("n1", given), [1.0, np.nan])


def test_masked_arrays_without_a_mask_are_arrays() -> None:
    given = np.ma.masked_array([[1.0, 2.0]])
    np.testing.assert_array_equal(as_floats("n1", given), [[1.0, 2.0]])


def test_scalars_get_an_axis() -> None:
    assert as_floats("n1", 3).tolist() == [3.0]
    assert as_floats("n1", np.float32(0.5)).tolist() == [0.5]


PLAIN = {
    "arrays": (np.array([1.0, 2.0]), np.array([3, 4])),
    "lists": ([1, 2], [3.5, 4]),
    "a number among arrays": (np.array([1.0, 2.0]), 3),
    "numbers": (1, 2.5),
    "Series": (pd.Series([1, 2], index=[7, 9]), pd.Series([1.5, np.nan])),
    "small types": (
        np.array([1, 2], dtype=np.uint8),
        np.array([0.5, 1.5], dtype=np.float32),
    ),
    "batch": (np.ones((2, 3)), 4.0),
    "an array without axes": (np.array(2.0), [1.0, 3.0]),
    "missing": ([np.nan, 2.0], [1, 2]),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_numbers_are_read_at_once_as_they_are_one_by_one(name: str) -> None:
    values: Any = PLAIN[name]
    rows = rows_of(values)
    assert rows is not None
    assert not rows.flags.writeable
    one_by_one = np.broadcast_arrays(*(as_floats("x", x) for x in values))
    np.testing.assert_array_equal(rows, np.array(one_by_one))
    assert rows.dtype == np.float64


LOOKED_AT = {
    **{f"truth values, {k}": (v,) for k, v in TRUTH.items()},
    **{k: (v,) for k, v in NOT_NUMBERS.items()},
    "categories": (pd.Series([1, 2], dtype="category"),),
    "a mask": (np.ma.masked_array([1.0, 2.0], mask=[False, True]),),
    "None": ([1, None],),
    "nullable": (pd.Series([1, 2], dtype="Int64"),),
    "objects": (np.array([1, 2], dtype=object),),
    "nested lists": ([[1.0, 2.0], [3.0, 4.0]],),
    "other lengths": ([1.0, 2.0], [1.0, 2.0, 3.0]),
    "one against many": ([1.0], [1.0, 2.0]),
    "nothing": ([], []),
    "no rows": (np.ones((0, 3)),),
    "beyond 2**53": (np.array([2**53 + 1]),),
    "beyond 64 bits": (10**30,),
    "the most negative": (np.array([-(2**63)]),),
    "unsigned beyond 2**53": (np.array([2**63 + 1], dtype=np.uint64),),
}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_whatever_else_is_looked_at_one_by_one(name: str) -> None:
    assert rows_of(LOOKED_AT[name]) is None


def test_numbers_that_are_exact_pass_however_they_are_read() -> None:
    # looked at, but a power of two beyond 2**53 is exact
    np.testing.assert_array_equal(
        together({"n1": np.array([2**60]), "n2": 2.0})["n1"], [2.0**60]
    )
    with pytest.raises(InvalidEvidenceError, match="exact in double precision"):
        together({"n1": np.array([2**60 + 1]), "n2": 2.0})


COUNTS = hnp.arrays(
    np.float64,
    (4, 2),
    elements=st.sampled_from([1.0, 2.0, 7.0, 0.0, -1.0, 0.5, 2.0**54, np.nan, np.inf]),
)


@given(COUNTS)
@settings(max_examples=300, deadline=None)
def test_counts_read_at_once_are_those_that_pass_every_rule(rows: np.ndarray) -> None:
    quick = TwoByTwo.of_rows(rows)
    # of objects, so that every field is looked at by itself
    events1, n1, events2, n2 = rows.astype(object)
    try:
        slow = TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)
    except InvalidEvidenceError:
        assert quick is None
    else:
        assert quick is not None
        for name in ("events1", "n1", "events2", "n2"):
            np.testing.assert_array_equal(getattr(quick, name), getattr(slow, name))


@given(COUNTS)
@settings(max_examples=300, deadline=None)
def test_cells_read_at_once_are_those_that_pass_every_rule(rows: np.ndarray) -> None:
    quick = TwoByTwo.of_cell_rows(rows)
    a, b, c, d = rows.astype(object)
    try:
        slow = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    except InvalidEvidenceError:
        assert quick is None
    else:
        assert quick is not None
        np.testing.assert_array_equal(quick.cells, slow.cells)


@given(
    hnp.arrays(
        np.float64,
        (6, 1),
        elements=st.sampled_from([2.0, 9.0, 0.0, -2.0, 1.0, 2.5, np.nan, np.inf]),
    )
)
@settings(max_examples=300, deadline=None)
def test_means_read_at_once_are_those_that_pass_every_rule(rows: np.ndarray) -> None:
    names = ("mean1", "sd1", "n1", "mean2", "sd2", "n2")
    quick = TwoMeans.of_rows(rows)
    fields = dict(zip(names, rows.astype(object), strict=True))
    try:
        slow = TwoMeans.from_summary(**fields)
    except InvalidEvidenceError:
        assert quick is None
    else:
        assert quick is not None
        for name in names:
            np.testing.assert_array_equal(getattr(quick, name), getattr(slow, name))

"""Where array-likes become floats: numbers, missing values, what is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats

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

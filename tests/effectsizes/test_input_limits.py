"""The limits that input classes state: of single fields, together, and in words."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k2stats.effectsizes import (
    Alpha,
    AsGiven,
    ChangeMeans,
    CorrelationInput,
    Determination,
    Genotypes,
    MarginalPairs,
    OneMean,
    OneSpread,
    PairedCounts,
    Proportion,
    Rate,
    RegressionTest,
    RegressionTestR2,
    Superiority,
    TwoRates,
)
from k2stats.effectsizes._summaries import Limits, Summaries
from k2stats.errors import InvalidEvidenceError

POSSIBLE: dict[type[Summaries], dict[str, float]] = {
    PairedCounts: {"a": 3, "b": 2, "c": 0, "d": 9},
    MarginalPairs: {"events1": 3, "events2": 4, "n": 9, "r": 0.2},
    TwoRates: {"events1": 0, "time1": 2.5, "events2": 4, "time2": 3},
    Rate: {"events": 3, "time": 0.5},
    Proportion: {"events": 3, "n": 3},
    OneMean: {"mean": -2, "sd": 0, "n": 2},
    OneSpread: {"sd": 1, "n": 2},
    ChangeMeans: {"mean1": 2, "sd1": 1, "mean2": 1, "sd2": 0, "n": 5, "r": -1},
    CorrelationInput: {"r": 1, "n": 4},
    RegressionTest: {"t": -1, "n": 5, "predictors": 3},
    RegressionTestR2: {"t": -1, "n": 5, "predictors": 3, "r2": 0.5},
    Determination: {"r2": 0, "n": 5, "predictors": 3},
    Alpha: {"alpha": -0.2, "items": 2, "n": 3},
    Genotypes: {
        "homozygous_dominant": 0,
        "heterozygous": 2,
        "homozygous_recessive": 3,
    },
    Superiority: {"auc": 0, "n1": 1, "n2": 4},
    AsGiven: {"y": -1, "v": 1e-300},
}

REFUSED = [
    (PairedCounts, "a", -1, "a must be at least 0, got -1.0"),
    (PairedCounts, "d", 1.5, "d must be a whole number, got 1.5"),
    (MarginalPairs, "n", 0, "n must be at least 1, got 0.0"),
    (MarginalPairs, "r", 1.1, "r must be between -1 and 1, got 1.1"),
    (MarginalPairs, "events2", 10, "events2 must be at most n, got 10.0"),
    (TwoRates, "time2", 0, "time2 must be above 0, got 0.0"),
    (Rate, "events", -3, "events must be at least 0, got -3.0"),
    (Proportion, "n", 2, "events must be at most n, got 3.0"),
    (OneMean, "n", 1, "n must be at least 2, got 1.0"),
    (OneSpread, "sd", -0.1, "sd must be at least 0, got -0.1"),
    (CorrelationInput, "n", 3, "n must be at least 4, got 3.0"),
    (RegressionTest, "n", 4, r"n must be above predictors \+ 1, got 4.0"),
    (RegressionTest, "n", 20.5, "n must be a whole number, got 20.5"),
    (RegressionTestR2, "r2", 1.2, "r2 must be between 0 and 1, got 1.2"),
    (Determination, "predictors", 0, "predictors must be at least 1, got 0.0"),
    (Alpha, "alpha", 1.01, "alpha must be at most 1, got 1.01"),
    (Alpha, "items", 1, "items must be at least 2, got 1.0"),
    (Genotypes, "heterozygous", 0.5, "heterozygous must be a whole number"),
    (Superiority, "auc", -0.1, "auc must be between 0 and 1, got -0.1"),
    (AsGiven, "v", 0, "v must be above 0, got 0.0"),
    (AsGiven, "y", np.inf, "y must be finite, got inf"),
]


@pytest.mark.parametrize("kind", POSSIBLE)
def test_limits_may_be_reached(kind: type[Summaries]) -> None:
    made = kind.from_arrays(**POSSIBLE[kind])
    got = {f.name: float(getattr(made, f.name)[0]) for f in fields(made)}
    assert got == POSSIBLE[kind]


@pytest.mark.parametrize(("kind", "name", "value", "message"), REFUSED)
def test_beyond_limits_the_field_the_rule_and_the_row_are_named(
    kind: type[Summaries], name: str, value: float, message: str
) -> None:
    columns: dict[str, Any] = {n: [x, x] for n, x in POSSIBLE[kind].items()}
    columns[name] = [columns[name][0], value]
    with pytest.raises(InvalidEvidenceError, match=message) as caught:
        kind.from_arrays(**columns)
    assert caught.value.rows == [1]


@pytest.mark.parametrize("kind", POSSIBLE)
@settings(max_examples=40)
@given(data=st.data())
def test_together_as_one_by_one(kind: type[Summaries], data: st.DataObject) -> None:
    """Rows are taken at once where, and only where, each field passes its own check."""
    numbers = st.sampled_from(
        [-1.0, -0.5, 0.0, 5e-324, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 9.0, np.inf, np.nan]
    )
    names = list(POSSIBLE[kind])
    rows = np.array(
        [data.draw(st.lists(numbers, min_size=2, max_size=2)) for _ in names]
    )
    quick = kind.of_rows(rows)
    try:
        kind(*rows).check()
    except InvalidEvidenceError:
        assert quick is None
    else:
        assert quick is not None


def test_limits_of_a_batch() -> None:
    rows = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 5.0], [5.0, 3.0]]])
    assert Proportion.of_rows(rows) is None
    assert Proportion.of_rows(rows[:, :1]) is not None


def test_an_excluded_end_is_the_next_double() -> None:
    assert Limits(0.0, above=True).least == 5e-324
    assert Limits(1.0, above=True).least == np.nextafter(1.0, 2.0)
    assert (Limits().least, Limits().most) == (
        -np.finfo(float).max,
        np.finfo(float).max,
    )

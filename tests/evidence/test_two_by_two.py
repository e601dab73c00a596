"""Counts of 2x2 tables: construction, recovery from prints, refusals."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from k2stats.errors import (
    AmbiguousEvidenceError,
    InfeasibleEvidenceError,
    InvalidEvidenceError,
)
from k2stats.evidence import Reported, TwoByTwo
from k2stats.evidence.two_by_two import counts_that_print


def first(events1: ArrayLike, n1: ArrayLike = 4) -> TwoByTwo:
    """Build a table whose second group is in order."""
    return TwoByTwo.from_counts(events1=events1, n1=n1, events2=1, n2=2)


# Wang 2025: 91.67% of 36 v 74.29% of 35
def test_fusion_counts() -> None:
    table = TwoByTwo.from_percentages(
        percent1="91.67%", n1=36, percent2="74.29%", n2=35
    )
    assert [x.tolist() for x in table.cells] == [[33.0], [3.0], [26.0], [9.0]]
    assert str(table) == "33/36 v 26/35"
    # as shares, too
    shares = TwoByTwo.from_percentages(percent1=".9167", n1=36, percent2=".7429", n2=35)
    assert str(shares) == "33/36 v 26/35"


def test_counts_that_print_a_coarse_percentage() -> None:
    assert list(counts_that_print(Reported("21%"), 340)) == [70, 71, 72, 73]
    assert list(counts_that_print(Reported("15%"), 351)) == [51, 52, 53, 54]
    assert list(counts_that_print(Reported("0%"), 20)) == [0]
    assert list(counts_that_print(Reported("100%"), 20)) == [20]
    assert list(counts_that_print(Reported("<5%"), 40)) == [0, 1]


@given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 3))
def test_a_percentage_leads_back_to_its_count(events: int, n: int, places: int) -> None:
    events = min(events, n)
    text = f"{float(Fraction(100 * events, n)):.{places}f}%"
    found = counts_that_print(Reported(text), n)
    assert events in found
    # and to no count that prints otherwise
    window = Reported(text).interval
    assert list(found) == [k for k in range(n + 1) if Fraction(k, n) in window]


def test_a_percentage_without_its_sign() -> None:
    with pytest.raises(
        InvalidEvidenceError,
        match=r"percentage must be a share between 0 and 1, or 0% and 100%; write "
        r"'91.67' with % if so meant, got '91.67'",
    ):
        TwoByTwo.from_percentages(percent1="91.67", n1=36, percent2="74.29%", n2=35)


def test_percentages_no_count_gives() -> None:
    with pytest.raises(
        InfeasibleEvidenceError, match=r"No count prints as 91.60% of 36"
    ):
        TwoByTwo.from_percentages(percent1="91.60%", n1=36, percent2="74.29%", n2=35)
    with pytest.raises(InvalidEvidenceError, match=r"between 0 and 1.*got '191.67%'"):
        TwoByTwo.from_percentages(percent1="191.67%", n1=36, percent2="74.29%", n2=35)
    with pytest.raises(InvalidEvidenceError, match=r"between 0 and 1.*got '-5%'"):
        TwoByTwo.from_percentages(percent1="-5%", n1=36, percent2="74.29%", n2=35)


def test_percentages_several_counts_give() -> None:
    with pytest.raises(
        AmbiguousEvidenceError, match=r"4 counts print as 21% of 340: 70 to 73"
    ) as caught:
        TwoByTwo.from_percentages(percent1="21%", n1=340, percent2="15%", n2=351)
    assert caught.value.candidates == 4


@pytest.mark.parametrize("n", [0, -3, 36.0, True, "36", None])
def test_n_of_a_percentage(n: object) -> None:
    with pytest.raises(InvalidEvidenceError, match=r"n must be a whole number of at"):
        counts_that_print(Reported("50%"), n)  # type: ignore[arg-type]


def test_a_number_for_a_percentage() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"text, to keep the digits"):
        TwoByTwo.from_percentages(
            percent1=91.67,  # type: ignore[arg-type]
            n1=36,
            percent2="74.29%",
            n2=35,
        )


# ECKO 2008: 9/217 v 20/223, RR .46
def test_from_ratio_either_way_round() -> None:
    for table in (
        TwoByTwo.from_ratio(ratio="0.46", n1=217, n2=223, events1=9),
        TwoByTwo.from_ratio(ratio="0.46", n1=217, n2=223, events2=20),
    ):
        assert str(table) == "9/217 v 20/223"
    odds = TwoByTwo.from_ratio(ratio="3.81", n1=36, n2=35, events2=26, kind="OR")
    assert str(odds) == "33/36 v 26/35"


# YOPS 2004: 17/66 controls and RR .44 with 66: 7 gives .412, 8 gives .471
def test_from_ratio_no_count_gives() -> None:
    with pytest.raises(
        InfeasibleEvidenceError, match=r"No count prints as RR 0.44 with n 66 and 66"
    ):
        TwoByTwo.from_ratio(ratio="0.44", n1=66, n2=66, events2=17)


def test_from_ratio_several_counts_give() -> None:
    with pytest.raises(AmbiguousEvidenceError) as caught:
        TwoByTwo.from_ratio(ratio="1", n1=1000, n2=1000, events2=100)
    # 50/100 to 150/100 round to one
    assert caught.value.candidates == 101


@given(st.data(), st.sampled_from(["RR", "OR"]))
def test_a_ratio_leads_back_to_its_table(data: st.DataObject, kind: str) -> None:
    n1, n2 = (data.draw(st.integers(2, 60)) for _ in range(2))
    a, c = data.draw(st.integers(1, n1 - 1)), data.draw(st.integers(1, n2 - 1))
    exact = (
        Fraction(a * n2, n1 * c)
        if kind == "RR"
        else Fraction(a * (n2 - c), (n1 - a) * c)
    )
    ratio = f"{float(exact):.9f}"
    for table in (
        TwoByTwo.from_ratio(ratio=ratio, n1=n1, n2=n2, kind=kind, events1=a),
        TwoByTwo.from_ratio(ratio=ratio, n1=n1, n2=n2, kind=kind, events2=c),
    ):
        assert (table.a[0], table.c[0]) == (a, c)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events1": None}, r"events1, events2 must be given for exactly one group"),
        ({"events2": 3}, r"events1, events2 must be given for exactly one group"),
        ({"kind": "HR"}, r"kind must be 'RR' or 'OR', got 'HR'"),
        ({"n1": 217.5}, r"n1 must be a whole number of at least 1, got 217.5"),
        ({"n2": 0}, r"n2 must be a whole number of at least 1, got 0"),
        ({"events1": 218}, r"events1 must be at most n1, got 218"),
        ({"events1": 9.5}, r"events1 must be a whole number, got 9.5"),
        ({"ratio": "p"}, r"Reported must be a printed number"),
    ],
)
def test_from_ratio_refusals(change: dict[str, object], message: str) -> None:
    given_: dict[str, object] = {"ratio": "0.46", "n1": 217, "n2": 223, "events1": 9}
    with pytest.raises(InvalidEvidenceError, match=message):
        TwoByTwo.from_ratio(**(given_ | change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (5, r"^events1 must be at most n1, got 5.0; violated in rows \[0\]\.$"),
        ([1, 9, 1, 9], r"at most n1, got 9.0; violated in rows \[1, 3\]"),
        (-1, r"events1 must be at least 0, got -1.0"),
        ([0, 1.5], r"events1 must be a whole number, got 1.5; violated in rows \[1\]"),
        (np.nan, r"events1 must be a whole number, got nan"),
        (np.inf, r"events1 must be a whole number, got inf"),
        (None, r"events1 must be a whole number, got nan"),
        ([1, None], r"events1 must be a whole number, got nan; violated in rows \[1\]"),
        (["1", "2"], r"events1 must be numeric, got '1'"),
        (pd.Series(["1", "x"]), r"events1 must be numeric, got '1'"),
        (pd.Series([1, "x"]), r"numeric, got 'x'; violated in rows \[1\]"),
        (
            pd.Series([1, None], dtype="Int64"),
            r"a whole number, got nan; violated in rows \[1\]",
        ),
        (pd.array([1, None], dtype="Int64"), r"got nan; violated in rows \[1\]"),
        (pd.Series(["1"], dtype="category"), r"numeric, not categorical"),
        (pd.Series([1], dtype="category"), r"numeric, not categorical"),
        (pd.Series([True]), r"numeric, not true or false"),
        (pd.Series([True, None], dtype="boolean"), r"numeric, not true or false"),
        ([True, False], r"events1 must be numeric, got True"),
        (
            np.array([True, 1], dtype=object),
            r"numeric, got True; violated in rows \[0\]",
        ),
        ([[1, 2], [3]], r"an array whose rows have one length"),
        (1 + 2j, r"events1 must be numeric"),
        (np.datetime64("2020-01-01"), r"events1 must be numeric"),
        (2**53 + 1, r"exact in double precision.*got 9007199254740993"),
        (pd.Series([2**53 + 1]), r"exact in double precision"),
        (pd.Series([2**53 + 1, None], dtype="Int64"), r"exact in double precision"),
        (10**400, r"exact in double precision"),
        (2**54, r"events1 must be at most 2\*\*53"),
    ],
)
def test_counts_that_are_none(events: ArrayLike, message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=message):
        first(events)


def test_n_of_zero() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"n1 must be at least 1, got 0.0"):
        first(0, 0)
    with pytest.raises(InvalidEvidenceError, match=r"rows \[2\]"):
        first(0, [1, 2, 0])


def test_many_bad_rows_are_counted() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"7, 8, 9, \.\.\. \(40 in all\)\]"):
        first(np.full(40, 5))


def test_lengths_that_differ() -> None:
    with pytest.raises(
        InvalidEvidenceError, match=r"of one length, got events1 \(3,\), n1 \(2,\)"
    ):
        first([1, 2, 3], [4, 5])


@pytest.mark.parametrize("empty", [[], np.empty(0), pd.Series([], dtype=float)])
def test_no_rows(empty: ArrayLike) -> None:
    with pytest.raises(InvalidEvidenceError, match=r"non-empty; there are no rows"):
        first(empty, empty)


def test_what_is_accepted() -> None:
    for events in (3, 3.0, np.int8(3), [3], (3,), pd.Series([3]), np.array([[3]])):
        assert first(events).events1.ravel().tolist() == [3.0]
    odd_index = pd.Series([1, 2], index=[7, 9])
    assert first(odd_index).events1.tolist() == [1.0, 2.0]
    assert first(2**53, 2**53).events1[0] == 2.0**53
    assert first(np.zeros((2, 3, 1)), np.ones(4)).shape == (2, 3, 4)


def test_arrays_are_read_only_copies() -> None:
    source = np.array([1.0, 2.0])
    table = first(source)
    source[0] = 4.0
    assert table.events1.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        table.events1[0] = 9.0


COUNTS = st.tuples(
    st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)
).filter(lambda t: t[0] + t[1] > 0 and t[2] + t[3] > 0)


@given(COUNTS)
def test_cells_and_swaps(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    table = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    assert [x.item() for x in table.cells] == [a, b, c, d]
    assert table.risk1[0] == a / (a + b)
    assert [x.item() for x in table.swap_groups().cells] == [c, d, a, b]
    assert [x.item() for x in table.swap_outcome().cells] == [b, a, d, c]
    twice = table.swap_outcome().swap_outcome()
    assert [x.item() for x in twice.cells] == [a, b, c, d]


def test_cells_below_zero() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"b must be at least 0, got -1.0"):
        TwoByTwo.from_cells(a=1, b=-1, c=2, d=2)


def test_selection_keeps_an_axis() -> None:
    tables = first([0, 1, 2])
    assert str(tables[1]) == "1/4 v 1/2"
    assert tables[1].shape == (1,)
    assert tables[np.array([True, False, True])].events1.tolist() == [0.0, 2.0]
    assert tables[1:].events1.tolist() == [1.0, 2.0]

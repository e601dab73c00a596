"""Tables behind printed counts, percentages and totals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.errors import InfeasibleEvidenceError, InvalidEvidenceError
from k2stats.evidence import PrintedTwoByTwo, Reported, TwoByTwo

Row = tuple[int, int, int, int]


def as_rows(table: TwoByTwo) -> set[Row]:
    """Tables as rows of events1, n1, events2, n2."""
    columns = (table.events1, table.n1, table.events2, table.n2)
    stacked = np.stack(columns, axis=-1).astype(int)
    return {(int(a), int(b), int(c), int(d)) for a, b, c, d in stacked}


# Wang 2025
def test_fusion_is_unique() -> None:
    printed = PrintedTwoByTwo(
        n1=36, percent1=Reported("91.67%"), n2=35, percent2=Reported("74.29%")
    )
    assert as_rows(printed.feasible()) == {(33, 36, 26, 35)}
    assert str(printed) == "?/36 (91.67%) v ?/35 (74.29%)"


def test_sixteen_tables_of_21_and_15_percent() -> None:
    printed = PrintedTwoByTwo(
        n1=340, percent1=Reported("21%"), n2=351, percent2=Reported("15%")
    )
    assert as_rows(printed.feasible()) == {
        (a, 340, c, 351) for a in range(70, 74) for c in range(51, 55)
    }


# ECKO 2008: 440 women, fractures 9 v 20, sizes not printed in the abstract
def test_all_splits_of_a_total() -> None:
    printed = PrintedTwoByTwo(n_total=440, events1=9, events2=20)
    found = as_rows(printed.feasible())
    assert found == {(9, n, 20, 440 - n) for n in range(9, 421)}
    assert (9, 217, 20, 223) in found
    assert str(printed) == "9/? v 20/? of 440"
    one_size = PrintedTwoByTwo(n_total=440, events1=9, events2=20, n2=223)
    assert as_rows(one_size.feasible()) == {(9, 217, 20, 223)}


# YOPS 2004: 66 an arm, 17 (26%) control fractures
def test_yops_controls() -> None:
    printed = PrintedTwoByTwo(n1=66, n2=66, events2=17, percent2=Reported("26%"))
    assert as_rows(printed.feasible()) == {(a, 66, 17, 66) for a in range(67)}
    wrong = PrintedTwoByTwo(n1=66, n2=66, events2=17, percent2=Reported("27%"))
    with pytest.raises(
        InfeasibleEvidenceError,
        match=r"No table of whole numbers prints as \?/66 v 17/66 \(27%\)",
    ):
        wrong.feasible()


def test_total_of_events() -> None:
    printed = PrintedTwoByTwo(n1=20, n2=20, events_total=3)
    assert as_rows(printed.feasible()) == {(a, 20, 3 - a, 20) for a in range(4)}


@given(st.data())
def test_the_counts_behind_a_print_are_among_those_found(data: st.DataObject) -> None:
    n1, n2 = (data.draw(st.integers(1, 12)) for _ in range(2))
    a, c = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    places = data.draw(st.integers(0, 2))

    def share(events: int, n: int) -> Reported:
        return Reported(f"{float(Fraction(100 * events, n)):.{places}f}%")

    def maybe(value: int) -> int | None:
        return value if data.draw(st.booleans()) else None

    size1, size2 = maybe(n1), maybe(n2)
    missing = size1 is None or size2 is None
    total = n1 + n2 if missing else maybe(n1 + n2)
    printed = PrintedTwoByTwo(
        n1=size1,
        n2=size2,
        n_total=total,
        events1=maybe(a),
        events2=maybe(c),
        percent1=share(a, n1) if data.draw(st.booleans()) else None,
        percent2=share(c, n2) if data.draw(st.booleans()) else None,
        events_total=maybe(a + c),
    )
    found = as_rows(printed.feasible())
    assert (a, n1, c, n2) in found
    # brute force over every table of these totals
    sizes = range(1, n1 + n2)
    everything = {
        (e1, m1, e2, n1 + n2 - m1)
        for m1 in ([n1] if total is None else sizes)
        for e1 in range(m1 + 1)
        for e2 in range(n1 + n2 - m1 + 1)
        if _prints(printed, e1, m1, e2, n1 + n2 - m1)
    }
    assert found == everything


def _prints(printed: PrintedTwoByTwo, e1: int, m1: int, e2: int, m2: int) -> bool:
    """Whether a table prints as `printed`, field by field."""
    counts = (
        (printed.n1, m1),
        (printed.n2, m2),
        (printed.events1, e1),
        (printed.events2, e2),
        (printed.events_total, e1 + e2),
    )
    shares = (
        (printed.percent1, Fraction(e1, m1)),
        (printed.percent2, Fraction(e2, m2)),
    )
    return all(p is None or p == x for p, x in counts) and all(
        p is None or x in p.interval for p, x in shares
    )


def test_too_little_said() -> None:
    for printed in (
        PrintedTwoByTwo(n1=10**7, n2=4),
        PrintedTwoByTwo(n1=2000, n2=2000),
        PrintedTwoByTwo(n_total=3000, percent1=Reported("50%")),
    ):
        with pytest.raises(InvalidEvidenceError, match=r"over a million tables fit"):
            printed.feasible()
    with pytest.raises(InvalidEvidenceError, match=r"over a million splits of n_total"):
        PrintedTwoByTwo(n_total=10**15, events1=9, events2=20).feasible()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"n1": 0, "n2": 3}, r"n1 must be a whole number of at least 1, got 0"),
        ({"n1": 36.0, "n2": 3}, r"n1 must be a whole number of at least 1, got 36.0"),
        ({"n1": True, "n2": 3}, r"n1 must be a whole number of at least 1, got True"),
        ({"n1": 5, "n2": 3, "events2": -1}, r"events2 must be a whole number of at"),
        ({"n1": 5, "n2": 3, "events2": 1.5}, r"events2 must be a whole number of at"),
        ({"n1": 5, "n2": 3, "events2": 4}, r"events2 must be at most n2 = 3, got 4"),
        ({"n1": 5}, r"n2 must be given, or n_total for both groups"),
        ({}, r"n1 must be given, or n_total for both groups"),
        ({"n1": 5, "n2": 3, "n_total": 9}, r"n_total must be n1 \+ n2 = 8, got 9"),
        ({"n1": 5, "n_total": 5}, r"n_total must be above n1 = 5, got 5"),
        ({"n2": 5, "n_total": 3}, r"n_total must be above n2 = 5, got 3"),
        ({"n1": 5, "n2": 3, "events_total": "3"}, r"events_total must be a whole"),
    ],
)
def test_refusals(fields: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=message):
        PrintedTwoByTwo(**fields)  # type: ignore[arg-type]


def test_a_percentage_without_its_sign() -> None:
    printed = PrintedTwoByTwo(n1=36, percent1=Reported("91.67"), n2=35)
    with pytest.raises(InvalidEvidenceError, match=r"write '91.67' with % if so meant"):
        printed.feasible()


def test_numpy_counts_are_counts() -> None:
    printed = PrintedTwoByTwo(
        n1=np.int64(5),  # type: ignore[arg-type]
        n2=3,
        events1=np.int32(2),  # type: ignore[arg-type]
        events2=1,
    )
    assert as_rows(printed.feasible()) == {(2, 5, 1, 3)}

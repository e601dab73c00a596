"""Statements solved together: which tables are left, and which cannot all hold."""

from dataclasses import replace

import numpy as np
import pytest

from k2stats.audit import identify, solve
from k2stats.evidence import PrintedTwoByTwo, PValue, RatioCI, RatioWithCI, Reported

ARMS = PrintedTwoByTwo(
    n1=340, percent1=Reported("21%"), n2=351, percent2=Reported("15%")
)
RATIO = RatioCI(RatioWithCI("RR", Reported("1.41"), Reported("1.02"), Reported("1.95")))


def test_percentages_alone_leave_sixteen_tables() -> None:
    # 21% of 340 is 70 to 73, 15% of 351 is 51 to 54: reference case "identify".
    tables = solve(ARMS, []).tables
    assert tables is not None
    pairs = {(int(a), int(c)) for a, c in zip(tables.a, tables.c, strict=True)}
    assert pairs == {(a, c) for a in range(70, 74) for c in range(51, 55)}


def test_the_ratio_leaves_one_table() -> None:
    solution = solve(ARMS, [RATIO])
    assert str(solution.tables) == "71/340 v 52/351"
    assert solution.conflict == ()


def test_p_value_leaves_the_tests_of_the_reference_case() -> None:
    found = identify(ARMS, [RATIO, PValue(Reported("0.037"))])
    assert {"pearson", "n-1", "g", "wald-rd", "student-01"} <= set(found.tests)
    absent = {"yates", "fisher", "midp", "barnard", "boschloo", "log-rr", "log-or"}
    assert not absent & set(found.tests)


def test_fusion_p_needs_midp_or_arcsine() -> None:
    # 33/36 and 26/35 are the only counts; of all named two-sided tests these give
    # .044 (Sci Rep 2025;15:15422, abstract): mid-p .04351, arcsine z .04408.
    fusion = PrintedTwoByTwo(
        n1=36, percent1=Reported("91.67%"), n2=35, percent2=Reported("74.29%")
    )
    found = identify(fusion, [PValue(Reported("0.044"))])
    assert str(found.tables) == "33/36 v 26/35"
    assert set(found.tests) >= {"midp", "arcsine"}


def test_statements_that_contradict_are_named_and_few() -> None:
    # 26/35 is 74.29%; 91.67% v 74.29% has a risk ratio of 1.234, so 1.50 cannot be.
    fusion = PrintedTwoByTwo(
        n1=36, percent1=Reported("91.67%"), n2=35, percent2=Reported("74.29%")
    )
    # 24/36 v 16/35 prints RR 1.46 (0.95 to 2.24) by Katz's interval: a possible print
    ratio = RatioCI(
        RatioWithCI("RR", Reported("1.46"), Reported("0.95"), Reported("2.24"))
    )
    assert solve(replace(fusion, percent1=None, percent2=None), [ratio]).conflict == ()
    solution = solve(fusion, [ratio])
    # 26/35 with a ratio of 1.46 would need 39 of 36 in group 1: two statements suffice.
    assert solution.conflict == ("74.29% of 35 (group 2)", "RR 1.46")
    assert str(solution.printed) == "33/36 v 26/35"


def test_a_ratio_that_no_count_gives_conflicts_alone() -> None:
    # YOPS (Ishida & Kawai 2004): 17 of 66 controls; 7/66 gives .412, 8/66 .471.
    arms = PrintedTwoByTwo(n1=66, n2=66, events2=17)
    ratio = RatioCI(
        RatioWithCI("RR", Reported("0.44"), Reported("0.20"), Reported("0.99"))
    )
    assert solve(arms, [ratio]).conflict == ("RR 0.44",)


def test_the_split_of_a_total_is_solved_for() -> None:
    # ECKO (Cheung 2008): 9 v 20 of 440; the HTA report prints RR .46 (.22-.99).
    arms = PrintedTwoByTwo(n_total=440, events1=9, events2=20)
    ratio = RatioCI(
        RatioWithCI("RR", Reported("0.46"), Reported("0.22"), Reported("0.99"))
    )
    tables = solve(arms, [ratio]).tables
    assert tables is not None
    assert np.all(tables.n1 + tables.n2 == 440)
    assert 217 in tables.n1
    # every table left prints 0.46 by the plain ratio of risks
    assert tables.risk1 / tables.risk2 == pytest.approx(0.46, abs=0.005)


def test_percentages_that_no_count_prints() -> None:
    # no k/36 prints as 90.00%
    arms = PrintedTwoByTwo(
        n1=36, percent1=Reported("90.00%"), n2=35, percent2=Reported("74.29%")
    )
    solution = solve(arms, [])
    assert solution.tables is None
    assert solution.conflict == ("90.00% of 36 (group 1)",)

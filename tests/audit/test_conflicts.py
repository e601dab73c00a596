"""The smallest set of statements that no table meets, against every table there is."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k2stats.audit import Verdict, audit, solve
from k2stats.audit.battery import reported_window
from k2stats.evidence import (
    ChiSquared,
    Claim,
    Direction,
    Evidence,
    Horizon,
    NumberNeeded,
    PrintedTwoByTwo,
    PValue,
    RatioCI,
    RatioWithCI,
    Reported,
    Source,
    Statement,
    TwoByTwo,
)
from k2stats.significance import TWO_BY_TWO_TESTS

SOURCE = Source("made-up", "Numbers made up")


def claim(evidence: Evidence, *states: Statement, key: str = "claim") -> Claim:
    return Claim(key, SOURCE, "nowhere", "nothing", evidence, states)


def _p_values(table: tuple[int, int, int, int]) -> list[float]:
    """P-values of one table by every test, each test run alone."""
    events1, n1, events2, n2 = table
    one = TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)
    return [float(e.function(one).p[0]) for e in TWO_BY_TWO_TESTS.entries()]


_SIZES = (2, 5)
_EVERY = [(a, _SIZES[0], c, _SIZES[1]) for a in range(3) for c in range(6)]
_P_OF = {table: _p_values(table) for table in _EVERY}


def _p_fits(printed: Reported, table: tuple[int, int, int, int]) -> bool:
    """Whether some test's p prints so, a part in 10**12 either way."""
    low, high = reported_window(printed).floats()
    near = [p for p in _P_OF[table] if low - 1e-12 * p <= p <= high + 1e-12 * p]
    return bool(near)


@settings(deadline=None, max_examples=150)
@given(
    shares=st.tuples(st.integers(0, 20), st.integers(0, 20)),
    total=st.none() | st.integers(0, 7),
    p=st.sampled_from(["0.03", "0.048", "0.17", "0.52", "0.9", "<0.01", "<0.001"]),
)
def test_conflicts_are_the_smallest_by_brute_force(
    shares: tuple[int, int], total: int | None, p: str
) -> None:
    printed = [Reported(f"{5 * share}%") for share in shares]
    evidence = PrintedTwoByTwo(
        n1=_SIZES[0],
        n2=_SIZES[1],
        percent1=printed[0],
        percent2=printed[1],
        events_total=total,
    )
    value = Reported(p)
    fits = {
        f"{printed[0].text} of 2 (group 1)": {
            t for t in _EVERY if Fraction(t[0], 2) in printed[0].interval
        },
        f"{printed[1].text} of 5 (group 2)": {
            t for t in _EVERY if Fraction(t[2], 5) in printed[1].interval
        },
        str(PValue(value)): {t for t in _EVERY if _p_fits(value, t)},
    }
    if total is not None:
        fits[f"{total} events in all"] = {t for t in _EVERY if t[0] + t[2] == total}
    conflicts = [
        set(chosen)
        for size in range(1, len(fits) + 1)
        for chosen in combinations(fits, size)
        if not set.intersection(*(fits[name] for name in chosen))
    ]
    found = solve(evidence, [PValue(value)])
    if not conflicts:
        tables = found.tables
        assert tables is not None
        assert found.conflict == ()
        left = set(zip(tables.a.tolist(), tables.c.tolist(), strict=True))
        assert left == {(t[0], t[2]) for t in set.intersection(*fits.values())}
        return
    assert set(found.conflict) in conflicts
    assert len(found.conflict) == min(map(len, conflicts))


def test_a_thousand_in_each_group_still_gives_a_finding() -> None:
    # 1001 x 1001 tables are over a million: the percentages stand, and are named
    evidence = PrintedTwoByTwo(
        n1=1000, percent1=Reported("50.0%"), n2=1000, percent2=Reported("50.0%")
    )
    found = audit(claim(evidence, PValue(Reported("0.2"))))[0]
    assert found.verdict is Verdict.NOT_REPRODUCED
    assert found.conflict == (str(evidence), "p = 0.2")
    assert "No table meets ?/1000 (50.0%) v ?/1000 (50.0%) and p = 0.2" in (
        found.headline
    )


def test_one_claim_that_says_too_little_does_not_end_the_audit() -> None:
    vague = PrintedTwoByTwo(
        n1=10**8, percent1=Reported("12%"), n2=10**8, percent2=Reported("13%")
    )
    plain = PrintedTwoByTwo(n1=36, events1=33, n2=35, events2=26)
    p = PValue(Reported("0.0632"))
    found = audit(
        [claim(vague, p, Direction("lower"), key="vague"), claim(plain, p, key="plain")]
    )
    assert found["vague"].verdict is Verdict.NOT_CHECKABLE
    assert "over a million tables fit" in found["vague"].headline
    assert all(c.verdict is Verdict.NOT_CHECKABLE for c in found["vague"].checks)
    assert found["plain"].verdict is Verdict.REPRODUCED_ONLY


def test_where_no_table_fits_the_p_value_is_not_said_to_stand_alone() -> None:
    # no count out of 36 prints as 91.66%
    evidence = PrintedTwoByTwo(
        n1=36, percent1=Reported("91.66%"), n2=35, percent2=Reported("74.29%")
    )
    found = audit(claim(evidence, PValue(Reported("0.044"))))[0]
    assert found.checks[1].explanation == (
        "Not checkable because no table of whole numbers fits what is printed."
    )


def test_a_chi_squared_statistic_narrows_the_tables() -> None:
    # 71/340 v 52/351: X2 = 691 (71 x 299 - 269 x 52)^2 / (340 x 351 x 123 x 568)
    # = 4.3455
    arms = PrintedTwoByTwo(
        n1=340, percent1=Reported("21%"), n2=351, percent2=Reported("15%")
    )
    found = solve(arms, [ChiSquared(Reported("4.345"))])
    assert found.tables is not None
    pairs = set(zip(found.tables.a.tolist(), found.tables.c.tolist(), strict=True))
    assert (71, 52) in pairs
    assert len(pairs) == 2
    wrong = solve(arms, [ChiSquared(Reported("9.99"))])
    assert wrong.conflict == ("15% of 351 (group 2)", "chi-squared 9.99")


def test_a_chi_squared_and_its_p_must_agree_on_one_df() -> None:
    arms = PrintedTwoByTwo(
        n1=340, percent1=Reported("21%"), n2=351, percent2=Reported("15%")
    )
    stated = ChiSquared(Reported("4.35"), p=Reported("0.073"), df=1)
    check = audit(claim(arms, stated))[0].checks[1]
    assert check.verdict is Verdict.DISAGREE
    # chi-squared of 4.345 to 4.355 on one df: upper tail .0371 to .0369
    assert check.explanation.endswith("On 1 df its p is 0.0369 to 0.0371, not 0.073.")


def test_a_chi_squared_of_two_df_is_not_put_to_a_2x2_table() -> None:
    arms = PrintedTwoByTwo(n1=340, events1=71, n2=351, events2=52)
    # on 2 df the tail of 4.35 is exp(-4.35 / 2) = .1136
    stated = ChiSquared(Reported("4.35"), p=Reported("0.114"), df=2)
    found = audit(claim(arms, stated))[0]
    assert found.conflict == ()
    assert found.checks[1].kind == "chi_squared_p"
    assert found.checks[1].verdict is Verdict.REPRODUCED


@pytest.mark.parametrize(
    ("printed", "verdict", "words"),
    [
        # 10/100 v 3/100: 1 / .07 = 14.29, printed as 14, or as 15 rounded up
        ("14", Verdict.REPRODUCED, "reproduced by the reciprocal"),
        ("15", Verdict.REPRODUCED, "rounded up: "),
        ("16", Verdict.NOT_REPRODUCED, "not reproduced by the methods tried: "),
        ("15.0", Verdict.NOT_REPRODUCED, "not reproduced by the methods tried: "),
    ],
)
def test_numbers_needed_to_the_nearest_or_rounded_up(
    printed: str, verdict: Verdict, words: str
) -> None:
    table = PrintedTwoByTwo(n1=100, events1=10, n2=100, events2=3)
    stated = NumberNeeded("NNT", Reported(printed), horizon=Horizon(Reported("1"), "y"))
    check = audit(claim(table, stated))[0].checks[1]
    assert check.verdict is verdict
    assert words in check.explanation


def test_exact_intervals_are_left_out_where_they_would_take_minutes() -> None:
    # the exact interval of a risk difference takes seconds a table of this size
    arms = PrintedTwoByTwo(n1=400, events1=80, n2=400, events2=60)
    found = audit(claim(arms, Direction("higher")))[0]
    names = {bar.name for c in found.checks for bar in c.bars}
    assert "exact" not in names
    assert "newcombe" in names
    small = PrintedTwoByTwo(n1=36, events1=33, n2=35, events2=26)
    found = audit(claim(small, Direction("higher")))[0]
    assert "exact" in {bar.name for c in found.checks for bar in c.bars}


def test_two_ratios_and_a_p_value_are_searched_in_parts() -> None:
    # two dear restrictions at once: 71/340 v 52/351 prints RR 1.41 (1.02 to 1.95)
    # and p .037; no table prints that ratio and p .9
    arms = PrintedTwoByTwo(n1=340, n2=351)
    ratio = RatioCI(
        RatioWithCI("RR", Reported("1.41"), Reported("1.02"), Reported("1.95"))
    )
    fits = solve(arms, [ratio, PValue(Reported("0.037"))])
    assert fits.conflict == ()
    assert fits.tables is not None
    assert np.any((fits.tables.a == 71) & (fits.tables.c == 52))
    wrong = solve(arms, [ratio, PValue(Reported("0.9"))])
    assert wrong.conflict == ("RR 1.41 (1.02 to 1.95)", "p = 0.9")

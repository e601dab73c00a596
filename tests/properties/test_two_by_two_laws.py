"""Laws of the 2x2 tests, on tables drawn by hypothesis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k2stats.evidence import TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS

ALL = list(TWO_BY_TWO_TESTS)
CLOSED = [e.name for e in TWO_BY_TWO_TESTS.entries(having="closed-form")]
EXACT = [e.name for e in TWO_BY_TWO_TESTS.entries(having="exact")]
TWO_SIDED = [e.name for e in TWO_BY_TWO_TESTS.entries(lacking="one-sided")]
GREATER = [name for name in ALL if name.endswith("-greater")]
# The log risk ratio of the events becomes that of the non-events.
OUTCOME_MATTERS = {"log-rr": "log-rr-nonevents", "log-rr-nonevents": "log-rr"}


@st.composite
def tables(draw: st.DrawFn, most: int = 25) -> TwoByTwo:
    """One table with up to `most` participants in each group."""
    n1, n2 = draw(st.integers(1, most)), draw(st.integers(1, most))
    return TwoByTwo.from_counts(
        events1=draw(st.integers(0, n1)),
        n1=n1,
        events2=draw(st.integers(0, n2)),
        n2=n2,
    )


def p(name: str, table: TwoByTwo) -> float:
    return float(TWO_BY_TWO_TESTS[name].function(table).p[0])


def same(one: float, other: float) -> bool:
    return one == pytest.approx(other, rel=1e-10, abs=1e-300, nan_ok=True)


@given(tables())
@settings(max_examples=20)
def test_swapping_groups_leaves_two_sided_p(table: TwoByTwo) -> None:
    for name in TWO_SIDED:
        assert same(p(name, table), p(name, table.swap_groups())), name


@given(tables())
@settings(max_examples=20)
def test_swapping_outcomes_leaves_two_sided_p(table: TwoByTwo) -> None:
    for name in TWO_SIDED:
        other = OUTCOME_MATTERS.get(name, name)
        assert same(p(name, table), p(other, table.swap_outcome())), name


@given(tables())
@settings(max_examples=20)
def test_swapping_either_turns_greater_into_less(table: TwoByTwo) -> None:
    for name in GREATER:
        less = name.replace("-greater", "-less")
        assert same(p(name, table), p(less, table.swap_groups())), name
        assert same(p(name, table), p(less, table.swap_outcome())), name


@given(tables())
@settings(max_examples=25)
def test_every_p_lies_between_0_and_1(table: TwoByTwo) -> None:
    for name in ALL:
        value = p(name, table)
        assert 0.0 <= value <= 1.0 or (name in CLOSED and np.isnan(value)), name


@given(st.integers(1, 20), st.integers(1, 20), st.data())
@settings(max_examples=10)
def test_one_sided_exact_p_falls_as_group_1_gains_events(
    n1: int, n2: int, data: st.DataObject
) -> None:
    events2 = data.draw(st.integers(0, n2))
    column = TwoByTwo.from_counts(
        events1=np.arange(n1 + 1), n1=n1, events2=events2, n2=n2
    )
    for name in (n for n in EXACT if n.endswith("-greater")):
        values = TWO_BY_TWO_TESTS[name].function(column).p
        assert np.all(np.diff(values) <= 1e-12), name


@given(tables(), st.integers(2, 50))
def test_multiplying_through_scales_chi_squared(table: TwoByTwo, by: int) -> None:
    more = TwoByTwo(
        *(by * x for x in (table.events1, table.n1, table.events2, table.n2))
    )
    for name in ("pearson", "g", "cressie-read", "freeman-tukey", "neyman"):
        test = TWO_BY_TWO_TESTS[name].function
        np.testing.assert_allclose(
            test(more).statistic, by * test(table).statistic, rtol=1e-9, atol=1e-12
        )


@given(tables(40))
@settings(max_examples=20)
def test_order_of_the_exact_tests(table: TwoByTwo) -> None:
    slack = 1 + 1e-12
    fisher = p("fisher", table)
    assert p("fisher-blaker", table) <= p("fisher-doubled", table) * slack
    assert p("midp", table) <= p("midp-fisher", table) * slack
    assert p("midp-fisher", table) < fisher
    assert p("boschloo", table) <= fisher * slack
    assert p("boschloo-greater", table) <= p("fisher-greater", table) * slack
    assert p("boschloo-doubled", table) <= p("fisher-doubled", table) * slack
    assert p("berger-boos", table) <= p("barnard", table) + 0.001 + 1e-12


@given(tables())
def test_both_tails_cover_everything_and_the_table_twice(table: TwoByTwo) -> None:
    both = p("fisher-greater", table) + p("fisher-less", table)
    own = 2 * (p("fisher-greater", table) - p("midp-greater", table))
    assert both == pytest.approx(1 + own, rel=1e-12)
    mid = p("midp-greater", table) + p("midp-less", table)
    assert mid == pytest.approx(1.0, rel=1e-12)


@given(st.lists(tables(60), min_size=2, max_size=8))
@settings(max_examples=12)
def test_an_array_of_tables_is_its_tables(several: list[TwoByTwo]) -> None:
    fields = ("events1", "n1", "events2", "n2")
    together = TwoByTwo.from_counts(
        **{
            field: np.concatenate([getattr(table, field) for table in several])
            for field in fields
        }
    )
    conditional = [e for e in EXACT if e.startswith(("fisher", "midp"))]
    for name in (*CLOSED, *conditional):
        one_by_one = [p(name, table) for table in several]
        at_once = TWO_BY_TWO_TESTS[name].function(together).p
        np.testing.assert_allclose(at_once, one_by_one, rtol=1e-12, atol=1e-300)

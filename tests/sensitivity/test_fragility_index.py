"""Fragility indices: reference figures, brute force over all tables, laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from k2stats._typing import Bools, Ints
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import MOVE_SETS, FragilityIndex, criterion, fragility_index
from k2stats.sensitivity._fisher_decisions import fisher_rejects
from k2stats.sensitivity._level_search import ByCriterion, nearest_by_levels
from k2stats.sensitivity._margin_decisions import ByMargins
from k2stats.sensitivity._margin_search import count_within
from k2stats.sensitivity._margin_walk import CONDITIONAL, MarginWalk
from k2stats.significance import TWO_BY_TWO_TESTS


def table(e1: int, n1: int, e2: int, n2: int) -> TwoByTwo:
    return TwoByTwo.from_counts(events1=e1, n1=n1, events2=e2, n2=n2)


def random_tables(size: int, seed: int, largest: int = 40) -> TwoByTwo:
    rng = np.random.default_rng(seed)
    n1, n2 = rng.integers(1, largest, (2, size))
    equal = rng.random(size) < 0.5
    n2 = np.where(equal, n1, n2)
    return TwoByTwo.from_counts(
        events1=rng.binomial(n1, rng.random(size)),
        n1=n1,
        events2=rng.binomial(n2, rng.random(size)),
        n2=n2,
    )


def brute(e1: int, n1: int, e2: int, n2: int, name: str) -> float:
    """Nearest table called otherwise, over the whole grid of tables."""
    i, j = np.indices((n1 + 1, n2 + 1)).astype(float)
    grid = TwoByTwo(i, np.full_like(i, n1), j, np.full_like(j, n2))
    rule = criterion(name)
    if name in CONDITIONAL:
        called = TWO_BY_TWO_TESTS[name].function(grid).p < 0.05 * (1.0 - 1e-12)
    else:
        called = rule.rejects(grid)
    away = np.abs(i - e1) + np.abs(j - e2)
    other = called != called[e1, e2]
    return float(away[other].min()) if other.any() else np.nan


# fragility_index of the reference cases: cran/fragility 1.6.1, both arms.
REFERENCE = [
    ((36, 167, 16, 165), (6, 6, 6, 6, 7)),
    ((5, 20, 3, 20), (3, 4, 4, 5, 3)),
    ((15, 40, 6, 40), (1, 1, 2, 1, 2)),
    ((20, 100, 10, 100), (1, 1, 1, 1, 1)),
]
CRITERIA = ("fisher", "yates", "OR/woolf", "RR/katz", "RD/wald")


@pytest.mark.parametrize(("counts", "expected"), REFERENCE)
def test_reference_figures(
    counts: tuple[int, int, int, int], expected: tuple[int, ...]
) -> None:
    found = [fragility_index(table(*counts), name).index.item() for name in CRITERIA]
    assert found == list(expected)


def test_classical_index_of_the_published_example() -> None:
    # kippjohnson/fragilityindex: fragility_index.kj [15, 5, 40, 40] and [15, 6, 40, 40]
    both = TwoByTwo.from_counts(events1=[15, 15], n1=40, events2=[5, 6], n2=40)
    found = fragility_index(both, moves="one-arm")
    assert_array_equal(found.index, [2, 1])
    assert_array_equal(found.change1, 0)
    assert_array_equal(found.change2, [2, 1])
    # its vignette prints p = .0406 before and .0784 after for 15/40 v 6/40
    assert round(found.p_before[1], 4) == 0.0406
    assert round(found.p_after[1], 4) == 0.0784


def test_published_examples_of_the_classical_index() -> None:
    # Walsh et al. (2014), J Clin Epidemiol 67:622: 1/100 v 9/100, P = 0.02, one more
    # event gives 0.06. Meyer et al. (2014), N Engl J Med 370:1402, tenecteplase, as
    # worked in J Bras Pneumol 2023;49:e20230012: 13/506 v 28/499, index 3.
    both = TwoByTwo.from_counts(
        events1=[1, 13], n1=[100, 506], events2=[9, 28], n2=[100, 499]
    )
    found = fragility_index(both, moves="one-arm")
    assert_array_equal(found.index, [1, 3])
    assert_array_equal(found.p_before.round(2), 0.02)
    assert round(found.p_after[0], 2) == 0.06


def test_reverse_index_by_transfer() -> None:
    # fragility_reverse.kj [6, 5, 50, 50]
    found = fragility_index(table(6, 50, 5, 50), moves="transfer")
    assert found.index.item() == 4
    assert not found.significant.item()
    assert found.signed.item() == -4
    assert "4 events moved" in found.meaning[0]


@pytest.mark.parametrize(
    "name",
    [*CONDITIONAL, "pearson", "score-greater", "wald-rd", "RD/newcombe", "OR/woolf"],
)
def test_both_arms_is_the_nearest_table_of_all(name: str) -> None:
    tables = random_tables(30, 3, 18)
    found = fragility_index(tables, name)
    for k in range(tables.events1.size):
        counts = [
            int(x[k]) for x in (tables.events1, tables.n1, tables.events2, tables.n2)
        ]
        nearest = brute(counts[0], counts[1], counts[2], counts[3], name)
        assert_array_equal(found.index[k], nearest)
        assert found.exhausted[k] == np.isnan(nearest)


@pytest.mark.parametrize("moves", list(MOVE_SETS))
@pytest.mark.parametrize("name", ["fisher", "midp", "fisher-blaker", "midp-greater"])
def test_walking_margins_and_asking_about_every_table_agree(
    name: str, moves: str
) -> None:
    tables = random_tables(60, 5, 40)
    rule, function = criterion(name), MOVE_SETS[moves].function
    now = rule.rejects(tables)
    for depth in (None, 1, 3):
        fast = fragility_index(tables, name, moves=moves, depth=depth)
        slow = nearest_by_levels(tables, now, ByCriterion(rule), function, depth)
        found = (fast.index, fast.change1, fast.change2, fast.exhausted)
        assert_array_equal(fast.significant, now)
        for one, other in zip(found[:3], slow[:3], strict=True):
            assert_array_equal(one, other)
        assert (found[3] >= slow[3]).all()
        assert (found[3] <= np.isnan(fast.index)).all()
        if depth is None:
            assert_array_equal(found[3], slow[3])


def test_moves_that_skip_levels_are_followed_too() -> None:
    # as a new set of moves may: three events at a time, taken from group 2
    tables = random_tables(50, 6, 40)
    rule = criterion("fisher")

    def threes(table: TwoByTwo, significant: Bools, level: int) -> tuple[Ints, Ints]:
        return np.array([[0, level]]), np.array([[-3 * level, level]])

    now = rule.rejects(tables)
    walked = nearest_by_levels(
        tables, now, ByMargins("fisher", 0.05, tables), threes, None
    )
    asked = nearest_by_levels(tables, now, ByCriterion(rule), threes, None)
    for one, other in zip(walked, asked, strict=True):
        assert_array_equal(one, other)
    assert np.isfinite(asked[0]).sum() > 10


def test_tables_within_a_radius_are_counted() -> None:
    tables = random_tables(40, 9, 12)
    for radius in (0.0, 1.0, 4.0, 9.0, np.inf):
        found = count_within(tables, np.full(40, radius))
        for k in range(40):
            x1, x2 = int(tables.events1[k]), int(tables.events2[k])
            i, j = np.indices((int(tables.n1[k]) + 1, int(tables.n2[k]) + 1))
            away = np.abs(i - x1) + np.abs(j - x2)
            assert found[k] == ((away > 0) & (away <= radius)).sum()


@pytest.mark.parametrize("moves", list(MOVE_SETS))
def test_no_lower_level_changes_the_conclusion(moves: str) -> None:
    tables = random_tables(60, 8, 30)
    found = fragility_index(tables, "yates", moves=moves)
    rule, function = criterion("yates"), MOVE_SETS[moves].function
    now = rule.rejects(tables)
    for k in range(60):
        one, count = tables[k], 0
        for level in itertools.count(1):
            if not np.isnan(found.index[k]) and level >= found.index[k]:
                break
            f1, f2 = (np.ravel(f) for f in function(one, now[k : k + 1], level))
            x1, x2 = one.events1 + f1, one.events2 + f2
            ok = (x1 >= 0) & (x1 <= one.n1) & (x2 >= 0) & (x2 <= one.n2)
            if not ok.any():
                break
            moved = TwoByTwo(
                x1[ok],
                np.broadcast_to(one.n1, x1.shape)[ok],
                x2[ok],
                np.broadcast_to(one.n2, x2.shape)[ok],
            )
            assert (rule.rejects(moved) == now[k]).all()
            count += int(ok.sum())
        assert found.checked[k] == count
    hit = ~np.isnan(found.index)
    assert (rule.rejects(found.after)[hit] != now[hit]).all()
    assert hit.sum() > 20


@pytest.mark.parametrize("moves", list(MOVE_SETS))
def test_levels_list_each_change_once_at_its_cost(moves: str) -> None:
    one, flag = table(5, 20, 9, 20), np.array([True])
    function = MOVE_SETS[moves].function
    for level in (1, 2, 5):
        f1, f2 = (np.ravel(f) for f in function(one, flag, level))
        pairs = list(zip(f1.tolist(), f2.tolist(), strict=True))
        assert len(set(pairs)) == len(pairs)
        cost = np.abs(f1) + np.abs(f2)
        assert_array_equal(cost, 2 * level if moves == "transfer" else level)
    if moves == "both-arms":
        assert len(pairs) == 4 * level


def test_one_arm_changes_the_group_with_fewer_events() -> None:
    tables = TwoByTwo.from_counts(
        events1=[5, 15, 6, 5],
        n1=[40, 40, 50, 60],
        events2=[15, 5, 6, 5],
        n2=[40, 40, 40, 40],
    )
    f1, f2 = MOVE_SETS["one-arm"].function(
        tables, np.array([True, True, False, False]), 2
    )
    assert_array_equal(f1[:, 0], [2, 0, -2, -2])
    assert_array_equal(f2[:, 0], [0, 2, 0, 0])


@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.2])
def test_quick_decisions_are_those_of_the_exact_test(alpha: float) -> None:
    tables = random_tables(4000, 11, 120)
    p = TWO_BY_TWO_TESTS["fisher"].function(tables).p
    assert_array_equal(fisher_rejects(tables, alpha), p < alpha)


def test_quick_decisions_where_p_is_alpha_itself() -> None:
    # 3/3 v 0/3: p = 2/20; at alpha = 0.1 it must not be called below it
    tea = table(3, 3, 0, 3)
    assert not criterion("fisher", 0.1).rejects(tea).item()
    assert criterion("fisher", 0.1001).rejects(tea).item()


def test_quick_decisions_of_large_groups() -> None:
    # beyond 1000 participants products of ratios would overflow
    tables = TwoByTwo.from_counts(
        events1=[900, 930, 2600],
        n1=[4000, 4000, 5000],
        events2=[1000, 1000, 2500],
        n2=[4000, 4000, 5001],
    )
    p = TWO_BY_TWO_TESTS["fisher"].function(tables).p
    assert_array_equal(fisher_rejects(tables, 0.05), p < 0.05)
    assert 0 < (p < 0.05).sum() < 3


@pytest.mark.parametrize("alpha", [0.05, 1e-7, 0.3])
@pytest.mark.parametrize("name", list(CONDITIONAL))
def test_ends_against_every_table_of_the_margins(name: str, alpha: float) -> None:
    rng = np.random.default_rng(2)
    n1 = rng.integers(1, 40, 60)
    n2 = np.where(rng.random(60) < 0.5, n1, rng.integers(1, 40, 60))
    m = rng.integers(0, n1 + n2 + 1)
    for swapped in (False, True):
        walk = MarginWalk(name, alpha * (1.0 - 1e-12), n1, n2, m, swapped=swapped)
        for step in range(9):
            first, last = walk.ends()
            rows = walk.rows
            events = m[rows] - step if swapped else m[rows] + step
            x = np.arange(40)
            there = (x >= (events - n2[rows])[:, None]) & (x <= events[:, None])
            there &= x <= n1[rows][:, None]
            row, x = np.nonzero(there)
            cells = (x, n1[rows][row], events[row] - x, n2[rows][row])
            tables = TwoByTwo(*(c.astype(float) for c in cells))
            p = TWO_BY_TWO_TESTS[name].function(tables).p
            kept = p >= alpha * (1.0 - 1e-12)
            assert_array_equal((x >= first[row]) & (x <= last[row]), kept)
            walk.add_event()
        assert 0 < walk.rows.size < 60


def test_ends_of_large_groups_after_a_long_walk() -> None:
    n1, n2 = np.array([3000, 5000]), np.array([3100, 5001])
    m = np.array([40, 900])
    walk = MarginWalk("fisher", 0.05, n1, n2, m)
    for _ in range(500):
        walk.add_event()
        first, last = walk.ends()
    for at, inside in ((first - 1, False), (first, True), (last, True)):
        tables = TwoByTwo(*(v.astype(float) for v in (at, n1, m + 500 - at, n2)))
        p = TWO_BY_TWO_TESTS["fisher"].function(tables).p
        assert_array_equal(p >= 0.05, inside)
    # the probabilities carried that far are those worked out anew
    anew = MarginWalk("fisher", 0.05, n1, n2, m + 500)
    anew.ends()
    np.testing.assert_allclose(walk.high.own, anew.high.own, rtol=1e-9)
    np.testing.assert_allclose(walk.high.beyond, anew.high.beyond, rtol=1e-9)


@pytest.mark.parametrize("name", ["pearson", "score-less", "yates-greater", "cmh-cc"])
@pytest.mark.parametrize("alpha", [0.05, 0.5, 1e-6])
def test_deciding_by_the_statistic_is_deciding_by_p(name: str, alpha: float) -> None:
    tables = random_tables(3000, 12, 60)
    with np.errstate(all="ignore"):
        p = TWO_BY_TWO_TESTS[name].function(tables).p
    assert_array_equal(criterion(name, alpha).rejects(tables), p < alpha)
    # at alpha equal to a p of its own that table is not below it
    own = float(p[np.isfinite(p) & (p > 0.0) & (p < 1.0)][0])
    rejects = criterion(name, own).rejects(tables)
    assert_array_equal(rejects, p < own * (1.0 - 1e-12))


@st.composite
def trials(draw: st.DrawFn) -> TwoByTwo:
    n1, n2 = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    return table(draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2)


@settings(max_examples=60, deadline=None)
@given(trials())
def test_swapping_groups_or_outcomes_changes_nothing(trial: TwoByTwo) -> None:
    index = fragility_index(trial).index
    assert_array_equal(fragility_index(trial.swap_groups()).index, index)
    assert_array_equal(fragility_index(trial.swap_outcome()).index, index)


@settings(max_examples=60, deadline=None)
@given(trials())
def test_fewer_moves_give_no_smaller_index(trial: TwoByTwo) -> None:
    both = fragility_index(trial).index.item()
    either = fragility_index(trial, moves="either-arm").index.item()
    one = fragility_index(trial, moves="one-arm").index.item()
    transfer = fragility_index(trial, moves="transfer").index.item()
    for narrower in (either, one, 2 * transfer):
        assert np.isnan(narrower) or narrower >= both
    if not np.isnan(one):
        assert either <= one


@settings(max_examples=60, deadline=None)
@given(trials())
def test_the_index_is_the_way_back_too(trial: TwoByTwo) -> None:
    there = fragility_index(trial)
    if not np.isnan(there.index.item()):
        back = fragility_index(there.after)
        assert back.index.item() <= there.index.item()
        assert back.significant.item() != there.significant.item()


def test_batches_keep_their_shape() -> None:
    tables = random_tables(12, 1)
    square = TwoByTwo(
        *(
            x.reshape(3, 4)
            for x in (tables.events1, tables.n1, tables.events2, tables.n2)
        )
    )
    found = fragility_index(square)
    assert found.index.shape == (3, 4)
    assert_array_equal(found.index.ravel(), fragility_index(tables).index)
    assert_array_equal(found.quotient, found.index / (square.n1 + square.n2))
    frame = found.to_frame()
    assert len(frame) == 12
    assert len(found.meaning) == 12
    assert "12 trials" in str(found)
    with pytest.raises(ValueError, match="read-only"):
        found.index[0, 0] = 1.0


def test_where_nothing_can_change_the_conclusion() -> None:
    # three participants are never significant by Fisher's test
    tiny = fragility_index(table(1, 2, 0, 1))
    assert np.isnan(tiny.index.item())
    assert tiny.exhausted.item()
    assert tiny.checked.item() == 2 * 3 - 1
    assert tiny.after.events1.item() == 1
    assert tiny.meaning == ["No number of changes at all makes it significant."]
    shallow: FragilityIndex = fragility_index(table(36, 167, 16, 165), depth=5)
    assert np.isnan(shallow.index.item())
    assert not shallow.exhausted.item()
    assert shallow.checked.item() == sum(4 * level for level in range(1, 6))
    assert "up to 5" in shallow.meaning[0]


def test_an_undefined_test_does_not_reject() -> None:
    found = fragility_index(table(0, 20, 0, 20), "pearson")
    assert not found.significant.item()
    assert np.isnan(found.p_before.item())
    # 4/20 v 0/20: p = .035; 3/20: p = .072
    assert found.index.item() == 4


def test_errors_name_what_is_wrong() -> None:
    trial = table(5, 20, 3, 20)
    with pytest.raises(UnknownMethodError, match=r"criterion 'fischer'.*RD/wald"):
        fragility_index(trial, "fischer")
    with pytest.raises(UnknownMethodError, match=r"measure 'HR'. Known: RD, RR, OR"):
        fragility_index(trial, "HR/katz")
    with pytest.raises(UnknownMethodError, match=r"risk ratio interval 'woolf'"):
        fragility_index(trial, "RR/woolf")
    with pytest.raises(UnknownMethodError, match=r"move set 'all'. Known: both-arms"):
        fragility_index(trial, moves="all")
    with pytest.raises(InvalidEvidenceError, match="alpha must be between 0 and 1"):
        fragility_index(trial, alpha=5)
    with pytest.raises(InvalidEvidenceError, match="depth must be a whole number"):
        fragility_index(trial, depth=0)

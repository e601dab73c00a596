"""Coverage of methods of counts where events are rare: laws, and the table kept."""

import pytest

from coverage_tables import MOST, SEED, differences, pick
from simulations import counts
from simulations.studies import kept


@pytest.mark.parametrize(
    "cell", [counts.Cell(1, 0.01, 0.4, 0.0), counts.Cell(3, 0.05, 1.0, 0.3)]
)
def test_a_cell_agrees_with_the_table(cell: counts.Cell) -> None:
    rows = counts.compare(cell, cell.draw(2000, SEED), counts.BATCHED)
    found = differences("counts", rows)
    assert len(found) == len(counts.BATCHED)
    assert max(found.values()) < MOST


def test_one_by_one_methods_agree_with_the_table() -> None:
    cell = counts.Cell(1, 0.01, 1.0, 0.0)
    rows = counts.compare(cell, cell.draw(12, SEED), counts.SINGLE)
    found = differences("counts", rows)
    assert len(found) == len(counts.SINGLE)
    assert max(found.values()) < MOST


def test_exact_intervals_never_cover_too_little() -> None:
    rows = pick(kept("counts"), method="exact conditional", tau2=0.0)
    assert len(rows) == 4
    for r in rows:
        assert r.coverage > 0.95 - MOST * (0.95 * 0.05 / r.sets) ** 0.5


def test_mantel_haenszel_holds_its_level_where_the_effect_is_common() -> None:
    rows = pick(kept("counts"), method="Mantel-Haenszel", tau2=0.0)
    assert len(rows) == 8
    assert all(0.94 < r.coverage < 0.97 for r in rows)


def test_peto_is_off_where_groups_are_unequal_and_the_effect_large() -> None:
    rows = kept("counts")
    worst = pick(rows, method="Peto", allocation=3, OR=0.4, risk=0.05, tau2=0.0)
    best = pick(rows, method="Peto", allocation=1, OR=1.0, risk=0.05, tau2=0.0)
    assert worst[0].coverage < 0.94 < best[0].coverage


@pytest.mark.long
def test_the_table_can_be_made_again() -> None:
    found: dict[tuple[object, ...], float] = {}
    for cell in counts.cells():
        rows = counts.simulate(cell, counts.SETS, SEED)
        found |= differences("counts", rows)
    assert len(found) == len(kept("counts"))
    assert max(found.values()) < 5.0

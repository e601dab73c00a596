"""Coverage of the intervals of the mean: laws, and the table that is kept."""

from collections.abc import Mapping

import pytest

from coverage_tables import MOST, anew, differences, off_nominal, pick
from k2stats.models import MEAN_TESTS
from simulations.studies import kept

CELLS = [
    {"variances": "equal", "studies": 3, "i2": 0.9},
    {"variances": "spread", "studies": 5, "i2": 0.5},
    {"variances": "one precise", "studies": 20, "i2": 0.0},
]


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_agrees_with_the_table(cell: Mapping[str, object]) -> None:
    found = differences("mean", anew("mean", cell, 1000))
    assert len(found) == 39
    assert max(found.values()) < MOST, max(found, key=lambda key: found[key])


def test_every_interval_of_the_registry_is_in_the_table() -> None:
    rows = kept("mean")
    assert {r.way["interval"] for r in rows} == set(MEAN_TESTS)
    assert len({r.key for r in rows}) == len(rows)


def test_hartung_knapp_is_exact_where_variances_are_equal() -> None:
    # The weights are then equal whatever tau2 is, and the statistic is Student's.
    rows = pick(kept("mean"), variances="equal", interval="HK", model="random")
    assert len(rows) == 5 * 20  # estimators, K and I2
    assert max(off_nominal(r) for r in rows) < MOST
    # So is the multiplicative model's t.
    exact = pick(kept("mean"), variances="equal", model="multiplicative")
    assert max(off_nominal(r) for r in exact) < MOST


def test_a_common_effect_is_covered_by_its_model() -> None:
    rows = pick(kept("mean"), I2=0.0, model="common")
    assert len(rows) == 12
    assert max(off_nominal(r) for r in rows) < MOST


def test_a_guard_covers_no_less() -> None:
    table = {r.key: r.coverage for r in kept("mean")}
    for key, covered in table.items():
        *start, interval = key
        if start[3] == "random" and interval in ("HK-adhoc", "HK-ci", "HK-IQWiG6"):
            assert covered >= table[(*start, "HK")]


def test_permutations_of_symmetric_effects_are_exact() -> None:
    # A p-value of at most 5% has probability 25 / 512 with ten studies; the shares
    # that are counted have few sets.
    rows = pick(kept("mean"), interval="permutation")
    assert len(rows) == 15
    assert max(off_nominal(r, 1.0 - 25 / 512) for r in rows) < MOST


def test_skovgaard_covers_where_first_order_likelihood_does_not() -> None:
    rows = kept("mean")
    least = {
        name: min(r.coverage for r in pick(rows, interval=name, model="random"))
        for name in ("profile-likelihood", "skovgaard", "HK")
    }
    assert least["skovgaard"] > 0.92
    assert least["profile-likelihood"] < 0.82
    assert least["HK"] < 0.88


@pytest.mark.long
def test_the_table_can_be_made_again() -> None:
    # Every cell, other draws: some 2,400 comparisons, of which a normal deviate
    # beyond 5 is one in 1.7 million.
    found: dict[tuple[object, ...], float] = {}
    for variances in ("equal", "spread", "one precise"):
        for studies in (3, 5, 10, 20):
            for i2 in (0.0, 0.25, 0.5, 0.75, 0.9):
                cell = {"variances": variances, "studies": studies, "i2": i2}
                found |= differences("mean", anew("mean", cell, 4000))
    assert len(found) == len(kept("mean"))
    assert max(found.values()) < 5.0

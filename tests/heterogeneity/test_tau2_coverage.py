"""Coverage of the intervals of tau2: laws, and the table that is kept."""

from collections.abc import Mapping

import pytest

from coverage_tables import MOST, anew, differences, off_nominal, pick
from k2stats.heterogeneity import TAU2_INTERVALS
from simulations.studies import kept


@pytest.mark.parametrize(
    "cell",
    [
        {"variances": "equal", "studies": 3, "i2": 0.5},
        {"variances": "spread", "studies": 5, "i2": 0.0},
        {"variances": "one precise", "studies": 10, "i2": 0.75},
    ],
)
def test_a_cell_agrees_with_the_table(cell: Mapping[str, object]) -> None:
    found = differences("tau2", anew("tau2", cell, 1000))
    assert len(found) == 10
    assert max(found.values()) < MOST, max(found, key=lambda key: found[key])


def test_every_interval_of_the_registry_is_in_the_table() -> None:
    assert {r.way["interval"] for r in kept("tau2")} == set(TAU2_INTERVALS)


@pytest.mark.parametrize("interval", ["QP", "GENQ", "BJ"])
def test_intervals_from_the_law_of_q_are_exact(interval: str) -> None:
    # Effects are normal with known sampling variances: the law of Q is exact, with
    # any variances, any K and any tau2.
    rows = pick(kept("tau2"), interval=interval)
    assert len(rows) == 60
    assert max(off_nominal(r) for r in rows) < MOST
    # Over all cells at once: the mean of sixty coverages.
    mean = sum(r.coverage for r in rows) / 60
    assert abs(mean - 0.95) < MOST * (0.95 * 0.05 / (60 * rows[0].sets)) ** 0.5


def test_the_set_is_empty_as_often_as_the_lower_tail_says() -> None:
    # Without heterogeneity Q is chi-squared, below its 2.5% point in 2.5% of sets.
    rows = pick(kept("tau2"), interval="QP", I2=0.0)
    for row in rows:
        error = (0.025 * 0.975 / row.sets) ** 0.5
        assert abs(row.undefined - 0.025) < MOST * error


@pytest.mark.long
def test_the_table_can_be_made_again() -> None:
    found: dict[tuple[object, ...], float] = {}
    for variances in ("equal", "spread", "one precise"):
        for studies in (3, 5, 10, 20):
            for i2 in (0.0, 0.25, 0.5, 0.75, 0.9):
                cell = {"variances": variances, "studies": studies, "i2": i2}
                found |= differences("tau2", anew("tau2", cell, 5000))
    assert len(found) == len(kept("tau2"))
    assert max(found.values()) < 5.0

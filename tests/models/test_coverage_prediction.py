"""Coverage of prediction intervals: laws, and the table that is kept."""

from collections.abc import Mapping

import pytest

from coverage_tables import MOST, anew, differences, pick
from k2stats.models import PREDICTIONS
from simulations.studies import kept


@pytest.mark.parametrize(
    "cell",
    [
        {"variances": "equal", "studies": 5, "i2": 0.75},
        {"variances": "spread", "studies": 10, "i2": 0.25},
        {"variances": "one precise", "studies": 3, "i2": 0.9},
    ],
)
def test_a_cell_agrees_with_the_table(cell: Mapping[str, object]) -> None:
    found = differences("prediction", anew("prediction", cell, 2000))
    assert len(found) == 24
    assert max(found.values()) < MOST, max(found, key=lambda key: found[key])


def test_every_interval_of_the_registry_is_in_the_table() -> None:
    assert {r.way["interval"] for r in kept("prediction")} == set(PREDICTIONS)


def test_wider_intervals_cover_more() -> None:
    rows = kept("prediction")
    for narrow, wide in (("S", "V"), ("V", "HTS"), ("HK", "HK-PR"), ("KR", "KR-PR")):
        one, two = pick(rows, interval=narrow), pick(rows, interval=wide)
        for a, b in zip(one, two, strict=True):
            assert a.cell == b.cell
            if b.undefined == 0.0:
                assert a.coverage <= b.coverage
                assert a.median_width < b.median_width


def test_many_studies_and_much_heterogeneity_bring_all_to_their_level() -> None:
    rows = pick(kept("prediction"), K=20, I2=0.9)
    by_t = [r for r in rows if r.way["interval"] not in ("S", "z")]
    assert len(by_t) > 40
    assert all(abs(r.coverage - 0.95) < 0.03 for r in by_t)


def test_without_degrees_of_freedom_there_is_no_interval() -> None:
    # Kenward-Roger's degrees of freedom less one are not positive with few studies.
    rows = pick(kept("prediction"), interval="KR-PR", K=3)
    assert max(r.undefined for r in rows) > 0.1
    assert all(r.coverage <= 1.0 - r.undefined + 1e-4 for r in rows)


@pytest.mark.long
def test_the_table_can_be_made_again() -> None:
    found: dict[tuple[object, ...], float] = {}
    for variances in ("equal", "spread", "one precise"):
        for studies in (3, 5, 10, 20):
            for i2 in (0.0, 0.25, 0.5, 0.75, 0.9):
                cell = {"variances": variances, "studies": studies, "i2": i2}
                found |= differences("prediction", anew("prediction", cell, 10_000))
    assert len(found) == len(kept("prediction"))
    assert max(found.values()) < 5.0

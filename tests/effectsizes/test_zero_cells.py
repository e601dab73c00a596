"""The rule for zero counts and its record."""

import numpy as np
import pytest

from k2stats.effectsizes import (
    NOTHING,
    Genotypes,
    MarginalPairs,
    PairedCounts,
    Proportion,
    Rate,
    TwoRates,
    ZeroCells,
)
from k2stats.effectsizes.compute import measures_of
from k2stats.effectsizes.zero_cells import Counts, When, adjust
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo

T = TwoByTwo.from_cells(a=[0, 3, 0, 5], b=[9, 6, 7, 0], c=[2, 2, 0, 4], d=[7, 7, 8, 0])


@pytest.mark.parametrize(
    ("to", "want"),
    [
        ("only0", [0.5, 0, 0.5, 0.5]),
        ("all", [0.5] * 4),
        ("if0all", [0.5] * 4),
        ("none", [0.0] * 4),
    ],
)
def test_what_is_added_is_recorded_row_by_row(to: When, want: list[float]) -> None:
    rule = ZeroCells(0.5, to)
    es = measures_of(T, "OR", zero_cells=rule)
    assert es.added is not None
    np.testing.assert_array_equal(es.added, want)
    assert es.zero_cells == rule
    assert es.k == 4


def test_if0all_looks_at_each_set_of_a_batch() -> None:
    batch = TwoByTwo.from_cells(
        a=[[0, 3], [1, 3]], b=[[9, 6], [8, 6]], c=[[2, 2], [2, 2]], d=[[7, 7], [7, 7]]
    )
    es = measures_of(batch, "RR", zero_cells=ZeroCells(to="if0all"))
    assert es.added is not None
    np.testing.assert_array_equal(es.added, [[0.5, 0.5], [0, 0]])


def test_double_zeros_become_missing_in_place() -> None:
    es = measures_of(
        T, "OR", zero_cells=ZeroCells(drop_double_zero=True), study=range(4)
    )
    np.testing.assert_array_equal(np.isnan(es.y), [False, False, True, True])
    np.testing.assert_array_equal(np.isnan(es.v), np.isnan(es.y))
    assert es.study == (0, 1, 2, 3)
    assert es.drop_incomplete().study == (0, 1)
    rates = TwoRates.from_arrays(events1=[0, 2], time1=5, events2=[0, 0], time2=5)
    got = measures_of(rates, "IRR", zero_cells=ZeroCells(drop_double_zero=True))
    np.testing.assert_array_equal(np.isnan(got.y), [True, False])


def test_no_adjustment_gives_undefined_rows_not_infinite_ones() -> None:
    es = measures_of(T, "RR", zero_cells=NOTHING)
    assert np.isnan(es.y[0])
    assert np.isnan(es.v[0])
    assert np.isfinite(es.y[1])


def test_measures_that_need_nothing_added_add_nothing() -> None:
    for code in ("AS", "PHI"):
        es = measures_of(T, code)
        assert es.added is not None
        assert not es.added.any()
    forced = measures_of(T, "AS", zero_cells=ZeroCells())
    assert forced.added is not None
    assert forced.added.any()


@pytest.mark.parametrize(
    ("evidence", "adjusted"),
    [
        (Proportion.from_arrays(events=[0, 4], n=[4, 4]), {"events": 0.5, "n": 5}),
        (Rate.from_arrays(events=0, time=9), {"events": 0.5, "time": 9}),
        (
            TwoRates.from_arrays(events1=0, time1=9, events2=4, time2=3),
            {"events1": 0.5, "events2": 4.5, "time1": 9},
        ),
        (PairedCounts.from_arrays(a=0, b=1, c=2, d=3), {"a": 0.5, "d": 3.5}),
        (
            MarginalPairs.from_arrays(events1=0, events2=3, n=9, r=0.1),
            {"events1": 0.5, "events2": 3.5, "n": 10, "r": 0.1},
        ),
        (
            Genotypes.from_arrays(
                homozygous_dominant=0, heterozygous=3, homozygous_recessive=4
            ),
            {"homozygous_dominant": 0.5, "heterozygous": 3.5},
        ),
    ],
)
def test_each_kind_of_counts(evidence: Counts, adjusted: dict[str, float]) -> None:
    made, added, left_out = adjust(evidence, ZeroCells())
    for name, want in adjusted.items():
        assert getattr(made, name)[0] == want
    assert added[0] == 0.5
    assert left_out is None


def test_a_proportion_of_all_is_adjusted_too() -> None:
    made, _, _ = adjust(Proportion.from_arrays(events=4, n=4), ZeroCells())
    assert isinstance(made, Proportion)
    assert (made.events[0], made.n[0]) == (4.5, 5)


def test_a_rule_by_its_name_is_that_rule_and_others_are_refused() -> None:
    names: tuple[When, ...] = ("only0", "all", "if0all", "none")
    for name in names:
        found = measures_of(T, "OR", zero_cells=name)
        same = measures_of(T, "OR", zero_cells=ZeroCells(to=name))
        np.testing.assert_array_equal(found.y, same.y)
        assert found.zero_cells == same.zero_cells
    with pytest.raises(InvalidEvidenceError, match="zero_cells must be a ZeroCells"):
        measures_of(T, "OR", zero_cells="some")  # type: ignore[arg-type]


def test_the_rule_is_validated_and_says_what_it_does() -> None:
    with pytest.raises(
        InvalidEvidenceError, match="add must be 0 or a positive number"
    ):
        ZeroCells(-1)
    with pytest.raises(InvalidEvidenceError, match="to must be one of only0, all"):
        ZeroCells(to="some")  # type: ignore[arg-type]
    assert str(ZeroCells(0.1, "all", drop_double_zero=True)) == (
        "0.1 added to every table; double zeros left out"
    )
    assert str(NOTHING) == "nothing added"

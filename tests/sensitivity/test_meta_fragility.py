"""Fragility of meta-analyses: reference figures, brute force, errors."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from k2stats.effectsizes import ZeroCells, effect_sizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models import pool
from k2stats.sensitivity import POOLINGS, PooledAnalysis, meta_fragility
from k2stats.sensitivity._change_search import ChangeSearch

SMALL = TwoByTwo.from_counts(
    events1=[3, 1, 0], n1=[30, 17, 12], events2=[7, 1, 2], n2=[30, 16, 13]
)
ATAL = TwoByTwo.from_counts(
    events1=[2, 4, 2, 1, 0, 7, 0, 2],
    n1=[39, 25, 23, 9, 17, 182, 15, 17],
    events2=[7, 2, 4, 2, 2, 16, 0, 2],
    n2=[39, 11, 20, 12, 24, 189, 15, 19],
)
MH = PooledAnalysis("RR", "MH", zero_cells=ZeroCells(drop_double_zero=True))


@pytest.mark.parametrize(
    ("measure", "tau2", "ci", "expected"),
    [
        ("OR", "DL", "z", 2),
        ("RR", "DL", "z", 2),
        ("OR", "REML", "z", 2),
        ("OR", "REML", "HK", 1),
    ],
)
def test_reference_figures(measure: str, tau2: str, ci: str, expected: int) -> None:
    # fragility_ma: cran/fragility frag.ma with metafor 5.1.12
    how = PooledAnalysis(measure, tau2=tau2, ci=ci)
    found = meta_fragility(SMALL, how)
    assert found.index == found.greedy == expected
    assert not found.significant
    assert found.proved


def test_mantel_haenszel_of_the_published_example() -> None:
    # fragility_ma.atal: interval and index; minimal by exhaustion up to 3
    found = meta_fragility(ATAL, MH, depth=3)
    assert_allclose(found.before[1:], [0.2808048, 0.8453517], rtol=0, atol=5e-8)
    assert found.index == 4
    assert found.proved
    assert found.depth == 3
    assert found.after[2] >= 1.0
    assert found.quotient == 4 / (ATAL.n1 + ATAL.n2).sum()
    assert "No smaller number does" in found.meaning
    changed = found.to_frame()
    assert (changed.change1.abs() + changed.change2.abs()).sum() == 4


@pytest.mark.parametrize("level", [1, 2, 3])
def test_every_set_of_changes_comes_up_once(level: int) -> None:
    search = ChangeSearch(SMALL, MH)
    listed = [tuple(row) for part in search._all(level) for row in part.tolist()]
    span = range(-level, level + 1)
    events = np.concatenate([SMALL.events1, SMALL.events2])
    n = np.concatenate([SMALL.n1, SMALL.n2])
    expected = {
        f
        for f in itertools.product(span, repeat=6)
        if sum(map(abs, f)) == level
        and all(0 <= e + x <= m for e, x, m in zip(events, f, n, strict=True))
    }
    assert len(listed) == len(set(listed))
    assert set(listed) == expected
    unbounded = sum(
        1 for f in itertools.product(span, repeat=6) if sum(map(abs, f)) == level
    )
    assert search.size(level) == unbounded


def test_limits_are_those_of_the_front_door() -> None:
    how = PooledAnalysis("OR", tau2="REML", ci="HK")
    _, low, high = how.limits(
        TwoByTwo(*(x[None] for x in (SMALL.events1, SMALL.n1, SMALL.events2, SMALL.n2)))
    )
    es = effect_sizes(SMALL, "OR")
    fit = pool(es, tau2="REML", ci="HK")
    assert_allclose([low[0], high[0]], [fit.ci_low, fit.ci_high], rtol=1e-12)


def test_without_exhaustion_nothing_is_proved() -> None:
    found = meta_fragility(ATAL, MH, depth=0)
    assert found.index == 4
    assert not found.proved
    assert found.examined == 0
    assert "Whether fewer do is not known" in found.meaning
    few = meta_fragility(ATAL, MH, depth=3, most=100)
    assert few.depth == 1
    assert not few.proved


def test_where_no_changes_are_found() -> None:
    one = TwoByTwo.from_counts(events1=[1], n1=[2], events2=[0], n2=[1])
    found = meta_fragility(one, PooledAnalysis("RR", model="common"))
    assert found.index is None
    assert np.isnan(found.quotient)
    assert not found.proved
    assert "no changes were found" in str(found)
    assert found.before == found.after


def test_one_trial_is_its_own_meta_analysis() -> None:
    from k2stats.sensitivity import fragility_index

    trial = TwoByTwo.from_counts(events1=[36], n1=[167], events2=[16], n2=[165])
    how = PooledAnalysis("RR", model="common", zero_cells=ZeroCells(to="none"))
    found = meta_fragility(trial, how, depth=6)
    assert found.index == fragility_index(trial, "RR/katz").index.item()
    assert found.proved


def test_a_common_effect_and_risk_differences() -> None:
    how = PooledAnalysis("RD", model="common")
    found = meta_fragility(ATAL, how, depth=2)
    assert str(how) == "RD, common, z"
    assert found.significant
    estimate, low, high = found.before
    assert low < estimate < high < 0.0


def test_errors_name_what_is_wrong() -> None:
    assert set(POOLINGS) == {"IV", "MH"}
    with pytest.raises(UnknownMethodError, match="pooling of tables 'Peto'"):
        PooledAnalysis("OR", "Peto")
    with pytest.raises(InvalidEvidenceError, match="measure must be one of RR, OR, RD"):
        PooledAnalysis("HR")
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        PooledAnalysis(level=95)
    with pytest.raises(UnknownMethodError, match="'dersimonian'"):
        meta_fragility(SMALL, PooledAnalysis(tau2="dersimonian"))
    with pytest.raises(InvalidEvidenceError, match="depth must be a whole number"):
        meta_fragility(SMALL, depth=-1)
    batch = TwoByTwo.from_counts(events1=[[3]], n1=[[9]], events2=[[1]], n2=[[9]])
    with pytest.raises(InvalidEvidenceError, match="table must be one set of trials"):
        meta_fragility(batch)

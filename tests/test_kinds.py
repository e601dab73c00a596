"""The doors of the library refuse what is of another kind, in words."""

from collections.abc import Callable
from typing import Any

import pytest

import k2stats as k2
from k2stats.errors import InvalidEvidenceError

EFFECTS: list[Callable[[Any], object]] = [
    k2.pool,
    k2.subgroups,
    k2.leave_one_out,
    k2.cumulative,
    k2.permutation_test,
    k2.location_scale,
    lambda es: k2.bootstrap(es, rng=1),
    lambda es: k2.meta_regression(es, "~ 1"),
]
TABLES: list[Callable[[Any], object]] = [
    k2.p_values,
    k2.nnt,
    k2.risk_difference,
    k2.fragility_index,
    k2.meta_fragility,
    lambda table: k2.significance_test(table, "fisher"),
    lambda table: k2.confidence_interval(table, "RD", "wald"),
    lambda table: k2.confidence_intervals(table, "RD"),
]


@pytest.mark.parametrize("given", [None, "x", 3.0, [1.0, 2.0]])
@pytest.mark.parametrize("door", EFFECTS)
def test_effect_sizes_are_asked_for(
    door: Callable[[Any], object], given: object
) -> None:
    name = type(given).__name__
    with pytest.raises(InvalidEvidenceError, match=f"must be .*EffectSizes.*'{name}'"):
        door(given)


@pytest.mark.parametrize("given", [None, "x", 3.0, [1.0, 2.0]])
@pytest.mark.parametrize("door", TABLES)
def test_a_table_is_asked_for(door: Callable[[Any], object], given: object) -> None:
    name = type(given).__name__
    with pytest.raises(InvalidEvidenceError, match=f"table must be .*'{name}'"):
        door(given)


@pytest.mark.parametrize("door", [k2.blup, k2.robust])
def test_a_fit_is_asked_for(door: Callable[[Any], object]) -> None:
    effects = k2.EffectSizes.from_arrays([0.1, 0.2], [0.1, 0.1])
    with pytest.raises(InvalidEvidenceError, match=r"fit must be .*'EffectSizes'"):
        door(effects)


def test_claims_are_asked_for() -> None:
    audit: Any = k2.audit
    with pytest.raises(InvalidEvidenceError, match="claims must be a Claim"):
        audit(3.0)
    with pytest.raises(InvalidEvidenceError, match=r"claims\[0\] must be a Claim"):
        audit("x")

"""Answers of the room `sensitivity`: fragility and E-values."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from k2stats.effectsizes import ZeroCells
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import (
    PooledAnalysis,
    evalue,
    evalue_risk_difference,
    fragility_index,
    meta_fragility,
)

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any

CRITERIA = {
    "fisher": "fisher",
    "chisq": "yates",
    "OR": "OR/woolf",
    "RR": "RR/katz",
    "RD": "RD/wald",
}
"""cran/fragility's names of a criterion, and k2stats'."""


def fragility(given: Given) -> Answer:
    """Fragility index by each criterion, group 0 the comparator."""
    table = TwoByTwo.from_counts(
        events1=given["e1"], n1=given["n1"], events2=given["e0"], n2=given["n0"]
    )
    return {word: fragility_index(table, c).index for word, c in CRITERIA.items()}


def _one_arm(given: Sequence[int], moves: str) -> Answer:
    events1, events2, n1, n2 = given
    table = TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)
    return fragility_index(table, "fisher", moves=moves).index


def classical(given: Sequence[int]) -> Answer:
    """Walsh's index: events added to the arm with fewer."""
    return _one_arm(given, "one-arm")


def reverse(given: Sequence[int]) -> Answer:
    """Index of a result that is not significant, by transfers."""
    return _one_arm(given, "transfer")


def _tables(rows: Sequence[Sequence[int]], columns: Sequence[str]) -> TwoByTwo:
    named = dict(zip(columns, zip(*rows, strict=True), strict=True))
    return TwoByTwo.from_counts(
        events1=named["e1"], n1=named["n1"], events2=named["e0"], n2=named["n0"]
    )


def meta(given: Given) -> Answer:
    """Fragility index of a meta-analysis: measure, tau2 and, if so, knha."""
    measure, tau2, *test = given["method"].split()
    analysis = PooledAnalysis(measure, tau2=tau2, ci="HK" if test else "z")
    return meta_fragility(_tables(given["data"], given["cols"]), analysis).index


def greedy(given: Given) -> Answer:
    """Atal's search: Mantel-Haenszel RR, double zeros dropped, proved to depth 3."""
    table = _tables(given["data"], ("e1", "n1", "e0", "n0"))
    policy = ZeroCells(drop_double_zero=True)
    found = meta_fragility(
        table, PooledAnalysis("RR", "MH", zero_cells=policy), depth=3
    )
    return {
        "ci": list(found.before[1:]),
        "FI": found.index,
        "minimal_proved": found.proved,
    }


def e_value(given: Given) -> Answer:
    """E-value of the point and of the limit nearer to no effect."""
    measure = given["measure"]
    if measure == "RD":
        table = TwoByTwo.from_cells(
            a=given["n11"], b=given["n10"], c=given["n01"], d=given["n00"]
        )
        # the figure's limit comes from a grid of this step
        found = evalue_risk_difference(table, grid=1e-4)
    elif measure == "MD":
        found = evalue(given["est"], se=given["se"], measure="SMD")
    else:
        found = evalue(given["est"], given["lo"], given["hi"], measure=measure)
    return {"point": found.point, "limit": found.limit}


CHECKS: dict[str, Callable[..., Answer]] = {
    "fragility_index": fragility,
    "fragility_index.kj": classical,
    "fragility_reverse.kj": reverse,
    "fragility_ma": meta,
    "fragility_ma.atal": greedy,
    "evalue": e_value,
}

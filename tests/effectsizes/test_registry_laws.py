"""Laws that every registered measure obeys, by the evidence it is computed from.

A new measure is tested as soon as it is registered: it must change its sign when the
two sides change places and must not depend on units, unless it is named here as one
that behaves otherwise.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from k2stats.effectsizes import (
    MEASURES,
    Alpha,
    AsGiven,
    ChangeMeans,
    CorrelationInput,
    Determination,
    Genotypes,
    MarginalPairs,
    OneMean,
    OneSpread,
    PairedCounts,
    Proportion,
    Rate,
    RegressionTest,
    RegressionTestR2,
    Superiority,
    TwoRates,
    effect_sizes,
    needs,
)
from k2stats.effectsizes.compute import measures_of
from k2stats.evidence import TwoByTwo, TwoMeans

Columns = dict[str, np.ndarray]
K = 12
SLOW = {"FD"}  # a table at a time, and coarse by design


def columns_of(kind: type, seed: int = 2) -> Columns:
    """Possible columns of any evidence, none with a zero cell."""
    rng = np.random.default_rng(seed)
    a, b, c, d = (rng.integers(1, 40, K).astype(float) for _ in range(4))
    n = rng.integers(30, 90, K).astype(float)
    share = rng.uniform(0.1, 0.9, K)
    s1, s2 = rng.uniform(1, 3, (2, K))
    m1, m2 = rng.uniform(5, 9, (2, K))
    means = {"mean1": m1, "sd1": s1, "mean2": m2, "sd2": s2}
    made: dict[type, Columns] = {
        TwoByTwo: {"events1": a, "n1": a + b, "events2": c, "n2": c + d},
        TwoMeans: {**means, "n1": a + 4, "n2": b + 4},
        ChangeMeans: {**means, "n": n, "r": share - 0.3},
        PairedCounts: {"a": a, "b": b, "c": c, "d": d},
        MarginalPairs: {"events1": a, "events2": c, "n": a + c + 9, "r": 0 * a + 0.02},
        TwoRates: {"events1": a, "time1": n, "events2": c, "time2": n + 0.5},
        Rate: {"events": a, "time": n},
        Proportion: {"events": a, "n": a + b},
        OneMean: {"mean": m1, "sd": s1, "n": n},
        OneSpread: {"sd": s1, "n": n},
        CorrelationInput: {"r": share - 0.4, "n": n},
        RegressionTest: {"t": 4 * share - 1, "n": n, "predictors": 0 * n + 3},
        RegressionTestR2: {
            "t": 4 * share - 1,
            "n": n,
            "predictors": 0 * n + 3,
            "r2": 0 * n + 0.6,
        },
        Determination: {"r2": share, "n": n, "predictors": 0 * n + 3},
        Superiority: {"auc": share, "n1": n, "n2": b + 3},
        Alpha: {"alpha": share, "items": 0 * n + 5, "n": n},
        Genotypes: {
            "homozygous_dominant": a,
            "heterozygous": b,
            "homozygous_recessive": c,
        },
        AsGiven: {"y": share, "v": share},
    }
    return made[kind]


def estimate(code: str, columns: Columns, vtype: str) -> tuple[np.ndarray, np.ndarray]:
    given: dict[str, Any] = dict(columns)
    es = effect_sizes(None, code, vtype=vtype, **given)
    return es.y, es.v


def exchange(*pairs: tuple[str, str]) -> Callable[[Columns], Columns]:
    """Columns with names changing places."""
    names = {**dict(pairs), **{b: a for a, b in pairs}}
    return lambda columns: {names.get(k, k): v for k, v in columns.items()}


def but(**new: Callable[[Columns], np.ndarray]) -> Callable[[Columns], Columns]:
    """Columns with some computed anew from the old ones."""
    return lambda columns: {**columns, **{k: f(columns) for k, f in new.items()}}


MIRROR: dict[type, Callable[[Columns], Columns]] = {
    TwoByTwo: exchange(("events1", "events2"), ("n1", "n2")),
    TwoMeans: exchange(("mean1", "mean2"), ("sd1", "sd2"), ("n1", "n2")),
    ChangeMeans: exchange(("mean1", "mean2"), ("sd1", "sd2")),
    PairedCounts: exchange(("b", "c")),
    MarginalPairs: exchange(("events1", "events2")),
    TwoRates: exchange(("events1", "events2"), ("time1", "time2")),
    CorrelationInput: but(r=lambda c: -c["r"]),
    RegressionTest: but(t=lambda c: -c["t"]),
    RegressionTestR2: but(t=lambda c: -c["t"]),
    Proportion: but(events=lambda c: c["n"] - c["events"]),
    Superiority: but(
        auc=lambda c: 1 - c["auc"], n1=lambda c: c["n2"], n2=lambda c: c["n1"]
    ),
}
"""The evidence with its two sides, or two outcomes, exchanged."""
WITHOUT_SIDES = {Rate, OneMean, OneSpread, Determination, Alpha, Genotypes, AsGiven}
SUM = {
    **dict.fromkeys(("CLES", "AUC", "CLESN", "CLESCN", "AUCCN", "PR"), 1.0),
    **dict.fromkeys(("PAS", "PFT"), np.pi / 2),
}
"""What an effect and its mirror image add up to, where it is not 0."""
LOPSIDED = {"SMD1", "SMD1H", "SMCR", "SMCRH", "PLN"}
"""Measures that treat the two sides differently: one SD standardizes, or only the
events have a logarithm."""


def cases(of: Callable[[type], bool], leaving: set[str]) -> list[tuple[str, str]]:
    return [
        (code, vtype)
        for code in MEASURES
        for vtype in MEASURES[code].function.variances
        if of(MEASURES[code].function.evidence)
        and code not in leaving
        and vtype not in SLOW
    ]


def test_every_kind_of_evidence_has_its_law() -> None:
    kinds = {MEASURES[code].function.evidence for code in MEASURES}
    assert kinds == MIRROR.keys() | WITHOUT_SIDES
    assert not MIRROR.keys() & WITHOUT_SIDES
    assert {*SUM, *LOPSIDED} <= set(MEASURES)


@pytest.mark.parametrize(("code", "vtype"), cases(MIRROR.__contains__, LOPSIDED))
def test_exchanged_sides_mirror_the_effect(code: str, vtype: str) -> None:
    kind = MEASURES[code].function.evidence
    columns = columns_of(kind)
    y, v = estimate(code, columns, vtype)
    other_y, other_v = estimate(code, MIRROR[kind](columns), vtype)
    assert np.isfinite(y).all()
    np.testing.assert_allclose(y + other_y, SUM.get(code, 0.0), rtol=0, atol=1e-11)
    np.testing.assert_allclose(other_v, v, rtol=1e-9)


@pytest.mark.parametrize("code", sorted(LOPSIDED))
def test_lopsided_measures_are_lopsided(code: str) -> None:
    kind = MEASURES[code].function.evidence
    columns = columns_of(kind)
    y, _ = estimate(code, columns, "LS")
    other, _ = estimate(code, MIRROR[kind](columns), "LS")
    assert not np.allclose(y, -other)


OUTCOME = ("mean", "mean1", "mean2", "sd", "sd1", "sd2")
TIME = ("time", "time1", "time2")
POWER = {
    **dict.fromkeys(("MD", "MC", "MN"), 1.0),
    **dict.fromkeys(("IR", "IRD"), -1.0),
    **dict.fromkeys(("IRS", "IRSD", "IRFT"), -0.5),
}
"""By which power of the unit the effect grows; 0 for the others."""
SHIFT = {"MNLN": 1.0, "SDLN": 1.0, "IRLN": -1.0}
"""How many logarithms of the unit are added to the effect."""


def in_units(kind: type) -> bool:
    return any(name in columns_of(kind) for name in (*OUTCOME, *TIME))


@pytest.mark.parametrize(("code", "vtype"), cases(in_units, set()))
@pytest.mark.parametrize("unit", [0.01, 2.54, 1000.0])
def test_units(code: str, vtype: str, unit: float) -> None:
    columns = columns_of(MEASURES[code].function.evidence)
    after = {k: x * unit if k in (*OUTCOME, *TIME) else x for k, x in columns.items()}
    y, v = estimate(code, columns, vtype)
    new_y, new_v = estimate(code, after, vtype)
    power, shift = POWER.get(code, 0.0), SHIFT.get(code, 0.0)
    want = y * unit**power + shift * np.log(unit)
    np.testing.assert_allclose(new_y, want, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(new_v, v * unit ** (2 * power), rtol=1e-11)


@pytest.mark.parametrize(("code", "vtype"), cases(lambda kind: True, {"HR", "GEN"}))
def test_variances_fall_as_the_sample_grows(code: str, vtype: str) -> None:
    # Hundredfold everything that is counted; REH and rates have no n.
    kind = MEASURES[code].function.evidence
    columns = columns_of(kind)
    counted = {
        *("events", "events1", "events2", "n", "n1", "n2", "a", "b", "c", "d"),
        *("homozygous_dominant", "heterozygous", "homozygous_recessive", *TIME),
    }
    after = {k: x * 100 if k in counted else x for k, x in columns.items()}
    _, v = estimate(code, columns, vtype)
    _, later = estimate(code, after, vtype)
    ratio = v / later
    assert np.all((ratio > 40) & (ratio < 400)), ratio


@pytest.mark.parametrize("code", list(MEASURES))
def test_columns_read_at_once_and_one_by_one_give_the_same(code: str) -> None:
    kind = MEASURES[code].function.evidence
    columns = columns_of(kind)
    y, v = estimate(code, columns, "LS")
    # of objects, so that each is looked at by itself
    slow_y, slow_v = estimate(
        code, {k: x.astype(object) for k, x in columns.items()}, "LS"
    )
    np.testing.assert_array_equal(y, slow_y)
    np.testing.assert_array_equal(v, slow_v)
    assert {*needs(code)[0]} == columns.keys()


@pytest.mark.parametrize("code", list(MEASURES))
def test_no_variance_without_an_effect_and_none_below_zero(code: str) -> None:
    # The corners of what each kind of evidence may be, whatever the measure.
    for vtype in MEASURES[code].function.variances:
        if vtype in SLOW:
            continue
        es = measures_of(CORNERS[MEASURES[code].function.evidence], code, vtype=vtype)
        assert not np.isinf(es.y).any()
        assert not np.isinf(es.v).any()
        assert np.isnan(es.v[np.isnan(es.y)]).all()
        assert not (es.v < 0).any()


def grid(kind: Any, **values: list[float]) -> Any:
    """Evidence of all combinations of values, those that are impossible left out."""
    axes = np.meshgrid(*(np.array(x, dtype=float) for x in values.values()))
    columns = {k: x.ravel() for k, x in zip(values, axes, strict=True)}
    possible = np.ones(axes[0].size, dtype=bool)
    for events, n in (("events1", "n1"), ("events2", "n2"), ("events", "n")):
        if events in columns and n in columns:
            possible &= columns[events] <= columns[n]
    if kind is MarginalPairs:
        possible &= (columns["events1"] <= columns["n"]) & (
            columns["events2"] <= columns["n"]
        )
    if kind is PairedCounts:
        possible &= sum(columns.values()) > 0
    kept = {k: x[possible] for k, x in columns.items()}
    if kind is TwoByTwo:
        return TwoByTwo.from_counts(**kept)
    return (kind.from_summary if kind is TwoMeans else kind.from_arrays)(**kept)


LARGE = 1e6
CORNERS: dict[type, Any] = {
    TwoByTwo: grid(
        TwoByTwo,
        events1=[0, 1, 5, LARGE],
        n1=[1, 2, 5, LARGE],
        events2=[0, 1, 7, LARGE],
        n2=[1, 7, LARGE],
    ),
    TwoMeans: grid(
        TwoMeans,
        mean1=[-3, 0, 1e-6, 2],
        sd1=[0, 1e-8, 1],
        n1=[2, 3, LARGE],
        mean2=[-2, 0, 5],
        sd2=[0, 2],
        n2=[2, LARGE],
    ),
    ChangeMeans: grid(
        ChangeMeans,
        mean1=[-3, 0, 2],
        sd1=[0, 1],
        mean2=[-2, 0, 5],
        sd2=[0, 1, 2],
        n=[2, 3, LARGE],
        r=[-1, 0, 0.5, 1],
    ),
    PairedCounts: grid(
        PairedCounts, a=[0, 1, LARGE], b=[0, 1, 4], c=[0, 1, LARGE], d=[0, 2]
    ),
    MarginalPairs: grid(
        MarginalPairs,
        events1=[0, 1, 6, LARGE],
        events2=[0, 3, 6],
        n=[6, LARGE],
        r=[-1, 0, 0.2, 1],
    ),
    TwoRates: grid(
        TwoRates,
        events1=[0, 1, LARGE],
        time1=[1e-8, 1, 1e9],
        events2=[0, 7],
        time2=[1e-8, 1e9],
    ),
    Rate: grid(Rate, events=[0, 1, LARGE], time=[1e-8, 1, 1e9]),
    Proportion: grid(Proportion, events=[0, 1, 3, LARGE], n=[1, 3, LARGE]),
    OneMean: grid(OneMean, mean=[-3, 0, 1e-6, 2], sd=[0, 1e-8, 1], n=[2, 3, LARGE]),
    OneSpread: grid(OneSpread, sd=[0, 1e-8, 1], n=[2, 3, LARGE]),
    CorrelationInput: grid(
        CorrelationInput, r=[-1, -0.999999, 0, 1e-9, 0.3, 1], n=[4, 5, LARGE]
    ),
    RegressionTest: grid(
        RegressionTest, t=[-1e9, -2, 0, 1e-9, 40], n=[5, 6, LARGE], predictors=[1, 3]
    ),
    RegressionTestR2: grid(
        RegressionTestR2,
        t=[-4, 0, 2],
        n=[5, 20, LARGE],
        predictors=[1, 3],
        r2=[0, 0.3, 1],
    ),
    Determination: grid(
        Determination, r2=[0, 1e-12, 0.4, 1], n=[5, 6, LARGE], predictors=[1, 3]
    ),
    Superiority: grid(
        Superiority, auc=[0, 1e-12, 0.5, 1], n1=[1, 2, LARGE], n2=[1, 9, LARGE]
    ),
    Alpha: grid(Alpha, alpha=[-2, 0, 0.9, 1], items=[2, 3, 100], n=[3, 4, LARGE]),
    Genotypes: grid(
        Genotypes,
        homozygous_dominant=[0, 1, LARGE],
        heterozygous=[0, 3],
        homozygous_recessive=[0, 1, LARGE],
    ),
    AsGiven: grid(AsGiven, y=[-1e9, 0, 1e9], v=[1e-300, 1, 1e300]),
}

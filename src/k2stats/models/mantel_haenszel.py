r"""Mantel and Haenszel's pooled ratios and differences."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import NOTHING, TwoRates, ZeroCells
from k2stats.errors import UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models._count_registry import COUNT_METHODS
from k2stats.models._strata import (
    INDIVIDUAL,
    Strata,
    add_to_cells,
    check_evidence,
    individual_effects,
    q_about,
    read_mask,
    strata_of,
)
from k2stats.models._stratified_registry import (
    STRATIFIED_TESTS,
    Correction,
    Stratified,
)
from k2stats.models.mantel_haenszel_estimators import MANTEL_HAENSZEL
from k2stats.results.counts import CountsFit, CountsTest

MEASURES = ("OR", "RR", "RD", "IRR", "IRD")


@COUNT_METHODS.register(
    "MH",
    label="Mantel and Haenszel's weights",
    reference="Mantel & Haenszel (1959), J Natl Cancer Inst 22:719; Robins, Breslow & "
    "Greenland (1986), Biometrics 42:311; Greenland & Robins (1985), Biometrics 41:55",
    equation="sum(w_k y_k) / sum(w_k), as a ratio or difference of sums",
    traits=(*MEASURES, "batch"),
)
def mantel_haenszel(
    evidence: TwoByTwo | TwoRates,
    measure: str = "OR",
    *,
    variance: str | None = None,
    level: float = 0.95,
    correction: Correction = "bounded",
    zero_cells: ZeroCells = NOTHING,
    q_zero_cells: ZeroCells = INDIVIDUAL,
    mask: ArrayLike | None = None,
) -> CountsFit:
    r"""Pool 2x2 tables or rates by Mantel and Haenszel's weights.

    The effect common to all strata, for sparse and for large ones alike. Nothing is
    added to zero cells: strata without events carry no information on a ratio and
    count in a difference.

    Parameters
    ----------
    evidence : TwoByTwo or TwoRates
        Counts of shape ``(..., K)``; every leading element is pooled by itself.
    measure : {"OR", "RR", "RD", "IRR", "IRD"}
        The last two from rates. Ratios are on the log scale.
    variance : str, optional
        ``"RBG"``, ``"GR"`` or ``"Sato"``, where the measure has a choice; for risk
        differences Sato's by default.
    level : float
        Confidence level of the Wald limits.
    correction : {"bounded", "half", "none"}
        Continuity correction of the test of association, see
        :func:`~k2stats.models.stratified_tests.cochran_mantel_haenszel`.
    zero_cells : ZeroCells
        What is added before pooling; nothing by default.
    q_zero_cells : ZeroCells
        What is added to the studies' own effects, for Q alone; by default one half to
        tables with a zero cell, tables without events or without non-events left out.
    mask : array_like of bool, optional
        True where a study is present, for sets of unequal size.

    Returns
    -------
    CountsFit
        Tests: ``"Q"`` about the pooled effect; ``"CMH"`` of no association; for 2x2
        tables ``"Cochran"``; for odds ratios ``"BD"`` and ``"Tarone"``. The estimate
        is NaN, and not flagged as converged, where a ratio has no events on one side.

    Raises
    ------
    InvalidEvidenceError
        For another measure, counts of another kind, a wrong mask or level.
    UnknownMethodError
        For an unknown variance or correction.

    References
    ----------
    Mantel & Haenszel (1959); Robins, Breslow & Greenland (1986); Greenland & Robins
    (1985); Sato, Greenland & Robins (1989); Breslow & Day (1980); Tarone (1985).

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> print(mantel_haenszel(tables, "RR"))
    RR 0.2590 (95% CI 0.1426 to 0.4704), Mantel-Haenszel, 3 studies
    """
    check_evidence(evidence, measure, MEASURES, "Mantel-Haenszel")
    known = [n.split("/")[1] for n in MANTEL_HAENSZEL if n.split("/")[0] == measure]
    name = known[0] if variance is None else variance
    if name not in known:
        raise UnknownMethodError(
            kind=f"variance of {measure}", name=name, known=tuple(known)
        )
    entry = MANTEL_HAENSZEL[f"{measure}/{name}"]
    there = read_mask(mask, evidence.shape)
    changed, kept = add_to_cells(evidence, zero_cells, there)
    s = strata_of(changed, kept)
    with np.errstate(all="ignore"):
        estimate, v = entry.function(s)
        estimate = np.where(np.isfinite(estimate), estimate, np.nan)
        tests = _tests(evidence, measure, estimate, correction, q_zero_cells, there, s)
        se = np.sqrt(v)
    return CountsFit.wald(
        estimate,
        se,
        level=level,
        measure=measure,
        method="Mantel-Haenszel",
        k=_informative(s, measure),
        k_total=evidence.shape[-1],
        tests={t.name: t for t in tests},
        record={
            "variance": name,
            "reference": entry.reference,
            "zero cells": str(zero_cells),
            "zero cells of Q": str(q_zero_cells),
            "continuity correction": correction,
        },
    )


def _tests(
    evidence: TwoByTwo | TwoRates,
    measure: str,
    estimate: Floats,
    correction: Correction,
    rule: ZeroCells,
    mask: Bools | None,
    s: Strata,
) -> list[CountsTest]:
    y, v = individual_effects(evidence, measure, rule, mask)
    odds_ratio = estimate if measure == "OR" else None
    given = Stratified(s, correction, isinstance(evidence, TwoRates), odds_ratio)
    return [
        q_about(y, v, estimate),
        *(e.function(given) for e in STRATIFIED_TESTS.entries(having=measure)),
    ]


def _informative(s: Strata, measure: str) -> Floats:
    """Number of strata that the estimate rests on."""
    there = (s.n1 > 0) & (s.n2 > 0)
    if measure in ("RR", "IRR", "OR"):
        there = there & (s.m > 0)
    if measure == "OR":
        there = there & (s.m < s.n1 + s.n2)
    return np.asarray(there.sum(axis=-1), float)

r"""Mantel and Haenszel's pooled ratios and differences."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.effectsizes import NOTHING, TwoRates, ZeroCells
from k2stats.errors import UnknownMethodError
from k2stats.evidence import TwoByTwo
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
from k2stats.models.stratified_tests import (
    Correction,
    breslow_day,
    cochran,
    cochran_mantel_haenszel,
)
from k2stats.results.counts import CountsFit, CountsTest

MantelHaenszelKernel: TypeAlias = Callable[[Strata], tuple[Floats, Floats]]
"""Takes strata (..., K), returns estimate and variance on the scale of analysis."""

MANTEL_HAENSZEL: Registry[MantelHaenszelKernel] = Registry("Mantel-Haenszel estimator")
"""Estimators by ``measure/variance``; the first of a measure is its default."""

_MH = "Mantel & Haenszel (1959), J Natl Cancer Inst 22:719"
_RBG = "Robins, Breslow & Greenland (1986), Biometrics 42:311"
_GR = "Greenland & Robins (1985), Biometrics 41:55"
_SATO = "Sato, Greenland & Robins (1989), Biometrics 45:1323"
_ROTHMAN = "Rothman, Greenland & Lash (2008), Modern Epidemiology, chapter 15"
MEASURES = ("OR", "RR", "RD", "IRR", "IRD")


def _total(x: Floats) -> Floats:
    return np.asarray(x.sum(axis=-1))


@MANTEL_HAENSZEL.register(
    "OR/RBG",
    label="Odds ratio, variance of Robins, Breslow and Greenland",
    reference=f"{_MH}; {_RBG}",
    equation="sum(a d / N) / sum(b c / N)",
)
def odds_ratio(s: Strata) -> tuple[Floats, Floats]:
    r"""Log odds ratio.

    With :math:`R = ad/N`, :math:`S = bc/N`, :math:`P = (a + d)/N`,
    :math:`Q = (b + c)/N`,

    .. math:: \hat\theta = \log\frac{\sum R}{\sum S}, \qquad
        v = \frac{\sum PR}{2(\sum R)^2} + \frac{\sum (PS + QR)}{2\sum R\sum S}
        + \frac{\sum QS}{2(\sum S)^2}.
    """
    a, b, c, d, n = s.x1, s.y1, s.x2, s.y2, s.total
    r, t = a * (d / n), b * (c / n)
    p, q = (a + d) / n, (b + c) / n
    above, below = _total(r), _total(t)
    variance = 0.5 * (
        _total(p * r) / above**2
        + _total(p * t + q * r) / (above * below)
        + _total(q * t) / below**2
    )
    return np.log(above / below), variance


@MANTEL_HAENSZEL.register(
    "RR/GR",
    label="Risk ratio, variance of Greenland and Robins",
    reference=f"{_MH}; {_GR}",
    equation="sum(a n2 / N) / sum(c n1 / N)",
)
def risk_ratio(s: Strata) -> tuple[Floats, Floats]:
    r"""Log risk ratio.

    .. math:: \hat\theta = \log\frac{\sum a n_2 / N}{\sum c n_1 / N}, \qquad
        v = \frac{\sum (m n_1 n_2 - a c N) / N^2}
        {(\sum a n_2 / N)(\sum c n_1 / N)}.
    """
    above, below = _total(s.x1 * s.n2 / s.total), _total(s.x2 * s.n1 / s.total)
    share = s.n1 / s.total * (s.n2 / s.total)
    spread = _total(s.m * share - s.x1 * s.x2 / s.total)
    return np.log(above / below), spread / (above * below)


@MANTEL_HAENSZEL.register(
    "RD/Sato",
    label="Risk difference, variance of Sato",
    reference=f"{_MH}; {_SATO}",
    equation="sum((a n2 - c n1) / N) / sum(n1 n2 / N)",
)
def risk_difference(s: Strata) -> tuple[Floats, Floats]:
    r"""Risk difference, variance consistent in sparse and in large strata.

    .. math:: v = \frac{\hat\theta \sum P + \sum Q}{(\sum n_1 n_2 / N)^2}, \quad
        P = \frac{n_1^2 c - n_2^2 a + n_1 n_2 (n_2 - n_1) / 2}{N^2}, \quad
        Q = \frac{a d + b c}{2 N}.
    """
    estimate, weight = _difference(s)
    f1, f2 = s.n1 / s.total, s.n2 / s.total
    p = f1 * f1 * s.x2 - f2 * f2 * s.x1 + f1 * f2 * (s.n2 - s.n1) / 2.0
    q = (s.x1 * (s.y2 / s.total) + s.x2 * (s.y1 / s.total)) / 2.0
    first, second = estimate * _total(p), _total(q)
    spread = first + second
    # Risks of 0 and 1: the two terms cancel to nothing but rounding.
    spread = np.where(np.abs(spread) <= 1e-13 * second, 0.0, spread)
    return estimate, spread / weight**2


@MANTEL_HAENSZEL.register(
    "RD/GR",
    label="Risk difference, variance of Greenland and Robins",
    reference=f"{_MH}; {_GR}",
    equation="sum((a n2 - c n1) / N) / sum(n1 n2 / N)",
)
def risk_difference_gr(s: Strata) -> tuple[Floats, Floats]:
    r"""Risk difference, binomial variances of each stratum.

    .. math:: v = \frac{\sum (a b n_2^3 + c d n_1^3) / (n_1 n_2 N^2)}
        {(\sum n_1 n_2 / N)^2}.
    """
    estimate, weight = _difference(s)
    f1, f2 = s.n1 / s.total, s.n2 / s.total
    there = (s.n1 > 0) & (s.n2 > 0)
    n1, n2 = np.where(there, s.n1, 1.0), np.where(there, s.n2, 1.0)
    spread = s.x1 * (s.y1 / n1) * f2 * f2 + s.x2 * (s.y2 / n2) * f1 * f1
    return estimate, _total(spread) / weight**2


@MANTEL_HAENSZEL.register(
    "IRR/GR",
    label="Incidence rate ratio, variance of Greenland and Robins",
    reference=f"{_GR}; {_ROTHMAN}",
    equation="sum(x1 t2 / T) / sum(x2 t1 / T)",
)
def rate_ratio(s: Strata) -> tuple[Floats, Floats]:
    r"""Log incidence rate ratio.

    .. math:: v = \frac{\sum m t_1 t_2 / T^2}
        {(\sum x_1 t_2 / T)(\sum x_2 t_1 / T)}.
    """
    f1, f2 = s.n1 / s.total, s.n2 / s.total
    above, below = _total(s.x1 * f2), _total(s.x2 * f1)
    return np.log(above / below), _total(s.m * f1 * f2) / (above * below)


@MANTEL_HAENSZEL.register(
    "IRD/GR",
    label="Incidence rate difference, variance of Greenland and Robins",
    reference=f"{_GR}; {_ROTHMAN}",
    equation="sum((x1 t2 - x2 t1) / T) / sum(t1 t2 / T)",
)
def rate_difference(s: Strata) -> tuple[Floats, Floats]:
    r"""Incidence rate difference.

    .. math:: v = \frac{\sum (t_1 t_2 / T)^2 (x_1 / t_1^2 + x_2 / t_2^2)}
        {(\sum t_1 t_2 / T)^2}.
    """
    estimate, weight = _difference(s)
    f1, f2 = s.n1 / s.total, s.n2 / s.total
    return estimate, _total(f2 * f2 * s.x1 + f1 * f1 * s.x2) / weight**2


def _difference(s: Strata) -> tuple[Floats, Floats]:
    """Pooled difference and the sum of its weights."""
    weight = _total(s.n1 * (s.n2 / s.total))
    above = _total(s.x1 * (s.n2 / s.total) - s.x2 * (s.n1 / s.total))
    return above / weight, weight


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
    RR 0.2590 (0.1426 to 0.4704), Mantel-Haenszel
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
    mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None,
    s: Strata,
) -> list[CountsTest]:
    y, v = individual_effects(evidence, measure, rule, mask)
    rates = isinstance(evidence, TwoRates)
    tests = [
        q_about(y, v, estimate),
        cochran_mantel_haenszel(s, correction=correction, rates=rates),
    ]
    if not rates:
        tests.append(cochran(s, correction=correction))
    if measure == "OR":
        tests.extend(breslow_day(s, estimate))
    return tests


def _informative(s: Strata, measure: str) -> Floats:
    """Number of strata that the estimate rests on."""
    there = (s.n1 > 0) & (s.n2 > 0)
    if measure in ("RR", "IRR", "OR"):
        there = there & (s.m > 0)
    if measure == "OR":
        there = there & (s.m < s.n1 + s.n2)
    return np.asarray(there.sum(axis=-1), float)

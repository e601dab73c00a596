"""OR, RR, RD and HR into one another at a baseline risk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._shared import (
    Estimates,
    coerce,
    conversion,
    estimates,
    inside,
    nonnegative,
    rule,
)
from k2stats.effectsizes.conversions.risk_measures import RISK_MEASURES, RiskMeasure
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import all_hold, frozen

_ZHANG = "Zhang J, Yu KF. JAMA 1998;280:1690"
_DEEKS = "Deeks JJ, Altman DG (Systematic Reviews in Health Care, 2001)"


def _measure(name: str) -> RiskMeasure:
    return RISK_MEASURES[name].function()


def _treated(
    value: Floats, baseline: Floats, measure: RiskMeasure, name: str, field: str
) -> Floats:
    """Risk of group 1, refused where it is none."""
    if measure.ratio:
        rule(field, "at least 0", value >= 0, value)
    else:
        rule(field, "between -1 and 1", np.abs(value) <= 1, value)
    with np.errstate(all="ignore"):
        risk = np.asarray(measure.treated_risk(value, baseline))
    possible = np.abs(risk - 0.5) <= 0.5
    if all_hold(possible):
        return risk
    rule(
        field,
        f"such that the treated risk lies between 0 and 1 (from {name} and "
        "baseline_risk)",
        (np.abs(risk - 0.5) <= 0.5 + 1e-12) | np.isnan(baseline),
        value,
    )
    return np.clip(risk, 0.0, 1.0)


@conversion(
    "baseline-risk",
    label="OR, RR, RD, HR at a baseline risk",
    reference=f"{_ZHANG}; {_DEEKS}",
    equation="p1 = f_source(value, p0); result = g_target(p1, p0)",
)
def convert_at_risk(
    value: ArrayLike, source: str, target: str, *, baseline_risk: ArrayLike
) -> Floats:
    r"""Turn an OR, RR, RD or HR into another at the risk of the comparator.

    .. math::
        p_1 = \frac{OR\,p_0}{1 - p_0 + OR\,p_0}, \quad p_1 = RR\,p_0, \quad
        p_1 = p_0 + RD, \quad p_1 = 1 - (1 - p_0)^{HR}

    and back by the definition of the target; OR to RR is Zhang and Yu's
    :math:`RR = OR / (1 - p_0 + p_0 OR)`. Exact for the risks of one population;
    with an odds ratio adjusted for covariates it holds only approximately.

    Parameters
    ----------
    value : array_like
        The measure on its natural scale (not a logarithm).
    source, target : {"OR", "RR", "RD", "HR"}
        Measures, any in ``RISK_MEASURES``.
    baseline_risk : array_like
        Risk of group 2, above 0 and below 1; for a hazard ratio up to the time of
        interest.

    Returns
    -------
    ndarray

    Raises
    ------
    InvalidEvidenceError
        For a baseline risk outside (0, 1), a negative ratio, or a value that would
        need a treated risk outside 0 to 1.
    UnknownMethodError
        For a measure that is not registered.

    References
    ----------
    Zhang J, Yu KF (1998). JAMA 280:1690. Deeks JJ, Altman DG (2001),
    in Systematic Reviews in Health Care, 2nd ed.

    Examples
    --------
    >>> float(convert_at_risk(2.65, "OR", "RR", baseline_risk=0.28).round(4))
    1.8126
    >>> convert_at_risk(0.7, "HR", "RD", baseline_risk=[0.1, 0.4]).round(4)
    array([-0.0289, -0.0994])
    """
    x, p0 = coerce(value=value, baseline_risk=baseline_risk)
    inside(0.0, 1.0, baseline_risk=p0)
    return _converted(x, p0, source, target, "value")


def _converted(
    value: Floats, baseline: Floats, source: str, target: str, field: str
) -> Floats:
    """Values on another measure, at baseline risks above 0 and below 1."""
    p1 = _treated(value, baseline, _measure(source), source, field)
    with np.errstate(all="ignore"):
        return np.asarray(_measure(target).value(p1, baseline))


@dataclass(frozen=True, slots=True, eq=False)
class ConvertedInterval:
    """An estimate and its interval on another measure.

    Attributes
    ----------
    estimate, low, high : ndarray
        On the natural scale of `measure`.
    measure : str
    """

    estimate: Floats
    low: Floats
    high: Floats
    measure: str


@conversion(
    "baseline-risk",
    label="An interval at a baseline risk, or over a range of them",
    reference=f"{_ZHANG}; {_DEEKS}",
    equation="both limits by convert_at_risk; the widest over the baseline's ends",
)
def convert_interval_at_risk(
    estimate: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    source: str,
    target: str,
    *,
    baseline_risk: ArrayLike,
    baseline_low: ArrayLike | None = None,
    baseline_high: ArrayLike | None = None,
) -> ConvertedInterval:
    r"""Turn an estimate and its confidence limits into another measure.

    Each limit is converted as :func:`convert_at_risk` does, since every measure is
    increasing in every other at a fixed baseline risk. Where the baseline risk is
    itself uncertain, the result is widened over its limits,

    .. math:: \left[\min_{p_0} g(l, p_0),\ \max_{p_0} g(u, p_0)\right],

    searched over the range, since g need not be monotone in the baseline risk.

    Parameters
    ----------
    estimate, low, high : array_like
        On the natural scale of `source`, in this order.
    source, target : {"OR", "RR", "RD", "HR"}
    baseline_risk : array_like
        Risk of group 2.
    baseline_low, baseline_high : array_like, optional
        Range of the baseline risk.

    Returns
    -------
    ConvertedInterval

    Raises
    ------
    InvalidEvidenceError
        For limits out of order, and as :func:`convert_at_risk`.

    References
    ----------
    Zhang J, Yu KF (1998). JAMA 280:1690. Deeks JJ, Altman DG (2001).

    Examples
    --------
    >>> c = convert_interval_at_risk(2.0, 1.2, 3.3, "OR", "RD", baseline_risk=0.2)
    >>> [float(x.round(4)) for x in (c.estimate, c.low, c.high)]
    [0.1333, 0.0308, 0.2521]
    """
    x, lower, upper, p0, p_low, p_high = coerce(
        estimate=estimate,
        low=low,
        high=high,
        baseline_risk=baseline_risk,
        baseline_low=baseline_risk if baseline_low is None else baseline_low,
        baseline_high=baseline_risk if baseline_high is None else baseline_high,
    )
    rule("low", "at most estimate", ~(lower > x), lower)
    rule("high", "at least estimate", ~(upper < x), upper)
    inside(0.0, 1.0, baseline_risk=p0)
    given = {"estimate": x, "low": lower, "high": upper}
    try:
        # The three take the same way; one by one they say which of them cannot.
        middle, first, last = _converted(
            np.array((x, lower, upper)), np.array((p0, p0, p0)), source, target, "low"
        )
    except InvalidEvidenceError:
        middle, first, last = (
            _converted(y, p0, source, target, field) for field, y in given.items()
        )
    if baseline_low is not None or baseline_high is not None:
        inside(0.0, 1.0, baseline_low=p_low, baseline_high=p_high)
        rule("baseline_low", "at most baseline_risk", ~(p_low > p0), p_low)
        rule("baseline_high", "at least baseline_risk", ~(p_high < p0), p_high)
        for share in np.linspace(0.0, 1.0, 201):
            at = p_low + share * (p_high - p_low)
            first = np.minimum(first, _converted(lower, at, source, target, "low"))
            last = np.maximum(last, _converted(upper, at, source, target, "high"))
    middle, first, last = (frozen(np.array(end)) for end in (middle, first, last))
    return ConvertedInterval(middle, first, last, target)


@conversion(
    "baseline-risk",
    label="Estimate and variance at a baseline risk",
    reference=f"{_ZHANG}; {_DEEKS}",
    equation="v_target = v_source ((dp1/dsource) / (dp1/dtarget))^2",
)
def convert_estimate_at_risk(
    y: ArrayLike, v: ArrayLike, source: str, target: str, *, baseline_risk: ArrayLike
) -> Estimates:
    r"""Turn an estimate with its variance into another measure, by the delta method.

    .. math::
        v_t = v_s \left(\frac{\partial p_1 / \partial y_s}
        {\partial p_1 / \partial y_t}\right)^2

    on the analysis scales: logarithms of OR, RR and HR, the RD itself. The baseline
    risk is taken as known.

    Parameters
    ----------
    y, v : array_like
        Estimates (logarithms of ratios) and variances, at least 0.
    source, target : {"OR", "RR", "RD", "HR"}
    baseline_risk : array_like
        Risk of group 2, above 0 and below 1.

    Returns
    -------
    Estimates
        On ``"log OR"``, ``"log RR"``, ``"log HR"`` or ``"RD"``.

    Raises
    ------
    InvalidEvidenceError
        For a negative variance, and as :func:`convert_at_risk`.

    References
    ----------
    Zhang J, Yu KF (1998). JAMA 280:1690. Deeks JJ, Altman DG (2001).

    Examples
    --------
    >>> e = convert_estimate_at_risk(np.log(2), 0.04, "OR", "RR", baseline_risk=0.2)
    >>> float(e.y.round(4)), float(e.v.round(4)), e.scale
    (0.5108, 0.0178, 'log RR')
    """
    effect, variance, p0 = coerce(y=y, v=v, baseline_risk=baseline_risk)
    nonnegative(v=variance)
    inside(0.0, 1.0, baseline_risk=p0)
    first, second = _measure(source), _measure(target)
    with np.errstate(over="ignore"):
        natural = np.exp(effect) if first.ratio else effect
    p1 = _treated(natural, p0, first, source, "y")
    with np.errstate(all="ignore"):
        slope = first.slope(p1, p0) / second.slope(p1, p0)
        out = second.value(p1, p0)
        new = np.log(out) if second.ratio else out
    scale = f"log {target}" if second.ratio else target
    return estimates(new, variance * slope**2, scale)

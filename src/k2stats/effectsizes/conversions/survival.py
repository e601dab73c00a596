"""Hazard ratios and their variances from what trials print of survival."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Alternative, Floats
from k2stats.effectsizes.conversions._shared import (
    Estimates,
    coerce,
    conversion,
    estimates,
    finite,
    nonnegative,
    one_of_two_signs,
    positive,
    rule,
)
from k2stats.effectsizes.conversions.from_p import z_from_p
from k2stats.errors import MissingInputError

_PARMAR = "Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815"
_TIERNEY = "Tierney JF et al. Trials 2007;8:16"
_SCALE = "log HR"


@conversion(
    "survival",
    label="log HR from O - E and V",
    reference=_PARMAR,
    equation="y = (O - E) / V; v = 1 / V",
)
def log_hr_from_oe(o_minus_e: ArrayLike, variance: ArrayLike) -> Estimates:
    r"""Log hazard ratio from the log-rank O - E and its variance.

    .. math:: y = \frac{O - E}{V}, \qquad v = \frac{1}{V}

    Parameters
    ----------
    o_minus_e : array_like
        Observed minus expected events of group 1.
    variance : array_like
        Hypergeometric (log-rank) variance V, above 0.

    Returns
    -------
    Estimates
        On the scale ``"log HR"``; below 0 favours group 1.

    Raises
    ------
    InvalidEvidenceError
        For a variance that is not above 0.

    References
    ----------
    Parmar MKB, Torri V, Stewart L (1998). Statistics in Medicine 17:2815.

    Examples
    --------
    >>> y, v = log_hr_from_oe(-10.0, 40.0)
    >>> float(y), float(v)
    (-0.25, 0.025)
    """
    o, v = coerce(o_minus_e=o_minus_e, variance=variance)
    finite(o_minus_e=o)
    positive(variance=v)
    return estimates(o / v, 1.0 / v, _SCALE)


@conversion(
    "survival",
    label="O - E and V from a hazard ratio",
    reference=_TIERNEY,
    equation="V = 1 / v; O - E = y V",
)
def oe_from_log_hr(y: ArrayLike, v: ArrayLike) -> tuple[Floats, Floats]:
    r"""O - E and V behind a log hazard ratio and its variance.

    .. math:: V = 1 / v, \qquad O - E = y V

    Parameters
    ----------
    y : array_like
        Log hazard ratios.
    v : array_like
        Sampling variances, above 0.

    Returns
    -------
    o_minus_e, variance : ndarray

    Raises
    ------
    InvalidEvidenceError
        For a variance that is not above 0.

    References
    ----------
    Tierney JF et al. (2007). Trials 8:16.

    Examples
    --------
    >>> [float(x) for x in oe_from_log_hr(-0.25, 0.025)]
    [-10.0, 40.0]
    """
    effect, variance = coerce(y=y, v=v)
    finite(y=effect)
    positive(v=variance)
    return np.asarray(effect / variance), np.asarray(1.0 / variance)


@conversion(
    "survival",
    label="log HR from observed and expected events",
    reference=_PARMAR,
    equation="y = ln((O1/E1) / (O2/E2)); v = 1/E1 + 1/E2",
)
def log_hr_from_expected(
    observed1: ArrayLike,
    expected1: ArrayLike,
    observed2: ArrayLike,
    expected2: ArrayLike,
) -> Estimates:
    r"""Log hazard ratio from observed and log-rank expected events of both groups.

    .. math:: y = \ln\frac{O_1 / E_1}{O_2 / E_2}, \qquad
        v = \frac{1}{E_1} + \frac{1}{E_2}

    Parameters
    ----------
    observed1, observed2 : array_like
        Events of each group, above 0.
    expected1, expected2 : array_like
        Expected events, above 0. Their sum should be that of the observed.

    Raises
    ------
    InvalidEvidenceError
        For events that are not above 0, or sums that differ by more than 2%.

    References
    ----------
    Parmar MKB, Torri V, Stewart L (1998). Statistics in Medicine 17:2815.

    Examples
    --------
    >>> y, v = log_hr_from_expected(30, 40.0, 50, 40.0)
    >>> float(y.round(4)), float(v)
    (-0.5108, 0.05)
    """
    o1, e1, o2, e2 = coerce(
        observed1=observed1,
        expected1=expected1,
        observed2=observed2,
        expected2=expected2,
    )
    positive(observed1=o1, expected1=e1, observed2=o2, expected2=e2)
    rule(
        "expected1 + expected2",
        "the observed events in all, within 2%",
        np.abs(e1 + e2 - o1 - o2) <= 0.02 * (o1 + o2),
        e1 + e2,
    )
    return estimates(np.log((o1 / e1) / (o2 / e2)), 1.0 / e1 + 1.0 / e2, _SCALE)


@conversion(
    "survival",
    label="Log-rank variance from events",
    reference=_TIERNEY,
    equation="V = O1 O2 / O, or O n1 n2 / (n1 + n2)^2, or O / 4",
    approximate=True,
)
def logrank_variance(
    *,
    events1: ArrayLike | None = None,
    events2: ArrayLike | None = None,
    events: ArrayLike | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> Floats:
    r"""Variance V of the log-rank O - E from numbers of events.

    .. math::
        V = \frac{O_1 O_2}{O_1 + O_2}, \qquad
        V = \frac{O\, n_1 n_2}{(n_1 + n_2)^2}, \qquad V = \frac{O}{4}

    by the events of each group; by all events and the sizes of the groups (any
    numbers in the ratio of the allocation); by all events with 1:1 allocation. The
    first that the input allows is used. The last two hold near a hazard ratio of 1.

    Parameters
    ----------
    events1, events2 : array_like, optional
        Events of each group, above 0.
    events : array_like, optional
        Events of both.
    n1, n2 : array_like, optional
        Participants as randomised.

    Raises
    ------
    MissingInputError
        Without events, or with those of one group only.
    InvalidEvidenceError
        For events or sizes that are not above 0.

    References
    ----------
    Tierney JF et al. (2007). Trials 8:16; Parmar MKB,
    Torri V, Stewart L (1998). Statistics in Medicine 17:2815.

    Examples
    --------
    >>> float(logrank_variance(events1=40, events2=60))
    24.0
    >>> float(logrank_variance(events=100)), float(logrank_variance(
    ...     events=100, n1=200, n2=100).round(4))
    (25.0, 22.2222)
    """
    if events1 is not None and events2 is not None:
        first, second = coerce(events1=events1, events2=events2)
        positive(events1=first, events2=second)
        return np.asarray(first * second / (first + second))
    if events is None:
        raise MissingInputError(
            field="events1 and events2, or events", needed_for="the log-rank variance"
        )
    if (n1 is None) != (n2 is None):
        raise MissingInputError(
            field="n1" if n1 is None else "n2", needed_for="the allocation ratio"
        )
    total, size1, size2 = coerce(
        events=events, n1=1.0 if n1 is None else n1, n2=1.0 if n2 is None else n2
    )
    positive(events=total, n1=size1, n2=size2)
    share = size1 / (size1 + size2)
    return np.asarray(total * share * (1.0 - share))


@conversion(
    "survival",
    label="log HR from a log-rank p-value",
    reference=_PARMAR,
    equation="z = sign Phi^-1(1 - p/2); O - E = z sqrt(V); y = z / sqrt(V); v = 1/V",
)
def log_hr_from_logrank_p(
    p: ArrayLike,
    *,
    sign: ArrayLike = 1,
    alternative: Alternative = "two-sided",
    events1: ArrayLike | None = None,
    events2: ArrayLike | None = None,
    events: ArrayLike | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> Estimates:
    r"""Log hazard ratio from the p-value of a log-rank test and the events.

    .. math:: O - E = z \sqrt V, \qquad y = \frac{z}{\sqrt V}, \qquad v = \frac{1}{V}

    with z from the p-value and V from :func:`logrank_variance`.

    Parameters
    ----------
    p : array_like
        P-values, above 0 and at most 1.
    sign : array_like
        -1 where group 1 fared better (hazard ratio below 1), else 1.
    alternative : {"two-sided", "greater", "less"}
        What the p-value tested: ``less`` a hazard ratio below 1.
    events1, events2, events, n1, n2
        As in :func:`logrank_variance`.

    Raises
    ------
    InvalidEvidenceError, MissingInputError
        As :func:`z_from_p` and :func:`logrank_variance`.

    References
    ----------
    Parmar MKB, Torri V, Stewart L (1998). Statistics in Medicine 17:2815; Tierney
    JF et al. (2007). Trials 8:16.

    Examples
    --------
    >>> y, v = log_hr_from_logrank_p(0.05, sign=-1, events1=40, events2=60)
    >>> float(y.round(4)), float(v.round(5))
    (-0.4001, 0.04167)
    """
    variance = logrank_variance(
        events1=events1, events2=events2, events=events, n1=n1, n2=n2
    )
    values, signs, v = coerce(p=p, sign=sign, variance=variance)
    return _from_z(z_from_p(values, sign=signs, alternative=alternative), v)


@conversion(
    "survival",
    label="log HR from a log-rank chi-squared",
    reference=_PARMAR,
    equation="z = sign sqrt(chi2); y = z / sqrt(V); v = 1/V",
)
def log_hr_from_logrank_chi2(
    chi2: ArrayLike,
    *,
    sign: ArrayLike = 1,
    events1: ArrayLike | None = None,
    events2: ArrayLike | None = None,
    events: ArrayLike | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> Estimates:
    r"""Log hazard ratio from the chi-squared of a log-rank test and the events.

    .. math:: y = \frac{s \sqrt{\chi^2}}{\sqrt V}, \qquad v = \frac{1}{V}

    Parameters
    ----------
    chi2 : array_like
        Statistics with one degree of freedom, at least 0.
    sign, events1, events2, events, n1, n2
        As in :func:`log_hr_from_logrank_p`.

    Raises
    ------
    InvalidEvidenceError, MissingInputError
        For a negative statistic, and as :func:`logrank_variance`.

    References
    ----------
    Parmar MKB, Torri V, Stewart L (1998). Statistics in Medicine 17:2815.

    Examples
    --------
    >>> y, v = log_hr_from_logrank_chi2(4.0, sign=-1, events=100)
    >>> float(y), float(v)
    (-0.4, 0.04)
    """
    variance = logrank_variance(
        events1=events1, events2=events2, events=events, n1=n1, n2=n2
    )
    values, signs, v = coerce(chi2=chi2, sign=sign, variance=variance)
    nonnegative(chi2=values)
    one_of_two_signs(signs)
    return _from_z(signs * np.sqrt(values), v)


def _from_z(z: Floats, variance: Floats) -> Estimates:
    """Log hazard ratio from the log-rank z and the variance of O - E."""
    return estimates(z / np.sqrt(variance), 1.0 / variance, _SCALE)

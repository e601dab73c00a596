"""Hazard ratios from printed summaries: HR alone, medians, survival at one time."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats.effectsizes.conversions._shared import (
    Estimates,
    coerce,
    conversion,
    estimates,
    inside,
    positive,
)
from k2stats.effectsizes.conversions.survival import logrank_variance
from k2stats.errors import MissingInputError

_PARMAR = "Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815"
_TIERNEY = "Tierney JF et al. Trials 2007;8:16"
_SCALE = "log HR"


@conversion(
    "survival",
    label="log HR from a printed HR and the events",
    reference=_TIERNEY,
    equation="y = ln HR; v = 1/V",
    approximate=True,
)
def log_hr_from_events(
    hr: ArrayLike,
    *,
    events1: ArrayLike | None = None,
    events2: ArrayLike | None = None,
    events: ArrayLike | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> Estimates:
    r"""Log hazard ratio printed without interval, its variance from the events.

    .. math:: y = \ln HR, \qquad v = 1 / V

    with V from :func:`logrank_variance`; by the events of each group this is
    :math:`1/O_1 + 1/O_2`.

    Parameters
    ----------
    hr : array_like
        Hazard ratios, above 0.
    events1, events2, events, n1, n2
        As in :func:`logrank_variance`.

    Raises
    ------
    InvalidEvidenceError, MissingInputError
        For a ratio that is not above 0, and as :func:`logrank_variance`.

    References
    ----------
    Tierney JF et al. (2007). Trials 8:16.

    Examples
    --------
    >>> y, v = log_hr_from_events(0.75, events1=40, events2=60)
    >>> float(y.round(4)), float(v.round(5))
    (-0.2877, 0.04167)
    """
    variance = logrank_variance(
        events1=events1, events2=events2, events=events, n1=n1, n2=n2
    )
    ratio, v = coerce(hr=hr, variance=variance)
    positive(hr=ratio)
    return estimates(np.log(ratio), 1.0 / v, _SCALE)


@conversion(
    "survival",
    label="log HR from two medians",
    reference=_TIERNEY,
    equation="y = ln(median2 / median1); v = 1/O1 + 1/O2",
    approximate=True,
)
def log_hr_from_medians(
    median1: ArrayLike, median2: ArrayLike, events1: ArrayLike, events2: ArrayLike
) -> Estimates:
    r"""Log hazard ratio from the median survival of each group.

    .. math:: y = \ln\frac{m_2}{m_1}, \qquad v = \frac{1}{O_1} + \frac{1}{O_2}

    Holds for exponential survival, where the hazard is :math:`\ln 2 / m`.

    Parameters
    ----------
    median1, median2 : array_like
        Median times to the event, above 0, in one unit of time.
    events1, events2 : array_like
        Events of each group, above 0.

    Raises
    ------
    InvalidEvidenceError
        For medians or events that are not above 0.

    References
    ----------
    Tierney JF et al. (2007). Trials 8:16.

    Examples
    --------
    >>> y, v = log_hr_from_medians(12.0, 9.0, 40, 50)
    >>> float(y.round(4)), float(v)
    (-0.2877, 0.045)
    """
    first, second, o1, o2 = coerce(
        median1=median1, median2=median2, events1=events1, events2=events2
    )
    positive(median1=first, median2=second, events1=o1, events2=o2)
    return estimates(np.log(second / first), 1.0 / o1 + 1.0 / o2, _SCALE)


@conversion(
    "survival",
    label="log HR from survival at one time",
    reference=_PARMAR,
    equation="y = ln(ln S1 / ln S2); v = sum (se_i / (S_i ln S_i))^2",
    approximate=True,
)
def log_hr_from_survival(
    survival1: ArrayLike,
    survival2: ArrayLike,
    *,
    se1: ArrayLike | None = None,
    se2: ArrayLike | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> Estimates:
    r"""Log hazard ratio from the survival of both groups at one time.

    .. math::
        y = \ln\frac{\ln S_1}{\ln S_2}, \qquad
        v = \sum_{i=1}^{2} \left(\frac{se_i}{S_i \ln S_i}\right)^2

    Holds under proportional hazards. Where the standard errors are not printed
    they are binomial, :math:`S (1 - S) / n`, of the participants still followed.

    Parameters
    ----------
    survival1, survival2 : array_like
        Survival at the same time, above 0 and below 1.
    se1, se2 : array_like, optional
        Standard errors of the survival, above 0.
    n1, n2 : array_like, optional
        Participants, where the standard errors are not printed.

    Raises
    ------
    InvalidEvidenceError
        For survival outside (0, 1) or standard errors that are not above 0.
    MissingInputError
        Without the standard errors or the sizes of both groups.

    References
    ----------
    Parmar MKB, Torri V, Stewart L (1998). Statistics in Medicine 17:2815.

    Examples
    --------
    >>> y, v = log_hr_from_survival(0.6, 0.5, se1=0.05, se2=0.05)
    >>> float(y.round(4)), float(v.round(4))
    (-0.3052, 0.0474)
    """
    if se1 is not None and se2 is not None:
        s1, s2, first, second = coerce(
            survival1=survival1, survival2=survival2, se1=se1, se2=se2
        )
        positive(se1=first, se2=second)
        inside(0.0, 1.0, survival1=s1, survival2=s2)
        var1, var2 = first**2, second**2
    elif n1 is not None and n2 is not None:
        s1, s2, first, second = coerce(
            survival1=survival1, survival2=survival2, n1=n1, n2=n2
        )
        positive(n1=first, n2=second)
        inside(0.0, 1.0, survival1=s1, survival2=s2)
        var1, var2 = s1 * (1.0 - s1) / first, s2 * (1.0 - s2) / second
    else:
        raise MissingInputError(
            field="se1 and se2, or n1 and n2",
            needed_for="the variance of the log hazard ratio",
        )
    log1, log2 = np.log(s1), np.log(s2)
    v = var1 / np.square(s1 * log1) + var2 / np.square(s2 * log2)
    return estimates(np.log(log1 / log2), v, _SCALE)

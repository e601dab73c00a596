"""Intervals and effect sizes of two independent means from summaries."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy import special

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.evidence import TwoMeans
from k2stats.significance._intervals import IntervalResult
from k2stats.significance.means import (
    pooled_variance,
    satterthwaite_df,
    squared_standard_error,
)
from k2stats.significance.ratio_conversions import normal_quantile

MeansInterval: TypeAlias = Callable[[TwoMeans, float], IntervalResult]
"""Takes evidence and a confidence level."""

MD_INTERVALS: Registry[MeansInterval] = Registry("mean difference interval")
"""Intervals of mean1 minus mean2."""


@MD_INTERVALS.register(
    "z",
    label="Large-sample z",
    reference="Altman (1991) Practical Statistics for Medical Research",
    equation="MD +/- z* sqrt(sd1^2 / n1 + sd2^2 / n2)",
    traits=("closed-form",),
)
def md_z(means: TwoMeans, level: float = 0.95) -> IntervalResult:
    """Mean difference with a normal interval, shape ``(..., K)``.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> result = md_z(m)
    >>> result.low.round(1), result.high.round(1)
    (array([513.8]), array([640.2]))
    """
    half = normal_quantile(level) * np.sqrt(squared_standard_error(means))
    return _around(means, half)


@MD_INTERVALS.register(
    "student",
    label="Student's t (equal variances)",
    reference="Student (1908) Biometrika 6:1-25",
    equation="MD +/- t* s_p sqrt(1/n1 + 1/n2), n1 + n2 - 2 df",
    traits=("closed-form",),
)
def md_student(means: TwoMeans, level: float = 0.95) -> IntervalResult:
    """Mean difference with a pooled-variance interval, shape ``(..., K)``.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> result = md_student(m)
    >>> result.low.round(1), result.high.round(1)
    (array([518.2]), array([635.8]))
    """
    error = np.sqrt(pooled_variance(means) * (1.0 / means.n1 + 1.0 / means.n2))
    quantile = special.stdtrit(means.n1 + means.n2 - 2.0, (1.0 + level) / 2.0)
    return _around(means, np.asarray(quantile * error))


@MD_INTERVALS.register(
    "welch",
    label="Welch's t (unequal variances)",
    reference="Welch (1947) Biometrika 34:28-35",
    equation="MD +/- t* sqrt(sd1^2 / n1 + sd2^2 / n2), Satterthwaite's df",
    traits=("closed-form",),
)
def md_welch(means: TwoMeans, level: float = 0.95) -> IntervalResult:
    """Mean difference with Welch's interval, shape ``(..., K)``.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> result = md_welch(m)
    >>> result.estimate, result.low.round(), result.high.round()
    (array([577.]), array([512.]), array([642.]))
    """
    quantile = special.stdtrit(satterthwaite_df(means), (1.0 + level) / 2.0)
    return _around(means, np.asarray(quantile * np.sqrt(squared_standard_error(means))))


def ratio_of_means(means: TwoMeans, level: float = 0.95) -> IntervalResult:
    r"""Ratio of two means with a delta-method interval, shape ``(..., K)``.

    .. math:: \ln \frac{\bar x_1}{\bar x_2} \pm z^*
        \sqrt{\frac{s_1^2}{n_1 \bar x_1^2} + \frac{s_2^2}{n_2 \bar x_2^2}}

    NaN where the means are not both positive or both negative.

    References
    ----------
    Hedges, Gurevitch & Curtis (1999) Ecology 80:1150-1156. Friedrich, Adhikari &
    Beyene (2008) BMC Medical Research Methodology 8:32.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> result = ratio_of_means(m)
    >>> result.estimate.round(3), result.low.round(3), result.high.round(3)
    (array([3.455]), array([2.997]), array([3.983]))
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = means.mean1 / means.mean2
        ratio = np.where(ratio > 0, ratio, np.nan)
        relative1, relative2 = means.sd1 / means.mean1, means.sd2 / means.mean2
        error = np.sqrt(relative1**2 / means.n1 + relative2**2 / means.n2)
        factor = np.exp(normal_quantile(level) * error)
        return IntervalResult(ratio, ratio / factor, ratio * factor)


def cohen_d(means: TwoMeans) -> Floats:
    r"""Standardised mean difference by the pooled SD, shape ``(..., K)``.

    .. math:: d = (\bar x_1 - \bar x_2) / s_p

    References
    ----------
    Cohen (1988) Statistical Power Analysis for the Behavioral Sciences.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> cohen_d(m).round(2)
    array([4.66])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((means.mean1 - means.mean2) / np.sqrt(pooled_variance(means)))


def hedges_g(means: TwoMeans) -> Floats:
    r"""Cohen's d corrected for its bias in small samples, shape ``(..., K)``.

    .. math:: g = d\,\frac{\Gamma(\nu / 2)}{\sqrt{\nu / 2}\,\Gamma((\nu - 1) / 2)},
        \quad \nu = n_1 + n_2 - 2

    References
    ----------
    Hedges (1981) Journal of Educational Statistics 6:107-128.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> hedges_g(m).round(3)
    array([4.611])
    """
    half = (means.n1 + means.n2 - 2.0) / 2.0
    log_factor = special.gammaln(half) - special.gammaln(half - 0.5)
    return np.asarray(cohen_d(means) * np.exp(log_factor) / np.sqrt(half))


def _around(means: TwoMeans, half: Floats) -> IntervalResult:
    """Interval of half-width `half` about the mean difference."""
    difference = means.mean1 - means.mean2
    return IntervalResult(difference, difference - half, difference + half)

"""Tests of two independent means from means, standard deviations and sizes."""

import numpy as np

from k2stats._typing import Floats
from k2stats.evidence import TwoMeans
from k2stats.significance._base import MEANS_TESTS, TestResult


def squared_standard_error(means: TwoMeans) -> Floats:
    r"""Return :math:`s_1^2 / n_1 + s_2^2 / n_2`, shape ``(..., K)``.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> squared_standard_error(m).round(2)
    array([1040.02])
    """
    return np.asarray(means.sd1**2 / means.n1 + means.sd2**2 / means.n2)


def pooled_variance(means: TwoMeans) -> Floats:
    r"""Return the variance pooled over both groups, shape ``(..., K)``.

    .. math:: s_p^2 = \frac{(n_1 - 1) s_1^2 + (n_2 - 1) s_2^2}{n_1 + n_2 - 2}

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> np.sqrt(pooled_variance(m)).round(2)
    array([123.83])
    """
    weighted = (means.n1 - 1.0) * means.sd1**2 + (means.n2 - 1.0) * means.sd2**2
    return np.asarray(weighted / (means.n1 + means.n2 - 2.0))


def satterthwaite_df(means: TwoMeans) -> Floats:
    r"""Return Satterthwaite's degrees of freedom, shape ``(..., K)``.

    .. math:: \nu = \frac{(v_1 + v_2)^2}{v_1^2 / (n_1 - 1) + v_2^2 / (n_2 - 1)},
        \quad v_i = s_i^2 / n_i

    From ``min(n1, n2) - 1`` to ``n1 + n2 - 2``; the most where
    :math:`v_1 / (n_1 - 1) = v_2 / (n_2 - 1)`. NaN where both SDs are zero.

    References
    ----------
    Satterthwaite (1946) Biometrics Bulletin 2:110-114. Welch (1947) Biometrika
    34:28-35.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> satterthwaite_df(m).round(2)
    array([43.25])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # the share of the variance, so that very large or small SDs do not overflow
        scale = np.maximum(means.sd1, means.sd2)
        v1 = (means.sd1 / scale) ** 2 / means.n1
        v2 = (means.sd2 / scale) ** 2 / means.n2
        spread = v1**2 / (means.n1 - 1.0) + v2**2 / (means.n2 - 1.0)
        return np.asarray((v1 + v2) ** 2 / spread)


def _quotient(means: TwoMeans, squared_error: Floats) -> Floats:
    """Mean difference over its standard error; NaN where the latter is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (means.mean1 - means.mean2) / np.sqrt(squared_error)
    return np.where(squared_error > 0, statistic, np.nan)


@MEANS_TESTS.register(
    "z",
    label="Large-sample z",
    reference="Altman (1991) Practical Statistics for Medical Research",
    equation="(mean1 - mean2) / sqrt(sd1^2 / n1 + sd2^2 / n2) on the normal",
    traits=("closed-form", "monotone"),
)
def z(means: TwoMeans) -> TestResult:
    r"""Compare two means by their standard errors, on the normal distribution.

    .. math:: z = \frac{\bar x_1 - \bar x_2}{\sqrt{s_1^2 / n_1 + s_2^2 / n_2}}

    Shape ``(..., K)``; NaN where both SDs are zero. With equal n the statistic is
    Student's as well.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=5, sd1=2, n1=50, mean2=4, sd2=2, n2=50)
    >>> z(m).p.round(4)
    array([0.0124])
    """
    return TestResult(_quotient(means, squared_standard_error(means)))


@MEANS_TESTS.register(
    "student",
    label="Student's t (equal variances)",
    reference="Student (1908) Biometrika 6:1-25",
    equation="(mean1 - mean2) / (s_p sqrt(1/n1 + 1/n2)) on t with n1 + n2 - 2 df",
    traits=("closed-form", "monotone"),
)
def student(means: TwoMeans) -> TestResult:
    r"""Compare two means with a pooled variance.

    .. math:: t = \frac{\bar x_1 - \bar x_2}{s_p \sqrt{1 / n_1 + 1 / n_2}},
        \quad \nu = n_1 + n_2 - 2

    Shape ``(..., K)``; NaN where both SDs are zero. With equal n the statistic is
    Welch's as well, only the degrees of freedom differ.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=1.2, sd1=1.2, n1=60, mean2=2.1, sd2=2.5, n2=30)
    >>> student(m).p.round(5)
    array([0.02299])
    """
    squared_error = pooled_variance(means) * (1.0 / means.n1 + 1.0 / means.n2)
    df = means.n1 + means.n2 - 2.0
    return TestResult(_quotient(means, np.asarray(squared_error)), "t", df)


@MEANS_TESTS.register(
    "welch",
    label="Welch's t (unequal variances)",
    reference="Welch (1947) Biometrika 34:28-35",
    equation="(mean1 - mean2) / sqrt(sd1^2 / n1 + sd2^2 / n2) on t with "
    "Satterthwaite's df",
    traits=("closed-form", "satterthwaite"),
)
def welch(means: TwoMeans) -> TestResult:
    r"""Compare two means without assuming equal variances.

    .. math:: t = \frac{\bar x_1 - \bar x_2}{\sqrt{s_1^2 / n_1 + s_2^2 / n_2}}

    with the degrees of freedom of :func:`satterthwaite_df`. Shape ``(..., K)``; NaN
    where both SDs are zero.

    Examples
    --------
    >>> m = TwoMeans.from_summary(mean1=812, sd1=154, n1=29, mean2=235, sd2=100, n2=45)
    >>> result = welch(m)
    >>> result.statistic.round(3), np.round(result.df, 2)
    (array([17.892]), array([43.25]))
    """
    statistic = _quotient(means, squared_standard_error(means))
    return TestResult(statistic, "t", satterthwaite_df(means))

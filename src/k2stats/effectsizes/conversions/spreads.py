"""The SD of one group from its SE, interval, quartiles, range, or a test."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._shared import (
    at_least,
    check_level,
    choose,
    coerce,
    conversion,
    finite,
    nonnegative,
    positive,
    rule,
)
from k2stats.effectsizes.conversions.five_closed import eta, xi
from k2stats.effectsizes.conversions.from_p import lower_t_quantile, two_sided_t

_HANDBOOK = "Higgins et al., Cochrane Handbook, section 6.5.2"
_WAN = "Wan et al. BMC Med Res Methodol 2014;14:135"


@conversion(
    "spread", label="SD from SE", reference=_HANDBOOK, equation="s = SE sqrt(n)"
)
def sd_from_se(se: ArrayLike, n: ArrayLike) -> Floats:
    r"""SD of a group from the standard error of its mean.

    .. math:: s = SE \sqrt n

    Parameters
    ----------
    se : array_like
        Standard errors, at least 0, in the units of the mean.
    n : array_like
        Group sizes, at least 1.

    Raises
    ------
    InvalidEvidenceError
        For a negative standard error or n below 1.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.2.

    Examples
    --------
    >>> float(sd_from_se(0.5, 64))
    4.0
    """
    error, size = coerce(se=se, n=n)
    nonnegative(se=error)
    at_least(1.0, n=size)
    return np.asarray(error * np.sqrt(size))


@conversion(
    "spread",
    label="SD from the interval of a mean",
    reference=_HANDBOOK,
    equation="s = sqrt(n) (high - low) / (2 q)",
)
def sd_from_ci(
    low: ArrayLike,
    high: ArrayLike,
    n: ArrayLike,
    *,
    level: float = 0.95,
    distribution: str = "t",
) -> Floats:
    r"""SD of a group from the confidence interval of its mean.

    .. math:: s = \frac{\sqrt n\,(u - l)}{2 q}

    with q from Student's t with n - 1 degrees of freedom, or from the normal.

    Parameters
    ----------
    low, high : array_like
        Limits, in the units of the mean.
    n : array_like
        Group sizes, at least 2.
    level : float
        Confidence level.
    distribution : {"t", "z"}
        Quantile the interval was made with. With small groups the difference
        matters: at n = 10 the two SDs differ by 15%.

    Raises
    ------
    InvalidEvidenceError
        For limits in the wrong order, n below 2 or an unknown distribution.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.2.

    Examples
    --------
    >>> float(sd_from_ci(30.0, 34.2, 25).round(4))
    5.0875
    >>> float(sd_from_ci(30.0, 34.2, 25, distribution="z").round(4))
    5.3572
    """
    lower, upper, size = coerce(low=low, high=high, n=n)
    check_level(level)
    choose("distribution", distribution, ("t", "z"))
    finite(low=lower, high=upper)
    at_least(2.0, n=size)
    rule("high", "at least low", ~(upper < lower), upper)
    tail = (1.0 - level) / 2.0
    q = (
        -lower_t_quantile(np.asarray(tail), size - 1.0)
        if distribution == "t"
        else -special.ndtri(tail)
    )
    return np.asarray(np.sqrt(size) * (upper - lower) / (2.0 * q))


@conversion(
    "spread",
    label="SD from the interquartile range",
    reference=_WAN,
    equation="s = (q3 - q1) / (2 Phi^-1((0.75 n - 0.125)/(n + 0.25)))",
    approximate=True,
)
def sd_from_iqr(q1: ArrayLike, q3: ArrayLike, n: ArrayLike | None = None) -> Floats:
    r"""SD of normal data from their quartiles.

    .. math:: s = \frac{q_3 - q_1}{2 \Phi^{-1}\left(\frac{0.75 n - 0.125}{n + 0.25}
        \right)}, \qquad s = \frac{q_3 - q_1}{1.349}\ \text{without } n

    Parameters
    ----------
    q1, q3 : array_like
        Quartiles, in the units of the data.
    n : array_like, optional
        Group sizes, at least 2; without them the large-sample divisor is used.

    Raises
    ------
    InvalidEvidenceError
        For quartiles in the wrong order or n below 2.

    References
    ----------
    Wan X et al. (2014). BMC Medical Research Methodology 14:135.

    Examples
    --------
    >>> float(sd_from_iqr(12, 30, 120).round(4)), float(sd_from_iqr(12, 30).round(4))
    (13.5067, 13.3434)
    """
    lower, upper, size = coerce(q1=q1, q3=q3, n=np.nan if n is None else n)
    finite(q1=lower, q3=upper)
    rule("q3", "at least q1", ~(upper < lower), upper)
    at_least(2.0, n=size)
    divisor = 2.0 * special.ndtri(0.75) if n is None else eta(size)
    return np.asarray((upper - lower) / divisor)


@conversion(
    "spread",
    label="SD from the range",
    reference=_WAN,
    equation="s = (max - min) / (2 Phi^-1((n - 0.375)/(n + 0.25)))",
    approximate=True,
)
def sd_from_range(minimum: ArrayLike, maximum: ArrayLike, n: ArrayLike) -> Floats:
    r"""SD of normal data from their smallest and largest value.

    .. math:: s = \frac{b - a}{2 \Phi^{-1}\left(\frac{n - 0.375}{n + 0.25}\right)}

    Parameters
    ----------
    minimum, maximum : array_like
        Extremes, in the units of the data.
    n : array_like
        Group sizes, at least 2.

    Raises
    ------
    InvalidEvidenceError
        For extremes in the wrong order or n below 2.

    References
    ----------
    Wan X et al. (2014). BMC Medical Research Methodology 14:135.

    Examples
    --------
    >>> float(sd_from_range(2, 14, 20).round(5))
    3.21158
    """
    lower, upper, size = coerce(minimum=minimum, maximum=maximum, n=n)
    finite(minimum=lower, maximum=upper)
    rule("maximum", "at least minimum", ~(upper < lower), upper)
    at_least(2.0, n=size)
    return np.asarray((upper - lower) / xi(size))


@conversion(
    "spread",
    label="Common SD from the SE of a difference in means",
    reference=_HANDBOOK,
    equation="s = SE / sqrt(1/n1 + 1/n2)",
)
def sd_from_se_difference(se: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Floats:
    r"""Common SD of two groups from the standard error of their difference.

    .. math:: s = \frac{SE}{\sqrt{1/n_1 + 1/n_2}}

    Parameters
    ----------
    se : array_like
        Standard errors of the difference, at least 0.
    n1, n2 : array_like
        Group sizes, at least 1.

    Raises
    ------
    InvalidEvidenceError
        For a negative standard error or sizes below 1.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.3.

    Examples
    --------
    >>> float(sd_from_se_difference(1.0, 50, 50))
    5.0
    """
    error, first, second = coerce(se=se, n1=n1, n2=n2)
    nonnegative(se=error)
    at_least(1.0, n1=first, n2=second)
    return np.asarray(error / np.sqrt(1.0 / first + 1.0 / second))


@conversion(
    "spread",
    label="Common SD from the t of a difference in means",
    reference=_HANDBOOK,
    equation="s = |difference| / (|t| sqrt(1/n1 + 1/n2))",
)
def sd_from_t(
    difference: ArrayLike, t: ArrayLike, n1: ArrayLike, n2: ArrayLike
) -> Floats:
    r"""Common SD of two groups from a difference in means and its t statistic.

    .. math:: s = \frac{|\bar x_1 - \bar x_2|}{|t| \sqrt{1/n_1 + 1/n_2}}

    Parameters
    ----------
    difference : array_like
        Difference in means.
    t : array_like
        Pooled t statistics, not 0.
    n1, n2 : array_like
        Group sizes, at least 1.

    Raises
    ------
    InvalidEvidenceError
        For a statistic of 0, or sizes below 1.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.3.

    Examples
    --------
    >>> float(sd_from_t(3.8, 2.0, 50, 50).round(6))
    9.5
    """
    gap, values, first, second = coerce(difference=difference, t=t, n1=n1, n2=n2)
    finite(difference=gap, t=values)
    at_least(1.0, n1=first, n2=second)
    rule("t", "other than 0, which fixes no SD", values != 0, values)
    return _common_sd(gap, values, first, second)


def _common_sd(difference: Floats, t: Floats, n1: Floats, n2: Floats) -> Floats:
    return np.asarray(np.abs(difference / t) / np.sqrt(1.0 / n1 + 1.0 / n2))


@conversion(
    "spread",
    label="Common SD from the p-value of a difference in means",
    reference=_HANDBOOK,
    equation="t = t^-1(1 - p/2; n1 + n2 - 2), then sd_from_t",
)
def sd_from_p(
    difference: ArrayLike, p: ArrayLike, n1: ArrayLike, n2: ArrayLike
) -> Floats:
    r"""Common SD of two groups from a difference in means and its two-sided p.

    .. math:: t = t^{-1}_{n_1 + n_2 - 2}(1 - p/2), \qquad
        s = \frac{|\bar x_1 - \bar x_2|}{t \sqrt{1/n_1 + 1/n_2}}

    Parameters
    ----------
    difference : array_like
        Difference in means, not 0.
    p : array_like
        Two-sided p-values of the pooled t test, above 0 and below 1.
    n1, n2 : array_like
        Group sizes, at least 1 and together at least 3.

    Raises
    ------
    InvalidEvidenceError
        For p outside (0, 1), a difference of 0, or sizes that are too small.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.3, whose example has a
    difference of 3.8, p = 0.008, 25 and 22 participants.

    Examples
    --------
    >>> float(sd_from_p(3.8, 0.008, 25, 22).round(2))
    4.68
    """
    gap, values, first, second = coerce(difference=difference, p=p, n1=n1, n2=n2)
    at_least(1.0, n1=first, n2=second)
    finite(difference=gap)
    total = first + second
    rule("n1 + n2", "at least 3", total >= 3, total)
    rule("p", "above 0 and below 1 to fix an SD", (values > 0) & (values < 1), values)
    rule("difference", "other than 0 to fix an SD", gap != 0, gap)
    return _common_sd(gap, two_sided_t(values, total - 2.0), first, second)


@conversion(
    "spread",
    label="SD of a group from the other group's and the SE of the difference",
    reference=_HANDBOOK,
    equation="s1^2 = n1 (SE^2 - s2^2/n2), or from the pooled variance",
)
def sd_from_other_group(
    se_difference: ArrayLike,
    sd2: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    *,
    pooled: bool = False,
) -> Floats:
    r"""SD of group 1 from that of group 2 and the SE of the difference in means.

    .. math::
        s_1^2 = n_1 \left(SE^2 - \frac{s_2^2}{n_2}\right), \qquad
        s_1^2 = \frac{(N - 2) s_p^2 - (n_2 - 1) s_2^2}{n_1 - 1},\
        s_p^2 = \frac{SE^2}{1/n_1 + 1/n_2}\ \text{(pooled)}

    Parameters
    ----------
    se_difference : array_like
        Standard errors of the difference, above 0.
    sd2 : array_like
        SDs of the other group, at least 0.
    n1, n2 : array_like
        Group sizes, at least 2.
    pooled : bool
        Whether the standard error came from a pooled variance.

    Raises
    ------
    InvalidEvidenceError
        Where the other group's SD alone already exceeds the standard error, so
        that no SD of this group gives it; names the rows.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.

    Examples
    --------
    >>> float(sd_from_other_group(1.0, 6.0, 50, 72).round(6))
    5.0
    """
    error, other, first, second = coerce(
        se_difference=se_difference, sd2=sd2, n1=n1, n2=n2
    )
    positive(se_difference=error)
    nonnegative(sd2=other)
    at_least(2.0, n1=first, n2=second)
    if pooled:
        both = (first + second - 2.0) * error**2 / (1.0 / first + 1.0 / second)
        square = (both - (second - 1.0) * other**2) / (first - 1.0)
    else:
        square = first * (error**2 - other**2 / second)
    rule("sd2", "small enough for the SE of the difference", square >= 0, other)
    return np.asarray(np.sqrt(square))

"""Standardised mean differences and odds ratios from test statistics."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Alternative, Floats
from k2stats.effectsizes._small_sample import small_sample_j
from k2stats.effectsizes.conversions._shared import (
    Estimates,
    at_least,
    coerce,
    conversion,
    estimates,
    finite,
    rule,
)
from k2stats.effectsizes.conversions.from_p import t_of, t_of_f


def _in_all(n1: Floats, n2: Floats) -> Floats:
    """Participants of both groups, enough for an SMD."""
    at_least(1.0, n1=n1, n2=n2)
    total = np.asarray(n1 + n2)
    rule("n1 + n2", "at least 4, to leave 2 degrees of freedom", total >= 4, total)
    return total


def _smd(t: Floats, n1: Floats, n2: Floats, total: Floats, correct: bool) -> Estimates:
    """Standardised mean difference behind an independent-samples t."""
    inverse_n = 1.0 / n1 + 1.0 / n2
    j = small_sample_j(total - 2.0) if correct else 1.0
    y = j * t * np.sqrt(inverse_n)
    v = inverse_n + y * y / (2.0 * total)
    return estimates(y, v, "SMD")


@conversion(
    "test",
    label="SMD from an independent-samples t",
    reference="Hedges LV. J Educ Stat 1981;6:107",
    equation="g = J(n1 + n2 - 2) t sqrt(1/n1 + 1/n2)",
)
def smd_from_t(
    t: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, correct: bool = True
) -> Estimates:
    r"""Standardised mean difference from an independent-samples t statistic.

    .. math::
        d = t \sqrt{1/n_1 + 1/n_2}, \qquad g = J(n_1 + n_2 - 2)\, d, \qquad
        v = \frac{1}{n_1} + \frac{1}{n_2} + \frac{g^2}{2 (n_1 + n_2)}

    with Hedges' exact factor J. The pooled-SD t is meant, not Welch's.

    Parameters
    ----------
    t : array_like
        Statistic, positive where group 1 has the higher mean.
    n1, n2 : array_like
        Group sizes, at least 1 and together at least 4.
    correct : bool
        Whether to multiply by J (Hedges' g) or not (Cohen's d).

    Returns
    -------
    Estimates
        On the scale ``"SMD"``.

    Raises
    ------
    InvalidEvidenceError
        For group sizes that are too small or a statistic that is not finite.

    References
    ----------
    Hedges LV (1981). Journal of Educational Statistics 6:107.

    Examples
    --------
    >>> g, v = smd_from_t(2.8, 20, 30)
    >>> float(g.round(6)), float(v.round(6))
    (0.795584, 0.089663)
    """
    values, first, second = coerce(t=t, n1=n1, n2=n2)
    total = _in_all(first, second)
    finite(t=values)
    return _smd(values, first, second, total, correct)


@conversion(
    "test",
    label="SMD from the p-value of a t test",
    reference="Higgins et al., Cochrane Handbook, section 6.5.2.3",
    equation="t = sign t^-1(1 - p/2; n1 + n2 - 2), then smd_from_t",
)
def smd_from_p(
    p: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    *,
    sign: ArrayLike = 1,
    alternative: Alternative = "two-sided",
    correct: bool = True,
) -> Estimates:
    r"""Standardised mean difference from the p-value of a pooled t test.

    .. math:: t = s\,t^{-1}_{n_1 + n_2 - 2}(1 - p/2)

    followed by :func:`smd_from_t`.

    Parameters
    ----------
    p : array_like
        P-values, above 0 and at most 1.
    n1, n2 : array_like
        Group sizes.
    sign : array_like
        Direction, -1 or 1; only with a two-sided p.
    alternative : {"two-sided", "greater", "less"}
        What the p-value tested.
    correct : bool
        Whether to multiply by J.

    Raises
    ------
    InvalidEvidenceError
        As :func:`smd_from_t` and :func:`t_from_p`.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.3.

    Examples
    --------
    >>> g, v = smd_from_p(0.018, 100, 150)
    >>> float(g.round(6)), float(v.round(6))
    (0.306513, 0.016855)
    """
    values, first, second, signs = coerce(p=p, n1=n1, n2=n2, sign=sign)
    total = _in_all(first, second)
    t = t_of(values, total - 2.0, signs, alternative)
    return _smd(t, first, second, total, correct)


@conversion(
    "test",
    label="SMD from F with one numerator df",
    reference="Hedges LV. J Educ Stat 1981;6:107",
    equation="t = sign sqrt(F), then smd_from_t",
)
def smd_from_f(
    f: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    *,
    sign: ArrayLike = 1,
    correct: bool = True,
) -> Estimates:
    r"""Standardised mean difference from a one-way F of two groups.

    .. math:: t = s \sqrt{F_{1,\,n_1 + n_2 - 2}}

    followed by :func:`smd_from_t`.

    Parameters
    ----------
    f : array_like
        F statistics with 1 and n1 + n2 - 2 degrees of freedom, at least 0.
    n1, n2, correct
        As in :func:`smd_from_t`.
    sign : array_like
        Direction, -1 or 1.

    Raises
    ------
    InvalidEvidenceError
        As :func:`smd_from_t` and :func:`t_from_f`.

    References
    ----------
    Hedges LV (1981). Journal of Educational Statistics 6:107.

    Examples
    --------
    >>> float(smd_from_f(7.84, 20, 30).y.round(6))
    0.795584
    """
    values, first, second, signs = coerce(f=f, n1=n1, n2=n2, sign=sign)
    total = _in_all(first, second)
    return _smd(t_of_f(values, signs), first, second, total, correct)


@conversion(
    "test",
    label="Standardised mean change from a paired t",
    reference="Gibbons RD, Hedeker DR, Davis JM. J Educ Stat 1993;18:271",
    equation="g = J(n - 1) t / sqrt(n)",
)
def smcc_from_t(t: ArrayLike, n: ArrayLike, *, correct: bool = True) -> Estimates:
    r"""Standardised mean change (change-score SD) from a paired t statistic.

    .. math:: g = J(n - 1)\,t / \sqrt n, \qquad v = 1/n + g^2 / (2 n)

    Parameters
    ----------
    t : array_like
        Paired t statistics.
    n : array_like
        Pairs, at least 3.
    correct : bool
        Whether to multiply by J.

    Raises
    ------
    InvalidEvidenceError
        For fewer than 3 pairs or a statistic that is not finite.

    References
    ----------
    Gibbons RD, Hedeker DR, Davis JM (1993). Journal of Educational Statistics
    18:271.

    Examples
    --------
    >>> float(smcc_from_t(3.0, 25, correct=False).y)
    0.6
    """
    values, pairs = coerce(t=t, n=n)
    at_least(3.0, n=pairs)
    finite(t=values)
    j = small_sample_j(pairs - 1.0) if correct else 1.0
    y = j * values / np.sqrt(pairs)
    return estimates(y, 1.0 / pairs + y * y / (2.0 * pairs), "SMD")


@conversion(
    "test",
    label="Variance of an effect from its estimate and its test statistic",
    reference="Higgins et al., Cochrane Handbook, section 6.3.2",
    equation="v = ((y - null) / z)^2",
)
def variance_from_statistic(
    y: ArrayLike, statistic: ArrayLike, *, null: float = 0.0
) -> Floats:
    r"""Sampling variance from an estimate and the Wald statistic that tests it.

    .. math:: v = \left(\frac{y - y_0}{z}\right)^2

    Parameters
    ----------
    y : array_like
        Estimates on the scale on which they were tested: logarithms of ratios.
    statistic : array_like
        z or t statistics, not 0, of the sign of ``y - null`` or their size.
    null : float
        Value under the null hypothesis.

    Raises
    ------
    InvalidEvidenceError
        For a statistic of 0, or a negative one of a positive effect.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.3.2.

    Examples
    --------
    >>> float(variance_from_statistic(-0.5, -2.5).round(6))
    0.04
    """
    effect, values = coerce(y=y, statistic=statistic)
    finite(y=effect, statistic=values)
    rule("statistic", "other than 0, which fixes no variance", values != 0, values)
    rule(
        "statistic",
        "of the sign of the effect, or its size",
        (values > 0) | (effect <= null),
        values,
    )
    return np.asarray(np.square((effect - null) / values))

"""Standardised mean differences and odds ratios from test statistics."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Alternative, Floats
from k2stats.effectsizes.conversions._shared import (
    Estimates,
    at_least,
    coerce,
    conversion,
    estimates,
    finite,
    nonnegative,
    one_of_two_signs,
    rule,
    small_sample_j,
)
from k2stats.effectsizes.conversions.from_p import t_from_f, t_from_p
from k2stats.errors import InvalidEvidenceError


def _smd(t: Floats, n1: Floats, n2: Floats, correct: bool) -> Estimates:
    """Standardised mean difference behind an independent-samples t."""
    at_least(1.0, n1=n1, n2=n2)
    rule("n1 + n2", "at least 4, to leave 2 degrees of freedom", n1 + n2 >= 4, n1 + n2)
    finite(t=t)
    inverse_n = 1.0 / n1 + 1.0 / n2
    j = small_sample_j(n1 + n2 - 2.0) if correct else 1.0
    y = j * t * np.sqrt(inverse_n)
    v = inverse_n + y * y / (2.0 * (n1 + n2))
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
    return _smd(values, first, second, correct)


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
    total = first + second
    rule("n1 + n2", "at least 4, to leave 2 degrees of freedom", total >= 4, total)
    t = t_from_p(values, total - 2.0, sign=signs, alternative=alternative)
    return _smd(t, first, second, correct)


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
    return _smd(t_from_f(values, sign=signs), first, second, correct)


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


def _margins(n1: Floats, n2: Floats, events: Floats) -> tuple[Floats, Floats]:
    """Return N and the product of the four margins, refusing empty ones."""
    at_least(1.0, n1=n1, n2=n2)
    total = n1 + n2
    rule("events", "above 0 and below n1 + n2", (events > 0) & (events < total), events)
    return total, n1 * n2 * events * (total - events)


@conversion(
    "test",
    label="Pearson's chi-squared from Yates's",
    reference="Yates F. J R Stat Soc Suppl 1934;1:217",
    equation="chi2 = N (sqrt(chi2_Y M / N) + N/2)^2 / M",
)
def chi2_from_yates(
    chi2: ArrayLike, n1: ArrayLike, n2: ArrayLike, events: ArrayLike
) -> Floats:
    r"""Uncorrected chi-squared of a 2x2 table from the Yates-corrected one.

    With the product of the four margins :math:`M`,

    .. math::
        \chi^2_Y = \frac{N (|ad - bc| - N/2)^2}{M}
        \quad\Rightarrow\quad
        \chi^2 = \frac{N \left(\sqrt{\chi^2_Y M / N} + N/2\right)^2}{M}

    Parameters
    ----------
    chi2 : array_like
        Yates-corrected statistics, above 0; at 0 the correction has swallowed the
        difference and nothing can be inverted.
    n1, n2 : array_like
        Group sizes, at least 1.
    events : array_like
        Events in both groups together.

    Raises
    ------
    InvalidEvidenceError
        For a statistic that is not above 0 or empty margins.

    References
    ----------
    Yates F (1934). Supplement to the Journal of the Royal Statistical Society
    1:217.

    Examples
    --------
    The table 26/50 v 14/50 has 6 before and 5.0417 after the correction.

    >>> float(chi2_from_yates(5.0416666667, 50, 50, 40).round(6))
    6.0
    """
    values, first, second, m = coerce(chi2=chi2, n1=n1, n2=n2, events=events)
    rule("chi2", "above 0 to be inverted", (values > 0) & np.isfinite(values), values)
    total, product = _margins(first, second, m)
    cross = np.sqrt(values * product / total) + total / 2.0
    return np.asarray(total * cross * cross / product)


@conversion(
    "test",
    label="Yates's chi-squared from Pearson's",
    reference="Yates F. J R Stat Soc Suppl 1934;1:217",
    equation="chi2_Y = N (max(sqrt(chi2 M / N) - N/2, 0))^2 / M",
)
def yates_from_chi2(
    chi2: ArrayLike, n1: ArrayLike, n2: ArrayLike, events: ArrayLike
) -> Floats:
    r"""Yates-corrected chi-squared of a 2x2 table from the uncorrected one.

    .. math::
        \chi^2_Y = \frac{N \max\left(\sqrt{\chi^2 M / N} - N/2,\ 0\right)^2}{M}

    Parameters
    ----------
    chi2 : array_like
        Pearson statistics, at least 0.
    n1, n2, events : array_like
        As in :func:`chi2_from_yates`.

    Raises
    ------
    InvalidEvidenceError
        For a negative statistic or empty margins.

    References
    ----------
    Yates F (1934). Supplement to the Journal of the Royal Statistical Society
    1:217.

    Examples
    --------
    >>> float(yates_from_chi2(6.0, 50, 50, 40).round(6))
    5.041667
    """
    values, first, second, m = coerce(chi2=chi2, n1=n1, n2=n2, events=events)
    nonnegative(chi2=values)
    total, product = _margins(first, second, m)
    cross = np.maximum(np.sqrt(values * product / total) - total / 2.0, 0.0)
    return np.asarray(total * cross * cross / product)


@conversion(
    "test",
    label="Peto log OR from chi-squared and the margins",
    reference="Yusuf S et al. Prog Cardiovasc Dis 1985;27:335",
    equation="O - E = sign sqrt(chi2 n1 n2 m (N-m) / N^3); y = (O - E)/V; v = 1/V",
)
def peto_from_chi2(
    chi2: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    events: ArrayLike,
    *,
    yates: bool = False,
    sign: ArrayLike = 1,
) -> Estimates:
    r"""Peto's log odds ratio from a chi-squared statistic and the margins.

    .. math::
        O - E = s \sqrt{\chi^2 \frac{n_1 n_2 m (N - m)}{N^3}}, \quad
        V = \frac{n_1 n_2 m (N - m)}{N^2 (N - 1)}, \quad
        y = \frac{O - E}{V}, \quad v = \frac{1}{V}

    Exact: the same as Peto's method on the table itself.

    Parameters
    ----------
    chi2 : array_like
        Pearson statistics, at least 0; with `yates` corrected ones, above 0.
    n1, n2 : array_like
        Group sizes.
    events : array_like
        Events m in both groups together.
    yates : bool
        Whether `chi2` is Yates-corrected.
    sign : array_like
        -1 where group 1 had fewer events than expected, else 1.

    Returns
    -------
    Estimates
        On the scale ``"log OR"``.

    Raises
    ------
    InvalidEvidenceError
        For a negative statistic, empty margins or a sign that is not -1 or 1.

    References
    ----------
    Yusuf S, Peto R, Lewis J, Collins R, Sleight P (1985). Progress in
    Cardiovascular Diseases 27:335.

    Examples
    --------
    The table 26/50 v 14/50: O - E = 6, V = 600/99.

    >>> y, v = peto_from_chi2(6.0, 50, 50, 40)
    >>> float(y.round(6)), float(v.round(6))
    (0.99, 0.165)
    """
    if not isinstance(yates, bool):
        raise InvalidEvidenceError(
            field="yates", requirement="True or False", given=yates
        )
    values, first, second, m, signs = coerce(
        chi2=chi2, n1=n1, n2=n2, events=events, sign=sign
    )
    one_of_two_signs(signs)
    if yates:
        values = chi2_from_yates(values, first, second, m)
    nonnegative(chi2=values)
    total, product = _margins(first, second, m)
    o_minus_e = signs * np.sqrt(values * product / total**3)
    v = product / (total * total * (total - 1.0))
    return estimates(o_minus_e / v, 1.0 / v, "log OR")


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
        z or t statistics, not 0, of the sign of ``y - null``.
    null : float
        Value under the null hypothesis.

    Raises
    ------
    InvalidEvidenceError
        For a statistic of 0 or of the other sign than the effect.

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
        "of the sign of the effect",
        np.sign(values) * np.sign(effect - null) >= 0,
        values,
    )
    return np.asarray(np.square((effect - null) / values))


__all__ = [
    "chi2_from_yates",
    "peto_from_chi2",
    "smcc_from_t",
    "smd_from_f",
    "smd_from_p",
    "smd_from_t",
    "variance_from_statistic",
    "yates_from_chi2",
]

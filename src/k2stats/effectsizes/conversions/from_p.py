"""Test statistics from p-values: z, t, chi-squared, F, and between them."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Alternative, Floats
from k2stats.effectsizes.conversions._shared import (
    choose,
    coerce,
    conversion,
    nonnegative,
    one_of_two_signs,
    positive,
    rule,
)
from k2stats.errors import InvalidEvidenceError

_SIDES = ("two-sided", "greater", "less")


def _tail_and_direction(
    p: Floats, sign: Floats, alternative: Alternative
) -> tuple[Floats, Floats]:
    """Return the probability in one tail, at most one half, and the sign there."""
    rule(
        "p",
        "above 0 and at most 1; a p printed as 0 is a bound, not a value",
        (p > 0) & (p <= 1),
        p,
    )
    one_of_two_signs(sign)
    choose("alternative", alternative, _SIDES)
    if alternative == "two-sided":
        return p / 2.0, sign
    if np.any(sign != 1):
        raise InvalidEvidenceError(
            field="sign",
            requirement="left out with a one-sided p, which carries its own direction",
        )
    direction = np.where(p <= 0.5, 1.0, -1.0) * (1 if alternative == "greater" else -1)
    return np.minimum(p, 1.0 - p), direction


@conversion(
    "test",
    label="z from p",
    reference="Higgins et al., Cochrane Handbook, section 6.3",
    equation="z = sign * Phi^-1(1 - p/2)",
)
def z_from_p(
    p: ArrayLike, *, sign: ArrayLike = 1, alternative: Alternative = "two-sided"
) -> Floats:
    r"""Normal statistic that has a given p-value.

    .. math:: z = s\,\Phi^{-1}(1 - p/2), \qquad
        z = \Phi^{-1}(1 - p)\ \text{(one-sided, greater)}

    Computed from the tail, so that small p keep their digits.

    Parameters
    ----------
    p : array_like
        P-values, above 0 and at most 1.
    sign : array_like
        Direction of the effect, -1 or 1; only with a two-sided p.
    alternative : {"two-sided", "greater", "less"}
        What the p-value tested; ``greater`` is the upper tail.

    Returns
    -------
    ndarray
        Shape of the broadcast inputs.

    Raises
    ------
    InvalidEvidenceError
        For p outside (0, 1], a sign that is not -1 or 1, or a sign together with
        a one-sided p.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook for Systematic Reviews of Interventions,
    section 6.3.

    Examples
    --------
    >>> float(z_from_p(0.05).round(4)), float(z_from_p(0.05, sign=-1).round(4))
    (1.96, -1.96)
    >>> float(z_from_p(0.05, alternative="less").round(4))
    -1.6449
    """
    values, signs = coerce(p=p, sign=sign)
    return z_of(values, signs, alternative)


def z_of(p: Floats, sign: Floats, alternative: Alternative = "two-sided") -> Floats:
    """Return :func:`z_from_p` of arrays of one shape."""
    tail, direction = _tail_and_direction(p, sign, alternative)
    return np.asarray(-direction * special.ndtri(tail))


@conversion(
    "test",
    label="z from log p",
    reference="Higgins et al., Cochrane Handbook, section 6.3",
    equation="z = sign * Phi^-1(1 - exp(log_p)/2)",
)
def z_from_log_p(log_p: ArrayLike, *, sign: ArrayLike = 1) -> Floats:
    r"""Normal statistic from the logarithm of a two-sided p-value.

    For p below the smallest double, as in genome-wide tables,

    .. math:: \Phi(-|z|) = p / 2.

    Parameters
    ----------
    log_p : array_like
        Natural logarithm of two-sided p-values, at most 0.
    sign : array_like
        -1 or 1.

    Raises
    ------
    InvalidEvidenceError
        For a logarithm above 0 or infinite.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.3.

    Examples
    --------
    >>> float(z_from_log_p(-1254.1382).round(3))
    50.0
    """
    values, signs = coerce(log_p=log_p, sign=sign)
    rule("log_p", "finite and at most 0", (values <= 0) & (values > -np.inf), values)
    one_of_two_signs(signs)
    return np.asarray(-signs * special.ndtri_exp(values - np.log(2.0)))


@conversion(
    "test",
    label="t from p",
    reference="Higgins et al., Cochrane Handbook, section 6.5.2.3",
    equation="t = sign * t^-1(1 - p/2; df)",
)
def t_from_p(
    p: ArrayLike,
    df: ArrayLike,
    *,
    sign: ArrayLike = 1,
    alternative: Alternative = "two-sided",
) -> Floats:
    r"""Student's t that has a given p-value.

    .. math:: t = s\,t_\nu^{-1}(1 - p/2)

    Parameters
    ----------
    p : array_like
        P-values, above 0 and at most 1.
    df : array_like
        Degrees of freedom, above 0.
    sign, alternative
        As in :func:`z_from_p`.

    Raises
    ------
    InvalidEvidenceError
        As :func:`z_from_p`, and for degrees of freedom that are not above 0.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.3.

    Examples
    --------
    >>> float(t_from_p(0.0362255, 28).round(4))
    2.2
    """
    values, nu, signs = coerce(p=p, df=df, sign=sign)
    positive(df=nu)
    return t_of(values, nu, signs, alternative)


def t_of(
    p: Floats, df: Floats, sign: Floats, alternative: Alternative = "two-sided"
) -> Floats:
    """Return :func:`t_from_p` of arrays of one shape, degrees of freedom above 0."""
    tail, direction = _tail_and_direction(p, sign, alternative)
    return np.asarray(-direction * lower_t_quantile(tail, df))


def two_sided_t(p: Floats, df: Floats) -> Floats:
    """Size of the t whose two-sided p-value is `p`; degrees of freedom above 0."""
    return -lower_t_quantile(p / 2.0, df)


def lower_t_quantile(tail: Floats, df: Floats) -> Floats:
    r"""Quantile of t for a lower tail of at most one half.

    Twice the tail is :math:`I_x(\nu / 2, 1/2)` with :math:`x = \nu / (\nu + t^2)`.
    The inverse in x loses digits where x is near 1, and is taken in 1 - x there.
    """
    with np.errstate(all="ignore"):
        rest = special.betainccinv(0.5, df / 2.0, 2.0 * tail)
        t = np.asarray(np.sqrt(df * (rest / (1.0 - rest))))
        far = np.asarray(~(rest <= 0.5))
        if np.count_nonzero(far):
            tails, nus = (np.broadcast_to(x, t.shape)[far] for x in (tail, df))
            t[far] = _far_t(tails, nus)
    return np.asarray(0.0 - t)


def _far_t(tail: Floats, df: Floats) -> Floats:
    """Sizes of t beyond the root of df.

    Where x is tiny the tail is the first term of its series, which inverts in
    closed form and does not underflow.
    """
    a = df / 2.0
    x = special.betaincinv(a, 0.5, 2.0 * tail)
    log_x = (np.log(2.0 * tail * a) + special.betaln(a, 0.5)) / a
    t = np.sqrt(df) * np.sqrt((1.0 - x) / x)
    return np.where(log_x < -80.0, np.sqrt(df) * np.exp(-0.5 * log_x), t)


@conversion(
    "test",
    label="chi-squared from p",
    reference="Pearson K. Philos Mag 1900;50:157",
    equation="P(chi2_df > x) = p",
)
def chi2_from_p(p: ArrayLike, df: ArrayLike = 1) -> Floats:
    r"""Chi-squared statistic that has a given p-value.

    .. math:: P(\chi^2_\nu > x) = p

    Parameters
    ----------
    p : array_like
        P-values, above 0 and at most 1.
    df : array_like
        Degrees of freedom, above 0; 1 for a 2x2 table.

    Raises
    ------
    InvalidEvidenceError
        For p outside (0, 1] or degrees of freedom that are not above 0.

    References
    ----------
    Pearson K (1900). Philosophical Magazine 50:157.

    Examples
    --------
    >>> float(chi2_from_p(0.05).round(4)), float(chi2_from_p(0.05, 2).round(4))
    (3.8415, 5.9915)
    """
    values, nu = coerce(p=p, df=df)
    positive(df=nu)
    rule("p", "above 0 and at most 1", (values > 0) & (values <= 1), values)
    general = np.asarray(special.chdtri(nu, values))
    single = np.asarray(nu == 1.0)
    if np.count_nonzero(single):
        general[single] = np.square(special.ndtri(values[single] / 2.0))
    return general


@conversion(
    "test",
    label="F from p",
    reference="Snedecor GW. Analysis of Variance (1934)",
    equation="P(F_{df1, df2} > f) = p",
)
def f_from_p(p: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    r"""F statistic that has a given p-value.

    .. math:: P(F_{\nu_1, \nu_2} > f) = p

    With one numerator degree of freedom this is the square of :func:`t_from_p`.

    Parameters
    ----------
    p : array_like
        P-values, above 0 and at most 1.
    df1, df2 : array_like
        Numerator and denominator degrees of freedom, above 0.

    Raises
    ------
    InvalidEvidenceError
        For p outside (0, 1] or degrees of freedom that are not above 0.

    References
    ----------
    Snedecor GW (1934). Calculation and Interpretation of Analysis of Variance
    and Covariance.

    Examples
    --------
    >>> float(f_from_p(0.05, 2, 27).round(4))
    3.3541
    """
    values, nu1, nu2 = coerce(p=p, df1=df1, df2=df2)
    positive(df1=nu1, df2=nu2)
    rule("p", "above 0 and at most 1", (values > 0) & (values <= 1), values)
    with np.errstate(all="ignore"):
        # The upper tail is I_w(df2/2, df1/2) with w = df2 / (df2 + df1 f).
        a, b = nu2 / 2.0, nu1 / 2.0
        rest = special.betainccinv(b, a, values)
        ratio = np.asarray(rest / (1.0 - rest))
        # Each of w and 1 - w keeps its digits only where it is the smaller one.
        far = np.asarray(~(rest <= 0.5))
        if np.count_nonzero(far):
            ratio[far] = _far_ratio(a[far], b[far], values[far])
        general = np.asarray(nu2 * ratio / nu1)
        single = np.asarray(nu1 == 1.0)
        if np.count_nonzero(single):
            t = lower_t_quantile(values[single] / 2.0, nu2[single])
            general[single] = np.square(t)
    return general


def _far_ratio(a: Floats, b: Floats, p: Floats) -> Floats:
    """Return (1 - w) / w where I_w(a, b) = p and w is small.

    Where w is tiny the tail is the first term of its series, as for t.
    """
    w = special.betaincinv(a, b, p)
    log_w = (np.log(p * a) + special.betaln(a, b)) / a
    return np.where(log_w < -50.0, np.exp(-log_w), (1.0 - w) / w)


@conversion(
    "test",
    label="t from F with one numerator df",
    reference="Snedecor GW. Analysis of Variance (1934)",
    equation="t = sign * sqrt(F)",
)
def t_from_f(f: ArrayLike, *, sign: ArrayLike = 1) -> Floats:
    r"""Student's t from an F statistic with one numerator degree of freedom.

    .. math:: t = s \sqrt{F}

    Parameters
    ----------
    f : array_like
        F statistics, at least 0. The denominator degrees of freedom are those of t.
    sign : array_like
        -1 or 1; F does not know the direction.

    Raises
    ------
    InvalidEvidenceError
        For a negative F or a sign that is not -1 or 1.

    References
    ----------
    Snedecor GW (1934). Calculation and Interpretation of Analysis of Variance
    and Covariance.

    Examples
    --------
    >>> float(t_from_f(4.84, sign=-1))
    -2.2
    """
    values, signs = coerce(f=f, sign=sign)
    return t_of_f(values, signs)


def t_of_f(f: Floats, sign: Floats) -> Floats:
    """Return :func:`t_from_f` of arrays of one shape."""
    nonnegative(f=f)
    one_of_two_signs(sign)
    return np.asarray(sign * np.sqrt(f))


@conversion(
    "test",
    label="z from chi-squared with one df",
    reference="Pearson K. Philos Mag 1900;50:157",
    equation="z = sign * sqrt(chi2)",
)
def z_from_chi2(chi2: ArrayLike, *, sign: ArrayLike = 1) -> Floats:
    r"""Normal statistic from a chi-squared with one degree of freedom.

    .. math:: z = s \sqrt{\chi^2}

    Parameters
    ----------
    chi2 : array_like
        Statistics, at least 0.
    sign : array_like
        -1 or 1; chi-squared does not know the direction.

    Raises
    ------
    InvalidEvidenceError
        For a negative statistic or a sign that is not -1 or 1.

    References
    ----------
    Pearson K (1900). Philosophical Magazine 50:157.

    Examples
    --------
    >>> float(z_from_chi2(6.25))
    2.5
    """
    values, signs = coerce(chi2=chi2, sign=sign)
    nonnegative(chi2=values)
    one_of_two_signs(signs)
    return np.asarray(signs * np.sqrt(values))

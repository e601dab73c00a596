"""d, log odds ratio, r and Fisher's z into one another, with their variances."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from k2stats._registry import Registry
from k2stats.effectsizes.conversions._shared import (
    Estimates,
    at_least,
    coerce,
    conversion,
    effect_and_variance,
    estimates,
    finite,
    inside,
    nonnegative,
)

_BORENSTEIN = "Borenstein et al., Introduction to Meta-Analysis (2009), chapter 7"

LOGISTIC_FACTORS: Registry[Callable[[], float]] = Registry("d to log OR method")
"""Log odds per unit of d, for outcomes cut into two."""


@LOGISTIC_FACTORS.register(
    "hasselblad_hedges",
    label="Logistic distribution",
    reference="Hasselblad V, Hedges LV. Psychol Bull 1995;117:167",
    equation="log OR = d pi / sqrt(3)",
)
def _hasselblad_hedges() -> float:
    """SD of the standard logistic distribution."""
    return float(np.pi / np.sqrt(3.0))


@LOGISTIC_FACTORS.register(
    "cox",
    label="Normal distribution, Cox's approximation",
    reference="Cox DR, Snell EJ. Analysis of Binary Data, 2nd ed. (1989)",
    equation="log OR = 1.65 d",
)
def _cox() -> float:
    """Best linear match of probit and logit in the middle range."""
    return 1.65


@conversion(
    "scale",
    label="log OR from d",
    reference="Hasselblad V, Hedges LV. Psychol Bull 1995;117:167",
    equation="y = c d; v = c^2 v_d; c = pi/sqrt(3) or 1.65",
    approximate=True,
)
def d_to_log_or(
    y: ArrayLike, v: ArrayLike, *, method: str = "hasselblad_hedges"
) -> Estimates:
    r"""Log odds ratio of a dichotomised outcome from a standardised difference.

    .. math:: \ln OR = c\,d, \qquad v = c^2 v_d, \qquad
        c = \pi / \sqrt 3\ \text{or}\ 1.65

    Parameters
    ----------
    y, v : array_like
        Standardised mean differences and variances.
    method : {"hasselblad_hedges", "cox"}
        Logistic distributions within the groups, or normal ones.

    Returns
    -------
    Estimates
        On the scale ``"log OR"``.

    Raises
    ------
    InvalidEvidenceError
        For infinite effects or negative variances.
    UnknownMethodError
        For a method that is not registered.

    References
    ----------
    Hasselblad V, Hedges LV (1995). Psychological Bulletin 117:167. Cox DR, Snell EJ
    (1989). Analysis of Binary Data, 2nd ed.

    Examples
    --------
    >>> e = d_to_log_or(0.5, 0.02)
    >>> float(e.y.round(4)), float(e.v.round(4))
    (0.9069, 0.0658)
    """
    effect, variance = effect_and_variance(y, v)
    c = LOGISTIC_FACTORS[method].function()
    return estimates(c * effect, c * c * variance, "log OR")


@conversion(
    "scale",
    label="d from log OR",
    reference="Hasselblad V, Hedges LV. Psychol Bull 1995;117:167",
    equation="d = y / c; v_d = v / c^2; c = pi/sqrt(3) or 1.65",
    approximate=True,
)
def log_or_to_d(
    y: ArrayLike, v: ArrayLike, *, method: str = "hasselblad_hedges"
) -> Estimates:
    r"""Standardised difference from the log odds ratio of a dichotomised outcome.

    .. math:: d = \ln OR / c, \qquad v_d = v / c^2, \qquad
        c = \pi / \sqrt 3\ \text{or}\ 1.65

    Parameters
    ----------
    y, v : array_like
        Log odds ratios and variances.
    method : {"hasselblad_hedges", "cox"}
        As in :func:`d_to_log_or`.

    Returns
    -------
    Estimates
        On the scale ``"SMD"``.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
        As :func:`d_to_log_or`.

    References
    ----------
    Hasselblad V, Hedges LV (1995). Psychological Bulletin 117:167; Chinn S (2000).
    Statistics in Medicine 19:3127.

    Examples
    --------
    >>> float(log_or_to_d(0.9069, 0.0658).y.round(4))
    0.5
    """
    effect, variance = effect_and_variance(y, v)
    c = LOGISTIC_FACTORS[method].function()
    return estimates(effect / c, variance / (c * c), "SMD")


def _balance(n1: ArrayLike | None, n2: ArrayLike | None) -> ArrayLike:
    """Return a = N^2 / (n1 n2), 4 for groups of one size."""
    if n1 is None or n2 is None:
        return 4.0
    first, second = coerce(n1=n1, n2=n2)
    at_least(1.0, n1=first, n2=second)
    return np.asarray(np.square(first + second) / (first * second))


@conversion(
    "scale",
    label="r from d",
    reference=_BORENSTEIN,
    equation="r = d / sqrt(d^2 + a); v_r = a^2 v_d / (d^2 + a)^3; a = N^2/(n1 n2)",
)
def d_to_r(
    y: ArrayLike,
    v: ArrayLike,
    *,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> Estimates:
    r"""Point-biserial correlation from a standardised mean difference.

    .. math::
        r = \frac{d}{\sqrt{d^2 + a}}, \qquad v_r = \frac{a^2 v_d}{(d^2 + a)^3},
        \qquad a = \frac{(n_1 + n_2)^2}{n_1 n_2}

    Parameters
    ----------
    y, v : array_like
        Standardised mean differences and variances.
    n1, n2 : array_like, optional
        Group sizes; without both, groups of one size (a = 4).

    Returns
    -------
    Estimates
        On the scale ``"r"``.

    Raises
    ------
    InvalidEvidenceError
        For infinite effects, negative variances or sizes below 1.

    References
    ----------
    Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009). Introduction to
    Meta-Analysis, chapter 7.

    Examples
    --------
    >>> e = d_to_r(0.5, 0.0205)
    >>> float(e.y.round(4)), float(e.v.round(4))
    (0.2425, 0.0043)
    """
    effect, variance, a = coerce(y=y, v=v, a=_balance(n1, n2))
    finite(y=effect)
    nonnegative(v=variance)
    base = effect**2 + a
    return estimates(effect / np.sqrt(base), a**2 * variance / base**3, "r")


@conversion(
    "scale",
    label="d from r",
    reference=_BORENSTEIN,
    equation="d = sqrt(a) r / sqrt(1 - r^2); v_d = a v_r / (1 - r^2)^3",
)
def r_to_d(
    y: ArrayLike,
    v: ArrayLike,
    *,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> Estimates:
    r"""Standardised mean difference from a correlation.

    .. math::
        d = \frac{\sqrt a\,r}{\sqrt{1 - r^2}}, \qquad
        v_d = \frac{a v_r}{(1 - r^2)^3}, \qquad a = \frac{(n_1 + n_2)^2}{n_1 n_2}

    With a = 4 this is :math:`d = 2r / \sqrt{1 - r^2}`.

    Parameters
    ----------
    y, v : array_like
        Correlations, above -1 and below 1, and variances.
    n1, n2 : array_like, optional
        As in :func:`d_to_r`.

    Returns
    -------
    Estimates
        On the scale ``"SMD"``.

    Raises
    ------
    InvalidEvidenceError
        For correlations outside (-1, 1), negative variances or sizes below 1.

    References
    ----------
    Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009). Introduction to
    Meta-Analysis, chapter 7.

    Examples
    --------
    >>> e = r_to_d(0.5, 0.0058)
    >>> float(e.y.round(4)), float(e.v.round(4))
    (1.1547, 0.055)
    """
    effect, variance, a = coerce(y=y, v=v, a=_balance(n1, n2))
    inside(-1.0, 1.0, y=effect)
    nonnegative(v=variance)
    rest = (1.0 - effect) * (1.0 + effect)
    return estimates(np.sqrt(a / rest) * effect, a * variance / rest**3, "SMD")


@conversion(
    "scale",
    label="r from log OR",
    reference=_BORENSTEIN,
    equation="log_or_to_d, then d_to_r",
    approximate=True,
)
def log_or_to_r(
    y: ArrayLike,
    v: ArrayLike,
    *,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
    method: str = "hasselblad_hedges",
) -> Estimates:
    r"""Correlation from a log odds ratio, by way of d.

    .. math:: d = \ln OR / c, \qquad r = d / \sqrt{d^2 + a}

    Parameters
    ----------
    y, v : array_like
        Log odds ratios and variances.
    n1, n2, method
        As in :func:`d_to_r` and :func:`d_to_log_or`.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
        As :func:`d_to_r` and :func:`d_to_log_or`.

    References
    ----------
    Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009). Introduction to
    Meta-Analysis, chapter 7.

    Examples
    --------
    >>> float(log_or_to_r(0.9069, 0.0676).y.round(4))
    0.2425
    """
    d = log_or_to_d(y, v, method=method)
    return d_to_r(d.y, d.v, n1=n1, n2=n2)


@conversion(
    "scale",
    label="log OR from r",
    reference=_BORENSTEIN,
    equation="r_to_d, then d_to_log_or",
    approximate=True,
)
def r_to_log_or(
    y: ArrayLike,
    v: ArrayLike,
    *,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
    method: str = "hasselblad_hedges",
) -> Estimates:
    r"""Log odds ratio from a correlation, by way of d.

    .. math:: d = \sqrt a\,r / \sqrt{1 - r^2}, \qquad \ln OR = c\,d

    Parameters
    ----------
    y, v : array_like
        Correlations and variances.
    n1, n2, method
        As in :func:`d_to_r` and :func:`d_to_log_or`.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
        As :func:`r_to_d` and :func:`d_to_log_or`.

    References
    ----------
    Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009). Introduction to
    Meta-Analysis, chapter 7.

    Examples
    --------
    >>> float(r_to_log_or(0.2425, 0.0043).y.round(3))
    0.907
    """
    d = r_to_d(y, v, n1=n1, n2=n2)
    return d_to_log_or(d.y, d.v, method=method)

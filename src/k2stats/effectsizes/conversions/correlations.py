"""Correlations from test statistics: r, phi, partial and semi-partial."""

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
)
from k2stats.effectsizes.conversions.from_p import t_of, t_of_f

_COHEN = "Cohen J. Statistical Power Analysis, 2nd ed. (1988)"


def _r_from_t(t: Floats, df: Floats, spare: float) -> Estimates:
    """Correlation behind t with `df` degrees of freedom.

    ``n - 1`` is ``df + spare`` for the large-sample variance.
    """
    base = t * t + df
    # 1 - r^2 = df / (t^2 + df), without cancellation.
    return estimates(t / np.sqrt(base), np.square(df / base) / (df + spare), "r")


@conversion(
    "test",
    label="r from t",
    reference=_COHEN,
    equation="r = t / sqrt(t^2 + n - 2); v = (1 - r^2)^2 / (n - 1)",
)
def correlation_from_t(t: ArrayLike, n: ArrayLike) -> Estimates:
    r"""Product-moment correlation from the t statistic that tests it.

    .. math:: r = \frac{t}{\sqrt{t^2 + n - 2}}, \qquad
        v = \frac{(1 - r^2)^2}{n - 1}

    For the t of two groups this is the point-biserial correlation; its sampling
    variance is another one, see the measure RPB.

    Parameters
    ----------
    t : array_like
        Statistics with n - 2 degrees of freedom.
    n : array_like
        Participants, at least 3.

    Returns
    -------
    Estimates
        On the scale ``"r"``.

    Raises
    ------
    InvalidEvidenceError
        For n below 3 or a statistic that is not finite.

    References
    ----------
    Cohen J (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed.

    Examples
    --------
    >>> r, v = correlation_from_t(3.0, 29)
    >>> float(r.round(6)), float(v.round(6))
    (0.5, 0.020089)
    """
    values, size = coerce(t=t, n=n)
    at_least(3.0, n=size)
    finite(t=values)
    return _r_from_t(values, size - 2.0, 1.0)


@conversion(
    "test",
    label="r from F with one numerator df",
    reference=_COHEN,
    equation="r = sign sqrt(F / (F + n - 2))",
)
def correlation_from_f(f: ArrayLike, n: ArrayLike, *, sign: ArrayLike = 1) -> Estimates:
    r"""Product-moment correlation from F with 1 and n - 2 degrees of freedom.

    .. math:: r = s \sqrt{\frac{F}{F + n - 2}}

    Parameters
    ----------
    f : array_like
        Statistics, at least 0.
    n : array_like
        Participants, at least 3.
    sign : array_like
        Direction, -1 or 1.

    Raises
    ------
    InvalidEvidenceError
        As :func:`correlation_from_t`, and for a negative F.

    References
    ----------
    Cohen J (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed.

    Examples
    --------
    >>> float(correlation_from_f(9.0, 29, sign=-1).y.round(6))
    -0.5
    """
    values, size, signs = coerce(f=f, n=n, sign=sign)
    at_least(3.0, n=size)
    return _r_from_t(t_of_f(values, signs), size - 2.0, 1.0)


@conversion(
    "test",
    label="r from p",
    reference=_COHEN,
    equation="t = sign t^-1(1 - p/2; n - 2), then correlation_from_t",
)
def correlation_from_p(
    p: ArrayLike,
    n: ArrayLike,
    *,
    sign: ArrayLike = 1,
    alternative: Alternative = "two-sided",
) -> Estimates:
    r"""Product-moment correlation from the p-value of its t test.

    .. math:: t = s\,t^{-1}_{n - 2}(1 - p/2), \qquad
        r = \frac{t}{\sqrt{t^2 + n - 2}}

    Parameters
    ----------
    p : array_like
        P-values, above 0 and at most 1.
    n : array_like
        Participants, at least 3.
    sign, alternative
        As in :func:`z_from_p`.

    Raises
    ------
    InvalidEvidenceError
        As :func:`t_from_p`, and for n below 3.

    References
    ----------
    Cohen J (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed.

    Examples
    --------
    >>> float(correlation_from_p(0.05, 29).y.round(4))
    0.3673
    """
    values, size, signs = coerce(p=p, n=n, sign=sign)
    at_least(3.0, n=size)
    t = t_of(values, size - 2.0, signs, alternative)
    return _r_from_t(t, size - 2.0, 1.0)


@conversion(
    "test",
    label="r from z",
    reference="Rosenthal R. Meta-analytic Procedures for Social Research (1991)",
    equation="r = z / sqrt(n)",
    approximate=True,
)
def correlation_from_z(z: ArrayLike, n: ArrayLike) -> Estimates:
    r"""Correlation from a normal statistic, as for rank tests.

    .. math:: r = z / \sqrt n, \qquad v = \frac{(1 - r^2)^2}{n - 1}

    Parameters
    ----------
    z : array_like
        Statistics, below the square root of n in size.
    n : array_like
        Participants, at least 3.

    Raises
    ------
    InvalidEvidenceError
        For n below 3, or ``|z|`` above the square root of n.

    References
    ----------
    Rosenthal R (1991). Meta-analytic Procedures for Social Research.

    Examples
    --------
    >>> float(correlation_from_z(2.5, 100).y)
    0.25
    """
    values, size = coerce(z=z, n=n)
    at_least(3.0, n=size)
    rule("z", "at most the square root of n in size", values**2 <= size, values)
    y = values / np.sqrt(size)
    return estimates(y, np.square(1.0 - y * y) / (size - 1.0), "r")


@conversion(
    "test",
    label="phi from chi-squared",
    reference="Yule GU. J R Stat Soc 1912;75:579",
    equation="phi = sign sqrt(chi2 / n)",
)
def phi_from_chi2(chi2: ArrayLike, n: ArrayLike, *, sign: ArrayLike = 1) -> Floats:
    r"""Phi coefficient of a 2x2 table from its uncorrected chi-squared.

    .. math:: \phi = s \sqrt{\chi^2 / n}

    Its variance needs the cells: see :func:`tables_from` and the measure PHI. A
    Yates-corrected statistic goes through :func:`chi2_from_yates` first.

    Parameters
    ----------
    chi2 : array_like
        Statistics with one degree of freedom, from 0 to n.
    n : array_like
        Participants, at least 1.
    sign : array_like
        -1 or 1.

    Raises
    ------
    InvalidEvidenceError
        For a statistic below 0 or above n, which no table gives.

    References
    ----------
    Yule GU (1912). Journal of the Royal Statistical Society 75:579.

    Examples
    --------
    >>> float(phi_from_chi2(6.0, 100).round(6))
    0.244949
    """
    values, size, signs = coerce(chi2=chi2, n=n, sign=sign)
    at_least(1.0, n=size)
    nonnegative(chi2=values)
    rule("chi2", "at most n", values <= size, values)
    one_of_two_signs(signs)
    return np.asarray(signs * np.sqrt(values / size))


@conversion(
    "test",
    label="Partial correlation from a regression t",
    reference="Aloe AM, Thompson CG. J Soc Social Work Res 2013;4:390",
    equation="r = t / sqrt(t^2 + n - m - 1); v = (1 - r^2)^2 / (n - m - 1)",
)
def partial_correlation_from_t(
    t: ArrayLike, n: ArrayLike, predictors: ArrayLike
) -> Estimates:
    r"""Partial correlation from the t of one coefficient of a regression.

    .. math:: r_p = \frac{t}{\sqrt{t^2 + n - m - 1}}, \qquad
        v = \frac{(1 - r_p^2)^2}{n - m - 1}

    Parameters
    ----------
    t : array_like
        Statistic of the coefficient.
    n : array_like
        Observations.
    predictors : array_like
        Number m of predictors, the tested one included and the intercept not.

    Raises
    ------
    InvalidEvidenceError
        If no residual degree of freedom is left.

    References
    ----------
    Aloe AM, Thompson CG (2013). Journal of the Society for Social Work and
    Research 4:390.

    Examples
    --------
    >>> r, v = partial_correlation_from_t(3.0, 31, 3)
    >>> float(r.round(6)), float(v.round(6))
    (0.5, 0.020833)
    """
    values, size, m = coerce(t=t, n=n, predictors=predictors)
    finite(t=values)
    at_least(1.0, predictors=m)
    df = size - m - 1.0
    rule("n", "above predictors + 1", (df >= 1.0) & (df < np.inf), size)
    return _r_from_t(values, df, 0.0)


@conversion(
    "test",
    label="Semi-partial correlation from a regression t and R squared",
    reference="Aloe AM, Becker BJ. J Educ Behav Stat 2012;37:278",
    equation="r = t sqrt(1 - R2) / sqrt(n - m - 1)",
)
def semipartial_correlation_from_t(
    t: ArrayLike, n: ArrayLike, predictors: ArrayLike, r2: ArrayLike
) -> Estimates:
    r"""Semi-partial correlation from the t of a coefficient and the model's R2.

    .. math::
        r_s = t \sqrt{\frac{1 - R^2}{n - m - 1}}, \qquad
        v = \frac{R^4 - 2 R^2 + (R^2 - r_s^2) + 1 - (R^2 - r_s^2)^2}{n}

    where :math:`R^2 - r_s^2` is the R2 of the model without the predictor.

    Parameters
    ----------
    t, n, predictors : array_like
        As in :func:`partial_correlation_from_t`.
    r2 : array_like
        R2 of the whole model, from 0 to 1.

    Raises
    ------
    InvalidEvidenceError
        If no residual degree of freedom is left, R2 lies outside 0 to 1, or the
        squared semi-partial correlation would exceed R2.

    References
    ----------
    Aloe AM, Becker BJ (2012). Journal of Educational and Behavioral Statistics
    37:278.

    Examples
    --------
    >>> float(semipartial_correlation_from_t(3.0, 31, 3, 0.4).y.round(6))
    0.447214
    """
    values, size, m, model = coerce(t=t, n=n, predictors=predictors, r2=r2)
    finite(t=values)
    at_least(1.0, predictors=m)
    df = size - m - 1.0
    rule("n", "above predictors + 1", df >= 1.0, size)
    rule("r2", "between 0 and 1", (model >= 0) & (model <= 1), model)
    y = values * np.sqrt((1.0 - model) / df)
    without = model - y * y
    rule(
        "t", "such that its share of variance is at most r2", without >= -1e-12, values
    )
    v = (model**2 - 2.0 * model + without + 1.0 - without**2) / size
    return estimates(y, v, "semi-partial r")

"""2x2 cells from one statistic and the margins, to the nearest whole number."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._shared import (
    at_least,
    coerce,
    conversion,
    nonnegative,
    one_of_two_signs,
    positive,
    rule,
    within,
)
from k2stats.evidence._coerce import all_hold

_REFERENCE = "Fisher RA. Statistical Methods for Research Workers (1934)"


def _check(n1: Floats, n2: Floats, events: Floats) -> None:
    """Refuse margins that are not whole or leave no table."""
    at_least(1.0, n1=n1, n2=n2)
    for name, values in {"n1": n1, "n2": n2, "events": events}.items():
        rule(name, "a whole number", values == np.floor(values), values)
    rule("events", "from 0 to n1 + n2", (events >= 0) & (events <= n1 + n2), events)


def _table(a: Floats, n1: Floats, n2: Floats, events: Floats) -> Floats:
    """Return cells a, b, c, d on a new last axis; NaN where no table fits."""
    whole = np.floor(a + 0.5)
    cells = np.empty((*whole.shape, 4))
    cells[..., 0], cells[..., 1] = whole, n1 - whole
    cells[..., 2] = rest = events - whole
    cells[..., 3] = n2 - rest
    fits = cells >= 0
    if not all_hold(fits):
        cells[~np.logical_and.reduce(fits, axis=-1)] = np.nan
    return cells


@conversion(
    "cells",
    label="Cells from an odds ratio and the margins",
    reference=_REFERENCE,
    equation="(OR - 1) a^2 - (OR (n1 + m) + n2 - m) a + OR n1 m = 0",
)
def cells_from_odds_ratio(
    odds_ratio: ArrayLike, n1: ArrayLike, n2: ArrayLike, events: ArrayLike
) -> Floats:
    r"""Nearest 2x2 table with given margins and odds ratio.

    The events a of group 1 solve

    .. math::
        (\psi - 1) a^2 - \left(\psi (n_1 + m) + n_2 - m\right) a + \psi n_1 m = 0,

    and the root inside the margins is rounded to a whole number. One table is
    returned; :func:`tables_from` gives all that fit a printed odds ratio.

    Parameters
    ----------
    odds_ratio : array_like
        Above 0.
    n1, n2 : array_like
        Sizes of the groups (rows).
    events : array_like
        Events m in both groups together (first column).

    Returns
    -------
    ndarray, shape (..., 4)
        a, b, c, d: events and non-events of group 1, then of group 2.

    Raises
    ------
    InvalidEvidenceError
        For an odds ratio that is not above 0 or margins that are not whole.

    References
    ----------
    Fisher RA (1934). Statistical Methods for Research Workers: a table with fixed
    margins has one free cell.

    Examples
    --------
    >>> cells_from_odds_ratio(2.65, 50, 50, 40)
    array([26., 24., 14., 36.])
    """
    psi, first, second, m = coerce(odds_ratio=odds_ratio, n1=n1, n2=n2, events=events)
    positive(odds_ratio=psi)
    _check(first, second, m)
    return _table(odds_ratio_cell(psi, first, second, m), first, second, m)


def odds_ratio_cell(psi: Floats, n1: Floats, n2: Floats, m: Floats) -> Floats:
    """Return the root of the quadratic that lies inside the margins, unrounded.

    The form ``2C / (B + sqrt(D))`` holds at an odds ratio of 1 as well; with B
    below 0 its twin avoids the cancellation.
    """
    b = psi * (n1 + m) + n2 - m
    c = psi * n1 * m
    root = np.sqrt(np.maximum(b * b - 4.0 * (psi - 1.0) * c, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(b >= 0, 2.0 * c / (b + root), (b - root) / (2.0 * (psi - 1.0)))
    return np.asarray(a)


@conversion(
    "cells",
    label="Cells from a risk ratio and the margins",
    reference=_REFERENCE,
    equation="a = RR n1 m / (n2 + RR n1)",
)
def cells_from_risk_ratio(
    risk_ratio: ArrayLike, n1: ArrayLike, n2: ArrayLike, events: ArrayLike
) -> Floats:
    r"""Nearest 2x2 table with given margins and risk ratio.

    .. math:: a = \frac{RR\, n_1 m}{n_2 + RR\, n_1}

    Parameters
    ----------
    risk_ratio : array_like
        At least 0.
    n1, n2, events : array_like
        As in :func:`cells_from_odds_ratio`.

    Returns
    -------
    ndarray, shape (..., 4)
        a, b, c, d; NaN where the rounded cell does not fit the margins.

    Raises
    ------
    InvalidEvidenceError
        For a negative risk ratio or margins that are not whole.

    References
    ----------
    Fisher RA (1934). Statistical Methods for Research Workers.

    Examples
    --------
    >>> cells_from_risk_ratio(1.857, 50, 50, 40)
    array([26., 24., 14., 36.])
    """
    ratio, first, second, m = coerce(risk_ratio=risk_ratio, n1=n1, n2=n2, events=events)
    nonnegative(risk_ratio=ratio)
    _check(first, second, m)
    a = ratio * first * m / (second + ratio * first)
    return _table(np.asarray(a), first, second, m)


@conversion(
    "cells",
    label="Cells from phi and the margins",
    reference="Yule GU. J R Stat Soc 1912;75:579",
    equation="a = (n1 m + phi sqrt(n1 n2 m (N - m))) / N",
)
def cells_from_phi(
    phi: ArrayLike, n1: ArrayLike, n2: ArrayLike, events: ArrayLike
) -> Floats:
    r"""Nearest 2x2 table with given margins and phi coefficient.

    .. math:: a = \frac{n_1 m + \phi \sqrt{n_1 n_2 m (N - m)}}{N}

    Parameters
    ----------
    phi : array_like
        From -1 to 1.
    n1, n2, events : array_like
        As in :func:`cells_from_odds_ratio`.

    Returns
    -------
    ndarray, shape (..., 4)
        a, b, c, d; NaN where the rounded cell does not fit the margins.

    Raises
    ------
    InvalidEvidenceError
        For phi outside -1 to 1 or margins that are not whole.

    References
    ----------
    Yule GU (1912). Journal of the Royal Statistical Society 75:579.

    Examples
    --------
    >>> cells_from_phi(0.2, 80, 90, 55)
    array([34., 46., 21., 69.])
    """
    values, first, second, m = coerce(phi=phi, n1=n1, n2=n2, events=events)
    within(-1.0, 1.0, phi=values)
    _check(first, second, m)
    return _table(phi_cell(values, first, second, m), first, second, m)


def phi_cell(phi: Floats, n1: Floats, n2: Floats, m: Floats) -> Floats:
    """Events of group 1 behind a phi coefficient, unrounded."""
    total = n1 + n2
    spread = np.sqrt(n1 * n2) * np.sqrt(m * (total - m))
    return np.asarray((n1 * m + phi * spread) / total)


@conversion(
    "cells",
    label="Cells from chi-squared and the margins",
    reference="Yates F. J R Stat Soc Suppl 1934;1:217",
    equation="a = (n1 m + sign (sqrt(chi2 M / N) + [N/2])) / N",
)
def cells_from_chi2(
    chi2: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    events: ArrayLike,
    *,
    sign: ArrayLike = 1,
    yates: bool = False,
) -> Floats:
    r"""Nearest 2x2 table with given margins and chi-squared statistic.

    .. math::
        a = \frac{n_1 m + s \left(\sqrt{\chi^2 M / N} + c\right)}{N}, \qquad
        M = n_1 n_2 m (N - m)

    with c = N/2 for a Yates-corrected statistic and 0 otherwise. Either sign gives
    a table; :func:`tables_from` returns both.

    Parameters
    ----------
    chi2 : array_like
        Statistics with one degree of freedom, at least 0.
    n1, n2, events : array_like
        As in :func:`cells_from_odds_ratio`.
    sign : array_like
        1 where group 1 has the higher risk, else -1.
    yates : bool
        Whether the statistic is Yates-corrected.

    Returns
    -------
    ndarray, shape (..., 4)
        a, b, c, d; NaN where the rounded cell does not fit the margins.

    Raises
    ------
    InvalidEvidenceError
        For a negative statistic or margins that are not whole.

    References
    ----------
    Yates F (1934). Supplement to the Journal of the Royal Statistical Society
    1:217.

    Examples
    --------
    >>> cells_from_chi2(3.61, 75, 75, 100)
    array([55., 20., 45., 30.])
    >>> cells_from_chi2(5.04, 50, 50, 40, yates=True)
    array([26., 24., 14., 36.])
    """
    values, first, second, m, signs = coerce(
        chi2=chi2, n1=n1, n2=n2, events=events, sign=sign
    )
    nonnegative(chi2=values)
    one_of_two_signs(signs)
    _check(first, second, m)
    a = chi2_cell(values, first, second, m, signs, yates=yates)
    return _table(a, first, second, m)


def chi2_cell(
    chi2: Floats, n1: Floats, n2: Floats, m: Floats, sign: Floats, *, yates: bool
) -> Floats:
    """Events of group 1 behind a chi-squared, unrounded."""
    total = n1 + n2
    cross = np.sqrt(chi2 * n1 * n2 * m * (total - m) / total)
    return np.asarray(
        (n1 * m + sign * (cross + (total / 2.0 if yates else 0.0))) / total
    )

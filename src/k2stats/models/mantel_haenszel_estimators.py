r"""Estimators and variances of Mantel and Haenszel's kind, one for each measure."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.models._strata import Strata

MantelHaenszelKernel: TypeAlias = Callable[[Strata], tuple[Floats, Floats]]
"""Takes strata (..., K), returns estimate and variance on the scale of analysis."""

MANTEL_HAENSZEL: Registry[MantelHaenszelKernel] = Registry("Mantel-Haenszel estimator")
"""Estimators by ``measure/variance``; the first of a measure is its default."""

_MH = "Mantel & Haenszel (1959), J Natl Cancer Inst 22:719"
_RBG = "Robins, Breslow & Greenland (1986), Biometrics 42:311"
_GR = "Greenland & Robins (1985), Biometrics 41:55"
_SATO = "Sato, Greenland & Robins (1989), Biometrics 45:1323"
_ROTHMAN = "Rothman, Greenland & Lash (2008), Modern Epidemiology, chapter 15"


def _total(x: Floats) -> Floats:
    return np.asarray(x.sum(axis=-1))


@MANTEL_HAENSZEL.register(
    "OR/RBG",
    label="Odds ratio, variance of Robins, Breslow and Greenland",
    reference=f"{_MH}; {_RBG}",
    equation="sum(a d / N) / sum(b c / N)",
)
def odds_ratio(s: Strata) -> tuple[Floats, Floats]:
    r"""Log odds ratio.

    With :math:`R = ad/N`, :math:`S = bc/N`, :math:`P = (a + d)/N`,
    :math:`Q = (b + c)/N`,

    .. math:: \hat\theta = \log\frac{\sum R}{\sum S}, \qquad
        v = \frac{\sum PR}{2(\sum R)^2} + \frac{\sum (PS + QR)}{2\sum R\sum S}
        + \frac{\sum QS}{2(\sum S)^2}.
    """
    a, b, c, d, n = s.x1, s.y1, s.x2, s.y2, s.total
    r, t = a * (d / n), b * (c / n)
    p, q = (a + d) / n, (b + c) / n
    above, below = _total(r), _total(t)
    variance = 0.5 * (
        _total(p * r) / above**2
        + _total(p * t + q * r) / (above * below)
        + _total(q * t) / below**2
    )
    return np.log(above / below), variance


@MANTEL_HAENSZEL.register(
    "RR/GR",
    label="Risk ratio, variance of Greenland and Robins",
    reference=f"{_MH}; {_GR}",
    equation="sum(a n2 / N) / sum(c n1 / N)",
)
def risk_ratio(s: Strata) -> tuple[Floats, Floats]:
    r"""Log risk ratio.

    .. math:: \hat\theta = \log\frac{\sum a n_2 / N}{\sum c n_1 / N}, \qquad
        v = \frac{\sum (m n_1 n_2 - a c N) / N^2}
        {(\sum a n_2 / N)(\sum c n_1 / N)}.
    """
    above, below = _total(s.x1 * s.n2 / s.total), _total(s.x2 * s.n1 / s.total)
    share = s.n1 / s.total * (s.n2 / s.total)
    spread = _total(s.m * share - s.x1 * s.x2 / s.total)
    return np.log(above / below), spread / (above * below)


@MANTEL_HAENSZEL.register(
    "RD/Sato",
    label="Risk difference, variance of Sato",
    reference=f"{_MH}; {_SATO}",
    equation="sum((a n2 - c n1) / N) / sum(n1 n2 / N)",
)
def risk_difference(s: Strata) -> tuple[Floats, Floats]:
    r"""Risk difference, variance consistent in sparse and in large strata.

    .. math:: v = \frac{\hat\theta \sum P + \sum Q}{(\sum n_1 n_2 / N)^2}, \quad
        P = \frac{n_1^2 c - n_2^2 a + n_1 n_2 (n_2 - n_1) / 2}{N^2}, \quad
        Q = \frac{a d + b c}{2 N}.
    """
    estimate, weight = _difference(s)
    f1, f2 = s.n1 / s.total, s.n2 / s.total
    p = f1 * f1 * s.x2 - f2 * f2 * s.x1 + f1 * f2 * (s.n2 - s.n1) / 2.0
    q = (s.x1 * (s.y2 / s.total) + s.x2 * (s.y1 / s.total)) / 2.0
    first, second = estimate * _total(p), _total(q)
    spread = first + second
    # Risks of 0 and 1: the two terms cancel to nothing but rounding.
    spread = np.where(np.abs(spread) <= 1e-13 * second, 0.0, spread)
    return estimate, spread / weight**2


@MANTEL_HAENSZEL.register(
    "RD/GR",
    label="Risk difference, variance of Greenland and Robins",
    reference=f"{_MH}; {_GR}",
    equation="sum((a n2 - c n1) / N) / sum(n1 n2 / N)",
)
def risk_difference_gr(s: Strata) -> tuple[Floats, Floats]:
    r"""Risk difference, binomial variances of each stratum.

    .. math:: v = \frac{\sum (a b n_2^3 + c d n_1^3) / (n_1 n_2 N^2)}
        {(\sum n_1 n_2 / N)^2}.
    """
    estimate, weight = _difference(s)
    f1, f2 = s.n1 / s.total, s.n2 / s.total
    there = (s.n1 > 0) & (s.n2 > 0)
    n1, n2 = np.where(there, s.n1, 1.0), np.where(there, s.n2, 1.0)
    spread = s.x1 * (s.y1 / n1) * f2 * f2 + s.x2 * (s.y2 / n2) * f1 * f1
    return estimate, _total(spread) / weight**2


@MANTEL_HAENSZEL.register(
    "IRR/GR",
    label="Incidence rate ratio, variance of Greenland and Robins",
    reference=f"{_GR}; {_ROTHMAN}",
    equation="sum(x1 t2 / T) / sum(x2 t1 / T)",
)
def rate_ratio(s: Strata) -> tuple[Floats, Floats]:
    r"""Log incidence rate ratio.

    .. math:: v = \frac{\sum m t_1 t_2 / T^2}
        {(\sum x_1 t_2 / T)(\sum x_2 t_1 / T)}.
    """
    f1, f2 = s.n1 / s.total, s.n2 / s.total
    above, below = _total(s.x1 * f2), _total(s.x2 * f1)
    return np.log(above / below), _total(s.m * f1 * f2) / (above * below)


@MANTEL_HAENSZEL.register(
    "IRD/GR",
    label="Incidence rate difference, variance of Greenland and Robins",
    reference=f"{_GR}; {_ROTHMAN}",
    equation="sum((x1 t2 - x2 t1) / T) / sum(t1 t2 / T)",
)
def rate_difference(s: Strata) -> tuple[Floats, Floats]:
    r"""Incidence rate difference.

    .. math:: v = \frac{\sum (t_1 t_2 / T)^2 (x_1 / t_1^2 + x_2 / t_2^2)}
        {(\sum t_1 t_2 / T)^2}.
    """
    estimate, weight = _difference(s)
    f1, f2 = s.n1 / s.total, s.n2 / s.total
    return estimate, _total(f2 * f2 * s.x1 + f1 * f1 * s.x2) / weight**2


def _difference(s: Strata) -> tuple[Floats, Floats]:
    """Pooled difference and the sum of its weights."""
    weight = _total(s.n1 * (s.n2 / s.total))
    above = _total(s.x1 * (s.n2 / s.total) - s.x2 * (s.n1 / s.total))
    return above / weight, weight

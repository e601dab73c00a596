"""Estimate and variance from a printed interval, p-value or z statistic."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.effectsizes.conversions._shared import (
    Estimates,
    check_level,
    choose,
    coerce,
    conversion,
    estimates,
    finite,
    positive,
    rule,
)
from k2stats.effectsizes.conversions.from_p import (
    lower_t_quantile,
    two_sided_t,
)
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence._coerce import all_hold

OnAsymmetry: TypeAlias = Literal["raise", "flag"]
_HANDBOOK = "Higgins et al., Cochrane Handbook, section 6.3.1"


def _critical(level: float, df: Floats | None) -> Floats | float:
    """Two-sided multiplier, normal without degrees of freedom."""
    check_level(level)
    tail = (1.0 - level) / 2.0
    if df is None:
        return float(-special.ndtri(tail))
    return -lower_t_quantile(np.asarray(tail), df)


def _to_scale(log: bool, **fields: Floats) -> list[Floats]:
    """Take logarithms where the print is of a ratio."""
    if not log:
        finite(**fields)
        return list(fields.values())
    positive(**fields)
    return [np.log(values) for values in fields.values()]


def _df(df: ArrayLike | None) -> Floats | None:
    """Coerce degrees of freedom, which may be absent."""
    if df is None:
        return None
    (nu,) = coerce(df=df)
    positive(df=nu)  # which every quantile of t relies on
    return nu


@conversion(
    "wald",
    label="Asymmetry of an interval",
    reference=_HANDBOOK,
    equation="((low + high)/2 - y) / ((high - low)/2)",
)
def interval_asymmetry(
    estimate: ArrayLike, low: ArrayLike, high: ArrayLike, *, log: bool = False
) -> Floats:
    r"""How far an estimate lies from the middle of its interval, in half-widths.

    .. math:: \frac{(l + u)/2 - y}{(u - l)/2}

    0 for a Wald interval, -1 or 1 where the estimate is a limit.

    Parameters
    ----------
    estimate, low, high : array_like
        As printed; with `log` of a ratio, above 0.
    log : bool
        Whether to judge the logarithms.

    Raises
    ------
    InvalidEvidenceError
        For ratios that are not above 0 or limits in the wrong order.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.3.1.

    Examples
    --------
    >>> float(interval_asymmetry(0.81, 0.70, 0.94, log=True).round(4))
    0.0098
    >>> float(interval_asymmetry(0.81, 0.70, 0.94).round(4))
    0.0833
    """
    y, lower, upper = coerce(estimate=estimate, low=low, high=high)
    rule("high", "above low", ~(upper <= lower), upper)
    return _asymmetry(*_to_scale(log, estimate=y, low=lower, high=upper))


def _asymmetry(y: Floats, low: Floats, high: Floats) -> Floats:
    return np.asarray((low + high - 2.0 * y) / (high - low))


def _from_width(low: Floats, high: Floats, quantile: Floats | float) -> Floats:
    return np.asarray(np.square((high - low) / (2.0 * quantile)))


@conversion(
    "wald",
    label="Variance from a confidence interval",
    reference=_HANDBOOK,
    equation="v = ((high - low) / (2 q))^2",
)
def variance_from_ci(
    low: ArrayLike,
    high: ArrayLike,
    *,
    level: float = 0.95,
    log: bool = False,
    df: ArrayLike | None = None,
) -> Floats:
    r"""Sampling variance from the limits of a symmetric confidence interval.

    .. math:: v = \left(\frac{u - l}{2 q}\right)^2

    where q is the normal quantile, or Student's where `df` is given, and the limits
    are logarithms where `log` is true.

    Parameters
    ----------
    low, high : array_like
        Limits as printed.
    level : float
        Confidence level, 0.95 by default.
    log : bool
        Whether the limits are of a ratio; the variance is then of its logarithm.
    df : array_like, optional
        Degrees of freedom of a t-based interval.

    Raises
    ------
    InvalidEvidenceError
        For limits in the wrong order, ratios that are not above 0, a level outside
        0 to 1.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, sections 6.3.1 and 6.3.2.

    Examples
    --------
    >>> float(variance_from_ci(0.70, 0.94, log=True).round(8))
    0.00565584
    """
    lower, upper = coerce(low=low, high=high)
    rule("high", "above low", ~(upper <= lower), upper)
    lower, upper = _to_scale(log, low=lower, high=upper)
    return _from_width(lower, upper, _critical(level, _df(df)))


@conversion(
    "wald",
    label="Variance from a p-value",
    reference="Higgins et al., Cochrane Handbook, section 6.3.2",
    equation="v = (y / q(p))^2",
)
def variance_from_p(
    estimate: ArrayLike,
    p: ArrayLike,
    *,
    log: bool = False,
    null: float | None = None,
    df: ArrayLike | None = None,
) -> Floats:
    r"""Sampling variance from an estimate and its two-sided Wald p-value.

    .. math:: v = \left(\frac{y - y_0}{\Phi^{-1}(1 - p/2)}\right)^2

    Parameters
    ----------
    estimate : array_like
        As printed; a ratio where `log` is true.
    p : array_like
        Two-sided p-values, above 0 and below 1.
    log : bool
        Whether the estimate is a ratio that was tested on the log scale.
    null : float, optional
        Value under the null hypothesis as printed; 1 for ratios, else 0.
    df : array_like, optional
        Degrees of freedom where p comes from Student's t.

    Raises
    ------
    InvalidEvidenceError
        For p of 1, which fixes no variance, or an estimate at the null.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.3.2.

    Examples
    --------
    >>> float(variance_from_p(0.3, 0.034, log=True).round(8))
    0.32250189
    """
    y, values = coerce(estimate=estimate, p=p)
    return _from_p(y, values, log, null, _df(df))


def _from_p(
    y: Floats, p: Floats, log: bool, null: float | None, df: Floats | None
) -> Floats:
    """Return :func:`variance_from_p` of arrays of one shape."""
    rule("p", "above 0 and below 1 to fix a variance", (p > 0) & (p < 1), p)
    origin = (1.0 if log else 0.0) if null is None else float(null)
    rule("estimate", f"other than the null, {origin:g}", y != origin, y)
    (y,) = _to_scale(log, estimate=y)
    if origin != log:  # other than the usual null, which is 0 on either scale
        (start,) = _to_scale(log, null=np.asarray(origin))
        y = np.asarray(y - start)
    q = special.ndtri(p / 2.0) if df is None else two_sided_t(p, df)
    return np.asarray(np.square(y / q))


@dataclass(frozen=True, slots=True, eq=False)
class WaldEstimates:
    """Estimates rebuilt from prints, and which print each variance came from.

    Attributes
    ----------
    estimates : Estimates
        y and v; logarithms where the print was of a ratio.
    source : ndarray of str
        ``"ci"``, ``"z"``, ``"p"`` or ``""`` where nothing was printed.
    asymmetry : ndarray
        :func:`interval_asymmetry`; NaN without an interval.
    symmetric : ndarray of bool
        Whether the asymmetry is within the tolerance; True without an interval.
    """

    estimates: Estimates
    source: np.ndarray[tuple[int, ...], np.dtype[np.str_]]
    asymmetry: Floats
    symmetric: Bools

    @property
    def y(self) -> Floats:
        """Estimates, on the log scale for ratios."""
        return self.estimates.y

    @property
    def v(self) -> Floats:
        """Sampling variances."""
        return self.estimates.v


@conversion(
    "wald",
    label="Estimate and variance from interval, z or p",
    reference=_HANDBOOK,
    equation="v from the interval, else ((y - null)/z)^2, else ((y - null)/q(p))^2",
)
def from_wald(
    estimate: ArrayLike,
    *,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    z: ArrayLike | None = None,
    p: ArrayLike | None = None,
    level: float = 0.95,
    log: bool = False,
    df: ArrayLike | None = None,
    tolerance: float = 0.1,
    on_asymmetry: OnAsymmetry = "raise",
) -> WaldEstimates:
    r"""Estimate and sampling variance from what a paper prints, row by row.

    For each row the interval is used where it is printed, else the z (or t)
    statistic, signed or as its size, else the two-sided p:

    .. math::
        v = \left(\frac{u - l}{2 q}\right)^2, \qquad
        v = \left(\frac{y}{z}\right)^2, \qquad
        v = \left(\frac{y}{\Phi^{-1}(1 - p/2)}\right)^2

    Parameters
    ----------
    estimate : array_like
        As printed; a ratio where `log` is true.
    low, high, z, p : array_like, optional
        What is printed beside it; NaN where a row lacks it.
    level : float
        Confidence level of the intervals.
    log : bool
        Whether the prints are of ratios.
    df : array_like, optional
        Degrees of freedom where intervals and p come from Student's t.
    tolerance : float
        Largest :func:`interval_asymmetry` in size that passes. Rounding of a
        narrow interval can exceed it: see :func:`symmetric_within_rounding`.
    on_asymmetry : {"raise", "flag"}
        Whether a row beyond it is refused or only flagged.

    Returns
    -------
    WaldEstimates

    Raises
    ------
    InvalidEvidenceError
        For an asymmetric interval (unless flagged), one limit without the other,
        or any value its function refuses; names the rows.
    MissingInputError
        If neither interval nor z nor p is given.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, sections 6.3.1 and 6.3.2.

    Examples
    --------
    >>> w = from_wald([0.81, 0.30], low=[0.70, None], high=[0.94, None],
    ...               p=[None, 0.034], log=True)
    >>> w.y.round(4), w.v.round(6), w.source.tolist()
    (array([-0.2107, -1.204 ]), array([0.005656, 0.322502]), ['ci', 'p'])
    """
    choose("on_asymmetry", on_asymmetry, ("raise", "flag"))
    if (low is None) != (high is None):
        raise MissingInputError(
            field="low" if low is None else "high", needed_for="an interval"
        )
    if low is None and z is None and p is None:
        raise MissingInputError(
            field="low and high, z or p", needed_for="a sampling variance"
        )
    given = {"estimate": estimate, "low": low, "high": high, "z": z, "p": p}
    named = {name: values for name, values in given.items() if values is not None}
    arrays = dict(zip(named, coerce(**named), strict=True))
    y = arrays["estimate"]
    nu = _df(df)
    check_level(level)
    v, source = np.full(y.shape, np.nan), np.full(y.shape, "", dtype="<U2")
    asymmetry = v.copy()
    if low is None:
        (scaled,) = _to_scale(log, estimate=y)
    else:
        lower, upper = arrays["low"], arrays["high"]
        _in_pairs(lower, upper)
        rule("high", "above low", ~(upper <= lower), upper)
        scaled, lower, upper = _to_scale(log, estimate=y, low=lower, high=upper)
        v = _from_width(lower, upper, _critical(level, nu))
        asymmetry = _asymmetry(scaled, lower, upper)
        source[~np.isnan(v)] = "ci"
    for name, rest in (("z", z), ("p", p)):
        if rest is None:
            continue
        used = np.isnan(v) & ~np.isnan(arrays[name])
        there = np.where(used, arrays[name], np.nan)
        if name == "z":
            made = _by_z(scaled, there)
        else:
            made = _from_p(np.where(used, y, np.nan), there, log, None, nu)
        v, source = np.where(used, made, v), np.where(np.isnan(made), source, name)
    symmetric = np.asarray(~(np.abs(asymmetry) > tolerance))
    if on_asymmetry == "raise" and not all_hold(symmetric):
        word = "the logarithm of the estimate" if log else "the estimate"
        raise InvalidEvidenceError(
            field="low, high",
            requirement=f"symmetric around {word} within {tolerance:g} half-widths",
            rows=np.flatnonzero(~symmetric).tolist(),
        )
    scale = "log ratio" if log else "raw"
    return WaldEstimates(estimates(scaled, v, scale), source, asymmetry, symmetric)


def _in_pairs(low: Floats, high: Floats) -> None:
    """Refuse one limit without the other."""
    without_low, without_high = np.isnan(low), np.isnan(high)
    if np.count_nonzero(without_low ^ without_high):
        rule("high", "given with low", without_low | ~without_high, low)
        rule("low", "given with high", without_high | ~without_low, high)


def _by_z(y: Floats, z: Floats) -> Floats:
    """Variance from a statistic of the effect's own sign."""
    rule("z", "other than 0, which fixes no variance", z != 0, z)
    rule("z", "of the sign of the effect, or its size", (z > 0) | (y <= 0), z)
    return np.asarray(np.square(y / z))

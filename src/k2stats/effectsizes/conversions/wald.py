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
    t_from_p,
    z_from_p,
)
from k2stats.errors import InvalidEvidenceError, MissingInputError

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
    positive(df=nu)
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
    y, lower, upper = _to_scale(log, estimate=y, low=lower, high=upper)
    return np.asarray((lower + upper - 2.0 * y) / (upper - lower))


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
    return np.asarray(np.square((upper - lower) / (2.0 * _critical(level, _df(df)))))


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
    rule(
        "p",
        "above 0 and below 1 to fix a variance",
        (values > 0) & (values < 1),
        values,
    )
    origin = np.asarray((1.0 if log else 0.0) if null is None else float(null))
    rule("estimate", f"other than the null, {origin:g}", y != origin, y)
    y, origin = _to_scale(log, estimate=y, null=origin)
    nu = _df(df)
    q = z_from_p(values) if nu is None else t_from_p(values, nu)
    return np.asarray(np.square((y - origin) / q))


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
    missing = np.nan
    y, lower, upper, stat, prob = coerce(
        estimate=estimate,
        low=missing if low is None else low,
        high=missing if high is None else high,
        z=missing if z is None else z,
        p=missing if p is None else p,
    )
    rule("high", "given with low", ~(np.isnan(upper) & ~np.isnan(lower)), lower)
    rule("low", "given with high", ~(np.isnan(lower) & ~np.isnan(upper)), upper)
    (scaled,) = _to_scale(log, estimate=y)
    nu = _df(df)
    check_level(level)
    by_ci = by_z = by_p = asymmetry = np.full(y.shape, np.nan)
    if low is not None:
        by_ci = variance_from_ci(lower, upper, level=level, log=log, df=nu)
        asymmetry = interval_asymmetry(y, lower, upper, log=log)
    use_z = np.isnan(by_ci) & ~np.isnan(stat)
    if z is not None:
        by_z = _by_z(scaled, np.where(use_z, stat, np.nan))
    if p is not None:
        use_p = np.isnan(by_ci) & ~use_z & ~np.isnan(prob)
        by_p = variance_from_p(
            np.where(use_p, y, np.nan), np.where(use_p, prob, np.nan), log=log, df=nu
        )
    symmetric = np.asarray(~(np.abs(asymmetry) > tolerance))
    if on_asymmetry == "raise" and not np.all(symmetric):
        word = "the logarithm of the estimate" if log else "the estimate"
        raise InvalidEvidenceError(
            field="low, high",
            requirement=f"symmetric around {word} within {tolerance:g} half-widths",
            rows=np.flatnonzero(~symmetric).tolist(),
        )
    no_ci, no_z = np.isnan(by_ci), np.isnan(by_z)
    third = np.where(np.isnan(by_p), "", "p")
    source = np.where(no_ci, np.where(no_z, third, "z"), "ci")
    v = np.where(no_ci, np.where(no_z, by_p, by_z), by_ci)
    scale = "log ratio" if log else "raw"
    return WaldEstimates(estimates(scaled, v, scale), source, asymmetry, symmetric)


def _by_z(y: Floats, z: Floats) -> Floats:
    """Variance from a statistic of the effect's own sign."""
    rule("z", "other than 0, which fixes no variance", z != 0, z)
    rule("z", "of the sign of the effect, or its size", (z > 0) | (y <= 0), z)
    return np.asarray(np.square(y / z))

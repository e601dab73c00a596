r"""What unmeasured confounding of a given strength would do to an estimate."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError, require_kind
from k2stats.evidence import TwoByTwo
from k2stats.evidence._coerce import require, together
from k2stats.numerics.roots import bracketed_root
from k2stats.sensitivity._arguments import finite, share
from k2stats.sensitivity.evalues import EValue, bias_threshold

_FAR = 60.0
"""Logarithm of the largest bounding factor looked at."""


def bounding_factor(exposure: ArrayLike, outcome: ArrayLike) -> Floats:
    r"""Most that a confounder of given strength can bias a risk ratio.

    .. math:: B = \frac{RR_{EU} RR_{UD}}{RR_{EU} + RR_{UD} - 1}

    Parameters
    ----------
    exposure : array_like
        Largest ratio of the prevalences of any level of the confounder between the
        exposed and the unexposed, at least 1.
    outcome : array_like
        Largest risk ratio of the outcome between levels of the confounder, at least 1.

    Raises
    ------
    InvalidEvidenceError
        For ratios below 1.

    References
    ----------
    Ding & VanderWeele (2016). Epidemiology 27:368-377.

    Examples
    --------
    >>> bounding_factor([2.0, 7.2630344], [3.0, 7.2630344]).round(4)
    array([1.5, 3.9])
    """
    found = together({"exposure": exposure, "outcome": outcome})
    for name, values in found.items():
        require(name, "at least 1", values >= 1, values)
    return np.asarray(
        found["exposure"]
        * found["outcome"]
        / (found["exposure"] + found["outcome"] - 1)
    )


def bross_factor(
    ratio: ArrayLike, prevalence1: ArrayLike, prevalence2: ArrayLike
) -> Floats:
    r"""Bias of a risk ratio by a yes-or-no confounder whose prevalences are known.

    .. math:: B = \frac{1 + p_1 (\gamma - 1)}{1 + p_2 (\gamma - 1)}

    The observed ratio over B is the one without confounding.

    Parameters
    ----------
    ratio : array_like
        Risk ratio :math:`\gamma` of the outcome by the confounder, the same in both
        groups; positive.
    prevalence1, prevalence2 : array_like
        Shares with the confounder in group 1 (exposed) and group 2.

    Raises
    ------
    InvalidEvidenceError
        For a ratio that is not positive or shares outside 0 to 1.

    References
    ----------
    Bross (1966). Journal of Chronic Diseases 19:637-647.
    Schlesselman (1978). American Journal of Epidemiology 108:3-8.

    Examples
    --------
    >>> bross_factor(10.0, 0.6, 0.2).round(4)
    array([2.2857])
    """
    found = together(
        {"ratio": ratio, "prevalence1": prevalence1, "prevalence2": prevalence2}
    )
    require("ratio", "positive", found["ratio"] > 0, found["ratio"])
    for name in ("prevalence1", "prevalence2"):
        given = found[name]
        require(name, "from 0 to 1", (given >= 0) & (given <= 1), given)
    more = found["ratio"] - 1.0
    return np.asarray(
        (1.0 + found["prevalence1"] * more) / (1.0 + found["prevalence2"] * more)
    )


def evalue_risk_difference(
    table: TwoByTwo,
    *,
    null: float = 0.0,
    level: float = 0.95,
    grid: float | None = None,
) -> EValue:
    r"""E-values of risk differences and of their lower limits.

    With f the share exposed (group 1), confounding by a bounding factor B leaves of a
    positive risk difference at least

    .. math:: RD(B) = (p_1 - B p_0)\Bigl(f + \frac{1 - f}{B}\Bigr),

    and the E-value is that of the B at which this reaches `null`. The limit's is that
    of the B at which the Wald limit of RD(B) does, by the delta method over
    :math:`p_1, p_0` and f:

    .. math:: \operatorname{var} = (v_1 + B^2 v_0)\Bigl(f + \frac{1 - f}{B}\Bigr)^2
        + (p_1 - B p_0)^2 (1 - 1/B)^2 \frac{f (1 - f)}{N}.

    B is solved for. Where the risk difference is negative the groups change places.

    Parameters
    ----------
    table : TwoByTwo
        Group 1 the exposed, of any shape ``(..., K)``; sampled so that its sizes
        reflect how many are exposed.
    null : float
        Risk difference to which the estimate is to be moved; not negative: it is
        taken in the direction of the estimate.
    level : float
        Confidence level.
    grid : float, optional
        Take for the limit the first multiple of `grid` at which it is reached, as
        tools that search a grid of B (of 0.0001) do.

    Returns
    -------
    EValue
        `ratio` is the bounding factor at which the difference reaches `null`.

    Raises
    ------
    InvalidEvidenceError
        For a level outside (0, 1), a null outside [0, 1) or a grid not positive.

    References
    ----------
    Ding & VanderWeele (2016). Epidemiology 27:368-377.
    VanderWeele & Ding (2017). Annals of Internal Medicine 167:268-274.

    Examples
    --------
    >>> smoking = TwoByTwo.from_cells(a=397, b=78557, c=51, d=108778)
    >>> found = evalue_risk_difference(smoking)
    >>> found.point.round(3), found.limit.round(3)
    (array([20.947]), array([15.957]))
    """
    require_kind(
        table,
        TwoByTwo,
        field="table",
        requirement="a TwoByTwo, as TwoByTwo.from_counts() makes it",
    )
    level = share("level", level)
    null = finite("null", null)
    if grid is not None and not finite("grid", grid) > 0.0:
        raise InvalidEvidenceError(field="grid", requirement="positive", given=grid)
    if not 0.0 <= null < 1.0:
        raise InvalidEvidenceError(
            field="null", requirement="from 0 to below 1", given=null
        )
    z = float(-special.ndtri((1.0 - level) / 2.0))
    flip = table.risk1 < table.risk2
    p1, p0 = (
        np.where(flip, a, b)
        for a, b in ((table.risk2, table.risk1), (table.risk1, table.risk2))
    )
    n1, n0 = (
        np.where(flip, a, b) for a, b in ((table.n2, table.n1), (table.n1, table.n2))
    )
    f = n1 / (n1 + n0)
    v1, v0 = p1 * (1.0 - p1) / n1, p0 * (1.0 - p0) / n0
    vf = f * (1.0 - f) / (n1 + n0)

    def left(log_b: Floats, width: float) -> Floats:
        b = np.exp(log_b)
        rest, exposed = p1 - b * p0, f + (1.0 - f) / b
        variance = (v1 + b**2 * v0) * exposed**2 + rest**2 * (1.0 - 1.0 / b) ** 2 * vf
        return np.asarray(rest * exposed - width * np.sqrt(variance) - null)

    point = np.exp(_crossing(lambda x: left(x, 0.0), p0))
    limit = np.exp(_crossing(lambda x: left(x, z), p0))
    if grid is not None:
        limit = np.ceil(limit / grid) * grid
    return EValue(bias_threshold(point), bias_threshold(limit), point, null)


def _crossing(left: Callable[[Floats], Floats], p0: Floats) -> Floats:
    """Least logarithm of B at which `left` is no longer positive; 0 where it is not.

    Where the unexposed have no events no confounding of this kind reaches the null,
    and the E-value is infinite.
    """
    start, end = np.zeros_like(p0), np.full_like(p0, _FAR)
    root, found = bracketed_root(left, start, end)
    reached: Bools = left(start) <= 0.0
    return np.where(reached, 0.0, np.where(found, root, np.inf))

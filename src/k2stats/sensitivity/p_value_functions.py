"""P-value functions of single trials: of tables, and of printed ratios."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.evidence._coerce import require, together
from k2stats.numerics import tails
from k2stats.sensitivity.p_value_curves import (
    FAR,
    POINTS,
    PValueFunction,
    checked_grid,
    wald_curves,
    with_value,
)
from k2stats.significance import confidence_interval
from k2stats.significance._score import (
    Score,
    odds_ratio_score,
    risk_difference_score,
    risk_ratio_score,
)
from k2stats.significance.ratio_conversions import se_from_limits

_SCORES: dict[str, tuple[Callable[[TwoByTwo], Score], bool, float]] = {
    "RD": (lambda t: risk_difference_score(t, bias=False), False, 0.0),
    "RR": (lambda t: risk_ratio_score(t, bias=False), True, 1.0),
    "OR": (lambda t: odds_ratio_score(t, bias=False), True, 1.0),
}


def p_value_function(
    table: TwoByTwo, measure: str = "RR", theta: ArrayLike | None = None
) -> PValueFunction:
    r"""P-value functions of 2x2 tables by the score test.

    .. math:: p(\theta) = 2 \Phi(-|z(\theta)|)

    with the variance at the estimate restricted to :math:`\theta`; at no effect this
    is Pearson's chi-squared test, and the values with p above alpha are the score
    interval (Mee; Koopman; Cornfield).

    Parameters
    ----------
    table : TwoByTwo
        Shape (K,): a curve for each.
    measure : {"RD", "RR", "OR"}
    theta : array_like, optional
        Values to test, ascending, on the natural scale; from where p is 0.0001 on
        one side to where it is so on the other by default, the null among them.

    Returns
    -------
    PValueFunction

    Raises
    ------
    InvalidEvidenceError
        For an unknown measure, values that are not ascending or outside the
        measure's range, or a batch of sets.

    References
    ----------
    Poole (1987). American Journal of Public Health 77:195-199.
    Miettinen & Nurminen (1985). Statistics in Medicine 4:213-226.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> curve = p_value_function(fusion, "RR")
    >>> [end.round(3) for end in curve.interval()]
    [array([0.999]), array([1.601])]
    """
    if measure not in _SCORES:
        raise InvalidEvidenceError(
            field="measure", requirement="'RD', 'RR' or 'OR'", given=measure
        )
    if table.events1.ndim != 1:
        raise InvalidEvidenceError(
            field="table", requirement="of shape (K,)", given=table.shape
        )
    make, log_scale, null = _SCORES[measure]
    column = TwoByTwo(
        *(x[:, None] for x in (table.events1, table.n1, table.events2, table.n2))
    )
    score: Score = make(column)
    with np.errstate(all="ignore"):
        estimate = {
            "RD": table.risk1 - table.risk2,
            "RR": table.risk1 / table.risk2,
            "OR": table.a * table.d / (table.b * table.c),
        }[measure]
    if theta is None:
        grid = _score_grid(table, measure, log_scale=log_scale, null=null)
    else:
        grid = checked_grid(theta, positive=log_scale)
        if measure == "RD":
            require("theta", "from -1 to 1", np.abs(grid) <= 1.0, grid)
    shape = (table.events1.size, grid.size)
    with np.errstate(all="ignore"):
        asked = np.broadcast_to(np.log(grid) if log_scale else grid, shape)
        distance, se = score(np.array(asked))
        p = tails.normal_p(distance / se)
    # no distance and no error: the data fit the value as well as any
    p = np.where((distance == 0.0) & (se == 0.0), 1.0, p)
    labels = tuple(f"table {i + 1}" for i in range(shape[0]))
    return PValueFunction(
        theta=grid,
        p=p,
        labels=labels,
        estimate=estimate,
        pooled=(False,) * shape[0],
        null=null,
        log_scale=log_scale,
        method="score",
        symbol=measure,
    )


def _score_grid(
    table: TwoByTwo, measure: str, *, log_scale: bool, null: float
) -> Floats:
    """Values from the lowest to the highest score limit of all tables."""
    method = {"RD": "mee", "RR": "koopman", "OR": "score"}[measure]
    found = confidence_interval(table, measure, method, 1.0 - FAR)
    if not log_scale:
        low, high = min(found.low.min(), null), max(found.high.max(), null)
        return with_value(np.linspace(low, high, POINTS), null)
    finite = [np.log(x[(x > 0) & np.isfinite(x)]) for x in (found.low, found.high)]
    low = min(finite[0].min(initial=0.0), 0.0)
    high = max(finite[1].max(initial=0.0), 0.0)
    if low == 0.0:
        low = -max(high, np.log(100.0))
    if high == 0.0:
        high = max(-low, np.log(100.0))
    return np.exp(with_value(np.linspace(low, high, POINTS), 0.0))


def p_value_function_of_ratio(
    estimate: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    level: float = 0.95,
    theta: ArrayLike | None = None,
    labels: Sequence[Hashable] | None = None,
    symbol: str = "ratio",
) -> PValueFunction:
    r"""P-value functions of ratios from their printed confidence limits.

    .. math:: p(\theta) = 2 \Phi\Bigl(-\frac{|\ln\hat\theta - \ln\theta|}{s}\Bigr),
        \qquad s = \frac{\ln U - \ln L}{2 z_{1 - \alpha/2}}

    Parameters
    ----------
    estimate, low, high : array_like, shape (C,)
        On the natural scale.
    level : float
        Confidence level of the limits.
    theta : array_like, optional
        Values to test, ascending.
    labels : sequence, optional
        Names of the curves.
    symbol : str
        What the ratio is called, for the axis.

    Returns
    -------
    PValueFunction

    Raises
    ------
    InvalidEvidenceError
        For ratios that are not positive, limits in the wrong order, a wrong level or
        a wrong number of labels.

    References
    ----------
    Rafi & Greenland (2020). BMC Medical Research Methodology 20:244.

    Examples
    --------
    >>> curve = p_value_function_of_ratio(1.17, 1.02, 1.34, theta=[0.9, 1.0, 1.17, 1.4])
    >>> curve.p.round(3)
    array([[0.   , 0.024, 1.   , 0.01 ]])
    """
    given = together({"estimate": estimate, "low": low, "high": high})
    for name, values in given.items():
        require(name, "positive", values > 0, values)
    require("high", "above low", given["high"] > given["low"], given["high"])
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    se = se_from_limits(given["low"], given["high"], level)
    y = np.log(given["estimate"])
    return wald_curves(
        y, se, theta, labels, log_scale=True, symbol=symbol, pooled=False
    )

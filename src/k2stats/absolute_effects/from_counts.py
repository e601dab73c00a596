"""Risk differences and numbers needed to treat from counts."""

import numpy as np

from k2stats.absolute_effects._inputs import EventsAre, as_horizon, benefit_sign
from k2stats.absolute_effects.numbers_needed import NNT, from_signed
from k2stats.evidence import Horizon, PrintedTwoByTwo, TwoByTwo
from k2stats.significance import IntervalResult, confidence_interval
from k2stats.significance.confidence import one_table


def risk_difference(
    table: TwoByTwo | PrintedTwoByTwo, interval: str = "newcombe", level: float = 0.95
) -> IntervalResult:
    r"""Risk of group 1 minus risk of group 2, with an interval.

    .. math:: d = x_1 / n_1 - x_2 / n_2

    Parameters
    ----------
    table : TwoByTwo or PrintedTwoByTwo
        Counts of shape (..., K), or a print that one table alone fits.
    interval : str
        Name of a registered risk difference interval.
    level : float
        Confidence level.

    Returns
    -------
    IntervalResult
        The observed difference, whichever the method, and limits within -1 to 1, as
        shares. (An Agresti-Caffo interval is centred elsewhere; a Wald interval can
        overshoot and is cut off here.)

    Raises
    ------
    UnknownMethodError, InvalidEvidenceError, AmbiguousEvidenceError
        As :func:`k2stats.significance.confidence_interval`.

    References
    ----------
    Newcombe (1998). Statistics in Medicine 17:873-890.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> d = risk_difference(fusion)
    >>> d.estimate.round(4), d.low.round(4), d.high.round(4)
    (array([0.1738]), array([-0.0038]), array([0.3462]))
    """
    counts = one_table(table)
    found = confidence_interval(counts, "RD", interval, level)
    return IntervalResult(
        counts.risk1 - counts.risk2,
        np.clip(found.low, -1.0, 1.0),
        np.clip(found.high, -1.0, 1.0),
    )


def nnt(
    table: TwoByTwo | PrintedTwoByTwo,
    interval: str = "newcombe",
    level: float = 0.95,
    *,
    events: EventsAre = "beneficial",
    horizon: Horizon | str | None = None,
) -> NNT:
    r"""Number needed to treat from counts, :math:`1 / |x_1/n_1 - x_2/n_2|`.

    Limits are the reciprocals of those of the risk difference; where these have
    different signs, the interval passes through infinity and prints so.

    Parameters
    ----------
    table : TwoByTwo or PrintedTwoByTwo
        Counts of shape (..., K), or a print that one table alone fits.
    interval : str
        Name of a registered risk difference interval.
    level : float
        Confidence level.
    events : {"beneficial", "harmful"}
        What an event is. ``"beneficial"``, the default: fusions, responses; more of
        them in group 1 is a benefit (NNTB). ``"harmful"``: deaths, fractures, stones;
        more of them in group 1 is a harm (NNTH). The counts cannot tell, so name it
        whenever events are bad.
    horizon : Horizon or str, optional
        Length of follow-up, e.g. ``"7.0 y"``; by default the one printed with the
        table, if any. It is kept with the result, never guessed.

    Returns
    -------
    NNT
        Of shape (..., K).

    Raises
    ------
    UnknownMethodError, InvalidEvidenceError, AmbiguousEvidenceError
        As :func:`k2stats.significance.confidence_interval`.

    References
    ----------
    Altman (1998). BMJ 317:1309-1312. Laupacis, Sackett and Roberts (1988). N Engl J
    Med 318:1728-1733.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> print(nnt(fusion))
    NNTB 5.75 (NNTB 2.89 to inf to NNTH 262)
    >>> print(nnt(fusion, interval="wald"))
    NNTB 5.75 (NNTB 2.90 to NNTB 315)
    """
    sign = benefit_sign(events)
    chosen = as_horizon(horizon)
    if chosen is None and isinstance(table, PrintedTwoByTwo):
        chosen = table.horizon
    found = risk_difference(table, interval, level)
    return from_signed(
        found.estimate,
        found.low,
        found.high,
        sign=sign,
        level=level,
        horizon=chosen,
        method=interval,
    )

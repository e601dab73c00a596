"""Pools that were printed with some trials and without them."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from k2stats._typing import Floats
from k2stats.evidence import RatioWithCI, Source


@dataclass(frozen=True, slots=True)
class PrintedLeaveOut:
    """A pooled ratio printed twice: with some trials, and without them.

    Attributes
    ----------
    key, title, outcome : str
    before, after : RatioWithCI
        With and without the trials.
    source_before, source_after : Source
    left_out : str
        Which trials were left out, in words.
    trials : tuple of Source
        Them, with their status, as far as they are named.
    missing : tuple of str
        What would be needed to recompute the two.
    """

    key: str
    title: str
    outcome: str
    before: RatioWithCI
    after: RatioWithCI
    source_before: Source
    source_after: Source
    left_out: str
    trials: tuple[Source, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Implied:
    """What the trials left out of a printed pool must have been, over all rounding.

    Attributes
    ----------
    share_low, share_high : float
        Their share of the weight of the first pool.
    share : float
        At the printed digits.
    low, high, estimate : float
        Their own pooled ratio. Infinite or 0 where the rounding leaves it open.
    """

    share_low: float
    share: float
    share_high: float
    low: float
    estimate: float
    high: float


def implied(pair: PrintedLeaveOut) -> Implied:
    r"""Weight and ratio of the trials that two printed pools differ by.

    With common-effect weights :math:`w = 1/s^2` before (b) and after (a) leaving them
    out,

    .. math:: \text{share} = 1 - w_a / w_b, \qquad
        y = \frac{w_b y_b - w_a y_a}{w_b - w_a}

    both monotone in each printed number, so that their extremes over the rounding of
    all six stand at corners.

    Examples
    --------
    >>> from k2stats.evidence import Reported, Source
    >>> s = Source("doe", "Doe")
    >>> def ratio(*text):
    ...     return RatioWithCI("OR", *map(Reported, text))
    >>> found = implied(PrintedLeaveOut(
    ...     "x", "X", "hip fracture", ratio("0.23", "0.12", "0.47"),
    ...     ratio("0.30", "0.05", "1.74"), s, s, "3 trials"))
    >>> round(found.share, 2), round(found.estimate, 2)
    (0.85, 0.22)
    """
    middle = _left_over(
        np.array([_y(pair.before)]),
        np.array([_y(pair.after)]),
        np.array([_width(pair.before, "value")]),
        np.array([_width(pair.after, "value")]),
    )
    ends = [
        _y_ends(pair.before),
        _y_ends(pair.after),
        (_width(pair.before, "least"), _width(pair.before, "most")),
        (_width(pair.after, "least"), _width(pair.after, "most")),
    ]
    corners = np.array(list(product(*ends))).T
    share, y = _left_over(*corners)
    low, high = float(np.min(y)), float(np.max(y))
    if bool((share <= 0.0).any()):  # the weight may be none: any ratio goes with it
        low, high = -np.inf, np.inf
    return Implied(
        share_low=max(float(share.min()), 0.0),
        share=float(middle[0][0]),
        share_high=float(share.max()),
        low=float(np.exp(low)),
        estimate=float(np.exp(middle[1][0])),
        high=float(np.exp(high)),
    )


def _left_over(
    before: Floats, after: Floats, width_b: Floats, width_a: Floats
) -> tuple[Floats, Floats]:
    """Share and mean of what was left out, from means and widths of the limits."""
    ratio = (width_b / width_a) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1.0 - ratio, (before - ratio * after) / (1.0 - ratio)


def _y(ratio: RatioWithCI) -> float:
    return float(np.log(float(ratio.estimate.value)))


def _y_ends(ratio: RatioWithCI) -> tuple[float, float]:
    low, high = ratio.estimate.interval.floats()
    return float(np.log(low)), float(np.log(high))


def _width(ratio: RatioWithCI, which: str) -> float:
    """Distance of the log limits: as printed, or the least or most that prints so."""
    if which == "value":
        ends = float(ratio.low.value), float(ratio.high.value)
    else:
        low, high = ratio.low.interval.floats(), ratio.high.interval.floats()
        ends = (low[1], high[0]) if which == "least" else (low[0], high[1])
    return float(np.log(ends[1]) - np.log(ends[0]))

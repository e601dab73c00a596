"""Rounding windows of a ratio and its limits on the log scale, and z over them."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from k2stats.evidence import RatioWithCI
from k2stats.numerics import tails
from k2stats.significance.enclosures import EMPTY, Enclosure
from k2stats.significance.ratio_conversions import normal_quantile

FAR = -740.0
"""Smallest logarithm a ratio held as a float can have."""
Point: TypeAlias = tuple[float, float]
Extreme: TypeAlias = tuple[float, dict[str, float]]


@dataclass(frozen=True, slots=True)
class LogWindows:
    """Rounding windows on the log scale; ``-inf`` where one reaches zero."""

    estimate: Point
    low: Point
    high: Point


def log_windows(ratio: RatioWithCI) -> LogWindows:
    """Return the windows of a printed ratio."""
    windows = (x.interval.floats() for x in (ratio.estimate, ratio.low, ratio.high))
    return LogWindows(*((_log(low), _log(high)) for low, high in windows))


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def sizes(
    ratio: RatioWithCI,
) -> tuple[Extreme, Extreme]:
    """Greatest and least size of z, windows independent, with witnesses."""
    box = log_windows(ratio)
    e0, e1 = box.estimate
    far = e0 if abs(e0) >= abs(e1) else e1
    near = 0.0 if e0 <= 0.0 <= e1 else min(e0, e1, key=abs)
    narrow = (min(box.low[1], box.high[1]), max(box.high[0], box.low[0]))
    wide = (box.low[0], box.high[1])
    return (
        (_size(far, *narrow, ratio.level), _witness(*narrow, far)),
        (_size(near, *wide, ratio.level), _witness(*wide, near)),
    )


def _size(log_estimate: float, low: float, high: float, level: float) -> float:
    """Size of z; no effect gives 0 whatever the width, no width else infinity."""
    width = max(high - low, 0.0)
    if log_estimate == 0.0 or width == math.inf:
        return 0.0
    effect = 2.0 * normal_quantile(level) * abs(log_estimate)
    return effect / width if width > 0 else math.inf


def clip(polygon: list[Point], a: float, b: float, c: float) -> list[Point]:
    """Keep the part of a convex polygon where ``a x + b y >= c``."""
    if c == -math.inf:
        return polygon
    sides = [a * x + b * y - c for x, y in polygon]
    kept: list[Point] = []
    for k, (x, y) in enumerate(polygon):
        k2 = (k + 1) % len(polygon)
        if sides[k] >= 0:
            kept.append((x, y))
        if sides[k] * sides[k2] < 0:
            share = sides[k] / (sides[k] - sides[k2])
            x2, y2 = polygon[k2]
            kept.append((x + share * (x2 - x), y + share * (y2 - y)))
    return kept


def p_over(polygon: list[Point], level: float, *, from_zero: bool) -> Enclosure:
    """Range of p of z* (u + l) / (u - l) over a polygon of log limits."""
    found: list[tuple[float, Point]] = []
    for low, high in polygon:
        if high > low:
            z = normal_quantile(level) * (high + low) / (high - low)
            found.append((z, (low, high)))
        elif high + low != 0.0:
            found.append((math.copysign(math.inf, high + low), (low, high)))
    if from_zero and found:  # as the lower limit tends to zero z tends to -z*
        found.append((-normal_quantile(level), (-math.inf, polygon[0][1])))
    if not found:
        return EMPTY
    least, most = min(found), max(found)
    far = max(least, most, key=lambda item: abs(item[0]))
    if least[0] < 0.0 < most[0]:
        near = (0.0, _balance(least[1], most[1]))
    else:
        near = min(least, most, key=lambda item: abs(item[0]))
    low_p, high_p = (float(tails.normal_p(np.array(x))) for x, _ in (far, near))
    return Enclosure(low_p, high_p, _witness(*far[1]), _witness(*near[1]))


def _balance(first: Point, second: Point) -> Point:
    """Point between two where the log limits add up to zero."""
    a, b = sum(first), sum(second)
    share = a / (a - b) if math.isfinite(a) else 1.0
    low, high = (x + share * (y - x) for x, y in zip(first, second, strict=True))
    return low, high


def _witness(
    low: float, high: float, estimate: float | None = None
) -> dict[str, float]:
    """Estimate and limits on the natural scale."""
    middle = (low + high) / 2.0 if estimate is None else estimate
    names = ("estimate", "low", "high")
    return dict(zip(names, map(math.exp, (middle, low, high)), strict=True))

"""Every maximum of the likelihood of tau2 of one data set after another, compiled.

Formulas are those of `_certify` and `_maximise`, which say why; tests hold them
together. Scratch memory is as in `_fast_sums`, and so is the rule of one file.
"""

import math
from typing import TypeAlias

import numpy as np

from k2stats._typing import Floats, Ints
from k2stats.heterogeneity._fast import compiled, inlined
from k2stats.heterogeneity._fast_sums import Scratch, load

Point: TypeAlias = tuple[float, float, float, float, float]
"""A tau2 and there g, g3, h, h2."""
Kind: TypeAlias = tuple[bool, bool]
"""Whether the likelihood is the restricted one, and whether it is penalised."""

_CLOSE, _STEPS = 1e-8, 100
_FLAT, _CUTS, _DEEP, _MOST = 1e-11, 10_000, 512, 64
_TINY = 1e-300
_ROUNDING = 2.3e-16


@inlined
def _at(s: Scratch, t: float, kind: Kind) -> Point:
    y, v, w, least = s
    restricted, prior = kind
    first = 1.0 / (least + t)
    rest = wy = 0.0
    for i in range(y.size):
        x = 1.0 / (v[i] + t)
        w[i] = x
        rest += x
        wy += x * y[i]
    total = first + rest
    part = 1.0 / total
    mean = wy * part
    own = first * mean
    g = we = g3 = s2 = s3 = 0.0
    for i in range(y.size):
        x = w[i]
        e = (y[i] - mean) * x
        d = e + own
        xd = x * d
        xx = x * x
        g += e * e
        we += xd
        g3 += xd * d
        s2 += xx
        s3 += xx * x
    g += own * own
    g3 -= we * we * part
    if restricted:
        a, b = first * part, s2 * part
        h = rest + (a * rest - b)
        h2 = (a * rest) ** 2 + s2 * (1.0 + 2.0 * a * a) - 2.0 * s3 * part + b * b
    else:
        h, h2 = total, s2 + first * first
    if prior:
        g += 1.0 / t
        g3 += 0.5 / (t * t)
    return t, g, g3, h, h2


@inlined
def _falls_for_ever(p: Point, largest: float) -> bool:
    t, g, _, h, h2 = p
    rho = g / h
    if not rho < 1.0:
        return False
    return rho * h2 * (t + largest) < h * (2.0 + 2.0 * math.sqrt(1.0 - rho))


@inlined
def _stays_above(p: Point, q: Point) -> bool:
    length = q[0] - p[0]
    fa, fb = 1.0 / math.sqrt(p[1]), 1.0 / math.sqrt(q[1])
    ra, rb = p[2] / max(p[1], _TINY), q[2] / max(q[1], _TINY)
    ha, hb = 1.0 / p[3], 1.0 / q[3]
    x = (fb * (1.0 - rb * length) - fa) / (fa * ra - fb * rb)
    if not math.isfinite(x):
        x = 0.5 * length
    x = min(max(x, 0.0), length)
    top = max(fa * (1.0 + ra * x), fb * (1.0 - rb * (length - x)))
    return ha + (hb - ha) * x / length > top * top


@inlined
def _stays_below(p: Point, q: Point) -> bool:
    length = q[0] - p[0]
    fa, ha, hb = 1.0 / math.sqrt(p[1]), 1.0 / p[3], 1.0 / q[3]
    slope = (1.0 / math.sqrt(q[1]) - fa) / length
    lift_a, lift_b = ha * ha * p[4], hb * hb * q[4]
    base = hb - lift_b * length
    cross = (base - ha) / (lift_a - lift_b)
    if not math.isfinite(cross):
        cross = 0.5 * length
    cross = min(max(cross, 0.0), length)
    half = 0.5 / (slope * slope)
    low = min(max((lift_a - 2.0 * fa * slope) * half, 0.0), cross)
    high = min(max((lift_b - 2.0 * fa * slope) * half, cross), length)
    at_low, at_high = fa + slope * low, fa + slope * high
    return (
        at_low * at_low > ha + lift_a * low and at_high * at_high > base + lift_b * high
    )


@inlined
def _cut(p: Point, q: Point, offset: float) -> float:
    """Where to cut a cell: any place will do, so one that needs no logarithms."""
    left, right = p[1] / p[3], q[1] / q[3]
    share = 0.5
    if left > 1.0 and right < 1.0:
        left, right = (left - 1.0) / (left + 1.0), (1.0 - right) / (1.0 + right)
        share = min(max(left / (left + right), 0.1), 0.9)
    low = p[0] + offset
    ratio = math.sqrt((q[0] + offset) / low)
    rest = 1.0 - share
    # The geometric mean for a half, and near the geometric interpolation elsewhere.
    middle = low * (rest + share * ratio) / (rest + share / ratio) - offset
    return middle if p[0] < middle < q[0] else 0.5 * (p[0] + q[0])


@inlined
def _settled(p: Point, q: Point) -> tuple[bool, bool]:
    """Whether nothing more is to be asked of a cell, and whether it has a maximum."""
    length = q[0] - p[0]
    above, below = p[1] > p[3], not q[1] > q[3]
    # Half-lives are compared, r of g with s of h, multiplied out.
    if (
        2.0 * q[2] * p[3] > p[4] * q[1]
        or 2.0 * p[2] * q[3] < q[4] * p[1]
        or not length > 0.0
        or 0.5 * length * max(p[1] - q[3], p[3] - q[1]) < _FLAT
    ):
        return True, above and below
    if above and not below:
        return _stays_above(p, q), False
    if below and not above:
        return _stays_below(p, q), False
    return False, False


@inlined
def _newton(p: Point) -> float:
    """Newton's step for h / g = 1 from a point, with one division to wait for."""
    t, g, g3, h, h2 = p
    return t + (g - h) * g / (2.0 * g3 * h - h2 * g)


@inlined
def _refine(s: Scratch, a: float, b: float, t: float, kind: Kind) -> float:
    """Return the maximum between a and b, from t on."""
    offset = s[3]
    for _ in range(_STEPS):
        p = _at(s, t, kind)
        if p[1] > p[3]:
            a = t
        else:
            b = t
        new = _newton(p)
        if a <= new <= b:
            if abs(new - t) <= _CLOSE * (t + offset):
                return new
        else:
            new = 0.5 * (a + b)
        if b - a <= 1e-15 * (b + offset):
            return new
        t = new
    return np.nan


@inlined
def _within(s: Scratch, p: Point, q: Point, kind: Kind) -> float:
    """Return the maximum of a cell."""
    t = _newton(p if p[1] * q[1] <= p[3] * q[3] else q)
    if not p[0] < t < q[0]:
        t = _cut(p, q, s[3])
    return _refine(s, p[0], q[0], t, kind)


@inlined
def _beyond(s: Scratch, p: Point, b: float, kind: Kind) -> float:
    """Return the maximum between a point and a bound."""
    t = _newton(p)
    if not p[0] < t < b:
        t = 0.5 * (p[0] + b)
    return _refine(s, p[0], b, t, kind)


@inlined
def _finite(p: Point) -> bool:
    return math.isfinite(p[1] + p[2] + p[3] + p[4])


@inlined
def _bounds(
    s: Scratch, k: float, sums: tuple[float, float, float], kind: Kind
) -> tuple[float, float, float]:
    """Where to search from and to, and where g / h begins to fall."""
    restricted, prior = kind
    total, square, largest = sums
    least = s[3]
    # With an effect of zero among them the squares are at most k + 1 times those
    # about the mean, which bounds what rounding does to the difference.
    spread = max(square - total * total / k, 0.0)
    count = k - 1.0 if restricted else k
    if prior:
        count = 0.5 * (count - 1.0)
    ratio = 0.5 * spread / count
    x = ratio + math.sqrt(ratio * (ratio + 2.0 * (largest - least)))
    low, upper = 0.0, x * (1.0 + 1e-12 + _ROUNDING * k * k) - least
    if prior:
        upper = max(upper, largest / count)
        low = 0.5 / _at(s, 0.0, (restricted, False))[3]
    return low, upper, min(max(largest - 2.0 * least, low), upper)


@inlined
def _in_cells(
    s: Scratch, p: Point, q: Point, kind: Kind, todo: Floats, found: Floats, modes: int
) -> int:
    """Write the maxima between two points to `found`; return how many are there now.

    That is -1 where the search did not end.
    """
    deep = cuts = 0
    while True:
        done, peak = _settled(p, q)
        if peak and modes == found.size:
            return -1
        if peak:
            found[modes] = _within(s, p, q, kind)
            modes += 1
        if not done:
            cuts += 1
            middle = _at(s, _cut(p, q, s[3]), kind)
            if cuts > _CUTS or deep == _DEEP or not _finite(middle):
                return -1
            for j in range(5):
                todo[deep, j], todo[deep, 5 + j] = middle[j], q[j]
            deep += 1
            q = middle
        elif deep == 0:
            return modes
        else:
            deep -= 1
            c = todo[deep]
            p, q = (c[0], c[1], c[2], c[3], c[4]), (c[5], c[6], c[7], c[8], c[9])


@inlined
def _modes(
    s: Scratch,
    k: float,
    sums: tuple[float, float, float],
    kind: Kind,
    todo: Floats,
    found: Floats,
) -> int:
    """Write the maxima of one set to `found`; return how many, or -1 if not ended."""
    low, upper, bend = _bounds(s, k, sums, kind)
    found[0], modes = low, 0
    if upper <= 0.0:
        return 1
    start = _at(s, low, kind)
    if not start[1] > start[3]:
        modes = 1
        if bend <= low or (not kind[1] and _falls_for_ever(start, sums[2])):
            return modes
    end = _at(s, bend, kind) if bend > low else start
    if not (_finite(start) and _finite(end)):
        return -1
    modes = _in_cells(s, start, end, kind, todo, found, modes)
    if modes >= 0 and end[1] > end[3] and upper > bend:
        if modes == found.size:
            return -1
        found[modes] = _beyond(s, end, upper, kind)
        modes += 1
    return modes


@compiled
def maxima(
    y: Floats, v: Floats, best: Ints, k: Floats, restricted: bool, prior: bool
) -> tuple[Ints, Floats, Ints, Floats]:
    """Return how many maxima each set has and one of them, then all the others.

    Zero stands for too few studies and -1 for a search that did not end.
    """
    size, width = y.shape
    vv, ww = np.empty(width), np.empty(width)
    todo, found = np.empty((_DEEP, 10)), np.empty(_MOST)
    count, first = np.zeros(size, np.int64), np.full(size, np.nan)
    element, value = np.empty(16, np.int64), np.empty(16)
    others = 0
    for j in range(size):
        if k[j] < (3.0 if prior and restricted else 2.0):
            continue
        sums = load(y[j], v[j], best[j], vv)
        s = (y[j], vv, ww, v[j, best[j]])
        count[j] = _modes(s, k[j], sums, (restricted, prior), todo, found)
        if count[j] > 0:
            first[j] = found[0]
        for m in range(1, count[j]):
            if others == element.size:
                element = np.append(element, np.empty(others, np.int64))
                value = np.append(value, np.empty(others))
            element[others], value[others] = j, found[m]
            others += 1
    return count, first, element[:others], value[:others]


@compiled
def moments(
    y: Floats, v: Floats, best: Ints, t: Floats, pick: Ints, restricted: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return g, r, h and s at a tau2 for each set picked."""
    width, size = y.shape[1], pick.size
    vv, ww = np.empty(width), np.empty(width)
    g, r, h, s = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for m in range(size):
        j = pick[m]
        load(y[j], v[j], best[j], vv)
        p = _at((y[j], vv, ww, v[j, best[j]]), t[m], (restricted, False))
        g[m], r[m] = p[1], p[2] / max(p[1], _TINY)
        h[m], s[m] = p[3], p[4] / p[3]
    return g, r, h, s

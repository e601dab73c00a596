"""Sums over the studies of one data set after another, compiled by numba.

Formulas are those of `_profile`, `_studies` and `_solve_q`, which say why; tests hold
them together. A set is a row of a batch. The most precise study, which has effect 0,
is kept apart: the variances are copied to scratch memory with an infinite one in its
place, as absent studies have it, and weigh nothing in a sum over the row.

What a function calls is in its own file but for `load`: numba's store on disk notices
a change to the file of a function, not one to the files of those that it calls.
"""

import math
from typing import TypeAlias

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity._fast import compiled, inlined, inlined_without_nan

Scratch: TypeAlias = tuple[Floats, Floats, Floats, float]
"""Of a set: effects, variances but the least, room for weights, the least variance."""

_CLOSE, _STEPS = 1e-8, 2000


@inlined_without_nan
def load(y: Floats, v: Floats, best: int, others: Floats) -> tuple[float, float, float]:
    """Write the variances but the least to `others`.

    Return the sum and the sum of squares of the effects, and the largest variance.
    """
    total = square = largest = 0.0
    for i in range(y.size):
        z, x = y[i], v[i]
        others[i] = x
        total += z
        square += z * z
        largest = max(largest, x if x < np.inf else 0.0)
    others[best] = np.inf
    return total, square, largest


@inlined
def _quadratic(s: Scratch, t: float) -> tuple[float, float, float, float, float]:
    """Return q, g, the mean, the weight of the first and that of all others.

    The weights of the others are left in the scratch memory.
    """
    y, v, w, least = s
    first = 1.0 / (least + t)
    rest = wy = 0.0
    for i in range(y.size):
        x = 1.0 / (v[i] + t)
        w[i] = x
        rest += x
        wy += x * y[i]
    mean = wy / (first + rest)
    own = first * mean
    q = g = 0.0
    for i in range(y.size):
        e = y[i] - mean
        x = w[i] * e
        q += x * e
        g += x * x
    return q + own * mean, g + own * own, mean, first, rest


@inlined
def _traces(w: Floats, first: float, rest: float) -> tuple[float, float, float]:
    """Return tr P, tr PP and tr WW from the weights of all but the first."""
    s2 = s3 = 0.0
    for i in range(w.size):
        x = w[i]
        xx = x * x
        s2 += xx
        s3 += xx * x
    part = 1.0 / (first + rest)
    a, b = first * part, s2 * part
    h = rest + (a * rest - b)
    h2 = (a * rest) ** 2 + s2 * (1.0 + 2.0 * a * a) - 2.0 * s3 * part + b * b
    return h, h2, s2 + first * first


@compiled
def centred(y: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Ints, Floats]:
    """Effects from that of the most precise study on, and scaled; and variances.

    Then the scale, which study that is, and its effect.
    """
    size, width = y.shape
    out_y, out_v = np.empty((size, width)), np.empty((size, width))
    scale, best, shift = np.empty(size), np.empty(size, np.int64), np.empty(size)
    for j in range(size):
        b = 0
        for i in range(1, width):
            if v[j, i] < v[j, b]:
                b = i
        s = 1.0
        if v[j, b] < np.inf:
            s = math.ldexp(1.0, math.frexp(v[j, b])[1] >> 1)
        by, at = 1.0 / s, y[j, b]
        scale[j], best[j], shift[j] = s, b, at
        for i in range(width):
            out_y[j, i] = (y[j, i] - at) * by
            out_v[j, i] = v[j, i] * (by * by)
    return out_y, out_v, scale, best, shift


@compiled
def means(
    y: Floats, v: Floats, t: Floats, square: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Weights divided by `square`, and of those that are not: sum, mean, residuals."""
    size, width = y.shape
    w = np.empty((size, width))
    total, mean, rss = np.empty(size), np.empty(size), np.empty(size)
    for j in range(size):
        s = wy = q = 0.0
        at, by = t[j], 1.0 / square[j]
        for i in range(width):
            x = 1.0 / (v[j, i] + at)
            w[j, i] = x
            s += x
            wy += x * y[j, i]
        m = wy / s
        for i in range(width):
            e = y[j, i] - m
            q += w[j, i] * e * e
            w[j, i] *= by
        total[j], mean[j], rss[j] = s, m, q
    return w, total, mean, rss


@inlined
def _spread(y: Floats, v: Floats, mean: float) -> float:
    """Sum of squares about a mean of the studies that are present."""
    square = 0.0
    for i in range(y.size):
        e = y[i] - mean if v[i] < np.inf else 0.0
        square += e * e
    return square


@compiled
def extents(y: Floats, v: Floats, k: Floats) -> tuple[Floats, Floats]:
    """Largest variance and unweighted sum of squares of each set."""
    size, width = y.shape
    vv = np.empty(width)
    largest, spread = np.empty(size), np.empty(size)
    for j in range(size):
        total, _, largest[j] = load(y[j], v[j], 0, vv)
        spread[j] = _spread(y[j], v[j], total / k[j])
    return largest, spread


@compiled
def closed(y: Floats, v: Floats, best: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Return q, tr P, tr PP and tr W at a tau2 of zero."""
    size, width = y.shape
    vv, ww = np.empty(width), np.empty(width)
    q, h, h2, total = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for j in range(size):
        load(y[j], v[j], best[j], vv)
        q[j], _, _, first, rest = _quadratic((y[j], vv, ww, v[j, best[j]]), 0.0)
        h[j], h2[j], _ = _traces(ww, first, rest)
        total[j] = first + rest
    return q, h, h2, total


@compiled
def quadratic(
    y: Floats, v: Floats, best: Ints, t: Floats, pick: Ints
) -> tuple[Floats, Floats]:
    """Return q and g at a tau2 for each set picked."""
    width = y.shape[1]
    vv, ww = np.empty(width), np.empty(width)
    q, g = np.empty(pick.size), np.empty(pick.size)
    for m in range(pick.size):
        j = pick[m]
        load(y[j], v[j], best[j], vv)
        q[m], g[m], _, _, _ = _quadratic((y[j], vv, ww, v[j, best[j]]), t[m])
    return q, g


@compiled
def traces(
    v: Floats, best: Ints, t: Floats, pick: Ints
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return tr P, tr PP, tr W and tr WW at a tau2 for each set picked."""
    width, size = v.shape[1], pick.size
    ww = np.empty(width)
    h, h2, w, w2 = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for m in range(size):
        j = pick[m]
        rest = 0.0
        first = 1.0 / (v[j, best[j]] + t[m])
        for i in range(width):
            x = 1.0 / (v[j, i] + t[m])
            ww[i] = x
        ww[best[j]] = 0.0
        for i in range(width):
            rest += ww[i]
        h[m], h2[m], w2[m] = _traces(ww, first, rest)
        w[m] = first + rest
    return h, h2, w, w2


@compiled
def log_likelihoods(
    y: Floats, v: Floats, best: Ints, t: Floats, pick: Ints, restricted: bool
) -> Floats:
    """Return the log-likelihood at a tau2 for each set picked, but for a constant."""
    width = y.shape[1]
    vv, ww = np.empty(width), np.empty(width)
    out = np.empty(pick.size)
    for m in range(pick.size):
        j = pick[m]
        load(y[j], v[j], best[j], vv)
        q, _, _, first, rest = _quadratic((y[j], vv, ww, v[j, best[j]]), t[m])
        ll = -q
        for i in range(width):
            if v[j, i] < np.inf:
                ll -= math.log(v[j, i] + t[m])
        if restricted:
            ll -= math.log(first + rest)
        out[m] = 0.5 * ll
    return out


@inlined
def _root(
    s: Scratch, target: float, spread: float, largest: float
) -> tuple[float, float]:
    """Return the tau2 at which q comes down to a target, and q at zero."""
    at_zero, slope, _, _, _ = _quadratic(s, 0.0)
    if at_zero <= target:
        return 0.0, at_zero
    if not (at_zero > target > 0.0):
        return np.nan, at_zero
    step = at_zero / target * (at_zero - target) / slope
    t = max(step, spread / target - largest)
    for _ in range(_STEPS):
        q, g, _, _, _ = _quadratic(s, t)
        new = max(t + q / target * (q - target) / g, 0.0)
        if abs(new - t) <= _CLOSE * (t + s[3]):
            return new, at_zero
        t = new
    return np.nan, at_zero


@compiled
def roots(
    y: Floats, v: Floats, best: Ints, k: Floats, target: Floats
) -> tuple[Floats, Floats, Bools]:
    """Return where q comes down to a target, q at zero, and whether that was found."""
    size, width = y.shape
    vv, ww = np.empty(width), np.empty(width)
    root, at_zero, found = np.empty(size), np.empty(size), np.empty(size, np.bool_)
    for j in range(size):
        total, _, largest = load(y[j], v[j], best[j], vv)
        s = (y[j], vv, ww, v[j, best[j]])
        spread = _spread(y[j], v[j], total / k[j])
        root[j], at_zero[j] = _root(s, target[j], spread, largest)
        found[j] = math.isfinite(root[j])
    return root, at_zero, found

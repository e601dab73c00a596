"""Sums over the studies of one data set after another, compiled by numba.

Formulas are those of `_profile`, `_studies` and `_solve_q`, which say why; tests hold
them together. A set is a row of a batch; its studies that are present are copied to
scratch memory, the most precise one, which has effect 0, at the head.

What a function calls is in its own file but for `load`: numba's store on disk notices
a change to the file of a function, not one to the files of those that it calls.
"""

import math

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity._fast import compiled

_CLOSE, _STEPS = 1e-8, 2000


@compiled
def load(y: Floats, v: Floats, best: int, yy: Floats, vv: Floats) -> int:
    """Copy the studies of a set that are present; return how many there are."""
    absent = 0
    for i in range(v.size):
        yy[i], vv[i] = y[i], v[i]
        absent += v[i] == np.inf
    n, head = v.size - absent, best
    if absent:
        n = 0
        for i in range(v.size):
            if i == best:
                head = n
            if v[i] < np.inf:
                yy[n], vv[n] = y[i], v[i]
                n += 1
    yy[head], vv[head] = yy[0], vv[0]
    yy[0], vv[0] = y[best], v[best]
    return n


@compiled
def _quadratic(
    y: Floats, v: Floats, w: Floats, n: int, t: float
) -> tuple[float, float, float, float]:
    """Return q, g, the mean and the weight of all but the first; write weights to w."""
    first = 1.0 / (v[0] + t)
    rest = wy = 0.0
    for i in range(1, n):
        x = 1.0 / (v[i] + t)
        w[i] = x
        rest += x
        wy += x * y[i]
    total = first + rest
    mean = wy / total
    own = first * mean
    q = g = 0.0
    for i in range(1, n):
        e = y[i] - mean
        x = w[i] * e
        q += x * e
        g += x * x
    return q + own * mean, g + own * own, mean, rest


@compiled
def _traces(w: Floats, n: int, first: float, rest: float) -> tuple[float, float, float]:
    """Return tr P, tr PP and tr WW from the weights of all but the first."""
    s2 = s3 = 0.0
    for i in range(1, n):
        x = w[i]
        s2 += x * x
        s3 += x * x * x
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


@compiled
def extents(y: Floats, v: Floats, best: Ints) -> tuple[Floats, Floats]:
    """Largest variance and unweighted sum of squares of each set."""
    size, width = y.shape
    yy, vv = np.empty(width), np.empty(width)
    largest, spread = np.empty(size), np.empty(size)
    for j in range(size):
        n = load(y[j], v[j], best[j], yy, vv)
        mean = most = square = 0.0
        for i in range(n):
            mean += yy[i]
            most = max(most, vv[i])
        mean /= n
        for i in range(n):
            square += (yy[i] - mean) ** 2
        largest[j], spread[j] = most, square
    return largest, spread


@compiled
def closed(y: Floats, v: Floats, best: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Return q, tr P, tr PP and tr W at a tau2 of zero."""
    size, width = y.shape
    yy, vv, ww = np.empty(width), np.empty(width), np.empty(width)
    q, h, h2, total = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for j in range(size):
        n = load(y[j], v[j], best[j], yy, vv)
        q[j], _, _, rest = _quadratic(yy, vv, ww, n, 0.0)
        first = 1.0 / vv[0]
        h[j], h2[j], _ = _traces(ww, n, first, rest)
        total[j] = first + rest
    return q, h, h2, total


@compiled
def quadratic(
    y: Floats, v: Floats, best: Ints, t: Floats, pick: Ints
) -> tuple[Floats, Floats]:
    """Return q and g at a tau2 for each set picked."""
    width = y.shape[1]
    yy, vv, ww = np.empty(width), np.empty(width), np.empty(width)
    q, g = np.empty(pick.size), np.empty(pick.size)
    for m in range(pick.size):
        j = pick[m]
        n = load(y[j], v[j], best[j], yy, vv)
        q[m], g[m], _, _ = _quadratic(yy, vv, ww, n, t[m])
    return q, g


@compiled
def traces(
    y: Floats, v: Floats, best: Ints, t: Floats, pick: Ints
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return tr P, tr PP, tr W and tr WW at a tau2 for each set picked."""
    width, size = y.shape[1], pick.size
    yy, vv, ww = np.empty(width), np.empty(width), np.empty(width)
    h, h2, w, w2 = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for m in range(size):
        j = pick[m]
        n = load(y[j], v[j], best[j], yy, vv)
        rest = 0.0
        for i in range(1, n):
            ww[i] = 1.0 / (vv[i] + t[m])
            rest += ww[i]
        first = 1.0 / (vv[0] + t[m])
        h[m], h2[m], w2[m] = _traces(ww, n, first, rest)
        w[m] = first + rest
    return h, h2, w, w2


@compiled
def log_likelihoods(
    y: Floats, v: Floats, best: Ints, t: Floats, pick: Ints, restricted: bool
) -> Floats:
    """Return the log-likelihood at a tau2 for each set picked, but for a constant."""
    width = y.shape[1]
    yy, vv, ww = np.empty(width), np.empty(width), np.empty(width)
    out = np.empty(pick.size)
    for m in range(pick.size):
        j = pick[m]
        n = load(y[j], v[j], best[j], yy, vv)
        q, _, _, rest = _quadratic(yy, vv, ww, n, t[m])
        ll = -q
        for i in range(n):
            ll -= math.log(vv[i] + t[m])
        if restricted:
            ll -= math.log(1.0 / (vv[0] + t[m]) + rest)
        out[m] = 0.5 * ll
    return out


@compiled
def _root(
    y: Floats, v: Floats, w: Floats, n: int, target: float
) -> tuple[float, float]:
    """Return the tau2 at which q comes down to a target, and q at zero."""
    at_zero, slope, _, _ = _quadratic(y, v, w, n, 0.0)
    if at_zero <= target:
        return 0.0, at_zero
    if not (at_zero > target > 0.0):
        return np.nan, at_zero
    mean, largest, spread = 0.0, 0.0, 0.0
    for i in range(n):
        mean += y[i]
        largest = max(largest, v[i])
    mean /= n
    for i in range(n):
        spread += (y[i] - mean) ** 2
    step = at_zero / target * (at_zero - target) / slope
    t = max(step, spread / target - largest)
    for _ in range(_STEPS):
        q, g, _, _ = _quadratic(y, v, w, n, t)
        new = max(t + q / target * (q - target) / g, 0.0)
        if abs(new - t) <= _CLOSE * (t + v[0]):
            return new, at_zero
        t = new
    return np.nan, at_zero


@compiled
def roots(
    y: Floats, v: Floats, best: Ints, target: Floats
) -> tuple[Floats, Floats, Bools]:
    """Return where q comes down to a target, q at zero, and whether that was found."""
    size, width = y.shape
    yy, vv, ww = np.empty(width), np.empty(width), np.empty(width)
    root, at_zero, found = np.empty(size), np.empty(size), np.empty(size, np.bool_)
    for j in range(size):
        n = load(y[j], v[j], best[j], yy, vv)
        root[j], at_zero[j] = _root(yy, vv, ww, n, target[j])
        found[j] = math.isfinite(root[j])
    return root, at_zero, found

r"""The global maximum of a likelihood of tau2, with proof.

The derivative of the log-likelihood is :math:`(g - h) / 2`, where for some
:math:`\mu_i` between the smallest and the largest sampling variance

.. math:: g(t) = \sum_i \frac{z_i^2}{(\mu_i + t)^2}, \qquad
    h(t) = \sum_i \frac{1}{\mu_i + t} .

Both fall, :math:`g^{-1/2}` and :math:`1/h` are concave, and so
:math:`r = g_3 / g` and :math:`s = h_2 / h` fall too. From the two ends of a cell
``[a, b]`` alone it follows that

- ``g / h`` falls throughout where ``2 r(b) > s(a)``: at most one maximum;
- ``g / h`` rises throughout where ``2 r(a) < s(b)``: none inside;
- ``g > h`` throughout where the tangents of :math:`g^{-1/2}` lie below the chord of
  :math:`1/h` in the right sense, and ``g < h`` likewise: none inside.

A cell for which none of these holds is cut in two. What is left when cells have
become too small to matter for the likelihood holds no more than `FLAT` of it.
"""

from collections.abc import Callable

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity._profile import Moments

FLAT = 1e-11
"""Log-likelihood that a cell may hide and still be left alone."""
ROUNDS = 200
"""Most cuts of one cell, far beyond what halving a double can need."""
CROWD = 1000
"""Most cells at a time for an element on average; a few are usual."""

At = Callable[[Floats, Ints], Moments]


def falls(a: Moments, b: Moments) -> Bools:
    """Whether g / h falls from a to b."""
    return np.asarray(2.0 * b.r > a.s)


def rises(a: Moments, b: Moments) -> Bools:
    """Whether g / h rises from a to b."""
    return np.asarray(2.0 * a.r < b.s)


def stays_above(length: Floats, a: Moments, b: Moments) -> Bools:
    r"""Whether g > h from a to b, both ends known to be so.

    :math:`g^{-1/2}` is below both its tangents, :math:`1/h` above its chord, and
    the difference of the chord and a squared line is concave: the ends of the pieces
    decide.
    """
    fa, fb, ha, hb = 1.0 / np.sqrt(a.g), 1.0 / np.sqrt(b.g), 1.0 / a.h, 1.0 / b.h
    x = (fb * (1.0 - b.r * length) - fa) / (fa * a.r - fb * b.r)
    x = np.clip(np.where(np.isfinite(x), x, 0.5 * length), 0.0, length)
    top = np.maximum(fa * (1.0 + a.r * x), fb * (1.0 - b.r * (length - x)))
    return np.asarray(ha + (hb - ha) * x / length > top * top)


def stays_below(length: Floats, a: Moments, b: Moments) -> Bools:
    r"""Whether g < h from a to b, both ends known to be so.

    :math:`g^{-1/2}` is above its chord and :math:`1/h` below both its tangents; the
    squared chord less a line is a parabola that opens upwards.
    """
    fa, ha, hb = 1.0 / np.sqrt(a.g), 1.0 / a.h, 1.0 / b.h
    slope = (1.0 / np.sqrt(b.g) - fa) / length
    lift_a, lift_b = ha * a.s, hb * b.s
    base_b = hb - lift_b * length
    cross = (base_b - ha) / (lift_a - lift_b)
    cross = np.clip(np.where(np.isfinite(cross), cross, 0.5 * length), 0.0, length)
    half = 0.5 / (slope * slope)
    low = np.clip((lift_a - 2.0 * fa * slope) * half, 0.0, cross)
    high = np.clip((lift_b - 2.0 * fa * slope) * half, cross, length)
    at_low, at_high = fa + slope * low, fa + slope * high
    return np.asarray(
        (at_low * at_low > ha + lift_a * low)
        & (at_high * at_high > base_b + lift_b * high)
    )


def falls_for_ever(t: Floats, m: Moments, largest: Floats) -> Bools:
    r"""Whether g < h from t on.

    With :math:`m = t + \max v`, beyond t by d, :math:`g \le g(t) (m / (m + d))^2` and
    :math:`1/h \le (1 + s d) / h(t)`; the resulting parabola has no root if

    .. math:: \rho\, s\, m < 2 + 2 \sqrt{1 - \rho}, \quad \rho = g / h .
    """
    rho = m.g / m.h
    reach = rho * m.s * (t + largest)
    return np.asarray(
        (rho < 1.0) & (reach < 2.0 + 2.0 * np.sqrt(np.maximum(1.0 - rho, 0.0)))
    )


def hides_nothing(length: Floats, a: Moments, b: Moments) -> Bools:
    """Whether the log-likelihood can change by no more than `FLAT` in the cell."""
    return np.asarray(0.5 * length * np.maximum(a.g - b.h, a.h - b.g) < FLAT)


Cells = tuple[Ints, Floats, Floats, Moments, Moments]
"""Element of the batch, two values of tau2, and the moments at both."""


def cells_with_a_maximum(at: At, cells: Cells, offset: Floats) -> tuple[Cells, Bools]:
    """Cells with one maximum each, that together hold all there are.

    Parameters
    ----------
    at : callable
        Moments at values of tau2 for chosen elements of the batch.
    cells : Cells
        Where to search, one row for each element.
    offset : ndarray, of the whole batch
        Cells are cut by ratios of ``t + offset``.

    Returns
    -------
    found : Cells
    complete : ndarray of bool, a value for each row of `cells`
        False where the search did not end.
    """
    searched, lost = cells[0], np.zeros(0, dtype=np.intp)
    found = [_take(cells, np.zeros(0, dtype=np.intp))]
    for _ in range(ROUNDS):
        element, a, b, ma, mb = cells
        length = b - a
        broken = ~np.isfinite(ma.g + mb.g + ma.h + mb.h + ma.s + mb.s)
        if broken.any():
            lost = np.concatenate([lost, element[broken]])
        # A root that falls on a cut belongs to the cell before it.
        above, below = ma.g > ma.h, ~(mb.g > mb.h)
        settled = falls(ma, mb) | rises(ma, mb) | hides_nothing(length, ma, mb)
        settled |= ~(length > 0.0) | broken
        peak = np.flatnonzero(settled & above & below)
        if peak.size:
            found.append(_take(cells, peak))
        for test, which in (
            (stays_above, above & ~below & ~settled),
            (stays_below, below & ~above & ~settled),
        ):
            some = np.flatnonzero(which)
            settled[some] = test(length[some], ma.take(some), mb.take(some))
        cells = _take(cells, np.flatnonzero(~settled))
        element, a, b, ma, mb = cells
        if element.size == 0 or element.size > CROWD * searched.size:
            break
        middle = cut(a, b, ma, mb, offset[element])
        mm = at(middle, element)
        cells = join([(element, a, middle, ma, mm), (element, middle, b, mm, mb)])
    return join(found), ~np.isin(searched, np.concatenate([lost, cells[0]]))


def cut(a: Floats, b: Floats, ma: Moments, mb: Moments, offset: Floats) -> Floats:
    """Where the logarithm of g / h would vanish if it were linear, or the middle."""
    left, right = np.log(ma.g / ma.h), np.log(mb.g / mb.h)
    share = np.clip(left / (left - right), 0.1, 0.9)
    share = np.where((left > 0.0) & (right < 0.0), share, 0.5)
    low, high = np.log(a + offset), np.log(b + offset)
    middle = np.exp(low + share * (high - low)) - offset
    # Rounding must not put the cut outside.
    return np.where((middle > a) & (middle < b), middle, 0.5 * (a + b))


def _take(cells: Cells, which: Ints) -> Cells:
    element, a, b, ma, mb = cells
    return element[which], a[which], b[which], ma.take(which), mb.take(which)


def join(parts: list[Cells]) -> Cells:
    """Concatenate the rows of several sets of cells."""
    element, a, b, ma, mb = zip(*parts, strict=True)
    return (
        np.concatenate(element),
        np.concatenate(a),
        np.concatenate(b),
        Moments(*(np.concatenate(x) for x in zip(*ma, strict=True))),
        Moments(*(np.concatenate(x) for x in zip(*mb, strict=True))),
    )

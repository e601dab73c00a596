"""Batched scalar root finding."""

from collections.abc import Callable

import numpy as np

from k2stats._typing import Bools, Floats


def bisect(
    f: Callable[[Floats], Floats],
    low: Floats,
    high: Floats,
    *,
    xtol: float = 1e-14,
    steps: int = 200,
) -> tuple[Floats, Bools]:
    """Root of each function between its bracket, for every element at once.

    Parameters
    ----------
    f : callable
        Takes and returns arrays of the brackets' shape; changes sign once
        between `low` and `high`, in either direction.
    low, high : ndarray
        Brackets. Where ``f(low)`` and ``f(high)`` have the same sign the
        result is NaN and the flag is False.
    xtol : float
        Relative and absolute width at which an element is done.

    Returns
    -------
    root, converged : ndarray

    Examples
    --------
    >>> root, ok = bisect(lambda x: x**2 - 2, np.array([0.0]), np.array([2.0]))
    >>> float(root[0].round(12)), bool(ok[0])
    (1.414213562373, True)
    """
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    at_low, at_high = f(low), f(high)
    rising = at_high > at_low
    bracketed = (at_low == 0) | (at_high == 0) | (np.sign(at_low) != np.sign(at_high))
    for _ in range(steps):
        mid = 0.5 * (low + high)
        right = (f(mid) < 0) == rising
        low, high = np.where(right, mid, low), np.where(right, high, mid)
        if np.all(~bracketed | (high - low <= xtol * (1.0 + np.abs(mid)))):
            break
    root = np.where(at_low == 0, low, 0.5 * (low + high))
    return np.where(bracketed, root, np.nan), np.asarray(bracketed)


def bracketed_root(
    f: Callable[[Floats], Floats],
    low: Floats,
    high: Floats,
    *,
    xtol: float = 1e-14,
    steps: int = 120,
) -> tuple[Floats, Bools]:
    r"""Root of each function between its bracket, in far fewer calls than bisection.

    Inverse quadratic interpolation where Chandrupatla's criterion says that it is
    safe, bisection where not; the bracket never widens, so that the root is found
    wherever bisection would find one.

    Parameters
    ----------
    f : callable
        Takes and returns arrays of the brackets' shape; finite, with one change of
        sign between `low` and `high`.
    low, high : ndarray
        Brackets. Where ``f(low)`` and ``f(high)`` have the same sign the result is
        NaN and the flag is False.
    xtol : float
        Relative and absolute width at which an element is done.
    steps : int
        Most evaluations.

    Returns
    -------
    root, converged : ndarray

    References
    ----------
    Chandrupatla (1997). Advances in Engineering Software 28:145-149.

    Examples
    --------
    >>> root, ok = bracketed_root(lambda x: x**2 - 2, np.array([0.0]), np.array([2.0]))
    >>> float(root[0].round(12)), bool(ok[0])
    (1.414213562373, True)
    """
    b, a = np.array(low, dtype=float), np.array(high, dtype=float)
    fb, fa = np.array(f(b), dtype=float), np.array(f(a), dtype=float)
    bracketed = (fa == 0) | (fb == 0) | (np.sign(fa) != np.sign(fb))
    bracketed &= np.isfinite(fa) & np.isfinite(fb)
    t = np.full(a.shape, 0.5)
    done = ~bracketed
    with np.errstate(all="ignore"):
        for _ in range(steps):
            best = np.where(np.abs(fa) < np.abs(fb), a, b)
            width = np.abs(b - a)
            tol = xtol * (1.0 + np.abs(best))
            done = done | (width <= tol) | (fa == 0) | (fb == 0)
            if done.all():
                break
            # Half a tolerance from either end, so that both ends close in.
            edge = np.minimum(0.5 * tol / width, 0.5)
            x = a + np.clip(t, edge, 1.0 - edge) * (b - a)
            fx = f(x)
            same = np.sign(fx) == np.sign(fa)
            c, fc = np.where(same, a, b), np.where(same, fa, fb)
            b, fb = (
                np.where(done | same, b, a),
                np.where(done | same, fb, fa),
            )
            a, fa = np.where(done, a, x), np.where(done, fa, fx)
            t = _chandrupatla_step(a, b, c, fa, fb, fc)
    root = np.where(np.abs(fa) < np.abs(fb), a, b)
    return np.where(bracketed, root, np.nan), np.asarray(bracketed & done)


def _chandrupatla_step(
    a: Floats, b: Floats, c: Floats, fa: Floats, fb: Floats, fc: Floats
) -> Floats:
    """Share of the way from `a` to `b` to try next."""
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    safe = (phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi)
    near = fa / (fb - fa) * fc / (fb - fc)
    far = (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return np.where(safe, near + far, 0.5)

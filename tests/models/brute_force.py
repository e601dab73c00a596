"""What the tests of this folder compute the long way."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import optimize

from k2stats._typing import Floats


def least(
    f: Callable[[Floats], float],
    start: Sequence[float] | Floats,
    *,
    smooth: bool = False,
) -> tuple[Floats, float]:
    """Where a function is least, and its value there; no derivatives at the end."""
    x: Any = np.asarray(start, dtype=float)
    if smooth:
        x = optimize.minimize(f, x, method="BFGS", options={"gtol": 1e-8}).x
    tight: Any = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 9000, "maxfev": 9000}
    found = optimize.minimize(f, x, method="Nelder-Mead", options=tight)
    return np.asarray(found.x, dtype=float), float(found.fun)


def hessian(f: Callable[[Floats], float], x: Floats, h: float = 0.02) -> Floats:
    """Second differences by Richardson's rule."""

    def plain(step: float) -> Floats:
        size = x.size
        out = np.zeros((size, size))
        unit = np.eye(size) * step
        for i in range(size):
            for j in range(i, size):
                corners = [
                    s * t * f(x + s * unit[i] + t * unit[j])
                    for s in (1, -1)
                    for t in (1, -1)
                ]
                out[i, j] = out[j, i] = sum(corners) / (4 * step * step)
        return out

    return (4.0 * plain(h / 2) - plain(h)) / 3.0

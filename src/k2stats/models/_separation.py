"""Whether counts fix the coefficients of a regression, or let some of them run off."""

import numpy as np
from scipy import optimize

from k2stats._typing import Bools, Floats

_CLEAR = 1e-7


def runs_off(rows: Floats, least: Bools, most: Bools) -> Floats | None:
    r"""A direction in which the likelihood of counts rises without end, if any.

    A count that is as small as it can be (as great) is only made more probable by a
    smaller (greater) linear predictor; any other count is made impossible by either
    in the end. The estimate is therefore infinite where there is a :math:`\delta` with

    .. math:: r_i^\top\delta \le 0 \text{ (least)}, \quad
        r_i^\top\delta \ge 0 \text{ (most)}, \quad
        r_i^\top\delta = 0 \text{ (others)}, \quad R\,\delta \ne 0,

    which linear programming finds or excludes. Normal effects that vary between the
    studies do not change it.

    Parameters
    ----------
    rows : ndarray, shape (N, p)
        Of full column rank.
    least, most : ndarray of bool, shape (N,)

    Returns
    -------
    ndarray of shape (p,), or None
        The direction, its elements within -1 and 1.

    References
    ----------
    Albert, A., & Anderson, J. A. (1984). On the existence of maximum likelihood
    estimates in logistic regression models. Biometrika, 71, 1-10.

    Examples
    --------
    >>> rows = np.column_stack([np.ones(4), [0.0, 1.0, 2.0, 3.0]])
    >>> runs_off(rows, np.array([True, True, False, False]),
    ...          np.array([False, False, True, True])) is None
    False
    >>> runs_off(rows, np.array([True, False, True, False]),
    ...          np.array([False, True, False, True])) is None
    True
    """
    certain = least & most
    rows, least, most = rows[~certain], least[~certain], most[~certain]
    sign = np.where(most, 1.0, np.where(least, -1.0, 0.0))
    ended = sign != 0
    if not ended.any():
        return None
    uphill = sign[ended, np.newaxis] * rows[ended]
    fixed = rows[~ended]
    found = optimize.linprog(
        -uphill.sum(axis=0),
        A_ub=-uphill,
        b_ub=np.zeros(len(uphill)),
        A_eq=fixed if len(fixed) else None,
        b_eq=np.zeros(len(fixed)) if len(fixed) else None,
        bounds=(-1.0, 1.0),
        method="highs",
    )
    gained = -float(found.fun or 0.0)
    if gained <= _CLEAR * np.abs(uphill).sum():
        return None
    return np.asarray(found.x, dtype=float)

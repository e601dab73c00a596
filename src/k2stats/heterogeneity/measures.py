"""What follows from tau2 and the sampling variances alone: I2, H2, R_b, CV."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.heterogeneity._studies import Studies, prepare
from k2stats.heterogeneity._validate import validate


def r_b_of_tau2(
    v: ArrayLike, tau2: ArrayLike, *, mask: ArrayLike | None = None
) -> Floats:
    r"""R_b in per cent: mean share of tau2 in the variance of a study's effect.

    .. math:: R_b = \frac{100}{K} \sum_k \frac{\tau^2}{\tau^2 + v_k}

    References
    ----------
    Crippa et al. (2016). Statistics in Medicine 35:3661-3675.

    Examples
    --------
    >>> float(r_b_of_tau2([0.1, 0.3], 0.1))
    37.5
    """
    vs = np.asarray(v, dtype=float)
    ys, vs, _, present, _ = validate(np.zeros(vs.shape), vs, None, mask, least=0)
    s = prepare(ys, vs, None, present)
    with np.errstate(all="ignore"):
        return r_b_of(s, np.asarray(np.asarray(tau2) / s.scale**2))


def r_b_of(s: Studies, t: Floats) -> Floats:
    """R_b in per cent for studies that are prepared and a tau2 scaled as they are."""
    flat = np.broadcast_to(t, s.k.shape).reshape(-1)
    shares, start = [], 0
    for part in s.parts():
        size = part.k.size
        at = flat[start : start + size].reshape(part.k.shape)[..., np.newaxis]
        share = at / (at + part.v)
        if part.mask is not None:
            share = np.where(part.mask, share, 0.0)
        shares.append((100.0 * share.sum(axis=-1) / part.k).reshape(-1))
        start += size
    return np.concatenate(shares).reshape(s.k.shape)


def i2_of_tau2(tau2: Floats, typical: Floats) -> Floats:
    """I2 in per cent from tau2 and the typical variance."""
    return np.asarray(np.where(np.isinf(tau2), 100.0, 100.0 * tau2 / (tau2 + typical)))


def h2_of_tau2(tau2: Floats, typical: Floats) -> Floats:
    """H2 from tau2 and the typical variance."""
    return np.asarray((tau2 + typical) / typical)


def i2_of_h2(h2: Floats) -> Floats:
    """I2 in per cent from H2, zero where H2 is below one."""
    return np.asarray(100.0 * np.maximum(0.0, (h2 - 1.0) / h2))


def cv_of_tau(tau2: ArrayLike, mean: ArrayLike) -> Floats:
    r"""Coefficient of variation of the true effects, :math:`\tau / |\hat\mu|`.

    References
    ----------
    Takkouche et al. (1999). American Journal of Epidemiology 150:206-215.

    Examples
    --------
    >>> float(cv_of_tau(0.25, -0.5))
    1.0
    """
    with np.errstate(all="ignore"):
        return np.asarray(
            np.sqrt(np.asarray(tau2, dtype=float)) / np.abs(np.asarray(mean))
        )

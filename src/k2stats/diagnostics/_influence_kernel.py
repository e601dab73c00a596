r"""All deletions of one study, or of one cluster, as a single batch.

A deletion is a mask; the batch, with the set that lacks nothing where that is needed,
goes through the estimators of tau2 once.
"""

from typing import NamedTuple

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity._studies import prepare
from k2stats.heterogeneity.tau2 import COMMON, tau2_of
from k2stats.numerics.wls import fit_wls


class Fits(NamedTuple):
    """Fits of a batch of sets of studies, of batch shape (M,).

    Attributes
    ----------
    beta : ndarray, shape (M, p)
    cov : ndarray, shape (M, p, p)
    tau2 : ndarray, shape (M,)
    Q : ndarray, shape (M,)
        Residual sum of squares with weights 1/v.
    converged : ndarray of bool, shape (M,)
    """

    beta: Floats
    cov: Floats
    tau2: Floats
    Q: Floats
    converged: Bools


def fit_sets(
    y: Floats,
    v: Floats,
    X: Floats | None,
    method: str,
    mask: Bools | None = None,
    tau2: float | None = None,
) -> Fits:
    """Fit every set of a batch.

    Parameters
    ----------
    y, v : ndarray, shape (..., K)
    X : ndarray, shape (..., K, p), or None
    method : str
        Estimator of tau2, or a name of a model without.
    mask : ndarray of bool, shape (..., K), optional
    tau2 : float, optional
        A value to take as given.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if tau2 is not None or method in COMMON:
            value = np.full(y.shape[:-1], 0.0 if tau2 is None else tau2)
            ok = np.ones(y.shape[:-1], dtype=bool)
        else:
            estimate = tau2_of(prepare(y, v, X, mask), method)
            value, ok = estimate.tau2, estimate.converged
        finite = y if mask is None else np.where(mask, y, 0.0)
        variance = v if mask is None else np.where(mask, v, np.inf)
        full = fit_wls(finite, 1.0 / (variance + value[..., np.newaxis]), X)
        fixed = fit_wls(finite, 1.0 / variance, X)
    ok = ok & np.isfinite(full.beta).all(axis=-1)
    return Fits(full.beta, full.cov, value, fixed.rss, ok)


def delete_one(
    y: Floats, v: Floats, X: Floats | None, method: str, tau2: float | None = None
) -> tuple[Fits, Fits]:
    """Fit all K studies, and the K sets that leave one out, as one batch.

    Returns
    -------
    full, deleted : Fits
        Of batch shape () and (K,).
    """
    k = y.shape[-1]
    # The last row has every study: one search for tau2 serves all of them.
    mask = ~np.eye(k + 1, k, dtype=bool)
    columns = None if X is None else np.broadcast_to(X, (k + 1, *X.shape))
    fits = fit_sets(
        np.broadcast_to(y, mask.shape),
        np.broadcast_to(v, mask.shape),
        columns,
        method,
        mask,
        tau2,
    )
    return _row(fits, -1), _row(fits, slice(None, -1))


def _row(fits: Fits, at: int | slice) -> Fits:
    beta, cov, value, q, ok = fits
    return Fits(beta[at], cov[at], value[at], q[at], np.asarray(ok[at]))


def delete_clusters(
    y: Floats,
    v: Floats,
    X: Floats | None,
    method: str,
    cluster: Ints,
    tau2: float | None = None,
) -> Fits:
    """Fit the sets that leave one cluster out; clusters are numbered from 0."""
    size = int(cluster.max()) + 1
    mask = cluster != np.arange(size)[:, np.newaxis]
    shape = mask.shape
    columns = None
    if X is not None:
        columns = np.broadcast_to(X, (size, *X.shape))
    return fit_sets(
        np.broadcast_to(y, shape),
        np.broadcast_to(v, shape),
        columns,
        method,
        mask,
        tau2,
    )


def leverage(X: Floats | None, w: Floats, cov: Floats) -> Floats:
    r"""Diagonal of the hat matrix :math:`X (X^\top W X)^{-1} X^\top W`, shape (K,)."""
    if X is None:
        return np.asarray(w * cov[..., 0])
    return np.asarray(w * np.einsum("ki,ij,kj->k", X, cov, X))

"""A fitted mean, or fitted coefficients: what tests, intervals and predictions need."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.heterogeneity import Studies
from k2stats.heterogeneity._fast import by_rows, rows_of
from k2stats.heterogeneity._single_point import dot
from k2stats.numerics.wls import fit_wls


@dataclass(frozen=True, slots=True, eq=False)
class MeanFit:
    r"""Coefficients of :math:`y = X\beta + u + e`, with what they came from.

    .. math:: \hat\beta = (X^\top A X)^{-1} X^\top A y, \quad
        \operatorname{Var}(\hat\beta) = (X^\top A X)^{-1}
        X^\top A (V + \tau^2 I) A X (X^\top A X)^{-1}

    Attributes
    ----------
    y, v : ndarray, shape (..., K)
        Effects and sampling variances; where a study is absent 0 and infinite.
    X : ndarray of shape (K, p) or (..., K, p), or None
        None where there is nothing but a mean.
    w : ndarray, shape (..., K)
        One over v + tau2, zero where absent.
    a : ndarray, shape (..., K)
        Weights of the coefficients, the diagonal of A; often `w` itself.
    tau2 : ndarray, shape (...)
    estimator : str
        Name of the estimator of tau2, ``"EE"`` where it is zero by definition.
    beta : ndarray, shape (..., p)
    cov : ndarray, shape (..., p, p)
        Before any adjustment.
    q : ndarray, shape (...)
        Weighted residual sum of squares over K - p, the factor of Hartung and Knapp.
    k : ndarray, shape (...)
    p : int
    """

    y: Floats
    v: Floats
    X: Floats | None
    w: Floats
    a: Floats
    tau2: Floats
    estimator: str
    beta: Floats
    cov: Floats
    q: Floats
    k: Floats
    p: int

    @property
    def df(self) -> Floats:
        """Number of studies less number of coefficients."""
        return np.asarray(self.k - self.p)

    @property
    def finite_v(self) -> Floats:
        """Variances, zero in place of infinity where a study is absent."""
        return np.where(self.w > 0.0, self.v, 0.0)


def absent(y: Floats, v: Floats, mask: Bools | None) -> tuple[Floats, Floats, Floats]:
    """Effects 0 and variances infinite where absent, and the number of studies."""
    if mask is None:
        return y, v, np.full(y.shape[:-1], float(y.shape[-1]))
    k = mask.sum(axis=-1, dtype=float)
    return np.where(mask, y, 0.0), np.where(mask, v, np.inf), k


def fit_mean(
    y: Floats,
    v: Floats,
    tau2: Floats,
    k: Floats,
    *,
    estimator: str,
    X: Floats | None = None,
    weights: Floats | None = None,
    dispersion: Floats | None = None,
    studies: Studies | None = None,
) -> MeanFit:
    """Fit the coefficients for a known tau2.

    Parameters
    ----------
    y, v : ndarray, shape (..., K)
        Where a study is absent 0 and infinite.
    tau2, k : ndarray, shape (...)
    estimator : str
    X : ndarray, shape (K, p) or (..., K, p), optional
    weights : ndarray, shape (..., K), optional
        Of the coefficients, zero where absent; one over v + tau2 when left out.
    dispersion : ndarray, shape (...), optional
        Factor of the covariance.
    studies : Studies, optional
        The same effects and variances, centred and scaled already: a batch of means
        is quicker from them.
    """
    if X is None and y.ndim == 1 and weights is None and dispersion is None:
        return _fit_one(y, v, tau2, k, estimator)
    with np.errstate(divide="ignore", invalid="ignore"):
        if X is None and studies is not None and studies.shift is not None:
            w, beta, cov, rss = _from_studies(studies, tau2)
        else:
            w = 1.0 / (v + np.asarray(tau2)[..., np.newaxis])
            beta, cov, rss = _weighted(y, w, X)
        p = beta.shape[-1]
        df = k - p
        q = np.where(df > 0.0, rss / df, np.nan)
        if weights is not None:
            beta, bread, _ = _weighted(y, weights, X)
            cov = _sandwich(bread, weights, w, X)
        if dispersion is not None:
            cov = cov * dispersion[..., np.newaxis, np.newaxis]
    return MeanFit(
        y=y,
        v=v,
        X=X,
        w=w,
        a=w if weights is None else weights,
        tau2=np.asarray(tau2),
        estimator=estimator,
        beta=beta,
        cov=cov,
        q=q,
        k=k,
        p=p,
    )


def _weighted(y: Floats, w: Floats, X: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Coefficients, unscaled covariance and weighted residual sum of squares."""
    if X is not None:
        fit = fit_wls(y, w, X)
        return fit.beta, fit.cov, fit.rss
    if y.ndim == 1 and w.ndim == 1:
        mean, total, rss = _one_mean(y, w)
        return np.array([mean]), np.array([[1.0 / total]]), np.array(rss)
    total = w.sum(axis=-1, keepdims=True)
    mean = np.einsum("...k,...k->...", w, y)[..., np.newaxis] / total
    residual = y - mean
    # The second look takes away what rounding left where y is far from zero.
    step = np.einsum("...k,...k->...", w, residual)[..., np.newaxis] / total
    square = np.einsum("...k,...k,...k->...", w, residual, residual)
    rss = np.maximum(square - (step * step * total)[..., 0], 0.0)
    return mean + step, (1.0 / total)[..., np.newaxis], rss


def _from_studies(s: Studies, tau2: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Weights, and what :func:`_weighted` gives, from effects near zero.

    They lie in memory as the sums want them, and need no second look.
    """
    assert s.shift is not None
    square = s.scale * s.scale
    if s.y.ndim > 1 and by_rows():
        w, total, mean, rss = _by_rows(s, tau2 / square, square)
    else:
        w = s.v + (tau2 / square)[..., np.newaxis]
        # Divided by `square` from the start, and its sums multiplied: powers of two.
        np.divide((1.0 / square)[..., np.newaxis], w, out=w)
        total = w.sum(axis=-1) * square
        mean = np.einsum("...k,...k->...", w, s.y) * square / total
        residual = s.y - mean[..., np.newaxis]
        rss = np.einsum("...k,...k,...k->...", w, residual, residual) * square
    beta, variance = s.shift + s.scale * mean, square / total
    return w, beta[..., np.newaxis], variance[..., np.newaxis, np.newaxis], rss


def _by_rows(
    s: Studies, tau2: Floats, square: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Weights divided by `square`, their sum before, the mean and the residuals."""
    from k2stats.heterogeneity._fast_sums import means  # imports numba

    width, shape = s.y.shape[-1], s.y.shape[:-1]
    t, unit = (np.broadcast_to(x, shape).flatten() for x in (tau2, square))
    w, *sums = means(rows_of(s.y, width), rows_of(s.v, width), t, unit)
    total, mean, rss = (x.reshape(shape) for x in sums)
    return w.reshape(*shape, width), total, mean, rss


def _fit_one(y: Floats, v: Floats, tau2: Floats, k: Floats, estimator: str) -> MeanFit:
    """:func:`fit_mean` of the mean of one data set, in products quick to call."""
    w = np.divide(1.0, v + tau2)
    mean, total, rss = _one_mean(y, w)
    df = float(k) - 1.0
    return MeanFit(
        y=y,
        v=v,
        X=None,
        w=w,
        a=w,
        tau2=np.asarray(tau2),
        estimator=estimator,
        beta=np.array([mean]),
        cov=np.array([[1.0 / total]]),
        q=np.array(rss / df if df > 0.0 else np.nan),
        k=k,
        p=1,
    )


def _one_mean(y: Floats, w: Floats) -> tuple[float, float, float]:
    """Mean, sum of weights and weighted sum of squares, in two looks at y."""
    total = float(w.sum())
    mean = dot(w, y) / total
    residual = y - mean
    step = dot(w, residual) / total
    residual -= step
    return mean + step, total, dot(w * residual, residual)


def _sandwich(bread: Floats, a: Floats, w: Floats, X: Floats | None) -> Floats:
    """Covariance of coefficients whose weights are not one over the variances."""
    inner = np.where(w > 0.0, a * a / w, 0.0)
    if X is None:
        return np.asarray(bread**2 * inner.sum(axis=-1)[..., np.newaxis, np.newaxis])
    middle = np.einsum("...ki,...k,...kj->...ij", X, inner, X)
    return np.asarray(bread @ middle @ bread)

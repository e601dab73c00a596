r"""Weighted least squares over batches, and traces of its projection.

Studies are the last axis, weights are one over the variance of each study, and a
weight of zero leaves a study out (its `y` must still be a finite number). A model
with nothing but a mean has ``X=None`` and costs a few weighted sums; with `p`
columns the cost is of order :math:`K p^2`. No matrix with K rows and K columns is
ever formed.

.. math:: P = W - W X (X^\top W X)^{-1} X^\top W
"""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats


@dataclass(frozen=True, slots=True, eq=False)
class WlsFit:
    r"""Weighted least squares of each batch element.

    Attributes
    ----------
    beta : ndarray, shape (..., p)
        Coefficients; the weighted mean where there are no moderators.
    cov : ndarray, shape (..., p, p)
        :math:`(X^\top W X)^{-1}`.
    rss : ndarray, shape (...)
        :math:`y^\top P y`, the weighted sum of squared residuals.
    residual : ndarray, shape (..., K)
        :math:`y - X\hat\beta`, of every study, those of weight zero too.
    log_det : ndarray, shape (...)
        :math:`\log|X^\top W X|`.
    """

    beta: Floats
    cov: Floats
    rss: Floats
    residual: Floats
    log_det: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    r"""The matrix P of each batch element, held by its factors.

    .. math:: P = W^{1/2} (I - U U^\top) W^{1/2}, \qquad W^{1/2} X = U R

    Attributes
    ----------
    w : ndarray, shape (..., K)
    u : ndarray of shape (..., K, p), or None
        None where the model has nothing but a mean.
    r : ndarray of shape (..., p, p), or None
        The triangular factor.
    """

    w: Floats
    u: Floats | None
    r: Floats | None

    def apply(self, y: Floats) -> Floats:
        r"""Return :math:`P y`, shape (..., K)."""
        return self.w * self.residual(y)

    def residual(self, y: Floats) -> Floats:
        r"""Return :math:`y - X\hat\beta` of the studies that have a weight.

        Studies of weight zero get zero where there are moderators.
        """
        if self.u is None:
            return _mean_and_residual(y, self.w)[1]
        root = np.sqrt(self.w)
        z = root * y
        for _ in range(2):  # The second pass removes what rounding left.
            z = z - _times(self.u, _inner(self.u, z))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(root > 0.0, z / root, 0.0)

    def rss(self, y: Floats) -> Floats:
        r"""Return :math:`y^\top P y`, shape (...)."""
        return np.asarray((self.w * self.residual(y) ** 2).sum(axis=-1))

    def free_share(self) -> Floats:
        """One minus the leverage of each study, shape (..., K)."""
        if self.u is None:
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(others(self.w) / self.w.sum(axis=-1, keepdims=True))
        return np.asarray(1.0 - (self.u**2).sum(axis=-1))

    def trace(self, d: Floats | None = None) -> Floats:
        r"""Return :math:`\operatorname{tr}(P D)` for a diagonal D, shape (...).

        Parameters
        ----------
        d : ndarray, shape (..., K), optional
            Diagonal of D, the identity when left out; finite.
        """
        a = self.w if d is None else self.w * d
        return np.asarray((a * self.free_share()).sum(axis=-1))

    def trace_pair(self, d1: Floats | None = None, d2: Floats | None = None) -> Floats:
        r"""Return :math:`\operatorname{tr}(P D_1 P D_2)`, shape (...).

        Both diagonals are the identity when left out.
        """
        a = self.w if d1 is None else self.w * d1
        b = self.w if d2 is None else self.w * d2
        if self.u is None:
            total = self.w.sum(axis=-1)
            free = self.free_share()
            # Off the diagonal P is w_i w_j / sum(w).
            aw, bw = a * self.w, b * self.w
            with np.errstate(divide="ignore", invalid="ignore"):
                apart = (aw * others(bw)).sum(axis=-1) / total**2
            return np.asarray((a * b * free**2).sum(axis=-1) + apart)
        h = (self.u**2).sum(axis=-1)
        first = np.einsum("...k,...ki,...kj->...ij", a, self.u, self.u)
        second = np.einsum("...k,...ki,...kj->...ij", b, self.u, self.u)
        together = (first * second).sum(axis=(-2, -1))
        # 1 - 2h is (1 - h)^2 less what the double sum holds on its diagonal.
        return np.asarray((a * b * (1.0 - 2.0 * h)).sum(axis=-1) + together)

    def sandwich(self, d: Floats) -> Floats:
        r"""Diagonal of :math:`P D P`, shape (..., K)."""
        free = self.free_share()
        if self.u is None:
            total = self.w.sum(axis=-1, keepdims=True)
            a = self.w**2 * d
            return np.asarray(a * free**2 + (self.w / total) ** 2 * others(a))
        inner = np.einsum("...k,...ki,...kj->...ij", self.w * d, self.u, self.u)
        h = 1.0 - free
        back = np.einsum("...ki,...ij,...kj->...k", self.u, inner, self.u)
        return np.asarray(self.w * (self.w * d * (1.0 - 2.0 * h) + back))

    def log_det(self) -> Floats:
        r"""Return :math:`\log|X^\top W X|`, shape (...)."""
        if self.r is None:
            with np.errstate(divide="ignore"):
                return np.asarray(np.log(self.w.sum(axis=-1)))
        diagonal = np.diagonal(self.r, axis1=-2, axis2=-1)
        with np.errstate(divide="ignore"):
            return np.asarray(2.0 * np.log(np.abs(diagonal)).sum(axis=-1))


def project(w: Floats, X: Floats | None = None) -> Projection:
    r"""Factor the projection of weighted least squares.

    Parameters
    ----------
    w : ndarray, shape (..., K)
        Weights, not negative; zero leaves a study out.
    X : ndarray, shape (..., K, p) or (K, p), optional
        Columns of the model; one column of ones when left out.

    Examples
    --------
    >>> p = project(np.array([1.0, 1.0, 2.0]))
    >>> float(p.trace()), float(p.trace_pair()), float(p.rss(np.array([0.0, 1.0, 2.0])))
    (2.5, 3.25, 2.75)
    """
    if X is None:
        return Projection(w, None, None)
    u, r = np.linalg.qr(np.sqrt(w)[..., np.newaxis] * X)
    return Projection(w, u, r)


def fit_wls(y: Floats, w: Floats, X: Floats | None = None) -> WlsFit:
    r"""Weighted least squares of every batch element.

    .. math:: \hat\beta = (X^\top W X)^{-1} X^\top W y

    Parameters
    ----------
    y : ndarray, shape (..., K)
        Finite, in studies of weight zero too.
    w : ndarray, shape (..., K)
        Weights, one over the variances; not negative, zero leaves a study out.
    X : ndarray, shape (..., K, p) or (K, p), optional
        Columns of the model; one column of ones when left out.

    Returns
    -------
    WlsFit
        NaN where the columns are linearly dependent or too few studies are left.

    Examples
    --------
    >>> fit = fit_wls(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]))
    >>> fit.beta.tolist(), fit.cov.tolist(), float(fit.rss)
    ([1.25], [[0.25]], 2.75)
    """
    if X is None:
        mean, residual = _mean_and_residual(y, w)
        total = w.sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            cov, log_det = 1.0 / total, np.log(total)
        return WlsFit(
            beta=mean[..., np.newaxis],
            cov=cov[..., np.newaxis, np.newaxis],
            rss=np.asarray((w * residual**2).sum(axis=-1)),
            residual=residual,
            log_det=np.asarray(log_det),
        )
    root = np.sqrt(w)
    u, r = np.linalg.qr(root[..., np.newaxis] * X)
    inverse = _triangular_inverse(r)
    # A shift that the columns can take up is taken off first: y may be large beside
    # its spread, and X beta would be rounded on that scale.
    constant = _inner(u, root)
    left = root - _times(u, constant)
    spans = (left**2).sum(axis=-1) <= 1e-20 * w.sum(axis=-1)
    heaviest = np.argmax(w, axis=-1)[..., np.newaxis]
    shift = np.where(spans, np.take_along_axis(y, heaviest, axis=-1)[..., 0], 0.0)
    near = y - shift[..., np.newaxis]
    beta = _times(inverse, _inner(u, root * near))
    residual = near - _times(X, beta)
    step = _times(inverse, _inner(u, root * residual))
    beta, residual = beta + step, residual - _times(X, step)
    beta = beta + shift[..., np.newaxis] * _times(inverse, constant)
    return WlsFit(
        beta=beta,
        cov=np.einsum("...ij,...kj->...ik", inverse, inverse),
        rss=np.asarray((w * residual**2).sum(axis=-1)),
        residual=residual,
        log_det=Projection(w, u, r).log_det(),
    )


def weighted_mean(y: Floats, w: Floats) -> Floats:
    r"""Return :math:`\sum_k w_k y_k / \sum_k w_k`, shape (...).

    Examples
    --------
    >>> float(weighted_mean(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0])))
    1.25
    """
    return _mean_and_residual(y, w)[0]


def others(x: Floats) -> Floats:
    """Sum over the last axis without the study itself, shape (..., K).

    The sum less the study cancels where one study outweighs all others together;
    for that study the others are summed afresh.

    Examples
    --------
    >>> others(np.array([1e20, 1.0, 2.0])).tolist()
    [3.0, 1e+20, 1e+20]
    """
    x = np.asarray(x, dtype=float)
    total = x.sum(axis=-1, keepdims=True)
    out = total - x
    heavy = np.abs(x) > 0.5 * np.abs(total)
    rows = np.flatnonzero(heavy.any(axis=-1))
    if rows.size:
        flat = x.reshape(-1, x.shape[-1])[rows]
        largest = np.argmax(np.abs(flat), axis=-1)
        rest = flat.copy()
        rest[np.arange(rows.size), largest] = 0.0
        result = out.reshape(-1, x.shape[-1])
        result[rows, largest] = rest.sum(axis=-1)
        return np.asarray(result.reshape(x.shape))
    return np.asarray(out)


def _mean_and_residual(y: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Weighted mean and residuals, in two passes: y may be large beside its spread."""
    total = w.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (w * y).sum(axis=-1, keepdims=True) / total
        residual = y - mean
        step = (w * residual).sum(axis=-1, keepdims=True) / total
    return np.asarray((mean + step)[..., 0]), np.asarray(residual - step)


def _triangular_inverse(r: Floats) -> Floats:
    """Inverse of each triangular factor; NaN where it is singular."""
    diagonal = np.diagonal(r, axis1=-2, axis2=-1)
    size = np.abs(diagonal)
    largest = np.abs(r).max(axis=(-2, -1))[..., np.newaxis]
    bad = (size <= largest * 1e-14).any(axis=-1) | ~np.isfinite(size).all(axis=-1)
    safe = np.where(bad[..., np.newaxis, np.newaxis], np.eye(r.shape[-1]), r)
    inverse = np.linalg.inv(safe)
    return np.where(bad[..., np.newaxis, np.newaxis], np.nan, inverse)


def _times(matrix: Floats, vector: Floats) -> Floats:
    return np.asarray(np.einsum("...ij,...j->...i", matrix, vector))


def _inner(u: Floats, z: Floats) -> Floats:
    return np.asarray(np.einsum("...ki,...k->...i", u, z))

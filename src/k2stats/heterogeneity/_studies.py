"""The input of every heterogeneity method: centred, scaled, masked."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity._fast import by_rows, rows_of

_INFINITE = 1025
"""Exponent of an infinite double."""

CHUNK = 1 << 16
"""Most numbers of one chunk of a batch: small enough for a processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Studies:
    r"""Effects and sampling variances as the kernels want them.

    The effects are centred at the most precise study, or are least-squares residuals
    where there are moderators, and everything is divided by a power of two, so that
    neither a shift nor a change of scale costs a digit.

    Attributes
    ----------
    y, v : ndarray, shape (..., K)
        Effects and variances, scaled. Where a study is absent y is 0, v infinite.
    X : ndarray of shape (K, p) or (..., K, p), or None
        Columns with :math:`X^\top X = I`; None where there is nothing but a mean.
    mask : ndarray of shape (..., K), or None
        True where a study is present; None where all are.
    k : ndarray, shape (...)
        Number of studies.
    p : int
        Number of columns.
    scale : ndarray, shape (...)
        What the effects were divided by; variances by its square.
    weights : ndarray of shape (..., K), or None
        Weights of the user, zero where absent, for the estimators that need them.
    variance : ndarray, shape (...), or None
        Variance of the effects about their plain mean, divisor k, scaled; None
        where there is nothing but a mean, as `y` gives it then.
    best : ndarray of int, shape (...), or None
        Which study is the most precise, the one that has effect 0; None where there
        are moderators, or one data set.
    shift : ndarray, shape (...), or None
        Effect of that study as it was given; None where `best` is.
    """

    y: Floats
    v: Floats
    X: Floats | None
    mask: Bools | None
    k: Floats
    p: int
    scale: Floats
    weights: Floats | None = None
    variance: Floats | None = None
    best: Ints | None = None
    shift: Floats | None = None

    @property
    def single(self) -> bool:
        """Whether this is one data set, all of it present."""
        return self.y.ndim == 1 and self.mask is None

    @property
    def df(self) -> Floats:
        """Number of studies less number of columns."""
        return np.asarray(self.k - self.p)

    @property
    def present(self) -> Floats:
        """One where a study is present and zero where not."""
        if self.mask is None:
            return np.ones_like(self.y)
        return self.mask.astype(float)

    @property
    def finite_v(self) -> Floats:
        """Variances, with zero in place of infinity where a study is absent."""
        if self.mask is None:
            return self.v
        return np.where(self.mask, self.v, 0.0)

    def parts(self) -> "Iterator[Studies]":
        """Cut a batch into parts that a cache holds, each a flat batch.

        What is not larger than a part is returned as it is.
        """
        width = self.y.shape[-1]
        if self.y.size * self.p <= CHUNK:
            yield self
            return
        flat = [x.reshape(-1, width) for x in (self.y, self.v)]
        size = flat[0].shape[0]
        each = self.X is not None and self.X.ndim > 2
        X, mask, user = self.X, self.mask, self.weights
        if X is not None and each:
            X = np.broadcast_to(X, (*self.y.shape, self.p)).reshape(size, width, -1)
        one = [
            None if x is None else x.reshape(-1)
            for x in (self.k, self.scale, self.variance)
        ]
        best = None if self.best is None else self.best.reshape(-1)
        shift = None if self.shift is None else self.shift.reshape(-1)
        step = max(1, CHUNK // (width * self.p))
        for start in range(0, size, step):
            at = slice(start, start + step)
            k, scale, variance = (None if x is None else x[at] for x in one)
            assert k is not None
            assert scale is not None
            yield Studies(
                flat[0][at],
                flat[1][at],
                X[at] if X is not None and each else X,
                None if mask is None else mask.reshape(-1, width)[at],
                k,
                self.p,
                scale,
                None if user is None else user.reshape(-1, width)[at],
                variance,
                None if best is None else best[at],
                None if shift is None else shift[at],
            )

    def w(self, tau2: Floats | float = 0.0) -> Floats:
        """Weights one over v + tau2, zero where a study is absent."""
        return np.asarray(1.0 / (self.v + np.asarray(tau2)[..., np.newaxis]))


def prepare(
    y: Floats,
    v: Floats,
    X: Floats | None = None,
    mask: Bools | None = None,
    weights: Floats | None = None,
) -> Studies:
    """Centre, scale and mask validated arrays."""
    if X is not None and X.shape[-1] == 1 and bool((X.flat[0] == X).all()):
        X = None if X.flat[0] != 0.0 else X
    if X is None and y.ndim == 1 and mask is None:
        return _prepare_one(y, v, weights)
    if mask is None:
        k = np.full(y.shape[:-1], float(y.shape[-1]))
    else:
        k = mask.sum(axis=-1, dtype=float)
        y, v = np.where(mask, y, 0.0), np.where(mask, v, np.inf)
        weights = None if weights is None else np.where(mask, weights, 0.0)
    if X is None:
        y, v, scale, best, shift = _centre(y, v)
        if mask is not None:
            y = np.where(mask, y, 0.0)
        return Studies(y, v, None, mask, k, 1, scale, weights, best=best, shift=shift)
    scale = _power_of_two(v.min(axis=-1))
    variance = _plain_variance(y, mask, k) / scale / scale
    if mask is not None:
        X = np.where(mask[..., np.newaxis], X, 0.0)
    X, _ = np.linalg.qr(X)
    y = _without_shift(y, v, X, mask)
    for _ in range(2):
        y = y - np.einsum("...kj,...j->...k", X, np.einsum("...kj,...k->...j", X, y))
    if mask is not None:
        y = np.where(mask, y, 0.0)
    size = scale[..., np.newaxis]
    y, v = np.asarray(y / size), np.asarray(v / size / size)
    return Studies(y, v, X, mask, k, X.shape[-1], scale, weights, variance)


def _without_shift(y: Floats, v: Floats, X: Floats, mask: Bools | None) -> Floats:
    """Effects from that of the most precise study on, where the columns allow it.

    They do where a constant is a combination of them. Projection alone would round on
    the scale of the effects, this does on that of their differences.
    """
    ones = np.ones(y.shape[-1]) if mask is None else mask.astype(float)
    share = np.einsum("...kj,...k->...j", X, ones)
    left = ones - np.einsum("...kj,...j->...k", X, share)
    spans = (left**2).sum(axis=-1) <= 1e-20 * ones.sum(axis=-1)
    best = np.argmin(v, axis=-1)[..., np.newaxis]
    shift = np.take_along_axis(y, best, axis=-1)
    return np.asarray(y - ones * np.where(np.asarray(spans)[..., np.newaxis], shift, 0))


def _centre(y: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Ints, Floats]:
    """Effects from that of the most precise study on, scaled.

    What is returned has the usual shape but lies in memory studies first, as the
    kernels want it; then the scale, which study that is, and its effect.
    """
    width = y.shape[-1]
    if y.ndim > 1 and by_rows():
        return _centre_rows(y, v)
    rows = y.reshape(-1, width), v.reshape(-1, width)
    size = rows[0].shape[0]
    best = rows[1].argmin(axis=-1)
    at = best + width * np.arange(size)
    shift, smallest = rows[0].take(at), rows[1].take(at)
    scale = _power_of_two(smallest)
    by = 1.0 / scale
    out = np.empty((2, width, size))
    # Copied first: arithmetic across the rows of memory takes twice the time.
    out[0], out[1] = rows[0].T, rows[1].T
    out[0] -= shift
    out[0] *= by
    out[1] *= by * by
    shape = y.shape[:-1]
    return (
        out[0].T.reshape(*shape, width),
        out[1].T.reshape(*shape, width),
        scale.reshape(shape),
        best.reshape(shape),
        shift.reshape(shape),
    )


def _centre_rows(y: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Ints, Floats]:
    """:func:`_centre` by a compiled kernel, which wants studies beside each other."""
    from k2stats.heterogeneity._fast_sums import centred  # imports numba

    width, shape = y.shape[-1], y.shape[:-1]
    y, v, scale, best, shift = centred(rows_of(y, width), rows_of(v, width))
    return (
        y.reshape(*shape, width),
        v.reshape(*shape, width),
        scale.reshape(shape),
        best.reshape(shape),
        shift.reshape(shape),
    )


def _power_of_two(smallest: Floats) -> Floats:
    """Scale of the effects that brings the smallest variance near one, exactly.

    Half the exponent, read from and written to the bits of a double; one where no study
    is there.
    """
    exponent = (np.asarray(smallest).view(np.int64) >> 52) - 1022
    exponent = np.where(exponent == _INFINITE, 0, exponent)
    return np.asarray((((exponent >> 1) + 1023) << 52).view(float))


def _prepare_one(y: Floats, v: Floats, weights: Floats | None) -> Studies:
    """:func:`prepare` for one data set, with no array that holds but one number."""
    best = v.argmin()
    scale = math.ldexp(1.0, math.frexp(v[best])[1] >> 1)
    y = (y - y[best]) / scale
    return Studies(
        y=y,
        v=v / scale / scale,
        X=None,
        mask=None,
        k=np.array(float(y.size)),
        p=1,
        scale=np.array(scale),
        weights=weights,
    )


def _plain_variance(y: Floats, mask: Bools | None, k: Floats) -> Floats:
    """Variance about the plain mean, divisor k."""
    mean = (y.sum(axis=-1) / k)[..., np.newaxis]
    square = (y - mean) ** 2
    if mask is not None:
        square = np.where(mask, square, 0.0)
    return np.asarray(square.sum(axis=-1) / k)


def slices(
    size: int,
    y: Floats,
    v: Floats,
    X: Floats | None,
    mask: Bools | None,
    weights: Floats | None,
) -> Iterator[tuple[Floats, Floats, Floats | None, Bools | None, Floats | None]]:
    """Cut a batch of `size` data sets into parts that a cache holds."""
    k = y.shape[-1]
    p = 1 if X is None else X.shape[-1]
    each = X is not None and X.ndim > 2
    rows = y.reshape(size, k), v.reshape(size, k)
    if X is not None and each:
        X = np.broadcast_to(X, (*y.shape, p)).reshape(size, k, p)
    m = None if mask is None else mask.reshape(size, k)
    user = None if weights is None else weights.reshape(size, k)
    # Two at least, so that what the kernels need beside stays small beside the input.
    numbers = size * k * p
    parts = max(1 if numbers < CHUNK // 4 else 2, math.ceil(numbers / CHUNK))
    step = max(1, math.ceil(size / parts))
    for start in range(0, size, step):
        part = slice(start, start + step)
        yield (
            rows[0][part],
            rows[1][part],
            X[part] if X is not None and each else X,
            None if m is None else m[part],
            None if user is None else user[part],
        )

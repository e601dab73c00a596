"""Arrays coerced and checked once, before any kernel sees them."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats


def validate(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    least: int = 1,
) -> tuple[Floats, Floats, Floats | None, Bools | None, Floats | None]:
    """Coerce to arrays and check, once, what every kernel takes for granted.

    Parameters
    ----------
    y, v : array-like, shape (..., K)
    X : array-like, shape (K, p) or (..., K, p), optional
    mask : array-like of bool, shape (..., K), optional
    weights : array-like, shape (..., K), optional
    least : int
        Fewest studies beyond the number of columns that a single data set must have.

    Raises
    ------
    InvalidEvidenceError
        Where a value is NaN or infinite, a variance not positive, a length wrong, a
        single data set too small, or the columns of X linearly dependent.
    """
    y, v = _floats("y", y), _floats("v", v)
    if y.shape != v.shape:
        try:
            shape = np.broadcast_shapes(y.shape, v.shape)
        except ValueError:
            shape = ()
        if not shape or y.shape[-1] != v.shape[-1]:
            raise InvalidEvidenceError(
                field="y, v", requirement=f"of one length, got {y.shape} and {v.shape}"
            )
        y, v = np.broadcast_to(y, shape), np.broadcast_to(v, shape)
    if y.shape[-1] == 0:
        raise InvalidEvidenceError(field="y, v", requirement="non-empty")
    m = None if mask is None else _mask(mask, y.shape)
    columns = None if X is None else _columns(X, y.shape)
    user = None
    if weights is not None:
        user = _floats("weights", weights)
        if user.shape[-1] != y.shape[-1]:
            raise InvalidEvidenceError(
                field="weights",
                requirement=f"of length {y.shape[-1]}",
                given=user.shape,
            )
        user = np.broadcast_to(user, y.shape)
        _require("weights", "finite and not negative", np.isfinite(user), m)
        _require("weights", "finite and not negative", user >= 0.0, m)
    # Two reductions tell the common, faultless case apart.
    if m is not None or not (
        v.min() > 0.0 and v.max() < np.inf and np.isfinite(y).all()
    ):
        _require("y", "finite", np.isfinite(y), m)
        _require("v", "positive and finite", np.isfinite(v) & (v > 0.0), m)
    p = 1 if columns is None else columns.shape[-1]
    if y.ndim == 1:
        k = y.shape[-1] if m is None else int(m.sum())
        if k < p + least:
            raise InvalidEvidenceError(
                field="y",
                requirement=(
                    f"at least {p + least} studies where the model has {p} "
                    f"coefficient{'s' if p > 1 else ''}"
                ),
                given=k,
            )
    return y, v, columns, m, user


def _floats(field: str, values: ArrayLike) -> Floats:
    if isinstance(values, np.ndarray) and values.dtype == np.float64:
        array = values
    else:
        array = as_floats(field, values)
    if array.ndim == 0:
        array = array[np.newaxis]
    return array


def _mask(mask: ArrayLike, shape: tuple[int, ...]) -> Bools:
    m = np.asarray(mask)
    if m.dtype != np.bool_ or m.shape[-1:] != shape[-1:]:
        raise InvalidEvidenceError(
            field="mask",
            requirement=f"true or false, of length {shape[-1]}",
            given=(str(m.dtype), m.shape),
        )
    return np.broadcast_to(m, shape)


def _columns(X: ArrayLike, shape: tuple[int, ...]) -> Floats:
    columns = np.asarray(X, dtype=float)
    if columns.ndim < 2 or columns.shape[-2] != shape[-1]:
        raise InvalidEvidenceError(
            field="X",
            requirement=f"of shape (..., {shape[-1]}, p)",
            given=columns.shape,
        )
    if not np.isfinite(columns).all():
        raise InvalidEvidenceError(field="X", requirement="finite")
    if columns.shape[-2] >= columns.shape[-1] and columns.ndim == 2:
        size = np.sqrt((columns**2).sum(axis=0))
        with np.errstate(divide="ignore", invalid="ignore"):
            rank = np.linalg.matrix_rank(
                np.nan_to_num(columns / size), tol=1e-11 * max(columns.shape)
            )
        if rank < columns.shape[-1]:
            raise InvalidEvidenceError(
                field="X",
                requirement="of linearly independent columns",
                given=f"rank {int(rank)} of {columns.shape[-1]}",
            )
    return columns


def _require(field: str, requirement: str, holds: Bools, mask: Bools | None) -> None:
    bad = ~holds if mask is None else ~holds & mask
    if bad.any():
        # In a batch a row is a data set, counted through all leading axes.
        rows = np.flatnonzero(bad.reshape(-1, bad.shape[-1]).any(axis=-1))
        if bad.ndim == 1:
            rows = np.flatnonzero(bad)
        raise InvalidEvidenceError(
            field=field, requirement=requirement, rows=rows.tolist()
        )

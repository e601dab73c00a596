"""The one place where array-likes become validated float arrays."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError

LARGEST_COUNT = 2.0**53
"""Counts beyond this are not whole numbers in double precision any more."""


def as_floats(field: str, values: ArrayLike) -> Floats:
    """Return `values` as a float array with at least one axis.

    Text, booleans and objects that are not numbers are refused: a column read as
    text holds something that is not a number, and guessing hides it. A missing
    value (None, NaN, pandas NA) becomes NaN.
    """
    if isinstance(values, pd.Series):
        if isinstance(values.dtype, pd.CategoricalDtype):
            raise InvalidEvidenceError(
                field=field, requirement="numeric, not categorical"
            )
        if pd.api.types.is_numeric_dtype(values.dtype):
            values = values.to_numpy(dtype=float, na_value=np.nan)
        else:
            values = values.to_numpy(dtype=object)
    array = np.asarray(values)
    if array.dtype.kind == "O":
        missing = pd.isna(array)
        numeric = np.array(
            [isinstance(x, int | float | np.number) for x in array.ravel()], dtype=bool
        ).reshape(array.shape)
        bad = np.flatnonzero(~(numeric | missing))
        if bad.size:
            raise InvalidEvidenceError(
                field=field,
                requirement="numeric",
                given=array.ravel()[bad[0]],
                rows=bad.tolist(),
            )
        array = np.where(missing, np.nan, array).astype(float)
    elif array.dtype.kind not in "iuf":
        raise InvalidEvidenceError(
            field=field,
            requirement="numeric",
            given=array.ravel()[0].item() if array.size else None,
        )
    return np.atleast_1d(array.astype(float))


def require(field: str, requirement: str, holds: Bools, values: Floats) -> None:
    """Raise with the rows where `holds` is False."""
    bad = np.flatnonzero(~np.broadcast_to(holds, values.shape))
    if bad.size:
        raise InvalidEvidenceError(
            field=field,
            requirement=requirement,
            given=values.ravel()[bad[0]].item(),
            rows=bad.tolist(),
        )


def together(
    fields: dict[str, ArrayLike],
    convert: Callable[[str, ArrayLike], Floats] = as_floats,
) -> dict[str, Floats]:
    """Convert and broadcast several fields to one shape, each array read-only."""
    arrays = {name: convert(name, values) for name, values in fields.items()}
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
    except ValueError:
        sizes = ", ".join(f"{n} {a.shape}" for n, a in arrays.items())
        raise InvalidEvidenceError(
            field=", ".join(arrays), requirement=f"of one length, got {sizes}"
        ) from None
    if 0 in shape:
        raise InvalidEvidenceError(
            field=", ".join(arrays), requirement="non-empty; there are no rows"
        )
    return {n: frozen(np.broadcast_to(a, shape).copy()) for n, a in arrays.items()}


def is_count(value: object, *, least: int) -> bool:
    """Whether `value` is a whole number, not a truth value, of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return int(value) >= least


def frozen(array: Floats) -> Floats:
    """Return `array` marked read-only."""
    array.flags.writeable = False
    return array

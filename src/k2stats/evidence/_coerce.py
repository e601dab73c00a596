"""The one place where array-likes become validated float arrays."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError

LARGEST_COUNT = 2.0**53
"""Counts beyond this are not whole numbers in double precision any more."""
_NUMBERS = frozenset({float, int, np.float64, np.float32, np.int64, np.int32})


def as_floats(field: str, values: ArrayLike) -> Floats:
    """Return `values` as a float array with at least one axis.

    Text, booleans and objects that are not numbers are refused: a column read as
    text holds something that is not a number, and guessing hides it. A missing
    value (None, NaN, pandas NA, a masked entry) becomes NaN.
    """
    values = _plain(field, values)
    try:
        array = np.asarray(values)
    except ValueError:
        raise InvalidEvidenceError(
            field=field, requirement="an array whose rows have one length"
        ) from None
    if isinstance(values, list | tuple):
        _refuse_truth_values(field, values)
    if array.dtype.kind == "O":
        missing = pd.isna(array)
        numeric = np.array(
            [
                isinstance(x, int | float | np.number) and not isinstance(x, bool)
                for x in array.ravel()
            ],
            dtype=bool,
        ).reshape(array.shape)
        bad = np.flatnonzero(~(numeric | missing))
        if bad.size:
            raise InvalidEvidenceError(
                field=field,
                requirement="numeric",
                given=array.ravel()[bad[0]],
                rows=bad.tolist(),
            )
        _refuse_inexact(
            field, array.ravel()[[isinstance(x, int) for x in array.ravel()]]
        )
        array = np.where(missing, np.nan, array).astype(float)
    elif array.dtype.kind not in "iuf":
        raise InvalidEvidenceError(
            field=field,
            requirement="numeric",
            given=array.ravel()[0].item() if array.size else None,
        )
    elif array.dtype.kind in "iu":
        _refuse_inexact(field, array)
    return np.atleast_1d(array.astype(float))


def _plain(field: str, values: ArrayLike) -> ArrayLike:
    """Return what numpy reads as it is meant; pandas' own types by their rules."""
    if isinstance(values, np.ma.MaskedArray):
        array = np.array(values.data, dtype=object)
        array[np.ma.getmaskarray(values)] = None
        return array
    if isinstance(values, pd.Index | pd.api.extensions.ExtensionArray):
        values = pd.Series(values)
    if not isinstance(values, pd.Series):
        return values
    if isinstance(values.dtype, pd.CategoricalDtype):
        raise InvalidEvidenceError(field=field, requirement="numeric, not categorical")
    if pd.api.types.is_bool_dtype(values.dtype):
        raise InvalidEvidenceError(
            field=field, requirement="numeric, not true or false"
        )
    if pd.api.types.is_integer_dtype(values.dtype):
        _refuse_inexact(field, values.dropna().to_numpy())
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return values.to_numpy(dtype=object)


def _refuse_truth_values(field: str, values: Sequence[Any]) -> None:
    """Refuse True and False in nested lists, where numpy makes 1 and 0 of them."""
    kinds = set(map(type, values))
    if kinds & {bool, np.bool_}:
        first = next(x for x in values if isinstance(x, bool | np.bool_))
        raise InvalidEvidenceError(
            field=field, requirement="numeric", given=bool(first)
        )
    if kinds & {list, tuple}:
        for x in values:
            if isinstance(x, list | tuple):
                _refuse_truth_values(field, x)


def _refuse_inexact(field: str, whole: NDArray[Any]) -> None:
    """Refuse whole numbers that no double holds: 2**53 + 1 would become 2**53."""
    limit = int(LARGEST_COUNT)  # compared as whole numbers, not as doubles
    large = whole[(whole > limit) | (whole < -limit)]
    for number in map(int, large.ravel().tolist()):
        if abs(number) > 1e308 or int(float(number)) != number:
            raise InvalidEvidenceError(
                field=field,
                requirement="exact in double precision; beyond 2**53 not every whole "
                "number is",
                given=number if abs(number) < 10**40 else None,
            )


def rows_of(values: Iterable[Any]) -> Floats | None:
    """Return plain numbers as the rows of one read-only array, or None.

    The quick way for what leaves nothing to judge: arrays, Series and lists of whole
    or floating numbers, all of one shape, and single numbers among them. None for
    anything else, which :func:`as_floats` reads field by field and refuses by name.
    """
    parts: list[NDArray[Any]] = []
    shapes: set[tuple[int, ...]] = set()
    whole = False
    for value in values:
        kind = type(value)
        if kind is np.ndarray:
            part = value
        elif kind is pd.Series and isinstance(value.dtype, np.dtype):
            part = value.to_numpy()
        elif kind in _NUMBERS or (
            kind is list and _NUMBERS.issuperset(map(type, value))
        ):
            part = np.array(value)  # of objects, where no 64 bits hold a number
        else:
            return None
        held = part.dtype.kind
        if held not in "iuf":
            return None
        whole = whole or held != "f"
        shapes.add(part.shape)
        parts.append(part)
    if len(shapes) == 1 and () not in shapes:
        rows = np.array(parts, dtype=float)
    else:
        shapes.discard(())
        if len(shapes) > 1:
            return None
        rows = np.empty((len(parts), *(shapes.pop() if shapes else (1,))))
        for row, part in zip(rows, parts, strict=True):
            row[...] = part
    if rows.size == 0:
        return None
    if whole and np.count_nonzero(np.abs(rows) >= LARGEST_COUNT):
        return None  # a double may not hold such a whole number
    return frozen(rows)


def are_numbers(values: Iterable[object]) -> bool:
    """Whether all are single numbers of the usual types, none of them an array."""
    return _NUMBERS.issuperset(map(type, values))


def all_hold(holds: Bools | np.bool_) -> bool:
    """Whether every element is True, at the least cost for few elements."""
    return holds is np.True_ or bool(np.count_nonzero(holds) == np.size(holds))


def require(field: str, requirement: str, holds: Bools, values: Floats) -> None:
    """Raise with the rows where `holds` is False."""
    if all_hold(holds):
        return
    bad = np.flatnonzero(~np.broadcast_to(holds, values.shape))
    if bad.size:  # none where values are empty
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
    if convert is as_floats:
        rows = rows_of(fields.values())
        if rows is not None:
            return dict(zip(fields, rows, strict=False))  # one row each
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

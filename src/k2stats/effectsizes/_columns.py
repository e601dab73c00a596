"""Columns of a frame, or arrays, as floats and labels; errors name the column."""

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from k2stats._typing import Bools, Floats
from k2stats.effectsizes._labels import pick
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats, frozen, rows_of

Column: TypeAlias = str | ArrayLike
Labels: TypeAlias = str | Sequence[Hashable] | pd.Series | None


def column(name: str, given: Column, frame: pd.DataFrame | None) -> Floats:
    """One argument as floats; the error names the column."""
    if not isinstance(given, str):
        return as_floats(name, given)
    return as_floats(called(name, given), _series(name, given, frame))


def plain_rows(columns: Sequence[Column], frame: pd.DataFrame | None) -> Floats | None:
    """Columns of plain numbers and of one shape as rows; None to look at each.

    Whole numbers are not compared with what a double holds: whoever takes the rows
    refuses large numbers, and has them read one by one.
    """
    given: Sequence[object] = columns
    if frame is not None:
        try:
            given = [frame[x] if isinstance(x, str) else x for x in columns]
        except KeyError:  # a column that does not exist
            return None
    parts: list[NDArray[Any]] = []
    for values in given:
        kind = type(values)
        if kind is np.ndarray:
            part: Any = values
        elif isinstance(values, pd.Series) and isinstance(values.dtype, np.dtype):
            part = values.to_numpy()
        else:
            return rows_of(given)  # lists and single numbers
        if part.dtype.kind not in "iuf":
            return None
        parts.append(part)
    shape = parts[0].shape
    if parts[0].size == 0 or any(part.shape != shape for part in parts):
        return rows_of(given)
    return frozen(np.array(parts, dtype=float, ndmin=2))


def _series(name: str, given: str, frame: pd.DataFrame | None) -> pd.Series:
    if frame is None:
        raise InvalidEvidenceError(
            field=name,
            requirement="an array, as no DataFrame was given",
            given=given,
        )
    try:
        series = frame[given]
    except KeyError:
        raise InvalidEvidenceError(
            field=name,
            requirement=f"a column, one of {', '.join(map(str, frame.columns))}",
            given=given,
        ) from None
    if isinstance(series, pd.DataFrame):
        raise InvalidEvidenceError(
            field=name, requirement="one column; the name comes twice", given=given
        )
    return series


def called(name: str, given: Column) -> str:
    return f"{name} (column {given!r})" if isinstance(given, str) else name


def labels_from(
    name: str, given: Labels, frame: pd.DataFrame | None
) -> tuple[Hashable, ...] | None:
    if given is None:
        return None
    if isinstance(given, str):
        given = _series(name, given, frame)
    return tuple(given.tolist() if isinstance(given, pd.Series) else given)


def index_labels(frame: pd.DataFrame) -> tuple[Hashable, ...] | None:
    if isinstance(frame.index, pd.RangeIndex) or frame.index.has_duplicates:
        return None
    return tuple(frame.index.tolist())


def refuse_other_rows(given: dict[str, object], frame: pd.DataFrame | None) -> None:
    """Refuse a Series whose index is not that of the frame, or of the Series before.

    Values are read by position; a Series with other rows or another order would be
    set beside the wrong studies.
    """
    first = None if frame is None else ("data", frame.index)
    for name, values in given.items():
        if not isinstance(values, pd.Series):
            continue
        if first is None:
            first = name, values.index
        elif not values.index.equals(first[1]):
            raise InvalidEvidenceError(
                field=name,
                requirement=f"a Series with the index of {first[0]}; this one has "
                "other rows or another order (give .to_numpy() to go by position)",
            )


def refuse_missing(arrays: dict[str, Floats], columns: dict[str, Column]) -> None:
    for name, array in arrays.items():
        bad = np.flatnonzero(np.isnan(array))
        if bad.size:
            raise InvalidEvidenceError(
                field=called(name, columns[name]),
                requirement="present (drop_missing=True leaves such rows out)",
                rows=bad.tolist(),
            )


def rows_present(arrays: dict[str, Floats], asked: str) -> Bools | None:
    """Rows without a missing value; None where all are, or the lengths differ."""
    try:
        full = np.broadcast_arrays(*arrays.values())
    except ValueError:
        return None  # the evidence says which lengths
    if full[0].ndim != 1:
        raise InvalidEvidenceError(
            field=asked,
            requirement="used with one set of studies, not with a batch",
        )
    present = np.logical_and.reduce([~np.isnan(a) for a in full])
    return None if present.all() else np.asarray(present)


def rows_at(
    present: Bools,
    arrays: dict[str, Floats],
    labels: tuple[Hashable, ...] | None,
    groups: tuple[Hashable, ...] | None,
    vtype: str | Sequence[str],
) -> tuple[
    dict[str, Floats],
    tuple[Hashable, ...] | None,
    tuple[Hashable, ...] | None,
    str | Sequence[str],
]:
    """Select the rows of columns, labels and types of variance."""
    for name, held in (("study", labels), ("by", groups)):
        if held is not None and len(held) != present.size:
            raise InvalidEvidenceError(
                field=name,
                requirement=f"one label for each of {present.size} studies",
                given=len(held),
            )
    where = np.flatnonzero(present)
    return (
        {n: np.broadcast_to(a, present.shape)[where] for n, a in arrays.items()},
        pick(labels, where),
        pick(groups, where),
        vtype if isinstance(vtype, str) else [vtype[int(i)] for i in where],
    )

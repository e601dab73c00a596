"""Ways to build evidence from named arrays, and errors that name the column."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, NoReturn

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.effectsizes._columns import Column, called
from k2stats.effectsizes._measures import find_measure
from k2stats.effectsizes._summaries import (
    Domain,
    Limits,
    Summaries,
    field_names,
)
from k2stats.effectsizes.compute import AnyEvidence
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import TwoByTwo, TwoMeans


class Way(NamedTuple):
    """One way to build evidence from arrays.

    `build` takes them by name and says what is wrong with them; `quick` takes them as
    rows in the order of `names`, and answers None where anything is or might be.
    """

    names: tuple[str, ...]
    build: Callable[..., AnyEvidence]
    quick: Callable[[Floats], AnyEvidence | None]


_COUNT, _SIZE = Limits(0, whole=True), Limits(1, whole=True)
_COUNTS, _CELLS = Domain((_COUNT, _SIZE) * 2), Domain((_COUNT,) * 4)
_SUMMARY = Domain((Limits(), Limits(0), Limits(2, whole=True)) * 2)


def _tables(rows: Floats) -> TwoByTwo | None:
    """Tables of rows that plainly pass what :meth:`TwoByTwo.from_counts` asks."""
    if not _COUNTS.plainly_holds(rows):
        return None
    events1, n1, events2, n2 = rows
    fit = np.count_nonzero(events1 <= n1) + np.count_nonzero(events2 <= n2)
    return TwoByTwo(events1, n1, events2, n2) if fit == 2 * n1.size else None


def _tables_of_cells(rows: Floats) -> TwoByTwo | None:
    """Tables of cells that plainly pass :meth:`TwoByTwo.from_cells`."""
    return TwoByTwo.of_cell_rows(rows) if _CELLS.plainly_holds(rows) else None


def _means(rows: Floats) -> TwoMeans | None:
    """Means that plainly pass what :meth:`TwoMeans.from_summary` asks."""
    return TwoMeans(*rows) if _SUMMARY.plainly_holds(rows) else None


_BUILDERS: dict[type, tuple[tuple[Callable[..., Any], Callable[..., Any]], ...]] = {
    TwoByTwo: (
        (TwoByTwo.from_counts, _tables),
        (TwoByTwo.from_cells, _tables_of_cells),
    ),
    TwoMeans: ((TwoMeans.from_summary, _means),),
}


@cache
def ways(kind: type) -> tuple[Way, ...]:
    """Return the ways to build evidence of a type from named arrays."""
    if issubclass(kind, Summaries):
        made: Any = kind
        return (Way(field_names(made), kind.from_arrays, kind.of_rows),)
    return tuple(
        Way(tuple(inspect.signature(build).parameters), build, quick)
        for build, quick in _BUILDERS[kind]
    )


@cache
def _way(kind: type, given: tuple[str, ...]) -> Way | None:
    """Way that takes columns of these names, in any order."""
    names = set(given)
    return next((way for way in ways(kind) if names == set(way.names)), None)


def way_for(measure: str, columns: dict[str, Column]) -> Way:
    """Return the way that takes the columns given, or say which there are."""
    found = _way(find_measure(measure).evidence, tuple(columns))
    return _refused(measure, columns) if found is None else found


def _refused(measure: str, columns: dict[str, Column]) -> NoReturn:
    given = set(columns)
    options = [way.names for way in ways(find_measure(measure).evidence)]
    wanted = " or ".join(", ".join(names) for names in options)
    nearest = max(options, key=lambda names: len(given & set(names)))
    missing = [n for n in nearest if n not in given]
    if missing and given <= set(nearest):
        raise MissingInputError(
            field=", ".join(missing), needed_for=measure, hint=f"it takes {wanted}"
        )
    raise InvalidEvidenceError(
        field=f"columns of {measure}",
        requirement=wanted,
        given=", ".join(columns) or "none",
    )


def named(
    build: Callable[..., AnyEvidence],
    arrays: dict[str, Floats],
    columns: dict[str, Column],
    present: Bools | None,
) -> AnyEvidence:
    """Build the evidence; an error names the column beside the argument.

    Where rows with a missing value were taken out, it counts the rows as they came.
    """
    try:
        return build(**arrays)
    except InvalidEvidenceError as error:
        given = columns.get(error.field)
        field = error.field
        if isinstance(given, str) and given != field:
            field = called(field, given)
        elif present is None:
            raise
        rows = error.rows
        if present is not None:
            rows = np.flatnonzero(present)[rows].tolist()
        raise InvalidEvidenceError(
            field=field,
            requirement=error.requirement,
            given=error.given,
            rows=rows,
        ) from None

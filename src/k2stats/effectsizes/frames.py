"""The front door: effect sizes from evidence, arrays or the columns of a frame."""

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from k2stats._typing import Floats
from k2stats.effectsizes._base import EffectSizes
from k2stats.effectsizes._columns import (
    Column,
    Labels,
    called,
    column,
    index_labels,
    labels_from,
    plain_rows,
    refuse_missing,
    refuse_other_rows,
    without_missing,
)
from k2stats.effectsizes._measures import find_measure
from k2stats.effectsizes._plausibility import check_standardized
from k2stats.effectsizes._summaries import Summaries, field_names
from k2stats.effectsizes.compute import AnyEvidence, measures_of
from k2stats.effectsizes.zero_cells import ZeroCells
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import TwoByTwo, TwoMeans

Data: TypeAlias = pd.DataFrame | AnyEvidence | None


class _Way(NamedTuple):
    """One way to build evidence from arrays.

    `build` takes them by name and says what is wrong with them; `quick` takes them as
    rows in the order of `names` and answers None where anything is.
    """

    names: tuple[str, ...]
    build: Callable[..., AnyEvidence]
    quick: Callable[[Floats], AnyEvidence | None]


_BUILDERS: dict[type, tuple[tuple[Callable[..., Any], Callable[..., Any]], ...]] = {
    TwoByTwo: (
        (TwoByTwo.from_counts, TwoByTwo.of_rows),
        (TwoByTwo.from_cells, TwoByTwo.of_cell_rows),
    ),
    TwoMeans: ((TwoMeans.from_summary, TwoMeans.of_rows),),
}


@cache
def _ways(kind: type[Any]) -> tuple[_Way, ...]:
    """Return the ways to build evidence of a type from named arrays."""
    if issubclass(kind, Summaries):
        return (_Way(field_names(kind), kind.from_arrays, kind.of_rows),)
    return tuple(
        _Way(tuple(inspect.signature(build).parameters), build, quick)
        for build, quick in _BUILDERS[kind]
    )


def needs(measure: str) -> list[tuple[str, ...]]:
    """Names of the columns a measure is computed from; any one set will do.

    Examples
    --------
    >>> needs("RR")
    [('events1', 'n1', 'events2', 'n2'), ('a', 'b', 'c', 'd')]
    """
    return [way.names for way in _ways(find_measure(measure).evidence)]


def effect_sizes(
    data: Data,
    measure: str,
    *,
    study: Labels = None,
    by: Labels = None,
    zero_cells: ZeroCells | None = None,
    vtype: str | Sequence[str] = "LS",
    correct: bool = True,
    drop_missing: bool = False,
    check_scale: bool = True,
    **columns: Column,
) -> EffectSizes:
    """Effect sizes of many studies.

    Parameters
    ----------
    data : DataFrame, evidence or None
        A frame whose columns are named below, evidence such as
        :class:`~k2stats.evidence.TwoByTwo`, or None where arrays are given.
    measure : str
        Code of the measure, e.g. ``"RR"``.
    study, by : str or sequence, optional
        Label and subgroup of each study: a column name or the labels. Without it
        a frame whose index is not just a count of rows gives the labels.
    zero_cells : ZeroCells, optional
        Rule for zero counts; by default the measure's own.
    vtype : str or sequence of str
        Type of sampling variance.
    correct : bool
        Small-sample correction of the effect.
    drop_missing : bool
        Leave out rows with a missing value and count them in the result; otherwise
        they are an error.
    check_scale : bool
        Refuse standardized differences beyond 20 SDs, which come of standard errors
        in the place of SDs.
    **columns : str or array_like
        What the measure needs (``needs(measure)``), each a column name or an array.

    Raises
    ------
    InvalidEvidenceError
        For columns that do not exist or are not numeric, wrong or missing
        arguments, impossible values, a Series with other rows than the frame;
        names the column and the rows.
    UnknownMethodError
        For an unknown measure or type of variance.

    Examples
    --------
    >>> trials = pd.DataFrame({"author": ["A", "B"], "tpos": [4, 6], "tn": [123, 306],
    ...                        "cpos": [11, 29], "cn": [139, 303]})
    >>> es = effect_sizes(trials, "RR", events1="tpos", n1="tn", events2="cpos",
    ...                   n2="cn", study="author")
    >>> print(es)
    Study  RR (95% CI)
    A      0.411 (0.134 to 1.257)
    B      0.205 (0.086 to 0.486)
    """
    found = find_measure(measure)
    frame = data if isinstance(data, pd.DataFrame) else None
    labels, groups = (
        labels_from("study", study, frame),
        labels_from("by", by, frame),
    )
    if data is not None and frame is None:
        if columns:
            raise InvalidEvidenceError(
                field=", ".join(columns),
                requirement="left out where evidence is given",
            )
        made = measures_of(
            data,  # type: ignore[arg-type]
            measure,
            study=labels,
            by=groups,
            zero_cells=zero_cells,
            vtype=vtype,
            correct=correct,
        )
        return _plausible(made, check_scale)
    way = _way(measure, columns)
    refuse_other_rows({**columns, "study": study, "by": by}, frame)
    if labels is None and frame is not None:
        labels = index_labels(frame)
    dropped = 0
    rows = plain_rows([columns[name] for name in way.names], frame)
    evidence = None if rows is None else way.quick(rows)
    if evidence is None:
        arrays = {name: column(name, given, frame) for name, given in columns.items()}
        if drop_missing:
            arrays, labels, groups, vtype, dropped = without_missing(
                arrays, labels, groups, vtype
            )
        else:
            refuse_missing(arrays, columns)
        evidence = _named(way.build, arrays, columns)
    made = measures_of(
        evidence,
        found.code,
        study=labels,
        by=groups,
        zero_cells=zero_cells,
        vtype=vtype,
        correct=correct,
        dropped=dropped,
    )
    return _plausible(made, check_scale)


def effect_size(
    evidence: AnyEvidence,
    measure: str,
    *,
    zero_cells: ZeroCells | None = None,
    vtype: str = "LS",
    correct: bool = True,
    check_scale: bool = True,
) -> EffectSizes:
    """Effect size of one study.

    Parameters
    ----------
    evidence : TwoByTwo, TwoMeans or one of the input classes
        Of one study.
    measure, zero_cells, vtype, correct, check_scale
        As in :func:`effect_sizes`.

    Raises
    ------
    InvalidEvidenceError
        If the evidence holds more than one study or is of the wrong kind.

    Examples
    --------
    >>> table = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> effect_size(table, "RR")
    RR 1.234 (0.992 to 1.535)
    """
    made = measures_of(
        evidence, measure, zero_cells=zero_cells, vtype=vtype, correct=correct
    )
    if made.y.size != 1:
        raise InvalidEvidenceError(
            field="evidence",
            requirement="of one study (effect_sizes takes many)",
            given=f"{made.y.size} studies",
        )
    return _plausible(made, check_scale)


def _plausible(made: EffectSizes, check_scale: bool) -> EffectSizes:
    if check_scale:
        check_standardized(made.info, made.y)
    return made


def _way(measure: str, columns: dict[str, Column]) -> _Way:
    given = set(columns)
    for way in _ways(find_measure(measure).evidence):
        if given == set(way.names):
            return way
    options = needs(measure)
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


def _named(
    build: Callable[..., AnyEvidence],
    arrays: dict[str, Floats],
    columns: dict[str, Column],
) -> AnyEvidence:
    """Build the evidence; an error names the column beside the argument."""
    try:
        return build(**arrays)
    except InvalidEvidenceError as error:
        given = columns.get(error.field)
        if not isinstance(given, str) or given == error.field:
            raise
        raise InvalidEvidenceError(
            field=called(error.field, given),
            requirement=error.requirement,
            given=error.given,
            rows=error.rows,
        ) from None

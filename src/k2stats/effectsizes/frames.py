"""The front door: effect sizes from evidence, arrays or the columns of a frame."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats
from k2stats.effectsizes._base import EffectSizes
from k2stats.effectsizes._building import named, way_for, ways
from k2stats.effectsizes._columns import (
    Column,
    Labels,
    column,
    index_labels,
    labels_from,
    plain_rows,
    refuse_missing,
    refuse_other_rows,
    rows_at,
    rows_present,
)
from k2stats.effectsizes._labels import check_labels
from k2stats.effectsizes._measures import find_measure
from k2stats.effectsizes._plausibility import check_standardized
from k2stats.effectsizes.compute import AnyEvidence, measures_of
from k2stats.effectsizes.zero_cells import Rule
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import frozen

Data: TypeAlias = pd.DataFrame | AnyEvidence | None


def needs(measure: str) -> list[tuple[str, ...]]:
    """Names of the columns a measure is computed from; any one set will do.

    Examples
    --------
    >>> needs("RR")
    [('events1', 'n1', 'events2', 'n2'), ('a', 'b', 'c', 'd')]
    """
    return [way.names for way in ways(find_measure(measure).evidence)]


def effect_sizes(
    data: Data,
    measure: str,
    *,
    study: Labels = None,
    by: Labels = None,
    zero_cells: Rule | None = None,
    vtype: str | Sequence[str] = "LS",
    correct: bool = True,
    drop_missing: bool = False,
    keep_missing: bool = False,
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
    zero_cells : ZeroCells or str, optional
        Rule for zero counts, or which tables 0.5 is added to (``"only0"``, ``"all"``,
        ``"if0all"``, ``"none"``); by default the measure's own.
    vtype : str or sequence of str
        Type of sampling variance.
    correct : bool
        Small-sample correction of the effect.
    drop_missing : bool
        Leave out rows with a missing value and count them in the result; otherwise
        they are an error.
    keep_missing : bool
        Keep rows with a missing value in their place, without an effect and a
        variance (NaN), so that the result lines up with the input. What is averaged
        over studies is averaged over the other rows.
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
    frame = data if isinstance(data, pd.DataFrame) else None
    labels = None if study is None else labels_from("study", study, frame)
    groups = None if by is None else labels_from("by", by, frame)
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
        return _plausible(made) if check_scale else made
    way = way_for(measure, columns)
    refuse_other_rows({**columns, "study": study, "by": by}, frame)
    if labels is None and frame is not None:
        labels = index_labels(frame)
    if drop_missing and keep_missing:
        raise InvalidEvidenceError(
            field="drop_missing, keep_missing", requirement="asked for one at a time"
        )
    dropped, present, every = 0, None, (labels, groups)
    rows = plain_rows([columns[name] for name in way.names], frame)
    evidence = None if rows is None else way.quick(rows)
    if evidence is None:
        arrays = {name: column(name, given, frame) for name, given in columns.items()}
        if drop_missing or keep_missing:
            asked = "drop_missing" if drop_missing else "keep_missing"
            present = rows_present(arrays, asked)
            if present is not None:
                arrays, labels, groups, vtype = rows_at(
                    present, arrays, labels, groups, vtype
                )
        else:
            refuse_missing(arrays, columns)
        if drop_missing and present is not None:
            dropped = int(np.count_nonzero(~present))
        evidence = named(way.build, arrays, columns, present)
    made = measures_of(
        evidence,
        measure,
        study=labels,
        by=groups,
        zero_cells=zero_cells,
        vtype=vtype,
        correct=correct,
        dropped=dropped,
    )
    if check_scale:
        made = _plausible(made)
    return _in_place(made, present, *every) if keep_missing else made


def effect_size(
    evidence: AnyEvidence,
    measure: str,
    *,
    zero_cells: Rule | None = None,
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
    >>> from k2stats.evidence import TwoByTwo
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
    return _plausible(made) if check_scale else made


def _plausible(made: EffectSizes) -> EffectSizes:
    check_standardized(made.info, made.y)
    return made


def _in_place(
    made: EffectSizes,
    present: Bools | None,
    labels: tuple[Hashable, ...] | None,
    groups: tuple[Hashable, ...] | None,
) -> EffectSizes:
    """Effects of the rows present, set among the rows that are missing."""
    if present is None:
        return made

    def spread(values: Floats, missing: float = np.nan) -> Floats:
        full = np.full(present.shape, missing)
        full[present] = values
        return frozen(full)

    study, by = check_labels(labels, groups, present.size)
    return replace(
        made,
        y=spread(made.y),
        v=spread(made.v),
        n=None if made.n is None else spread(made.n),
        added=None if made.added is None else spread(made.added, 0.0),
        study=study,
        by=by,
    )

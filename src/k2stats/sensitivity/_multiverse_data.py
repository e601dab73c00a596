"""The studies of a multiverse: effects as given, or evidence to compute them from."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from k2stats._typing import Floats, Ints
from k2stats.effectsizes import (
    MEASURES,
    EffectSizes,
    TwoRates,
    ZeroCells,
    find_measure,
    needs,
)
from k2stats.effectsizes._columns import (
    Column,
    column,
    index_labels,
    labels_from,
    refuse_missing,
    refuse_other_rows,
)
from k2stats.effectsizes._labels import check_labels, pick
from k2stats.effectsizes._plausibility import check_standardized
from k2stats.effectsizes._summaries import Summaries
from k2stats.effectsizes.compute import AnyEvidence, measures_of
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import TwoByTwo, TwoMeans

Data: TypeAlias = EffectSizes | AnyEvidence | pd.DataFrame
Labels: TypeAlias = tuple[Hashable, ...]

USUAL: dict[type, tuple[str, ...]] = {
    TwoByTwo: ("RR", "OR", "RD"),
    TwoMeans: ("MD", "SMD"),
    TwoRates: ("IRR", "IRD"),
}
"""Measures taken of each kind of evidence where none is named."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """One set of studies.

    Attributes
    ----------
    measures : tuple of str
        Codes, in the order asked for.
    study : tuple
        Labels, 1 to K where none were given.
    by : tuple or None
        Subgroup of each study.
    effects : EffectSizes or None
        Effects as given.
    evidence : evidence or None
        What effects are computed from.
    frame : DataFrame or None
        Rows of the studies, in their order.
    vtype : str
    correct : bool
    check_scale : bool
        Whether standardized differences of an impossible size are refused.
    dropped : int
        Rows left out for missing values, on request.
    """

    measures: tuple[str, ...]
    study: Labels
    by: Labels | None
    effects: EffectSizes | None
    evidence: AnyEvidence | None
    frame: pd.DataFrame | None
    vtype: str
    correct: bool
    check_scale: bool
    dropped: int

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.study)

    @property
    def has_counts(self) -> bool:
        """Whether a rule for zero cells can apply."""
        return isinstance(self.evidence, TwoByTwo | TwoRates) or any(
            find_measure(m).counts for m in self.measures if self.effects is None
        )

    def effects_of(self, measure: str, rule: ZeroCells | None) -> EffectSizes:
        """Effects by one measure under one rule for zero cells."""
        if self.effects is not None:
            return self.effects
        assert self.evidence is not None
        made = measures_of(
            self.evidence,
            measure,
            study=self.study,
            zero_cells=rule,
            vtype=self.vtype,
            correct=self.correct,
        )
        if self.check_scale:
            check_standardized(made.info, made.y)
        return made


def read_material(
    data: Data,
    measures: Sequence[str] | None,
    *,
    study: str | Sequence[Hashable] | None,
    by: str | Sequence[Hashable] | None,
    vtype: str,
    correct: bool,
    check_scale: bool,
    drop_missing: bool,
    columns: dict[str, Column],
) -> Material:
    """Coerce and check the studies, once.

    Raises
    ------
    InvalidEvidenceError, MissingInputError, UnknownMethodError
    """
    for code in measures or ():
        find_measure(code)
    if isinstance(data, EffectSizes):
        return _from_effects(data, measures, study, by, columns, drop_missing)
    frame: pd.DataFrame | None = None
    labels: Labels | None
    dropped = 0
    if isinstance(data, pd.DataFrame):
        kind = _kind_of_columns(measures, tuple(columns))
        evidence, labels, groups, frame, dropped = _from_frame(
            data, kind, study, by, columns, drop_missing
        )
    else:
        if columns:
            raise InvalidEvidenceError(
                field=", ".join(columns),
                requirement="left out where evidence is given",
            )
        evidence = data
        labels, groups = labels_from("study", study, None), labels_from("by", by, None)
    if not isinstance(evidence, TwoByTwo | TwoMeans | Summaries):
        raise InvalidEvidenceError(
            field="data",
            requirement="EffectSizes, evidence such as TwoByTwo, or a DataFrame",
            given=type(evidence).__name__,
        )
    codes = _measures_of_evidence(type(evidence), measures)
    shape = _shape(evidence)
    if len(shape) != 1:
        raise InvalidEvidenceError(
            field="data", requirement="one set of studies, not a batch", given=shape
        )
    labels, groups = check_labels(labels, groups, shape[-1])
    return Material(
        measures=codes,
        study=labels or tuple(range(1, shape[-1] + 1)),
        by=groups,
        effects=None,
        evidence=evidence,
        frame=frame,
        vtype=vtype,
        correct=correct,
        check_scale=check_scale,
        dropped=dropped,
    )


def _from_effects(
    es: EffectSizes,
    measures: Sequence[str] | None,
    study: object,
    by: object,
    columns: dict[str, Column],
    drop_missing: bool,
) -> Material:
    for name, value in (("study", study), ("by", by), *columns.items()):
        if value is not None:
            raise InvalidEvidenceError(
                field=name, requirement="left out where effect sizes are given"
            )
    if es.y.ndim != 1:
        raise InvalidEvidenceError(
            field="data", requirement="one set of studies, not a batch", given=es.shape
        )
    if measures and tuple(measures) != (es.measure,):
        raise InvalidEvidenceError(
            field="measures",
            requirement=f"{es.measure!r} where effect sizes are given (other measures "
            "need the evidence they are computed from)",
            given=", ".join(measures),
        )
    whole = es.drop_incomplete() if drop_missing else es
    if not whole.complete.all():
        raise InvalidEvidenceError(
            field="data",
            requirement="without missing effects and with positive, finite variances "
            "(drop_missing=True leaves such studies out and counts them)",
            rows=np.flatnonzero(~whole.complete).tolist(),
        )
    return Material(
        measures=(es.measure,),
        study=whole.labels,
        by=whole.by,
        effects=whole,
        evidence=None,
        frame=None,
        vtype=whole.vtype,
        correct=whole.corrected,
        check_scale=False,
        dropped=whole.dropped,
    )


def _from_frame(
    data: pd.DataFrame,
    kind: type,
    study: str | Sequence[Hashable] | None,
    by: str | Sequence[Hashable] | None,
    columns: dict[str, Column],
    drop_missing: bool,
) -> tuple[Any, Labels | None, Labels | None, pd.DataFrame, int]:
    refuse_other_rows({**columns, "study": study, "by": by}, data)
    labels, groups = labels_from("study", study, data), labels_from("by", by, data)
    labels = labels or index_labels(data)
    arrays = {name: column(name, given, data) for name, given in columns.items()}
    rows: Ints = np.arange(len(data))
    same = {x.shape for x in arrays.values()} == {rows.shape}
    if drop_missing and same:  # of other lengths the evidence says which
        full = [*arrays.values(), rows.astype(float)]
        rows = np.flatnonzero(~np.isnan(np.array(full)).any(axis=0))
        arrays = {n: x[rows] for n, x in zip(arrays, full[:-1], strict=True)}
        labels, groups = pick(labels, rows), pick(groups, rows)
    elif not drop_missing:
        refuse_missing(arrays, columns)
    dropped = len(data) - rows.size
    return _built(kind, arrays), labels, groups, data.iloc[rows], dropped


def _built(kind: type, arrays: dict[str, Floats]) -> Any:
    if kind is TwoByTwo:
        cells = set(arrays) == {"a", "b", "c", "d"}
        made = TwoByTwo.from_cells if cells else TwoByTwo.from_counts
        return made(**arrays)
    if kind is TwoMeans:
        return TwoMeans.from_summary(**arrays)
    return kind.from_arrays(**arrays)  # type: ignore[attr-defined]


def _kind_of_columns(
    measures: Sequence[str] | None, columns: tuple[str, ...]
) -> type[Any]:
    """Find the evidence that columns of these names make."""
    kinds: list[type] = (
        [find_measure(measures[0]).evidence] if measures else list(USUAL)
    )
    sample = {find_measure(code).evidence: code for code in MEASURES}
    for kind in kinds:
        if any(set(names) == set(columns) for names in needs(sample[kind])):
            return kind
    options = [names for kind in kinds for names in needs(sample[kind])]
    wanted = " or ".join(", ".join(names) for names in options)
    what = measures[0] if measures else "a DataFrame"
    given = set(columns)
    nearest = max(options, key=lambda names: len(given & set(names)))
    if not columns or given <= set(nearest):
        lacking = ", ".join(n for n in nearest if n not in given)
        raise MissingInputError(
            field=lacking if columns else "columns",
            needed_for=what,
            hint=f"it takes {wanted}",
        )
    raise InvalidEvidenceError(
        field=f"columns of {what}", requirement=wanted, given=", ".join(columns)
    )


def _measures_of_evidence(
    kind: type, measures: Sequence[str] | None
) -> tuple[str, ...]:
    can = tuple(code for code in MEASURES if issubclass(kind, _evidence(code)))
    if not measures:
        if kind in USUAL:
            return USUAL[kind]
        raise MissingInputError(
            field="measures",
            needed_for=f"a multiverse of {kind.__name__}",
            hint=f"one or more of {', '.join(can)}",
        )
    wrong = [code for code in measures if code not in can]
    if wrong:
        raise InvalidEvidenceError(
            field="measures",
            requirement=f"computed from {kind.__name__}: {', '.join(can)}",
            given=", ".join(wrong),
        )
    return tuple(dict.fromkeys(measures))


def _evidence(code: str) -> type:
    return find_measure(code).evidence


def _shape(evidence: AnyEvidence) -> tuple[int, ...]:
    return evidence.mean1.shape if isinstance(evidence, TwoMeans) else evidence.shape

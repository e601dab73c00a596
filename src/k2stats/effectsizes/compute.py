"""From evidence to effect sizes: the zero-cell rule, then the measure."""

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._base import EffectSizes
from k2stats.effectsizes._labels import Labels, check_labels
from k2stats.effectsizes._measures import (
    DEFAULT,
    Estimate,
    Measure,
    Options,
    find_measure,
)
from k2stats.effectsizes._summaries import Summaries
from k2stats.effectsizes.inputs import Rate, Superiority, TwoRates
from k2stats.effectsizes.zero_cells import Rule, ZeroCells, adjust, rule_of
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo, TwoMeans

AnyEvidence: TypeAlias = TwoByTwo | TwoMeans | Summaries
_TWO_SIZES = (TwoByTwo, TwoMeans, Superiority)


def sizes(evidence: AnyEvidence) -> Floats | None:
    """Participants of each study, person-time of rates, None where unknown."""
    if isinstance(evidence, _TWO_SIZES):
        return evidence.n1 + evidence.n2
    if isinstance(evidence, TwoRates):
        return evidence.time1 + evidence.time2
    found: Floats | None = getattr(
        evidence, "time" if isinstance(evidence, Rate) else "n", None
    )
    return found


def measures_of(
    evidence: AnyEvidence,
    measure: str,
    *,
    study: Sequence[Hashable] | None = None,
    by: Sequence[Hashable] | None = None,
    zero_cells: Rule | None = None,
    vtype: str | Sequence[str] = "LS",
    correct: bool = True,
    dropped: int = 0,
) -> EffectSizes:
    """Effect sizes of evidence.

    Parameters
    ----------
    evidence : TwoByTwo, TwoMeans or one of the input classes
        Arrays ``(..., K)``.
    measure : str
        Code of the measure.
    study, by : sequence, optional
        Label and subgroup of each study.
    zero_cells : ZeroCells or str, optional
        Rule for zero counts, or which tables 0.5 is added to (``"only0"``, ``"all"``,
        ``"if0all"``, ``"none"``); the measure's own by default.
    vtype : str or sequence of str
        Type of sampling variance, one for all or one for each study.
    correct : bool
        Small-sample correction of the effect.
    dropped : int
        Rows left out before.

    Raises
    ------
    InvalidEvidenceError
        If the measure is computed from other evidence.
    UnknownMethodError
        For an unknown measure or type of variance.

    Examples
    --------
    >>> from k2stats.evidence import TwoByTwo
    >>> table = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> print(measures_of(table, "RR"))
    RR 1.234 (0.992 to 1.535)
    """
    found = find_measure(measure)
    if not isinstance(evidence, found.evidence):
        raise InvalidEvidenceError(
            field="evidence",
            requirement=f"{found.evidence.__name__} for {measure}",
            given=type(evidence).__name__,
        )
    added: Floats | None = None
    rule: ZeroCells | None = None
    adjusted: Any = evidence
    left_out = None
    if found.counts:
        rule = rule_of(zero_cells, found.zero_cells)
        adjusted, added, left_out = adjust(adjusted, rule)
        added.flags.writeable = False
    shape = _shape(evidence)
    with np.errstate(all="ignore"):
        y, v = _run(found, adjusted, vtype, correct=correct)
        y, v = _defined(y, v, shape)
    if left_out is not None:
        y, v = np.where(left_out, np.nan, y), np.where(left_out, np.nan, v)
    y.flags.writeable = v.flags.writeable = False
    labels: Labels | None = None
    groups: Labels | None = None
    if study is not None or by is not None:
        labels, groups = check_labels(study, by, shape[-1])
    return EffectSizes(
        y,
        v,
        measure,
        labels,
        sizes(evidence),
        groups,
        added,
        rule,
        vtype if isinstance(vtype, str) else "by study",
        correct,
        dropped,
    )


def _shape(evidence: AnyEvidence) -> tuple[int, ...]:
    return evidence.mean1.shape if isinstance(evidence, TwoMeans) else evidence.shape


def _run(
    found: Measure[Any], evidence: Any, vtype: str | Sequence[str], *, correct: bool
) -> Estimate:
    """Run the kernel; one variance type, or one for each study."""
    if isinstance(vtype, str):
        options = DEFAULT if vtype == "LS" and correct else Options(vtype, correct)
        found.check_options(options)
        return found.kernel(evidence, options)
    kinds = np.asarray(vtype, dtype=object)
    y: Floats | None = None
    v: Floats | None = None
    for kind in dict.fromkeys(kinds.tolist()):
        options = Options(kind, correct)
        found.check_options(options)
        y_kind, v_kind = found(evidence, options)
        if kinds.shape != y_kind.shape[-1:]:
            raise InvalidEvidenceError(
                field="vtype",
                requirement=f"one for each of {y_kind.shape[-1]} studies",
                given=len(kinds),
            )
        here = kinds == kind
        y = y_kind if y is None else np.where(here, y_kind, y)
        v = v_kind if v is None else np.where(here, v_kind, v)
    if y is None or v is None:
        raise InvalidEvidenceError(field="vtype", requirement="non-empty")
    return y, v


def _defined(y: Floats, v: Floats, shape: tuple[int, ...]) -> Estimate:
    """Full shape, own memory, NaN in place of infinities.

    A variance without an effect means nothing, nor does a negative one; an effect
    without a variance stays.
    """
    # False too where two large numbers overflow; NaN is the root of a negative v
    both = np.isfinite(y + np.sqrt(v))
    if np.count_nonzero(both) < both.size:
        finite = np.isfinite(y)
        v = np.where(finite & np.isfinite(v) & (v >= 0), v, np.nan)
        y = np.where(finite, y, np.nan)
    return _owned(y, shape), _owned(v, shape)


def _owned(array: Floats, shape: tuple[int, ...]) -> Floats:
    if array.shape != shape:
        array = np.broadcast_to(array, shape)
    flags = array.flags
    return array if flags.owndata and flags.writeable else array.copy()

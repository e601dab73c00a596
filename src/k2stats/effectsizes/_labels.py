"""Labels of studies and subgroups: one each, none missing, none twice."""

import math
from collections.abc import Hashable, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from k2stats.errors import InvalidEvidenceError

Labels: TypeAlias = tuple[Hashable, ...]
_PLAIN = frozenset({str, int})
"""Types of labels of which none is missing."""


def pick(
    labels: Labels | None, where: NDArray[np.bool_] | NDArray[np.int64]
) -> Labels | None:
    """Select labels by mask or position."""
    if labels is None:
        return None
    positions = np.flatnonzero(where) if where.dtype == bool else where
    return tuple(labels[int(i)] for i in positions)


def _is_missing(label: object) -> bool:
    if label is None or label is pd.NA or label is pd.NaT:
        return True
    return isinstance(label, float) and math.isnan(label)


def check_labels(
    study: Sequence[Hashable] | None, by: Sequence[Hashable] | None, k: int
) -> tuple[Labels | None, Labels | None]:
    """Labels as tuples, of the right number, no study twice (within a subgroup).

    Raises
    ------
    InvalidEvidenceError
        Names the label and the rows.
    """
    names = None if study is None else _held("study", study, k)
    groups = None if by is None else _held("by", by, k)
    if names is not None:
        keys = names if groups is None else tuple(zip(names, groups, strict=True))
        if len(set(keys)) < len(keys):
            raise _twice(names, keys)
    return names, groups


def _held(name: str, labels: Sequence[Hashable], k: int) -> Labels:
    """Labels as a tuple of `k`, none of them missing."""
    if isinstance(labels, str):
        raise InvalidEvidenceError(
            field=name, requirement="one label a study", given=labels
        )
    held = tuple(labels)
    plain = _PLAIN.issuperset(map(type, held))
    if not plain:
        held = tuple(x.item() if isinstance(x, np.generic) else x for x in held)
    if len(held) != k:
        raise InvalidEvidenceError(
            field=name,
            requirement=f"one label for each of {k} studies",
            given=len(held),
        )
    missing = [] if plain else [i for i, x in enumerate(held) if _is_missing(x)]
    if missing:
        raise InvalidEvidenceError(
            field=name, requirement="present in every row", rows=missing
        )
    return held


def _twice(names: Labels, keys: Labels) -> InvalidEvidenceError:
    """Error that names the first label that comes again, and its rows."""
    seen: dict[Hashable, int] = {}
    for i, key in enumerate(keys):
        if seen.setdefault(key, i) != i:
            break
    return InvalidEvidenceError(
        field="study",
        requirement="unique; make labels such as 'Smith 2001a'",
        given=names[i],
        rows=[seen[key], i],
    )


def join_labels(name: str, parts: Sequence[Labels | None]) -> Labels | None:
    """Labels of several sets in a row; all sets have them or none does."""
    held = [p for p in parts if p is not None]
    if not held:
        return None
    if len(held) < len(parts):
        raise InvalidEvidenceError(
            field=name, requirement="given for all parts or for none"
        )
    return tuple(x for p in held for x in p)

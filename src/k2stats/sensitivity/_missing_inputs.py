"""Checked inputs and effects of one shape, for analyses of missing outcomes."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats


def effects(
    y: Floats, v: Floats, measure: str, study: Sequence[Hashable] | None
) -> EffectSizes:
    """Effects of one shape, NaN where undefined."""
    good = np.isfinite(y) & np.isfinite(v)
    y, v = (np.where(good, a, np.nan) for a in np.broadcast_arrays(y, v))
    for array in (y, v):
        array.flags.writeable = False
    labels = None if study is None else tuple(study)
    if labels is not None and len(labels) != y.shape[-1]:
        raise InvalidEvidenceError(
            field="study", requirement=f"of length {y.shape[-1]}", given=len(labels)
        )
    return EffectSizes(y=y, v=v, measure=measure, study=labels)


def pair(
    name: str, first: ArrayLike, second: ArrayLike
) -> tuple[tuple[str, ArrayLike], tuple[str, ArrayLike]]:
    return (f"{name}1", first), (f"{name}2", second)


_RULES: dict[str, Callable[[Floats], Bools]] = {
    "finite": np.isfinite,
    "positive": lambda x: np.asarray(np.isfinite(x) & (x > 0)),
    "not negative": lambda x: np.asarray(np.isfinite(x) & (x >= 0)),
    "at least 1": lambda x: np.asarray(np.isfinite(x) & (x >= 1)),
    "from -1 to 1": lambda x: np.asarray(np.abs(x) <= 1),
}


def checked(field: str, value: ArrayLike, rule: str) -> Floats:
    """Array that obeys a rule, or an error that names the field and the rows."""
    array = as_floats(field, value)
    bad = np.flatnonzero(~_RULES[rule](array))
    if bad.size:
        raise InvalidEvidenceError(
            field=field,
            requirement=rule,
            given=float(array.ravel()[bad[0]]),
            rows=bad.tolist(),
        )
    return array

"""Effects and variances as they are given: read, checked, made read-only."""

from collections.abc import Hashable, Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes._labels import Labels, check_labels, pick
from k2stats.effectsizes._measures import Measure
from k2stats.effectsizes._plausibility import check_plausible
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import all_hold, as_floats, require, rows_of


class Held(TypedDict):
    """The fields that given effects fill."""

    y: Floats
    v: Floats
    n: Floats | None
    study: Labels | None
    by: Labels | None
    dropped: int


def read_arrays(
    y: ArrayLike,
    v: ArrayLike | None,
    se: ArrayLike | None,
    *,
    measure: Measure[Any],
    study: Sequence[Hashable] | None,
    n: ArrayLike | None,
    by: Sequence[Hashable] | None,
    drop_missing: bool,
    check_scale: bool,
) -> Held:
    """Check given effects; see ``EffectSizes.from_arrays`` for the rules."""
    name, spread = _one_of(v, se)
    given = {"y": y, name: spread} if n is None else {"y": y, name: spread, "n": n}
    rows = rows_of(given.values())
    dropped = 0
    if (
        rows is not None
        and rows.shape[1:] == np.shape(y)
        and all_hold(rows[1] > 0)
        and all_hold(np.isfinite(rows))
    ):
        arrays = dict(zip(given, rows, strict=False))  # one row each
        labels, groups = check_labels(study, by, rows.shape[-1])
    else:
        arrays, labels, groups, dropped = _read_closely(
            given, study=study, by=by, drop_missing=drop_missing
        )
    variance = arrays[name] if name == "v" else arrays[name] ** 2
    if check_scale:
        check_plausible(measure, arrays["y"], variance, arrays.get("n"), name)
    return {
        "y": frozen(arrays["y"]),
        "v": frozen(variance),
        "n": None if "n" not in arrays else frozen(arrays["n"]),
        "study": labels,
        "by": groups,
        "dropped": dropped,
    }


def _read_closely(
    given: dict[str, ArrayLike],
    *,
    study: Sequence[Hashable] | None,
    by: Sequence[Hashable] | None,
    drop_missing: bool,
) -> tuple[dict[str, Floats], Labels | None, Labels | None, int]:
    """Read y, its spread and n one by one; leave out rows or say what is wrong."""
    arrays = {field: as_floats(field, values) for field, values in given.items()}
    _to_one_shape(arrays)
    shape = arrays["y"].shape
    labels, groups = check_labels(study, by, shape[-1])
    whole = np.logical_and.reduce([~np.isnan(a) for a in arrays.values()])
    dropped = 0
    if drop_missing and not whole.all():
        if len(shape) != 1:
            raise InvalidEvidenceError(
                field="drop_missing",
                requirement="used with one set of studies, not with a batch",
            )
        arrays = {k: a[whole] for k, a in arrays.items()}
        labels, groups = pick(labels, whole), pick(groups, whole)
        dropped = int((~whole).sum())
        if arrays["y"].size == 0:
            raise InvalidEvidenceError(
                field="y", requirement="present in at least one row"
            )
    for field, array in arrays.items():
        hint = ""
        if np.isnan(array).any():
            hint = " (drop_missing=True leaves such rows out)"
        require(field, f"finite{hint}", np.isfinite(array), array)
    name = "v" if "v" in arrays else "se"
    require(name, "above 0", arrays[name] > 0, arrays[name])
    return arrays, labels, groups, dropped


def _one_of(v: ArrayLike | None, se: ArrayLike | None) -> tuple[str, ArrayLike]:
    if v is not None and se is None:
        return "v", v
    if se is not None and v is None:
        return "se", se
    raise InvalidEvidenceError(
        field="v, se", requirement="given as exactly one of the two"
    )


def _to_one_shape(arrays: dict[str, Floats]) -> None:
    """Broadcast single values to the shape of y; other shapes are errors."""
    shape = arrays["y"].shape
    if 0 in shape:
        raise InvalidEvidenceError(
            field="y", requirement="non-empty; there are no rows"
        )
    for field, array in arrays.items():
        if array.shape != shape and array.size != 1:
            raise InvalidEvidenceError(
                field=field,
                requirement=f"of the shape of y, {shape}",
                given=array.shape,
            )
        arrays[field] = np.broadcast_to(array, shape)


def stack(parts: Sequence[Floats | None]) -> Floats | None:
    """Join along the studies, or None where a part has none."""
    held = [p for p in parts if p is not None]
    if len(held) < len(parts):
        return None
    return frozen(np.concatenate(held, axis=-1))


def frozen(array: Floats) -> Floats:
    """Own, read-only copy where the array is writable or a view."""
    if array.flags.writeable:
        if array.base is not None:
            array = array.copy()
        array.flags.writeable = False
    return array

"""Effect sizes with their sampling variances, on a scale that is named."""

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import _printing
from k2stats.effectsizes._measures import Measure, find_measure
from k2stats.effectsizes._plausibility import check_plausible
from k2stats.effectsizes.scales import Scale
from k2stats.effectsizes.zero_cells import ZeroCells
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence._coerce import as_floats, require

Index: TypeAlias = slice | NDArray[np.bool_] | NDArray[np.int64] | Sequence[int] | int
Labels: TypeAlias = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Estimates with confidence limits on the natural scale.

    Attributes
    ----------
    estimate, low, high : ndarray, shape (..., K)
    level : float
    """

    estimate: Floats
    low: Floats
    high: Floats
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class EffectSizes:
    """Effects of K studies, or of many sets of K studies.

    Attributes
    ----------
    y, v : ndarray, shape (..., K)
        Effects on the measure's scale of analysis (a log risk ratio, a Fisher's z)
        and their sampling variances, never standard errors. NaN where a measure is
        not defined for a row: rows are not dropped silently.
    measure : str
        Code in the registry of measures.
    study : tuple or None
        A label for each of the K studies, no two alike.
    n : ndarray or None
        Participants (person-time for rates), shape of y.
    by : tuple or None
        Subgroup of each study.
    added : ndarray or None
        What was added to every cell of each row.
    zero_cells : ZeroCells or None
        The rule that was applied.
    vtype : str
        Type of sampling variance.
    corrected : bool
        Whether small-sample corrections of the effect were asked for.
    dropped : int
        Rows that were left out for missing values, on request.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.2, -0.1], se=[0.1, 0.2], measure="RR",
    ...                              study=["A", "B"])
    >>> print(es["A"])
    RR 1.221 (1.004 to 1.486)
    """

    y: Floats
    v: Floats
    measure: str
    study: Labels | None = None
    n: Floats | None = None
    by: Labels | None = None
    added: Floats | None = None
    zero_cells: ZeroCells | None = None
    vtype: str = "LS"
    corrected: bool = True
    dropped: int = 0

    @classmethod
    def from_arrays(
        cls,
        y: ArrayLike,
        v: ArrayLike | None = None,
        *,
        se: ArrayLike | None = None,
        measure: str = "GEN",
        study: Sequence[Hashable] | None = None,
        n: ArrayLike | None = None,
        by: Sequence[Hashable] | None = None,
        drop_missing: bool = False,
        check_scale: bool = True,
    ) -> "EffectSizes":
        """Build from effects and variances, or standard errors, as given.

        Parameters
        ----------
        y : array_like, shape (..., K)
            On the scale of analysis: logs for ratios, Fisher's z for ZCOR.
        v, se : array_like
            Sampling variances or standard errors; exactly one of the two.
        measure : str
            Code of the measure.
        study, by : sequence, optional
            A label and a subgroup for each study.
        n : array_like, optional
            Total sample sizes; needed to read a Freeman-Tukey proportion back.
        drop_missing : bool
            Leave out studies with a missing value, and count them; for one set of
            studies only. Otherwise a missing value is an error.
        check_scale : bool
            Refuse numbers that the measure cannot have, such as a standard error
            in the place of a variance, or a percentage in that of a share.

        Raises
        ------
        InvalidEvidenceError
            Names the field, the rule and the rows.
        UnknownMethodError
            For an unknown measure.
        """
        found = find_measure(measure)
        if (v is None) == (se is None):
            raise InvalidEvidenceError(
                field="v, se", requirement="given as exactly one of the two"
            )
        name, given = ("se", se) if v is None else ("v", v)
        arrays = {"y": as_floats("y", y), name: as_floats(name, np.asarray(given))}
        if n is not None:
            arrays["n"] = as_floats("n", n)
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
            labels, groups = _pick(labels, whole), _pick(groups, whole)
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
        spread = arrays.get("v", arrays.get("se"))
        assert spread is not None
        require(name, "above 0", spread > 0, spread)
        variance = spread if name == "v" else spread**2
        if check_scale:
            check_plausible(found, arrays["y"], variance, arrays.get("n"), name)
        return cls(
            y=_frozen(arrays["y"]),
            v=_frozen(variance),
            measure=measure,
            study=labels,
            by=groups,
            n=None if "n" not in arrays else _frozen(arrays["n"]),
            dropped=dropped,
        )

    @property
    def info(self) -> Measure[Any]:
        """The measure's entry: scale, symbol, formulas, bounds."""
        return find_measure(self.measure)

    @property
    def scale(self) -> Scale:
        """The scale of y."""
        return self.info.scale

    @property
    def se(self) -> Floats:
        """Standard errors, the roots of v."""
        return np.asarray(np.sqrt(self.v))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape ``(..., K)``."""
        return self.y.shape

    @property
    def k(self) -> int:
        """Number of studies, the last axis."""
        return int(self.y.shape[-1])

    @property
    def complete(self) -> Bools:
        """Where the effect is finite and its variance finite and positive."""
        with np.errstate(invalid="ignore"):
            return np.isfinite(self.y) & np.isfinite(self.v) & (self.v > 0)

    @property
    def labels(self) -> Labels:
        """Study labels, or 1 to K where there are none."""
        return tuple(range(1, self.k + 1)) if self.study is None else self.study

    def __len__(self) -> int:
        return self.k

    def __getitem__(self, index: Index | str) -> "EffectSizes":
        """Select studies, by position, mask, slice or label; labels are kept."""
        if isinstance(index, str):
            if self.study is None or index not in self.study:
                known = ", ".join(map(str, self.labels[:10]))
                raise InvalidEvidenceError(
                    field="study", requirement=f"one of {known}", given=index
                )
            index = self.study.index(index)
        where: Any = [int(index)] if isinstance(index, int | np.integer) else index
        if isinstance(where, np.ndarray) and where.dtype == bool:
            if where.shape != (self.k,):
                raise InvalidEvidenceError(
                    field="mask", requirement=f"of length {self.k}", given=where.shape
                )
            where = np.flatnonzero(where)
        positions = np.arange(self.k)[where]
        return replace(
            self,
            y=_frozen(self.y[..., positions]),
            v=_frozen(self.v[..., positions]),
            n=None if self.n is None else _frozen(self.n[..., positions]),
            added=None if self.added is None else _frozen(self.added[..., positions]),
            study=_pick(self.study, positions),
            by=_pick(self.by, positions),
        )

    def __iter__(self) -> Iterator["EffectSizes"]:
        return (self[i] for i in range(self.k))

    def drop_incomplete(self) -> "EffectSizes":
        """Leave out studies without an effect or variance, and count them.

        Raises
        ------
        InvalidEvidenceError
            For a batch, where sets would lose different studies.
        """
        keep = self.complete
        if keep.ndim != 1:
            raise InvalidEvidenceError(
                field="y",
                requirement="one set of studies, not a batch",
                given=self.shape,
            )
        gone = int((~keep).sum())
        return replace(self[keep], dropped=self.dropped + gone) if gone else self

    def groups(self) -> dict[Hashable, "EffectSizes"]:
        """One set of effects for each subgroup, in order of appearance."""
        if self.by is None:
            raise MissingInputError(field="by", needed_for="subgroups")
        found = dict.fromkeys(self.by)
        return {g: self[np.array([b == g for b in self.by])] for g in found}

    @classmethod
    def concat(cls, parts: Sequence["EffectSizes"]) -> "EffectSizes":
        """Put the studies of several sets one after the other.

        Raises
        ------
        InvalidEvidenceError
            If the measures differ, some sets are labelled and others not, or a
            label comes twice.

        Examples
        --------
        >>> a = EffectSizes.from_arrays([0.1], [0.2], measure="RR", study=["A"])
        >>> b = EffectSizes.from_arrays([0.3], [0.4], measure="OR", study=["B"])
        >>> EffectSizes.concat([a, b])
        Traceback (most recent call last):
        k2stats.errors.InvalidEvidenceError: measure must be the same in all parts, \
got 'RR, OR'.
        """
        if not parts:
            raise InvalidEvidenceError(field="parts", requirement="non-empty")
        codes = list(dict.fromkeys(p.measure for p in parts))
        if len(codes) > 1:
            raise InvalidEvidenceError(
                field="measure",
                requirement="the same in all parts",
                given=", ".join(codes),
            )
        sizes = [p.k for p in parts]

        def joined(name: str) -> Labels | None:
            held = [getattr(p, name) for p in parts]
            if all(h is None for h in held):
                return None
            if any(h is None for h in held):
                raise InvalidEvidenceError(
                    field=name, requirement="given for all parts or for none"
                )
            return tuple(x for h in held for x in h)

        def stacked(name: str) -> Floats | None:
            held = [getattr(p, name) for p in parts]
            if any(h is None for h in held):
                return None
            return _frozen(np.concatenate(held, axis=-1))

        study, by = check_labels(joined("study"), joined("by"), sum(sizes))
        first = parts[0]
        rules = {str(p.zero_cells) for p in parts}
        return replace(
            first,
            y=_frozen(np.concatenate([p.y for p in parts], axis=-1)),
            v=_frozen(np.concatenate([p.v for p in parts], axis=-1)),
            n=stacked("n"),
            added=stacked("added"),
            study=study,
            by=by,
            zero_cells=first.zero_cells if len(rules) == 1 else None,
            vtype=first.vtype if len({p.vtype for p in parts}) == 1 else "mixed",
            corrected=all(p.corrected for p in parts),
            dropped=sum(p.dropped for p in parts),
        )

    def conf_int(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Wald limits on the scale of analysis.

        Raises
        ------
        InvalidEvidenceError
            For a level outside (0, 1).
        """
        if not 0 < level < 1:
            raise InvalidEvidenceError(
                field="level", requirement="between 0 and 1", given=level
            )
        half = special.ndtri(0.5 + 0.5 * level) * self.se
        return self.y - half, self.y + half

    def natural(self, level: float = 0.95) -> Interval:
        """Effects and limits read back to the natural scale.

        A log risk ratio comes back as a risk ratio, a Fisher's z as a correlation,
        a double arcsine by Miller's inverse with each study's n. Limits are kept
        inside the range the measure can have.
        """
        low, high = self.conf_int(level)
        back = [self.scale.to_natural(x, self.n) for x in (self.y, low, high)]
        if self.scale.decreasing:
            back[1], back[2] = back[2], back[1]
        least, most = self.info.bounds
        clipped = [np.clip(x, least, most) for x in back[1:]]
        return Interval(back[0], clipped[0], clipped[1], level)

    def to_frame(self, *, natural: bool = False, level: float = 0.95) -> pd.DataFrame:
        """One row a study.

        Parameters
        ----------
        natural : bool
            Estimates and limits on the natural scale; otherwise y, v and se.
        level : float
            Confidence level of the limits.
        """
        return _printing.to_frame(self, natural=natural, level=level)

    def summary(self, level: float = 0.95) -> str:
        """Text table on the natural scale."""
        return _printing.summary(self, level)

    def __str__(self) -> str:
        return _printing.short(self)

    def __repr__(self) -> str:
        return _printing.short(self)

    def _repr_html_(self) -> str:
        return _printing.html(self)


def _pick(
    labels: Labels | None, where: NDArray[np.bool_] | NDArray[np.int64]
) -> Labels | None:
    if labels is None:
        return None
    positions = np.flatnonzero(where) if where.dtype == bool else where
    return tuple(labels[int(i)] for i in positions)


def _frozen(array: Floats) -> Floats:
    """Own, read-only copy where the array is writable or a view."""
    if array.flags.writeable:
        if array.base is not None:
            array = array.copy()
        array.flags.writeable = False
    return array


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
    made: list[Labels | None] = []
    for name, labels in (("study", study), ("by", by)):
        if labels is None:
            made.append(None)
            continue
        if isinstance(labels, str):
            raise InvalidEvidenceError(
                field=name, requirement="one label a study", given=labels
            )
        held = tuple(x.item() if isinstance(x, np.generic) else x for x in labels)
        if len(held) != k:
            raise InvalidEvidenceError(
                field=name,
                requirement=f"one label for each of {k} studies",
                given=len(held),
            )
        missing = [i for i, x in enumerate(held) if _is_missing(x)]
        if missing:
            raise InvalidEvidenceError(
                field=name, requirement="present in every row", rows=missing
            )
        made.append(held)
    names, groups = made
    if names is not None:
        keys = names if groups is None else tuple(zip(names, groups, strict=True))
        seen: dict[Hashable, int] = {}
        for i, key in enumerate(keys):
            if key in seen:
                raise InvalidEvidenceError(
                    field="study",
                    requirement="unique; make labels such as 'Smith 2001a'",
                    given=names[i],
                    rows=[seen[key], i],
                )
            seen[key] = i
    return names, groups

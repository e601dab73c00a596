"""Effect sizes with their sampling variances, on a scale that is named."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import _printing
from k2stats.effectsizes._arrays import frozen, read_arrays, stack
from k2stats.effectsizes._labels import Labels, check_labels, join_labels, pick
from k2stats.effectsizes._measures import Measure, find_measure
from k2stats.effectsizes.scales import Scale
from k2stats.effectsizes.zero_cells import ZeroCells
from k2stats.errors import InvalidEvidenceError, MissingInputError, require_kind

Index: TypeAlias = slice | NDArray[np.bool_] | NDArray[np.int64] | Sequence[int] | int


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
        held = read_arrays(
            y,
            v,
            se,
            measure=find_measure(measure),
            study=study,
            n=n,
            by=by,
            drop_missing=drop_missing,
            check_scale=check_scale,
        )
        return cls(measure=measure, **held)

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
            y=frozen(self.y[..., positions]),
            v=frozen(self.v[..., positions]),
            n=None if self.n is None else frozen(self.n[..., positions]),
            added=None if self.added is None else frozen(self.added[..., positions]),
            study=pick(self.study, positions),
            by=pick(self.by, positions),
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
        return joined(parts)

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


def joined(parts: Sequence[EffectSizes]) -> EffectSizes:
    """Join the studies of several sets; see :meth:`EffectSizes.concat`."""
    if not parts:
        raise InvalidEvidenceError(field="parts", requirement="non-empty")
    codes = list(dict.fromkeys(p.measure for p in parts))
    if len(codes) > 1:
        raise InvalidEvidenceError(
            field="measure",
            requirement="the same in all parts",
            given=", ".join(codes),
        )
    study, by = check_labels(
        join_labels("study", [p.study for p in parts]),
        join_labels("by", [p.by for p in parts]),
        sum(p.k for p in parts),
    )
    first = parts[0]
    one_rule = len({str(p.zero_cells) for p in parts}) == 1
    return replace(
        first,
        y=frozen(np.concatenate([p.y for p in parts], axis=-1)),
        v=frozen(np.concatenate([p.v for p in parts], axis=-1)),
        n=stack([p.n for p in parts]),
        added=stack([p.added for p in parts]),
        study=study,
        by=by,
        zero_cells=first.zero_cells if one_rule else None,
        vtype=first.vtype if len({p.vtype for p in parts}) == 1 else "mixed",
        corrected=all(p.corrected for p in parts),
        dropped=sum(p.dropped for p in parts),
    )


def require_effect_sizes(es: object) -> None:
    """Refuse anything but effect sizes, in words.

    Raises
    ------
    InvalidEvidenceError
    """
    require_kind(
        es,
        EffectSizes,
        field="es",
        requirement="EffectSizes (effect_sizes() or EffectSizes.from_arrays())",
    )

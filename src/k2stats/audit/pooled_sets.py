"""Sets of trials that are pooled, each trial with its status as its source has it.

A set holds what each trial prints, and what others print of the pool. A trial whose
source is retracted or has had an integrity concern published about it is *flagged*;
a sensitivity analysis leaves the flagged ones out.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from k2stats._typing import Bools, Floats, RatioKind
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import RatioWithCI, Reported, Source, TwoByTwo
from k2stats.significance.ratio_conversions import se_from_limits, z_from_p

FLAGS: Final[frozenset[str]] = frozenset({"retracted", "integrity concern"})
"""Statuses of a source that flag its trial."""

Counts: TypeAlias = tuple[int, int, int, int]
"""Events and participants of group 1, then of group 2."""


@dataclass(frozen=True, slots=True)
class PooledTrial:
    """One trial, or one stratum of a trial, as it enters a pool.

    Attributes
    ----------
    label : str
    source : Source
        Who printed the figure, and its status.
    kind : {"RR", "OR", "HR"}
    y, v : float
        Logarithm of the ratio, group 1 over group 2, and its sampling variance.
    printed : str
        What is printed.
    basis : str
        How `y` and `v` come from it.
    counts : tuple of int, optional
        Events and participants of the two groups, where they are printed or solved.
    outcome : str
        What the trial counts, where trials of a set count different things.
    """

    label: str
    source: Source
    kind: RatioKind
    y: float
    v: float
    printed: str
    basis: str
    counts: Counts | None = None
    outcome: str = ""

    @property
    def flagged(self) -> bool:
        """Whether the source is retracted or has a published integrity concern."""
        return self.source.status in FLAGS

    @classmethod
    def from_ratio(
        cls,
        label: str,
        source: Source,
        ratio: RatioWithCI,
        *,
        counts: Counts | None = None,
        outcome: str = "",
    ) -> "PooledTrial":
        r"""Return a trial that prints a ratio with its interval.

        .. math:: y = \ln R, \quad
            v = \Bigl(\frac{\ln U - \ln L}{2 z_{1 - \alpha/2}}\Bigr)^2

        References
        ----------
        Higgins et al. (2023) Cochrane Handbook 6.4, section 6.3.2.

        Examples
        --------
        >>> lyons = RatioWithCI("HR", Reported("0.95"), Reported("0.79"),
        ...                     Reported("1.15"))
        >>> trial = PooledTrial.from_ratio("Lyons 2007", Source("lyons2007", ""), lyons)
        >>> round(trial.y, 4), round(trial.v, 5)
        (-0.0513, 0.00918)
        """
        ends = float(ratio.low.value), float(ratio.high.value)
        se = float(se_from_limits(*ends, ratio.level))
        return cls(
            label=label,
            source=source,
            kind=ratio.kind,
            y=float(np.log(float(ratio.estimate.value))),
            v=se**2,
            printed=str(ratio),
            basis="standard error from the limits",
            counts=counts,
            outcome=outcome,
        )

    @classmethod
    def from_p(
        cls,
        label: str,
        source: Source,
        kind: RatioKind,
        estimate: Reported,
        p: Reported,
        *,
        outcome: str = "",
    ) -> "PooledTrial":
        r"""Return a trial that prints a ratio with a p-value and no interval.

        .. math:: y = \ln R, \quad v = (\ln R / z_{p/2})^2

        References
        ----------
        Altman & Bland (2011), BMJ 343:d2090.

        Raises
        ------
        InvalidEvidenceError
            For a p-value that is a bound, or a ratio of 1, which fixes no variance.
        """
        ratio = float(estimate.value)
        if p.is_bound:
            raise InvalidEvidenceError(
                field="p", requirement="a number, not a bound", given=p.text
            )
        if ratio == 1.0:
            raise InvalidEvidenceError(
                field="estimate",
                requirement="not 1 where the variance comes from p",
                given=estimate.text,
            )
        y = float(np.log(ratio))
        return cls(
            label=label,
            source=source,
            kind=kind,
            y=y,
            v=float((y / z_from_p(float(p.value))) ** 2),
            printed=f"{kind} {estimate.text}, p {p.text}",
            basis="standard error from the p-value",
            outcome=outcome,
        )

    @classmethod
    def from_counts(
        cls,
        label: str,
        source: Source,
        counts: Counts,
        kind: Literal["RR", "OR"] = "RR",
        *,
        basis: str = "counts as printed",
        outcome: str = "",
    ) -> "PooledTrial":
        """Return a trial that prints counts; 0.5 is added to cells where one is 0.

        Examples
        --------
        >>> trial = PooledTrial.from_counts("Jiang 2014", Source("jiang2014", ""),
        ...                                 (2, 108, 4, 105))
        >>> trial.printed, round(trial.y, 4)
        ('2/108 v 4/105', -0.7213)
        """
        names = ("events1", "n1", "events2", "n2")
        table = TwoByTwo.from_counts(**dict(zip(names, counts, strict=True)))
        es: EffectSizes = effect_sizes(table, kind)
        return cls(
            label=label,
            source=source,
            kind=kind,
            y=float(es.y[0]),
            v=float(es.v[0]),
            printed=str(table),
            basis=basis,
            counts=counts,
            outcome=outcome,
        )


@dataclass(frozen=True, slots=True)
class PooledPrint:
    """A pooled ratio that a source prints of the trials of a set.

    Attributes
    ----------
    ratio : RatioWithCI
    source : Source
    same_trials : bool
        Whether it is of just these trials, so that a pool of them should give it.
        Where it is not, it is shown for comparison only.
    note : str
    """

    ratio: RatioWithCI
    source: Source
    same_trials: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class PooledSet:
    """Trials, or strata of one trial, that are pooled together.

    Attributes
    ----------
    key, title, outcome : str
    trials : tuple of PooledTrial
        In the order in which they are shown.
    prints : tuple of PooledPrint
        What is printed of the pool.
    interaction_p : Reported, optional
        Printed p-value of the interaction of effect and stratum.
    member : {"trial", "stratum", "subgroup"}
    ordered : bool
        Whether the members are in an order that a trend can follow.
    missing : tuple of str
        What belongs to the set and is not printed.
    caution : str
        How the pool may be read.
    """

    key: str
    title: str
    outcome: str
    trials: tuple[PooledTrial, ...]
    prints: tuple[PooledPrint, ...] = ()
    interaction_p: Reported | None = None
    member: Literal["trial", "stratum", "subgroup"] = "trial"
    ordered: bool = False
    missing: tuple[str, ...] = ()
    caution: str = ""

    def __post_init__(self) -> None:
        labels = self.labels
        if len(labels) < 2 or len(set(labels)) < len(labels):
            raise InvalidEvidenceError(
                field="trials",
                requirement="at least two, with labels of their own",
                given=", ".join(labels),
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the trials."""
        return tuple(t.label for t in self.trials)

    @property
    def k(self) -> int:
        """How many trials there are."""
        return len(self.trials)

    @property
    def y(self) -> Floats:
        """Log ratios, shape (K,)."""
        return np.array([t.y for t in self.trials])

    @property
    def v(self) -> Floats:
        """Sampling variances, shape (K,)."""
        return np.array([t.v for t in self.trials])

    @property
    def flagged(self) -> Bools:
        """Which trials are flagged, shape (K,)."""
        return np.array([t.flagged for t in self.trials])

    @property
    def symbol(self) -> str:
        """The ratio, or ``"ratio"`` where the trials print several kinds."""
        kinds = {t.kind for t in self.trials}
        return kinds.pop() if len(kinds) == 1 else "ratio"

    def effect_sizes(self, *, flagged: bool = True) -> EffectSizes:
        """Return the log ratios with variances, labels, and flags as the grouping `by`.

        Parameters
        ----------
        flagged : bool
            Whether the flagged trials are among them.

        Raises
        ------
        InvalidEvidenceError
            Where no trial is left.
        """
        keep = np.ones(self.k, dtype=bool) if flagged else ~self.flagged
        if not keep.any():
            raise InvalidEvidenceError(
                field="flagged",
                requirement=f"True: every trial of {self.key} is flagged",
                given=flagged,
            )
        # Of the ratios RR stands for any mixture: all have the null 1 and logarithms.
        measure = self.symbol if self.symbol in ("RR", "OR", "HR") else "RR"
        chosen = [t for t, kept in zip(self.trials, keep, strict=True) if kept]
        return EffectSizes.from_arrays(
            self.y[keep],
            self.v[keep],
            measure=measure,
            study=[t.label for t in chosen],
            by=["flagged" if t.flagged else "not flagged" for t in chosen],
        )

    def tables(self, *, flagged: bool = True) -> TwoByTwo:
        """Return the counts of the trials, shape (K,).

        Raises
        ------
        MissingInputError
            Where a trial prints none; names it.
        """
        chosen = [t for t in self.trials if flagged or not t.flagged]
        lacking = [t.label for t in chosen if t.counts is None]
        if lacking or not chosen:
            raise MissingInputError(
                field=f"counts of {', '.join(lacking) or 'any trial'}",
                needed_for=f"the tables of {self.key}",
            )
        rows = [t.counts for t in chosen if t.counts is not None]
        columns = np.array(rows, dtype=float).T
        names = ("events1", "n1", "events2", "n2")
        return TwoByTwo.from_counts(**dict(zip(names, columns, strict=True)))


@dataclass(frozen=True, slots=True)
class PrintedLeaveOut:
    """A pooled ratio printed twice: with some trials, and without them.

    Attributes
    ----------
    key, title, outcome : str
    before, after : RatioWithCI
        With and without the trials.
    source_before, source_after : Source
    left_out : str
        Which trials were left out, in words.
    trials : tuple of Source
        Them, with their status, as far as they are named.
    missing : tuple of str
        What would be needed to recompute the two.
    """

    key: str
    title: str
    outcome: str
    before: RatioWithCI
    after: RatioWithCI
    source_before: Source
    source_after: Source
    left_out: str
    trials: tuple[Source, ...] = ()
    missing: tuple[str, ...] = ()

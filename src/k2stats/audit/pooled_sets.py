"""Sets of trials that are pooled, each trial with its status as its source has it.

A set holds what each trial prints, and what others print of the pool. A sensitivity
analysis leaves the flagged trials out.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import RatioWithCI, Reported, Source, TwoByTwo


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

"""A trial, or a stratum of one, as it enters a pool: what is printed, and its status.

A trial whose source is retracted or has had an integrity concern published about it is
*flagged*.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from k2stats._typing import RatioKind
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import RatioWithCI, Reported, Source, TwoByTwo
from k2stats.significance.ratio_conversions import se_from_limits, z_from_p

FLAGS: Final[frozenset[str]] = frozenset({"retracted", "integrity concern"})
"""Statuses of a source that flag its trial."""

Counts: TypeAlias = tuple[int, int, int, int]
"""Events and participants of group 1, then of group 2."""

_FROM_LIMITS: Final = "standard error from the limits"


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

    @property
    def prints_interval(self) -> bool:
        """Whether the source prints the ratio with its interval."""
        return self.basis == _FROM_LIMITS

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
            basis=_FROM_LIMITS,
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
        printed: str = "",
        outcome: str = "",
    ) -> "PooledTrial":
        r"""Return a trial that prints a ratio with a p-value and no interval.

        .. math:: y = \ln R, \quad v = (\ln R / z_{p/2})^2

        `printed` is what is printed, where it is another form of the two numbers.

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
            printed=printed or f"{kind} {estimate.text}, p {p.text}",
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

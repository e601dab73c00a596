"""A named meta-analysis of 2x2 tables, run on a batch of sets: its limits, no more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.effectsizes import ZeroCells
from k2stats.effectsizes.compute import measures_of
from k2stats.errors import InvalidEvidenceError, require_kind
from k2stats.evidence import TwoByTwo
from k2stats.models.fitting import fit_arrays, make_spec
from k2stats.models.mantel_haenszel import mantel_haenszel
from k2stats.sensitivity._arguments import share

RATIOS = ("RR", "OR")
_MEASURES = ("RR", "OR", "RD")


@dataclass(frozen=True, slots=True)
class PooledAnalysis:
    """How tables are pooled, every choice named.

    Attributes
    ----------
    measure : {"OR", "RR", "RD"}
    method : str
        Name in :data:`POOLINGS`: ``"IV"`` (inverse variance) or ``"MH"``.
    model : str
        Of inverse variance: a name in :data:`k2stats.models.MODELS`.
    tau2 : str
        Estimator, a name in :data:`k2stats.heterogeneity.TAU2`.
    ci : str
        Interval of the mean, a name in :data:`k2stats.models.MEAN_TESTS`.
    zero_cells : ZeroCells
        Rule for zero cells.
    level : float
        Confidence level.

    Examples
    --------
    >>> print(PooledAnalysis("RR", "MH"))
    RR, Mantel-Haenszel
    """

    measure: str = "RR"
    method: str = "IV"
    model: str = "random"
    tau2: str = "REML"
    ci: str = "HK"
    zero_cells: ZeroCells = ZeroCells()  # noqa: RUF009 - frozen itself
    level: float = 0.95

    def __post_init__(self) -> None:
        entry = POOLINGS[self.method]
        if self.measure not in _MEASURES:
            raise InvalidEvidenceError(
                field="measure",
                requirement=f"one of {', '.join(_MEASURES)}",
                given=self.measure,
            )
        share("level", self.level)
        require_kind(
            self.zero_cells,
            ZeroCells,
            field="zero_cells",
            requirement="a ZeroCells, such as ZeroCells(0.5)",
        )
        if "weights" in entry.traits:
            make_spec(self.model, self.tau2, self.interval, self.level)

    @property
    def interval(self) -> str | None:
        """Interval; a common effect has z where Hartung-Knapp was left standing."""
        return "z" if self.model == "common" and self.ci == "HK" else self.ci

    def limits(self, table: TwoByTwo) -> tuple[Floats, Floats, Floats]:
        """Estimate and limits of each set, on the scale of analysis.

        Parameters
        ----------
        table : TwoByTwo
            Of shape ``(B, K)``.

        Returns
        -------
        estimate, low, high : ndarray, shape (B,)
            Logarithms for ratios; NaN where there is nothing to pool.
        """
        return POOLINGS[self.method].function(table, self)

    def to_natural(self, value: Floats) -> Floats:
        """Read a value back: the exponential for ratios."""
        return np.asarray(np.exp(value) if self.measure in RATIOS else value)

    def __str__(self) -> str:
        if self.method == "MH":
            return f"{self.measure}, Mantel-Haenszel"
        if self.model == "random":
            return f"{self.measure}, random effects, tau2 by {self.tau2}, {self.ci}"
        return f"{self.measure}, {self.model}, {self.interval}"


Pooling: TypeAlias = Callable[[TwoByTwo, PooledAnalysis], tuple[Floats, Floats, Floats]]
POOLINGS: Registry[Pooling] = Registry("pooling of tables")
"""Ways to pool 2x2 tables. Trait ``weights``: model, tau2 and ci are used."""


@POOLINGS.register(
    "IV",
    label="Inverse variance",
    reference="DerSimonian and Laird (1986), Control Clin Trials 7:177",
    equation="sum(w y) / sum(w), w = 1 / (v + tau2)",
    traits=("weights",),
)
def inverse_variance(
    table: TwoByTwo, how: PooledAnalysis
) -> tuple[Floats, Floats, Floats]:
    """Pool the effects of the studies; undefined ones are left out."""
    es = measures_of(table, how.measure, zero_cells=how.zero_cells)
    there = es.complete
    sets = there.any(axis=-1)
    found = np.full((3, sets.size), np.nan)
    if sets.any():
        fit = fit_arrays(
            es.y[sets],
            es.v[sets],
            model=how.model,
            tau2=how.tau2,
            ci=how.interval,
            level=how.level,
            mask=there[sets],
        )
        found[:, sets] = fit.beta[:, 0], fit.low[:, 0], fit.high[:, 0]
    return found[0], found[1], found[2]


@POOLINGS.register(
    "MH",
    label="Mantel-Haenszel",
    reference="Mantel and Haenszel (1959), J Natl Cancer Inst 22:719",
    equation="sums of stratum products over stratum sizes",
)
def by_mantel_haenszel(
    table: TwoByTwo, how: PooledAnalysis
) -> tuple[Floats, Floats, Floats]:
    """Pool the counts; the rule for zero cells is applied to them first."""
    fit = mantel_haenszel(
        table, how.measure, level=how.level, zero_cells=how.zero_cells
    )
    estimate, low, high = (
        np.asarray(x) for x in (fit.estimate, fit.ci_low, fit.ci_high)
    )
    return estimate, low, high

"""Intervals of a common or mean odds ratio where events are rare."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes import ZeroCells
from k2stats.effectsizes.compute import measures_of
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.models import (
    exact_odds_ratio,
    firth,
    fit_arrays,
    glmm,
    mantel_haenszel,
    peto,
    ssw,
)
from k2stats.results.counts import CountsFit
from simulations.tables import Row, Value, row

SETS = 10_000
OF_CELL = 4
SHARE = 0.03
"""Of the sets, for methods that take one set at a time; where events are rare only."""
RARE = 0.01
PEOPLE = np.array([60, 80, 110, 150, 200, 270, 370, 500])
"""In the smaller arm of each of eight studies."""

Limits = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of allocation, risk, odds ratio and heterogeneity.

    Attributes
    ----------
    allocation : int
        People in group 2 for one in group 1.
    risk : float
        In group 2, of every study.
    odds_ratio : float
        The median over studies.
    tau2 : float
        Variance of the log odds ratios.
    """

    allocation: int
    risk: float
    odds_ratio: float
    tau2: float

    def rng(self, seed: int) -> np.random.Generator:
        """Generator of this cell alone."""
        where = [round(1000 * x) for x in (self.risk, self.odds_ratio, self.tau2)]
        return np.random.default_rng([seed, self.allocation, *where])

    def draw(self, sets: int, seed: int) -> TwoByTwo:
        """Tables of eight studies, shape (sets, 8)."""
        rng = self.rng(seed)
        n1 = np.broadcast_to(PEOPLE, (sets, PEOPLE.size))
        n2 = n1 * self.allocation
        spread = np.sqrt(self.tau2) * rng.standard_normal(n1.shape)
        log_odds = special.logit(self.risk) + np.log(self.odds_ratio) + spread
        x1, x2 = rng.binomial(n1, special.expit(log_odds)), rng.binomial(n2, self.risk)
        return TwoByTwo.from_counts(events1=x1, n1=n1, events2=x2, n2=n2)


def cells() -> Iterator[Cell]:
    """Every cell, in order."""
    for allocation in (1, 3):
        for risk in (RARE, 0.05):
            for odds_ratio in (1.0, 0.4):
                for tau2 in (0.0, 0.3):
                    yield Cell(allocation, risk, odds_ratio, tau2)


def _inverse_variance(tables: TwoByTwo, model: str, tau2: str, ci: str) -> Limits:
    es = measures_of(tables, "OR", zero_cells=ZeroCells(drop_double_zero=True))
    there = es.complete
    fit = fit_arrays(es.y, es.v, model=model, tau2=tau2, ci=ci, mask=there)
    return fit.low[:, 0], fit.high[:, 0]


def _of(method: Callable[[TwoByTwo], CountsFit], tables: TwoByTwo) -> Limits:
    fit = method(tables)
    return fit.ci_low, fit.ci_high


def _one_by_one(method: Callable[[TwoByTwo], CountsFit], tables: TwoByTwo) -> Limits:
    """Limits of each set; NaN where the method refuses it."""
    ends = np.full((2, *tables.shape[:-1]), np.nan)
    for i in range(tables.shape[0]):
        try:
            fit = method(tables[i])
        except (ConvergenceError, InvalidEvidenceError):
            continue
        ends[:, i] = fit.ci_low, fit.ci_high
    return ends[0], ends[1]


BATCHED: dict[str, Callable[[TwoByTwo], Limits]] = {
    "inverse variance, common": partial(
        _inverse_variance, model="common", tau2="EE", ci="z"
    ),
    "inverse variance, DL z": partial(
        _inverse_variance, model="random", tau2="DL", ci="z"
    ),
    "inverse variance, REML HK": partial(
        _inverse_variance, model="random", tau2="REML", ci="HK"
    ),
    "Mantel-Haenszel": partial(_of, mantel_haenszel),
    "Peto": partial(_of, peto),
    "SSW": partial(_of, ssw),
    "SSW, tau2 of REML": partial(_of, partial(ssw, tau2="REML")),
}
SINGLE: dict[str, Callable[[TwoByTwo], Limits]] = {
    "exact conditional": partial(_one_by_one, exact_odds_ratio),
    "Firth": partial(_one_by_one, firth),
    "GLMM CM.EL": partial(_one_by_one, partial(glmm, model="CM.EL")),
}


def simulate(cell: Cell, sets: int, seed: int) -> Iterator[Row]:
    """Coverage of the median log odds ratio by every method in one cell."""
    tables = cell.draw(sets, seed)
    yield from compare(cell, tables, BATCHED)
    if cell.risk <= RARE:
        n = min(sets, max(round(SHARE * sets), 50))
        yield from compare(cell, tables[:n], SINGLE)


def compare(
    cell: Cell, tables: TwoByTwo, methods: dict[str, Callable[[TwoByTwo], Limits]]
) -> Iterator[Row]:
    """Coverage by some methods of some tables of a cell."""
    where: dict[str, Value] = {
        "allocation": cell.allocation,
        "risk": cell.risk,
        "OR": cell.odds_ratio,
        "tau2": cell.tau2,
    }
    truth = float(np.log(cell.odds_ratio))
    for name, limits_of in methods.items():
        yield row(where, {"method": name}, limits_of(tables), truth)

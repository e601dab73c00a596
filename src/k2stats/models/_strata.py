"""Counts as the stratified methods take them: arrays, a stratum absent where masked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import TwoRates, ZeroCells, find_measure
from k2stats.effectsizes.compute import measures_of
from k2stats.effectsizes.zero_cells import adjust
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.results.counts import CountsTest

INDIVIDUAL = ZeroCells(drop_double_zero=True)
"""What is done to the studies' own effects, which heterogeneity is judged by."""
HOMOGENEITY = "equal effects"


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Two groups in each of K strata; everything is 0 where a stratum is absent.

    Attributes
    ----------
    x1, x2 : ndarray, shape (..., K)
        Events.
    n1, n2 : ndarray, shape (..., K)
        Participants, or person-time.
    total : ndarray, shape (..., K)
        n1 + n2, and 1 where the stratum is absent.
    """

    x1: Floats
    x2: Floats
    n1: Floats
    n2: Floats
    total: Floats

    @property
    def m(self) -> Floats:
        """Events of both groups together."""
        return self.x1 + self.x2

    @property
    def y1(self) -> Floats:
        """Non-events in group 1."""
        return self.n1 - self.x1

    @property
    def y2(self) -> Floats:
        """Non-events in group 2."""
        return self.n2 - self.x2


def read_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> Bools | None:
    """Mask broadcast to the shape of the counts.

    Raises
    ------
    InvalidEvidenceError
        Where it is not boolean, of another length, or leaves a data set empty.
    """
    if mask is None:
        return None
    found = np.asarray(mask)
    if found.dtype != np.bool_ or found.shape[-1:] != shape[-1:]:
        raise InvalidEvidenceError(
            field="mask",
            requirement=f"true or false, of length {shape[-1]}",
            given=(str(found.dtype), found.shape),
        )
    found = np.broadcast_to(found, shape)
    empty = ~found.any(axis=-1)
    if empty.any():
        raise InvalidEvidenceError(
            field="mask",
            requirement="true for at least one study of each set",
            rows=np.flatnonzero(empty.ravel()).tolist(),
        )
    return found


def strata_of(evidence: TwoByTwo | TwoRates, mask: Bools | None) -> Strata:
    """Arrays of the evidence, zero where a stratum is masked."""
    x1, x2 = evidence.events1, evidence.events2
    if isinstance(evidence, TwoByTwo):
        n1, n2 = evidence.n1, evidence.n2
    else:
        n1, n2 = evidence.time1, evidence.time2
    if mask is not None:
        x1, x2, n1, n2 = (np.where(mask, x, 0.0) for x in (x1, x2, n1, n2))
    total = n1 + n2
    return Strata(x1, x2, n1, n2, np.where(total > 0, total, 1.0))


def check_evidence(
    evidence: object, measure: str, allowed: tuple[str, ...], method: str
) -> None:
    """Refuse measures the method has no form of, and counts of another kind.

    Raises
    ------
    InvalidEvidenceError
    """
    if measure not in allowed:
        raise InvalidEvidenceError(
            field="measure",
            requirement=f"one of {', '.join(allowed)} for {method}",
            given=measure,
        )
    needed = find_measure(measure).evidence
    if not isinstance(evidence, needed):
        raise InvalidEvidenceError(
            field="evidence",
            requirement=f"{needed.__name__} for {measure}",
            given=type(evidence).__name__,
        )


def add_to_cells(
    evidence: TwoByTwo | TwoRates, rule: ZeroCells, mask: Bools | None
) -> tuple[TwoByTwo | TwoRates, Bools | None]:
    """Counts with a rule for zero cells applied, strata it drops masked."""
    changed, _, left_out = adjust(evidence, rule)
    if left_out is not None:
        mask = ~left_out if mask is None else mask & ~left_out
    if not isinstance(changed, TwoByTwo | TwoRates):
        raise TypeError(type(changed).__name__)
    return changed, mask


def individual_effects(
    evidence: TwoByTwo | TwoRates, measure: str, rule: ZeroCells, mask: Bools | None
) -> tuple[Floats, Floats]:
    """Effect and variance of each study, NaN where undefined or absent."""
    es = measures_of(evidence, measure, zero_cells=rule)
    y, v = es.y, es.v
    good = np.isfinite(y) & (v > 0)
    if mask is not None:
        good = good & mask
    return np.where(good, y, np.nan), np.where(good, v, np.nan)


def q_about(y: Floats, v: Floats, centre: Floats) -> CountsTest:
    """Inverse-variance weighted squares of the effects about a pooled one.

    Zero where fewer than two studies have an effect, whatever the pooled one is: it
    may rest on other counts than theirs, or not exist.
    """
    with np.errstate(invalid="ignore"):
        terms = (y - np.asarray(centre)[..., np.newaxis]) ** 2 / v
    there = np.isfinite(y)
    df = np.maximum(there.sum(axis=-1) - 1.0, 0.0)
    statistic = np.where(df > 0, np.where(there, terms, 0.0).sum(axis=-1), 0.0)
    return CountsTest.chi2(
        "Q", "Cochran's Q", np.asarray(statistic), np.asarray(df), HOMOGENEITY
    )

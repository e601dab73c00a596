"""What is added to zero counts, when, and the record of it row by row."""

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.effectsizes.inputs import (
    Genotypes,
    MarginalPairs,
    PairedCounts,
    Proportion,
    Rate,
    TwoRates,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo

When: TypeAlias = Literal["only0", "all", "if0all", "none"]


@dataclass(frozen=True, slots=True)
class ZeroCells:
    """The rule for zero counts.

    Parameters
    ----------
    add : float
        Added to every cell of a table (to the events only, for rates).
    to : {"only0", "all", "if0all", "none"}
        To the tables with a zero cell; to all; to all if any table of the set
        (last axis) has one; to none.
    drop_double_zero : bool
        Leave out tables without events, or with events only, in both groups:
        their effect is set to missing, the row stays in place.

    Raises
    ------
    InvalidEvidenceError
        For a negative `add` or an unknown `to`.

    Examples
    --------
    >>> print(ZeroCells())
    0.5 added to tables with a zero cell
    """

    add: float = 0.5
    to: When = "only0"
    drop_double_zero: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.add) and self.add >= 0):
            raise InvalidEvidenceError(
                field="add", requirement="0 or a positive number", given=self.add
            )
        known = get_args(When)
        if self.to not in known:
            raise InvalidEvidenceError(
                field="to", requirement=f"one of {', '.join(known)}", given=self.to
            )

    def amounts(self, zero: Bools) -> Floats:
        """What is added to each cell of each row, given which rows have a zero."""
        if self.to == "none" or self.add == 0:
            return np.zeros(zero.shape)
        if self.to == "all":
            return np.full(zero.shape, float(self.add))
        if self.to == "if0all":
            zero = np.broadcast_to(np.any(zero, axis=-1, keepdims=True), zero.shape)
        return np.where(zero, float(self.add), 0.0)

    def __str__(self) -> str:
        if self.to == "none" or self.add == 0:
            text = "nothing added"
        else:
            where = {
                "only0": "tables with a zero cell",
                "all": "every table",
                "if0all": "every table if any has a zero cell",
            }[self.to]
            text = f"{self.add:g} added to {where}"
        return text + ("; double zeros left out" if self.drop_double_zero else "")


NOTHING = ZeroCells(add=0.0, to="none")
"""Counts as they are."""

Rule: TypeAlias = ZeroCells | When
"""A rule for zero counts, or the tables that 0.5 is to be added to."""


def rule_of(given: Rule | None, own: ZeroCells) -> ZeroCells:
    """Return the rule that is asked for, by object or by name, or a measure's own.

    Raises
    ------
    InvalidEvidenceError

    Examples
    --------
    >>> print(rule_of("all", NOTHING))
    0.5 added to every table
    """
    if given is None or isinstance(given, ZeroCells):
        return own if given is None else given
    known: tuple[object, ...] = get_args(When)
    if given not in known:
        raise InvalidEvidenceError(
            field="zero_cells",
            requirement=f"a ZeroCells or one of {', '.join(map(repr, known))}",
            given=given,
        )
    return ZeroCells(to=given)


Counts: TypeAlias = (
    TwoByTwo | PairedCounts | MarginalPairs | TwoRates | Proportion | Rate | Genotypes
)


_COUNTED: dict[type, tuple[str, ...]] = {
    PairedCounts: ("a", "b", "c", "d"),
    TwoRates: ("events1", "events2"),
    Rate: ("events",),
    Proportion: ("events",),
    MarginalPairs: ("events1", "events2"),
    Genotypes: ("homozygous_dominant", "heterozygous", "homozygous_recessive"),
}


def _cells(evidence: Counts) -> tuple[Floats, ...]:
    """Return the counts of which none may be zero.

    Events and non-events of each group side by side, as in a 2x2 table.
    """
    if isinstance(evidence, TwoByTwo):
        return evidence.cells
    if isinstance(evidence, Proportion):
        return evidence.events, evidence.n - evidence.events
    if isinstance(evidence, MarginalPairs):
        a, c, n = evidence.events1, evidence.events2, evidence.n
        return a, n - a, c, n - c
    return tuple([getattr(evidence, name) for name in _COUNTED[type(evidence)]])


def _double_zero(evidence: Counts) -> Bools:
    """Rows with the same outcome for everyone, or with no event in two rates."""
    cells = _cells(evidence)
    if isinstance(evidence, TwoRates):
        return np.asarray(cells[0] + cells[1] == 0)
    if isinstance(evidence, PairedCounts):
        discordant = cells[1] + cells[2]
        return np.asarray((discordant + cells[0] == 0) | (discordant + cells[3] == 0))
    if isinstance(evidence, TwoByTwo | MarginalPairs):
        return np.asarray((cells[0] + cells[2] == 0) | (cells[1] + cells[3] == 0))
    return np.zeros(evidence.shape, dtype=bool)


def add_two_by_two(t: TwoByTwo, k: Floats) -> TwoByTwo:
    """Return the tables with `k` added to each of the four cells."""
    return TwoByTwo(t.events1 + k, t.n1 + 2 * k, t.events2 + k, t.n2 + 2 * k)


def _adjusted(evidence: Counts, k: Floats) -> Counts:
    """Add `k` to every count; sizes grow with the counts they hold."""
    if isinstance(evidence, TwoByTwo):
        return add_two_by_two(evidence, k)
    made = {x: getattr(evidence, x) + k for x in _COUNTED[type(evidence)]}
    if isinstance(evidence, Proportion | MarginalPairs):
        made["n"] = evidence.n + 2 * k
    return replace(evidence, **made)


def adjust(evidence: Counts, policy: ZeroCells) -> tuple[Counts, Floats, Bools | None]:
    """Apply a rule for zero counts.

    Returns
    -------
    evidence : of the same type
        With the constants added; as it was where none were.
    added : ndarray, shape (..., K)
        What was added to each cell.
    left_out : ndarray of bool or None
        Rows without information that the rule leaves out.

    Examples
    --------
    >>> table = TwoByTwo.from_counts(events1=[0, 3], n1=[9, 9], events2=[2, 2], n2=9)
    >>> new, added, _ = adjust(table, ZeroCells())
    >>> new.events1, added
    (array([0.5, 3. ]), array([0.5, 0. ]))
    """
    left_out = None
    if policy.drop_double_zero:
        double = _double_zero(evidence)
        left_out = double if double.any() else None
    if policy.to == "none" or policy.add == 0:
        return evidence, np.zeros(evidence.shape), left_out
    # Counts are below 2**53, so the product of four cannot overflow.
    first, *others = _cells(evidence)
    product = math.prod(others, start=first)
    if policy.to != "all" and np.count_nonzero(product) == product.size:
        return evidence, np.zeros(product.shape), left_out
    added = policy.amounts(product == 0)
    return _adjusted(evidence, added), added, left_out

"""The table of checks: how each kind of statement is put to its evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from k2stats._registry import Registry
from k2stats.audit._base import Check, Verdict
from k2stats.evidence import (
    Claim,
    Direction,
    NumberNeeded,
    PrintedTwoByTwo,
    PValue,
    Statement,
    TwoByTwo,
)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One statement with all that may be asked in answering it.

    Attributes
    ----------
    claim : Claim
    statements : tuple of Statement
        The statement; several where they are readings of one number.
    tables : TwoByTwo or None
        Every 2x2 table that fits the print and the other statements.
    alpha : float
    unsolved : str
        Why there are no tables, where the print leaves too many to be solved for.
    """

    claim: Claim
    statements: tuple[Statement, ...]
    tables: TwoByTwo | None
    alpha: float
    unsolved: str = ""

    @property
    def statement(self) -> Statement:
        """The statement, or the first of its readings."""
        return self.statements[0]


CheckFunction: TypeAlias = Callable[[Question], Check | None]
"""Answers a question, or returns None where the evidence is not of its kind."""

CHECKS: Registry[CheckFunction] = Registry("check")
"""Checks in the order in which they are tried; the first that answers is kept."""


_NEEDS_A_TABLE = {
    PValue: "p_value",
    Direction: "direction",
    NumberNeeded: "number_needed",
}
"""Statements that say nothing by themselves, and what their checks are called."""


def answer(question: Question) -> Check:
    """Return the answer of the first check that has one."""
    kind = _NEEDS_A_TABLE.get(type(question.statement))
    printed = isinstance(question.claim.evidence, PrintedTwoByTwo)
    if kind is not None and printed and question.tables is None:
        because = question.unsolved or "no table of whole numbers fits what is printed"
        return not_checkable(question, because, kind=kind)
    for name in CHECKS:
        check = CHECKS[name].function(question)
        if check is not None:
            return check
    return not_checkable(question, "nothing to recompute it from is printed")


def not_checkable(
    question: Question, because: str, missing: Sequence[str] = (), kind: str = ""
) -> Check:
    """Return the answer that names what is missing."""
    needs = tuple(dict.fromkeys([*missing, *question.claim.needs]))
    needed = f" Needed: {'; '.join(needs)}." if needs else ""
    return Check(
        kind=kind or "not_checkable",
        statement=str(question.statement),
        quantity="",
        verdict=Verdict.NOT_CHECKABLE,
        explanation=f"Not checkable because {because}.{needed}",
        alpha=question.alpha,
        missing=needs,
    )

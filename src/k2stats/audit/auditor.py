"""The audit: claims in, findings out."""

from collections.abc import Callable, Iterable

import numpy as np

from k2stats.audit import (  # noqa: F401 - checks register as they are imported
    arithmetic,
    chi_squared,
    directions,
    directions_printed,
    numbers_needed,
    p_values,
    p_values_other,
    ratios,
)
from k2stats.audit._base import Check, Finding, Verdict
from k2stats.audit._checks import Question, answer
from k2stats.audit.findings import Findings
from k2stats.audit.joint import Solution, solve
from k2stats.audit.words import listed
from k2stats.errors import InvalidEvidenceError, require_kind
from k2stats.evidence import (
    Claim,
    Derived,
    PrintedTwoByTwo,
    Qualitative,
    Statement,
    TwoByTwo,
)

WEIGHT = (
    Verdict.DISAGREE,
    Verdict.NOT_REPRODUCED,
    Verdict.DEPENDS,
    Verdict.REPRODUCED_ONLY,
    Verdict.CONSISTENT,
    Verdict.REPRODUCED,
    Verdict.NOT_CHECKABLE,
)
"""A finding's verdict is the first of these that one of its checks gave."""


_TOLD = 3
"""Checks of the deciding verdict that a headline tells of."""


def audit(
    claims: Claim | Iterable[Claim],
    *,
    alpha: float = 0.05,
    progress: Callable[[Claim], None] | None = None,
) -> Findings:
    """Recompute what each claim says from the evidence printed beside it.

    Parameters
    ----------
    claims : Claim or iterable of Claim
    alpha : float
        Level at which decisions are compared between methods.
    progress : callable, optional
        Called with each claim before it is audited.

    Returns
    -------
    Findings
        One finding a claim, in order.

    Raises
    ------
    InvalidEvidenceError
        If alpha is not between 0 and 1, or two claims share an id.

    Examples
    --------
    >>> from k2stats.evidence import PValue, Reported, Source
    >>> fusion = PrintedTwoByTwo(n1=36, percent1=Reported("91.67%"),
    ...                          n2=35, percent2=Reported("74.29%"))
    >>> claim = Claim("fusion-p", Source("wang2025", "Wang et al. (2025)"),
    ...               "Abstract", "91.67% vs. 74.29%, P = 0.044",
    ...               fusion, (PValue(Reported("0.044")),))
    >>> finding = audit(claim)[0]
    >>> str(finding.feasible), finding.verdict.value
    ('33/36 v 26/35', 'reproduced only by')
    >>> finding.checks[1].matching
    ('midp', 'midp-fisher', 'arcsine')
    """
    if not 0 < alpha < 1:
        raise InvalidEvidenceError(
            field="alpha", requirement="between 0 and 1", given=alpha
        )
    wanted = "a Claim, or Claims one after another"
    require_kind(claims, (Claim, Iterable), field="claims", requirement=wanted)
    asked = [claims] if isinstance(claims, Claim) else list(claims)
    seen: dict[str, int] = {}
    for row, claim in enumerate(asked):
        require_kind(claim, Claim, field=f"claims[{row}]", requirement="a Claim")
        if claim.id in seen:
            raise InvalidEvidenceError(
                field="claim id",
                requirement="unique",
                given=claim.id,
                rows=[seen[claim.id], row],
            )
        seen[claim.id] = row
    found = []
    for claim in asked:
        if progress is not None:
            progress(claim)
        found.append(audit_one(claim, alpha))
    return Findings(found, alpha=alpha)


def audit_one(claim: Claim, alpha: float) -> Finding:
    """Audit a single claim."""
    solution = _solution(claim)
    tables = solution.tables if solution else None
    checks = [_data_check(claim, solution, alpha)] if solution else []
    for statements in _questions(claim.states):
        unsolved = solution.unsolved if solution else ""
        checks.append(answer(Question(claim, statements, tables, alpha, unsolved)))
    if not checks:
        statement = Qualitative(claim.quote)
        checks.append(answer(Question(claim, (statement,), None, alpha)))
    present = {c.verdict for c in checks}
    verdict = next(v for v in WEIGHT if v in present)
    if solution and solution.conflict and verdict is not Verdict.DISAGREE:
        verdict = Verdict.NOT_REPRODUCED
    return Finding(
        claim=claim,
        verdict=verdict,
        headline=_headline(checks, verdict, solution.conflict if solution else ()),
        checks=tuple(checks),
        feasible=tables,
        conflict=solution.conflict if solution else (),
    )


def _solution(claim: Claim) -> Solution | None:
    """Solve for the tables behind a claim whose evidence is a 2x2 table."""
    if isinstance(claim.evidence, PrintedTwoByTwo):
        try:
            return solve(claim.evidence, claim.states)
        except InvalidEvidenceError as error:
            # one claim that says too little must not end the audit of the others
            return Solution(None, None, (), unsolved=str(error).rstrip("."))
    if isinstance(claim.evidence, TwoByTwo):
        return Solution(claim.evidence, claim.evidence, ())
    return None


def _questions(states: tuple[Statement, ...]) -> list[tuple[Statement, ...]]:
    """Group the readings of one derived number; all else stands alone."""
    groups: list[tuple[Statement, ...]] = []
    readings: dict[tuple[str, str, str], int] = {}
    for statement in states:
        if isinstance(statement, Derived):
            value = statement.value
            key = (statement.operation, value.text, value.unit)
            if key in readings:
                at = readings[key]
                groups[at] = (*groups[at], statement)
                continue
            readings[key] = len(groups)
        groups.append((statement,))
    return groups


def _data_check(claim: Claim, solution: Solution, alpha: float) -> Check:
    """Say which counts can stand behind the print."""
    printed = solution.printed
    if solution.unsolved:
        return Check(
            kind="data",
            statement=str(claim.evidence),
            quantity="counts",
            verdict=Verdict.NOT_CHECKABLE,
            explanation=f"Not checkable because {solution.unsolved}.",
            alpha=alpha,
            missing=("the counts, or the numbers of each group more finely",),
        )
    conflict = ""
    if solution.conflict:
        conflict = (
            f" No table meets {listed(list(solution.conflict))} together under the "
            "methods tried."
            if len(solution.conflict) > 1
            else f" No table meets {solution.conflict[0]}."
        )
    if printed is None:
        verdict = Verdict.NOT_REPRODUCED
        text = f"No whole numbers print as {claim.evidence}."
    else:
        verdict = Verdict.REPRODUCED
        count = printed.events1.size
        left = solution.tables.events1.size if solution.tables is not None else 0
        if count == 1:
            text = f"{printed} are the only counts that print so."
        else:
            text = f"{count} tables print so."
            if left < count and not solution.conflict and solution.tables is not None:
                text += f" With the other statements {_tables_text(solution.tables)}."
    return Check(
        kind="data",
        statement=str(claim.evidence),
        quantity="counts",
        verdict=verdict,
        explanation=f"{text}{conflict}",
        alpha=alpha,
    )


def _tables_text(tables: TwoByTwo) -> str:
    """Name a few tables, or their number and range."""
    count = tables.events1.size
    if count <= 3:
        return "only " + listed([str(tables[k]) for k in range(count)]) + " fit"
    ends = ", ".join(
        f"{name} {int(np.min(x))} to {int(np.max(x))}"
        for name, x in (("events1", tables.events1), ("events2", tables.events2))
    )
    return f"{count} fit ({ends})"


def _headline(checks: list[Check], verdict: Verdict, conflict: tuple[str, ...]) -> str:
    """Return the explanation of the check that decided the verdict."""
    deciding = [c for c in checks if c.verdict is verdict]
    told = [c for c in deciding if c.kind != "data"] or deciding
    texts = [c.explanation for c in told[:_TOLD]]
    if len(conflict) > 1 and not any(c.kind == "data" for c in told):
        texts.append(f"No table meets {listed(list(conflict))} together.")
    if not texts:
        texts.append(f"No table meets {conflict[0]}.")
    return " ".join(dict.fromkeys(texts))

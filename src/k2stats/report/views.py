"""Findings as the page shows them: text and pictures, no arithmetic."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from k2stats.audit import BarResult, Check, Finding, PointResult
from k2stats.evidence import Source
from k2stats.render import Bar, span
from k2stats.report.evidence_view import EvidenceView, Grid, describe, feasible_grid
from k2stats.report.groups import Group, group_of
from k2stats.report.pictures import (
    Figure,
    distinct,
    figures,
    is_alias,
    quantity,
    row_noun,
    window_text,
)
from k2stats.report.robustness_view import RobustnessView, robustness_view

_SAME = "another name of one above, not counted"
_ONE_ROW_A_LINE = 12
"""Up to so many methods their table is open from the start."""


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method in a check's table."""

    label: str
    value: str
    matches: bool
    decision: str
    note: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check: its words, its pictures and its table."""

    check: Check
    group: Group
    window: str
    figures: tuple[Figure, ...]
    rows: tuple[MethodRow, ...]
    value_head: str
    match_head: str
    row_head: str
    tally: str
    open: bool
    common: str

    @property
    def has_decisions(self) -> bool:
        """Whether any method decides anything."""
        return any(r.decision for r in self.rows)

    @property
    def has_notes(self) -> bool:
        """Whether any method has data or a remark of its own."""
        return any(r.note for r in self.rows)


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding, ready to be set."""

    finding: Finding
    anchor: str
    group: Group
    said: str
    checks: tuple[CheckView, ...]
    evidence: EvidenceView | None
    feasible: Grid | None
    feasible_count: int
    feasible_left_out: int
    robustness: RobustnessView | None = None

    @property
    def plain(self) -> bool:
        """Whether the one check says of the claim what its title says already."""
        return len(self.checks) == 1 and self.checks[0].check.statement == self.said

    @property
    def folded(self) -> bool:
        """Whether the page shows it closed: there is nothing recomputed in it."""
        return self.group.key == "uncheckable"


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source with its findings."""

    source: Source
    anchor: str
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A method that some finding used, for the page's foot."""

    label: str
    name: str
    version: int
    reference: str


def finding_views(findings: Sequence[Finding]) -> tuple[FindingView, ...]:
    """Return the findings in order, each with an anchor of its own."""
    names = anchors([f.id for f in findings], "claim")
    return tuple(map(_finding_view, findings, names))


def by_source(views: Sequence[FindingView]) -> tuple[SourceView, ...]:
    """Gather findings under their sources, in the order sources first appear."""
    gathered: dict[str, list[FindingView]] = {}
    for view in views:
        gathered.setdefault(view.finding.claim.source.key, []).append(view)
    names = anchors([*gathered], "source")
    return tuple(
        SourceView(group[0].finding.claim.source, anchor, tuple(group))
        for group, anchor in zip(gathered.values(), names, strict=True)
    )


def methods_used(findings: Sequence[Finding]) -> tuple[Method, ...]:
    """Return every method that was run or listed, once, in order of appearance."""
    rows: list[PointResult | BarResult] = []
    for check in (c for f in findings for c in f.checks):
        rows += [*check.points, *check.bars]
    found = (Method(r.label, r.name, r.version, r.reference) for r in rows)
    return tuple(dict.fromkeys(found))


def check_view(check: Check) -> CheckView:
    """Return one check with its pictures and table."""
    rows: tuple[MethodRow, ...] = tuple(map(_point_row, check.points))
    rows += tuple(map(_bar_row, check.bars))
    ran: list[PointResult | BarResult] = [*distinct(check)]
    ran += check.bars
    tried, hits = len(ran), sum(r.matches for r in ran)
    data = {r.witness for r in ran}
    common = data.pop() if len(data) == 1 else ""
    rows = tuple(replace(r, note="") if r.note == common else r for r in rows)
    return CheckView(
        check=check,
        group=group_of(check.verdict),
        window="" if check.reported is None else window_text(check.reported),
        figures=figures(check),
        rows=rows,
        value_head=_value_head(check),
        match_head=_match_head(check),
        row_head=row_noun(check, 1).capitalize(),
        tally=_tally(check, tried, hits),
        open=0 < len(rows) <= _ONE_ROW_A_LINE,
        common=common,
    )


def _tally(check: Check, tried: int, hits: int) -> str:
    """Return how many methods were tried and how many give the print."""
    rows = f"{tried} {row_noun(check, tried)}"
    methods = f"{rows} tried" if row_noun(check, 1) == "method" else rows
    if check.reported is None and not hits:
        return methods
    if check.kind == "same_quantity":
        return f"{rows}, {hits or 'none'} {'agrees' if hits == 1 else 'agree'}"
    if check.reported is None:
        agree = "agrees" if hits == 1 else "agree"
        return f"{methods}, {hits} {agree} with what is said"
    give = "gives" if hits == 1 else "give"
    return f"{methods}, {hits or 'none'} {give} the print"


def _match_head(check: Check) -> str:
    """Return what a match means in a check's table."""
    agrees = check.reported is None or check.kind == "same_quantity"
    return "Agrees" if agrees else "Gives the print"


def _value_head(check: Check) -> str:
    """Return what the numbers in a check's table are."""
    parts = [quantity(check)] if check.points else []
    return ", ".join([*parts, *(["estimate (interval)"] if check.bars else [])])


def _point_row(point: PointResult) -> MethodRow:
    """Return a number's row; what was not run says why in place of a value."""
    low, high = point.value.floats()
    return MethodRow(
        label=point.label,
        value="not run" if point.note else span(low, high),
        matches=point.matches,
        decision=_decision(point.significant, "below alpha", "not below")
        if not point.note
        else "",
        note=point.note or (_SAME if is_alias(point) else point.witness),
    )


def _bar_row(bar: BarResult) -> MethodRow:
    """Return an interval's row."""
    return MethodRow(
        label=bar.label,
        value=Bar(bar.label, bar.estimate, bar.low, bar.high).text_to(4),
        matches=bar.matches,
        decision=_decision(bar.excludes_null, "no effect left out", "no effect inside"),
        note=bar.witness,
    )


def _decision(decided: bool | None, yes: str, no: str) -> str:
    """Return a decision in words; nothing where it is open."""
    return {True: yes, False: no}.get(decided, "") if decided is not None else ""


def _finding_view(finding: Finding, anchor: str) -> FindingView:
    """Return one finding."""
    claim = finding.claim
    grid, left_out = (
        (None, 0) if finding.feasible is None else feasible_grid(finding.feasible)
    )
    return FindingView(
        finding=finding,
        anchor=anchor,
        group=group_of(finding.verdict),
        said="; ".join(str(s) for s in claim.states),
        checks=tuple(map(check_view, finding.checks)),
        evidence=None if claim.evidence is None else describe(claim.evidence),
        feasible=grid,
        feasible_count=0 if grid is None else len(grid.rows) + left_out,
        feasible_left_out=left_out,
        robustness=robustness_view(finding),
    )


def anchors(names: Sequence[str], prefix: str) -> list[str]:
    """Return distinct names of letters, digits, dots and hyphens for `names`."""
    taken: set[str] = set()
    found = []
    for name in names:
        stem = f"{prefix}-{re.sub(r'[^A-Za-z0-9._-]+', '-', name)[:60]}"
        anchor, count = stem, 1
        while anchor in taken:
            count += 1
            anchor = f"{stem}.{count}"
        taken.add(anchor)
        found.append(anchor)
    return found

"""Findings in a terminal: a line each, or one with everything about it."""

from collections.abc import Sequence

from k2stats.audit import Check, Finding
from k2stats.evidence import Source
from k2stats.render import Terminal, display_width, printable
from k2stats.report.evidence_view import feasible_grid
from k2stats.report.groups import GROUPS, counts, group_of
from k2stats.report.robustness_view import robustness_view
from k2stats.report.views import check_view

STYLES = {
    "holds": "green",
    "depends": "yellow",
    "differs": "red",
    "uncheckable": "bright_black",
}
_INDENT = "  "


def print_findings(findings: Sequence[Finding], terminal: Terminal) -> None:
    """Print a line a finding, and how many claims hold.

    Parameters
    ----------
    findings : sequence of Finding
    terminal : Terminal
    """
    ids = [f.id for f in findings]
    columns = {
        "claim": ids,
        "verdict": [f"{_symbol(f)} {f.verdict.value}" for f in findings],
        "finding": [f.headline for f in findings],
    }
    styles = [STYLES[group_of(f.verdict).key] for f in findings]
    # The sentence needs the room; a verdict reads as well in two lines.
    most = {"verdict": len("+ internally consistent"), "claim": 24}
    terminal.table(columns, styles=styles, styled="verdict", most=most)
    terminal.line()
    terminal.paragraph(tally(findings))


def tally(findings: Sequence[Finding]) -> str:
    """Return how many claims hold, depend on the method, and so on, in a sentence.

    Examples
    --------
    >>> tally([])
    '0 claims: 0 hold, 0 depend on the method, 0 not reproduced, 0 cannot be checked.'
    """
    count = counts(findings)
    parts = ", ".join(f"{count[g.key]} {g.label}" for g in GROUPS)
    claims = "1 claim" if len(findings) == 1 else f"{len(findings)} claims"
    return f"{claims}: {parts}."


def _symbol(finding: Finding) -> str:
    """Return the mark of a finding's group in ASCII."""
    return {"holds": "+", "depends": "~", "differs": "x", "uncheckable": "-"}[
        group_of(finding.verdict).key
    ]


def print_finding(finding: Finding, terminal: Terminal) -> None:
    """Print everything about one finding."""
    claim = finding.claim
    style = STYLES[group_of(finding.verdict).key]
    terminal.line(printable(finding.id), "bold")
    terminal.paragraph(f"{finding.verdict.value}: {finding.headline}", style=style)
    terminal.line()
    terminal.paragraph(f'"{claim.quote}"', indent=_INDENT, style="italic")
    where = f"At: {claim.locator}. " if claim.locator else ""
    terminal.paragraph(f"{where}{_cited(claim.source)}", indent=_INDENT)
    if claim.by is not None:
        terminal.paragraph(f"Quoting {_cited(claim.by)}", indent=_INDENT)
    for check in finding.checks:
        _print_check(check, terminal)
    _print_data(finding, terminal)
    _print_robustness(finding, terminal)
    _print_list("These cannot all be true together", finding.conflict, terminal)
    _print_list("Needed and not printed", finding.missing, terminal)
    if claim.note:
        terminal.line()
        terminal.paragraph(claim.note)


def _cited(source: Source) -> str:
    """Return a source with its address and what its status rests on."""
    parts = [str(source), source.address, source.notice]
    return " ".join(p for p in parts if p)


def _print_check(check: Check, terminal: Terminal) -> None:
    """Print a check: its words, and a row a method, those that match marked."""
    view = check_view(check)
    terminal.line()
    head = f"{check.statement}: {check.verdict.value}"
    terminal.paragraph(head, style=f"bold {STYLES[view.group.key]}")
    terminal.paragraph(check.explanation, indent=_INDENT)
    if not view.rows:
        return
    window = f" Reported: {view.window}." if view.window else ""
    on = f" on {view.common}" if view.common else ""
    terminal.paragraph(f"{view.tally[0].upper()}{view.tally[1:]}{on}.{window}")
    widest = max(display_width(r.value) for r in view.rows)
    columns: dict[str, list[str]] = {
        "": ["*" if r.matches else "" for r in view.rows],
        view.row_head.lower(): [r.label for r in view.rows],
        # Flush right as text, so that digits stand below digits.
        view.value_head: [
            " " * (widest - display_width(r.value)) + r.value for r in view.rows
        ],
    }
    if view.has_decisions:
        columns[f"at {check.alpha:g}"] = [r.decision for r in view.rows]
    if view.has_notes:
        columns["on"] = [r.note for r in view.rows]
    styles = ["bold" if r.matches else "" for r in view.rows]
    terminal.table(columns, styles=styles)


def _print_data(finding: Finding, terminal: Terminal) -> None:
    """Print the counts that fit."""
    if finding.feasible is None:
        return
    grid, more = feasible_grid(finding.feasible, most=8)
    count = len(grid.rows) + more
    shown = ", ".join(" v ".join(row) for row in grid.rows)
    rest = f" and {more} more" if more else ""
    what = "The only table that fits" if count == 1 else f"{count} tables fit"
    terminal.line()
    terminal.paragraph(f"{what}: {shown}{rest}.")


def _print_robustness(finding: Finding, terminal: Terminal) -> None:
    """Print what it would take to change the finding, a line for each figure."""
    view = robustness_view(finding)
    if view is None:
        return
    terminal.line()
    terminal.paragraph(f"Robustness: {view.brief}", style="bold")
    if view.basis:
        terminal.paragraph(f"Of {'; '.join(view.basis)}.", indent=_INDENT)
    for part in view.parts:
        terminal.line()
        terminal.line(f"{_INDENT}{part.heading}")
        for line in part.lines:
            text = f"{line.label}: {line.text}. {line.meaning}"
            terminal.paragraph(text, indent=_INDENT * 2)
    if view.missing:
        terminal.line()
        terminal.paragraph(f"Not printed: {'; '.join(view.missing)}.", indent=_INDENT)


def _print_list(head: str, items: Sequence[str], terminal: Terminal) -> None:
    """Print a list below its head, nothing where it is empty."""
    if not items:
        return
    terminal.line()
    terminal.line(f"{head}:", "bold")
    for item in items:
        terminal.paragraph(f"- {item}", indent=_INDENT)

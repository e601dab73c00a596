"""Pooled sets in a terminal."""

from k2stats.audit.pooled_findings import PooledFinding
from k2stats.audit.pooled_leave_outs import PrintedLeaveOut
from k2stats.evidence import Source
from k2stats.render import Terminal, printable
from k2stats.report.pooled_view import pair_view, pooled_view

_INDENT = "  "


def print_pooled(found: PooledFinding, terminal: Terminal) -> None:
    """Print a pooled set: its trials, its pools, what follows, and what is missing.

    Parameters
    ----------
    found : PooledFinding
    terminal : Terminal
    """
    view = pooled_view(found, found.of.key)
    of = found.of
    terminal.line(printable(of.title), "bold")
    terminal.paragraph(of.caution)
    terminal.line()
    flags = [row.flag for row in view.trials]
    columns: dict[str, list[str]] = {
        of.member: [row.label for row in view.trials],
        "printed": [row.printed for row in view.trials],
        "outcome": [row.outcome for row in view.trials],
    }
    if any(flags):
        columns["flag"] = flags
    styles = ["red" if flag else "" for flag in flags]
    terminal.table(
        {name: cells for name, cells in columns.items() if any(cells)}, styles=styles
    )
    terminal.line()
    terminal.table(
        {
            "of": [row.members for row in view.fits],
            "model": [row.model for row in view.fits],
            f"{of.symbol} (95% interval)": [row.ratio for row in view.fits],
            "p": [row.p for row in view.fits],
        }
    )
    terminal.line()
    for sentence in view.sentences:
        terminal.paragraph(f"- {sentence}", indent=_INDENT)
    _sources([row.source for row in view.trials], terminal)
    _missing(of.missing, terminal)


def print_pair(pair: PrintedLeaveOut, terminal: Terminal) -> None:
    """Print a pool that was printed with and without some trials."""
    view = pair_view(pair, pair.key)
    terminal.line(printable(pair.title), "bold")
    terminal.paragraph(f"Left out: {pair.left_out}.")
    terminal.line()
    terminal.table(
        {
            "pool": ["as first printed", "without them"],
            "printed": [str(pair.before), str(pair.after)],
            "by": [pair.source_before.key, pair.source_after.key],
        }
    )
    terminal.line()
    for sentence in view.sentences:
        terminal.paragraph(f"- {sentence}", indent=_INDENT)
    _sources([pair.source_before, pair.source_after, *pair.trials], terminal)
    _missing(pair.missing, terminal)


def _sources(sources: list[Source], terminal: Terminal) -> None:
    """Print each source once, with its status and what that rests on."""
    terminal.line()
    terminal.line("Sources:", "bold")
    for source in dict.fromkeys(sources):
        parts = [str(source), source.address, source.notice]
        terminal.paragraph(f"- {' '.join(p for p in parts if p)}", indent=_INDENT)


def _missing(items: tuple[str, ...], terminal: Terminal) -> None:
    """Print what is needed and not printed."""
    if not items:
        return
    terminal.line()
    terminal.line("Needed and not printed:", "bold")
    for item in items:
        terminal.paragraph(f"- {item}", indent=_INDENT)

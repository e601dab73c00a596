"""What the whole test run reports at its end."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes is no law of the numbers: a busy machine fails no test.
settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")


def _counts(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, int, int]]:
    """Yield op, cases that hold and all cases, of every op that was run."""
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                if name == "conformance":
                    yield tuple(value)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many reference cases hold, per op; ops of which none do together."""
    counts = sorted(_counts(terminalreporter))
    if not counts:
        return
    terminalreporter.section("reference cases that hold")
    for op, held, total in counts:
        if held:
            terminalreporter.write_line(f"{op:36s} {held:5d} of {total:5d}")
    none = [(op, total) for op, held, total in counts if not held]
    if none:
        waiting = ", ".join(f"{op} {total}" for op, total in none)
        terminalreporter.write_line(f"none of: {waiting}")
    held = sum(row[1] for row in counts)
    total = sum(row[2] for row in counts)
    terminalreporter.write_line(f"{'all':36s} {held:5d} of {total:5d}")

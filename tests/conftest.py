"""What the whole test run reports at its end."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes is no law of the numbers: a busy machine fails no test.
# The quick run draws the same examples every time, so that a red run means a change;
# `make test-long` draws new ones.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def _counts(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, int, int, int]]:
    """Yield op, cases that hold, all cases and cases built, of every op run."""
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                if name == "conformance":
                    yield tuple(value)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many reference cases hold, per op; those not built in one line."""
    counts = sorted(_counts(terminalreporter))
    if not counts:
        return
    terminalreporter.section("reference cases that hold")
    for op, held, total, built in counts:
        if built:
            terminalreporter.write_line(f"{op:36s} {held:5d} of {total:5d}")
    waiting = [f"{op} {total}" for op, _, total, built in counts if not built]
    if waiting:
        terminalreporter.write_line(f"not built: {', '.join(waiting)}")
    held = sum(row[1] for row in counts)
    total = sum(row[2] for row in counts)
    terminalreporter.write_line(f"{'all':36s} {held:5d} of {total:5d}")

"""Which tables, and which tests, can stand behind a print."""

from collections.abc import Sequence
from dataclasses import dataclass

from k2stats.audit.battery import point_results, reported_window
from k2stats.audit.joint import solve
from k2stats.audit.ratio_methods import bar_results
from k2stats.evidence import PrintedTwoByTwo, PValue, RatioCI, Statement, TwoByTwo


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """Tables and methods that fit everything printed.

    Attributes
    ----------
    printed : TwoByTwo or None
        Tables that fit the counts and percentages alone.
    tables : TwoByTwo or None
        Tables that fit all statements.
    tests : tuple of str
        2x2 tests that give the printed p-value on one of `tables`.
    intervals : tuple of str
        Interval methods that give the printed ratio and limits on one of them.
    conflict : tuple of str
        The smallest set of statements that cannot all hold, where none fits.
    """

    printed: TwoByTwo | None
    tables: TwoByTwo | None
    tests: tuple[str, ...]
    intervals: tuple[str, ...]
    conflict: tuple[str, ...]


def identify(
    evidence: PrintedTwoByTwo,
    states: Sequence[Statement] = (),
    *,
    tests: tuple[str, ...] | None = None,
) -> Identification:
    """Solve for the tables and the methods behind a printed comparison.

    Parameters
    ----------
    evidence : PrintedTwoByTwo
    states : sequence of Statement
        A p-value, a ratio with its interval, or both.
    tests : tuple of str, optional
        2x2 tests to consider; all registered ones by default.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> arms = PrintedTwoByTwo(n1=36, percent1=Reported("91.67%"),
    ...                        n2=35, percent2=Reported("74.29%"))
    >>> found = identify(arms, [PValue(Reported("0.044"))])
    >>> print(found.tables, found.tests)
    33/36 v 26/35 ('midp', 'midp-fisher', 'arcsine')
    """
    solution = solve(evidence, states)
    tables = None if solution.conflict else solution.tables
    if tables is None:
        return Identification(solution.printed, None, (), (), solution.conflict)
    named: list[str] = []
    intervals: list[str] = []
    for statement in states:
        if isinstance(statement, PValue):
            window = reported_window(statement.value)
            points = point_results(tables, window, 0.05, tests)
            named += [p.name for p in points if p.matches]
        if isinstance(statement, RatioCI):
            bars = bar_results(tables, statement.ratio)
            intervals += [b.name for b in bars if b.matches]
    return Identification(
        solution.printed,
        tables,
        tuple(dict.fromkeys(named)),
        tuple(dict.fromkeys(intervals)),
        (),
    )

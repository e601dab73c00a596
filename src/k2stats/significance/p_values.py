"""Every named test of a 2x2 table, side by side with the p a source prints."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from k2stats._registry import Entry
from k2stats.errors import require_kind
from k2stats.evidence import PrintedTwoByTwo, PValue, Reported, TwoByTwo
from k2stats.evidence.reported import reported as as_reported
from k2stats.significance._base import TWO_BY_TWO_TESTS, TestResult, TwoByTwoTest


def significance_test(table: TwoByTwo | PrintedTwoByTwo, name: str) -> TestResult:
    """Run one named test.

    Parameters
    ----------
    table : TwoByTwo or PrintedTwoByTwo
        Tables of any shape ``(..., K)``; a print stands for every table behind it.
    name : str
        As in ``TWO_BY_TWO_TESTS``.

    Returns
    -------
    TestResult

    Raises
    ------
    UnknownMethodError
        If there is no such test; names those there are.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> significance_test(fusion, "midp").p.round(4)
    array([0.0435])
    """
    return TWO_BY_TWO_TESTS[name].function(_tables(table))


def p_values(
    table: TwoByTwo | PrintedTwoByTwo,
    reported: Reported | str | None = None,
    tests: Sequence[str] | str | None = None,
) -> pd.DataFrame:
    """Recompute the p-value of a 2x2 table by every named test.

    Parameters
    ----------
    table : TwoByTwo or PrintedTwoByTwo
        One table, or several: all that a print leaves possible.
    reported : Reported or str, optional
        The p-value as printed, e.g. ``"0.044"`` or ``"<.001"``.
    tests : sequence of str, optional
        Names of the tests to run; all by default.

    Returns
    -------
    DataFrame
        A row for each test: name, label, statistic and p - for several tables
        p_low and p_high, the least and the largest of them -, matches (whether
        p of any table prints as reported; only if `reported` is given), sided
        ("two-sided", "greater", "less"), kind ("closed-form", "exact conditional",
        "exact unconditional") and reference. NaN where a test is undefined, which
        matches nothing.

    Raises
    ------
    UnknownMethodError
        If there is no such test; names those there are.
    InvalidEvidenceError
        If `reported` is no p-value.
    InfeasibleEvidenceError
        If no table prints so.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> frame = p_values(fusion, "0.044", tests=["pearson", "midp", "arcsine"])
    >>> print(frame[["name", "p", "matches"]].round(4).to_string(index=False))
       name      p  matches
    pearson 0.0507    False
       midp 0.0435     True
    arcsine 0.0441     True
    """
    counts = _tables(table)
    chosen = [tests] if isinstance(tests, str) else tests
    entries = [TWO_BY_TWO_TESTS[name] for name in chosen or TWO_BY_TWO_TESTS]
    window = None
    if reported is not None:
        window = PValue(as_reported(reported)).value.interval
    rows = []
    for entry in entries:
        result = entry.function(counts)
        p = result.p.ravel()
        row: dict[str, object] = {"name": entry.name, "label": entry.label}
        if p.size == 1:
            row |= {"statistic": float(result.statistic.ravel()[0]), "p": float(p[0])}
        else:
            known = p[~np.isnan(p)]
            ends = (known.min(), known.max()) if known.size else (np.nan, np.nan)
            row |= {"p_low": float(ends[0]), "p_high": float(ends[1])}
        if window is not None:
            row["matches"] = any(float(value) in window for value in p)
        row |= {
            "sided": result.alternative,
            "kind": _kind(entry),
            "reference": entry.reference,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _tables(table: TwoByTwo | PrintedTwoByTwo) -> TwoByTwo:
    """Return the tables themselves, or those behind a print."""
    require_kind(
        table,
        (TwoByTwo, PrintedTwoByTwo),
        field="table",
        requirement="a TwoByTwo (TwoByTwo.from_counts()) or a PrintedTwoByTwo",
    )
    return table.feasible() if isinstance(table, PrintedTwoByTwo) else table


def _kind(entry: Entry[TwoByTwoTest]) -> str:
    """Say how a test finds its p."""
    if "exact" not in entry.traits:
        return "closed-form"
    known = "unconditional" if "unconditional" in entry.traits else "conditional"
    return f"exact {known}"

"""What the registries of effect sizes hold, as Markdown tables."""

from collections.abc import Iterable
from typing import Any

from k2stats._registry import Entry
from k2stats.effectsizes._measures import MEASURES, measures_by_group
from k2stats.effectsizes.conversions import CONVERSIONS, FIVE_NUMBER_METHODS
from k2stats.effectsizes.frames import needs


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def inputs_table() -> str:
    """Return the columns each kind of evidence is read from, and its measures.

    Examples
    --------
    >>> print(inputs_table().splitlines()[5])
    | TwoRates | `events1, time1, events2, time2` | IRR IRD IRSD |
    """
    kinds: dict[str, list[str]] = {}
    for entries in measures_by_group().values():
        for entry in entries:
            kinds.setdefault(entry.function.evidence.__name__, []).append(entry.name)
    lines = [_row("From", "Columns", "Measures"), _row("---", "---", "---")]
    for kind, codes in kinds.items():
        ways = " or ".join(f"`{', '.join(names)}`" for names in needs(codes[0]))
        lines.append(_row(kind, ways, " ".join(codes)))
    return "\n".join(lines) + "\n"


def variances_table() -> str:
    """Return the formula of every type of variance of every measure.

    Examples
    --------
    >>> print(variances_table().splitlines()[2])
    | RR | LS | 1/a - 1/n1 + 1/c - 1/n2 | 0.5 added to tables with a zero cell |
    """
    lines = [
        _row("Code", "Type", "Sampling variance", "Zero counts, by default"),
        _row(*["---"] * 4),
    ]
    for entry in (e for es in measures_by_group().values() for e in es):
        measure = MEASURES[entry.name].function
        rule = str(measure.zero_cells) if measure.counts else ""
        for kind, formula in measure.variances.items():
            lines.append(_row(entry.name, kind, formula, rule))
    return "\n".join(lines) + "\n"


def _methods(entries: Iterable[Entry[Any]]) -> list[str]:
    return [
        _row(f"`{e.name}`", e.label, f"`{e.equation}`", e.reference) for e in entries
    ]


_HEAD = [_row("Function", "What it gives", "Equation", "Source"), _row(*["---"] * 4)]

FAMILIES = {
    "test": "From test statistics and p-values",
    "wald": "From intervals and standard errors",
    "cells": "2x2 tables behind a statistic",
    "spread": "Standard deviations",
    "combine": "Groups",
    "survival": "Survival",
    "baseline-risk": "OR, RR, RD and HR",
    "scale": "Between standardised measures",
    "delta": "Any function of an effect",
}
"""Traits of the conversions and their headings, in reading order."""


def conversions_table() -> str:
    """Return every conversion by family.

    Examples
    --------
    >>> print(conversions_table().splitlines()[3])
    | `z_from_p` | z from p | `z = sign * Phi^-1(1 - p/2)` | Higgins et al., \
Cochrane Handbook, section 6.3 |
    """
    lines = list(_HEAD)
    for trait, heading in FAMILIES.items():
        lines.append(_row("", f"**{heading}**", "", ""))
        lines += _methods(CONVERSIONS.entries(having=trait))
    return "\n".join(lines) + "\n"


def five_number_table() -> str:
    """Return every method for means and SDs from medians, quartiles and ranges.

    Examples
    --------
    >>> print(len(five_number_table().splitlines()))
    9
    """
    return "\n".join([*_HEAD, *_methods(FIVE_NUMBER_METHODS.entries())]) + "\n"

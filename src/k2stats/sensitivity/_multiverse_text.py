"""A multiverse in words: one line, a page of text, HTML."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from k2stats.render.html import safe_text
from k2stats.render.numbers import significant
from k2stats.render.tables import html_table, text_table
from k2stats.results._words import count, percent

if TYPE_CHECKING:
    from k2stats.sensitivity.multiverse_result import Multiverse

DIGITS = 3
TITLES = {
    "measure": "Measure",
    "zero_cells": "Zero cells",
    "model": "Model",
    "tau2": "Estimator of tau2",
    "ci": "Interval",
    "level": "Level",
    "subset": "Studies",
    "exclude": "Left out",
}
"""What readers call the choices."""
_FAR = 1e7


def level_name(level: float) -> str:
    """Name of a confidence level.

    Examples
    --------
    >>> level_name(0.95)
    '95%'
    """
    return percent(level)


def in_words(choice: str, level: str) -> str:
    """One choice as it reads among others.

    Examples
    --------
    >>> in_words("tau2", "DL"), in_words("exclude", "none"), in_words("model", "MH")
    ('tau2 DL', 'none left out', 'MH')
    """
    if choice == "tau2":
        return "no tau2" if level == "none" else f"tau2 {level}"
    if choice == "exclude":
        return f"{level} left out"
    return level


def short(m: "Multiverse") -> str:
    """One line."""
    noun = "specification" if len(m) == 1 else "specifications"
    return f"{len(m):,} {noun} of {len(m.study)} studies ({', '.join(m.panels)})"


def summary(m: "Multiverse") -> str:
    """Paragraphs, one a scale, and what they rest on."""
    lines = [short(m) + ".", ""]
    for row in m.by_scale().to_dict("records"):
        lines += [*_scale_lines(m, {str(k): v for k, v in row.items()}), ""]
    if len(m.panels) > 1:
        lines += [
            "Estimates are compared within a scale: "
            f"{listing(list(m.panels))} are different quantities.",
            "",
        ]
    lines += _moves(m)
    if len(m.invalid):
        ruled = count(len(m.invalid), "combination")
        lines.append(f"Ruled out, with reasons in .invalid: {ruled}.")
    lines += list(m.notes[:5])
    if len(m.notes) > 5:
        lines.append(f"... {len(m.notes) - 5} more notes in .notes")
    return "\n".join(lines)


def _scale_lines(m: "Multiverse", row: dict[str, object]) -> list[str]:
    name = str(row["scale"])
    index = m.reference[name]
    low, high = m.natural_low[index], m.natural_high[index]
    null = null_text(m, name)
    rows = [
        (
            "Reference",
            f"{number(m.natural[index])} ({percent(float(m.level[index]))} CI "
            f"{number(low)} to {number(high)}), p {significant(float(m.p[index]), 2)}",
        ),
        ("", m.describe(index)),
        (
            "All",
            f"{number(row['least'])} to {number(row['most'])}, "
            f"median {number(row['median'])}",
        ),
        (f"Significant, below {null}", share(row["significant_below"])),
        (f"Significant, above {null}", share(row["significant_above"])),
        ("Other side of no effect", share(row["other_side_than_reference"])),
    ]
    head = f"{name}: {count(int(str(row['specifications'])), 'specification')}"
    lacking = int(str(row["without_estimate"]))
    if lacking:
        head += f", {lacking} without an estimate"
    return [head, *(f"  {title:26s}{words}" for title, words in rows if words)]


def null_value(m: "Multiverse", scale: str) -> float:
    """Natural value that p-values are about: zero on the scale of analysis.

    NaN where the way back needs sizes of studies.
    """
    back = m.info_of(scale).scale
    if back.back_with_size is not None:
        return float("nan")
    return float(back.to_natural(np.zeros(())))


def null_text(m: "Multiverse", scale: str) -> str:
    """The same in words."""
    null = null_value(m, scale)
    return "no effect" if np.isnan(null) else f"{null:g}"


def _moves(m: "Multiverse") -> list[str]:
    """What the estimate, and p, hang on most."""
    lines = []
    for name in m.panels:
        made = m.decomposition("estimate", name)
        if made.leading:
            lines.append(f"What moves the {name}: {_top(made.to_frame())}.")
    made = m.decomposition("log_p")
    if made.leading:
        lines.append(f"What moves p: {_top(made.to_frame())}.")
    return lines


def _top(frame: object, most: int = 3) -> str:
    head = frame.head(most)  # type: ignore[attr-defined]
    parts = [
        f"{TITLES[r.choice].lower()} {share(r.share)}"
        for r in head.itertuples()
        if r.share >= 0.005
    ]
    return ", ".join(parts) if parts else "nothing"


def share(x: object) -> str:
    """A share in percent, never rounded to none or to all.

    Examples
    --------
    >>> share(0.5), share(0.0), share(0.0004), share(0.9999)
    ('50%', '0%', '<1%', '>99%')
    """
    value = float(str(x))
    if np.isnan(value):
        return "-"
    if abs(value) < 1e-9:  # rounding
        return "0%"
    if 0.0 < value < 0.005:
        return "<1%"
    if 0.995 <= value < 1.0:
        return ">99%"
    return f"{100.0 * value:.0f}%"


def number(x: object) -> str:
    """A figure to three digits.

    Examples
    --------
    >>> number(0.48943), number(12.0), number(float("inf"))
    ('0.489', '12.0', 'inf')
    """
    value = float(str(x))
    if np.isinf(value) or abs(value) >= _FAR:
        return "inf" if value > 0 else "-inf"
    if np.isnan(value):
        return "-"
    return f"{value:#.{DIGITS}g}".removesuffix(".")


def listing(words: Sequence[str]) -> str:
    """Words with commas, and the last with and.

    Examples
    --------
    >>> listing(["RR", "OR", "RD"]), listing(["RR"])
    ('RR, OR and RD', 'RR')
    """
    head = ", ".join(words[:-1])
    return f"{head} and {words[-1]}" if head else words[-1]


def scale_table(m: "Multiverse") -> dict[str, list[str]]:
    """Return one column of words a figure, one row a scale."""
    columns: dict[str, list[str]] = {}
    for row in m.by_scale().to_dict("records"):
        name = str(row["scale"])
        cells = {
            "Scale": name,
            "Specifications": str(row["specifications"]),
            "Reference": number(row["reference"]),
            "Median": number(row["median"]),
            "Range": f"{number(row['least'])} to {number(row['most'])}",
            "Significant below": share(row["significant_below"]),
            "Significant above": share(row["significant_above"]),
            "Not significant": share(row["not_significant"]),
            "Other side of no effect": share(row["other_side_than_reference"]),
        }
        for head, cell in cells.items():
            columns.setdefault(head, []).append(cell)
    return columns


def moves_table(m: "Multiverse") -> dict[str, list[str]]:
    """Shares of the variance by choice, one column an outcome."""
    outcomes = [
        *((name, m.decomposition("estimate", name)) for name in m.panels),
        ("p", m.decomposition("log_p")),
        ("decision", m.decomposition("significant")),
    ]
    columns: dict[str, list[str]] = {"Choice": [TITLES[c] for c in m.varied]}
    for name, made in outcomes:
        held = dict(zip(made.choices, made.share, strict=True))
        columns[f"Share of {name}"] = [share(held.get(c, np.nan)) for c in m.varied]
    return columns


def html(m: "Multiverse") -> str:
    """Tables for a notebook."""
    parts = [html_table(scale_table(m), caption=short(m))]
    if m.varied:
        caption = "What moves the answer: shares of the variance over specifications"
        parts.append(html_table(moves_table(m), caption=caption))
    words = []
    if len(m.panels) > 1:
        words.append(f"{listing(list(m.panels))} are different quantities.")
    if len(m.invalid):
        words.append(f"{count(len(m.invalid), 'combination')} ruled out, see .invalid.")
    words += m.notes[:5]
    return (
        f"<div>{''.join(parts)}{''.join(f'<p>{safe_text(w)}</p>' for w in words)}</div>"
    )


def text_tables(m: "Multiverse", width: int) -> list[str]:
    """Return the same tables as text."""
    made = [text_table(scale_table(m), width=width)]
    if m.varied:
        made.append(text_table(moves_table(m), width=width))
    return made

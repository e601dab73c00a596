"""Tables from plain columns: text fitted to a width, and HTML."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import SupportsFloat, TypeAlias

from k2stats.render.html import safe_text
from k2stats.render.numbers import display_width, printable, significant
from k2stats.render.svg import element

GAP = "  "
NARROWEST = 8
"""A column of words is not squeezed below this."""

Cell: TypeAlias = object
_ASCII = str.maketrans(
    {
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u221e": "inf",
        "\u2264": "<=",
        "\u2265": ">=",
        "\u00b1": "+/-",
        "\u00d7": "x",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2026": "...",
        "\u2009": " ",
        "\u00a0": " ",
        "\u00b2": "2",
    }
)


def to_encoding(text: str, encoding: str) -> str:
    r"""Return `text` with what `encoding` cannot write spelt in ASCII.

    Examples
    --------
    >>> to_encoding("≤ 273 to ∞, é", "ascii")
    '<= 273 to inf, \\xe9'
    >>> to_encoding("≤ 273", "utf-8")
    '≤ 273'
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        spelt = text.translate(_ASCII)
        return spelt.encode(encoding, "backslashreplace").decode(encoding)
    return text


def wrap(text: str, width: int) -> list[str]:
    """Break `text` into lines of at most `width` columns, at spaces where possible.

    Examples
    --------
    >>> wrap("reproduced only by Fisher mid-p", 12)
    ['reproduced', 'only by', 'Fisher mid-p']
    >>> wrap("10.1038/s41598", 6)
    ['10.103', '8/s415', '98']
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        rest = word
        joined = f"{line} {rest}" if line else rest
        if display_width(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while display_width(rest) > width:
            cut = _fitting(rest, width)
            lines.append(rest[:cut])
            rest = rest[cut:]
        line = rest
    return [*lines, line] if line or not lines else lines


def _fitting(word: str, width: int) -> int:
    """Return how many characters of `word` fit into `width` columns, at least one."""
    cut = len(word)
    while cut > 1 and display_width(word[:cut]) > width:
        cut -= 1
    return cut


def text_table(
    columns: Mapping[str, Sequence[Cell]],
    *,
    digits: int = 4,
    width: int | None = None,
    most: Mapping[str, int] | None = None,
) -> str:
    """Return a plain table: a header, a rule, and a line or more a row.

    Columns in which every value is a number are set flush right with `digits`
    significant digits; others flush left. Where `width` is given, columns of words
    are wrapped, the widest first, until the table fits; numbers are never broken, so
    that a table of many numbers may be wider than asked for.

    Parameters
    ----------
    columns : mapping of str to sequence
        Header to values, all of one length. None prints as an empty cell, NaN as a
        dash, booleans as yes and no.
    digits : int
    width : int, optional
        Columns of the terminal.
    most : mapping of str to int, optional
        Header to the width beyond which its column of words is wrapped where `width`
        is given, so that there is room for the others.

    Raises
    ------
    ValueError
        If the columns differ in length.

    Examples
    --------
    >>> print(text_table({"test": ["Pearson", "Fisher"], "p": [0.0507, 0.0632]}))
    test           p
    -------  -------
    Pearson  0.05070
    Fisher   0.06320
    """
    if len({len(c) for c in columns.values()}) > 1:
        raise ValueError("columns must be of one length.")
    if not columns:
        return ""
    right = [is_numeric(values) for values in columns.values()]
    heads = [printable(str(h)) for h in columns]
    cells = [[cell_text(v, digits) for v in values] for values in columns.values()]
    widths = [
        max(display_width(text) for text in (head, *column))
        for head, column in zip(heads, cells, strict=True)
    ]
    if width is not None:
        caps = most or {}
        widths = [
            w if r else min(w, max(caps.get(head, w), display_width(head)))
            for head, w, r in zip(columns, widths, right, strict=True)
        ]
        widths = fit_widths(
            widths, [NARROWEST if not r else None for r in right], width
        )
    rows = [heads, ["-" * w for w in widths], *zip(*cells, strict=True)]
    return "\n".join(line for row in rows for line in _lines(row, widths, right))


def fit_widths(
    widths: Sequence[int], least: Sequence[int | None], width: int
) -> list[int]:
    """Take from the widest columns that may shrink until all fit into `width`.

    Parameters
    ----------
    widths : sequence of int
        What the columns would take.
    least : sequence of int or None
        How far each may shrink; None where it may not.
    width : int
        What there is, gaps of two columns included.

    Examples
    --------
    >>> fit_widths([6, 40, 20], [None, 8, 8], 50)
    [6, 20, 20]
    """
    fitted = list(widths)
    excess = sum(fitted) + len(GAP) * (len(fitted) - 1) - width
    while excess > 0:
        free = [
            k
            for k, floor in enumerate(least)
            if floor is not None and fitted[k] > floor
        ]
        if not free:
            break
        widest = max(free, key=lambda k: fitted[k])
        fitted[widest] -= 1
        excess -= 1
    return fitted


def _lines(row: Sequence[str], widths: list[int], right: list[bool]) -> list[str]:
    """Set one row, wrapped into as many lines as its longest cell needs."""
    wrapped = [
        wrap(text, w) if display_width(text) > w and not r else [text]
        for text, w, r in zip(row, widths, right, strict=True)
    ]
    height = max(map(len, wrapped))
    lines = []
    for k in range(height):
        parts = []
        for texts, w, r in zip(wrapped, widths, right, strict=True):
            text = texts[k] if k < len(texts) else ""
            fill = " " * max(w - display_width(text), 0)
            parts.append(fill + text if r else text + fill)
        lines.append(GAP.join(parts).rstrip())
    return lines


def is_numeric(values: Sequence[Cell]) -> bool:
    """Whether every value there is, is a number.

    Examples
    --------
    >>> is_numeric([1, 2.5, None]), is_numeric(["1"]), is_numeric([None])
    (True, False, False)
    """
    there = [v for v in values if v is not None]
    return bool(there) and all(
        isinstance(v, Real | SupportsFloat) and not isinstance(v, bool | str)
        for v in there
    )


def cell_text(value: Cell, digits: int = 4) -> str:
    """Return one cell as text: numbers to `digits` significant digits.

    Examples
    --------
    >>> cell_text(0.05), cell_text(True), cell_text(None)
    ('0.05000', 'yes', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, SupportsFloat):
        return significant(float(value), digits)
    return printable(str(value))


def html_table(
    columns: Mapping[str, Sequence[object]], *, caption: str = "", digits: int = 4
) -> str:
    """Return a table; numbers are set flush right with `digits` significant digits.

    Parameters
    ----------
    columns : mapping of str to sequence
        Header to values, all of one length. None is an empty cell.
    caption : str
    digits : int

    Raises
    ------
    ValueError
        If the columns differ in length.

    Examples
    --------
    >>> table = html_table({"test": ["<b>"], "p": [0.05]})
    >>> "<td>&lt;b&gt;</td>" in table, '<td style="text-align:right">0.05000' in table
    (True, True)
    """
    if len({len(c) for c in columns.values()}) > 1:
        raise ValueError("columns must be of one length.")
    heads = "".join(element("th", safe_text(h), scope="col") for h in columns)
    body = "".join(
        element("tr", *(_cell(v, digits) for v in row))
        for row in zip(*columns.values(), strict=True)
    )
    return element(
        "table",
        element("caption", safe_text(caption)) if caption else "",
        element("thead", element("tr", heads)),
        f"<tbody>{body}</tbody>",
    )


def _cell(value: object, digits: int) -> str:
    """Return one cell; never an empty element, which HTML would not close."""
    if value is None:
        return "<td></td>"
    if isinstance(value, bool):
        return element("td", "yes" if value else "no")
    if isinstance(value, SupportsFloat) and not isinstance(value, str):
        text = safe_text(significant(float(value), digits))
        return element("td", text, style="text-align:right")
    text = safe_text(value)
    return element("td", text) if text else "<td></td>"

"""Tables of numbers that are printed already: text and HTML, numbers flush right."""

from collections.abc import Mapping, Sequence

from k2stats.render.html import safe_text
from k2stats.render.svg import element
from k2stats.render.tables import text_table

Cells = Mapping[str, Sequence[str]]
"""Header to printed cells, all columns of one length; the first one holds words."""
_LEFT = "text-align:left"
_GAP = "margin-bottom:0.6em"
_WHOLE = "white-space:nowrap"
"""Numbers are not broken, whatever the width of the page."""


def number_table(columns: Cells) -> str:
    """Return a plain table, all but the first column flush right.

    Examples
    --------
    >>> print(number_table({"": ["mean"], "estimate": ["-0.7145"], "p": ["0.0019"]}))
          estimate       p
    ----  --------  ------
    mean   -0.7145  0.0019
    """
    padded: dict[str, list[str]] = {}
    for position, (head, cells) in enumerate(columns.items()):
        if position == 0:
            padded[head] = list(cells)
            continue
        wide = max(map(len, (head, *cells)))
        padded[head.rjust(wide)] = [cell.rjust(wide) for cell in cells]
    return text_table(padded)


def number_html(columns: Cells, *, caption: str = "") -> str:
    """Return the same table for a notebook.

    Examples
    --------
    >>> markup = number_html({"": ["a<b"], "p": ["0.05"]})
    >>> "a&lt;b" in markup, ">0.05</td>" in markup
    (True, True)
    """
    right = f"text-align:right;{_WHOLE}"
    heads = "".join(
        element("th", safe_text(head), scope="col", style=right if i else _LEFT)
        if head
        else "<td></td>"
        for i, head in enumerate(columns)
    )
    body = "".join(
        element("tr", *(_cell(text, number=i > 0) for i, text in enumerate(row)))
        for row in zip(*columns.values(), strict=True)
    )
    return element(
        "table",
        _caption(caption),
        element("thead", element("tr", heads)),
        f"<tbody>{body}</tbody>",
        style=_GAP,
    )


def facts_html(rows: Sequence[tuple[str, str]], *, caption: str = "") -> str:
    """Return names with their values, a row each.

    Examples
    --------
    >>> "tau2" in facts_html([("tau2", "0.31")])
    True
    """
    body = "".join(
        element(
            "tr",
            element("th", safe_text(name), scope="row", style=_LEFT),
            element("td", safe_text(text), style=_LEFT) if text else "<td></td>",
        )
        for name, text in rows
    )
    return element("table", _caption(caption), f"<tbody>{body}</tbody>", style=_GAP)


def block_html(*parts: str) -> str:
    """Put tables and lines into one block, which scrolls where a page is narrow.

    Examples
    --------
    >>> block_html("<p>a</p>", "")
    '<div style="overflow-x:auto"><p>a</p></div>'
    """
    return f'<div style="overflow-x:auto">{"".join(parts)}</div>'


def lines_html(lines: Sequence[str]) -> str:
    """Return lines of text, one below the other; nothing where there are none.

    Examples
    --------
    >>> lines_html(["a < b", "c"]), lines_html([])
    ('<p>a &lt; b<br>c</p>', '')
    """
    return f"<p>{'<br>'.join(map(safe_text, lines))}</p>" if lines else ""


def _caption(text: str) -> str:
    if not text:
        return ""
    return element("caption", safe_text(text), style="text-align:left;font-weight:bold")


def _cell(text: str, *, number: bool) -> str:
    """Return one cell; never an empty element, which HTML would not close."""
    if not text:
        return "<td></td>"
    style = f"text-align:right;{_WHOLE}" if number else _LEFT
    return element("td", safe_text(text), style=style)

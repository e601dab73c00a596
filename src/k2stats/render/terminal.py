"""Text and tables in a terminal, plain where it is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from k2stats.render.numbers import printable
from k2stats.render.tables import (
    cell_text,
    is_numeric,
    text_table,
    to_encoding,
    wrap,
)

if TYPE_CHECKING:
    from rich.console import Console

_LONGEST_LINE = 96
"""Prose is not set wider, whatever the terminal has."""


class Terminal:
    """Where text is printed; rich is loaded when the first is made.

    Parameters
    ----------
    console : rich.console.Console, optional
        By default one on standard output. Colours follow the terminal and
        ``NO_COLOR``; what is no terminal gets plain text.
    """

    def __init__(self, console: Console | None = None) -> None:
        if console is None:
            from rich.console import Console

            console = Console(highlight=False, markup=False, emoji=False)
        self.console = console

    @property
    def width(self) -> int:
        """Columns there are."""
        return self.console.width

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line as it is, without breaking it."""
        self.console.out(self._spelt(text), style=style or None, highlight=False)

    def paragraph(self, text: str, *, indent: str = "", style: str = "") -> None:
        """Print text broken at spaces, indented."""
        room = min(self.width, _LONGEST_LINE) - len(indent)
        for piece in wrap(self._spelt(printable(text)), max(room, 20)):
            self.line(f"{indent}{piece}", style)

    def table(
        self,
        columns: Mapping[str, Sequence[object]],
        *,
        styles: Sequence[str] = (),
        styled: str = "",
        most: Mapping[str, int] | None = None,
    ) -> None:
        """Print a table that fits; in a terminal rows may have styles.

        Parameters
        ----------
        columns : mapping of str to sequence
        styles : sequence of str
            One a row.
        styled : str
            The column that takes the style, where not the whole row does.
        most : mapping of str to int, optional
            As :func:`~k2stats.render.text_table` takes it.
        """
        spelt = {
            self._spelt(head): [self._spelt(v) if isinstance(v, str) else v for v in c]
            for head, c in columns.items()
        }
        if not self.console.is_terminal:
            self.line(text_table(spelt, width=self.width, most=most))
            return
        self._rich_table(spelt, styles, styled, most or {})

    def _rich_table(
        self,
        columns: Mapping[str, Sequence[object]],
        styles: Sequence[str],
        styled: str,
        most: Mapping[str, int],
    ) -> None:
        """Print a table with a header rule and coloured rows."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for head, values in columns.items():
            right = is_numeric(values)
            table.add_column(
                Text(head),
                justify="right" if right else "left",
                no_wrap=right,
                max_width=most.get(head),
                overflow="fold",
            )
        for k, row in enumerate(zip(*columns.values(), strict=True)):
            style = styles[k] if styles else ""
            cells = [
                Text(cell_text(value), style=style if head == styled else "")
                for head, value in zip(columns, row, strict=True)
            ]
            table.add_row(*cells, style=None if styled else style)
        self.console.print(table)

    def _spelt(self, text: str) -> str:
        """Return what the terminal's encoding can write of `text`."""
        return to_encoding(text, self.console.encoding)

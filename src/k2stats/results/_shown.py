"""Results that are one table: text in a terminal, HTML in a notebook."""

from typing import NamedTuple

from k2stats.results._tables import (
    Cells,
    block_html,
    lines_html,
    number_html,
    number_table,
)


class Sheet(NamedTuple):
    """A title, a table of printed cells and lines below it; any may be empty."""

    title: str
    cells: Cells
    notes: tuple[str, ...] = ()


class Shown:
    """Summary, text and HTML of a result, from what :meth:`_sheet` returns."""

    __slots__ = ()

    def _sheet(self) -> Sheet:
        raise NotImplementedError

    def summary(self) -> str:
        """Text: title, table, notes."""
        title, cells, notes = self._sheet()
        table = number_table(cells) if cells else ""
        blocks = [title, table, "\n".join(notes)]
        return "\n\n".join(block for block in blocks if block)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        title, cells, notes = self._sheet()
        if not cells:
            return lines_html((title, *notes))
        return block_html(number_html(cells, caption=title), lines_html(notes))

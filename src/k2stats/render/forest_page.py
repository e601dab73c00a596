"""The page of a forest plot: its rows, their heights, and where text stands."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Kind: TypeAlias = Literal[
    "study", "summary", "subtotal", "prediction", "heading", "note"
]

ROW = 0.25
"""Inches of a row; studies get less where there are very many."""
FONT = 9.0
INK = "#1b1f24"
_TALLEST = 14.0
_PLOT = 3.6
_GAP = 0.18
_LEAST_FONT = 4.5
_CROWDED = 8.0
"""Inches that studies share where there are too many for text."""
_NOTE = 7.5
"""Points of the text of notes, in the plot and below it."""
_LONGEST = 48
"""Characters of a line of a label."""
_LEADING = 0.6
"""Height of each further line of a label, in rows."""


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line of a forest plot.

    Attributes
    ----------
    label : str
    estimate, low, high : float
        On the scale of the axis; NaN where undefined.
    kind : {"study", "summary", "subtotal", "prediction", "heading", "note"}
        A heading and a note have no mark; a note may run on over the plot.
    share : float
        Weight of a study beside the heaviest, 0 to 1; the area of its square.
    columns : tuple of str
        What is printed to the right.
    fitted : tuple of float or None
        Estimate and limits that a model predicts, a pale diamond behind the study.
    """

    label: str
    estimate: float
    low: float
    high: float
    kind: Kind = "study"
    share: float = 1.0
    columns: tuple[str, ...] = ()
    fitted: tuple[float, float, float] | None = None


class Page:
    """Where text and plot stand; lengths are inches."""

    def __init__(
        self, figure: "Figure", rows: Sequence[ForestRow], heads: Sequence[str]
    ) -> None:
        studies = sum(r.kind == "study" for r in rows)
        others = len(rows) - studies + bool(heads)
        self._row = min(ROW, (_TALLEST - others * ROW) / max(studies, 1))
        self._font = min(FONT, 0.62 * 72.0 * self._row)
        if self._font < _LEAST_FONT:
            self._row, self._font = _CROWDED / studies, 0.0
        self.tall = sum(map(self.height, rows)) + ROW * bool(heads)
        self.figure = figure
        shown = [r for r in rows if self.font(r) and r.kind != "note"]
        texts = [(_lines(r.label), self.font(r)) for r in shown]
        texts += [(h, FONT) for h in heads[:1]]
        self._left = self._widest(texts) + 2.0 * _GAP
        self._widths = []
        for c in range(max((len(r.columns) for r in shown), default=0)):
            cells = [(r.columns[c], self.font(r)) for r in shown if c < len(r.columns)]
            cells += [(h, FONT) for h in heads[c + 1 : c + 2]]
            self._widths.append(self._widest(cells) + _GAP)

    def height(self, row: ForestRow) -> float:
        """Return the height of a row."""
        more = 0 if row.kind == "note" else _lines(row.label).count("\n")
        return self.line(row) * (1.0 + _LEADING * more)

    def line(self, row: ForestRow) -> float:
        """Return the height that a row of one line has, which marks are made for."""
        return self._row if row.kind == "study" else ROW

    def font(self, row: ForestRow) -> float:
        """Return the size of its text in points; 0 where it could not be read."""
        return {"study": self._font, "note": _NOTE}.get(row.kind, FONT)

    def _widest(self, texts: Sequence[tuple[str, float]]) -> float:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        renderer: Any = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]
        widest = 0.0
        for text, size in texts:
            drawn = self.figure.text(
                0.0, 0.0, text, fontsize=size, fontweight="bold", parse_math=False
            )
            width = drawn.get_window_extent(renderer).width / self.figure.dpi
            drawn.remove()
            widest = max(widest, float(width))
        return widest

    def lay_out(self, title: str, notes: Sequence[str]) -> "Axes":
        """Size the page, print title and notes, return the axes of the plot."""
        width = self._left + _PLOT + sum(self._widths) + 2.0 * _GAP
        above = _fitted([title] if title else [], width, 10.5)
        below = _fitted(notes, width, _NOTE)
        head = 0.12 + 0.22 * len(above) + (0.1 if above else 0.0)
        foot = 0.5 + 0.18 * len(below)
        height = self.tall + head + foot
        self.figure.set_size_inches(width, height)
        texts = [
            (1.0 - (0.24 + 0.2 * i) / height, text, 10.5, "bold")
            for i, text in enumerate(above)
        ]
        texts += [
            ((0.12 + 0.18 * i) / height, text, _NOTE, "normal")
            for i, text in enumerate(reversed(below))
        ]
        for y, text, size, weight in texts:
            self.figure.text(
                _GAP / width,
                y,
                text,
                fontsize=size,
                fontweight=weight,
                va="center",
                color=INK,
                parse_math=False,
            )
        self._axes = self.figure.add_axes(
            (self._left / width, foot / height, _PLOT / width, self.tall / height)
        )
        return self._axes

    def write(
        self, y: float, label: str, columns: Sequence[str], weight: str, size: float
    ) -> None:
        """Print the text of one row at height `y`; dollars are dollars."""
        at = _PLOT + _GAP
        text = label if size == _NOTE else _lines(label)
        places = [(_GAP - self._left, text, "left")]
        for text, wide in zip(columns, self._widths, strict=False):
            at += wide
            places.append((at - 0.5 * _GAP, text, "right"))
        for x, text, side in places:
            self._axes.text(
                x / _PLOT,
                y,
                text,
                transform=self._axes.get_yaxis_transform(),
                ha=side,
                va="center" if "\n" in text else "center_baseline",
                fontsize=size,
                fontweight=weight,
                color=INK,
                clip_on=False,
                linespacing=1.05,
                parse_math=False,
            )


def _lines(label: str) -> str:
    """Break a long label at spaces; what is set in stays so in every line."""
    margin = label[: len(label) - len(label.lstrip(" "))]
    wrapped = textwrap.wrap(label, _LONGEST, subsequent_indent=margin)
    return "\n".join(wrapped) or label


def _fitted(texts: Sequence[str], width: float, size: float) -> list[str]:
    """Break lines that the page has no room for."""
    room = max(20, int((width - 2.0 * _GAP) * 72.0 / (0.6 * size)))
    return [line for text in texts for line in textwrap.wrap(text, room)]

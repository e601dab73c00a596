"""What every picture with an axis has: the axis, a shaded window, a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from k2stats.render.axis import Axis
from k2stats.render.numbers import significant
from k2stats.render.svg import anchor, element, length, note, place, words

LINE_HEIGHT = 15.0


@dataclass(frozen=True, slots=True)
class Band:
    """A window of values, shaded.

    Attributes
    ----------
    low, high : float
        Either may be infinite.
    label : str
    """

    low: float
    high: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A value to compare with, as an upright line: alpha, or no effect."""

    at: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Axis, window and line of one picture, and how much height they take.

    Attributes
    ----------
    axis : Axis
    axis_label : str
    band : Band or None
    rule : Rule or None
    """

    axis: Axis
    axis_label: str = ""
    band: Band | None = None
    rule: Rule | None = None

    @property
    def head(self) -> float:
        """Height above the marks: a line of text for each label."""
        texts = [x for x in (self.band, self.rule) if x is not None and x.label]
        return LINE_HEIGHT * len(texts) + (4.0 if texts else 0.0)

    @property
    def foot(self) -> float:
        """Height below the axis line: tick labels and the axis' own."""
        return 20.0 + (LINE_HEIGHT if self.axis_label else 0.0)

    def behind(self, bottom: float) -> str:
        """Return what lies behind the marks, from the top down to `bottom`."""
        parts = []
        y = LINE_HEIGHT - 4.0
        if self.band is not None:
            parts.append(self._shade(self.band, y, bottom))
            y += LINE_HEIGHT if self.band.label else 0.0
        if self.rule is not None:
            parts.append(self._upright(self.rule, y, bottom))
        return "".join(parts)

    def _shade(self, band: Band, y: float, bottom: float) -> str:
        """Return the window: shaded, its ends drawn so that a thin one is seen."""
        first, last = self.axis.share(band.low), self.axis.share(band.high)
        top = y + 4.0 if band.label else 0.0
        tall = bottom - top
        parts = [
            element(
                "rect",
                note(band.label) if band.label else "",
                x=place(first),
                width=length(last - first),
                y=top,
                height=tall,
                class_="k2-band",
            )
        ]
        for end, share in ((band.low, first), (band.high, last)):
            if self.axis.holds(end):
                x = place(share)
                parts.append(
                    element("line", x1=x, x2=x, y1=top, y2=bottom, class_="k2-edge")
                )
        if band.label:
            middle = (first + last) / 2
            parts.append(
                words(
                    band.label,
                    x=place(middle),
                    y=y,
                    text_anchor=anchor(middle, band.label),
                    class_="k2-soft",
                )
            )
        return "".join(parts)

    def _upright(self, rule: Rule, y: float, bottom: float) -> str:
        """Return the line to compare with, where the axis reaches it."""
        if not self.axis.holds(rule.at):
            return ""
        share = self.axis.share(rule.at)
        x = place(share)
        top = y + 4.0 if rule.label else 0.0
        line = element("line", x1=x, x2=x, y1=top, y2=bottom, class_="k2-line")
        if not rule.label:
            return line
        side = anchor(share, rule.label)
        return line + words(rule.label, x=x, y=y, text_anchor=side, class_="k2-soft")

    def below(self, bottom: float) -> str:
        """Return the axis line at `bottom`, its ticks and labels."""
        parts = [
            element(
                "line",
                x1=place(0.0),
                x2=place(1.0),
                y1=bottom,
                y2=bottom,
                class_="k2-axis",
            )
        ]
        for value in self.axis.ticks():
            x = place(self.axis.share(value))
            tick = element(
                "line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="k2-axis"
            )
            text = tick_label(value)
            parts += [
                tick,
                words(text, x=x, y=bottom + 16, text_anchor="middle", class_="k2-soft"),
            ]
        if self.axis_label:
            parts.append(
                words(
                    self.axis_label,
                    x="50%",
                    y=bottom + 16 + LINE_HEIGHT,
                    text_anchor="middle",
                    class_="k2-soft",
                )
            )
        return "".join(parts)


def tick_label(value: float) -> str:
    """Return a tick's value without trailing zeros.

    Examples
    --------
    >>> [tick_label(x) for x in (0.05, 1.0, 250.0, 1e-7)]
    ['0.05', '1', '250', '1e-07']
    """
    text = significant(value, 4)
    if "e" in text:
        return f"{value:.0e}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def extent(
    values: Sequence[float], band: Band | None, rule: Rule | None
) -> list[float]:
    """Return every value the axis should show: marks, finite ends, the line."""
    ends = [] if band is None else [band.low, band.high]
    return [*values, *ends, *([] if rule is None else [rule.at])]

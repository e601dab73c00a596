"""The few SVG elements the pictures are made of, everything escaped.

Pictures have no ``viewBox``: places along the axis are percentages of the width and
everything else is in pixels, so that a picture fills a telephone and a wide page
alike while its text keeps its size. What must not overlap is laid out for
:data:`NARROWEST` pixels; wider only draws it further apart.
"""

from html import escape

from k2stats.render.numbers import printable

NARROWEST = 320.0
"""Width in pixels for which labels are laid out."""
CHARACTER = 6.4
"""Width of a character of 12-pixel text in pixels, on the generous side."""
LEFT, RIGHT = 4.0, 96.0
"""Where the axis starts and ends, in per cent of the width."""

STYLE = """\
.k2-picture{display:block;width:100%;max-width:46rem;overflow:visible;
font:12px/1.2 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;
font-variant-numeric:tabular-nums;color:var(--k2-ink,currentColor)}
.k2-picture text{fill:currentColor;stroke:var(--k2-paper,none);stroke-width:3px;
paint-order:stroke;stroke-linejoin:round}
.k2-picture .k2-soft{fill:var(--k2-muted,currentColor)}
.k2-picture .k2-strong{font-weight:600}
.k2-picture .k2-axis{stroke:currentColor;stroke-width:1px}
.k2-picture .k2-lead{stroke:var(--k2-muted,currentColor);stroke-width:1px}
.k2-picture .k2-band{fill:var(--k2-band,#d99a1b);
fill-opacity:var(--k2-band-opacity,.3)}
.k2-picture .k2-edge{stroke:var(--k2-band-edge,#b07a10);stroke-width:1px}
.k2-picture .k2-line{stroke:var(--k2-line,#c2452d);stroke-width:1.5px;
stroke-dasharray:5 3}
.k2-picture .k2-mark{fill:var(--k2-paper,none);stroke:currentColor;stroke-width:1.5px}
.k2-picture .k2-hit{fill:var(--k2-hit,#2a78b8);stroke:var(--k2-hit,#2a78b8)}
.k2-picture .k2-bar{stroke:currentColor;stroke-width:2px}
.k2-picture .k2-bar.k2-hit{stroke:var(--k2-hit,#2a78b8);stroke-width:4px}
.k2-picture .k2-cap{stroke:currentColor;stroke-width:1.5px}
.k2-picture .k2-cap.k2-hit{stroke:var(--k2-hit,#2a78b8)}
.k2-picture .k2-tip{fill:currentColor}
.k2-picture .k2-tip.k2-hit{fill:var(--k2-hit,#2a78b8)}
@media (max-width:32rem){.k2-picture .k2-wide{display:none}}
"""
"""The pictures' style sheet. Colours are custom properties with fallbacks that read
on white and on black; a page sets ``--k2-ink``, ``--k2-paper`` and the rest."""


def element(name: str, *children: str, **attributes: str | float) -> str:
    """Return an element; attribute values are escaped, children are markup already.

    An underscore in an attribute's name stands for a hyphen, a trailing one is
    dropped, so that ``class_`` can be written.

    Examples
    --------
    >>> element("line", x1="4%", y1=2.0, class_="a<b")
    '<line x1="4%" y1="2" class="a&lt;b"/>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
    )
    body = "".join(children)
    return f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>"


def _attribute(value: str | float) -> str:
    """Return an attribute's value as text: pixels to a hundredth."""
    if isinstance(value, str):
        return escape(printable(value))
    return f"{round(value, 2):g}"


def words(text: str, **attributes: str | float) -> str:
    """Return a text element.

    Examples
    --------
    >>> words("p < .05", x="50%", y=12)
    '<text x="50%" y="12">p &lt; .05</text>'
    """
    return element("text", escape(printable(text)), **attributes)


def note(text: str) -> str:
    """Return what is shown when the pointer rests on an element."""
    return element("title", escape(printable(text)))


def place(share: float) -> str:
    """Return where a share of the axis stands, in per cent of the width.

    Examples
    --------
    >>> place(0.0), place(0.5), place(1.0)
    ('4%', '50%', '96%')
    """
    return f"{round(LEFT + share * (RIGHT - LEFT), 3):g}%"


def length(share: float) -> str:
    """Return how long a share of the axis is, in per cent of the width."""
    return f"{round(share * (RIGHT - LEFT), 3):g}%"


def pixels(share: float) -> float:
    """Return where a share of the axis stands at the narrowest width."""
    return NARROWEST * (LEFT + share * (RIGHT - LEFT)) / 100


def text_width(text: str) -> float:
    """Return about how wide 12-pixel text is, in pixels."""
    return CHARACTER * len(text)


def shorten(text: str, width: float) -> str:
    """Return `text` cut to `width` pixels, with an ellipsis where it was longer.

    Examples
    --------
    >>> shorten("Cressie-Read power divergence", 100)
    'Cressie-Read p…'
    """
    most = max(int(width / CHARACTER), 2)
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"


def anchor(share: float, text: str) -> str:
    """Return the ``text-anchor`` that keeps a centred `text` inside the picture."""
    half, at = text_width(text) / 2, pixels(share)
    if at < half:
        return "start"
    return "end" if at > NARROWEST - half else "middle"


def picture(
    *children: str, height: float, title: str, description: str, style: bool
) -> str:
    """Return an ``svg`` element of the page's width and a fixed height.

    Parameters
    ----------
    *children : str
        Markup.
    height : float
        Pixels.
    title, description : str
        What a screen reader says: the name of the picture and what it shows.
    style : bool
        Whether to carry :data:`STYLE` along; a page with many pictures carries it
        once itself.
    """
    sheet = element("style", STYLE) if style else ""
    return element(
        "svg",
        note(title),
        element("desc", escape(printable(description))) if description else "",
        sheet,
        *children,
        xmlns="http://www.w3.org/2000/svg",
        class_="k2-picture",
        width="100%",
        height=height,
        role="img",
        aria_label=f"{title}. {description}" if description else title,
    )

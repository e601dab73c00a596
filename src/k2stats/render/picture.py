"""A figure that notebooks show without pyplot; imported where a figure is drawn."""

from io import BytesIO

from matplotlib.figure import Figure

DENSITY = 2.0
"""Pixels of the picture for each pixel of the page, so that print stays sharp."""
_CSS = 96.0
"""Pixels of an inch on a page."""


class Picture(Figure):
    """A matplotlib figure that is its own picture in a notebook.

    A bare :class:`~matplotlib.figure.Figure` shows as text until pyplot has been
    imported. This one needs no pyplot, and nothing has to be closed.

    Examples
    --------
    >>> data, size = Picture(figsize=(2.0, 1.0))._repr_png_()
    >>> data[1:4], size
    (b'PNG', {'width': 192, 'height': 96})
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the picture and the size that it has on a page."""
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=DENSITY * _CSS)
        width, height = self.get_size_inches()
        return buffer.getvalue(), {
            "width": round(width * _CSS),
            "height": round(height * _CSS),
        }

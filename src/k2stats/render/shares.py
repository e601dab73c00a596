"""How a whole divides into kinds, as one bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from k2stats.render.svg import element, note, picture


@dataclass(frozen=True, slots=True)
class Share:
    """One kind: its name, how many there are, and the class that colours it."""

    label: str
    count: int
    kind: str


def share_bar(
    shares: Sequence[Share], *, title: str, height: float = 18.0, style: bool = True
) -> str:
    """Return a bar divided in proportion to the counts, from left to right.

    Kinds without members are left out. The picture's description names every kind
    with its count.

    Parameters
    ----------
    shares : sequence of Share
    title : str
    height : float
        Pixels.
    style : bool
        Whether the picture carries its style sheet.

    Examples
    --------
    >>> svg = share_bar([Share("holds", 3, "a"), Share("depends", 1, "b")], title="All")
    >>> 'width="75%"' in svg, "holds: 3, depends: 1" in svg
    (True, True)
    """
    total = sum(s.count for s in shares)
    parts = []
    before = 0
    for share in shares:
        if not share.count:
            continue
        parts.append(
            element(
                "rect",
                note(f"{share.label}: {share.count} of {total}"),
                x=f"{100 * before / total:.4g}%",
                width=f"{100 * share.count / total:.4g}%",
                y=0.0,
                height=height,
                class_=f"k2-share {share.kind}",
            )
        )
        before += share.count
    told = ", ".join(f"{s.label}: {s.count}" for s in shares)
    return picture(*parts, height=height, title=title, description=told, style=style)

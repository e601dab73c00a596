"""Places for labels above a strip, so that no two overlap."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from k2stats.render.svg import NARROWEST, pixels, shorten, text_width

GAP = 8.0
_MOST_ORDERED = 5
"""Up to so many labels every order is tried; beyond, left to right and back."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text that belongs to a point of the axis.

    Attributes
    ----------
    share : float
        Where the point stands, 0 to 1.
    text : str
    tail : str
        What follows the text and is never cut off: a number.
    side : {"start", "middle", "end"}
        Which part of the text stands above the point.
    lane : int
        0 is the lowest line of text.
    """

    share: float
    text: str
    tail: str = ""
    side: str = "start"
    lane: int = 0

    @property
    def words(self) -> str:
        """Text and tail together."""
        return f"{self.text} {self.tail}".strip()

    @property
    def box(self) -> tuple[float, float]:
        """Left and right end at the narrowest width, in pixels."""
        x, w = pixels(self.share), text_width(self.words)
        return {"start": (x, x + w), "middle": (x - w / 2, x + w / 2)}.get(
            self.side, (x - w, x)
        )


def arrange(labels: Sequence[Label]) -> list[Label]:
    """Give each label a side and a lane so that no two texts overlap.

    Of the arrangements tried, the one in which the fewest lines from a text to its
    point cross another text, and of those the lowest. A text grows away from its
    point to one side or both, so that what does not overlap in the narrowest
    picture cannot overlap in a wider one.

    Returns
    -------
    list of Label
        In the order given; texts too long for the picture are shortened.

    Examples
    --------
    >>> for label in arrange([Label(0.1, "Fisher mid-p .0435"), Label(0.2, "arcsine")]):
    ...     print(label.text, label.side, label.lane)
    Fisher mid-p .0435 start 1
    arcsine start 0
    """
    count = len(labels)
    ascending = sorted(range(count), key=lambda k: labels[k].share)
    if count <= _MOST_ORDERED:
        orders = [list(order) for order in permutations(ascending)]
    else:
        outward = sorted(range(count), key=lambda k: -abs(labels[k].share - 0.5))
        orders = [ascending, ascending[::-1], outward, outward[::-1]]
    tried = [_place_in_order(labels, order) for order in orders]
    return min(tried, key=_cost, default=[])


def _place_in_order(labels: Sequence[Label], order: Sequence[int]) -> list[Label]:
    """Place one label after the other, each as low and clear as it can be."""
    placed: dict[int, Label] = {}
    for k in order:
        there = list(placed.values())
        options = [
            replace(sided, lane=lane)
            for sided in _sides(labels[k])
            for lane in range(len(there) + 1)
        ]
        free = [o for o in options if not any(_overlap(o, x) for x in there)]
        placed[k] = min(
            free, key=lambda o: (sum(_crossed(o, x) for x in there), o.lane)
        )
    return [placed[k] for k in range(len(labels))]


def _sides(label: Label) -> list[Label]:
    """Return the label to each side it fits on; shortened where it fits on none."""
    x = pixels(label.share)
    room = {"start": NARROWEST - x, "end": x, "middle": 2 * min(x, NARROWEST - x)}
    width = text_width(label.words)
    fitting = [replace(label, side=side) for side in room if width <= room[side]]
    if fitting:
        return fitting
    side = max(room, key=lambda s: room[s])
    left = room[side] - text_width(f" {label.tail}" if label.tail else "")
    return [replace(label, side=side, text=shorten(label.text, left))]


def _overlap(one: Label, other: Label) -> bool:
    """Whether two texts in one lane are closer than a gap."""
    (a, b), (c, d) = one.box, other.box
    return one.lane == other.lane and a < d + GAP and c < b + GAP


def _crossed(one: Label, other: Label) -> int:
    """Return how many of the two lines run through the other's text."""
    low, high = (one, other) if one.lane < other.lane else (other, one)
    if low.lane == high.lane:
        return 0
    left, right = low.box
    return int(left - 2 < pixels(high.share) < right + 2)


def _cost(arrangement: Sequence[Label]) -> tuple[int, int, int]:
    """Return crossings, the number of lanes, and how high the labels stand."""
    crossings = sum(
        _crossed(a, b) for k, a in enumerate(arrangement) for b in arrangement[:k]
    )
    lanes = [label.lane for label in arrangement]
    return crossings, max(lanes, default=0), sum(lanes)

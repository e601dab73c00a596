r"""What a conditional test accepts at one margin after the other, for many tables.

Given the number of events in all, the tables that such a test does not reject lie side
by side, since what it orders them by has one peak. Two cursors hold the ends and walk
with the margin; a step costs the same however large the groups are. Wherever an answer
hangs on a rounding error - two probabilities that nearly agree, a p that is nearly
alpha - the registered test, which decides ties in integers, is asked about every table
of that margin instead.
"""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity._fisher_decisions import NEAR
from k2stats.sensitivity._tail_cursors import TailCursor
from k2stats.significance import TWO_BY_TWO_TESTS

Order: TypeAlias = Literal["likelihood", "tail", "above", "below", "either"]


class ConditionalRule(NamedTuple):
    """What a conditional test counts as at least as extreme as a table.

    Attributes
    ----------
    order : str
        By the probability of a table, by its smaller tail, or by a tail named:
        ``"either"`` doubles the smaller one.
    own, tie : float
        Shares of the table's own probability, and of one that ties with it.
    """

    order: Order
    own: float
    tie: float = 1.0


CONDITIONAL: dict[str, ConditionalRule] = {
    "fisher": ConditionalRule("likelihood", 1.0),
    "midp": ConditionalRule("likelihood", 0.5, 0.5),
    "midp-fisher": ConditionalRule("likelihood", 0.5),
    "fisher-blaker": ConditionalRule("tail", 1.0),
    "fisher-doubled": ConditionalRule("either", 1.0),
    "midp-doubled": ConditionalRule("either", 0.5),
    "fisher-greater": ConditionalRule("above", 1.0),
    "midp-greater": ConditionalRule("above", 0.5),
    "fisher-less": ConditionalRule("below", 1.0),
    "midp-less": ConditionalRule("below", 0.5),
}
"""Tests of :data:`k2stats.significance.TWO_BY_TWO_TESTS` that a walk can follow."""
LARGEST_ALPHA = 0.5
"""Up to it every margin has a table that is not rejected."""


class MarginWalk:
    """Ends of what a test accepts, from the margins of T tables upwards.

    Parameters
    ----------
    name : str
        Key of :data:`CONDITIONAL`.
    alpha : float
        At most :data:`LARGEST_ALPHA`.
    n1, n2, m : ndarray of int, shape (T,)
        Sizes of the groups and events in all.
    swapped : bool
        Events are counted as non-events: the walk leads down.

    Examples
    --------
    >>> walk = MarginWalk("fisher", 0.05, *(np.array([k]) for k in (36, 35, 59)))
    >>> [int(end[0]) for end in walk.ends()]
    [27, 33]
    """

    def __init__(
        self,
        name: str,
        alpha: float,
        n1: Ints,
        n2: Ints,
        m: Ints,
        *,
        swapped: bool = False,
    ) -> None:
        self.name, self.alpha, self.swapped = name, alpha, swapped
        rule = CONDITIONAL[name]
        if swapped and rule.order in ("above", "below"):
            turned: Order = "below" if rule.order == "above" else "above"
            rule = rule._replace(order=turned)
        self.rule = rule
        self.rows: Ints = np.arange(n1.size)
        m = n1 + n2 - m if swapped else m
        # The lower end in group 1 is the upper one in group 2.
        self.high, self.low = TailCursor(n1, n2, m), TailCursor(n2, n1, m)

    def keep(self, kept: Bools) -> None:
        """Go on with some of the tables; `rows` says which they were at the start."""
        at = np.flatnonzero(kept)
        self.rows = self.rows[at]
        self.high.keep(at)
        self.low.keep(at)

    def add_event(self) -> None:
        """Go to the next margin, from which tables without one are left out."""
        more = self.high.m < self.high.n1 + self.high.n2
        if not more.all():
            self.keep(more)
        self.high.add_event()
        self.low.add_event()

    def ends(self) -> tuple[Ints, Ints]:
        """First and last table of each margin that the test does not reject.

        Returns
        -------
        first, last : ndarray of int, shape (T,)
            Events in group 1, as counted before any swap.
        """
        if self.rule.order in ("likelihood", "tail"):
            doubt = self._settle_both()
        else:
            doubt = self._settle_each()
        high = self.high
        first, last = high.m - self.low.x, high.x
        if self.rule.order == "above":
            first = np.maximum(0.0, high.m - high.n2)
        if self.rule.order == "below":
            last = np.minimum(high.n1, high.m)
        if self.swapped:
            first, last = high.n1 - last, high.n1 - first
        ends = first.astype(np.int64), last.astype(np.int64)
        at = np.flatnonzero(doubt)
        if at.size:
            ends[0][at], ends[1][at] = self._asked(at)
        return ends

    def _settle_each(self) -> Bools:
        """Move each end by the tail beyond it alone; where that is in doubt."""
        order, own = self.rule.order, self.rule.own
        alpha = 0.5 * self.alpha if order == "either" else self.alpha
        doubt = np.zeros(self.rows.size, dtype=bool)
        for cursor, idle in ((self.high, "below"), (self.low, "above")):
            if order == idle:
                continue
            rows: Ints = np.arange(self.rows.size)
            while rows.size:
                some = cursor.part(rows)
                p, outer = some.beyond + own * some.own, some.outer()
                p_outer = some.beyond - (1.0 - own) * outer
                by = np.where(p < alpha * (1.0 - NEAR), -1.0, 0.0)
                by[(p_outer >= alpha * (1.0 + NEAR)) & (outer > 0.0)] = 1.0
                settled = by == 0.0
                close = np.abs(p - alpha) <= NEAR * alpha
                close |= np.abs(p_outer - alpha) <= NEAR * alpha
                doubt[rows[settled & close]] = True
                some.move(by)
                cursor.put(rows, some)
                rows = rows[~settled]
        return doubt

    def _settle_both(self) -> Bools:
        """Move both ends by the order of the tables; where that is in doubt."""
        doubt = np.zeros(self.rows.size, dtype=bool)
        rows: Ints = np.arange(self.rows.size)
        while rows.size:
            high, low = self.high.part(rows), self.low.part(rows)
            by_high, by_low, close = self._steps(high, low)
            settled = (by_high == 0.0) & (by_low == 0.0)
            doubt[rows[settled & close]] = True
            high.move(by_high)
            low.move(by_low)
            self.high.put(rows, high)
            self.low.put(rows, low)
            rows = rows[~settled]
        return doubt

    def _steps(self, high: TailCursor, low: TailCursor) -> tuple[Floats, Floats, Bools]:
        """Return which way the ends go, and where rounding may decide that."""
        rule, alpha = self.rule, self.alpha
        out_h, out_l = high.outer(), low.outer()
        key_h, key_l, out_key_h, out_key_l = self._keys(high, low, out_h, out_l)
        first, last = high.m - low.x, high.x
        same, half = high.n1 == high.n2, 2.0 * high.m == high.n1 + high.n2

        def mirror(a: Floats, b: Floats) -> Bools:
            """Whether two tables of a margin are images and tie exactly."""
            images = (same & (a + b == high.m)) | (half & (a + b == high.n1))
            return np.asarray(images & (a != b))

        inside, outside = mirror(first, last), mirror(first - 1.0, last + 1.0)
        outside &= (out_h > 0.0) & (out_l > 0.0)
        rejected = high.beyond + low.beyond
        # The first to be rejected, and the first to be accepted again.
        in_h = (key_h < key_l) | inside
        in_l = ~(key_h < key_l) | inside
        key_in = np.minimum(key_h, key_l)
        p_in = rejected + rule.own * np.where(in_h, high.own, low.own)
        p_in += np.where(inside, rule.tie * low.own, 0.0)
        back_h = (out_key_h > out_key_l) | outside
        back_l = ~(out_key_h > out_key_l) | outside
        key_out = np.maximum(out_key_h, out_key_l)
        p_out = rejected - (1.0 - rule.own) * np.where(back_h, out_h, out_l)
        p_out -= np.where(outside, (1.0 - rule.tie) * out_l, 0.0)
        # A pair of images stands or falls together.
        split_h, split_l = mirror(first, last + 1.0), mirror(first - 1.0, last)
        split_h &= (key_l <= key_h) & (out_h > 0.0)
        split_l &= (key_h <= key_l) & (out_l > 0.0)
        split = split_h | split_l
        wrong = ~split & (key_out > key_in * (1.0 + NEAR)) & (first < last)
        calm = ~split & ~wrong
        less = calm & (p_in < alpha * (1.0 - NEAR)) & (first < last)
        more = calm & ~less & (p_out >= alpha * (1.0 + NEAR)) & (key_out > 0.0)
        by_h = (split_h | ((wrong | more) & back_h)).astype(float)
        by_l = (split_l | ((wrong | more) & back_l)).astype(float)
        by_h -= (wrong | less) & in_h
        by_l -= (wrong | less) & in_l
        there = key_out > 0.0
        close = np.abs(p_in - alpha) <= NEAR * alpha
        close |= there & (np.abs(p_out - alpha) <= NEAR * alpha)
        close |= there & (np.abs(key_out - key_in) <= NEAR * key_in)
        close |= ~inside & (first < last) & (np.abs(key_h - key_l) <= NEAR * key_in)
        near = np.abs(out_key_h - out_key_l) <= NEAR * key_out
        close |= ~outside & there & near
        return by_h, by_l, close

    def _keys(
        self, high: TailCursor, low: TailCursor, out_h: Floats, out_l: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Return what orders the ends, and the tables beyond them."""
        if self.rule.order == "likelihood":
            return high.own, low.own, out_h, out_l
        keys = []
        for cursor, outer in ((high, out_h), (low, out_l)):
            tail, below = cursor.beyond + cursor.own, 1.0 - cursor.beyond
            keys.append(
                (np.minimum(tail, below), np.where(outer > 0.0, cursor.beyond, 0.0))
            )
        return keys[0][0], keys[1][0], keys[0][1], keys[1][1]

    def _asked(self, at: Ints) -> tuple[Ints, Ints]:
        """Ends by the registered test, asked about every table of the margins."""
        n1, n2, m = (
            v[at].astype(np.int64) for v in (self.high.n1, self.high.n2, self.high.m)
        )
        if self.swapped:
            m = n1 + n2 - m
        low, high = np.maximum(0, m - n2), np.minimum(n1, m)
        sizes = high - low + 1
        starts = np.cumsum(sizes) - sizes
        owner = np.repeat(np.arange(at.size), sizes)
        x = np.arange(owner.size) - starts[owner] + low[owner]
        cells = (x, n1[owner], m[owner] - x, n2[owner])
        p = (
            TWO_BY_TWO_TESTS[self.name]
            .function(TwoByTwo(*(v.astype(float) for v in cells)))
            .p
        )
        kept = p >= self.alpha
        first = np.minimum.reduceat(np.where(kept, x, n1[owner] + 1), starts)
        last = np.maximum.reduceat(np.where(kept, x, -1), starts)
        return first, last

"""The range of a test of two means over everything that prints the same."""

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np

from k2stats._registry import Entry
from k2stats._typing import Floats
from k2stats.evidence import PrintedTwoMeans, Reported, TwoMeans
from k2stats.numerics import tails
from k2stats.significance._base import MEANS_TESTS, MeansTest
from k2stats.significance.enclosures import EMPTY, Enclosure, PValueRange, greatest
from k2stats.significance.means import satterthwaite_df

SpreadRead = Literal["sd", "se"]

_NAMES = ("mean1", "sd1", "mean2", "sd2")


@dataclass(frozen=True, slots=True)
class _Box:
    """Rounding windows of both means and both SDs, SDs not below zero."""

    mean1: tuple[float, float]
    sd1: tuple[float, float]
    n1: int
    mean2: tuple[float, float]
    sd2: tuple[float, float]
    n2: int

    @classmethod
    def of(cls, printed: PrintedTwoMeans, spread: SpreadRead) -> "_Box":
        """Windows of a print, its spreads read as SDs or as SEs."""
        scale1, scale2 = (
            float(np.sqrt(n)) if spread == "se" else 1.0
            for n in (printed.n1, printed.n2)
        )
        return cls(
            printed.mean1.interval.floats(),
            _spread_window(printed.spread1, scale1),
            printed.n1,
            printed.mean2.interval.floats(),
            _spread_window(printed.spread2, scale2),
            printed.n2,
        )

    def at(self, mean1: Floats, sd1: Floats, mean2: Floats, sd2: Floats) -> TwoMeans:
        """Evidence at given points, without validating again."""
        n1, n2 = np.full_like(mean1, self.n1), np.full_like(mean1, self.n2)
        return TwoMeans(mean1, sd1, n1, mean2, sd2, n2)

    def farthest(self) -> tuple[float, float]:
        """Means in the windows that are farthest apart."""
        up = (self.mean1[1], self.mean2[0])
        down = (self.mean1[0], self.mean2[1])
        return up if abs(up[0] - up[1]) >= abs(down[0] - down[1]) else down

    def nearest(self) -> tuple[float, float]:
        """Means in the windows that are nearest; equal where the windows meet."""
        if self.mean1[0] > self.mean2[1]:
            return self.mean1[0], self.mean2[1]
        if self.mean2[0] > self.mean1[1]:
            return self.mean1[1], self.mean2[0]
        common = (
            max(self.mean1[0], self.mean2[0]) + min(self.mean1[1], self.mean2[1])
        ) / 2
        return common, common


def _spread_window(spread: Reported, scale: float) -> tuple[float, float]:
    low, high = spread.interval.floats()
    return max(low, 0.0) * scale, high * scale


def means_p_values(evidence: PrintedTwoMeans) -> list[PValueRange]:
    r"""Run every registered test of two means on a printed summary.

    Each p-value comes with its exact range over all means and SDs that print so. A
    larger :math:`|\bar x_1 - \bar x_2|` always lowers p; where the windows of the
    means meet, p reaches 1. For z and Student's t a larger SD always raises p, so
    the ends lie at corners. Welch's p need not rise with an SD, since the degrees of
    freedom move too; but scaling both SDs together leaves them unchanged, so p rises
    along every ray from the origin of :math:`(s_1, s_2)`. Hence no extreme lies
    inside the box: the greatest p lies on an upper edge (:math:`s_1` or :math:`s_2`
    at its greatest), the least on a lower edge, and each edge is searched by branch
    and bound with the exact range of the degrees of freedom on every piece. The ends
    are attained, and certified to one part in 10^7.

    Parameters
    ----------
    evidence : PrintedTwoMeans
        Where its `spread` is ``"unknown"`` both readings are tried, and named.

    Returns
    -------
    list of PValueRange
        One row a test and reading.

    Examples
    --------
    >>> printed = PrintedTwoMeans(Reported("1.20"), Reported("1.2"), 60,
    ...                           Reported("2.1"), Reported("2.5"), 30, spread="sd")
    >>> for row in means_p_values(printed):
    ...     print(f"{row.name} {row.midpoint:.5f} ({row.low:.5f} to {row.high:.5f})")
    z 0.06188 (0.04273 to 0.08636)
    student 0.02299 (0.01342 to 0.03720)
    welch 0.07007 (0.05029 to 0.09493)
    """
    readings: tuple[SpreadRead, ...] = (
        ("sd", "se") if evidence.spread == "unknown" else (evidence.spread,)
    )
    return [
        _row(entry, evidence, reading)
        for reading in readings
        for entry in MEANS_TESTS.entries()
    ]


def as_two_means(evidence: PrintedTwoMeans, spread: SpreadRead) -> TwoMeans:
    """Return the printed values as numbers, the spreads read as SDs or as SEs.

    Examples
    --------
    >>> printed = PrintedTwoMeans(Reported("812"), Reported("154"), 29,
    ...                           Reported("235"), Reported("100"), 45)
    >>> means = as_two_means(printed, "se")
    >>> means.sd1.round(), means.sd2.round()
    (array([829.]), array([671.]))
    """
    scale1, scale2 = (
        float(np.sqrt(n)) if spread == "se" else 1.0 for n in (evidence.n1, evidence.n2)
    )
    return TwoMeans.from_summary(
        mean1=float(evidence.mean1.value),
        sd1=float(evidence.spread1.value) * scale1,
        n1=evidence.n1,
        mean2=float(evidence.mean2.value),
        sd2=float(evidence.spread2.value) * scale2,
        n2=evidence.n2,
    )


def _row(
    entry: Entry[MeansTest], evidence: PrintedTwoMeans, spread: SpreadRead
) -> PValueRange:
    box = _Box.of(evidence, spread)
    midpoint = float(entry.function(as_two_means(evidence, spread)).p[0])
    corners = list(itertools.product(box.mean1, box.sd1, box.mean2, box.sd2))
    p = entry.function(box.at(*np.array(corners).T)).p
    defined = p[~np.isnan(p)]
    corner_low, corner_high = (
        (float(defined.min()), float(defined.max())) if defined.size else (np.nan,) * 2
    )
    known = {"monotone", "satterthwaite"} & entry.traits
    return PValueRange(
        entry.name,
        entry.label,
        entry.reference,
        entry.version,
        midpoint,
        _enclose(entry, box) if known else Enclosure(corner_low, corner_high),
        corner_low,
        corner_high,
        spread,
        entry.traits,
        "" if known else "Corners of the rounding windows only.",
    )


def _enclose(entry: Entry[MeansTest], box: _Box) -> Enclosure:
    """Range of one test's p-value over the box."""
    far, near = box.farthest(), box.nearest()
    if max(box.sd1[1], box.sd2[1]) == 0.0:
        return EMPTY
    if "satterthwaite" in entry.traits:
        least = _welch_edges(entry, box, far, side=0)
        most = _welch_edges(entry, box, near, side=1)
    else:
        least, most = (box.sd1[0], box.sd2[0]), (box.sd1[1], box.sd2[1])
    low, at_low = _p_at(entry, box, far, least)
    high, at_high = _p_at(entry, box, near, most)
    return Enclosure(low, high, at_low, at_high)


def _p_at(
    entry: Entry[MeansTest],
    box: _Box,
    means: tuple[float, float],
    sds: tuple[float, float],
) -> tuple[float, dict[str, float]]:
    """P-value and witness at one point; its limit where both SDs are zero."""
    point = (means[0], sds[0], means[1], sds[1])
    witness = dict(zip(_NAMES, point, strict=True))
    if means[0] == means[1]:
        return 1.0, witness
    if sds == (0.0, 0.0):
        return 0.0, witness
    return float(entry.function(box.at(*np.array(point)[:, None])).p[0]), witness


def _welch_edges(
    entry: Entry[MeansTest], box: _Box, means: tuple[float, float], *, side: int
) -> tuple[float, float]:
    """SDs with the least (`side` 0) or greatest (1) p on the edges of the box."""
    sign = 1.0 if side else -1.0
    both_zero = side == 0 and box.sd1[0] == box.sd2[0] == 0.0
    one_always_zero = min(box.sd1[1], box.sd2[1]) == 0.0  # then the df are fixed
    if means[0] == means[1] or both_zero or one_always_zero:
        return box.sd1[side], box.sd2[side]
    found = []
    for moving in (1, 2):
        window, fixed = (
            (box.sd1, box.sd2[side]) if moving == 1 else (box.sd2, box.sd1[side])
        )
        edge = _Edge(box, means, moving, fixed)

        def value(x: Floats, edge: _Edge = edge) -> Floats:
            return np.asarray(sign * entry.function(edge.at(x)).log_p)

        def ceiling(a: Floats, b: Floats, edge: _Edge = edge) -> Floats:
            return np.asarray(sign * edge.bound(a, b, upper=side == 1))

        x, best = greatest(value, ceiling, *window)
        found.append((best, (x, fixed) if moving == 1 else (fixed, x)))
    return max(found)[1]


@dataclass(frozen=True, slots=True)
class _Edge:
    """One edge of the box: one SD moves, the other and the means stay."""

    box: _Box
    means: tuple[float, float]
    moving: int
    fixed: float

    def at(self, x: Floats) -> TwoMeans:
        """Evidence at values of the moving SD."""
        still = np.full_like(x, self.fixed)
        sd1, sd2 = (x, still) if self.moving == 1 else (still, x)
        mean1, mean2 = (np.full_like(x, m) for m in self.means)
        return self.box.at(mean1, sd1, mean2, sd2)

    def bound(self, a: Floats, b: Floats, *, upper: bool) -> Floats:
        """Bound of log p over pieces from `a` to `b` of the moving SD.

        P falls with ``|t|`` and, at fixed t, with the degrees of freedom; ``|t|``
        falls as the SD grows, and the degrees of freedom rise to n1 + n2 - 2 at one
        SD and fall after it.
        """
        ends = [self.at(x) for x in (a, b)]
        df_a, df_b = (satterthwaite_df(m) for m in ends)
        here, there = self.box.n1, self.box.n2
        if self.moving == 2:
            here, there = there, here
        peak = self.fixed * np.sqrt(here * (here - 1) / (there * (there - 1)))
        inside = (a <= peak) & (peak <= b)
        most = np.where(inside, here + there - 2.0, np.maximum(df_a, df_b))
        df = np.minimum(df_a, df_b) if upper else most
        m = ends[1] if upper else ends[0]
        with np.errstate(divide="ignore"):
            t = abs(self.means[0] - self.means[1]) / np.sqrt(
                m.sd1**2 / m.n1 + m.sd2**2 / m.n2
            )
        return tails.log_student_p(t, df)

"""Figures of what would change a judgement: outcomes, confounding, prior views."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.render.axis import Axis
from k2stats.render.sheet import (
    BLUE,
    GOLD,
    GREEN,
    INK,
    PINK,
    RED,
    SKY,
    SOFT,
    key,
    ratio_ticks,
    sheet,
    tidy,
)
from k2stats.results._words import fixed, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from k2stats.sensitivity.confounded_meta import ConfoundedMeta
    from k2stats.sensitivity.credibility import Credibility
    from k2stats.sensitivity.meta_fragility import MetaFragility

_ROWS = 30
"""Steps drawn one by one; of more, every second, third, ..."""
_RESULTS = 60
_LEAST_BF, _LEAST_P = 1e-6, 1e-7
_MARKS = ("o", "s", "^", "D", "v", "P")
_COLOURS = (BLUE, RED, GREEN, GOLD, PINK, INK)


def meta_fragility_plot(found: "MetaFragility", title: str) -> "Figure":
    """Draw; see :meth:`MetaFragility.plot`."""
    frame = found.path()
    every = max(1, -(-(len(frame) - 1) // _ROWS))
    shown = frame[(frame["changed"] % every == 0) | (frame["changed"] == found.index)]
    notes = [found.meaning]
    if every > 1:
        notes.append(f"One step in {every} is drawn, and the last.")
    towards = "nearest to" if found.significant else "furthest from"
    notes.append(
        f"{found.analysis}; {percent(found.analysis.level)} intervals. Changes are "
        f"drawn in the order that brings the limit {towards} the null at each step."
    )
    ratio = found.analysis.measure != "RD"
    height = max(1.9, 1.0 + 0.23 * len(shown))
    figure, (axes,) = sheet(width=7.0, height=height, title=title, notes=notes)
    y = -np.arange(len(shown), dtype=float)
    figures = shown[["estimate", "low", "high"]].to_numpy(dtype=float).T
    with np.errstate(divide="ignore", invalid="ignore"):
        point, low, high = np.log(figures) if ratio else figures
    apart = shown["significant"].to_numpy()
    for flag, colour, mark, label in (
        (True, BLUE, "o", "significant"),
        (False, RED, "s", "not significant"),
    ):
        _intervals(axes, (point, low, high), y, apart == flag, (colour, mark, label))
    axes.axvline(0.0, color=INK, lw=0.8, ls=":", zorder=1)
    words = zip(shown["changed"], shown["change"], strict=True)
    axes.set_yticks(y, [f"{n}: {text}" if n else text for n, text in words])
    axes.set_ylim(y[-1] - 0.7, 0.7)
    _span(axes, [*point, *low, *high, 0.0], ratio=ratio)
    tidy(axes, found.analysis.measure, "")
    axes.tick_params(axis="y", length=0.0)
    key(axes, outside=True)
    return figure


def _intervals(
    axes: "Axes",
    figures: "tuple[Floats, Floats, Floats]",
    y: Floats,
    rows: Any,
    look: tuple[str, str, str],
) -> None:
    """Draw points and their intervals along rows."""
    point, low, high = (x[rows] for x in figures)
    colour, mark, label = look
    drawn = np.isfinite(point)
    if not drawn.any():
        return
    axes.hlines(y[rows], low, high, color=colour, lw=1.4, zorder=2)
    axes.plot(
        point, y[rows], mark, color=colour, ms=5.5, mec="white", label=label, zorder=3
    )


def _span(axes: "Axes", values: "Sequence[float]", *, ratio: bool) -> None:
    """Set horizontal limits around the values, and print ratios as such."""
    ends = Axis.around([v for v in values if abs(v) < 700.0], margin=0.05)
    axes.set_xlim(ends.low, ends.high)
    if ratio:
        ratio_ticks(axes)


def confounded_plot(found: "ConfoundedMeta", index: int, title: str) -> "Figure":
    """Draw; see :meth:`ConfoundedMeta.plot`."""
    size = found.share.size
    if not 0 <= index < size:
        raise InvalidEvidenceError(
            field="index", requirement=f"from 0 to {size - 1}", given=index
        )
    estimate, tau2, mean, sd = (
        float(np.broadcast_to(x, found.share.shape).ravel()[index])
        for x in (found.estimate, found.tau2, found.bias_mean, found.bias_sd)
    )
    needed = float(found.bias_needed.ravel()[index])
    figure, (axes,) = sheet(
        width=6.6, height=4.4, title=title, notes=[found.meaning[index]]
    )
    side = 1.0 if found.tail == "above" else -1.0
    ahead = side * (estimate - found.threshold)
    far = ahead + 3.0 * float(np.sqrt(tau2))
    reach = min(max(far, 1.15 * float(np.log(needed)), 1.1 * mean, 0.1), 30.0)
    log_b = np.linspace(0.0, reach, 400)
    share, se = found.shares(log_b, index)
    half = special.ndtri(0.975) * se
    if np.isfinite(half).any():
        axes.fill_between(
            log_b,
            np.clip(share - half, 0.0, 1.0),
            np.clip(share + half, 0.0, 1.0),
            color=SKY,
            alpha=0.3,
            lw=0.0,
            label="95% limits",
        )
    axes.plot(log_b, share, color=BLUE, lw=1.9, label="the same bias in every study")
    axes.axhline(found.tolerated, color=INK, lw=0.8, ls=(0, (5, 3)), zorder=1)
    if needed > 1.0:
        axes.plot(
            np.log(needed),
            found.tolerated,
            "D",
            color=RED,
            ms=7.0,
            mec="white",
            zorder=4,
            label=f"{percent(found.tolerated)} left: bias factor {fixed(needed, 2)}",
        )
    assumed = float(found.share.ravel()[index])
    if mean > 0.0 or sd > 0.0:
        axes.plot(
            mean,
            assumed,
            "o",
            color=GOLD,
            ms=7.0,
            mec="white",
            zorder=4,
            label="the bias assumed",
        )
    axes.set_xlim(0.0, reach)
    axes.set_ylim(-0.02, 1.02)
    ratio_ticks(axes)
    what = f"Share of true effects {found.tail} {np.exp(found.threshold):.3g}"
    tidy(axes, "Bias factor in every study (ratio)", what)
    _strengths(axes, reach)
    key(axes, "best")
    return figure


def _strengths(axes: "Axes", reach: float) -> None:
    """Second axis: strength of the confounder that makes each bias."""
    top = np.exp(min(reach, 300.0))
    strongest = top + np.sqrt(top * (top - 1.0))
    ticks = [g for g in Axis(1.0, strongest, "log").ticks(7) if g >= 1.0]
    at = [float(np.log(g * g / (2.0 * g - 1.0))) for g in ticks]
    other = axes.secondary_xaxis("top")
    other.set_xticks(at, [f"{g:g}" for g in ticks])
    other.tick_params(labelsize=8.0, color=SOFT)
    other.spines["top"].set_color(SOFT)
    other.set_xlabel("Risk ratio with exposure and with outcome", fontsize=8.5)


def credibility_plot(
    found: "Credibility", labels: "Sequence[str] | None", title: str
) -> "Figure":
    """Draw; see :meth:`Credibility.plot`."""
    size = found.low.size
    if size > _RESULTS:
        raise InvalidEvidenceError(
            field="results", requirement=f"at most {_RESULTS} in a figure", given=size
        )
    names = [str(i + 1) for i in range(size)] if labels is None else list(labels)
    if len(names) != size:
        raise InvalidEvidenceError(
            field="labels", requirement=f"of length {size}", given=len(names)
        )
    notes = [
        "A significant result convinces all but sceptics whose prior lies within the "
        "blue bar; another one only advocates whose prior fills the orange bar."
    ]
    if size == 1:
        notes = found.meaning
    p = found.p.ravel()
    if (p < _LEAST_P).any():
        notes.append(f"Bayes factors below {_LEAST_BF:g} are drawn at the edge.")
    height = max(2.4, 1.2 + 0.36 * size)
    figure, (axes, side) = sheet(
        1,
        2,
        width=9.0,
        height=height,
        title=title,
        notes=notes,
        share_y=True,
        wide=(1.7, 1.0),
    )
    y = -np.arange(size, dtype=float)
    rows = (found.ci_low, found.ci_high, found.low, found.high, found.estimate)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high, bottom, top, point = (
            np.log(x.ravel()) if found.ratio else x.ravel() for x in rows
        )
    least, most = min(float(low.min()), 0.0), max(float(high.max()), 0.0)
    length = 1.5 * (most - least)
    edges = least - length, most + length
    shown = np.clip([bottom, top], *edges)
    axes.axvline(0.0, color=INK, lw=0.8, ls=":", zorder=1)
    for flag, colour, label in (
        (True, SKY, "sceptics' critical interval"),
        (False, GOLD, "advocates' critical interval"),
    ):
        at = (found.significant.ravel() == flag) & np.isfinite(bottom)
        if not at.any():
            continue
        axes.barh(
            y[at] - 0.2,
            shown[1][at] - shown[0][at],
            left=shown[0][at],
            height=0.2,
            color=colour,
            label=label,
            zorder=2,
        )
        for end, beyond, mark in (
            (edges[0], at & (bottom < edges[0]), "<"),
            (edges[1], at & (top > edges[1]), ">"),
        ):
            if beyond.any():
                x = np.full(int(beyond.sum()), end)
                axes.plot(x, y[beyond] - 0.2, mark, color=colour, ms=7.0, clip_on=False)
    every = np.ones(size, dtype=bool)
    label = f"estimate, {percent(found.level)} interval"
    _intervals(axes, (point, low, high), y + 0.12, every, (INK, "o", label))
    _span(axes, [*low, *high, *shown[np.isfinite(shown)], 0.0], ratio=found.ratio)
    axes.set_yticks(y, names)
    axes.set_ylim(y[-1] - 0.6, 0.6)
    tidy(axes, "Ratio" if found.ratio else "Difference", "")
    axes.tick_params(axis="y", length=0.0)
    _bounds(side, p, y)
    key(axes, outside=True)
    return figure


def _bounds(side: "Axes", p: Floats, y: Floats) -> None:
    """Draw the bounds of the Bayes factor of each result, the strongest outwards."""
    from k2stats.sensitivity.bayes_factors import (
        BAYES_FACTOR_BOUNDS,
        bayes_factor_bound,
    )

    names = [e.name for e in BAYES_FACTOR_BOUNDS.entries() if "n" not in e.traits]
    least = 0.2
    for name, mark, colour in zip(names, _MARKS, _COLOURS, strict=False):
        bound = np.maximum(bayes_factor_bound(p, name), _LEAST_BF)
        least = min(least, float(bound.min()))
        label = BAYES_FACTOR_BOUNDS[name].label
        side.plot(bound, y, mark, color=colour, ms=5.0, mec="white", label=label)
    side.set_xscale("log")
    side.set_xlim(1.25, least / 1.6)
    ticks = Axis(least / 1.6, 1.0, "log").ticks(5)
    side.set_xticks(ticks, [f"{t:g}" for t in ticks])
    side.set_xticks([], minor=True)
    side.axvline(1.0, color=INK, lw=0.8, ls=":", zorder=1)
    tidy(side, "Minimum Bayes factor of the null", "")
    side.tick_params(axis="y", length=0.0)

"""Figures of models of selection: weights, Copas, the limit, unreported studies."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._selection_curves import Curves
from k2stats.diagnostics._selection_likelihood import Published
from k2stats.diagnostics._shown import Shown
from k2stats.diagnostics.weight_functions import WEIGHTS
from k2stats.errors import InvalidEvidenceError
from k2stats.render.sheet import (
    BLUE,
    GOLD,
    INK,
    PALE,
    RED,
    SKY,
    SOFT,
    key,
    sheet,
    tidy,
)
from k2stats.results._words import fixed, p_text, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from k2stats.diagnostics._selection_result import SelectionModel
    from k2stats.diagnostics.copas import Copas
    from k2stats.diagnostics.limit_meta import LimitMetaAnalysis
    from k2stats.diagnostics.outcome_reporting import ReportingBound
    from k2stats.diagnostics.selection_bootstrap import SelectionBootstrap

_POINTS = 400


def weights_plot(found: "SelectionModel", title: str) -> "Figure":
    """Draw; see :meth:`SelectionModel.plot`."""
    notes = [
        f"Test of no selection: chi2({found.tested}) = {fixed(found.lrt, 2)}, p "
        f"{p_text(found.lrt_p)}. Mean {fixed(found.estimate, 3)} with selection, "
        f"{fixed(found.beta_without[0], 3)} without. {found.note}".rstrip()
    ]
    figure, (axes,) = sheet(width=6.4, height=4.0, title=title, notes=notes)
    if found.method == "truncated":
        _truncated(axes, found)
    elif found.counts:
        _steps(axes, found)
    else:
        _curve(axes, found)
    axes.axhline(1.0, color=SOFT, lw=0.8, ls=":", zorder=1)
    side = "two-sided" if found.alternative == "two-sided" else "one-sided"
    low = axes.get_ylim()[1]
    axes.set_ylim(0.0, min(max(low, 1.15), 1e6))
    what = "Effect" if found.method == "truncated" else f"p-value ({side})"
    tidy(axes, what, "Relative probability of publication")
    return figure


def _steps(axes: "Axes", found: "SelectionModel") -> None:
    """Weights of pieces, with limits by the delta method on the logarithm."""
    ends = np.array([0.0, *found.steps, 1.0] if found.steps else [0.0, 0.025, 1.0])
    if ends.size != len(found.counts) + 1:  # models with steps of their own
        ends = np.array([0.0, 0.025, 0.5, 1.0])[: len(found.counts)]
        ends = np.append(ends, 1.0)
    height = np.concatenate([[1.0], found.delta])
    se = np.concatenate([[np.nan], found.delta_se])
    half = float(special.ndtri(0.5 + 0.5 * found.level)) * se
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.exp(half / height)
        low, high = height / factor, height * factor
    most = 3.0 * max(1.0, float(np.nanmax(height)))
    for j in range(height.size):
        axes.fill_between(
            ends[j : j + 2], 0.0, height[j], color=SKY, alpha=0.35, lw=0.0
        )
        axes.plot(ends[j : j + 2], [height[j]] * 2, color=BLUE, lw=2.0)
        middle = float(ends[j : j + 2].mean())
        if np.isfinite(low[j]):
            axes.plot([middle] * 2, [low[j], min(high[j], most)], color=INK, lw=1.0)
        axes.annotate(
            str(found.counts[j]),
            (middle, height[j]),
            xytext=(4, 3),
            textcoords="offset points",
            fontsize=7.5,
            color=INK,
        )
    for end in ends[1:-1]:
        axes.axvline(end, color=SOFT, lw=0.6, ls=":")
    axes.set_xlim(0.0, 1.0)
    _mark_steps(axes, ends)
    axes.set_title(
        f"Figures at the pieces: studies there; bars: {percent(found.level)} limits",
        fontsize=8.0,
        color=INK,
        loc="left",
    )


def _mark_steps(axes: "Axes", ends: Floats) -> None:
    """Spread small p-values: they are where selection happens."""
    axes.set_xscale("function", functions=(np.sqrt, np.square))
    ticks = sorted({0.0, 0.1, 0.25, 0.5, 0.75, 1.0, *ends.tolist()})
    kept: list[float] = []
    for t in ticks:  # no two labels on each other; steps first
        near = [k for k in kept if abs(np.sqrt(k) - np.sqrt(t)) < 0.055]
        if not near:
            kept.append(t)
        elif t in ends and all(k not in ends for k in near):
            kept = [k for k in kept if k not in near] + [t]
    axes.set_xticks(kept, [f"{t:g}" for t in kept])


def _truncated(axes: "Axes", found: "SelectionModel") -> None:
    point = found.steps[0] if found.steps else 0.0
    room = max(1.0, abs(point))
    sides = [1.0, float(found.delta[0])]
    if found.alternative == "less":
        sides.reverse()
    axes.plot([point, point + room], [sides[0]] * 2, color=BLUE, lw=2.0)
    axes.plot([point - room, point], [sides[1]] * 2, color=BLUE, lw=2.0)
    axes.axvline(point, color=SOFT, lw=0.6, ls=":")


def _curve(axes: "Axes", found: "SelectionModel") -> None:
    """A smooth weight function, as it is relative to its largest value shown."""
    axes.set_xlim(0.0, 1.0)
    if np.isnan(found.delta).any():  # no curve is told from another
        axes.set_title("delta is not identified", fontsize=8.0, color=INK, loc="left")
        return
    one = np.ones(1)
    dummy = Published(one, one, np.ones((1, 1)), found.alternative)
    largest = max(100.0, float(np.nanmax(found.delta)) + 1.0)
    made = WEIGHTS[found.method].function(dummy, found.steps, largest).selection
    assert isinstance(made, Curves)
    p = np.linspace(1e-4, 1.0 - 1e-4, _POINTS)
    z = -special.ndtri(p / 2.0 if found.alternative == "two-sided" else p)
    z = -z if found.alternative == "less" else z
    height = np.exp(made.weight_of(z, found.delta)[0])
    if not np.isclose(height[0], 1.0, atol=0.05):
        height = height / height.max()
    axes.plot(p, height, color=BLUE, lw=2.0)
    axes.fill_between(p, 0.0, height, color=SKY, alpha=0.3, lw=0.0)
    _mark_steps(axes, np.array([0.0, *found.steps, 0.05, 1.0]))
    shown = ", ".join(
        f"{name} = {fixed(value, 3)}"
        for name, value in zip(found.delta_names, found.delta, strict=True)
    )
    axes.set_title(shown, fontsize=8.0, color=INK, loc="left")


def copas_plot(found: "Copas", title: str) -> "Figure":
    """Draw; see :meth:`Copas.plot`."""
    said = (
        "Read the mean where the middle panel first exceeds 0.1 (filled): there the "
        "selection explains the funnel."
    )
    if found.adjusted is None:
        said = "Nowhere in this range does the selection explain the funnel."
    note = (
        f"From left to right fewer small studies are published. {said} {found.note}"
    ).rstrip()
    figure, axes = sheet(1, 3, width=9.6, height=3.4, title=title, notes=[note])
    order = np.argsort(-found.publish_small)
    x = found.publish_small[order]
    low, high = (limit[order] for limit in found.ci)
    best = found.adjusted
    rows = (found.estimate[order], found.residual_p[order], found.unpublished[order])
    for panel, values in zip(axes, rows, strict=True):
        panel.plot(x, values, "-", color=BLUE, lw=1.2, zorder=2)
        panel.plot(x, values, "o", ms=4.5, mfc="white", mec=BLUE, zorder=3)
        if best is not None:
            here = int(np.flatnonzero(order == best)[0])
            panel.plot(x[here], values[here], "o", ms=6.0, color=RED, zorder=4)
        panel.set_xlim(1.03, max(float(x.min()) - 0.05, 0.0))
        tidy(panel, "Probability of publication,\nlargest standard error")
    axes[0].fill_between(x, low, high, color=SKY, alpha=0.3, lw=0.0)
    if np.isfinite(found.shown.null):
        axes[0].axhline(found.shown.null, color=SOFT, lw=0.8, ls=":")
    found.shown.ticks(axes[0], "y")
    axes[1].axhline(0.1, color=RED, lw=0.9, ls=(0, (4, 3)))
    axes[1].set_ylim(-0.02, 1.02)
    tidy(axes[1], y="p of no selection left over")
    axes[2].set_ylim(bottom=0.0)
    tidy(axes[2], y="Unpublished studies, expected")
    return figure


def limit_plot(found: "LimitMetaAnalysis", title: str) -> "Figure":
    """Draw; see :meth:`LimitMetaAnalysis.plot`."""
    if found.estimate.shape:
        raise InvalidEvidenceError(
            field="fit",
            requirement="one limit meta-analysis, not a batch",
            given=found.estimate.shape,
        )
    notes = [found.note] if found.note else []
    figure, (axes,) = sheet(width=7.6, height=4.6, title=title, notes=notes)
    shown = Shown.of(found.effects)
    y, se = found.effects.y, found.effects.se
    at = np.linspace(0.0, 1.06 * float(se.max()), _POINTS)
    tau2, alpha = float(found.tau2), float(found.alpha)
    curve = float(found.beta) + np.sqrt(at**2 + tau2) * alpha
    for a, b, s in zip(y, found.study_effects, se, strict=True):
        axes.plot([a, b], [s, s], color=SOFT, lw=0.7, zorder=1)
    axes.plot(y, se, "o", ms=5.0, mfc=BLUE, mec="white", mew=0.5, label="studies")
    axes.plot(
        found.study_effects,
        se,
        "D",
        ms=4.0,
        mfc="white",
        mec=GOLD,
        mew=1.2,
        label="at unlimited precision",
    )
    axes.plot(curve, at, color=RED, lw=1.4, label="mean at each standard error")
    plain = float((y / (se**2 + tau2)).sum() / (1.0 / (se**2 + tau2)).sum())
    axes.axvline(plain, color=INK, lw=1.0, label="mean, not adjusted")
    low, high = (float(limit) for limit in found.ci)
    places = [*y.tolist(), *found.study_effects.tolist(), plain, low, high]
    if np.isfinite(shown.null):
        axes.axvline(shown.null, color=SOFT, lw=0.8, ls=":")
        places.append(shown.null)
    room = 0.05 * (max(places) - min(places))
    axes.set_xlim(min(places) - room, max(places) + room)
    axes.set_ylim(float(at.max()), -0.02 * float(at.max()))
    axes.plot(
        [low, high],
        [0.0, 0.0],
        color=RED,
        lw=3.5,
        clip_on=False,
        label=f"limit mean, {percent(found.level)} CI",
    )
    tidy(axes, y="Standard error")
    shown.ticks(axes)
    key(axes, outside=True)
    return figure


def reporting_plot(found: "ReportingBound", title: str) -> "Figure":
    """Draw; see :meth:`ReportingBound.plot`."""
    tipping = found.tipping
    said = "No number shown moves a limit past no effect."
    if tipping is not None:
        said = f"From {tipping:g} unreported studies on, a limit may pass no effect."
    figure, (axes,) = sheet(width=5.8, height=3.8, title=title, notes=[said])
    order = np.argsort(found.unreported)
    x = found.unreported[order]
    axes.fill_between(
        x, found.low[order], found.high[order], color=PALE, lw=0.0, label="limits moved"
    )
    for side in (-1.0, 1.0):
        bias = side * found.max_bias[order]
        label = "mean, moved by the most" if side > 0.0 else None
        axes.plot(x, found.estimate + bias, color=BLUE, lw=1.4, label=label)
    axes.axhline(found.estimate, color=INK, lw=1.0, ls=(0, (5, 3)), label="mean")
    axes.axhline(0.0, color=SOFT, lw=0.8, ls=":")
    tidy(axes, "Studies left unreported")
    axes.locator_params(axis="x", integer=True)
    axes.margins(x=0.0)
    found.shown.ticks(axes, "y")
    key(axes)
    return figure


def bootstrap_plot(found: "SelectionBootstrap", said: str, title: str) -> "Figure":
    """Draw; see :meth:`SelectionBootstrap.plot`."""
    figure, (axes,) = sheet(width=6.0, height=3.6, title=title, notes=[said])
    kept = found.beta[found.converged, 0]
    axes.hist(kept, bins=min(60, max(10, kept.size // 15)), color=SKY, alpha=0.7)
    low, high = (float(limit[0]) for limit in found.ci)
    axes.axvline(found.fit.estimate, color=BLUE, lw=1.6, label="with selection")
    for i, end in enumerate((low, high)):
        label = "percentile limits" if i == 0 else None
        axes.axvline(end, color=BLUE, lw=1.0, ls=(0, (4, 3)), label=label)
    without = float(found.fit.beta_without[0])
    axes.axvline(without, color=RED, lw=1.4, ls="-.", label="without selection")
    tidy(axes, "Mean, scale of analysis", "Resamples")
    key(axes)
    return figure

"""Bubble plot: effects against a moderator, with the regression."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from k2stats.results.regression import MetaRegression

_POINTS = 200
_AREA = 420.0
_COLOUR = "#1f5a8c"
_SOFT = "#8fb4d6"


def bubble(
    fit: "MetaRegression", moderator: str | None, ax: "Axes | None", at: dict[str, Any]
) -> "Axes":
    """Draw; see :meth:`MetaRegression.bubble`."""
    fit._require_single("a plot")
    name = _moderator(fit, moderator)
    held = {m: _typical(fit.design.data[m]) for m in fit.design.moderators if m != name}
    for given in at:
        if given not in held:
            raise UnknownMethodError(kind="moderator", name=given, known=tuple(held))
    held |= at
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
    values = fit.design.data[name]
    if _is_numeric(values):
        x = np.asarray(values, dtype=float)
        _line(fit, ax, name, x, held)
    else:
        levels = list(dict.fromkeys(sorted(values, key=str)))
        x = np.array([float(levels.index(v)) for v in values])
        _steps(fit, ax, name, levels, held)
        ax.set_xticks(range(len(levels)), [str(v) for v in levels])
        ax.set_xlim(-0.6, len(levels) - 0.4)
    weight = 1.0 / (fit.effects.v + fit.tau2)
    area = _AREA * weight / weight.max()
    ax.scatter(
        x,
        fit.effects.y,
        s=np.maximum(area, 8.0),
        facecolor=_SOFT,
        edgecolor=_COLOUR,
        alpha=0.75,
        linewidth=0.8,
        zorder=3,
    )
    if fit.effects.scale.name == "log":
        _ratio_axis(ax, fit.effects.info.symbol)
    else:
        ax.set_ylabel(fit.effects.info.symbol)
    null = fit.effects.info.null
    if fit.effects.scale.name in ("log", "raw"):
        zero = 0.0 if fit.effects.scale.name == "log" else float(null)
        ax.axhline(zero, color="0.6", linewidth=0.8, linestyle=":", zorder=1)
    ax.set_xlabel(name)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    if held:
        text = ", ".join(f"{k} = {_short(v)}" for k, v in held.items())
        ax.set_title(f"at {text}", fontsize=9, loc="left")
    return ax


def _moderator(fit: "MetaRegression", name: str | None) -> str:
    there = fit.design.moderators
    if not there or fit.design.encode is None:
        raise InvalidEvidenceError(
            field="fit",
            requirement="a fit with a moderator in a formula for a bubble plot",
        )
    if name is None:
        return next((m for m in there if _is_numeric(fit.design.data[m])), there[0])
    if name not in there:
        raise UnknownMethodError(kind="moderator", name=name, known=there)
    return name


def _line(
    fit: "MetaRegression", ax: "Axes", name: str, x: Floats, held: dict[str, Any]
) -> None:
    grid = np.linspace(x.min(), x.max(), _POINTS)
    p = fit.predict(
        pd.DataFrame({name: grid} | {k: [v] * _POINTS for k, v in held.items()})
    )
    ax.fill_between(grid, p.pi_low, p.pi_high, color=_SOFT, alpha=0.18, linewidth=0)
    ax.fill_between(grid, p.low, p.high, color=_SOFT, alpha=0.38, linewidth=0)
    ax.plot(grid, p.estimate, color=_COLOUR, linewidth=1.6, zorder=2)
    margin = 0.06 * (x.max() - x.min())
    ax.set_xlim(x.min() - margin, x.max() + margin)


def _steps(
    fit: "MetaRegression",
    ax: "Axes",
    name: str,
    levels: list[Any],
    held: dict[str, Any],
) -> None:
    rows = {name: levels} | {k: [v] * len(levels) for k, v in held.items()}
    p = fit.predict(pd.DataFrame(rows))
    for j in range(len(levels)):
        for low, high, shade in ((p.pi_low, p.pi_high, 0.18), (p.low, p.high, 0.38)):
            ax.fill_between(
                [j - 0.35, j + 0.35],
                low[j],
                high[j],
                color=_SOFT,
                alpha=shade,
                linewidth=0,
            )
        ax.plot([j - 0.35, j + 0.35], [p.estimate[j]] * 2, color=_COLOUR, linewidth=1.6)


def _ratio_axis(ax: "Axes", symbol: str) -> None:
    """Label an axis of logarithms with the ratios."""
    low, high = ax.get_ylim()
    steps = [a * 10.0**e for e in range(-6, 7) for a in (1.0, 2.0, 5.0)]
    inside = [s for s in steps if low <= np.log(s) <= high]
    if len(inside) < 3:
        fine = [a * 10.0**e for e in range(-6, 7) for a in np.arange(1.0, 10.0, 0.5)]
        inside = [s for s in fine if low <= np.log(s) <= high]
    if len(inside) >= 2:
        ax.set_yticks([float(np.log(s)) for s in inside], [f"{s:g}" for s in inside])
        ax.set_ylim(low, high)
        ax.set_ylabel(f"{symbol} (log scale)")
    else:
        ax.set_ylabel(f"log {symbol}")


def _is_numeric(values: tuple[Any, ...]) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _typical(values: tuple[Any, ...]) -> Any:
    if _is_numeric(values):
        return float(np.mean(np.asarray(values, dtype=float)))
    return Counter(values).most_common(1)[0][0]


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

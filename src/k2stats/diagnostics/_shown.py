"""How effects are shown along an axis: as what they are on the natural scale."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes import MEASURES, EffectSizes
from k2stats.effectsizes._measures import find_measure
from k2stats.render.sheet import ratio_ticks
from k2stats.results._words import fixed, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Shown:
    """What an axis of effects says.

    Attributes
    ----------
    label : str
        The natural name for ratios and plain effects, that of the scale of analysis
        for others.
    log : bool
        Whether logarithms are printed as ratios.
    null : float
        No effect, on the scale of analysis; NaN where there is none.
    measure : str
    """

    label: str
    log: bool
    null: float
    measure: str

    @classmethod
    def of(cls, effects: EffectSizes) -> "Shown":
        """Read the measure of the effects."""
        scale, info = effects.scale, effects.info
        if scale.name == "log":
            return cls(info.symbol, log=True, null=0.0, measure=effects.measure)
        if scale.identity:
            return cls(info.symbol, False, float(info.null), effects.measure)
        null = math.nan
        if scale.back_with_size is None:
            at_zero = float(scale.back(np.zeros(())))
            null = 0.0 if at_zero == info.null else math.nan
        return cls(MEASURES[effects.measure].label, False, null, effects.measure)

    def ticks(self, axes: "Axes", which: Literal["x", "y"] = "x") -> None:
        """Print natural values along an axis whose limits stand, and name it."""
        if self.log:
            ratio_ticks(axes, which)
        name = axes.set_xlabel if which == "x" else axes.set_ylabel
        name(self.label, fontsize=8.5)


def natural(measure: str, values: ArrayLike) -> Floats:
    """Values on the natural scale, or as they are where that needs study sizes.

    Examples
    --------
    >>> natural("RR", [0.0, -0.6931472]).round(3).tolist()
    [1.0, 0.5]
    """
    given, scale = np.asarray(values, dtype=float), find_measure(measure).scale
    return given if scale.back_with_size is not None else scale.to_natural(given)


def symbol(measure: str) -> str:
    """Name of what :func:`natural` gives."""
    info = find_measure(measure)
    if info.scale.back_with_size is not None:
        return f"{measure} ({info.scale.name} scale)"
    return info.symbol


def said(
    measure: str, estimate: float, low: float, high: float, level: float = 0.95
) -> str:
    """Write an estimate and its limits, given on the scale of analysis.

    Examples
    --------
    >>> said("RR", -0.6571, -1.0070, -0.3072), said("MD", 1.2, 0.3, 2.1)
    ('RR 0.518 (95% CI 0.365 to 0.736)', 'MD 1.200 (95% CI 0.300 to 2.100)')
    """
    first, *limits = natural(measure, [estimate, low, high]).tolist()
    if find_measure(measure).scale.decreasing:
        limits.reverse()
    lower, upper = (fixed(x, 3) for x in limits)
    return (
        f"{symbol(measure)} {fixed(first, 3)} ({percent(level)} CI {lower} to {upper})"
    )

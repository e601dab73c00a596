"""How effects are shown along an axis: as what they are on the natural scale."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from k2stats.effectsizes import MEASURES, EffectSizes
from k2stats.render.sheet import ratio_ticks

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
    """

    label: str
    log: bool
    null: float

    @classmethod
    def of(cls, effects: EffectSizes) -> "Shown":
        """Read the measure of the effects."""
        scale, info = effects.scale, effects.info
        if scale.name == "log":
            return cls(info.symbol, log=True, null=0.0)
        if scale.identity:
            return cls(info.symbol, log=False, null=float(info.null))
        null = math.nan
        if scale.back_with_size is None:
            at_zero = float(scale.back(np.zeros(())))
            null = 0.0 if at_zero == info.null else math.nan
        return cls(MEASURES[effects.measure].label, log=False, null=null)

    def ticks(self, axes: "Axes", which: Literal["x", "y"] = "x") -> None:
        """Print natural values along an axis whose limits stand, and name it."""
        if self.log:
            ratio_ticks(axes, which)
        name = axes.set_xlabel if which == "x" else axes.set_ylabel
        name(self.label, fontsize=8.5)

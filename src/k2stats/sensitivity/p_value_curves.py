r"""P-value functions: the p of every value of a parameter, not of the null alone.

The values whose p is above alpha are the confidence interval of level 1 - alpha, for
every alpha at once.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats, require
from k2stats.numerics import tails
from k2stats.significance._score import z_critical

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS = 401
FAR = 1e-4
"""P at which a grid that is not given ends."""


@dataclass(frozen=True, slots=True, eq=False)
class PValueFunction:
    """Two-sided p-values over a grid of parameter values, one curve or several.

    Attributes
    ----------
    theta : ndarray, shape (G,)
        Values tested, on the natural scale.
    p : ndarray, shape (C, G)
        P-values, a row a curve; NaN where undefined.
    labels : tuple
        Names of the curves.
    estimate : ndarray, shape (C,)
        Where p is greatest.
    pooled : tuple of bool
        Which curves are of a pooled effect.
    null : float
        Value of no effect.
    log_scale : bool
        Whether the scale is that of ratios.
    method : str
    symbol : str
        What the parameter is called.
    """

    theta: Floats
    p: Floats
    labels: tuple[Hashable, ...]
    estimate: Floats
    pooled: tuple[bool, ...]
    null: float
    log_scale: bool
    method: str
    symbol: str

    @property
    def s_values(self) -> Floats:
        """Bits of information against each value: -log2 p."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log2(self.p))

    @property
    def confidence(self) -> Floats:
        """Level of the interval that ends at each value: 1 - p."""
        return np.asarray(1.0 - self.p)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Least and greatest value with p above 1 - level, for each curve.

        Read off the grid by interpolation (in logarithms for ratios); infinite (0 for
        the lower limit of a ratio) where the grid ends first, NaN where no p of the
        curve is so large.

        Raises
        ------
        InvalidEvidenceError
            For a level outside (0, 1).
        """
        if not 0.0 < level < 1.0:
            raise InvalidEvidenceError(
                field="level", requirement="between 0 and 1", given=level
            )
        x = np.log(self.theta) if self.log_scale else self.theta
        ends = [_ends(x, p, 1.0 - level) for p in self.p]
        low, high = np.array(ends).T
        return (np.exp(low), np.exp(high)) if self.log_scale else (low, high)

    @property
    def meaning(self) -> list[str]:
        """One line for a reader, for each curve."""
        at = np.searchsorted(self.theta, self.null)
        lines = []
        for label, estimate, p in zip(self.labels, self.estimate, self.p, strict=True):
            text = f"{label}: the data are most compatible with {estimate:.3g}"
            if 0 < at < self.theta.size:
                x = np.log(self.theta) if self.log_scale else self.theta
                null = np.log(self.null) if self.log_scale else self.null
                here = float(np.interp(null, x, p))
                if here > 0.0:
                    text += f"; against no effect they hold {-np.log2(here):.1f} bits"
            lines.append(f"{text}.")
        return lines

    def to_frame(self) -> pd.DataFrame:
        """Long table: label, theta, p, s_value."""
        c, g = self.p.shape
        return pd.DataFrame(
            {
                "label": np.repeat(np.array(self.labels, dtype=object), g),
                "theta": np.tile(self.theta, c),
                "p": self.p.ravel(),
                "s_value": self.s_values.ravel(),
            }
        )

    def plot(self, *, level: float = 0.95, title: str = "") -> "Figure":
        """Draw the curves; pooled ones thick, single studies thin and grey.

        Parameters
        ----------
        level : float
            Level at which a line is drawn.
        title : str

        Returns
        -------
        matplotlib.figure.Figure
            With bits of information against each value on the right.

        Raises
        ------
        InvalidEvidenceError
            For a level outside (0, 1).
        """
        from k2stats.sensitivity._curve_figure import curves_plot

        if not 0.0 < level < 1.0:
            raise InvalidEvidenceError(
                field="level", requirement="between 0 and 1", given=level
            )
        return curves_plot(self, level, title)


def _ends(x: Floats, p: Floats, alpha: float) -> tuple[float, float]:
    """Where a curve first and last crosses alpha."""
    above = np.flatnonzero(p >= alpha)
    if not above.size:
        return np.nan, np.nan
    first, last = int(above[0]), int(above[-1])
    low = -np.inf if first == 0 else _between(x, p, first - 1, alpha)
    high = np.inf if last == x.size - 1 else _between(x, p, last, alpha)
    return low, high


def _between(x: Floats, p: Floats, at: int, alpha: float) -> float:
    """Crossing between a grid point and the next, straight in log p where it can be."""
    a, b, target = p[at], p[at + 1], alpha
    if a > 0.0 and b > 0.0:
        a, b, target = np.log(a), np.log(b), np.log(alpha)
    return float(x[at] + (x[at + 1] - x[at]) * (target - a) / (b - a))


def with_value(grid: Floats, value: float) -> Floats:
    """Return the grid with `value` among it."""
    return np.unique(np.append(grid, value))


def checked_grid(theta: ArrayLike, *, positive: bool) -> Floats:
    """Check values to test."""
    grid = as_floats("theta", theta)
    if grid.ndim != 1 or grid.size < 2:
        raise InvalidEvidenceError(
            field="theta", requirement="two values or more", given=grid.shape
        )
    require("theta", "finite", np.isfinite(grid), grid)
    rising = np.concatenate([[True], np.diff(grid) > 0])
    require("theta", "ascending", rising, grid)
    if positive:
        require("theta", "positive for a ratio", grid > 0, grid)
    return grid


def wald_curves(
    y: Floats,
    se: Floats,
    theta: ArrayLike | None,
    labels: Sequence[Hashable] | None,
    *,
    log_scale: bool,
    symbol: str,
    pooled: bool,
    also: Sequence[float] = (),
) -> PValueFunction:
    """Wald curves of estimates on the scale of analysis, `also` among their values."""
    if theta is None:
        reach = z_critical(1.0 - FAR) * se
        low, high = min((y - reach).min(), 0.0), max((y + reach).max(), 0.0)
        # The peaks are among the values, so that none is cut off.
        x = np.unique([*np.linspace(low, high, POINTS), 0.0, *y, *also])
        grid = np.exp(x) if log_scale else x
    else:
        grid = checked_grid(theta, positive=log_scale)
        x = np.log(grid) if log_scale else grid
    p = tails.normal_p((y[:, None] - x) / se[:, None])
    return PValueFunction(
        theta=grid,
        p=p,
        labels=_names(labels, y.size),
        estimate=np.exp(y) if log_scale else y,
        pooled=(pooled,) * y.size,
        null=1.0 if log_scale else 0.0,
        log_scale=log_scale,
        method="Wald",
        symbol=symbol,
    )


def _names(labels: Sequence[Hashable] | None, size: int) -> tuple[Hashable, ...]:
    if labels is None:
        return tuple(range(1, size + 1))
    if len(labels) != size:
        raise InvalidEvidenceError(
            field="labels", requirement=f"of length {size}", given=len(labels)
        )
    return tuple(labels)

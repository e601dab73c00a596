"""Shrunken estimates of the true effects of the studies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed, percent
from k2stats.results.pooled import PooledEstimate
from k2stats.results.pooled_printing import symbol

_TITLE = "Best linear unbiased predictions"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Blups(Shown):
    """Best linear unbiased predictions.

    Attributes
    ----------
    fit : PooledEstimate
        The model they come from.
    pred, se : ndarray, shape (..., K)
        Predicted true effects and their standard errors, on the scale of analysis.
    pi_low, pi_high : ndarray, shape (..., K)
        Limits at `level`.
    shrinkage : ndarray, shape (..., K)
        How far each estimate is pulled to the mean: 0 not at all, 1 entirely.
    level : float
    """

    fit: PooledEstimate
    pred: Floats
    se: Floats
    pi_low: Floats
    pi_high: Floats
    shrinkage: Floats
    level: float

    def to_frame(self, *, natural: bool = False) -> pd.DataFrame:
        """One row a study, and an element of a batch."""
        es = self.fit.effects
        columns = {"pred": self.pred, "pi_low": self.pi_low, "pi_high": self.pi_high}
        if natural:
            columns = {n: es.scale.to_natural(x, es.n) for n, x in columns.items()}
            if es.scale.decreasing:
                columns["pi_low"], columns["pi_high"] = (
                    columns["pi_high"],
                    columns["pi_low"],
                )
        columns = {"pred": columns["pred"], "se": self.se} | columns
        columns["shrinkage"] = self.shrinkage
        which = np.indices(self.pred.shape).reshape(self.pred.ndim, -1)
        data: dict[str, object] = {
            f"set{j}": which[j] for j in range(self.pred.ndim - 1)
        }
        data["study"] = pd.Series(es.labels, dtype=object).to_numpy()[which[-1]]
        data |= {name: np.ravel(value) for name, value in columns.items()}
        return pd.DataFrame(data)

    def _sheet(self) -> Sheet:
        if self.pred.ndim != 1:
            return Sheet(f"{_TITLE} of shape {self.pred.shape}", {})
        es = self.fit.effects
        plain = es.scale.back_with_size is not None and es.n is None
        frame = self.to_frame(natural=not plain)
        level = percent(self.level)
        cells = {
            "study": [str(label) for label in frame["study"]],
            symbol(self.fit): [fixed(x) for x in frame["pred"]],
            f"{level} low": [fixed(x) for x in frame["pi_low"]],
            f"{level} high": [fixed(x) for x in frame["pi_high"]],
            "shrinkage": [fixed(x) for x in frame["shrinkage"]],
        }
        return Sheet(_TITLE, cells)

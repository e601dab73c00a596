"""Shrunken estimates of the true effects of the studies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.render.tables import text_table
from k2stats.results.pooled import PooledEstimate


@dataclass(frozen=True, slots=True, eq=False)
class Blups:
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

    def summary(self, digits: int = 4) -> str:
        """Text table on the scale of analysis."""
        frame = self.to_frame()
        return text_table({c: frame[c].tolist() for c in frame.columns}, digits=digits)

    def __repr__(self) -> str:
        return self.summary() if self.pred.ndim == 1 else f"Blups of {self.pred.shape}"

    def _repr_html_(self) -> str:
        frame: str = self.to_frame().to_html(index=False)
        return frame

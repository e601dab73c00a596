"""Predicted mean effects, and intervals of new effects, for given moderators."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed, percent


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Predictions(Shown):
    """Predicted effects on the scale of analysis; they print on the natural one.

    Attributes
    ----------
    x : ndarray, shape (M, p)
        Rows of the design.
    estimate, se : ndarray, shape (..., M)
        Mean effect there, and its standard error.
    low, high : ndarray, shape (..., M)
        Confidence limits of the mean effect.
    pi_low, pi_high : ndarray, shape (..., M)
        Limits of the interval of a new effect.
    level : float
    method : str
        Of the prediction interval.
    effects : EffectSizes
        What was modelled, for its scale.
    labels : tuple of str
    """

    x: Floats
    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    pi_low: Floats
    pi_high: Floats
    level: float
    method: str
    effects: EffectSizes
    labels: tuple[str, ...]

    def to_frame(self, *, natural: bool = False) -> pd.DataFrame:
        """One row a prediction.

        Parameters
        ----------
        natural : bool
            On the natural scale, without standard errors.

        Raises
        ------
        InvalidEvidenceError
            For a batch.
        MissingInputError
            Where the way back needs sample sizes.
        """
        if self.estimate.ndim != 1:
            raise InvalidEvidenceError(
                field="predictions",
                requirement="of one data set for a frame",
                given=self.estimate.shape,
            )
        columns = {
            "estimate": self.estimate,
            "se": self.se,
            "low": self.low,
            "high": self.high,
            "pi_low": self.pi_low,
            "pi_high": self.pi_high,
        }
        if natural:
            del columns["se"]
            columns = {k: self._natural(v) for k, v in columns.items()}
            if self.effects.scale.decreasing:
                for a, b in (("low", "high"), ("pi_low", "pi_high")):
                    columns[a], columns[b] = columns[b], columns[a]
        return pd.DataFrame(columns, index=list(self.labels))

    def _natural(self, x: Floats) -> Floats:
        scale = self.effects.scale
        if scale.back_with_size is not None:
            raise MissingInputError(
                field="n", needed_for=f"predictions off the {scale.name} scale"
            )
        low, high = self.effects.info.bounds
        return np.clip(scale.to_natural(x), low, high)

    def _sheet(self) -> Sheet:
        if self.estimate.ndim != 1:
            return Sheet(f"Predictions of shape {self.estimate.shape}", {})
        scale, info = self.effects.scale, self.effects.info
        plain = scale.back_with_size is not None
        frame = self.to_frame(natural=not plain)
        level = percent(self.level)
        name = f"{info.code} ({scale.name} scale)" if plain else info.symbol
        heads = {
            "estimate": name,
            "low": f"{level} low",
            "high": f"{level} high",
            "pi_low": "PI low",
            "pi_high": "PI high",
        }
        cells: dict[str, list[str]] = {"": list(self.labels)}
        cells |= {head: [fixed(x) for x in frame[n]] for n, head in heads.items()}
        return Sheet("Mean effects predicted by the moderators", cells)

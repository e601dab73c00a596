"""One subgroup of a model in which all of them share tau2."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity import FitStatistics
from k2stats.models._engine import ENGINE
from k2stats.models.mean_tests import mean_test_name
from k2stats.models.regression_kernel import RegressionFit
from k2stats.results.pooled import PooledEstimate, Rng


@dataclass(frozen=True, slots=True, eq=False)
class SubgroupEngine:
    """Answers for the mean of one subgroup from the model of all.

    Attributes
    ----------
    made : RegressionFit
        Its coefficients are the means of the subgroups.
    group : int
    """

    made: RegressionFit
    group: int

    def conf_int(
        self, fit: PooledEstimate, level: float, method: str | None, rng: Rng
    ) -> tuple[Floats, Floats]:
        """Limits of the mean."""
        name = self.made.ci if method is None else mean_test_name(method)
        low, high = self.made.by(name, level).inference.limits
        return low[..., self.group], high[..., self.group]

    def prediction_interval(
        self, fit: PooledEstimate, method: str | None, level: float, rng: Rng
    ) -> tuple[Floats, Floats]:
        """Limits of a new effect."""
        found = self.made.predict(self._row, level, self._name(fit, method))
        return found[4][..., 0], found[5][..., 0]

    def probability_above(
        self, fit: PooledEstimate, threshold: Floats, method: str | None, rng: Rng
    ) -> Floats:
        """Upper tail of the distribution of a new effect."""
        at = np.broadcast_to(threshold, fit.shape)[..., np.newaxis]
        return self.made.above(self._row, at, self._name(fit, method))[..., 0]

    def weights(self, fit: PooledEstimate) -> Floats:
        """Percent of each study in the mean."""
        return ENGINE.weights(fit)

    def fit_statistics(self, fit: PooledEstimate) -> FitStatistics:
        """Log-likelihood of the subgroup's studies at the tau2 of all."""
        return ENGINE.fit_statistics(fit)

    @property
    def _row(self) -> Floats:
        return np.eye(self.made.scale.size)[self.group : self.group + 1]

    def _name(self, fit: PooledEstimate, method: str | None) -> str:
        return fit.method.prediction.name if method is None else method

"""What is simulated: sampling variances, heterogeneity, and effects drawn from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity import typical_variance

SEED = 20120313
"""Seed of every table that is kept."""

VARIANCES = {
    "equal": "all sampling variances equal",
    "spread": "sampling variances spread evenly over two decades on the log scale",
    "one precise": "one study with a twentieth of the variance of each other",
}
"""Patterns of the sampling variances."""

STUDIES = (3, 5, 10, 20)
I2 = (0.0, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of sampling variances, number of studies and true I2.

    The typical sampling variance of Higgins and Thompson (2002, Stat Med 21:1539-1558)
    is one, so that the true tau2 is I2 / (1 - I2).
    """

    variances: str
    studies: int
    i2: float

    @property
    def tau2(self) -> float:
        """True variance between studies."""
        return self.i2 / (1.0 - self.i2)

    @property
    def v(self) -> Floats:
        """Sampling variances, shape (K,)."""
        k = self.studies
        if self.variances == "spread":
            v = 10.0 ** np.linspace(-1.0, 1.0, k)
        else:
            v = np.ones(k)
            if self.variances == "one precise":
                v[0] = 0.05
        return np.asarray(v / typical_variance(v))

    def rng(self, seed: int, use: int = 0) -> np.random.Generator:
        """Generator of this cell alone; `use` tells apart what draws from it."""
        pattern = list(VARIANCES).index(self.variances)
        where = [pattern, self.studies, round(100.0 * self.i2), use]
        return np.random.default_rng([seed, *where])

    def draw(self, sets: int, seed: int) -> tuple[Floats, Floats]:
        """Effects about a true mean of zero, and their variances, shape (sets, K)."""
        v = self.v
        spread = np.sqrt(v + self.tau2)
        y = self.rng(seed).standard_normal((sets, self.studies)) * spread
        return y, np.broadcast_to(v, y.shape)


def cells() -> Iterator[Cell]:
    """Every cell of the normal-model tables, in order."""
    for variances in VARIANCES:
        for studies in STUDIES:
            for i2 in I2:
                yield Cell(variances, studies, i2)

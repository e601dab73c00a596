"""Meta-analyses of parts of one set of studies: leave-one-out, cumulative."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from k2stats._typing import Floats
from k2stats.effectsizes._base import Interval
from k2stats.effectsizes._labels import Labels
from k2stats.results._tables import Cells, block_html, number_html, number_table
from k2stats.results.pooled import PooledEstimate
from k2stats.results.pooled_printing import frame_cells

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Kind = Literal["left out", "added"]


@dataclass(frozen=True, slots=True, eq=False)
class PooledSeries:
    """A pooled estimate for each step, as one batch.

    Attributes
    ----------
    kind : {"left out", "added"}
        What the label of a step says: the study left out, or the one added last.
    labels : tuple
        One a step.
    fits : PooledEstimate
        Batch whose last axis is the steps.
    """

    kind: Kind
    labels: Labels
    fits: PooledEstimate

    @property
    def estimate(self) -> Floats:
        """Means on the scale of analysis, shape (steps,)."""
        return self.fits.estimate

    @property
    def natural(self) -> Interval:
        """Means and limits on the natural scale."""
        return self.fits.natural()

    def to_frame(self, *, natural: bool = False) -> pd.DataFrame:
        """One row a step."""
        frame = self.fits.to_frame(natural=natural)
        last = f"set{len(self.fits.shape) - 1}"
        names = pd.Series(self.labels, dtype=object).to_numpy()
        frame.insert(0, self.kind, names[frame[last].to_numpy()])
        return frame.drop(columns=last)

    def summary(self, digits: int = 4) -> str:
        """Text table on the natural scale."""
        return number_table(self._cells(digits))

    def _cells(self, digits: int) -> Cells:
        frame = self.to_frame(natural=True)
        names: dict[str, list[str]] = {str(self.kind): list(map(str, frame[self.kind]))}
        return frame_cells(frame, self.fits, names, digits)

    def forest(self, **options: Any) -> "Figure":
        """One line a step; see :func:`k2stats.results.pooled_forest.series_forest`."""
        from k2stats.results.pooled_forest import series_forest

        return series_forest(self, **options)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return block_html(number_html(self._cells(4)))

"""A trial under every way in which its missing outcomes could have turned out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.sensitivity.criteria import Criterion, criterion
from k2stats.sensitivity.missing_outcomes import BinaryWithMissing

_LARGEST_GRID = 20_000_000

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class ImputationGrid:
    """One trial under every way its missing outcomes could have turned out.

    Row i, column j: i of the missing in group 1 and j of those in group 2 had the
    event. The arrays have the shape ``(missing1 + 1, missing2 + 1)``.

    Attributes
    ----------
    trial : BinaryWithMissing
    criterion : Criterion
    observed : bool
        Whether those with known outcomes alone are significant.
    significant : ndarray of bool
    p : ndarray
        NaN where the criterion is an interval.
    risk_difference : ndarray
    """

    trial: BinaryWithMissing
    criterion: Criterion
    observed: bool
    significant: Bools
    p: Floats
    risk_difference: Floats

    @property
    def overturned(self) -> Bools:
        """Where the conclusion differs from that of the known outcomes."""
        return np.asarray(self.significant != self.observed)

    @property
    def share_overturned(self) -> float:
        """Share of the grid that overturns the conclusion; not a probability."""
        return float(self.overturned.mean())

    @property
    def frontier(self) -> Bools:
        """Cells that overturn the conclusion next to one that does not.

        Neighbours differ by one imputed event in one group.
        """
        turned = self.overturned
        beside = np.zeros_like(turned)
        beside[1:] |= ~turned[:-1]
        beside[:-1] |= ~turned[1:]
        beside[:, 1:] |= ~turned[:, :-1]
        beside[:, :-1] |= ~turned[:, 1:]
        return np.asarray(turned & beside)

    def tipping_points(self) -> pd.DataFrame:
        """The frontier, a row a cell: events imputed and their share of the missing."""
        i, j = np.nonzero(self.frontier)
        m1, m2 = (int(x.ravel()[0]) for x in (self.trial.missing1, self.trial.missing2))
        return pd.DataFrame(
            {
                "imputed1": i,
                "imputed2": j,
                "share1": i / m1 if m1 else np.full(i.size, np.nan),
                "share2": j / m2 if m2 else np.full(j.size, np.nan),
                "p": self.p[i, j],
                "risk_difference": self.risk_difference[i, j],
            }
        )

    @property
    def nearest(self) -> tuple[int, int, float] | None:
        """Overturning cell least far from what the known outcomes would suggest.

        Returns
        -------
        tuple of imputed1, imputed2 and the number of outcomes by which they differ
        from missing at random; None where nothing overturns.
        """
        turned = self.overturned
        if not turned.any():
            return None
        t = self.trial
        i, j = np.indices(turned.shape)
        away = np.abs(i - (t.missing1 * t.events1 / t.observed1).ravel()[0])
        away = away + np.abs(j - (t.missing2 * t.events2 / t.observed2).ravel()[0])
        away = np.where(turned, away, np.inf)
        at = np.unravel_index(int(np.argmin(away)), turned.shape)
        return int(at[0]), int(at[1]), float(away[at])

    @property
    def meaning(self) -> str:
        """One line for a reader."""
        now = "significant" if self.observed else "not significant"
        nearest = self.nearest
        if nearest is None:
            return (
                f"The known outcomes are {now}, and stay so however the missing ones "
                "turned out."
            )
        return (
            f"The known outcomes are {now}; {self.share_overturned:.0%} of the ways "
            "the missing ones could have turned out overturn that, the nearest with "
            f"{nearest[0]} and {nearest[1]} more events, {nearest[2]:.1f} outcomes "
            "from missing at random."
        )

    def plot(self, *, title: str = "") -> "Figure":
        """The grid by its significance, with the frontier and the nearest cell beyond.

        Parameters
        ----------
        title : str
        """
        from k2stats.sensitivity._grid_figures import imputation_plot

        return imputation_plot(self, title)

    def __str__(self) -> str:
        return self.meaning


def imputation_grid(
    trial: BinaryWithMissing, test: str = "fisher", alpha: float = 0.05
) -> ImputationGrid:
    r"""Recompute a trial for every number of events among its missing outcomes.

    .. math:: \{(x_1 + i,\; x_2 + j) : 0 \le i \le m_1,\ 0 \le j \le m_2\}

    Parameters
    ----------
    trial : BinaryWithMissing
        One trial.
    test : str
        A test or an interval, as in :func:`k2stats.sensitivity.criterion`.
    alpha : float

    Returns
    -------
    ImputationGrid

    Raises
    ------
    InvalidEvidenceError
        For more than one trial, or a grid of more than 20 million cells.
    UnknownMethodError
        For an unknown test or interval.

    References
    ----------
    Hollis (2002). Statistics in Medicine 21:3823-3834.
    Liublinska & Rubin (2014). Statistics in Medicine 33:4170-4185.

    Examples
    --------
    >>> trial = BinaryWithMissing.from_counts(
    ...     events1=25, nonevents1=25, missing1=2,
    ...     events2=14, nonevents2=36, missing2=3)
    >>> grid = imputation_grid(trial)
    >>> grid.significant.shape, bool(grid.observed), int(grid.overturned.sum())
    ((3, 4), True, 3)
    """
    rule = criterion(test, alpha)
    if trial.events1.size != 1:
        raise InvalidEvidenceError(
            field="trial", requirement="one trial", given=trial.events1.size
        )
    m1, m2 = (int(x.ravel()[0]) for x in (trial.missing1, trial.missing2))
    if (m1 + 1) * (m2 + 1) > _LARGEST_GRID:
        raise InvalidEvidenceError(
            field="missing1, missing2",
            requirement=f"few enough for {_LARGEST_GRID} cells",
            given=(m1, m2),
        )
    i, j = np.indices((m1 + 1, m2 + 1)).astype(float)
    table = trial.imputed(i, j)
    return ImputationGrid(
        trial=trial,
        criterion=rule,
        observed=bool(rule.rejects(trial.available).ravel()[0]),
        significant=rule.rejects(table),
        p=rule.p(table),
        risk_difference=table.risk1 - table.risk2,
    )

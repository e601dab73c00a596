"""What a selection model returns."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from k2stats._typing import Alternative, Bools, Floats
from k2stats.diagnostics._selection_problem import Problem
from k2stats.diagnostics._shown import said
from k2stats.numerics import tails
from k2stats.render.tables import text_table
from k2stats.results._words import fixed, p_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.diagnostics.selection_bootstrap import SelectionBootstrap


@dataclass(frozen=True, slots=True, eq=False)
class SelectionModel:
    """Effects adjusted for selection by a weight function.

    Attributes
    ----------
    method, label, reference : str
    names : tuple of str
        Coefficients.
    beta, se : ndarray, shape (p,)
        On the scale of analysis.
    tau2, tau2_se : float
        NaN as standard error where tau2 is zero or was given.
    delta_names : tuple of str
    delta, delta_se : ndarray, shape (m,)
        Parameters of the weight function: for pieces their weights, that of the
        first being 1. NaN where the data do not tell, standard error NaN at a bound.
    at_bound : ndarray of bool, shape (m,)
    loglik, loglik_without : float
        With and without selection.
    beta_without : ndarray, shape (p,)
        Coefficients by maximum likelihood without selection.
    tau2_without : float
    counts : tuple of int
        Studies in each piece.
    steps : tuple of float
    alternative : str
    k : int
    level : float
    note : str
    measure : str
        Of the effects.
    problem : Problem
        The likelihood, for :meth:`bootstrap`.
    """

    method: str
    label: str
    reference: str
    names: tuple[str, ...]
    beta: Floats
    se: Floats
    cov: Floats
    tau2: float
    tau2_se: float
    delta_names: tuple[str, ...]
    delta: Floats
    delta_se: Floats
    at_bound: Bools
    loglik: float
    loglik_without: float
    tested: int
    beta_without: Floats
    tau2_without: float
    counts: tuple[int, ...]
    steps: tuple[float, ...]
    alternative: Alternative
    k: int
    level: float
    note: str
    problem: Problem
    measure: str = "GEN"

    @property
    def estimate(self) -> float:
        """The first coefficient: the adjusted mean where there are no moderators."""
        return float(self.beta[0])

    @property
    def statistic(self) -> Floats:
        """Coefficients over their standard errors."""
        return np.asarray(self.beta / self.se)

    @property
    def p(self) -> Floats:
        """Two-sided p of each coefficient, normal reference."""
        return tails.normal_p(self.statistic)

    @property
    def ci(self) -> tuple[Floats, Floats]:
        """Confidence limits of the coefficients."""
        half = special.ndtri(0.5 + 0.5 * self.level) * self.se
        return np.asarray(self.beta - half), np.asarray(self.beta + half)

    @property
    def lrt(self) -> float:
        """Likelihood-ratio statistic of no selection."""
        return max(2.0 * (self.loglik - self.loglik_without), 0.0)

    @property
    def lrt_df(self) -> int:
        """Parameters of the selection that were estimated."""
        return self.tested

    @property
    def lrt_p(self) -> float:
        """p-value of no selection; NaN where nothing was estimated."""
        if not self.tested:
            return float("nan")
        return float(tails.chi2_p(np.asarray(self.lrt), float(self.tested)))

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        parameters = self.beta.size + 1 + self.tested
        return -2.0 * self.loglik + 2.0 * parameters

    def bootstrap(
        self, draws: int = 1000, *, rng: int | np.random.Generator
    ) -> "SelectionBootstrap":
        """Fit the model again to resamples of the studies.

        See :func:`k2stats.diagnostics.selection_bootstrap.bootstrap`.

        Parameters
        ----------
        draws : int
        rng : int or Generator
        """
        from k2stats.diagnostics.selection_bootstrap import bootstrap

        return bootstrap(self, draws, rng=rng)

    def plot(self, *, title: str = "") -> "Figure":
        """Probability of publication, beside that of small p-values, against p.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.selection_figures import weights_plot

        return weights_plot(self, title)

    def to_frame(self) -> pd.DataFrame:
        """One row a parameter."""
        low, high = self.ci
        m = len(self.delta_names)
        rows = {
            "parameter": [*self.names, "tau2", *self.delta_names],
            "estimate": [*self.beta, self.tau2, *self.delta],
            "se": [*self.se, self.tau2_se, *self.delta_se],
            "low": [*low, np.nan, *([np.nan] * m)],
            "high": [*high, np.nan, *([np.nan] * m)],
        }
        return pd.DataFrame(rows)

    def summary(self, digits: int = 4) -> str:
        """Text table, the test of selection and the note."""
        frame = self.to_frame()
        lines = [
            f"{self.label}, selection for "
            f"{self.alternative.replace('two-sided', 'either side')}",
            "",
            text_table({str(c): frame[c].tolist() for c in frame}, digits=digits),
            "",
            f"Test of no selection: chi2({self.tested}) = {fixed(self.lrt)}, "
            f"p {p_text(self.lrt_p)}",
            f"Without selection: {fixed(self.beta_without[0])}",
        ]
        if self.note:
            lines += ["", self.note]
        return "\n".join(lines)

    def __repr__(self) -> str:
        low, high = self.ci
        first = float(self.beta[0]), float(low[0]), float(high[0])
        return (
            f"{self.label}: {said(self.measure, *first, self.level)}, test of "
            f"selection p {p_text(self.lrt_p)}, {self.k} studies"
        )

r"""Bootstrap of a selection model: the same model fitted to resamples of the studies.

A resample is a row of counts :math:`c_k`, and its log-likelihood is
:math:`\sum_k c_k \ell_k`. The heights of a whole grid of starting values are therefore
one product of matrices for all resamples, and the ascents of many resamples go
together as one batch.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._selection_climb import climb
from k2stats.diagnostics._selection_curves import Curves
from k2stats.diagnostics._selection_fit import grid_around
from k2stats.diagnostics._selection_likelihood import each_log_likelihood
from k2stats.diagnostics._selection_problem import Problem
from k2stats.diagnostics._selection_result import SelectionModel
from k2stats.diagnostics._studies import frozen
from k2stats.errors import InvalidEvidenceError
from k2stats.render.progress import progress_bar
from k2stats.render.tables import text_table
from k2stats.results._words import fixed, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EFRON = "Efron & Tibshirani (1993). An Introduction to the Bootstrap, ch. 13."
_FIRST, _ROUNDS = 6, 60
_PARTS = 20
"""Parts in which progress is shown."""
_CELLS = 3_000_000
"""Weights of studies that are computed at once; a smooth one has hundreds."""


@dataclass(frozen=True, slots=True, eq=False)
class SelectionBootstrap:
    """Fits of a selection model to resamples of its studies.

    Attributes
    ----------
    fit : SelectionModel
        Of the studies themselves.
    beta : ndarray, shape (B, p)
        NaN, as `tau2` and `delta`, where no maximum was found.
    tau2 : ndarray, shape (B,)
    delta : ndarray, shape (B, m)
    converged : ndarray of bool, shape (B,)
    """

    fit: SelectionModel
    beta: Floats
    tau2: Floats
    delta: Floats
    converged: Bools

    @property
    def draws(self) -> int:
        """Resamples."""
        return int(self.converged.size)

    @property
    def failed(self) -> int:
        """Resamples without a maximum; the intervals are of the others."""
        return int((~self.converged).sum())

    @property
    def at_bound(self) -> int:
        """Resamples with a weight at its bound: no study in its piece, or no other."""
        made = self.fit.problem.weights
        free = np.isnan(self.fit.problem.fixed_delta)
        edge = (self.delta <= made.low) | (self.delta >= made.high)
        return int((edge & free).any(axis=-1).sum())

    @property
    def se(self) -> Floats:
        """Standard deviations of the coefficients, shape (p,)."""
        return np.asarray(np.std(self.beta[self.converged], axis=0, ddof=1))

    @property
    def ci(self) -> tuple[Floats, Floats]:
        """Percentile limits of the coefficients, at the level of the fit."""
        return self._limits(self.beta)

    @property
    def tau2_ci(self) -> tuple[float, float]:
        """Percentile limits of tau2."""
        low, high = self._limits(self.tau2)
        return float(low), float(high)

    @property
    def delta_ci(self) -> tuple[Floats, Floats]:
        """Percentile limits of the parameters of the weight function."""
        return self._limits(self.delta)

    def _limits(self, values: Floats) -> tuple[Floats, Floats]:
        tail = 0.5 - 0.5 * self.fit.level
        kept = values[self.converged]
        if kept.shape[0] < 2:
            nothing = np.full(values.shape[1:], np.nan)
            return nothing, nothing
        low, high = np.quantile(kept, [tail, 1.0 - tail], axis=0)
        return np.asarray(low), np.asarray(high)

    def to_frame(self) -> pd.DataFrame:
        """One row a parameter: the fit, and the percentile limits."""
        fit = self.fit
        every = np.concatenate([self.beta, self.tau2[:, np.newaxis], self.delta], -1)
        low, high = self._limits(every)
        kept = every[self.converged]
        return pd.DataFrame(
            {
                "parameter": [*fit.names, "tau2", *fit.delta_names],
                "estimate": [*fit.beta, fit.tau2, *fit.delta],
                "median": np.median(kept, axis=0) if kept.size else np.nan,
                "low": low,
                "high": high,
            }
        )

    def summary(self, digits: int = 4) -> str:
        """Text table, and how many resamples failed."""
        frame = self.to_frame()
        table = text_table({str(c): frame[c].tolist() for c in frame}, digits=digits)
        return f"{table}\n\n{self._said()}"

    def _said(self) -> str:
        said = f"{self.draws} resamples, {self.failed} without a maximum"
        if self.at_bound:
            said += f", {self.at_bound} with a weight at its bound"
        return f"{said}; {percent(self.fit.level)} percentile limits."

    def plot(self, *, title: str = "") -> "Figure":
        """Distribution of the mean over the resamples.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.selection_figures import bootstrap_plot

        return bootstrap_plot(self, self._said(), title)

    def __repr__(self) -> str:
        low, high = self.ci
        return (
            f"Bootstrap of the {self.fit.label.lower()}: {fixed(self.fit.estimate)} "
            f"({percent(self.fit.level)} percentile limits {fixed(low[0])} to "
            f"{fixed(high[0])}), {self.draws} resamples, {self.failed} failed"
        )


def bootstrap(
    fit: SelectionModel, draws: int = 1000, *, rng: int | np.random.Generator
) -> SelectionBootstrap:
    r"""Fit a selection model to resamples of its studies, drawn with replacement.

    .. math:: \hat\theta^* = \arg\max_\theta \sum_k c_k \ell_k(\theta), \qquad
        c \sim \mathrm{Multinomial}(K; 1/K, \ldots, 1/K)

    Every resample climbs from the fit itself and from the best points of a grid. On a
    terminal a bar shows how far it is. A resample may have all studies in one piece of
    a step function: its weight goes to a bound then, and is kept.

    Parameters
    ----------
    fit : SelectionModel
    draws : int
    rng : int or Generator

    Raises
    ------
    InvalidEvidenceError
        For fewer than two draws.

    References
    ----------
    Efron & Tibshirani (1993). An Introduction to the Bootstrap, ch. 13. Percentiles.

    Examples
    --------
    >>> from k2stats.diagnostics import selection_model
    >>> from k2stats.effectsizes import EffectSizes
    >>> y = [0.62, 0.55, 0.48, 0.71, 0.39, 0.33, 0.12, 0.9, 0.05, 0.2]
    >>> v = [0.05, 0.06, 0.04, 0.09, 0.03, 0.02, 0.02, 0.15, 0.01, 0.02]
    >>> fit = selection_model(EffectSizes.from_arrays(y, v))
    >>> found = fit.bootstrap(50, rng=1)
    >>> found.draws, found.failed
    (50, 0)
    """
    if draws < 2:
        raise InvalidEvidenceError(field="draws", requirement="at least 2", given=draws)
    problem = fit.problem
    k = problem.data.y.size
    random = np.random.default_rng(rng)
    counts = random.multinomial(k, np.full(k, 1.0 / k), size=draws).astype(float)
    own = np.concatenate(
        [fit.beta, [fit.tau2], np.where(np.isnan(fit.delta), 1.0, fit.delta)]
    )
    own = np.clip(own, problem.low, problem.high)
    start = np.concatenate([fit.beta_without, [fit.tau2_without]])
    grid = grid_around(problem, np.concatenate([start, problem.weights.neutral]))
    heights = each_log_likelihood(
        problem.data,
        problem.weights.selection,
        grid[:, : problem.p],
        grid[:, problem.p],
        grid[:, problem.p + 1 :],
    )
    wide = 500 if isinstance(problem.weights.selection, Curves) else 8
    size = max(1, min(_CELLS // (wide * k), -(-draws // _PARTS)))
    parts = [counts[i : i + size] for i in range(0, draws, size)]
    found = []
    with progress_bar("Resampling", len(parts)) as begin:
        for number, part in enumerate(parts):
            begin(f"{number * size} of {draws}")
            found.append(_fit(problem, part, own, (grid, heights)))
    x, ok = (np.concatenate(column) for column in zip(*found, strict=True))
    x = np.where(ok[:, np.newaxis], x, np.nan)
    p = problem.p
    ok.flags.writeable = False
    return SelectionBootstrap(
        fit=fit,
        beta=frozen(x[:, :p]),
        tau2=frozen(x[:, p]),
        delta=frozen(x[:, p + 1 :]),
        converged=ok,
    )


def _fit(
    problem: Problem, counts: Floats, own: Floats, grid: tuple[Floats, Floats]
) -> tuple[Floats, Bools]:
    """Climb from the fit and from the best of the grid; the highest is taken."""
    points, heights = grid
    batch = counts.shape[0]
    # Where a study of the resample cannot be, the height is minus infinity.
    floor = np.where(np.isfinite(heights), heights, -1e9)
    height = counts @ floor.T
    # The best without heterogeneity, with little and with much: likelihoods of few
    # studies can have a maximum in each.
    tau2 = points[:, problem.p]
    ends = np.quantile(np.unique(tau2), [0.0, 0.5])
    groups = [tau2 <= ends[0], (tau2 > ends[0]) & (tau2 <= ends[1]), tau2 > ends[1]]
    chosen = [
        np.where(group, height, -np.inf).argmax(axis=-1)
        for group in groups
        if group.any()
    ]
    best = np.stack(chosen, axis=-1)
    starts = np.concatenate(
        [np.broadcast_to(own, (batch, 1, own.size)), points[best]], axis=1
    )
    each = starts.shape[1]
    u = problem.scaled(starts.reshape(batch * each, -1))
    u, value, _ = climb(
        problem, u, rounds=_FIRST, counts=np.repeat(counts, each, axis=0)
    )
    ahead = np.where(np.isfinite(value), value, -np.inf).reshape(batch, each)
    first = u.reshape(batch, each, -1)[np.arange(batch), ahead.argmax(axis=-1)]
    u, _, ok = climb(problem, first, rounds=_ROUNDS, counts=counts)
    return problem.natural(u), ok

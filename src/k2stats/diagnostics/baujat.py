"""Baujat's plot: which studies make the heterogeneity, and which move the mean."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.diagnostics._influence_kernel import delete_one
from k2stats.diagnostics._model import model_of
from k2stats.diagnostics._studies import frozen, require_studies
from k2stats.effectsizes import EffectSizes
from k2stats.results.pooled import PooledEstimate
from k2stats.results.regression import MetaRegression

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class Baujat:
    """Coordinates of Baujat's plot, in study order.

    Attributes
    ----------
    study : tuple
    heterogeneity : ndarray, shape (K,)
        Squared Pearson residual: the study's part of the sum of squares.
    influence : ndarray, shape (K,)
        Squared change of the fitted value when the study is left out, over its
        variance without the study.
    """

    study: tuple[Hashable, ...]
    heterogeneity: Floats
    influence: Floats

    def to_frame(self) -> pd.DataFrame:
        """One row a study."""
        return pd.DataFrame(
            {"heterogeneity": self.heterogeneity, "influence": self.influence},
            index=pd.Index(self.study, name="study"),
        )

    def plot(self, *, names: int = 8, title: str = "") -> "Figure":
        """Influence against heterogeneity, the most notable studies named.

        Parameters
        ----------
        names : int
            Studies to name.
        title : str
        """
        from k2stats.diagnostics.residual_figures import baujat_plot

        return baujat_plot(self, names, title)

    def __repr__(self) -> str:
        most = self.study[int(np.nanargmax(self.heterogeneity))]
        moves = self.study[int(np.nanargmax(self.influence))]
        return f"Baujat: most heterogeneity from {most}, most influence of {moves}"


def baujat(
    fit: PooledEstimate | MetaRegression | EffectSizes,
    X: Floats | None = None,
    *,
    tau2: str | None = None,
) -> Baujat:
    r"""Contribution of each study to heterogeneity and to the result.

    .. math:: \frac{(y_i - x_i^\top\hat\beta)^2}{v_i + \hat\tau^2}, \qquad
        \frac{(x_i^\top\hat\beta - x_i^\top\hat\beta_{(i)})^2}
        {x_i^\top S_{(i)} x_i}

    Parameters
    ----------
    fit : PooledEstimate, MetaRegression or EffectSizes
    X : ndarray, shape (K, p), optional
        Columns of a regression of effects.
    tau2 : str, optional
        Estimator; ``"EE"`` gives the plot as published, for a common effect. That
        of the fit, or REML for effects, when left out.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError

    References
    ----------
    Baujat, Mahe, Pignon & Hill (2002). Statistics in Medicine 21:2641-2652.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.3, 1.9], [0.02, 0.03, 0.02, 0.03])
    >>> baujat(es, tau2="EE")
    Baujat: most heterogeneity from 4, most influence of 4
    """
    model = model_of(fit, X, tau2)
    require_studies(model.y.size, model.p + 2, "Baujat's plot")
    full, deleted = delete_one(model.y, model.v, model.X, model.tau2, model.fixed)
    x = np.ones((model.y.size, 1)) if model.X is None else model.X
    with np.errstate(divide="ignore", invalid="ignore"):
        part = (model.y - x @ full.beta) ** 2 / (model.v + full.tau2)
        shift = np.einsum("kj,kj->k", x, full.beta - deleted.beta)
        variance = np.einsum("ki,kij,kj->k", x, deleted.cov, x)
        return Baujat(model.study, frozen(part), frozen(shift**2 / variance))

r"""Copas' selection model: publication by standard error and effect together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._copas_fit import CopasLikelihood
from k2stats.diagnostics._shown import Shown, natural, symbol
from k2stats.diagnostics._studies import Effects, effects_of, frozen, one_sample, worth
from k2stats.errors import InvalidEvidenceError
from k2stats.numerics import tails

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class Copas:
    r"""Sensitivity analysis by Copas' model: one fit for each degree of selection.

    Attributes
    ----------
    publish_small, publish_large : ndarray, shape (S,)
        Probability of publication of the study with the largest and with the
        smallest standard error.
    gamma0, gamma1 : ndarray, shape (S,)
    estimate, se : ndarray, shape (S,)
        Mean, with the standard error from the observed information; NaN where that
        is not positive definite.
    tau2, rho : ndarray, shape (S,)
    loglik : ndarray, shape (S,)
    residual_p : ndarray, shape (S,)
        Of no selection left over: the likelihood ratio of a slope on the standard
        error, given the selection model. Above 0.1 the degree of selection explains
        the funnel.
    unpublished : ndarray, shape (S,)
        Expected number of unpublished studies.
    converged : ndarray of bool, shape (S,)
    k : int
    level : float
    note : str
    shown : Shown
        What an axis of effects says.
    """

    publish_small: Floats
    publish_large: Floats
    gamma0: Floats
    gamma1: Floats
    estimate: Floats
    se: Floats
    tau2: Floats
    rho: Floats
    loglik: Floats
    residual_p: Floats
    unpublished: Floats
    converged: Bools
    k: int
    level: float
    note: str
    shown: Shown

    @property
    def ci(self) -> tuple[Floats, Floats]:
        """Confidence limits, normal reference."""
        half = special.ndtri(0.5 + 0.5 * self.level) * self.se
        return np.asarray(self.estimate - half), np.asarray(self.estimate + half)

    @property
    def p(self) -> Floats:
        """Two-sided p of a mean of zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return tails.normal_p(np.asarray(self.estimate / self.se))

    @property
    def adjusted(self) -> int | None:
        """Position of the mildest selection that explains the funnel, or None.

        The first, from no selection on, whose `residual_p` exceeds 0.1.
        """
        order = np.argsort(-self.publish_small, kind="stable")
        for i in order:
            if self.residual_p[i] > 0.1:
                return int(i)
        return None

    def plot(self, *, title: str = "") -> "Figure":
        """Mean, test of what is left over, and unpublished studies, by selection.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.selection_figures import copas_plot

        return copas_plot(self, title)

    def __repr__(self) -> str:
        found = natural(self.shown.measure, self.estimate)
        return (
            f"Copas: {found.size} degrees of selection, {symbol(self.shown.measure)} "
            f"{np.nanmin(found):.3f} to {np.nanmax(found):.3f}"
        )


def copas(
    effects: Effects,
    *,
    publish_small: ArrayLike = (0.99, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1),
    publish_large: float = 0.99,
    level: float = 0.95,
) -> Copas:
    r"""Fit Copas' selection model for a row of degrees of selection.

    .. math:: y_k = \mu + \sigma_k e_k + \tau u_k, \qquad
        x_k = \gamma_0 + \gamma_1 / s_k + \delta_k, \qquad
        \operatorname{corr}(e_k, \delta_k) = \rho,

    a study being published where :math:`x_k > 0`. With
    :math:`t_k = \gamma_0 + \gamma_1 / s_k`, :math:`\lambda = \phi / \Phi` and

    .. math:: \sigma_k^2 = \frac{s_k^2}{1 - c_k^2 \rho^2}, \quad
        c_k^2 = \lambda(t_k)\{t_k + \lambda(t_k)\}, \quad
        \tilde\rho_k = \frac{\sigma_k \rho}{\sqrt{\tau^2 + \sigma_k^2}}, \quad
        w_k = \frac{t_k + \tilde\rho_k (y_k - \mu) / \sqrt{\tau^2 + \sigma_k^2}}
        {\sqrt{1 - \tilde\rho_k^2}}

    the likelihood is

    .. math:: \ell = \sum_k \Bigl[-\tfrac12 \log(\tau^2 + \sigma_k^2) -
        \frac{(y_k - \mu)^2}{2(\tau^2 + \sigma_k^2)} - \log\Phi(t_k) +
        \log\Phi(w_k)\Bigr]

    and is maximised over :math:`\mu, \tau^2` and :math:`\rho` for given
    :math:`\gamma_0, \gamma_1`, which the data do not tell: they follow from the
    probabilities of publication of the study with the largest and with the smallest
    standard error. All degrees, and all starting values, are one batch.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (K,)
    publish_small : array-like, shape (S,)
        Probabilities for the largest standard error.
    publish_large : float
        Probability for the smallest.
    level : float

    Raises
    ------
    InvalidEvidenceError
        For probabilities outside (0, 1), `publish_small` above `publish_large`, or
        standard errors that are all equal.

    References
    ----------
    Copas & Shi (2000). Biostatistics 1:247-262.
    Copas & Shi (2001). Statistical Methods in Medical Research 10:251-265.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays(
    ...     [0.1, 0.2, 0.4, 0.5, 0.9], [0.01, 0.02, 0.05, 0.09, 0.2])
    >>> found = copas(es, publish_small=[0.99, 0.5])
    >>> bool(found.estimate[1] < found.estimate[0])
    True
    """
    y, v = one_sample(effects, least=3, need="Copas' model")
    small = np.atleast_1d(np.asarray(publish_small, dtype=float))
    _check(small, publish_large, level)
    s = np.sqrt(v)
    least, most = float(s.min()), float(s.max())
    if most - least < 1e-10 * most:
        raise InvalidEvidenceError(
            field="effects", requirement="of unequal standard errors for Copas' model"
        )
    at_small, at_large = special.ndtri(small), special.ndtri(publish_large)
    gamma1 = (at_large - at_small) / (1.0 / least - 1.0 / most)
    gamma0 = at_small - gamma1 / most
    t = gamma0[:, np.newaxis] + gamma1[:, np.newaxis] / s
    fit = CopasLikelihood(y, v, t, slope=False)
    x, height, ok = fit.maximum()
    _, extended, _ = CopasLikelihood(y, v, t, slope=True).maximum()
    lrt = np.maximum(2.0 * (extended - height), 0.0)
    with np.errstate(divide="ignore"):
        lost = (special.ndtr(-t) / special.ndtr(t)).sum(axis=-1)
    return Copas(
        publish_small=frozen(small),
        publish_large=frozen(np.full(small.shape, publish_large)),
        gamma0=frozen(gamma0),
        gamma1=frozen(gamma1),
        estimate=frozen(np.where(ok, x[:, 0], np.nan)),
        se=frozen(np.where(ok, fit.standard_error(x), np.nan)),
        tau2=frozen(np.where(ok, x[:, 1], np.nan)),
        rho=frozen(np.where(ok, x[:, 2], np.nan)),
        loglik=frozen(height),
        residual_p=frozen(np.where(ok, tails.chi2_p(lrt), np.nan)),
        unpublished=frozen(lost),
        converged=ok,
        k=int(y.size),
        level=level,
        note=worth(y.size, "selection"),
        shown=Shown.of(effects_of(effects)),
    )


def _check(small: Floats, large: float, level: float) -> None:
    """Refuse probabilities outside their range."""
    if not ((small > 0.0) & (small < 1.0)).all() or small.size == 0:
        raise InvalidEvidenceError(
            field="publish_small", requirement="between 0 and 1", given=small.tolist()
        )
    if not 0.0 < large < 1.0:
        raise InvalidEvidenceError(
            field="publish_large", requirement="between 0 and 1", given=large
        )
    if (small > large).any():
        raise InvalidEvidenceError(
            field="publish_small", requirement="at most publish_large", given=large
        )
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )

r"""The prediction interval of Nagashima, Noma and Furukawa.

The law of Cochran's Q for a given tau2 is a mixture of chi-squared variables, so that
:math:`H(\tau^2) = \Pr(Q_{\tau^2} \ge q_{obs})` is a distribution of tau2 that is
confirmed by the data. Draws from it take the place of the estimate:

.. math:: \tilde\theta_b = \bar\mu_b + z_b \tilde\tau_b - t_b \sqrt{\frac{1}{K-1}
    \sum_k \frac{\tilde w_{bk}}{\sum_l \tilde w_{bl}} (y_k - \bar\mu_b)^2},
    \quad \tilde w_{bk} = \frac{1}{v_k + \tilde\tau_b^2}.
"""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats
from k2stats.models.prediction import PREDICTIONS, At, Predictive

DRAWS = 25_000
"""Number of draws; that of the paper's software."""
_PART = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class SampledPredictive:
    """Draws of the effect of a new study.

    Attributes
    ----------
    draws : ndarray, shape (..., B)
        Sorted.
    """

    draws: Floats

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """Quantiles of the draws."""
        tail = 0.5 - 0.5 * level
        low, high = np.quantile(self.draws, [tail, 1.0 - tail], axis=-1)
        return np.asarray(low), np.asarray(high)

    def above(self, threshold: Floats | float) -> Floats:
        """Share of the draws above the threshold."""
        at = np.asarray(threshold, dtype=float)[..., np.newaxis]
        return np.asarray((self.draws > at).mean(axis=-1))


@PREDICTIONS.register(
    "NNF",
    label="Nagashima-Noma-Furukawa bootstrap",
    reference="Nagashima, Noma and Furukawa (2019) Stat Methods Med Res 28:1689-1702",
    equation="quantiles of mu_b + z_b tau_b - t_b SE_b, tau2_b ~ Pr(Q >= q)",
    traits=("draws", "mean-only"),
)
def nagashima_noma_furukawa(at: At, rng: np.random.Generator) -> Predictive:
    """Bootstrap with tau2 drawn from its confidence distribution."""
    fit = at.fit
    shape = fit.y.shape[:-1]
    draws = np.full((*shape, DRAWS), np.nan)
    # A draw of the whole element needs its own eigenvalues: one element at a time.
    for index in np.ndindex(shape):
        present = fit.w[index] > 0.0
        y, v = fit.y[index][present], fit.v[index][present]
        if y.size > 1:
            draws[index] = np.sort(new_effects(y, v, DRAWS, rng))
    return SampledPredictive(draws)


def new_effects(y: Floats, v: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Draws of the effect of a new study from one set of studies.

    Parameters
    ----------
    y, v : ndarray, shape (K,)
    size : int
    rng : Generator
    """
    tau2 = confidence_draws(y, v, size, rng)
    z, t = rng.standard_normal(size), rng.standard_t(y.size - 1, size)
    out = np.empty(size)
    step = max(1, _PART // y.size)
    for start in range(0, size, step):
        part = slice(start, start + step)
        w = 1.0 / (v + tau2[part, np.newaxis])
        w /= w.sum(axis=-1, keepdims=True)
        mean = w @ y
        square = (w * (y - mean[:, np.newaxis]) ** 2).sum(axis=-1) / (y.size - 1)
        out[part] = mean + z[part] * np.sqrt(tau2[part]) - t[part] * np.sqrt(square)
    return out


def confidence_draws(
    y: Floats, v: Floats, size: int, rng: np.random.Generator
) -> Floats:
    r"""Draws of tau2 from :math:`H(\tau^2) = \Pr(Q_{\tau^2} \ge q_{obs})`.

    The weights of the mixture are :math:`1 + \tau^2 s_i`, with s the positive
    eigenvalues of :math:`C W C`, :math:`C = I - W^{1/2} 1 1^\top W^{1/2} / \sum w`.
    With normals g held fixed the form is a rising line in tau2, so that the tau2 at
    which it meets the observed Q has the distribution H exactly,

    .. math:: \tilde\tau^2 = \max\Big(0, \frac{q - \sum_i g_i^2}{\sum_i s_i g_i^2}\Big).

    Parameters
    ----------
    y, v : ndarray, shape (K,)
    size : int
    rng : Generator
    """
    w = 1.0 / v
    total = w.sum()
    residual = y - (w @ y) / total
    residual -= (w @ residual) / total
    q = float(w @ residual**2)
    root = np.sqrt(w / total)
    centre = np.eye(y.size) - np.outer(root, root)
    slopes = np.linalg.eigvalsh(centre @ (w[:, np.newaxis] * centre))[1:]
    out = np.empty(size)
    step = max(1, _PART // y.size)
    for start in range(0, size, step):
        g2 = rng.chisquare(1.0, (min(step, size - start), y.size - 1))
        rise = g2 @ np.maximum(slopes, 0.0)
        out[start : start + step] = np.maximum(q - g2.sum(axis=-1), 0.0) / rise
    return out

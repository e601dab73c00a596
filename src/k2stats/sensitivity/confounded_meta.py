"""Robustness of a meta-analysis of observational studies to unmeasured confounding."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import require, together
from k2stats.sensitivity._arguments import finite, share
from k2stats.sensitivity.evalues import bias_threshold

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class ConfoundedMeta:
    """How robust a meta-analysis is to unmeasured confounding.

    Attributes
    ----------
    share, share_se : ndarray
        Share of true effects beyond the threshold under the bias assumed.
    bias_needed, bias_needed_se : ndarray
        Bias factor (a ratio, at least 1) that would bring that share down to
        `tolerated` if every study had it.
    strength_needed, strength_needed_se : ndarray
        Strength of association, with exposure and with outcome, that a confounder
        needs in every study to produce it.
    tolerated : float
    tail : str
    threshold : float
        Log risk ratio beyond which an effect matters.
    estimate, se, tau2, tau2_se, bias_mean, bias_sd : ndarray
        As given.
    """

    share: Floats
    share_se: Floats
    bias_needed: Floats
    bias_needed_se: Floats
    strength_needed: Floats
    strength_needed_se: Floats
    tolerated: float
    tail: str
    threshold: float
    estimate: Floats
    se: Floats
    tau2: Floats
    tau2_se: Floats
    bias_mean: Floats
    bias_sd: Floats

    def shares(self, log_bias: ArrayLike, index: int = 0) -> tuple[Floats, Floats]:
        """Share of true effects beyond the threshold if every study had one bias.

        Parameters
        ----------
        log_bias : array_like
            Logarithms of bias factors, positive away from the null.
        index : int
            Position among the meta-analyses.

        Returns
        -------
        share, se : ndarray
            The standard error by the delta method; NaN where that of tau2 was not
            given, and at a tau2 of 0, where the share is 0 or 1.
        """
        y, se, t2, t2_se = (
            float(np.ravel(x)[index])
            for x in (self.estimate, self.se, self.tau2, self.tau2_se)
        )
        side = 1.0 if self.tail == "above" else -1.0
        ahead = side * (y - self.threshold) - np.asarray(log_bias, dtype=float)
        if t2 == 0.0:
            return np.where(ahead > 0.0, 1.0, 0.0), np.full(ahead.shape, np.nan)
        return _share(ahead, np.asarray(t2), np.asarray(se), np.asarray(t2_se))

    def plot(self, index: int = 0, *, title: str = "") -> "Figure":
        """Share of true effects beyond the threshold against the strength of bias.

        The upper axis has the strength of a confounder that makes each bias.

        Parameters
        ----------
        index : int
            Position among the meta-analyses.
        title : str

        Raises
        ------
        InvalidEvidenceError
            For a position that is not there.
        """
        from k2stats.sensitivity._judgement_figures import confounded_plot

        return confounded_plot(self, index, title)

    @property
    def meaning(self) -> list[str]:
        """One line for a reader, for each meta-analysis."""
        lines = []
        for s, g in zip(self.share.ravel(), self.strength_needed.ravel(), strict=True):
            text = f"Under the bias assumed {s:.0%} of true effects are {self.tail} "
            if np.isnan(s):
                text = "The bias assumed varies more than the effects; without it, "
            text += "the threshold; " if not np.isnan(s) else ""
            if g <= 1.0:
                text += (
                    f"no more than {self.tolerated:.0%} are {self.tail} the threshold "
                    "even without confounding."
                )
            else:
                text += (
                    f"to leave no more than {self.tolerated:.0%} {self.tail} the "
                    "threshold, a confounder in every study would have to multiply "
                    f"exposure and outcome by {g:.2f}."
                )
            lines.append(text)
        return lines


def confounded_meta(
    estimate: ArrayLike,
    se: ArrayLike,
    tau2: ArrayLike,
    tau2_se: ArrayLike | None = None,
    *,
    threshold: float,
    tail: str = "above",
    tolerated: float = 0.1,
    bias_mean: ArrayLike = 0.0,
    bias_sd: ArrayLike = 0.0,
) -> ConfoundedMeta:
    r"""Sensitivity of a random-effects meta-analysis to unmeasured confounding.

    Log risk ratios observed are the true ones plus a bias, :math:`B^* \sim
    N(\mu_{B^*}, \sigma_{B^*}^2)` independent of them, away from the null. Then, for
    effects above 1,

    .. math:: \hat p(q) = 1 - \Phi\Bigl(\frac{q + \mu_{B^*} - \hat y}
        {\sqrt{\hat\tau^2 - \sigma_{B^*}^2}}\Bigr), \quad
        \hat T = \exp\{\Phi^{-1}(1 - r)\hat\tau - q + \hat y\}, \quad
        \hat G = \hat T + \sqrt{\hat T^2 - \hat T}

    with standard errors by the delta method; ``"below"`` is the mirror image.

    Parameters
    ----------
    estimate, se : array_like
        Pooled log risk ratio, uncorrected, and its standard error.
    tau2, tau2_se : array_like
        Heterogeneity and its standard error; without the latter the standard errors
        are NaN.
    threshold : float
        Log risk ratio q beyond which an effect matters.
    tail : {"above", "below"}
        Which effects matter.
    tolerated : float
        Share r of effects beyond the threshold at which the evidence is no longer
        held to show effects that matter; between 0 and 1.
    bias_mean, bias_sd : array_like
        Mean and standard deviation of the log bias factor over studies; positive
        means away from the null.

    Returns
    -------
    ConfoundedMeta
        NaN for the share where the bias is more variable than the effects.

    Raises
    ------
    InvalidEvidenceError
        For negative standard errors or variances, an unknown tail, or a tolerated
        share outside (0, 1).

    References
    ----------
    Mathur & VanderWeele (2020). Journal of the American Statistical Association
    115:163-172, Theorems 3.1 and 3.2.

    Examples
    --------
    >>> found = confounded_meta(0.4, 0.08, 0.1, 0.05, threshold=0.0953,
    ...                         bias_mean=0.3)
    >>> found.share.round(3), found.bias_needed.round(3), found.strength_needed.round(3)
    (array([0.506]), array([2.034]), array([3.484]))
    """
    if tail not in ("above", "below"):
        raise InvalidEvidenceError(
            field="tail", requirement="'above' or 'below'", given=tail
        )
    tolerated = share("tolerated", tolerated)
    threshold = finite("threshold", threshold)
    given = together(
        {
            "estimate": estimate,
            "se": se,
            "tau2": tau2,
            "tau2_se": np.nan if tau2_se is None else tau2_se,
            "bias_mean": bias_mean,
            "bias_sd": bias_sd,
        }
    )
    for name in ("se", "tau2", "bias_sd"):
        require(name, "not negative", given[name] >= 0, given[name])
    require("tau2_se", "not negative", ~(given["tau2_se"] < 0), given["tau2_se"])
    side = 1.0 if tail == "above" else -1.0
    ahead = side * (given["estimate"] - threshold)
    v_y, v_t, t2 = given["se"] ** 2, given["tau2_se"] ** 2, given["tau2"]
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = t2 - given["bias_sd"] ** 2
        rest = np.where(rest > 0, rest, np.nan)
        left = ahead - given["bias_mean"]
        beyond, beyond_se = _share(left, rest, given["se"], given["tau2_se"])
        # All true effects alike: they are beyond the threshold, or none is.
        alike = (t2 == 0) & (given["bias_sd"] == 0)
        beyond = np.where(alike, np.where(left > 0, 1.0, 0.0), beyond)
        quantile = special.ndtri(1.0 - tolerated)
        raw = np.exp(quantile * np.sqrt(t2) + ahead)
        raw_se = raw * np.sqrt(v_y + v_t * quantile**2 / (4.0 * t2))
        bias = np.maximum(raw, 1.0)
        slope = 1.0 + (2.0 * bias - 1.0) / (2.0 * np.sqrt(bias**2 - bias))
        none = raw <= 1.0
        strength = bias_threshold(bias)
    return ConfoundedMeta(
        share=np.asarray(beyond),
        share_se=np.asarray(beyond_se),
        bias_needed=bias,
        bias_needed_se=np.where(none, np.nan, raw_se),
        strength_needed=strength,
        strength_needed_se=np.where(none, np.nan, raw_se * slope),
        tolerated=tolerated,
        tail=tail,
        threshold=threshold,
        **given,
    )


def _share(
    ahead: Floats, variance: Floats, se: Floats, tau2_se: Floats
) -> tuple[Floats, Floats]:
    """Share beyond the threshold and its standard error by the delta method."""
    z = ahead / np.sqrt(variance)
    density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    spread = se**2 / variance + tau2_se**2 * z**2 / (4.0 * variance**2)
    return np.asarray(special.ndtr(z)), np.asarray(density * np.sqrt(spread))

r"""Analysis of credibility: which prior views a result can convince.

For an estimate y with standard error s on a scale where the null is 0, and z the
normal quantile of the confidence level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.evidence._coerce import require, together
from k2stats.numerics import tails
from k2stats.sensitivity._arguments import share

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ON_NULL = (
    "A limit lies at no effect: the result is credible evidence only to those who can "
    "argue for effects without bound."
)


@dataclass(frozen=True, slots=True, eq=False)
class Credibility:
    """Critical prior intervals of estimates, on the scale they were given on.

    Attributes
    ----------
    significant : ndarray of bool
        Whether the interval excludes the null: then `low` and `high` are those of the
        sceptical prior, else those of the advocacy prior.
    low, high : ndarray
        Critical prior interval.
    limit : ndarray
        The scepticism limit, or the advocacy limit: the end of the critical prior
        interval away from the null.
    credible : ndarray of bool
        Whether the estimate itself lies outside the sceptics' interval: significant
        and intrinsically credible in Matthews's sense. False where not significant.
    ratio : bool
        Whether the scale is that of ratios.
    ci_low, ci_high : ndarray
        Confidence limits as given.
    level : float
        Of both intervals.
    """

    significant: Bools
    low: Floats
    high: Floats
    limit: Floats
    credible: Bools
    ratio: bool
    ci_low: Floats
    ci_high: Floats
    level: float

    @property
    def estimate(self) -> Floats:
        """Middle of the limits, on the scale on which the estimate is normal."""
        if self.ratio:
            return np.asarray(np.sqrt(self.ci_low) * np.sqrt(self.ci_high))
        return np.asarray(0.5 * (self.ci_low + self.ci_high))

    @property
    def p(self) -> Floats:
        """Two-sided p-value against no effect that the limits imply."""
        low, high = self.ci_low, self.ci_high
        if self.ratio:
            low, high = np.log(low), np.log(high)
        se = (high - low) / (2.0 * special.ndtri(0.5 + 0.5 * self.level))
        return tails.normal_p(0.5 * (low + high) / se)

    def plot(self, labels: Sequence[str] | None = None, *, title: str = "") -> "Figure":
        """Each result beside its critical prior interval and Bayes factor bounds.

        Parameters
        ----------
        labels : sequence of str, optional
            Names of the results, numbers by default.
        title : str

        Raises
        ------
        InvalidEvidenceError
            For labels of another length, or more results than a figure holds.
        """
        from k2stats.sensitivity._judgement_figures import credibility_plot

        return credibility_plot(self, labels, title)

    @property
    def meaning(self) -> list[str]:
        """One line for a reader, for each estimate."""
        lines = []
        for s, low, high in zip(
            self.significant.ravel(), self.low.ravel(), self.high.ravel(), strict=True
        ):
            if np.isnan(low):
                lines.append(
                    "No advocacy prior makes an estimate of no effect credible."
                )
            elif not np.isfinite([low, high]).all() or (self.ratio and low == 0.0):
                lines.append(_ON_NULL)
            elif s:
                lines.append(
                    "Credible evidence of an effect to all but those who already hold "
                    f"that it lies between {low:.3g} and {high:.3g}."
                )
            else:
                lines.append(
                    "Credible evidence of an effect only to those who can already "
                    f"argue that it lies between {low:.3g} and {high:.3g}."
                )
        return lines


def analysis_of_credibility(
    low: ArrayLike, high: ArrayLike, *, ratio: bool = True, level: float = 0.95
) -> Credibility:
    r"""Critical prior interval of a result that is given by its confidence interval.

    With L and U the limits (logarithms of them for ratios), a significant result stays
    credible unless a normal prior around no effect is tighter than

    .. math:: \pm SL, \qquad SL = \frac{(U - L)^2}{4 \sqrt{U L}}

    and one that is not significant becomes credible under a prior that has no effect
    at one end of its interval and

    .. math:: AL = -\frac{(U + L)(U - L)^2}{2 U L}

    at the other, or reaches further.

    Parameters
    ----------
    low, high : array_like
        Confidence limits on the natural scale.
    ratio : bool
        Whether they are of a ratio, whose null is 1; else of a difference.
    level : float
        Their level; the critical prior interval has the same. The limits found do not
        depend on it.

    Returns
    -------
    Credibility

    Raises
    ------
    InvalidEvidenceError
        For limits in the wrong order, ratios that are not positive, or a level
        outside (0, 1).

    References
    ----------
    Matthews (2018). Royal Society Open Science 5:171047.
    Matthews (2001). Journal of Statistical Planning and Inference 94:43-58.

    Examples
    --------
    >>> found = analysis_of_credibility(0.46, 0.99)
    >>> found.low.round(3), found.high.round(3), found.credible
    (array([0.19]), array([5.273]), array([False]))
    """
    level = share("level", level)
    given = together({"low": low, "high": high})
    lower, upper = given["low"], given["high"]
    if ratio:
        require("low", "positive", lower > 0, lower)
        lower, upper = np.log(lower), np.log(upper)
    require("low", "below high", given["low"] < given["high"], given["low"])
    require("high", "finite", np.isfinite(upper), given["high"])
    require("low", "finite", np.isfinite(lower), given["low"])
    significant = lower * upper > 0
    width2, product = (upper - lower) ** 2, upper * lower
    centre = 0.5 * (upper + lower)
    with np.errstate(divide="ignore", invalid="ignore"):
        sceptic = width2 / (4.0 * np.sqrt(np.where(significant, product, np.nan)))
        advocate = -centre * width2 / np.where(significant, np.nan, product)
        # a limit on the null itself: no advocate is too far out
        advocate = np.where(product == 0.0, np.sign(centre) * np.inf, advocate)
        advocate = np.where(centre == 0.0, np.nan, advocate)
    end = np.where(significant, np.sign(centre) * sceptic, advocate)
    bottom = np.where(significant, -sceptic, np.minimum(advocate, 0.0))
    top = np.where(significant, sceptic, np.maximum(advocate, 0.0))
    credible = significant & (np.abs(centre) > np.abs(end))
    if ratio:
        with np.errstate(over="ignore"):
            bottom, top, end = np.exp(bottom), np.exp(top), np.exp(end)
    return Credibility(
        significant=significant,
        low=bottom,
        high=top,
        limit=end,
        credible=np.asarray(credible),
        ratio=ratio,
        ci_low=given["low"],
        ci_high=given["high"],
        level=level,
    )


def intrinsic_credibility(p: ArrayLike) -> Floats:
    r"""P-value for intrinsic credibility.

    .. math:: p_{IC} = 2\{1 - \Phi(z / \sqrt 2)\}, \quad z = \Phi^{-1}(1 - p / 2)

    A result is intrinsically credible at level alpha where this is below alpha; with
    alpha 0.05 that needs p below 0.0056. It is also twice the probability that an
    identical study, given this one alone, has an estimate of the other sign.

    Parameters
    ----------
    p : array_like
        Two-sided p-values of a normal test, between 0 and 1.

    Raises
    ------
    InvalidEvidenceError
        For p outside [0, 1].

    References
    ----------
    Held (2019). Royal Society Open Science 6:181534.

    Examples
    --------
    >>> intrinsic_credibility([0.0056, 0.05]).round(4)
    array([0.0501, 0.1658])
    """
    z = z_of(p)
    return tails.normal_p(z / np.sqrt(2.0))


def z_of(p: ArrayLike) -> Floats:
    """Size of the normal statistic of two-sided p-values, checked.

    Examples
    --------
    >>> z_of([0.05, 1.0]).round(4)
    array([1.96, 0.  ])
    """
    values = together({"p": p})["p"]
    require("p", "from 0 to 1", (values >= 0) & (values <= 1), values)
    return np.abs(special.ndtri(values / 2.0))

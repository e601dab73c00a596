"""Mean and spread of one group."""

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes._small_sample import small_sample_j
from k2stats.effectsizes.inputs import OneMean, OneSpread

_GROUP = "One group, means and spreads"
_POSITIVE = (0.0, float("inf"))
_NONE = float("nan")


def positive_log(x: Floats) -> Floats:
    """Logarithm where x is positive, NaN elsewhere."""
    return np.asarray(np.log(np.where(x > 0, x, np.nan)))


@measure(
    "MN",
    evidence=OneMean,
    label="Mean",
    reference="Borenstein (2009)",
    equation="m",
    variance="s^2/n",
    group=_GROUP,
    symbol="mean",
    null=_NONE,
)
def mean(t: OneMean, options: Options) -> Estimate:
    """Raw mean, v = s^2/n, in the units of the outcome."""
    return t.mean, t.sd**2 / t.n


@measure(
    "SMN",
    evidence=OneMean,
    label="Standardized mean",
    reference="Hedges (1981)",
    equation="J(n - 1) m/s",
    variance="1/n + y^2/(2 n)",
    group=_GROUP,
    symbol="mean/SD",
    corrected=True,
)
def standardized_mean(t: OneMean, options: Options) -> Estimate:
    """Mean over its SD, with Hedges' correction on n - 1 degrees of freedom."""
    y = t.mean / t.sd
    if options.correct:
        y = y * small_sample_j(t.n - 1)
    return y, 1 / t.n + y * y / (2 * t.n)


@measure(
    "MNLN",
    evidence=OneMean,
    label="Log mean",
    reference="Hedges et al. (1999)",
    equation="log(m)",
    variance="s^2/(n m^2)",
    group=_GROUP,
    on="log",
    symbol="mean",
    null=_NONE,
    bounds=_POSITIVE,
)
def log_mean(t: OneMean, options: Options) -> Estimate:
    """Log mean of a ratio-scale outcome, by the delta method."""
    return positive_log(t.mean), (t.sd / t.mean) ** 2 / t.n


@measure(
    "CVLN",
    evidence=OneMean,
    label="Log coefficient of variation",
    reference="Nakagawa et al. (2015)",
    equation="log(s/m) + 1/(2(n-1))",
    variance="1/(2(n-1)) + s^2/(n m^2)",
    group=_GROUP,
    on="log",
    symbol="CV",
    null=_NONE,
    bounds=_POSITIVE,
    corrected=True,
)
def log_cv(t: OneMean, options: Options) -> Estimate:
    """Log coefficient of variation, the SD corrected for bias.

    References
    ----------
    Nakagawa et al. (2015). Meta-analysis of variation. Methods in Ecology and
    Evolution, 6, 143-152, equation 27 without its correlation term.
    """
    half = 0.5 / (t.n - 1)
    y = positive_log(t.sd / t.mean) + (half if options.correct else 0.0)
    return y, half + (t.sd / t.mean) ** 2 / t.n


@measure(
    "SDLN",
    evidence=OneSpread,
    label="Log standard deviation",
    reference="Raudenbush & Bryk (1987); Nakagawa et al. (2015)",
    equation="log(s) + 1/(2(n-1))",
    variance="1/(2(n-1))",
    group=_GROUP,
    on="log",
    symbol="SD",
    null=_NONE,
    bounds=_POSITIVE,
    corrected=True,
)
def log_sd(t: OneSpread, options: Options) -> Estimate:
    """Log standard deviation, corrected for bias.

    References
    ----------
    Raudenbush, S. W., & Bryk, A. S. (1987). Examining correlates of diversity.
    Journal of Educational Statistics, 12, 241-269.
    """
    half = 0.5 / (t.n - 1)
    return positive_log(t.sd) + (half if options.correct else 0.0), half

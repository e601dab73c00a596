"""Events per person-time: two groups and one."""

import numpy as np

from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.inputs import Rate, TwoRates
from k2stats.effectsizes.zero_cells import NOTHING, ZeroCells

_TWO = "Two groups, events per person-time"
_ONE = "One group, events per person-time"
_HALF = ZeroCells()
_POSITIVE = (0.0, float("inf"))
_NONE = float("nan")


@measure(
    "IRR",
    evidence=TwoRates,
    label="Log incidence rate ratio",
    reference="Rothman et al. (2008)",
    equation="log((x1/t1) / (x2/t2))",
    variance="1/x1 + 1/x2",
    group=_TWO,
    on="log",
    null=1.0,
    bounds=_POSITIVE,
    zero_cells=_HALF,
)
def log_rate_ratio(t: TwoRates, options: Options) -> Estimate:
    r"""Log incidence rate ratio, :math:`v = 1/x_1 + 1/x_2`.

    References
    ----------
    Rothman, K. J., Greenland, S., & Lash, T. L. (2008). Modern epidemiology (3rd
    ed.). Lippincott Williams & Wilkins.
    """
    y = np.log(t.events1 / t.time1) - np.log(t.events2 / t.time2)
    return y, 1 / t.events1 + 1 / t.events2


@measure(
    "IRD",
    evidence=TwoRates,
    label="Incidence rate difference",
    reference="Rothman et al. (2008)",
    equation="x1/t1 - x2/t2",
    variance="x1/t1^2 + x2/t2^2",
    group=_TWO,
    zero_cells=_HALF,
)
def rate_difference(t: TwoRates, options: Options) -> Estimate:
    r"""Incidence rate difference, :math:`v = x_1/t_1^2 + x_2/t_2^2`.

    References
    ----------
    Rothman, K. J., Greenland, S., & Lash, T. L. (2008). Modern epidemiology (3rd
    ed.). Lippincott Williams & Wilkins.
    """
    y = t.events1 / t.time1 - t.events2 / t.time2
    return y, t.events1 / t.time1**2 + t.events2 / t.time2**2


@measure(
    "IRSD",
    evidence=TwoRates,
    label="Square-root incidence rate difference",
    reference="Bagos & Nikolopoulos (2009)",
    equation="sqrt(x1/t1) - sqrt(x2/t2)",
    variance="1/(4 t1) + 1/(4 t2)",
    group=_TWO,
    on="square-root difference",
    zero_cells=NOTHING,
)
def root_rate_difference(t: TwoRates, options: Options) -> Estimate:
    r"""Difference of square-root rates; defined without events.

    .. math:: v = \frac1{4 t_1} + \frac1{4 t_2}

    References
    ----------
    Bagos, P. G., & Nikolopoulos, G. K. (2009). Mixed-effects Poisson regression
    models for meta-analysis of follow-up studies with constant or varying
    durations. International Journal of Biostatistics, 5(1), 21.
    """
    y = np.sqrt(t.events1 / t.time1) - np.sqrt(t.events2 / t.time2)
    return y, 0.25 / t.time1 + 0.25 / t.time2


@measure(
    "IR",
    evidence=Rate,
    label="Incidence rate",
    reference="Rothman et al. (2008)",
    equation="x/t",
    variance="x/t^2",
    group=_ONE,
    null=_NONE,
    bounds=_POSITIVE,
    zero_cells=_HALF,
)
def rate(t: Rate, options: Options) -> Estimate:
    """Incidence rate x/t, variance x/t^2 (Poisson events)."""
    return t.events / t.time, t.events / t.time**2


@measure(
    "IRLN",
    evidence=Rate,
    label="Log incidence rate",
    reference="Rothman et al. (2008)",
    equation="log(x/t)",
    variance="1/x",
    group=_ONE,
    on="log",
    symbol="IR",
    null=_NONE,
    bounds=_POSITIVE,
    zero_cells=_HALF,
)
def log_rate(t: Rate, options: Options) -> Estimate:
    """Log incidence rate, variance 1/x; with expected events, a log SIR or SMR."""
    return np.log(t.events / t.time), 1 / t.events


@measure(
    "IRS",
    evidence=Rate,
    label="Square-root incidence rate",
    reference="Freeman & Tukey (1950)",
    equation="sqrt(x/t)",
    variance="1/(4 t)",
    group=_ONE,
    on="square-root",
    symbol="IR",
    null=_NONE,
    bounds=_POSITIVE,
    zero_cells=NOTHING,
)
def root_rate(t: Rate, options: Options) -> Estimate:
    """Square root of the incidence rate, variance 1/(4 t)."""
    return np.sqrt(t.events / t.time), 0.25 / t.time


@measure(
    "IRFT",
    evidence=Rate,
    label="Freeman-Tukey incidence rate",
    reference="Freeman & Tukey (1950)",
    equation="(sqrt(x/t) + sqrt((x + 1)/t)) / 2",
    variance="1/(4 t)",
    group=_ONE,
    on="double-square-root",
    symbol="IR",
    null=_NONE,
    bounds=_POSITIVE,
    zero_cells=NOTHING,
)
def freeman_tukey_rate(t: Rate, options: Options) -> Estimate:
    """Freeman and Tukey's mean of two square roots, variance 1/(4 t).

    References
    ----------
    Freeman, M. F., & Tukey, J. W. (1950). Transformations related to the angular
    and the square root. Annals of Mathematical Statistics, 21, 607-611.
    """
    y = 0.5 * (np.sqrt(t.events / t.time) + np.sqrt((t.events + 1) / t.time))
    return y, 0.25 / t.time

"""One result read in every way of this room, a line each for a reader."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from k2stats._registry import Registry
from k2stats.errors import InvalidEvidenceError
from k2stats.numerics import tails
from k2stats.sensitivity._arguments import finite, share
from k2stats.sensitivity.bayes_factors import bayes_factor_bound
from k2stats.sensitivity.credibility import (
    analysis_of_credibility,
    intrinsic_credibility,
)
from k2stats.sensitivity.design_errors import design_errors
from k2stats.sensitivity.false_positives import false_positive_risk, prior_needed
from k2stats.sensitivity.replication import replication_probability, s_value
from k2stats.significance._score import z_critical


@dataclass(frozen=True, slots=True)
class Result:
    """An estimate with its limits, read on the scale on which it is normal.

    Attributes
    ----------
    y, se : float
        Logarithms for ratios.
    low, high : float
        As given.
    ratio : bool
    level : float
    """

    y: float
    se: float
    low: float
    high: float
    ratio: bool
    level: float

    @property
    def p(self) -> float:
        """Two-sided p-value against no effect."""
        return float(tails.normal_p(np.array(self.y / self.se)))

    @property
    def log_p(self) -> float:
        """Natural logarithm of :attr:`p`."""
        return float(tails.log_normal_p(np.array(self.y / self.se)))


Reading: TypeAlias = Callable[[Result], tuple[float, str]]
"""Takes a result; returns a figure and the line that says what it means."""

READINGS: Registry[Reading] = Registry("reading of a result")


@READINGS.register(
    "p-value", label="P-value", reference="Altman & Bland (2011), BMJ 343:d2304"
)
def _p(result: Result) -> tuple[float, str]:
    """P-value that the interval implies."""
    return result.p, (
        f"If there were no effect and every assumption held, {result.p:.2g} of studies "
        "like this would be at least as far from it."
    )


@READINGS.register(
    "s-value",
    label="S-value, bits",
    reference="Greenland (2019), Am Stat 73(sup1):106",
    equation="-log2 p",
)
def _s(result: Result) -> tuple[float, str]:
    """Surprisal."""
    bits = float(s_value(log_p=result.log_p)[0])
    heads = round(bits)
    if heads < 2:
        return bits, (
            "No more surprising, if there were no effect, than "
            f"{'one head from a fair coin' if heads else 'what nearly always happens'}."
        )
    return bits, (
        f"As surprising, if there were no effect, as {heads} heads in a row from a "
        "fair coin."
    )


@READINGS.register(
    "critical-prior",
    label="Limit of the critical prior interval",
    reference="Matthews (2018), R Soc Open Sci 5:171047",
)
def _critical(result: Result) -> tuple[float, str]:
    """Scepticism or advocacy limit."""
    found = analysis_of_credibility(
        result.low, result.high, ratio=result.ratio, level=result.level
    )
    return float(found.limit[0]), found.meaning[0]


@READINGS.register(
    "intrinsic-credibility",
    label="P-value for intrinsic credibility",
    reference="Held (2019), R Soc Open Sci 6:181534",
)
def _intrinsic(result: Result) -> tuple[float, str]:
    """Intrinsic credibility."""
    value = float(intrinsic_credibility(result.p)[0])
    word = "is" if value < 1.0 - result.level else "is not"
    return value, (
        f"The result {word} credible on its own: sceptics whom it would just fail to "
        "convince would "
        + ("not expect" if word == "is" else "expect")
        + " so large an estimate."
    )


@READINGS.register(
    "bayes-factor-bound",
    label="Minimum Bayes factor, -e p log p",
    reference="Sellke, Bayarri and Berger (2001), Am Stat 55:62",
)
def _bound(result: Result) -> tuple[float, str]:
    """Bound of the Bayes factor."""
    value = float(bayes_factor_bound(result.p)[0])
    odds = np.inf if value == 0.0 else 1.0 / value
    return value, f"The data favour an effect over none by at most {odds:.3g} to 1."


@READINGS.register(
    "false-positive-risk",
    label="False-positive risk, prior 1/2",
    reference="Colquhoun (2017), R Soc Open Sci 4:171085",
)
def _risk(result: Result) -> tuple[float, str]:
    """False-positive risk, effect as observed."""
    value = float(false_positive_risk(result.p)[0])
    prior = float(prior_needed(result.p)[0])
    return value, (
        f"Were an effect as likely as not beforehand, the risk that there is none is "
        f"at least {value:.2g}; to bring that to 5% an effect must have been at least "
        f"{prior:.0%} likely."
    )


@READINGS.register(
    "type-m",
    label="Exaggeration if the true effect is half as large",
    reference="Gelman & Carlin (2014), Perspect Psychol Sci 9:641",
)
def _type_m(result: Result) -> tuple[float, str]:
    """Type M error for a true effect of half the estimate."""
    if result.y == 0.0:
        return float("nan"), "The estimate is of no effect: half of it is none."
    found = design_errors(result.y / 2.0, result.se, 1.0 - result.level)
    line = found.meaning[0].replace("as assumed", "half the estimate")
    return float(found.exaggeration[0]), line


@READINGS.register(
    "replication",
    label="Probability that a repeat is significant",
    reference="Goodman (1992), Stat Med 11:875",
)
def _repeat(result: Result) -> tuple[float, str]:
    """Probability of replication, true effect uncertain."""
    value = float(replication_probability(result.p, 1.0 - result.level)[0])
    return value, (
        f"A study of the same size would again be significant, in this direction, "
        f"with probability {value:.0%}."
    )


def read_result(
    estimate: float,
    low: float,
    high: float,
    *,
    ratio: bool = True,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Read one estimate with its interval in every registered way.

    Parameters
    ----------
    estimate, low, high : float
        On the natural scale; the limits are taken for those of a normal estimate (of
        its logarithm for ratios).
    ratio : bool
        Whether no effect is 1; else 0.
    level : float
        Confidence level of the limits.

    Returns
    -------
    DataFrame
        Columns name, label, value, meaning, reference; a row a reading.

    Raises
    ------
    InvalidEvidenceError
        For ratios that are not positive, limits out of order, an estimate outside
        them, or a level outside (0, 1).

    Examples
    --------
    >>> frame = read_result(1.17, 1.02, 1.34)
    >>> print(frame.set_index("name").loc["s-value", "meaning"])
    As surprising, if there were no effect, as 5 heads in a row from a fair coin.
    """
    level = share("level", level)
    estimate, low, high = (
        finite(name, value)
        for name, value in (("estimate", estimate), ("low", low), ("high", high))
    )
    if not low <= estimate <= high:
        raise InvalidEvidenceError(
            field="estimate",
            requirement="inside its limits",
            given=(estimate, low, high),
        )
    if low == high:
        raise InvalidEvidenceError(field="high", requirement="above low", given=high)
    if ratio and low <= 0.0:
        raise InvalidEvidenceError(field="low", requirement="positive", given=low)
    y, bottom, top = np.log([estimate, low, high]) if ratio else (estimate, low, high)
    se = (top - bottom) / (2.0 * z_critical(level))
    result = Result(float(y), float(se), low, high, ratio, level)
    rows = []
    for entry in READINGS.entries():
        value, meaning = entry.function(result)
        rows.append(
            {
                "name": entry.name,
                "label": entry.label,
                "value": value,
                "meaning": meaning,
                "reference": entry.reference,
            }
        )
    return pd.DataFrame(rows)

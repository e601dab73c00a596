"""How OR, RR, RD and HR join a treated risk to a baseline risk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats

_ZHANG = "Zhang J, Yu KF. JAMA 1998;280:1690"
_DEEKS = "Deeks JJ, Altman DG (Systematic Reviews in Health Care, 2001)"


@dataclass(frozen=True, slots=True)
class RiskMeasure:
    """How one measure joins a treated to a baseline risk.

    Attributes
    ----------
    treated_risk : callable
        ``(value, baseline_risk)`` to the risk of group 1; NaN where the result is
        no risk.
    value : callable
        ``(treated_risk, baseline_risk)`` to the measure.
    slope : callable
        Derivative of the treated risk in the measure, on its analysis scale (the
        logarithm of a ratio, the difference itself).
    ratio : bool
        Whether the analysis scale is the logarithm.
    """

    treated_risk: Callable[[Floats, Floats], Floats]
    value: Callable[[Floats, Floats], Floats]
    slope: Callable[[Floats, Floats], Floats]
    ratio: bool


MeasureOfRisk: TypeAlias = Callable[[], RiskMeasure]


RISK_MEASURES: Registry[MeasureOfRisk] = Registry("measure at a baseline risk")
"""Measures that a baseline risk turns into one another. A new one is one function
that returns its :class:`RiskMeasure`; it converts to and from all others."""


@RISK_MEASURES.register(
    "OR", label="Odds ratio", reference=_ZHANG, equation="p1 = OR p0 / (1 - p0 + OR p0)"
)
def _odds_ratio() -> RiskMeasure:
    return RiskMeasure(
        lambda x, p0: np.where(
            np.isinf(x), 1.0, x * p0 / (1.0 - p0 + np.where(np.isinf(x), 0.0, x) * p0)
        ),
        lambda p1, p0: p1 * (1.0 - p0) / ((1.0 - p1) * p0),
        lambda p1, p0: p1 * (1.0 - p1),
        ratio=True,
    )


@RISK_MEASURES.register(
    "RR", label="Risk ratio", reference=_DEEKS, equation="p1 = RR p0"
)
def _risk_ratio() -> RiskMeasure:
    return RiskMeasure(
        lambda x, p0: x * p0,
        lambda p1, p0: p1 / p0,
        lambda p1, p0: p1,
        ratio=True,
    )


@RISK_MEASURES.register(
    "RD", label="Risk difference", reference=_DEEKS, equation="p1 = p0 + RD"
)
def _risk_difference() -> RiskMeasure:
    return RiskMeasure(
        lambda x, p0: p0 + x,
        lambda p1, p0: p1 - p0,
        lambda p1, p0: np.ones_like(p1),
        ratio=False,
    )


@RISK_MEASURES.register(
    "HR",
    label="Hazard ratio",
    reference="Altman DG, Andersen PK. BMJ 1999;319:1492",
    equation="p1 = 1 - (1 - p0)^HR",
)
def _hazard_ratio() -> RiskMeasure:
    return RiskMeasure(
        lambda x, p0: -np.expm1(x * np.log1p(-p0)),
        lambda p1, p0: np.log1p(-p1) / np.log1p(-p0),
        lambda p1, p0: -(1.0 - p1) * np.log1p(-p1),
        ratio=True,
    )

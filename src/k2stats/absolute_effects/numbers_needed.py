"""The number needed to treat: a risk difference turned over, and how it prints."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.absolute_effects._inputs import (
    EventsAre,
    as_horizon,
    benefit_sign,
    estimate_with_limits,
)
from k2stats.evidence import Horizon
from k2stats.evidence._coerce import frozen, require
from k2stats.significance.confidence import checked_level

Order: TypeAlias = Literal["near", "difference"]
"""Which limit an interval begins with.

``near``: the one on the estimate's own side, as Altman (1998) prints it.
``difference``: the lower limit of the benefit, as Newcombe prints it.
"""


@dataclass(frozen=True, slots=True, eq=False)
class NNT:
    r"""Numbers needed to treat for one to benefit (NNTB) or be harmed (NNTH).

    With an absolute benefit :math:`b`, the number is :math:`1 / |b|`, NNTB where
    :math:`b > 0` and NNTH where :math:`b < 0`; at :math:`b = 0` it is infinite. An
    interval of b that holds 0 holds infinity on the scale of the number: it runs from
    an NNTB through infinity to an NNTH.

    Attributes
    ----------
    benefit : ndarray, shape (..., K)
        Risk difference signed so that positive is good, between -1 and 1.
    low, high : ndarray or None
        Its confidence limits.
    level : float
        Confidence level of the limits.
    horizon : Horizon or None
        Length of follow-up that the risks refer to; None where it is not known.
    method : str
        How the interval was made.

    References
    ----------
    Altman (1998). BMJ 317:1309-1312.

    Examples
    --------
    >>> print(nnt_from_risk_difference(0.1738, -0.0038, 0.3462))
    NNTB 5.75 (NNTB 2.89 to inf to NNTH 263)
    """

    benefit: Floats
    low: Floats | None = None
    high: Floats | None = None
    level: float = 0.95
    horizon: Horizon | None = None
    method: str = ""

    @property
    def signed(self) -> Floats:
        """Reciprocal of the benefit: positive NNTB, negative NNTH, inf at 0."""
        return _reciprocal(self.benefit)

    @property
    def value(self) -> Floats:
        """Size of the number, without its direction."""
        return np.abs(self.signed)

    @property
    def near(self) -> Floats:
        """Signed limit on the estimate's own side, the one nearest to 1 person.

        NaN where there are no limits.
        """
        low, high = self._limits()
        return _reciprocal(np.where(self.benefit < 0, low, high))

    @property
    def far(self) -> Floats:
        """Signed limit at the other end of the interval; NaN where there is none."""
        low, high = self._limits()
        return _reciprocal(np.where(self.benefit < 0, high, low))

    @property
    def through_infinity(self) -> Bools:
        """Whether the interval of the benefit holds 0."""
        low, high = self._limits()
        return (low <= 0) & (high >= 0)

    def _limits(self) -> tuple[Floats, Floats]:
        if self.low is None or self.high is None:
            nothing = np.full_like(self.benefit, np.nan)
            return nothing, nothing
        return self.low, self.high

    def texts(self, order: Order = "near") -> list[str]:
        """Each number with its interval as text, in the order of the flat array.

        Parameters
        ----------
        order : {"near", "difference"}
            :data:`Order`.

        Examples
        --------
        >>> newcombe = nnt_from_risk_difference(0.1, -0.05, 0.25)
        >>> newcombe.texts()
        ['NNTB 10 (NNTB 4 to inf to NNTH 20)']
        >>> newcombe.texts("difference")
        ['NNTB 10 (NNTH 20 to inf to NNTB 4)']
        """
        low, high = self._limits()
        triples = zip(self.benefit.flat, low.flat, high.flat, strict=True)
        with_limits = self.low is not None
        return [
            _text(float(b), (float(lo), float(hi)) if with_limits else None, order)
            for b, lo, hi in triples
        ]

    def summary(self) -> str:
        """Text with level, method and horizon, a line a number."""
        over = f"over {self.horizon}" if self.horizon else "no horizon given"
        how = f"{100 * self.level:g}% CI" if self.low is not None else "no interval"
        how = f"{how}, {self.method}" if self.method else how
        return "\n".join(f"{text}; {how}; {over}" for text in self.texts())

    def to_frame(self) -> pd.DataFrame:
        """Return kind, value, signed limits, benefit and its limits, a row a number."""
        low, high = self._limits()
        return pd.DataFrame(
            {
                "kind": [_kind(float(b)) for b in self.benefit.flat],
                "nnt": self.value.ravel(),
                "near": self.near.ravel(),
                "far": self.far.ravel(),
                "benefit": self.benefit.ravel(),
                "low": low.ravel(),
                "high": high.ravel(),
                "horizon": "" if self.horizon is None else str(self.horizon),
                "text": self.texts(),
            }
        )

    def __str__(self) -> str:
        return "\n".join(self.texts())


def nnt_from_risk_difference(
    rd: ArrayLike,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    *,
    events: EventsAre = "beneficial",
    level: float = 0.95,
    horizon: Horizon | str | None = None,
) -> NNT:
    r"""Number needed to treat from a risk difference, :math:`1 / |d|`.

    Parameters
    ----------
    rd : array_like
        Risk of group 1 (treated) minus risk of group 2, as a share, or an absolute
        risk reduction.
    low, high : array_like, optional
        Confidence limits of `rd`; both or neither.
    events : {"beneficial", "harmful"}
        ``"beneficial"``, the default: a positive difference is a benefit, as with
        responses, or with an absolute risk *reduction* of bad outcomes.
        ``"harmful"``: `rd` counts bad events, and a negative difference is a benefit.
    level : float
        Confidence level of the limits, for print.
    horizon : Horizon or str, optional
        Length of follow-up, e.g. ``"7.0 y"``.

    Raises
    ------
    InvalidEvidenceError
        If a difference lies outside -1 to 1, the limits are reversed or exclude the
        estimate, or only one is given.

    References
    ----------
    Altman (1998). BMJ 317:1309-1312.

    Examples
    --------
    >>> print(nnt_from_risk_difference(0.166, 0.009, 0.322))
    NNTB 6.02 (NNTB 3.11 to NNTB 111)
    """
    sign = benefit_sign(events)
    middle, bottom, top = estimate_with_limits("rd", rd, low, high)
    for name, values in (("rd", middle), ("low", bottom), ("high", top)):
        if values is not None:
            require(name, "between -1 and 1", np.abs(values) <= 1, values)
    return from_signed(
        middle, bottom, top, sign=sign, level=level, horizon=as_horizon(horizon)
    )


def from_signed(
    difference: Floats,
    low: Floats | None,
    high: Floats | None,
    *,
    sign: float,
    level: float = 0.95,
    horizon: Horizon | None = None,
    method: str = "",
) -> NNT:
    """Wrap a risk difference, turned so that positive is good.

    Examples
    --------
    >>> from_signed(np.array([0.25]), None, None, sign=-1.0).texts()
    ['NNTH 4']
    """
    if sign < 0 and low is not None and high is not None:
        low, high = -high, -low
    return NNT(
        frozen(sign * difference + 0.0),
        None if low is None else frozen(low + 0.0),
        None if high is None else frozen(high + 0.0),
        checked_level(level),
        horizon,
        method,
    )


def figure(value: float) -> str:
    """Three significant digits; whole persons are not rounded off.

    Examples
    --------
    >>> [figure(x) for x in (2.9032, 57.53, 261.9, 1712.2, 10.0, math.inf)]
    ['2.90', '57.5', '262', '1712', '10', 'inf']
    """
    if math.isinf(value):
        return "inf"
    nearest = round(value)
    # A whole number but for rounding prints as one: 1/0.1 is 10, not 10.0.
    if value >= 99.95 or math.isclose(value, nearest, rel_tol=1e-12):
        return str(nearest)
    return f"{value:#.3g}"


def _reciprocal(values: Floats) -> Floats:
    """One over each, positive infinity at zero of either sign."""
    with np.errstate(divide="ignore"):
        return np.where(values == 0, np.inf, 1.0 / values)


def _kind(benefit: float) -> str:
    """Direction of a benefit; neither at zero."""
    if benefit == 0 or math.isnan(benefit):
        return "NNT"
    return "NNTB" if benefit > 0 else "NNTH"


def _one(benefit: float) -> str:
    """Print one number with its direction."""
    if math.isnan(benefit):
        return "NNT undefined"
    return f"{_kind(benefit)} {figure(math.inf if benefit == 0 else 1 / abs(benefit))}"


def _text(benefit: float, limits: tuple[float, float] | None, order: Order) -> str:
    """Print one number with its interval."""
    text = _one(benefit)
    if limits is None or math.isnan(benefit):
        return text
    if math.isnan(limits[0]) or math.isnan(limits[1]):
        return f"{text} (no limits)"
    first, last = limits
    if order == "near" and benefit >= 0:
        first, last = last, first
    ends = ["inf" if end == 0 else _one(end) for end in (first, last)]
    if limits[0] < 0 < limits[1]:
        ends.insert(1, "inf")
    return f"{text} ({' to '.join(ends)})"

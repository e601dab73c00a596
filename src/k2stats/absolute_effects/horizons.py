"""How a number needed to treat depends on time, and what one implies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.absolute_effects._inputs import (
    EventsAre,
    benefit_sign,
    estimate_with_limits,
    open_share,
)
from k2stats.absolute_effects.from_ratio import treated_risk
from k2stats.absolute_effects.numbers_needed import NNT, from_signed
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence._coerce import as_floats, frozen, require, together
from k2stats.numerics.roots import bracketed_root


@dataclass(frozen=True, slots=True, eq=False)
class NNTByHorizon:
    """Numbers needed to treat at several lengths of follow-up.

    Attributes
    ----------
    times : ndarray, shape (T,)
        Lengths of follow-up, in the unit of the hazard.
    baseline_risk : ndarray, shape (T,)
        Risk in group 2 by then.
    nnt : NNT
        Of shape (T,).
    """

    times: Floats
    baseline_risk: Floats
    nnt: NNT

    def to_frame(self) -> pd.DataFrame:
        """A row a length of follow-up."""
        frame = self.nnt.to_frame().drop(columns="horizon")
        frame.insert(0, "time", self.times)
        frame.insert(1, "baseline_risk", self.baseline_risk)
        return frame


def hazard_from_risk(risk: ArrayLike, time: ArrayLike) -> Floats:
    r"""Constant hazard that gives a risk by a time, :math:`-\log(1 - p) / t`.

    Parameters
    ----------
    risk : array_like
        Above 0 and below 1, as a share.
    time : array_like
        Positive, in any unit; the hazard is per that unit.

    Raises
    ------
    InvalidEvidenceError
        If the risk is not above 0 and below 1, or the time not positive.

    Examples
    --------
    >>> (1000 * hazard_from_risk(381 / 18106, 7.0)).round(3)
    array([3.038])
    """
    arrays = together({"baseline_risk": risk, "baseline_time": time})
    p, t = open_share("baseline_risk", arrays["baseline_risk"]), arrays["baseline_time"]
    require("baseline_time", "positive and finite", (t > 0) & np.isfinite(t), t)
    return np.asarray(-np.log1p(-p) / t)


def nnt_by_horizon(
    hr: float,
    horizons: ArrayLike,
    low: float | None = None,
    high: float | None = None,
    *,
    hazard: float | None = None,
    baseline_risk: float | None = None,
    baseline_time: float | None = None,
    events: EventsAre | None = None,
    level: float = 0.95,
) -> NNTByHorizon:
    r"""Number needed to treat at each horizon under a constant hazard.

    .. math:: \text{NNT}(t) = \frac{1}{|S(t)^{\text{HR}} - S(t)|}, \quad
        S(t) = e^{-\lambda t}, \quad \lambda = -\log(1 - p_2) / t_2

    Parameters
    ----------
    hr : float
        Hazard ratio, group 1 (treated) over group 2, the same at all times.
    horizons : array_like, shape (T,)
        Lengths of follow-up, positive, in the unit of the hazard.
    low, high : float, optional
        Confidence limits of `hr`; both or neither.
    hazard : float
        Events per person and unit of time in group 2; or else
    baseline_risk, baseline_time : float
        the risk in group 2, as a share, and the time by which it was reached.
    events : {"harmful", "beneficial"}
        What an event is.
    level : float
        Confidence level of the limits, for print.

    Raises
    ------
    MissingInputError
        If neither a hazard nor a baseline risk is given, if a baseline risk comes
        without its time, or if `events` is missing.
    InvalidEvidenceError
        If a number is not positive, the baseline risk not above 0 and below 1, the
        limits are reversed or exclude the ratio, or both a hazard and a risk are given.

    References
    ----------
    Altman and Andersen (1999). BMJ 319:1492-1495.

    Examples
    --------
    >>> stones = nnt_by_horizon(1.17, [1, 7, 20], baseline_risk=381 / 18106,
    ...                         baseline_time=7.0, events="harmful")
    >>> stones.nnt.texts()
    ['NNTH 1943', 'NNTH 283', 'NNTH 103']
    """
    sign = benefit_sign(events)
    rate = _hazard(hazard, baseline_risk, baseline_time)
    times = as_floats("horizons", horizons).ravel()
    require("horizons", "positive and finite", (times > 0) & np.isfinite(times), times)
    ratio, bottom, top = estimate_with_limits("hr", hr, low, high)
    for name, values in (("hr", ratio), ("low", bottom), ("high", top)):
        if values is not None:
            good = (values > 0) & np.isfinite(values)
            require(name, "a positive ratio", good, values)
    base = np.asarray(-np.expm1(-rate * times))

    def difference(theta: Floats) -> Floats:
        treated = treated_risk("HR", np.broadcast_to(theta, base.shape), base)
        return np.asarray(treated - base)

    return NNTByHorizon(
        frozen(times),
        frozen(base),
        from_signed(
            difference(ratio),
            None if bottom is None else difference(bottom),
            None if top is None else difference(top),
            sign=sign,
            level=level,
            method="HR under a constant hazard",
        ),
    )


def required_baseline(hr: ArrayLike, nnt: ArrayLike) -> tuple[Floats, Floats]:
    r"""Baseline risks at which a hazard ratio gives a number needed to treat.

    The two roots in :math:`S = 1 - p_2` of :math:`|S^{\text{HR}} - S| = 1 / n`: the
    difference vanishes where nobody and where everybody has the event, and is greatest
    at :math:`\log S = -\log \text{HR} / (\text{HR} - 1)`.

    Parameters
    ----------
    hr : array_like
        Hazard ratio, positive.
    nnt : array_like
        Number needed to treat or to harm, above 1, without its direction.

    Returns
    -------
    low, high : ndarray
        Baseline risks as shares; NaN where the ratio cannot give so small a number.

    Raises
    ------
    InvalidEvidenceError
        If a ratio is not positive or a number not above 1.

    References
    ----------
    Altman and Andersen (1999). BMJ 319:1492-1495.

    Examples
    --------
    >>> low, high = required_baseline(1.17, 273)
    >>> (100 * low).round(3), (100 * high).round(3)
    (array([2.183]), array([99.365]))
    """
    arrays = together({"hr": hr, "nnt": nnt})
    ratio, number = arrays["hr"], arrays["nnt"]
    require("hr", "a positive ratio", (ratio > 0) & np.isfinite(ratio), ratio)
    require("nnt", "above 1", (number > 1) & np.isfinite(number), number)
    least = np.minimum(ratio, 1.0)
    # The logarithm of the cumulative hazard resolves both very small and very
    # large risks.
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.where(ratio == 1.0, 0.0, np.log(np.log(ratio) / (ratio - 1.0)))

    def excess(log_hazard: Floats) -> Floats:
        hazard = np.exp(log_hazard)
        # Both factors stay below 1, whichever group has the greater hazard.
        gap = -np.exp(-least * hazard) * np.expm1(-np.abs(1.0 - ratio) * hazard)
        return np.asarray(gap - 1.0 / number)

    first, _ = bracketed_root(excess, top - 60.0, top)
    # With HR below 1 the gap falls as exp(-HR x hazard): far enough out it is nothing.
    last = np.log(750.0 / least)
    second, _ = bracketed_root(excess, top, np.maximum(last, top))
    return np.asarray(-np.expm1(-np.exp(first))), np.asarray(-np.expm1(-np.exp(second)))


def required_horizon(
    hr: ArrayLike,
    nnt: ArrayLike,
    *,
    hazard: float | None = None,
    baseline_risk: float | None = None,
    baseline_time: float | None = None,
) -> tuple[Floats, Floats]:
    r"""Times at which a hazard ratio gives a number needed to treat.

    The times :math:`-\log(1 - p) / \lambda` at which the baseline risk under a constant
    hazard reaches the two roots of :func:`required_baseline`.

    Raises
    ------
    MissingInputError, InvalidEvidenceError
        As :func:`nnt_by_horizon` and :func:`required_baseline`.

    Examples
    --------
    >>> first, _ = required_horizon(1.17, 273, baseline_risk=381 / 18106,
    ...                             baseline_time=7.0)
    >>> first.round(2)
    array([7.26])
    """
    rate = _hazard(hazard, baseline_risk, baseline_time)
    low, high = required_baseline(hr, nnt)
    return np.asarray(-np.log1p(-low) / rate), np.asarray(-np.log1p(-high) / rate)


def required_hazard_ratio(
    nnt: ArrayLike, baseline_risk: ArrayLike
) -> tuple[Floats, Floats]:
    r"""Hazard ratios that give a number needed to treat at a baseline risk.

    .. math:: \text{HR} = \log(S_2 \pm 1/n) / \log S_2, \quad S_2 = 1 - p_2

    Parameters
    ----------
    nnt : array_like
        Above 1, without its direction.
    baseline_risk : array_like
        Above 0 and below 1, as a share.

    Returns
    -------
    low, high : ndarray
        Below 1, with fewer events by treatment, and above 1, with more; NaN where the
        baseline leaves too few or too many to go.

    Raises
    ------
    InvalidEvidenceError
        If a number is not above 1 or a risk not above 0 and below 1.

    Examples
    --------
    >>> required_hazard_ratio(273, 381 / 18106)[1].round(4)
    array([1.1763])
    """
    arrays = together({"nnt": nnt, "baseline_risk": baseline_risk})
    number = arrays["nnt"]
    risk = open_share("baseline_risk", arrays["baseline_risk"])
    require("nnt", "above 1", (number > 1) & np.isfinite(number), number)
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.log1p(-(risk - 1.0 / number)) / np.log1p(-risk)
        high = np.log1p(-(risk + 1.0 / number)) / np.log1p(-risk)
    return (
        np.where(risk > 1.0 / number, low, np.nan),
        np.where(risk + 1.0 / number < 1.0, high, np.nan),
    )


def _hazard(
    hazard: float | None, baseline_risk: float | None, baseline_time: float | None
) -> float:
    """Return the hazard in group 2 from whichever was given."""
    if hazard is not None:
        if baseline_risk is not None:
            raise InvalidEvidenceError(
                field="hazard, baseline_risk", requirement="given one of the two"
            )
        rate = as_floats("hazard", hazard)
        require("hazard", "positive and finite", (rate > 0) & np.isfinite(rate), rate)
        return float(rate.item())
    if baseline_risk is None:
        raise MissingInputError(
            field="hazard or baseline_risk",
            needed_for="numbers needed to treat by horizon",
            hint="a hazard ratio alone fixes none",
        )
    if baseline_time is None:
        raise MissingInputError(
            field="baseline_time",
            needed_for="turning a baseline risk into a hazard",
            hint="it is the horizon by which that risk was reached",
        )
    return float(hazard_from_risk(baseline_risk, baseline_time).item())

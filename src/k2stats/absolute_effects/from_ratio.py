"""Numbers needed to treat from a relative effect and a baseline risk."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats, RatioKind
from k2stats.absolute_effects._inputs import (
    RATIO_KINDS,
    EventsAre,
    as_horizon,
    benefit_sign,
    estimate_with_limits,
    needed_horizon,
    open_share,
)
from k2stats.absolute_effects.numbers_needed import NNT, from_signed
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import Horizon
from k2stats.evidence._coerce import as_floats, require


def nnt_from_ratio(
    kind: RatioKind,
    ratio: ArrayLike,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    baseline_risk: ArrayLike | None = None,
    horizon: Horizon | str | None = None,
    *,
    baseline_survival: ArrayLike | None = None,
    events: EventsAre | None = None,
    level: float = 0.95,
) -> NNT:
    r"""Number needed to treat from a ratio and the risk without treatment.

    .. math::
        d = p_2 \theta - p_2 \;\text{(RR)}, \quad
        \frac{p_2 \theta}{1 - p_2 + p_2 \theta} - p_2 \;\text{(OR)}, \quad
        S_2 - S_2^{\theta} \;\text{(HR)}, \quad S_2 = 1 - p_2

    Parameters
    ----------
    kind : {"RR", "OR", "HR"}
    ratio : array_like
        Group 1 (treated) over group 2, of the events; natural scale.
    low, high : array_like, optional
        Its confidence limits; both or neither. The baseline risk is taken as known.
    baseline_risk : array_like
        Risk of an event in group 2, above 0 and below 1, as a share.
    horizon : Horizon or str
        Length of follow-up that the baseline risk refers to, e.g. ``"7.0 y"``. Needed
        for a hazard ratio; kept with the result for the others.
    baseline_survival : array_like, optional
        Share without an event in group 2 at the horizon, instead of `baseline_risk`.
    events : {"harmful", "beneficial"}
        What an event is; see :func:`k2stats.absolute_effects.nnt`. A ratio below 1
        is a benefit where events are harmful.
    level : float
        Confidence level of the limits, for print.

    Returns
    -------
    NNT
        Of the shape that ratio, limits and baseline broadcast to.

    Raises
    ------
    MissingInputError
        If the baseline risk, `events`, or the horizon of a hazard ratio is missing.
    InvalidEvidenceError
        If the kind is unknown, a ratio is not positive, the limits are reversed or
        exclude the ratio, the baseline is not above 0 and below 1, or a risk ratio
        times the baseline risk is above 1. Limits that go beyond a risk of 1 are cut
        off there.

    References
    ----------
    Altman and Andersen (1999). BMJ 319:1492-1495.

    Examples
    --------
    >>> print(nnt_from_ratio("HR", 0.72, 0.55, 0.92, baseline_survival=0.67,
    ...                      horizon="2 y", events="harmful"))
    NNTB 12.6 (NNTB 7.56 to NNTB 45.8)
    """
    sign = benefit_sign(events)
    base, risk1, limits, chosen = risks_from_ratio(
        kind,
        ratio,
        low,
        high,
        baseline_risk=baseline_risk,
        baseline_survival=baseline_survival,
        horizon=horizon,
    )
    bottom, top = (None, None) if limits is None else limits
    return from_signed(
        risk1 - base,
        None if bottom is None else bottom - base,
        None if top is None else top - base,
        sign=sign,
        level=level,
        horizon=chosen,
        method=f"{kind} at a baseline risk",
    )


def risks_from_ratio(
    kind: str,
    ratio: ArrayLike,
    low: ArrayLike | None,
    high: ArrayLike | None,
    *,
    baseline_risk: ArrayLike | None,
    baseline_survival: ArrayLike | None,
    horizon: Horizon | str | None,
) -> tuple[Floats, Floats, tuple[Floats, Floats] | None, Horizon | None]:
    """Return the baseline risk, the treated risk, its limits, and the horizon.

    Raises
    ------
    MissingInputError, InvalidEvidenceError
        As :func:`nnt_from_ratio`.

    Examples
    --------
    >>> risks_from_ratio("OR", 0.5, None, None, baseline_risk=0.5,
    ...                  baseline_survival=None, horizon=None)[1].round(4)
    array([0.3333])
    """
    if kind not in RATIO_KINDS:
        raise InvalidEvidenceError(
            field="kind", requirement="'RR', 'OR' or 'HR'", given=kind
        )
    if kind == "HR":
        chosen: Horizon | None = needed_horizon(
            horizon, "the number needed to treat of a hazard ratio"
        )
    else:
        chosen = as_horizon(horizon)
    base = _baseline(baseline_risk, baseline_survival)
    middle, bottom, top = estimate_with_limits("ratio", ratio, low, high)
    for name, values in (("ratio", middle), ("low", bottom), ("high", top)):
        if values is not None:
            least = values > 0 if name == "ratio" else values >= 0
            rule = "a positive ratio" if name == "ratio" else "at least 0"
            require(name, rule, least & ~np.isnan(values), values)
    require("ratio", "finite", np.isfinite(middle), middle)
    try:
        shape = np.broadcast_shapes(middle.shape, base.shape)
    except ValueError:
        raise InvalidEvidenceError(
            field="ratio, baseline_risk",
            requirement=f"of one length, got {middle.shape} and {base.shape}",
        ) from None
    base, middle = np.broadcast_to(base, shape), np.broadcast_to(middle, shape)
    treated = treated_risk(kind, middle, base)
    require("ratio x baseline_risk", "at most 1", treated <= 1.0, treated)
    limits = None
    if bottom is not None and top is not None:
        limits = (
            np.minimum(treated_risk(kind, np.broadcast_to(bottom, shape), base), 1.0),
            np.minimum(treated_risk(kind, np.broadcast_to(top, shape), base), 1.0),
        )
    return base, treated, limits, chosen


def treated_risk(kind: str, ratio: Floats, baseline_risk: Floats) -> Floats:
    r"""Risk in group 1 from that in group 2 and a ratio; an array kernel.

    A risk ratio can give more than 1. For a hazard ratio,
    :math:`1 - (1 - p_2)^{\theta}`, computed without cancellation.

    Examples
    --------
    >>> treated_risk("HR", np.array([2.0]), np.array([0.1])).round(4)
    array([0.19])
    """
    odds = baseline_risk / (1.0 - baseline_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "RR":
            treated = ratio * baseline_risk
        elif kind == "HR":
            treated = -np.expm1(ratio * np.log1p(-baseline_risk))
        else:
            # Written so that an infinite limit gives a risk of 1.
            treated = 1.0 / (1.0 + 1.0 / (ratio * odds))
    # No effect is no difference, not one of a rounding error.
    return np.where(ratio == 1.0, baseline_risk, treated)


def _baseline(risk: ArrayLike | None, survival: ArrayLike | None) -> Floats:
    """Return the baseline risk from whichever of the two was given."""
    if risk is None and survival is None:
        raise MissingInputError(
            field="baseline_risk",
            needed_for="an absolute effect from a ratio",
            hint="a ratio alone fixes none",
        )
    if risk is not None and survival is not None:
        raise InvalidEvidenceError(
            field="baseline_risk, baseline_survival", requirement="given one of the two"
        )
    if risk is not None:
        return open_share("baseline_risk", as_floats("baseline_risk", risk))
    if survival is None:  # excluded above
        raise InvalidEvidenceError(field="baseline_survival", requirement="given")
    alive = as_floats("baseline_survival", survival)
    return 1.0 - open_share("baseline_survival", alive)

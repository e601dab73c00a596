"""Numbers needed to treat from a standardised mean difference."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.absolute_effects._inputs import (
    EventsAre,
    as_horizon,
    benefit_sign,
    estimate_with_limits,
    open_share,
)
from k2stats.absolute_effects.numbers_needed import NNT, from_signed
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import Horizon
from k2stats.evidence._coerce import as_floats, require


def nnt_from_smd(
    d: ArrayLike,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    *,
    control_risk: ArrayLike,
    events: EventsAre = "beneficial",
    level: float = 0.95,
    horizon: Horizon | str | None = None,
) -> NNT:
    r"""Number needed to treat from a standardised mean difference and a control risk.

    The outcome is taken as normal with one SD in both groups, an event as crossing a
    threshold that a share CER of the control group crosses:

    .. math:: \text{NNT} = \frac{1}{\Phi(d + \Phi^{-1}(\text{CER})) - \text{CER}}

    Parameters
    ----------
    d : array_like
        Standardised mean difference; positive favours group 1 (treated).
    low, high : array_like, optional
        Its confidence limits; both or neither. The control risk is taken as known.
    control_risk : array_like
        Share of group 2 with the event, above 0 and below 1.
    events : {"beneficial", "harmful"}
        ``"beneficial"``: events are responses, which a positive d makes more
        frequent. ``"harmful"``: they are bad outcomes, which it makes rarer,
        :math:`\text{CER} - \Phi(\Phi^{-1}(\text{CER}) - d)`.
    level, horizon
        Kept with the result.

    Raises
    ------
    InvalidEvidenceError
        If d is not finite, the limits are reversed or exclude it, or the control risk
        is not above 0 and below 1.

    References
    ----------
    Furukawa (1999). Lancet 353:1680. Furukawa and Leucht (2011). PLoS ONE 6:e19070.

    Examples
    --------
    >>> print(nnt_from_smd(0.5, 0.2, 0.8, control_risk=0.2))
    NNTB 6.01 (NNTB 3.53 to NNTB 16.5)
    """
    sign = benefit_sign(events)
    share = open_share("control_risk", as_floats("control_risk", control_risk))
    probit = special.ndtri(share)

    def benefit(effect: Floats) -> Floats:
        treated = special.ndtr(probit + sign * effect)
        return np.asarray(sign * (treated - share))

    return _nnt(d, low, high, benefit, share.shape, level, horizon, "Furukawa")


def nnt_kraemer_kupfer(
    d: ArrayLike,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    *,
    level: float = 0.95,
    horizon: Horizon | str | None = None,
) -> NNT:
    r"""Number needed to treat from a standardised mean difference alone.

    The reciprocal of the success rate difference, twice the probability that a treated
    person does better than an untreated one, minus one, for normal outcomes:

    .. math:: \text{NNT} = \frac{1}{2 \Phi(d / \sqrt 2) - 1}

    It needs no control risk and counts no events: it is another quantity than
    :func:`nnt_from_smd`.

    Parameters
    ----------
    d, low, high, level, horizon
        As :func:`nnt_from_smd`.

    Raises
    ------
    InvalidEvidenceError
        If d is not finite, or the limits are reversed or exclude it.

    References
    ----------
    Kraemer and Kupfer (2006). Biological Psychiatry 59:990-996.

    Examples
    --------
    >>> print(nnt_kraemer_kupfer(0.245))
    NNTB 7.27
    """

    def benefit(effect: Floats) -> Floats:
        # 2 Phi(x) - 1 is erf(x / sqrt 2).
        return np.asarray(special.erf(effect / 2.0))

    return _nnt(d, low, high, benefit, (1,), level, horizon, "Kraemer-Kupfer")


def _nnt(
    d: ArrayLike,
    low: ArrayLike | None,
    high: ArrayLike | None,
    benefit: Callable[[Floats], Floats],
    shape: tuple[int, ...],
    level: float,
    horizon: Horizon | str | None,
    method: str,
) -> NNT:
    """Turn effect and limits over through one function that rises with the effect."""
    middle, bottom, top = estimate_with_limits("d", d, low, high)
    require("d", "finite", np.isfinite(middle), middle)
    try:
        np.broadcast_shapes(middle.shape, shape)
    except ValueError:
        raise InvalidEvidenceError(
            field="d, control_risk",
            requirement=f"of one length, got {middle.shape} and {shape}",
        ) from None
    return from_signed(
        benefit(middle),
        None if bottom is None else benefit(bottom),
        None if top is None else benefit(top),
        sign=1.0,
        level=level,
        horizon=as_horizon(horizon),
        method=method,
    )

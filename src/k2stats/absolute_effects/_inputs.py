"""Checks of what the functions of this room are given, and what they ask for."""

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import Horizon, Reported
from k2stats.evidence._coerce import require, together
from k2stats.evidence.horizon import TimeUnit

EventsAre: TypeAlias = Literal["harmful", "beneficial"]
"""Whether an event is bad (a death, a kidney stone) or good (a fusion, a response)."""

RATIO_KINDS = ("RR", "OR", "HR")


def benefit_sign(events: str | None) -> float:
    """Return 1 where more events are a benefit, -1 where they are a harm.

    Raises
    ------
    MissingInputError
        If `events` is None.
    InvalidEvidenceError
        If it is neither of the two words.

    Examples
    --------
    >>> benefit_sign("harmful")
    -1.0
    """
    if events is None:
        raise MissingInputError(
            field="events",
            needed_for="telling a number needed to treat from one to harm",
            hint="'harmful' for outcomes such as deaths, 'beneficial' for responses",
        )
    if events not in get_args(EventsAre):
        raise InvalidEvidenceError(
            field="events", requirement="'harmful' or 'beneficial'", given=events
        )
    return 1.0 if events == "beneficial" else -1.0


def as_horizon(horizon: Horizon | str | None) -> Horizon | None:
    """Return a horizon from a text such as ``"7.0 y"``.

    Raises
    ------
    InvalidEvidenceError
        If the text is not a positive number and a unit.

    Examples
    --------
    >>> as_horizon("7.0 y").length.value
    Fraction(7, 1)
    """
    if horizon is None or isinstance(horizon, Horizon):
        return horizon
    number, _, unit = str(horizon).strip().rpartition(" ")
    for known in get_args(TimeUnit):
        if unit == known and number:
            return Horizon(Reported(number), known)
    raise InvalidEvidenceError(
        field="horizon",
        requirement="a Horizon, or a number and one of the units d, wk, mo, y "
        "such as '7.0 y'",
        given=horizon,
    )


def needed_horizon(horizon: Horizon | str | None, needed_for: str) -> Horizon:
    """Return a horizon that cannot be done without.

    Raises
    ------
    MissingInputError
        If it is None.
    """
    found = as_horizon(horizon)
    if found is None:
        raise MissingInputError(
            field="horizon",
            needed_for=needed_for,
            hint="a risk without a length of follow-up says nothing, give for "
            "example horizon='7.0 y'",
        )
    return found


def estimate_with_limits(
    name: str, estimate: ArrayLike, low: ArrayLike | None, high: ArrayLike | None
) -> tuple[Floats, Floats | None, Floats | None]:
    """Coerce an estimate and its limits together, which must be in order.

    Raises
    ------
    InvalidEvidenceError
        If one limit is given without the other, the limits are reversed, or the
        estimate lies outside them.
    """
    if (low is None) != (high is None):
        raise InvalidEvidenceError(
            field="low, high", requirement="given together or not at all"
        )
    if low is None or high is None:
        return together({name: estimate})[name], None, None
    arrays = together({name: estimate, "low": low, "high": high})
    middle, bottom, top = arrays[name], arrays["low"], arrays["high"]
    bad = np.flatnonzero(bottom > top)
    if bad.size:
        raise InvalidEvidenceError(
            field="low, high",
            requirement="in order",
            given=f"{bottom.ravel()[bad[0]]:g} to {top.ravel()[bad[0]]:g}",
            rows=bad.tolist(),
        )
    inside = (bottom <= middle) & (middle <= top)
    require(name, "inside its interval low to high", inside, middle)
    return middle, bottom, top


def open_share(name: str, values: Floats) -> Floats:
    """Return shares above 0 and below 1.

    Raises
    ------
    InvalidEvidenceError
        For 0, 1 and what lies outside; a percentage must be written as a share.
    """
    require(
        name, "above 0 and below 1, as a share", (values > 0) & (values < 1), values
    )
    return values

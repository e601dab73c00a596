"""Single numbers that users give, checked in words."""

import math
from typing import Any

import numpy as np

from k2stats.errors import InvalidEvidenceError


def finite(field: str, value: Any, requirement: str = "a finite number") -> float:
    """Return one finite number as a float; text and truth values are none.

    Examples
    --------
    >>> finite("threshold", 1)
    1.0
    """
    given = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
    plain = isinstance(given, int | float | np.integer | np.floating)
    if isinstance(given, bool) or not plain or not math.isfinite(given):
        raise InvalidEvidenceError(field=field, requirement=requirement, given=value)
    return float(given)


def share(field: str, value: Any) -> float:
    """Return a number between 0 and 1, the ends left out.

    Examples
    --------
    >>> share("level", 0.95)
    0.95
    """
    requirement = "between 0 and 1"
    number = finite(field, value, requirement)
    if not 0.0 < number < 1.0:
        raise InvalidEvidenceError(field=field, requirement=requirement, given=value)
    return number

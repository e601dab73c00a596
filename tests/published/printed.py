"""Numbers against what a paper prints of them, to half a printed unit."""

from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike

_SLACK = 1e-9
"""Of the unit: a value on the edge between two prints may be rounded either way."""


def assert_prints(values: ArrayLike, *printed: str) -> None:
    """Each value lies within half a unit of the last digit that is printed of it."""
    given = np.ravel(np.asarray(values, dtype=float))
    assert given.size == len(printed), f"{given.size} values, {len(printed)} prints"
    for value, text in zip(given.tolist(), printed, strict=True):
        exact = Decimal(text)
        exponent = exact.as_tuple().exponent
        assert isinstance(exponent, int), text
        half = 0.5 * 10.0**exponent
        assert abs(value - float(exact)) <= half * (1 + _SLACK), f"{value!r} v {text}"

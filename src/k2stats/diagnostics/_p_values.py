"""The p-values that tests of selective reporting start from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._studies import Effects, one_sample
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats, require
from k2stats.numerics import tails
from k2stats.results.pooled import PooledEstimate


@dataclass(frozen=True, slots=True, eq=False)
class Tests:
    """Two-sided test results.

    Attributes
    ----------
    p, log_p : ndarray, shape (K,)
    z : ndarray, shape (K,)
        Absolute z value.
    """

    p: Floats
    log_p: Floats
    z: Floats

    @property
    def k(self) -> int:
        """Number of tests."""
        return int(self.p.size)


def read_tests(
    p: ArrayLike | Effects | None = None, *, z: ArrayLike | None = None
) -> Tests:
    """Read two-sided p-values, z values or effects over their standard errors.

    Raises
    ------
    InvalidEvidenceError
        For p outside (0, 1], a missing value, or not exactly one of the two.
    """
    if isinstance(p, EffectSizes | PooledEstimate):
        if z is not None:
            raise InvalidEvidenceError(
                field="p, z", requirement="given one and not both"
            )
        given = one_sample(p, least=1, need="the z values")
        return _from_z(np.abs(given.y) / np.sqrt(given.v))
    if (p is None) == (z is None):
        raise InvalidEvidenceError(field="p, z", requirement="given one and not both")
    if z is not None:
        values = as_floats("z", z).ravel()
        _filled("z", values)
        require("z", "finite", np.isfinite(values), values)
        return _from_z(np.abs(values))
    assert p is not None
    values = as_floats("p", p).ravel()
    _filled("p", values)
    with np.errstate(invalid="ignore"):
        require("p", "above 0 and at most 1", (values > 0.0) & (values <= 1.0), values)
    return Tests(values, np.log(values), -special.ndtri(0.5 * values))


def _filled(field: str, values: Floats) -> None:
    if values.size == 0:
        raise InvalidEvidenceError(field=field, requirement="non-empty")


def _from_z(z: Floats) -> Tests:
    return Tests(tails.normal_p(z), tails.log_normal_p(z), z)


def check_alpha(alpha: float) -> float:
    """Refuse a level outside (0, 0.5); return its two-sided critical value."""
    if not 0.0 < alpha < 0.5:
        raise InvalidEvidenceError(
            field="alpha", requirement="between 0 and 0.5", given=alpha
        )
    return float(-special.ndtri(0.5 * alpha))


def shortage(k: int, what: str) -> None:
    """Refuse where nothing is significant."""
    if k == 0:
        raise InvalidEvidenceError(
            field="p", requirement=f"significant at least once for {what}"
        )

"""What every conversion shares: coercion, the rules of the boundary, results."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from k2stats._registry import Registry
from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import (
    LARGEST_COUNT,
    are_numbers,
    frozen,
    require,
    together,
)

CONVERSIONS: Registry[Callable[..., object]] = Registry("conversion")
"""Every conversion, with its equation and paper. Traits name the family:
``test``, ``wald``, ``cells``, ``spread``, ``combine``, ``survival``,
``baseline-risk``, ``scale``, ``delta``; ``approximate`` marks those that hold
only under an assumption named in the docstring."""

C = TypeVar("C", bound=Callable[..., object])
_DOUBLE = np.dtype(np.float64)


def conversion(
    family: str,
    *,
    label: str,
    reference: str,
    equation: str,
    approximate: bool = False,
    version: int = 1,
) -> Callable[[C], C]:
    """Return a decorator that files a conversion under its own name.

    It hands the function back with its type, which the registry does not keep.
    """
    traits = (family, "approximate") if approximate else (family,)

    def add(function: C) -> C:
        name = getattr(function, "__name__", label)
        CONVERSIONS.register(
            name,
            label=label,
            reference=reference,
            equation=equation,
            traits=traits,
            version=version,
        )(function)
        return function

    return add


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates and their sampling variances on a named scale.

    Unpacks as ``y, v = estimates``.

    Attributes
    ----------
    y, v : ndarray
        Estimate and sampling variance (not the standard error), read-only.
    scale : str
        What `y` is, e.g. ``"log HR"``, ``"SMD"``, ``"Fisher z"``.

    Examples
    --------
    >>> e = Estimates(np.array(0.5), np.array(0.04), "log OR")
    >>> float(e.se), [float(x.round(3)) for x in e.interval()]
    (0.2, [0.108, 0.892])
    """

    y: Floats
    v: Floats
    scale: str

    @property
    def se(self) -> Floats:
        """Standard error, the square root of `v`."""
        return np.asarray(np.sqrt(self.v))

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Wald interval on the scale of `y`."""
        half = normal_quantile(level) * self.se
        return np.asarray(self.y - half), np.asarray(self.y + half)

    def __iter__(self) -> Iterator[Floats]:
        return iter((self.y, self.v))


def estimates(y: ArrayLike, v: ArrayLike, scale: str) -> Estimates:
    """Return :class:`Estimates` with read-only arrays of one shape."""
    first, second = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if first.shape != second.shape:
        first, second = np.broadcast_arrays(first, second)
    return Estimates(frozen(first.copy()), frozen(second.copy()), scale)


def coerce(**fields: ArrayLike) -> tuple[Floats, ...]:
    """Convert and broadcast; scalars alone give arrays without axes.

    Missing values stay NaN and pass through every conversion as NaN.
    """
    rows = _doubles(tuple(fields.values()))
    if rows is not None:
        return rows
    arrays = tuple(together(fields).values())
    if arrays[0].shape == (1,) and (
        are_numbers(fields.values()) or all(np.ndim(x) == 0 for x in fields.values())
    ):
        return tuple(a.reshape(()) for a in arrays)
    return arrays


def _doubles(given: tuple[Any, ...]) -> tuple[Floats, ...] | None:
    """Arrays of doubles of one shape, single numbers among them, as read-only copies.

    None for anything else, which is read field by field.
    """
    shape: tuple[int, ...] = ()
    for x in given:
        if type(x) is np.ndarray and x.dtype is _DOUBLE and x.size:
            if shape and x.shape != shape:
                return None
            shape = x.shape
        elif not (type(x) is float or (type(x) is int and abs(x) < LARGEST_COUNT)):
            return None
    if not shape:
        return None
    rows = np.empty((len(given), *shape))
    for row, x in zip(rows, given, strict=True):
        row[...] = x
    return tuple(frozen(rows))


def rule(field: str, requirement: str, holds: Bools, values: Floats) -> None:
    """Raise with the rows where `holds` is False and the value is not missing."""
    if not _all(holds):
        require(field, requirement, np.asarray(holds | np.isnan(values)), values)


def _all(holds: Bools) -> bool:
    return bool(np.count_nonzero(holds) == holds.size)


def positive(**fields: Floats) -> None:
    """Refuse values that are not above 0 or not finite."""
    for name, values in fields.items():
        rule(name, "above 0", (values > 0) & (values < np.inf), values)


def finite(**fields: Floats) -> None:
    """Refuse infinities."""
    for name, values in fields.items():
        rule(name, "finite", np.isfinite(values), values)


def nonnegative(**fields: Floats) -> None:
    """Refuse values below 0 or infinite."""
    at_least(0.0, **fields)


def at_least(least: float, **fields: Floats) -> None:
    """Refuse values below `least` or infinite."""
    for name, values in fields.items():
        holds = (values >= least) & (values < np.inf)
        if not _all(holds):
            rule(name, f"at least {least:g}", holds, values)


def inside(low: float, high: float, **fields: Floats) -> None:
    """Refuse values outside the open interval from `low` to `high`."""
    for name, values in fields.items():
        holds = (values > low) & (values < high)
        if not _all(holds):
            words = f"between {low:g} and {high:g}, both excluded"
            rule(name, words, holds, values)


def within(low: float, high: float, **fields: Floats) -> None:
    """Refuse values outside the closed interval from `low` to `high`."""
    for name, values in fields.items():
        holds = (values >= low) & (values <= high)
        if not _all(holds):
            rule(name, f"between {low:g} and {high:g}", holds, values)


def one_of_two_signs(sign: Floats) -> None:
    """Refuse signs other than -1 and 1."""
    rule("sign", "-1 or 1", np.abs(sign) == 1, sign)


def check_level(level: float) -> None:
    """Refuse confidence levels outside 0 to 1."""
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level",
            requirement="a share between 0 and 1, such as 0.95",
            given=level,
        )


def normal_quantile(level: float) -> float:
    """Two-sided normal multiplier of a confidence level."""
    check_level(level)
    return float(-ndtri((1.0 - level) / 2.0))


def choose(field: str, value: str, known: tuple[str, ...]) -> str:
    """Return `value` or refuse it with the words that exist."""
    if value not in known:
        raise InvalidEvidenceError(
            field=field, requirement=f"one of {', '.join(known)}", given=value
        )
    return value


def effect_and_variance(y: ArrayLike, v: ArrayLike) -> tuple[Floats, Floats]:
    """Coerce an estimate and its variance, refusing what is impossible."""
    effect, variance = coerce(y=y, v=v)
    finite(y=effect)
    nonnegative(v=variance)
    return effect, variance

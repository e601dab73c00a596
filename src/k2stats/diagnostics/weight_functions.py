"""How likely a result is to be published, given its p-value: the named functions."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from scipy import special

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.diagnostics._selection_curves import Curve, Curves, Growth
from k2stats.diagnostics._selection_likelihood import Pieces, Published, Selection
from k2stats.errors import InvalidEvidenceError

VEVEA = "Vevea & Hedges (1995). Psychometrika 60:419-435."
PRESTON = "Preston, Ashby & Smyth (2004). Adjusting for publication bias: modelling "
PRESTON += "the selection process. J Eval Clin Pract 10:313-322."
CITKOWICZ = "Citkowicz & Vevea (2017). Psychological Methods 22:28-41."
STEPS = "steps"
_LEAST = 1e-9
"""Of a delta above the least that can be normalised."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A weight function made ready for a set of studies.

    Attributes
    ----------
    selection : Selection
    names : tuple of str
        Of the parameters.
    neutral : ndarray, shape (m,)
        Values at which there is no selection.
    low, high : ndarray, shape (m,)
        Bounds.
    counts : tuple of int
        Studies in each piece of a step function, empty for a smooth one.
    lift : ndarray, shape (m,) or (1,)
        1 where a delta below 1 makes the weight grow beyond every bound, and the least
        that can be normalised rises with tau2; else 0.
    """

    selection: Selection
    names: tuple[str, ...]
    neutral: Floats
    low: Floats
    high: Floats
    counts: tuple[int, ...] = ()
    lift: Floats = field(default_factory=lambda: np.zeros(1))


Builder: TypeAlias = Callable[[Published, tuple[float, ...], float], Weights]
"""From studies, steps and the largest delta to the weights."""
WEIGHTS: Registry[Builder] = Registry("weight function")


@WEIGHTS.register(
    "step",
    label="Step function",
    reference=VEVEA + " Hedges (1992). Statistical Science 7:246-255.",
    equation=r"w = \delta_j for \alpha_{j-1} < p \le \alpha_j, \delta_1 = 1",
    traits=("pieces",),
)
def step(data: Published, steps: tuple[float, ...], largest: float) -> Weights:
    """Constant between the steps; 1 up to the first."""
    at = _steps(steps, fewest=1)
    sides = 2.0 if data.alternative == "two-sided" else 1.0
    z = -special.ndtri(np.array(at) / sides)
    cuts = z * np.sqrt(data.v)[:, np.newaxis]
    pieces = Pieces.of(data, cuts)
    ends = (0.0, *at, 1.0)
    names = tuple(f"{a:g} < p <= {b:g}" for a, b in pairwise(ends[1:]))
    return _pieces(pieces, names, largest)


@WEIGHTS.register(
    "3PSM",
    label="Three-parameter selection model",
    reference=VEVEA + " McShane, Boeckenholt & Hansen (2016). Perspectives on "
    "Psychological Science 11:730-749.",
    equation=r"w = 1 for p \le 0.025, else \delta",
    traits=("pieces", "own-steps"),
)
def three_parameters(
    data: Published, steps: tuple[float, ...], largest: float
) -> Weights:
    """One step at a one-sided p of 0.025."""
    return step(data, (0.025,), largest)


@WEIGHTS.register(
    "4PSM",
    label="Four-parameter selection model",
    reference=VEVEA + " McShane, Boeckenholt & Hansen (2016). Perspectives on "
    "Psychological Science 11:730-749.",
    equation=r"w = 1 for p \le 0.025, \delta_2 to 0.5, \delta_3 beyond",
    traits=("pieces", "own-steps"),
)
def four_parameters(
    data: Published, steps: tuple[float, ...], largest: float
) -> Weights:
    """Steps at one-sided p-values of 0.025 and 0.5."""
    return step(data, (0.025, 0.5), largest)


@WEIGHTS.register(
    "truncated",
    label="Truncated distribution",
    reference="Rust, Lehmann & Farley (1990). Journal of Marketing Research "
    "27:220-226.",
    equation=r"w = 1 for y \ge c, else \delta",
    traits=("pieces", "point"),
)
def truncated(data: Published, steps: tuple[float, ...], largest: float) -> Weights:
    """Selection by the effect itself: 1 beyond a point (0 where none is given)."""
    if len(steps) > 1:
        raise InvalidEvidenceError(
            field=STEPS, requirement="one point of truncation, or none", given=steps
        )
    if data.alternative == "two-sided":
        raise InvalidEvidenceError(
            field="alternative",
            requirement="'greater' or 'less' where effects are truncated",
            given=data.alternative,
        )
    point = steps[0] if steps else 0.0
    if not np.isfinite(point):
        raise InvalidEvidenceError(field=STEPS, requirement="finite", given=point)
    cuts = np.full((data.y.size, 1), data.sign * point)
    pieces = Pieces.of(data, cuts)
    return _pieces(pieces, (f"y short of {point:g}",), largest)


def _pieces(pieces: Pieces, names: tuple[str, ...], largest: float) -> Weights:
    m = len(names)
    counts = np.bincount(pieces.piece, minlength=m + 1)
    return Weights(
        pieces,
        names,
        np.ones(m),
        np.zeros(m),
        np.full(m, largest),
        tuple(int(c) for c in counts),
    )


@WEIGHTS.register(
    "beta",
    label="Beta density",
    reference=CITKOWICZ,
    equation=r"w = p^{\delta_1 - 1} (1 - p)^{\delta_2 - 1}",
    traits=("curve",),
)
def beta(data: Published, steps: tuple[float, ...], largest: float) -> Weights:
    """Beta density, no selection where both parameters are 1."""

    def curve(log_p: Floats, log_q: Floats, d: Floats) -> tuple[Floats, Floats]:
        a, b = d[..., :1] - 1.0, d[..., 1:] - 1.0
        # At an exponent of zero an infinite logarithm does not count.
        value = _times(a, log_p) + _times(b, log_q)
        return value, np.stack([log_p, log_q], axis=-1)

    def growth(d: Floats) -> Growth:
        if data.alternative == "two-sided":
            return Growth(1.0 - d[..., 0], 1.0 - d[..., 0])
        return Growth(1.0 - d[..., 0], 1.0 - d[..., 1])

    # A power of 1 - p is not integrable at -1 where p is two-sided: 1 - p ~ |z|.
    two_sided = data.alternative == "two-sided"
    low = np.array([_LEAST, 1e-5 if two_sided else _LEAST])
    made = _curves(data, curve, growth, steps, np.ones(2), low, largest)
    return replace(made, lift=np.array([1.0, 0.0 if two_sided else 1.0]))


@WEIGHTS.register(
    "half-normal",
    label="Half-normal",
    reference=PRESTON,
    equation=r"w = e^{-\delta p^2}",
    traits=("curve",),
)
def half_normal(data: Published, steps: tuple[float, ...], largest: float) -> Weights:
    """Falls like a half-normal density."""

    def curve(log_p: Floats, log_q: Floats, d: Floats) -> tuple[Floats, Floats]:
        square = np.exp(2.0 * log_p)
        return -d * square, -square[..., np.newaxis]

    return _curves(data, curve, _none, steps, np.zeros(1), np.zeros(1), largest)


@WEIGHTS.register(
    "negative-exponential",
    label="Negative exponential",
    reference=PRESTON,
    equation=r"w = e^{-\delta p}",
    traits=("curve",),
)
def negative_exponential(
    data: Published, steps: tuple[float, ...], largest: float
) -> Weights:
    """Falls exponentially."""

    def curve(log_p: Floats, log_q: Floats, d: Floats) -> tuple[Floats, Floats]:
        p = np.exp(log_p)
        return -d * p, -p[..., np.newaxis]

    return _curves(data, curve, _none, steps, np.zeros(1), np.zeros(1), largest)


@WEIGHTS.register(
    "logistic",
    label="Logistic",
    reference=PRESTON,
    equation=r"w = 2 e^{-\delta p} / (1 + e^{-\delta p})",
    traits=("curve",),
)
def logistic(data: Published, steps: tuple[float, ...], largest: float) -> Weights:
    """Falls like a logistic density."""

    def curve(log_p: Floats, log_q: Floats, d: Floats) -> tuple[Floats, Floats]:
        p = np.exp(log_p)
        value = np.log(2.0) + special.log_expit(-d * p)
        return value, (-p * special.expit(d * p))[..., np.newaxis]

    return _curves(data, curve, _none, steps, np.zeros(1), np.zeros(1), largest)


@WEIGHTS.register(
    "power",
    label="Power",
    reference="A special case of the beta density: " + CITKOWICZ,
    equation=r"w = (1 - p)^\delta",
    traits=("curve",),
)
def power(data: Published, steps: tuple[float, ...], largest: float) -> Weights:
    """Power of one minus p."""

    def curve(log_p: Floats, log_q: Floats, d: Floats) -> tuple[Floats, Floats]:
        shown = np.broadcast_to(log_q, np.broadcast_shapes(log_q.shape, d.shape))
        return _times(d, log_q), shown[..., np.newaxis]

    def growth(d: Floats) -> Growth:
        none = np.zeros(d.shape[:-1])
        return Growth(none, none if data.alternative == "two-sided" else -d[..., 0])

    return _curves(data, curve, growth, steps, np.zeros(1), np.zeros(1), largest)


def _none(d: Floats) -> Growth:
    zero = np.zeros(d.shape[:-1])
    return Growth(zero, zero)


def _times(a: Floats, log_x: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.where(a == 0.0, 0.0, a * log_x)


def _curves(
    data: Published,
    curve: Curve,
    growth: Callable[[Floats], Growth],
    steps: tuple[float, ...],
    neutral: Floats,
    low: Floats,
    largest: float,
) -> Weights:
    if len(steps) > 1:
        raise InvalidEvidenceError(
            field=STEPS,
            requirement="one p-value up to which all is published, or none",
            given=steps,
        )
    threshold = _steps(steps, fewest=0)[0] if steps else 0.0
    m = neutral.size
    names = tuple(f"delta{j + 1}" if m > 1 else "delta" for j in range(m))
    made = Curves.of(data, curve, growth, threshold)
    return Weights(made, names, neutral, low, np.full(m, largest))


def _steps(steps: tuple[float, ...], *, fewest: int) -> tuple[float, ...]:
    """Check that steps are p-values that rise."""
    inside = all(0.0 < a < 1.0 for a in steps)
    rising = all(a < b for a, b in pairwise(steps))
    if len(steps) < fewest or not (inside and rising):
        raise InvalidEvidenceError(
            field=STEPS, requirement="rising p-values between 0 and 1", given=steps
        )
    return steps

"""Trim and fill: studies that a symmetric funnel would need, put in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from scipy import special

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.diagnostics._influence_kernel import Fits, fit_sets
from k2stats.diagnostics._shown import natural, said
from k2stats.diagnostics._studies import (
    Effects,
    frozen,
    one_sample,
    require_unequal,
    with_estimator,
    worth,
)
from k2stats.diagnostics.small_study import egger_test
from k2stats.effectsizes import EffectSizes
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.numerics import tails
from k2stats.results._words import fixed, p_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Side: TypeAlias = Literal["left", "right"]
DUVAL = "Duval & Tweedie (2000). Biometrics 56:455-463; JASA 95:89-98."
WORTH = (
    "Trim and fill assumes that the missing studies are those with the most extreme "
    "effects; heterogeneity of other origin can make it fill in studies that were "
    "never missing (Peters et al. 2007, Statistics in Medicine 26:4544-4562)."
)
_ROUNDS = 200
_ROUNDING = 1e-14


@dataclass(frozen=True, slots=True)
class Ranks:
    r"""Ranks of the absolute deviations from the trimmed mean.

    Attributes
    ----------
    k : int
    positive : float
        :math:`T`, the sum of the ranks on the side that is complete.
    largest_other : int
        Largest rank that is not on that side, 0 where there is none.
    """

    k: int
    positive: float
    largest_other: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Number of missing studies before rounding, and its standard error."""

    count: float
    se: float


Estimator: TypeAlias = Callable[[Ranks], Missing]
MISSING: Registry[Estimator] = Registry("estimator of missing studies")
"""How many studies the funnel lacks."""


def _variance_of_t(k: int, k0: float) -> float:
    """Variance of the sum of ranks, Duval and Tweedie (2000), JASA 95:89-98."""
    cubic = k * (k + 1) * (2 * k + 1) + 10 * k0**3 + 27 * k0**2 + 17 * k0
    mixed = -18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
    return (cubic + mixed) / 24.0


@MISSING.register(
    "L0",
    label="L0",
    reference=DUVAL,
    equation=r"(4 T - K(K + 1)) / (2 K - 1)",
)
def linear(ranks: Ranks) -> Missing:
    """Linear in the sum of ranks."""
    k = ranks.k
    raw = (4.0 * ranks.positive - k * (k + 1.0)) / (2.0 * k - 1.0)
    variance = 16.0 * _variance_of_t(k, raw) / (2.0 * k - 1.0) ** 2
    return Missing(raw, np.sqrt(variance) if variance >= 0.0 else np.nan)


@MISSING.register(
    "R0",
    label="R0",
    reference=DUVAL,
    equation=r"\gamma - 1, \gamma the length of the run of largest ranks",
)
def run(ranks: Ranks) -> Missing:
    """Length of the run of largest ranks on the complete side, less one."""
    raw = ranks.k - ranks.largest_other - 1.0
    return Missing(raw, np.sqrt(2.0 * max(0.0, raw) + 2.0))


@MISSING.register(
    "Q0",
    label="Q0",
    reference=DUVAL,
    equation=r"K - 1/2 - \sqrt{2 K^2 - 4 T + 1/4}",
)
def quadratic(ranks: Ranks) -> Missing:
    """Root of a quadratic in the sum of ranks.

    Raises
    ------
    ConvergenceError
        Where the sum is so great that the quadratic has no root.
    """
    k = ranks.k
    inside = 2.0 * k**2 - 4.0 * ranks.positive + 0.25
    if inside < 0.0:
        raise ConvergenceError(
            f"Q0 does not exist: the ranks on the complete side sum to "
            f"{ranks.positive:g}, beyond K^2 / 2 + 1/16 for K = {k} studies. Tried: "
            "the root of its quadratic. L0 and R0 have an answer."
        )
    raw = k - 0.5 - np.sqrt(inside)
    variance = _variance_of_t(k, raw) / ((k - 0.5) ** 2 - raw * (2.0 * k - raw - 1.0))
    return Missing(raw, 2.0 * np.sqrt(variance) if variance >= 0.0 else np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class TrimFill:
    """The mean with the missing studies filled in.

    Attributes
    ----------
    estimator : str
        Of the number of missing studies.
    side : {"left", "right"}
        Where they are missing.
    k : int
        Studies there are.
    k0 : int
        Studies filled in.
    k0_se : float
    k0_p : float
        Of no missing study on that side, for R0; NaN for the others.
    filled_y, filled_v : ndarray, shape (k0,)
    estimate, se, tau2 : float
        With the studies filled in, normal reference.
    observed, observed_se, observed_tau2 : float
        Without.
    tau2_method : str
    level : float
    note : str
    studies : EffectSizes
        The studies there are.
    """

    estimator: str
    side: Side
    k: int
    k0: int
    k0_se: float
    k0_p: float
    filled_y: Floats
    filled_v: Floats
    estimate: float
    se: float
    tau2: float
    observed: float
    observed_se: float
    observed_tau2: float
    tau2_method: str
    level: float
    note: str
    studies: EffectSizes

    @property
    def p(self) -> float:
        """Two-sided p of a mean of zero, with the studies filled in."""
        return float(tails.normal_p(np.asarray(self.estimate / self.se)))

    @property
    def ci(self) -> tuple[float, float]:
        """Confidence limits with the studies filled in."""
        half = float(special.ndtri(0.5 + 0.5 * self.level)) * self.se
        return self.estimate - half, self.estimate + half

    @property
    def effects(self) -> EffectSizes:
        """The studies with those filled in, labelled ``"filled 1"``, ..."""
        effects = self.studies
        if not self.k0:
            return effects
        labels = tuple(f"filled {i + 1}" for i in range(self.k0))
        filled = EffectSizes(
            y=self.filled_y,
            v=self.filled_v,
            measure=effects.measure,
            study=None if effects.study is None else labels,
        )
        return EffectSizes.concat([effects, filled])

    def plot(self, **options: Any) -> "Figure":
        """Funnel plot with the studies filled in; see :func:`funnel`."""
        from k2stats.diagnostics.funnel import funnel

        return funnel(self, **options)

    def __repr__(self) -> str:
        low, high = self.ci
        measure = self.studies.measure
        without = natural(measure, self.observed)
        return (
            f"Trim and fill ({self.estimator}): {self.k0} filled on the {self.side}, "
            f"{said(measure, self.estimate, low, high, self.level)}, "
            f"p {p_text(self.p)}; {fixed(float(without), 3)} without"
        )


def trim_fill(
    effects: Effects,
    estimator: str = "L0",
    *,
    side: Side | None = None,
    tau2: str | None = None,
    level: float = 0.95,
) -> TrimFill:
    r"""Estimate how many studies the funnel lacks, and the mean with them filled in.

    The most extreme :math:`k_0` effects are left out, the mean is estimated from the
    rest, :math:`k_0` from the ranks of the absolute deviations from it; this is
    repeated until :math:`k_0` stays. The studies filled in mirror the extreme ones
    about the trimmed mean.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (K,)
    estimator : {"L0", "R0", "Q0"}
    side : {"left", "right"}, optional
        Where studies are missing. When left out: to the left where Egger's
        meta-regression has a positive slope, else to the right.
    tau2 : str, optional
        Estimator, or ``"EE"``; that of the fit, or REML for effects, when left out.
    level : float

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
    ConvergenceError
        Where the number of studies does not settle.

    References
    ----------
    Duval & Tweedie (2000). Biometrics 56:455-463.
    Duval & Tweedie (2000). Journal of the American Statistical Association 95:89-98.

    Examples
    --------
    >>> es = EffectSizes.from_arrays(
    ...     [0.1, 0.15, 0.2, 0.6, 0.8], [0.01, 0.02, 0.02, 0.1, 0.1])
    >>> found = trim_fill(es, side="left", tau2="EE")
    >>> found.k0, round(found.estimate, 4)
    (2, 0.1375)
    """
    entry = MISSING[estimator]
    effects, tau2 = with_estimator(effects, tau2)
    if side not in (None, "left", "right"):
        raise InvalidEvidenceError(
            field="side", requirement="'left', 'right' or left out", given=side
        )
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    y, v = given = one_sample(effects, least=3, need="trim and fill")
    if side is None:
        require_unequal(v, "the side by Egger's regression; name the side instead")
        slope = egger_test(effects, tau2=tau2).estimate
        side = "right" if slope < 0.0 else "left"
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    z, s = (sign * y)[order], v[order]
    k0, missing, mean = _settle(z, s, entry.function, tau2)
    filled_y = 2.0 * mean - z[given.k - k0 :]
    filled_v = s[given.k - k0 :]
    fits = _fit(np.append(z, filled_y), np.append(s, filled_v), tau2)
    plain = _fit(z, s, tau2)
    run_p = 0.5 ** (k0 + 1.0) if estimator == "R0" else np.nan
    return TrimFill(
        estimator=estimator,
        side=side,
        k=given.k,
        k0=k0,
        k0_se=float(missing.se),
        k0_p=run_p,
        filled_y=frozen(sign * filled_y),
        filled_v=frozen(filled_v),
        estimate=sign * float(fits.beta[0]),
        se=float(np.sqrt(fits.cov[0, 0])),
        tau2=float(fits.tau2),
        observed=sign * float(plain.beta[0]),
        observed_se=float(np.sqrt(plain.cov[0, 0])),
        observed_tau2=float(plain.tau2),
        tau2_method=tau2,
        level=level,
        note=" ".join(filter(None, [WORTH, worth(given.k)])),
        studies=effects,
    )


def _settle(
    z: Floats, s: Floats, estimate: Estimator, tau2: str
) -> tuple[int, Missing, float]:
    """Trim and count until the count stays; studies in rising order."""
    k = z.size
    k0, seen = 0, []
    for _ in range(_ROUNDS):
        mean = _mean(z[: k - k0], s[: k - k0], tau2)
        away = z - mean
        # On the mean but for rounding: on neither side.
        away = np.where(np.abs(away) <= _ROUNDING * np.abs(z).max(), 0.0, away)
        rank = np.empty(k)
        rank[np.argsort(np.abs(away), kind="stable")] = np.arange(1.0, k + 1.0)
        others = rank[away <= 0.0]
        found = estimate(
            Ranks(
                k,
                float(rank[away > 0.0].sum()),
                int(others.max()) if others.size else 0,
            )
        )
        # Halves to the even number, as in R.
        # One study is left to centre on: R0 can find all but one on one side.
        count = int(np.clip(np.round(found.count), 0, k - 1))
        if count == k0:
            return k0, found, mean
        if count in seen:
            break
        seen.append(count)
        k0 = count
    raise ConvergenceError(
        f"Trim and fill does not settle on a number of studies: it goes round "
        f"{', '.join(map(str, [*seen, count]))}."
    )


def _mean(z: Floats, s: Floats, tau2: str) -> float:
    """Mean of the studies that are left; one study is its own mean."""
    return float(z[0] if z.size == 1 else _fit(z, s, tau2).beta[0])


def _fit(z: Floats, s: Floats, tau2: str) -> Fits:
    return fit_sets(z, s, None, tau2)

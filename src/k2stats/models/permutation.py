r"""Permutation test of the mean: flip the signs of the effects, fit again.

Under a mean of zero and symmetric effects each of the :math:`2^K` sign patterns is as
likely as the observed one. The statistic is refitted for every pattern, tau2 included,
as one batch. A pattern and its mirror image give statistics that differ in sign alone,
so that half of the patterns suffice.
"""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._base import EffectSizes, require_effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models._engine import generator
from k2stats.models._mean_fit import MeanFit
from k2stats.models.fitting import ArrayFit, fit_arrays
from k2stats.models.mean_tests import MEAN_TESTS, MeanInference, Rng
from k2stats.results.permutations import PermutationTest

MOST_EXACT = 16
"""Studies up to which all sign patterns are looked at when nothing is said."""
DRAWS = 9_999
_INVERSION = 11
"""Studies less one up to which the interval is from all patterns."""
_STEPS = 40
_TIE = 1e-8
_FARTHEST = 60


def permutation_test(
    es: EffectSizes,
    *,
    tau2: str = "REML",
    statistic: str = "z",
    exact: bool | None = None,
    draws: int = DRAWS,
    rng: int | np.random.Generator | None = None,
    interval: bool = False,
    level: float = 0.95,
) -> PermutationTest:
    r"""Test a mean of zero by flipping the signs of the effects.

    .. math:: p = \frac{\#\{b : |t_b| \ge |t|\}}{2^K}, \qquad
        p = \frac{1 + \#\{b : |t_b| \ge |t|\}}{1 + B}

    for all patterns and for B random ones (Phipson and Smyth 2010).

    Parameters
    ----------
    es : EffectSizes
        One set of studies.
    tau2 : str
        Estimator, ``"EE"`` for a common effect; estimated again for every pattern.
    statistic : str
        Test of the mean whose statistic is permuted, ``"z"`` or ``"HK"``.
    exact : bool, optional
        All :math:`2^K` patterns; up to 16 studies when left out.
    draws : int
        Random patterns where not exact.
    rng : int or Generator, optional
        Needed where not exact.
    interval : bool
        Also the means that are not rejected, by inversion of the test.
    level : float
        Of the interval.

    Returns
    -------
    PermutationTest

    Raises
    ------
    InvalidEvidenceError
        For a batch, and for more than 24 studies with ``exact=True``.

    References
    ----------
    Follmann and Proschan (1999). Biometrics 55:732-737.
    Higgins and Thompson (2004). Stat Med 23:1663-1682.
    Phipson and Smyth (2010). Stat Appl Genet Mol Biol 9:39.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.3, 0.5, 0.2, 0.4], [0.02, 0.05, 0.03, 0.04])
    >>> permutation_test(es).p
    0.125
    """
    require_effect_sizes(es)
    if es.y.ndim != 1:
        raise InvalidEvidenceError(
            field="es", requirement="one set of studies, not a batch", given=es.shape
        )
    whole = es.k <= MOST_EXACT if exact is None else exact
    if whole and es.k > 24:
        raise InvalidEvidenceError(
            field="exact", requirement="false for more than 24 studies", given=es.k
        )
    random = None if whole and es.k - 1 <= _INVERSION else rng
    draw = generator(rng, "a Monte Carlo permutation test") if not whole else None
    refit = _Refit(np.asarray(es.y), np.asarray(es.v), tau2, statistic)
    signs = patterns(es.k, draws, None if whole else draw)
    sizes = refit.sizes(signs, 0.0)
    p = share(sizes, exact=whole)
    low = high = np.nan
    if interval:
        subset = _for_inversion(es.k, whole, signs, random)
        low, high = _limits(refit, subset, level)
    return PermutationTest(
        p=p,
        statistic=refit.observed(),
        exact=whole,
        flips=2 * signs.shape[0] if whole else signs.shape[0],
        low=low,
        high=high,
        level=level,
        distribution=sizes,
    )


@MEAN_TESTS.register(
    "permutation",
    label="permutation of signs",
    reference="Follmann and Proschan (1999) Biometrics 55:732-737",
    equation="share of sign patterns with |z| at least the observed",
    traits=("mean-only", "resampling"),
)
def permutation(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    """Permutation test, with the interval of the means that it does not reject.

    All patterns for up to 16 studies; the interval from all patterns for up to 12, else
    from random ones.
    """
    shape = fit.y.shape[:-1]
    ends = np.full((2, *shape), np.nan)
    log_p = np.full(shape, np.nan)
    for index in np.ndindex(shape):
        present = fit.w[index] > 0.0
        refit = _Refit(fit.y[index][present], fit.v[index][present], fit.estimator, "z")
        k = int(present.sum())
        whole = k <= MOST_EXACT
        signs = patterns(k, DRAWS, None if whole else rng)
        log_p[index] = np.log(share(refit.sizes(signs, 0.0), exact=whole))
        subset = _for_inversion(k, whole, signs, rng)
        ends[(slice(None), *index)] = _limits(refit, subset, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = fit.beta / np.sqrt(np.diagonal(fit.cov, axis1=-2, axis2=-1))
    return MeanInference(
        fit.beta,
        fit.cov,
        None,
        level,
        own_limits=(ends[0][..., np.newaxis], ends[1][..., np.newaxis]),
        own_statistic=z,
        own_log_p=log_p[..., np.newaxis],
    )


def patterns(k: int, draws: int, rng: np.random.Generator | None) -> Floats:
    """Sign patterns, the observed one first: all that differ, or random ones.

    Parameters
    ----------
    k : int
        Studies.
    draws : int
        Random patterns beside the observed one.
    rng : Generator or None
        None for all :math:`2^{k-1}` patterns whose last sign is positive.

    Examples
    --------
    >>> patterns(2, 0, None).tolist()
    [[1.0, 1.0], [-1.0, 1.0]]
    """
    if rng is None:
        codes = np.arange(2 ** (k - 1))[:, np.newaxis]
        return np.asarray(1.0 - 2.0 * ((codes >> np.arange(k)) & 1), dtype=float)
    signs = 2.0 * rng.integers(0, 2, (draws + 1, k)) - 1.0
    signs[0] = 1.0
    return np.asarray(signs)


def share(sizes: Floats, *, exact: bool) -> float:
    """Share of the statistics that are at least the first, ties counted.

    With random patterns the observed one is among those counted, so that the p-value
    is valid.
    """
    del exact  # both are shares of a set that holds the observed pattern
    return float((sizes >= sizes[0] * (1.0 - _TIE)).mean())


@dataclass(frozen=True, slots=True, eq=False)
class _Refit:
    y: Floats
    v: Floats
    estimator: str
    test: str

    def observed(self) -> float:
        """Statistic of the data as they are."""
        return float(self._fit(self.y).statistic[..., 0])

    def mean(self) -> tuple[float, float]:
        """Mean and standard error of the data as they are."""
        made = self._fit(self.y)
        return float(made.beta[..., 0]), float(made.se[..., 0])

    def sizes(self, signs: Floats, mean: float) -> Floats:
        """Sizes of the statistics of a mean, one a pattern."""
        flipped = signs * (self.y - mean)
        return np.asarray(np.abs(self._fit(flipped).statistic[..., 0]))

    def _fit(self, y: Floats) -> ArrayFit:
        return fit_arrays(
            y,
            np.broadcast_to(self.v, y.shape),
            tau2=self.estimator,
            ci=self.test,
        )


def _for_inversion(
    k: int, whole: bool, signs: Floats, rng: int | np.random.Generator | None
) -> Floats:
    """Fewer patterns where there are very many: the test is run some eighty times."""
    if signs.shape[0] <= 2**_INVERSION:
        return signs
    if whole:
        draw = generator(rng, "the interval of more than 12 studies")
        return patterns(k, 2**_INVERSION - 1, draw)
    return signs[: 2**_INVERSION]


def _limits(refit: _Refit, signs: Floats, level: float) -> tuple[float, float]:
    """Ends of the set of means that the test does not reject."""
    if signs.shape[0] < 1.0 / (1.0 - level) - 1e-9:
        return -np.inf, np.inf
    mean, se = refit.mean()
    ends = []
    for sign in (-1.0, 1.0):
        inside, step = 0.0, 2.0 * se
        outside = step
        for _ in range(_FARTHEST):
            if share(refit.sizes(signs, mean + sign * outside), exact=True) < 1 - level:
                break
            inside, outside = outside, outside * 1.5
        else:
            ends.append(sign * np.inf)
            continue
        for _ in range(_STEPS):
            middle = 0.5 * (inside + outside)
            p = share(refit.sizes(signs, mean + sign * middle), exact=True)
            inside, outside = (middle, outside) if p >= 1 - level else (inside, middle)
            if outside - inside <= 1e-9 * se:
                break
        ends.append(mean + sign * 0.5 * (inside + outside))
    return ends[0], ends[1]

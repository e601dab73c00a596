"""p-curve: what the distribution of the significant p-values tells."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from k2stats._typing import Floats
from k2stats.diagnostics._p_values import check_alpha, read_tests, shortage
from k2stats.diagnostics._studies import Effects, worth
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats
from k2stats.numerics import tails
from k2stats.numerics.roots import bisect
from k2stats.results._words import p_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIMONSOHN = "Simonsohn, Nelson & Simmons (2014). J Exp Psychol Gen 143:534-547."
HALF = "Simonsohn, Simmons & Nelson (2015). J Exp Psychol Gen 144:1146-1152."
LEAST_POWER, MOST_POWER = 0.051, 0.99
_TINY = 1e-15


class Stouffer(NamedTuple):
    """A Stouffer test of the pp-values.

    Attributes
    ----------
    z : float
        Negative where the pp-values are small.
    p : float
        Lower tail.
    """

    z: float
    p: float


@dataclass(frozen=True, slots=True)
class PCurve:
    """Tests of a p-curve.

    Attributes
    ----------
    k, k_half : int
        Results below alpha, and below half of it.
    full, half : Stouffer
        Right skew: whether there is evidential value. NaN where none is below.
    full_33, half_33 : Stouffer
        Flatter than a power of 33% gives: whether the evidence is inadequate.
    ncp33 : tuple of float
        Noncentrality that gives each test that power.
    power : float
        Estimated power of the significant studies, corrected for selection.
    power_low, power_high : float
        90% limits.
    share_half : float
        Of the significant p-values, the share below half of alpha.
    binomial_p, binomial_33_p : float
        Binomial tests of that share against a flat curve (more) and against the
        curve of 33% power (less).
    shares, shares_33 : tuple of float
        Shares of the significant p-values in each fifth of alpha, the smallest first:
        as found, and as expected with a power of 33%.
    alpha : float
    note : str
    """

    k: int
    k_half: int
    full: Stouffer
    half: Stouffer
    full_33: Stouffer
    half_33: Stouffer
    ncp33: tuple[float, ...]
    power: float
    power_low: float
    power_high: float
    share_half: float
    binomial_p: float
    binomial_33_p: float
    shares: tuple[float, ...]
    shares_33: tuple[float, ...]
    alpha: float
    note: str

    @property
    def evidential_value(self) -> bool:
        """Half curve right-skewed at 5%, or both curves at 10%."""
        both = self.full.p < 0.1 and self.half.p < 0.1
        return bool(self.half.p < 0.05 or both)

    @property
    def inadequate(self) -> bool:
        """Flatter than 33% power at 5%, or half curve and binomial both at 10%."""
        both = self.half_33.p < 0.1 and self.binomial_33_p < 0.1
        return bool(self.full_33.p < 0.05 or both)

    def plot(self, *, title: str = "") -> "Figure":
        """Draw the curve beside a flat one and that of 33% power.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.significance_figures import p_curve_plot

        return p_curve_plot(self, title)

    def __repr__(self) -> str:
        full, half, flat = (
            p_text(part.p) for part in (self.full, self.half, self.full_33)
        )
        return (
            f"p-curve: {self.k} significant results, right skew p {full} "
            f"(half p {half}), flatter than 33% power p {flat}, power {self.power:.0%}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Test statistics with their distributions under an effect.

    Attributes
    ----------
    x : ndarray, shape (K,)
        |z| or |t| where df1 is 1; F, or chi-squared, elsewhere.
    df1, df2 : ndarray, shape (K,)
        `df2` infinite for z and chi-squared.
    """

    x: Floats
    df1: Floats
    df2: Floats

    def upper(self, x: Floats, ncp: Floats) -> Floats:
        """Probability of more than x, in the tail that the result is in."""
        one, many = self.df1 == 1.0, np.isinf(self.df2)
        out = np.empty(x.shape)
        with np.errstate(all="ignore"):
            at = one & many
            out[at] = special.ndtr(ncp[at] - x[at])
            at = one & ~many
            out[at] = special.nctdtr(self.df2[at], -ncp[at], -x[at])
            at = ~one & many
            out[at] = 1.0 - special.chndtr(x[at], self.df1[at], ncp[at])
            at = ~one & ~many
            out[at] = 1.0 - special.ncfdtr(self.df1[at], self.df2[at], ncp[at], x[at])
        return out

    def critical(self, alpha: float) -> Floats:
        """Value beyond which the two-sided p (one-sided of F) is below alpha."""
        one, many = self.df1 == 1.0, np.isinf(self.df2)
        nu = np.where(many, 1.0, self.df2)
        z = np.full(self.x.shape, -special.ndtri(0.5 * alpha))
        t = -special.stdtrit(nu, 0.5 * alpha)
        chi2 = special.chdtri(self.df1, alpha)
        f = special.fdtri(self.df1, nu, 1.0 - alpha)
        return np.where(one, np.where(many, z, t), np.where(many, chi2, f))

    def noncentrality(self, power: float, critical: Floats) -> Floats:
        """Noncentrality at which a result beyond `critical` has this probability."""
        # One search for each kind of test.
        rows = np.stack([self.df1, self.df2, critical], axis=-1)
        kinds, back = np.unique(rows, axis=0, return_inverse=True)
        each = Statistics(kinds[:, 2], kinds[:, 0], kinds[:, 1])
        high = np.full(len(kinds), 10.0)
        for _ in range(30):
            short = each.upper(each.x, high) < power
            if not short.any():
                break
            high = np.where(short, 2.0 * high, high)
        low = np.zeros(high.shape)
        root, _ = bisect(lambda n: each.upper(each.x, n) - power, low, high)
        return np.asarray(root[back.ravel()])

    def pp(
        self, power: float, critical: Floats, anchor: Floats | None = None
    ) -> Floats:
        """Probability of a result as extreme, given one beyond `critical`.

        The noncentrality gives `power` beyond `anchor`, which is `critical` when left
        out: 33% power is meant at alpha for the half curve too.
        """
        at = critical if anchor is None else anchor
        ncp = self.noncentrality(power, at)
        beyond = self.upper(critical, ncp)
        return np.asarray(self.upper(self.x, ncp) / beyond)


def p_curve(
    p: ArrayLike | Effects | None = None,
    *,
    z: ArrayLike | None = None,
    df1: ArrayLike | None = None,
    df2: ArrayLike | None = None,
    alpha: float = 0.05,
) -> PCurve:
    r"""Analyse the significant p-values of a set of independent tests.

    Each p below alpha is turned into the probability of one as small given
    significance, :math:`pp = p / \alpha`, and these are joined by Stouffer's method,

    .. math:: Z = \sum_k \Phi^{-1}(pp_k) / \sqrt{K} ;

    with half of alpha in its place for the half curve; and, for 33% power, with

    .. math:: 1 - pp_k = \frac{P(X \ge x_k; \lambda_{33})}{1/3}, \qquad
        P(X \ge x_\alpha; \lambda_{33}) = 1/3 .

    The power is that at which :math:`Z = 0`, between 5% and 99%.

    Parameters
    ----------
    p : array-like, EffectSizes or PooledEstimate, shape (K,)
        Two-sided p-values, or effects.
    z : array-like, shape (K,), optional
        z values in their place.
    df1, df2 : array-like, shape (K,), optional
        Degrees of freedom of the tests: F(df1, df2), of which t is F(1, df2), z is
        F(1, inf) and chi-squared is F(df1, inf). z when left out.
    alpha : float

    Raises
    ------
    InvalidEvidenceError
        Where nothing is significant, or degrees of freedom are not positive.

    References
    ----------
    Simonsohn, Nelson & Simmons (2014). J Exp Psychol Gen 143:534-547.
    Simonsohn, Simmons & Nelson (2015). J Exp Psychol Gen 144:1146-1152.
    Simonsohn, Nelson & Simmons (2014). Perspect Psychol Sci 9:666-681. Power.

    Examples
    --------
    >>> found = p_curve([0.001, 0.004, 0.012, 0.021, 0.034])
    >>> round(found.full.z, 6), round(found.half.z, 5), round(found.full_33.z, 6)
    (-1.743828, -0.90042, 0.216378)
    """
    check_alpha(alpha)
    given = read_tests(p, z=z)
    first = _df("df1", df1, given.k, 1.0)
    second = _df("df2", df2, given.k, np.inf)
    kept = given.p < alpha
    shortage(int(kept.sum()), "p-curve")
    stats = _statistics(given.p[kept], given.z[kept], first[kept], second[kept])
    p_kept = given.p[kept]
    k = p_kept.size
    inner = p_kept < 0.5 * alpha
    within = Statistics(stats.x[inner], stats.df1[inner], stats.df2[inner])
    outer, half = stats.critical(alpha), within.critical(0.5 * alpha)
    # Small pp under 33% power is a flat curve: the tail is turned round.
    full_33 = _stouffer(1.0 - stats.pp(1.0 / 3.0, outer))
    half_33 = _stouffer(1.0 - within.pp(1.0 / 3.0, half, outer[inner]))
    ncp33 = stats.noncentrality(1.0 / 3.0, outer)
    mean_half = float(np.mean(3.0 * stats.upper(stats.critical(0.5 * alpha), ncp33)))
    k_half = int(inner.sum())
    power, low, high = _power(stats, outer)
    return PCurve(
        k=k,
        k_half=k_half,
        full=_stouffer(p_kept / alpha),
        half=_stouffer(p_kept[inner] / (0.5 * alpha)),
        full_33=full_33,
        half_33=half_33,
        ncp33=tuple(ncp33.tolist()),
        power=power,
        power_low=low,
        power_high=high,
        share_half=k_half / k,
        binomial_p=float(special.betainc(k_half, k - k_half + 1, 0.5))
        if k_half
        else 1.0,
        binomial_33_p=float(special.bdtr(k_half, k, mean_half)),
        shares=_fifths(p_kept, alpha),
        shares_33=_fifths_33(stats, ncp33, alpha),
        alpha=alpha,
        note=worth(k, "evidential value"),
    )


def _fifths(p: Floats, alpha: float) -> tuple[float, ...]:
    """Shares of p in (0, alpha / 5], (alpha / 5, 2 alpha / 5], ..."""
    fifth = np.minimum(np.ceil(5.0 * p / alpha), 5.0).astype(int) - 1
    return tuple((np.bincount(fifth, minlength=5) / p.size).tolist())


def _fifths_33(stats: Statistics, ncp: Floats, alpha: float) -> tuple[float, ...]:
    """Mean of the shares that tests of 33% power have there."""
    within = [
        float(np.mean(3.0 * stats.upper(stats.critical(alpha * i / 5.0), ncp)))
        for i in range(1, 6)
    ]
    return tuple(np.diff([0.0, *within]).tolist())


def _statistics(p: Floats, z: Floats, df1: Floats, df2: Floats) -> Statistics:
    one, many = df1 == 1.0, np.isinf(df2)
    nu = np.where(many, 1.0, df2)
    t = -special.stdtrit(nu, 0.5 * p)
    chi2 = special.chdtri(df1, p)
    f = special.fdtri(df1, nu, 1.0 - p)
    x = np.where(one, np.where(many, z, t), np.where(many, chi2, f))
    return Statistics(x, df1, df2)


def _stouffer(pp: Floats) -> Stouffer:
    if pp.size == 0:
        return Stouffer(float("nan"), float("nan"))
    z = float(special.ndtri(np.clip(pp, _TINY, 1.0 - _TINY)).sum() / np.sqrt(pp.size))
    return Stouffer(z, float(tails.normal_p(np.asarray(z), "less")))


def _power(stats: Statistics, critical: Floats) -> tuple[float, float, float]:
    """Power at which Stouffer's z is 0, and where it is -1.645 and 1.645."""

    def z_at(power: float) -> float:
        return _stouffer(stats.pp(power, critical)).z

    ends = z_at(LEAST_POWER), z_at(MOST_POWER)
    found = []
    for goal in (0.0, -special.ndtri(0.95), special.ndtri(0.95)):
        if ends[0] >= goal:
            found.append(0.05)
        elif ends[1] <= goal:
            found.append(MOST_POWER)
        else:
            found.append(
                float(
                    optimize.brentq(
                        lambda q, g: z_at(q) - g,
                        LEAST_POWER,
                        MOST_POWER,
                        args=(goal,),
                        xtol=1e-9,
                    )
                )
            )
    return found[0], min(found[1:]), max(found[1:])


def _df(field: str, values: ArrayLike | None, k: int, default: float) -> Floats:
    if values is None:
        return np.full(k, default)
    array = as_floats(field, values).ravel()
    if array.size not in (1, k):
        raise InvalidEvidenceError(
            field=field, requirement=f"of length {k}", given=array.size
        )
    if not (array > 0.0).all():
        raise InvalidEvidenceError(field=field, requirement="positive")
    return np.broadcast_to(array, (k,))

"""z-curve: the powers behind a set of significant z values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._p_values import check_alpha, read_tests, shortage
from k2stats.diagnostics._studies import Effects, frozen, worth
from k2stats.errors import ConvergenceError, InvalidEvidenceError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BARTOS = "Bartos & Schimmack (2022). Meta-Psychology 6, MP.2021.2720."
MEANS = np.arange(7.0)
"""Means of the components."""
LAST = 6.0
"""z values beyond have a power of one."""
ERR_WIDER, EDR_WIDER = 0.03, 0.05
"""What the published limits add to the bootstrap's, from its simulations."""
_EM_STEPS, _ROUNDS = 20, 200
_CENTRE, _NEARLY = 0.1, 0.99
"""How far each Newton step lowers the products w y, and goes towards a bound."""
_CLOSE = 1e-9
_DIAGONAL = np.arange(MEANS.size)


@dataclass(frozen=True, slots=True, eq=False)
class ZCurve:
    """Mixture of powers fitted to significant z values.

    Attributes
    ----------
    err : float
        Expected replication rate: mean power of the significant studies for a
        significant result in the same direction.
    edr : float
        Expected discovery rate: mean power of all studies that were run.
    odr : float
        Observed discovery rate.
    soric_fdr : float
        Largest false discovery rate at that discovery rate.
    err_ci, edr_ci : tuple of float or None
        95% limits by bootstrap, widened as published; None without one.
    weights : ndarray, shape (7,)
        Of the components among the significant z values up to 6.
    means : ndarray, shape (7,)
    beyond : float
        Share of the significant z values beyond 6.
    loglik : float
    k, k_significant : int
    alpha : float
    note : str
    z : ndarray, shape (K,)
        Absolute z values, those that are not significant among them.
    """

    err: float
    edr: float
    odr: float
    soric_fdr: float
    err_ci: tuple[float, float] | None
    edr_ci: tuple[float, float] | None
    weights: Floats
    means: Floats
    beyond: float
    loglik: float
    k: int
    k_significant: int
    alpha: float
    note: str
    z: Floats

    def plot(self, *, title: str = "") -> "Figure":
        """Histogram of the z values with the mixture, carried on below significance.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.significance_figures import z_curve_plot

        return z_curve_plot(self, title)

    def __repr__(self) -> str:
        return (
            f"z-curve: ERR {self.err:.3f}, EDR {self.edr:.3f}, ODR {self.odr:.3f}, "
            f"{self.k_significant} of {self.k} significant"
        )


def z_curve(
    p: ArrayLike | Effects | None = None,
    *,
    z: ArrayLike | None = None,
    alpha: float = 0.05,
    bootstrap: int = 0,
    rng: int | np.random.Generator | None = None,
) -> ZCurve:
    r"""Fit z-curve 2 by maximum likelihood.

    The significant \|z\| up to 6 are a mixture of folded normal densities with means
    0, 1, ..., 6, each truncated to that range. The likelihood is concave in the
    weights; EM, as published, and then an interior-point method lead to its maximum.
    With the two-sided power :math:`\pi_j`, and 1 for z beyond 6,

    .. math:: \mathrm{EDR} = 1 \Big/ \sum_j w_j / \pi_j, \qquad
        \mathrm{ERR} = \sum_j w_j \Phi(\mu_j - z_{\alpha/2}), \qquad
        \mathrm{FDR}_{max} = \Bigl(\frac1{\mathrm{EDR}} - 1\Bigr)
        \frac{\alpha}{1 - \alpha}

    Parameters
    ----------
    p : array-like, EffectSizes or PooledEstimate, shape (K,)
        Two-sided p-values, or effects.
    z : array-like, shape (K,), optional
        z values in their place.
    alpha : float
    bootstrap : int
        Number of resamples of the significant z values; all are fitted as one batch.
    rng : int or Generator, optional
        Needed for the bootstrap.

    Raises
    ------
    InvalidEvidenceError
    ConvergenceError

    References
    ----------
    Bartos & Schimmack (2022). Meta-Psychology 6, MP.2021.2720.
    Brunner & Schimmack (2020). Meta-Psychology 4, MP.2018.874.
    Koenker & Mizera (2014). J Am Stat Assoc 109:674-685. (Interior points.)

    Examples
    --------
    >>> z_curve(z=[2.0, 2.1, 2.2, 2.3, 2.5, 2.7, 3.0, 3.5, 4.2, 7.0, 1.2]).k_significant
    10
    """
    critical = check_alpha(alpha)
    given = read_tests(p, z=z)
    kept = given.z[given.z >= critical]
    shortage(kept.size, "z-curve")
    inside = kept[kept <= LAST]
    beyond = kept.size - inside.size
    if bootstrap and rng is None:
        raise InvalidEvidenceError(field="rng", requirement="given for the bootstrap")
    if bootstrap < 0:
        raise InvalidEvidenceError(
            field="bootstrap", requirement="not negative", given=bootstrap
        )
    density = component_densities(inside, critical)
    weights, height = _fit(density, np.ones((1, inside.size)))
    share = np.array([beyond / kept.size])
    err, edr = rates(weights, share, critical)
    limits = None
    if bootstrap:
        limits = _bootstrap(
            inside, kept.size, density, critical, bootstrap, np.random.default_rng(rng)
        )
    found = float(edr[0])
    return ZCurve(
        err=float(err[0]),
        edr=found,
        odr=kept.size / given.k,
        soric_fdr=(1.0 / found - 1.0) * alpha / (1.0 - alpha),
        err_ci=None if limits is None else _wider(limits[0], ERR_WIDER, alpha / 2.0),
        edr_ci=None if limits is None else _wider(limits[1], EDR_WIDER, alpha),
        weights=frozen(weights[0]),
        means=frozen(MEANS),
        beyond=float(share[0]),
        loglik=float(height[0]),
        k=given.k,
        k_significant=int(kept.size),
        alpha=alpha,
        note=worth(kept.size, "selection"),
        z=frozen(given.z),
    )


def component_densities(z: Floats, critical: float) -> Floats:
    """Truncated folded normal densities, shape (K, 7)."""
    at = z[:, np.newaxis]
    raw = np.exp(-0.5 * (at - MEANS) ** 2) + np.exp(-0.5 * (at + MEANS) ** 2)
    mass = (
        special.ndtr(LAST - MEANS)
        - special.ndtr(critical - MEANS)
        + special.ndtr(-critical - MEANS)
        - special.ndtr(-LAST - MEANS)
    )
    return np.asarray(raw / np.sqrt(2.0 * np.pi) / mass)


def rates(weights: Floats, beyond: Floats, critical: float) -> tuple[Floats, Floats]:
    """ERR and EDR of weights, shape (B, 7), and shares beyond the last z."""
    same = special.ndtr(MEANS - critical)
    either = same + special.ndtr(-MEANS - critical)
    inside = weights * (1.0 - beyond)[:, np.newaxis]
    err = (inside * same).sum(axis=-1) + beyond
    edr = 1.0 / ((inside / either).sum(axis=-1) + beyond)
    return np.asarray(err), np.asarray(edr)


def _fit(density: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Weights of greatest likelihood of every row of counts, shape (B, K); one batch.

    Some steps of EM, then primal-dual Newton steps: EM alone needs tens of thousands
    where a weight falls to zero. ``y`` are the multipliers of weights not below zero.
    """
    batch, k = counts.shape
    weights = np.full((batch, MEANS.size), 1.0 / MEANS.size)
    if k == 0:
        return weights, np.zeros(batch)
    # A resample without any z up to 6 keeps equal weights, which do not count.
    total = counts.sum(axis=-1, keepdims=True)
    live = np.flatnonzero(total[:, 0] > 0.0)
    share = counts / np.maximum(total, 1.0)
    for _ in range(_EM_STEPS):
        weights[live] *= (share[live] / (weights[live] @ density.T)) @ density
    y = np.full_like(weights, 1.0)
    for _ in range(_ROUNDS):
        w = weights[live]
        mixed = w @ density.T
        slope = (share[live] / mixed) @ density
        short = 1.0 - slope - y[live]
        product = (w * y[live]).sum(axis=-1)
        going = (product > _CLOSE) | (np.abs(short).max(axis=-1) > _CLOSE)
        live = live[going]
        if live.size == 0:
            break
        w, mixed, short = w[going], mixed[going], short[going]
        bend = np.einsum(
            "bk,ki,kj->bij", share[live] / mixed**2, density, density, optimize=True
        )
        aim = _CENTRE * product[going, np.newaxis] / MEANS.size
        bend[:, _DIAGONAL, _DIAGONAL] += y[live] / w
        right = aim / w - y[live] - short
        move = np.linalg.solve(bend, right[..., np.newaxis])[..., 0]
        turn = (aim - y[live] * move) / w - y[live]
        weights[live] = w + _inside(w, move) * move
        y[live] += _inside(y[live], turn) * turn
    else:
        raise ConvergenceError("The maximum of z-curve's likelihood was not reached.")
    weights /= weights.sum(axis=-1, keepdims=True)
    height = (counts * np.log(weights @ density.T)).sum(axis=-1)
    return weights, np.asarray(height)


def _inside(values: Floats, move: Floats) -> Floats:
    """Longest step, at most 1, that leaves every value of a row above zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(move < 0.0, -values / move, np.inf)
    return np.asarray(np.minimum(1.0, _NEARLY * reach.min(axis=-1, keepdims=True)))


def _bootstrap(
    inside: Floats,
    k: int,
    density: Floats,
    critical: float,
    draws: int,
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    """ERR and EDR of resamples, shape (draws,) each."""
    n = inside.size
    share = np.append(np.full(n, 1.0 / k), (k - n) / k)
    counts = random.multinomial(k, share / share.sum(), size=draws).astype(float)
    weights, _ = _fit(density, counts[:, :n])
    return rates(weights, counts[:, n] / k, critical)


def _wider(draws: Floats, by: float, least: float) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return max(float(low) - by, least), min(float(high) + by, 1.0)

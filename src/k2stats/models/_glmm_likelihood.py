r"""Marginal likelihood of counts whose linear predictors share normal effects.

In study k and arm j

.. math:: \eta_{kj} = o_{kj} + F_{kj} \psi + a_j \alpha_k
    + \sum_r (L_{jr} \psi)\, u_{kr}, \qquad u_{kr} \sim N(0, 1),

with at most two effects a study: every model of this room is a choice of the
families and of the constants F, a and L.
"""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats
from k2stats.models._count_families import Family
from k2stats.numerics.hermite import Integral, integrate, integrate_pair

GRID = np.array(
    [0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.1, 1.5, 2.0, 3.0, 4.5, 7.0]
)
"""Standard deviations, on the scale of log odds."""


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One count of every study.

    Attributes
    ----------
    family : Family
    fixed : ndarray, shape (K, d)
        F, what each element of psi adds to the linear predictor of each study.
    own : float
        a, what the study's own parameter adds.
    loads : ndarray, shape (q, d)
        L, what each element of psi multiplies the normal effects by.
    offset : ndarray, shape (K,)
    """

    family: Family
    fixed: Floats
    own: float
    loads: Floats
    offset: Floats


@dataclass(frozen=True, slots=True, eq=False)
class StudyModel:
    """A marginal likelihood, study by study.

    Attributes
    ----------
    arms : tuple of Arm
    names : tuple of str
        What the elements of psi are called.
    spreads : tuple of int
        Those that are standard deviations: the likelihood is even in them.
    start : ndarray, shape (d,)
    own_start : ndarray, shape (K,)
    """

    arms: tuple[Arm, ...]
    names: tuple[str, ...]
    spreads: tuple[int, ...]
    start: Floats
    own_start: Floats

    @property
    def grid(self) -> Floats:
        """Values of the last spread at which the likelihood is profiled first."""
        return GRID

    @property
    def has_own(self) -> bool:
        """Whether each study has a parameter of its own."""
        return any(arm.own != 0.0 for arm in self.arms)

    @property
    def effects(self) -> int:
        """Number of normal effects of each study."""
        return int(self.arms[0].loads.shape[0])

    @property
    def k(self) -> int:
        """Number of studies."""
        return int(self.own_start.shape[0])

    def loglik(self, psi: Floats, alpha: Floats, nodes: int) -> Floats:
        """Marginal log-likelihoods, shape (M, K), at psi (M, d) and alpha (M, K)."""
        if not self._spread(psi):
            return self._plain(psi, alpha)
        return self._integral(psi, alpha, nodes).log_value

    def loglik_at_modes(self, psi: Floats, alpha: Floats) -> Floats:
        """Log-likelihood of the counts given the modes of the effects, (M, K)."""
        if not self._spread(psi):
            return self._plain(psi, alpha)
        modes = self._integral(psi, alpha, 1).mode
        total = np.zeros(alpha.shape)
        for arm in self.arms:
            eta = self._base(arm, psi, alpha)
            for r, u in enumerate(modes):
                eta = eta + (psi @ arm.loads[r])[:, np.newaxis] * u
            total = total + arm.family.value(eta[..., np.newaxis])[..., 0]
        return total

    def derivatives(
        self, psi: Floats, alpha: Floats, nodes: int
    ) -> tuple[Floats, Floats, Floats]:
        r"""Value, gradient and Hessian of each study's marginal log-likelihood.

        With :math:`s` and :math:`H` the score and Hessian given the effects, and means
        under their distribution given the counts (Louis 1982, J R Stat Soc B 44:226),

        .. math:: \nabla \ell = E s, \qquad
            \nabla^2 \ell = E H + E s s^\top - E s\, E s^\top,

        as exact as the quadrature. The first element is the study's own parameter,
        where it has one; the others are psi.
        """
        found = self._integral(psi, alpha, nodes)
        effects = np.stack(found.nodes, axis=-2)  # (M, K, q, N)
        own = self.has_own
        score, curve = 0.0, 0.0
        for arm in self.arms:
            eta = self._base(arm, psi, alpha)[..., np.newaxis]
            for r, u in enumerate(found.nodes):
                eta = eta + (psi @ arm.loads[r])[:, np.newaxis, np.newaxis] * u
            _, slope, second = arm.family.parts(eta)
            # What each parameter multiplies in the linear predictor, (M, K, d, N).
            loads = arm.loads[: len(found.nodes)]
            spread = np.einsum("rd,mkrn->mkdn", loads, effects)
            x = arm.fixed[..., np.newaxis] + spread
            if own:
                first = np.full((*x.shape[:2], 1, x.shape[3]), arm.own)
                x = np.concatenate([first, x], axis=2)
            score = score + slope[..., np.newaxis, :] * x
            weight = (found.weights * second)[..., np.newaxis, :]
            curve = curve + (x * weight) @ np.swapaxes(x, -1, -2)
        weighted = score * found.weights[..., np.newaxis, :]
        mean = weighted.sum(axis=-1)
        outer = mean[..., :, np.newaxis] * mean[..., np.newaxis, :]
        squares = weighted @ np.swapaxes(score, -1, -2)
        return found.log_value, mean, curve + squares - outer

    @staticmethod
    def _base(arm: Arm, psi: Floats, alpha: Floats) -> Floats:
        base = psi @ arm.fixed.T + arm.offset
        return np.asarray(base + arm.own * alpha if arm.own else base)

    def _spread(self, psi: Floats) -> bool:
        return any(
            bool(np.any(psi @ arm.loads.reshape(-1, psi.shape[1]).T))
            for arm in self.arms
        )

    def _plain(self, psi: Floats, alpha: Floats) -> Floats:
        """Log-likelihood without any effect that varies."""
        total = np.zeros(alpha.shape)
        for arm in self.arms:
            eta = self._base(arm, psi, alpha)[..., np.newaxis]
            total = total + arm.family.value(eta)[..., 0]
        return total

    def _integral(self, psi: Floats, alpha: Floats, nodes: int) -> Integral:
        each = [
            (
                arm.family,
                self._base(arm, psi, alpha)[..., np.newaxis],
                (psi @ arm.loads.T)[:, np.newaxis, np.newaxis, :],
            )
            for arm in self.arms
        ]
        if self.effects == 1:
            return _single(each, alpha.shape, nodes)
        return _pair(each, alpha.shape, nodes)


def _single(
    each: list[tuple[Family, Floats, Floats]], shape: tuple[int, ...], nodes: int
) -> Integral:
    def parts(u: Floats) -> tuple[Floats, Floats, Floats]:
        total, slope, curve = (np.zeros(1) for _ in range(3))
        for family, base, load in each:
            c = load[..., 0]
            value, s, h = family.parts(base + c * u)
            total, slope, curve = total + value, slope + c * s, curve + c * c * h
        return total, slope, curve

    def value_only(u: Floats) -> Floats:
        total = np.zeros(1)
        for family, base, load in each:
            total = total + family.value(base + load[..., 0] * u)
        return total

    return integrate(parts, value_only, shape, nodes)


def _pair(
    each: list[tuple[Family, Floats, Floats]], shape: tuple[int, ...], nodes: int
) -> Integral:
    def parts(
        u: Floats, v: Floats
    ) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats, Floats]]:
        total, s1, s2, h11, h12, h22 = (np.zeros(1) for _ in range(6))
        for family, base, load in each:
            c, d = load[..., 0], load[..., 1]
            value, s, h = family.parts(base + c * u + d * v)
            total, s1, s2 = total + value, s1 + c * s, s2 + d * s
            h11, h12, h22 = h11 + c * c * h, h12 + c * d * h, h22 + d * d * h
        return total, (s1, s2), (h11, h12, h22)

    def value_only(u: Floats, v: Floats) -> Floats:
        total = np.zeros(1)
        for family, base, load in each:
            total = total + family.value(base + load[..., 0] * u + load[..., 1] * v)
        return total

    return integrate_pair(parts, value_only, shape, nodes)

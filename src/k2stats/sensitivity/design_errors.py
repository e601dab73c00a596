r"""Power, errors of sign and exaggeration of significant results."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import require, together


@dataclass(frozen=True, slots=True, eq=False)
class DesignErrors:
    """What significance is worth if the true effect is as assumed.

    Attributes
    ----------
    power : ndarray
        Probability of a significant result, of either sign.
    type_s : ndarray
        Probability that a significant result has the wrong sign.
    exaggeration : ndarray
        Type M error: expected size of a significant estimate over the true effect.
    """

    power: Floats
    type_s: Floats
    exaggeration: Floats

    @property
    def meaning(self) -> list[str]:
        """One line for a reader, for each design."""
        return [
            f"If the true effect is as assumed, {power:.0%} of such studies are "
            f"significant; of those {s:.1%} point the wrong way and on average they "
            f"overstate the effect {m:.1f} times."
            for power, s, m in zip(
                self.power.ravel(),
                self.type_s.ravel(),
                self.exaggeration.ravel(),
                strict=True,
            )
        ]


def design_errors(
    effect: ArrayLike, se: ArrayLike, alpha: float = 0.05, df: ArrayLike = np.inf
) -> DesignErrors:
    r"""Type S and type M errors of a design, in closed form.

    With :math:`\lambda = |\theta| / s`, q the critical value of |t| and T Student's t
    with :math:`\nu` degrees of freedom, distribution F and density f, an estimate is
    :math:`s (\lambda + T)`, and

    .. math:: \text{power} &= F(\lambda - q) + F(-\lambda - q), \qquad
        \text{type S} = F(-\lambda - q) / \text{power} \\
        \text{type M} &= \frac{\lambda \{F(\lambda - q) - F(-\lambda - q)\}
        + h(\lambda - q) + h(\lambda + q)}{\lambda \cdot \text{power}},
        \quad h(x) = \frac{\nu + x^2}{\nu - 1} f(x)

    with :math:`h = \varphi` for the normal.

    Parameters
    ----------
    effect : array_like
        True effect assumed, not the one observed; not 0.
    se : array_like
        Standard error of its estimate.
    alpha : float
        Two-sided level.
    df : array_like
        Degrees of freedom, infinite for a normal estimate.

    Returns
    -------
    DesignErrors
        `exaggeration` is infinite with one degree of freedom or fewer.

    Raises
    ------
    InvalidEvidenceError
        For an effect of 0, an SE or degrees of freedom that are not positive, or
        alpha outside (0, 1).

    References
    ----------
    Gelman & Carlin (2014). Perspectives on Psychological Science 9:641-651.
    Lu, Qiu & Deng (2019). British Journal of Mathematical and Statistical Psychology
    72:1-17 (closed form).

    Examples
    --------
    >>> found = design_errors(2.0, 8.1)
    >>> found.power.round(3), found.type_s.round(2), found.exaggeration.round(1)
    (array([0.057]), array([0.24]), array([9.5]))
    """
    if isinstance(alpha, bool) or not 0.0 < alpha < 1.0:
        raise InvalidEvidenceError(
            field="alpha", requirement="between 0 and 1", given=alpha
        )
    given = together({"effect": effect, "se": se, "df": df})
    effect_, se_, nu = given["effect"], given["se"], given["df"]
    require("effect", "not 0", (effect_ != 0) & np.isfinite(effect_), effect_)
    require("se", "positive", (se_ > 0) & np.isfinite(se_), se_)
    require("df", "positive", nu > 0, nu)
    size = np.abs(effect_) / se_
    with np.errstate(all="ignore"):
        q = -special.stdtrit(nu, alpha / 2.0)
        right, wrong = special.stdtr(nu, size - q), special.stdtr(nu, -size - q)
        power = right + wrong
        total = size * (right - wrong) + _tail_mean(size - q, nu)
        total = total + _tail_mean(size + q, nu)
        exaggeration = np.where(nu > 1.0, total / (size * power), np.inf)
        return DesignErrors(power, wrong / power, exaggeration)


def _tail_mean(x: Floats, nu: Floats) -> Floats:
    r"""Integral of t f(t) from abs(x) to infinity: the h of :func:`design_errors`."""
    log_f = (
        special.gammaln((nu + 1.0) / 2.0)
        - special.gammaln(nu / 2.0)
        - 0.5 * np.log(nu * np.pi)
        - 0.5 * (nu + 1.0) * np.log1p(x**2 / nu)
    )
    normal = np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)
    student = (nu + x**2) / (nu - 1.0) * np.exp(log_f)
    return np.where(np.isinf(nu), normal, student)

"""p-uniform: the effect at which significant p-values are uniform."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._p_values import check_alpha
from k2stats.diagnostics._shown import said
from k2stats.diagnostics._studies import Effects, effects_of, one_sample, worth
from k2stats.errors import InvalidEvidenceError
from k2stats.numerics.roots import bisect
from k2stats.numerics.wls import weighted_mean
from k2stats.results._words import p_text

Side: TypeAlias = Literal["right", "left"]
VAN_ASSEN = "van Assen, van Aert & Wicherts (2015). Psychological Methods 20:293-309."
STAR = "van Aert & van Assen (2021). Correcting for publication bias in a "
STAR += "meta-analysis with the p-uniform* method. MetaArXiv."
_EXACT = 20
_LEVEL = 0.95
_FAR = 40.0


@dataclass(frozen=True, slots=True)
class PUniform:
    """Effect from the significant studies alone.

    Attributes
    ----------
    estimate, low, high : float
        On the scale of analysis; NaN where no effect makes the sum what it should be.
    null_p : float
        One-sided p of no effect.
    bias_p : float
        One-sided p of the common effect of the significant studies, against a lower
        one: small where there is publication bias.
    common_effect : float
        Of all studies.
    k, k_significant : int
    note : str
    measure : str
        Of the effects.
    """

    estimate: float
    low: float
    high: float
    null_p: float
    bias_p: float
    common_effect: float
    k: int
    k_significant: int
    note: str
    measure: str = "GEN"

    def __repr__(self) -> str:
        return (
            "p-uniform: "
            f"{said(self.measure, self.estimate, self.low, self.high)} "
            f"from {self.k_significant} of {self.k} studies, "
            f"no effect p {p_text(self.null_p)}"
        )


def p_uniform(
    effects: Effects, *, side: Side = "right", alpha: float = 0.05
) -> PUniform:
    r"""Effect at which the significant p-values are uniform, given significance.

    .. math:: q_k(\mu) = \frac{P(Y_k \ge y_k; \mu)}{P(Y_k \ge z_{\alpha/2} s_k; \mu)},
        \qquad \sum_k q_k(\hat\mu) = K / 2

    The sum has the Irwin-Hall distribution, which gives the tests and limits; it is
    taken as normal beyond twenty studies. A common effect is assumed.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (K,)
    side : {"right", "left"}
        Where the significant effects lie that are counted.
    alpha : float
        Two-sided level of the studies.

    Raises
    ------
    InvalidEvidenceError
        Where no study is significant on that side.

    References
    ----------
    van Assen, van Aert & Wicherts (2015). Psychological Methods 20:293-309.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.5, 0.6, 0.9, 0.1], [0.05, 0.06, 0.1, 0.04])
    >>> p_uniform(es).k_significant
    3
    """
    critical = check_alpha(alpha)
    y, v, sign = signed(effects, side)
    s = np.sqrt(v)
    kept = y > critical * s
    if not kept.any():
        raise InvalidEvidenceError(
            field="effects", requirement=f"significant on the {side} at least once"
        )
    y, s_kept = y[kept], s[kept]
    k = int(kept.sum())
    cut = critical * s_kept

    def total(mu: Floats) -> Floats:
        at = mu[..., np.newaxis]
        log_q = special.log_ndtr((at - y) / s_kept) - special.log_ndtr(
            (at - cut) / s_kept
        )
        return np.asarray(np.exp(log_q).sum(axis=-1))

    widest = float(s_kept.max())
    low, high = float(y.min()) - _FAR * widest, float(y.max()) + _FAR * widest
    goals = np.array([0.5, *(0.5 + np.array([-0.5, 0.5]) * _LEVEL)])
    sums = np.array([k / 2.0, *(irwin_hall_quantile(q, k) for q in goals[1:])])
    roots, found = bisect(
        lambda mu: total(mu) - sums, np.full(3, low), np.full(3, high)
    )
    roots = np.where(found, roots, np.nan)
    everything = one_sample(effects, least=1, need="p-uniform")
    common = float(weighted_mean(everything.y, 1.0 / everything.v))
    own = weighted_mean(y, 1.0 / s_kept**2)
    limits = sorted(sign * roots[1:])
    return PUniform(
        estimate=sign * float(roots[0]),
        low=float(limits[0]),
        high=float(limits[1]),
        null_p=irwin_hall(float(total(np.zeros(()))), k),
        bias_p=irwin_hall(k - float(total(own)), k),
        common_effect=common,
        k=int(s.size),
        k_significant=k,
        note=worth(k, "publication bias"),
        measure=effects_of(effects).measure,
    )


def irwin_hall(x: float, k: int) -> float:
    r"""Probability that the sum of k uniform variables is at most x.

    .. math:: \frac1{k!} \sum_{j \le x} (-1)^j \binom kj (x - j)^k

    Normal beyond twenty.

    Examples
    --------
    >>> irwin_hall(1.0, 2), round(irwin_hall(2.9, 3), 9)
    (0.5, 0.999833333)
    """
    if x <= 0.0 or x >= k:
        return float(x >= k)
    if k > _EXACT:
        return float(special.ndtr((x - k / 2.0) / np.sqrt(k / 12.0)))
    if x > k / 2.0:
        return 1.0 - irwin_hall(k - x, k)
    j = np.arange(int(np.floor(x)) + 1)
    terms = (-1.0) ** j * special.binom(k, j) * (x - j) ** k
    return float(terms.sum() / special.factorial(k))


def irwin_hall_quantile(q: float, k: int) -> float:
    """Value that the sum of k uniform variables is below with probability q."""
    root, _ = bisect(
        lambda x: np.array([irwin_hall(float(x[0]), k) - q]),
        np.zeros(1),
        np.full(1, float(k)),
    )
    return float(root[0])


def signed(effects: Effects, side: str) -> tuple[Floats, Floats, float]:
    """Effects turned so that the significant ones are large."""
    if side not in ("right", "left"):
        raise InvalidEvidenceError(
            field="side", requirement="'right' or 'left'", given=side
        )
    given = one_sample(effects, least=1, need="p-uniform")
    sign = 1.0 if side == "right" else -1.0
    return sign * given.y, given.v, sign

"""Confidence intervals of I2, H2 and R_b."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity._studies import prepare
from k2stats.heterogeneity._validate import validate
from k2stats.heterogeneity.intervals import TAU2_INTERVALS, tau2_interval
from k2stats.heterogeneity.measures import i2_of_h2, r_b_of_tau2
from k2stats.heterogeneity.statistics import QTest, q_test_of

H2IntervalMethod: TypeAlias = Callable[[QTest, float], tuple[Floats, Floats]]
H2_INTERVALS: Registry[H2IntervalMethod] = Registry("interval of H2 from Q")
"""Intervals of H2 that need nothing but Q."""


@dataclass(frozen=True, slots=True, eq=False)
class HeterogeneityInterval:
    """Intervals of the measures of heterogeneity; each a pair of batch shape.

    Attributes
    ----------
    i2, h2, r_b : tuple of ndarray
        Low and high; I2 and R_b in per cent. R_b is NaN where the interval is made
        from Q alone.
    type : str
    level : float
    """

    i2: tuple[Floats, Floats]
    h2: tuple[Floats, Floats]
    r_b: tuple[Floats, Floats]
    type: str
    level: float


def heterogeneity_interval(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    *,
    type: str = "QP",
    method: str = "REML",
    level: float = 0.95,
    mask: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    rng: np.random.Generator | int | None = None,
) -> HeterogeneityInterval:
    """Confidence intervals of I2, H2 and R_b.

    Parameters
    ----------
    y, v, X, mask
        As :func:`k2stats.heterogeneity.estimate_tau2` takes them.
    type : str
        A name in :data:`TAU2_INTERVALS`, whose ends are carried over: all three are
        increasing functions of tau2. Or one in :data:`H2_INTERVALS`:
        ``"test-based"``, ``"noncentral"``.
    method, weights, rng
        As :func:`k2stats.heterogeneity.tau2_interval` takes them.
    level : float
        Coverage.

    Raises
    ------
    InvalidEvidenceError
        As :func:`k2stats.heterogeneity.tau2_interval` does.
    UnknownMethodError
        Where `type` is in neither table.

    References
    ----------
    Higgins & Thompson (2002). Statistics in Medicine 21:1539-1558.
    Viechtbauer (2007). Statistics in Medicine 26:37-52.

    Examples
    --------
    >>> y = [0.028, 0.158, -0.137, 1.178, 0.263]
    >>> v = [0.016, 0.022, 0.028, 0.139, 0.136]
    >>> ci = heterogeneity_interval(y, v, type="test-based")
    >>> float(ci.i2[0].round(2)), float(ci.i2[1].round(2))
    (4.37, 86.24)
    """
    if type in TAU2_INTERVALS:
        tau2 = tau2_interval(
            y,
            v,
            X,
            type=type,
            method=method,
            level=level,
            mask=mask,
            weights=weights,
            rng=rng,
        )
        (_, *i2), (_, *h2) = tau2.i2(), tau2.h2()
        r_b = [r_b_of_tau2(v, end, mask=mask) for end in (tau2.low, tau2.high)]
        return HeterogeneityInterval(
            (i2[0], i2[1]), (h2[0], h2[1]), (r_b[0], r_b[1]), type, level
        )
    if type not in H2_INTERVALS:
        known = (*TAU2_INTERVALS, *H2_INTERVALS)
        raise UnknownMethodError(
            kind="interval of heterogeneity", name=type, known=known
        )
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    ys, vs, columns, present, _ = validate(y, v, X, mask, least=1)
    with np.errstate(all="ignore"):
        test = q_test_of(prepare(ys, vs, columns, present))
        low, high = H2_INTERVALS[type].function(test, level)
        none = np.full(test.q.shape, np.nan)
        return HeterogeneityInterval(
            (i2_of_h2(low), i2_of_h2(high)), (low, high), (none, none), type, level
        )


@H2_INTERVALS.register(
    "test-based",
    label="Test-based",
    reference="Higgins & Thompson (2002). Stat Med 21:1539-1558, section 3.2.",
    equation=r"\exp(\log H \pm z \, \mathrm{SE}(\log H))^2",
    traits=("approximate",),
)
def higgins_thompson(test: QTest, level: float) -> tuple[Floats, Floats]:
    r"""Interval of log H from a standard error that its test of H = 1 implies.

    .. math:: \mathrm{SE}(\log H) = \begin{cases}
        \dfrac{\log Q - \log(K - 1)}{2 (\sqrt{2 Q} - \sqrt{2 K - 3})} & Q > K \\
        \sqrt{\dfrac{1}{2 (K - 2)} \Bigl(1 - \dfrac{1}{3 (K - 2)^2}\Bigr)} & Q \le K
        \end{cases}

    with K - p in place of K - 1 where there are moderators. H2 below one is taken to
    be one, and so are the ends.
    """
    q, df = test.q, test.df
    far = 0.5 * np.log(q / df) / (np.sqrt(2.0 * q) - np.sqrt(2.0 * df - 1.0))
    near = np.sqrt(0.5 / (df - 1.0) * (1.0 - 1.0 / (3.0 * (df - 1.0) ** 2)))
    se = np.where(q > df + 1.0, far, near)
    reach = -float(special.ndtri((1.0 - level) / 2.0)) * se
    log_h = 0.5 * np.log(np.maximum(q / df, 1.0))
    low, high = np.exp(2.0 * (log_h - reach)), np.exp(2.0 * (log_h + reach))
    return np.asarray(np.maximum(low, 1.0)), np.asarray(np.maximum(high, 1.0))


@H2_INTERVALS.register(
    "noncentral",
    label="Noncentral chi-squared",
    reference="Hedges & Pigott (2001). Psychological Methods 6:203-217. "
    "Higgins & Thompson (2002). Stat Med 21:1539-1558.",
    equation=r"\Pr(\chi^2_{K-p}(\lambda) \ge Q) = \alpha/2, 1-\alpha/2;"
    r" H^2 = 1 + \lambda / (K - p)",
    traits=("approximate",),
)
def noncentral(test: QTest, level: float) -> tuple[Floats, Floats]:
    r"""Interval of the noncentrality of Q, carried over to H2.

    Q is noncentral chi-squared where the true effects are fixed and differ;
    :math:`H^2 = 1 + \lambda / (K - p)`.
    """
    tail = (1.0 - level) / 2.0
    ends = []
    for p in (1.0 - tail, tail):
        # The noncentrality at which at most Q has probability p, zero if none has.
        found = special.chndtrinc(test.q, test.df, p)
        reached = special.chdtr(test.df, test.q) <= p
        ends.append(1.0 + np.where(reached, 0.0, found) / test.df)
    return np.asarray(ends[0]), np.asarray(ends[1])

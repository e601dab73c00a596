r"""Exact conditional inference on a ratio common to all strata."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from scipy import optimize, special

from k2stats._typing import Floats
from k2stats.effectsizes import TwoRates
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models._common_ratio import CommonRatio, window
from k2stats.models._count_registry import COUNT_METHODS
from k2stats.models._strata import check_evidence
from k2stats.numerics.noncentral import noncentral_support
from k2stats.results.counts import CountsFit, check_level

ExactInterval = Literal["exact", "mid-p"]
REFERENCE = (
    "Gart (1970), Biometrika 57:471; Mehta, Patel & Gray (1985), J Am Stat Assoc 80:969"
)
_TIE = 1e-7
_TINY = 1e-250


def exact_odds_ratio(
    evidence: TwoByTwo, *, interval: ExactInterval = "exact", level: float = 0.95
) -> CountsFit:
    r"""Common odds ratio by exact conditional likelihood.

    Given the margins of every stratum, the number of events in group 1, summed over
    strata, has a distribution that depends on the common odds ratio alone. The
    estimate maximises its probability; the limits are where each tail, the sum
    observed included, is half of one minus the level.

    Parameters
    ----------
    evidence : TwoByTwo
        One data set, shape ``(K,)``.
    interval : {"exact", "mid-p"}
        Whether the sum observed counts whole in each tail, or half.
    level : float

    Returns
    -------
    CountsFit
        Log odds ratio, infinite where the sum observed is the least or the greatest
        possible; one limit is then infinite too. `p` is twice the smaller tail, by
        the same rule as the limits; ``figures["p_minimum_likelihood"]`` sums all
        outcomes no more probable than the one observed. `statistic` is the sum
        observed less its expectation without effect.

    Raises
    ------
    InvalidEvidenceError
        For counts of another kind, a batch, or where the margins leave one outcome.
    UnknownMethodError
        For an unknown interval.

    References
    ----------
    Gart, J. J. (1970). Point and interval estimation of the common odds ratio in the
    combination of 2x2 tables with fixed marginals. Biometrika, 57, 471-475.
    Mehta, C. R., Patel, N. R., & Gray, R. (1985). Computing an exact confidence
    interval for the common odds ratio in several 2x2 contingency tables. Journal of
    the American Statistical Association, 80, 969-973.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[0, 1, 2], n1=[40, 35, 50],
    ...                               events2=[1, 3, 4], n2=[42, 36, 49])
    >>> print(exact_odds_ratio(tables))
    OR 0.3611 (95% CI 0.06011 to 1.555), exact conditional, 3 studies
    """
    check_evidence(evidence, "OR", ("OR",), "the exact conditional method")
    _one_set(evidence)
    n1, n2 = evidence.n1, evidence.n2
    m = evidence.events1 + evidence.events2
    rows = zip(evidence.events1, n1, n2, m, strict=True)
    strata = tuple(noncentral_support(*map(int, row)) for row in rows)
    return _infer(strata, "OR", interval, level)


def exact_rate_ratio(
    evidence: TwoRates, *, interval: ExactInterval = "exact", level: float = 0.95
) -> CountsFit:
    r"""Common incidence rate ratio by exact conditional likelihood.

    As :func:`exact_odds_ratio`, with binomial strata: given m events, those of group 1
    are binomial with odds :math:`e^\theta t_1 / t_2`.

    Parameters
    ----------
    evidence : TwoRates
        One data set, shape ``(K,)``.
    interval : {"exact", "mid-p"}
    level : float

    Returns
    -------
    CountsFit
        Log rate ratio; as :func:`exact_odds_ratio`.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
        As :func:`exact_odds_ratio`.

    References
    ----------
    Breslow, N. E., & Day, N. E. (1987). Statistical methods in cancer research, vol.
    2. IARC.

    Examples
    --------
    >>> rates = TwoRates.from_arrays(events1=[3, 6], time1=[100, 80],
    ...                              events2=[8, 9], time2=[110, 75])
    >>> print(exact_rate_ratio(rates))
    IRR 0.5305 (95% CI 0.2083 to 1.259), exact conditional, 2 studies
    """
    check_evidence(evidence, "IRR", ("IRR",), "the exact conditional method")
    _one_set(evidence)
    strata = []
    for x, t1, y, t2 in zip(
        evidence.events1, evidence.time1, evidence.events2, evidence.time2, strict=True
    ):
        m = x + y
        k = np.arange(m + 1)
        logs = -special.betaln(k + 1.0, m - k + 1.0) + k * np.log(t1 / t2)
        strata.append((k - x, logs - logs[int(x)]))
    return _infer(tuple(strata), "IRR", interval, level)


@COUNT_METHODS.register(
    "exact",
    label="Exact conditional ratio common to all studies",
    reference=REFERENCE,
    equation="P(S = s) = c_s exp(s theta) / sum(c_t exp(t theta))",
    traits=("OR", "IRR", "exact"),
)
def exact_ratio(
    evidence: TwoByTwo | TwoRates,
    measure: str = "OR",
    *,
    interval: ExactInterval = "exact",
    level: float = 0.95,
) -> CountsFit:
    """:func:`exact_odds_ratio` or :func:`exact_rate_ratio`, by the measure.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
        As these.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[0, 1, 2], n1=[40, 35, 50],
    ...                               events2=[1, 3, 4], n2=[42, 36, 49])
    >>> print(exact_ratio(tables))
    OR 0.3611 (95% CI 0.06011 to 1.555), exact conditional, 3 studies
    """
    check_evidence(evidence, measure, ("OR", "IRR"), "the exact conditional method")
    if isinstance(evidence, TwoByTwo):
        return exact_odds_ratio(evidence, interval=interval, level=level)
    return exact_rate_ratio(evidence, interval=interval, level=level)


def _infer(
    strata: tuple[tuple[Floats, Floats], ...],
    measure: str,
    interval: ExactInterval,
    level: float,
) -> CountsFit:
    if interval not in get_args(ExactInterval):
        raise UnknownMethodError(
            kind="interval", name=interval, known=get_args(ExactInterval)
        )
    check_level(level)
    used = tuple(s for s in strata if s[0].size > 1)
    if not used:
        raise InvalidEvidenceError(
            field="evidence",
            requirement="with events and non-events in at least one study",
        )
    ratio = CommonRatio.from_strata(used)
    end = ratio.at_end
    if end:
        estimate, se, near, scale = end * np.inf, np.nan, ratio.tilt, 1.0
    else:
        estimate = _root(lambda t: ratio.moments(t)[0], ratio.tilt, 1.0)
        se = ratio.moments(estimate)[1] ** -0.5
        near, scale = estimate, se
    own = 1.0 if interval == "exact" else 0.5
    log_half = np.log((1.0 - level) / 2.0)
    low = high = end * np.inf if end else 0.0
    # Searched from the estimate outwards: far beyond it the coefficients that
    # matter are not those around the sum observed.
    if end != -1:
        low = _root(
            lambda t: ratio.log_tail(t, upper=True, own=own) - log_half, near, scale
        )
    if end != 1:
        high = _root(
            lambda t: log_half - ratio.log_tail(t, upper=False, own=own), near, scale
        )
    tail = min(ratio.log_tail(0.0, upper=u, own=own) for u in (True, False))
    log_p = min(np.log(2.0) + tail, 0.0)
    name = "exact conditional" if own == 1.0 else "mid-p conditional"
    return CountsFit(
        estimate=np.asarray(estimate),
        se=np.asarray(se),
        statistic=np.asarray(-ratio.moments(0.0)[0]),
        p=np.asarray(np.exp(log_p)),
        log_p=np.asarray(log_p),
        ci_low=np.asarray(low),
        ci_high=np.asarray(high),
        k=np.asarray(float(len(used))),
        level=level,
        measure=measure,
        method=name,
        interval=name,
        k_total=len(strata),
        converged=np.asarray(not end),
        figures={"p_minimum_likelihood": np.asarray(_minimum_likelihood(ratio))},
        record={
            "reference": REFERENCE,
            "test": "twice the smaller conditional tail",
            "interval": name,
            "zero cells": "nothing added",
        },
    )


def _minimum_likelihood(ratio: CommonRatio) -> float:
    """Probability of all sums no more probable than the one observed, no effect."""
    plain = np.ones(1)
    first = 0.0
    for offset, logs in ratio.strata:
        share, start = window(np.exp(logs - special.logsumexp(logs)), _TINY)
        plain = np.convolve(plain, share)
        first += offset[start]
    if not 0 <= -first < plain.size:
        return 0.0
    observed = plain[int(-first)]
    return float(min(1.0, plain[plain <= observed * (1.0 + _TIE)].sum()))


def _root(f: Callable[[float], float], near: float, scale: float) -> float:
    """Zero of an increasing function of the log ratio, sought from `near` outwards."""
    low, high, step = near, near, scale
    while f(low) > 0:
        low, step = low - step, 2.0 * step
    step = scale
    while f(high) < 0:
        high, step = high + step, 2.0 * step
    if low == high:
        return low
    return float(optimize.brentq(f, low, high, xtol=1e-14, rtol=1e-14))


def _one_set(evidence: TwoByTwo | TwoRates) -> None:
    if len(evidence.shape) != 1:
        raise InvalidEvidenceError(
            field="evidence",
            requirement="one data set of shape (K,), not a batch",
            given=evidence.shape,
        )

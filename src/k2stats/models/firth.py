r"""Logistic regression penalised by Jeffreys' prior, an intercept for each study."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import optimize, special

from k2stats._typing import Floats
from k2stats.errors import ConvergenceError, InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models._count_families import Binomial
from k2stats.models._count_registry import COUNT_METHODS
from k2stats.models._glmm_prepare import informative
from k2stats.models._strata import check_evidence
from k2stats.numerics import tails
from k2stats.results.counts import WALD, CountsFit, check_level

FirthInterval = Literal["profile", "Wald"]
DoubleZeros = Literal["drop", "keep"]
PROFILE = "profile penalised likelihood"
REFERENCE = "Firth (1993), Biometrika 80:27; Heinze & Schemper (2002), Stat Med 21:2409"
_MOST_STEPS = 2000
_LARGEST_MOVE = 3.0
_FARTHEST = 200.0


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    alpha: Floats
    theta: float
    loglik: float
    information: float


@COUNT_METHODS.register(
    "Firth",
    label="Firth-penalised logistic regression, an intercept for each study",
    reference=REFERENCE,
    equation="argmax of l(alpha, theta) + log |I(alpha, theta)| / 2",
    traits=("OR",),
)
def firth(
    evidence: TwoByTwo,
    measure: str = "OR",
    *,
    interval: FirthInterval = "profile",
    double_zeros: DoubleZeros = "drop",
    level: float = 0.95,
) -> CountsFit:
    r"""Pool odds ratios by Firth's penalised logistic regression.

    .. math:: \operatorname{logit} p_{k1} = \alpha_k + \theta, \quad
        \operatorname{logit} p_{k2} = \alpha_k, \qquad
        \ell^* = \ell + \tfrac12 \log |I(\alpha, \theta)|

    With :math:`w_{kj} = n_{kj} p_{kj} (1 - p_{kj})` the determinant is
    :math:`\prod_k (w_{k1} + w_{k2}) \sum_k w_{k1} w_{k2} / (w_{k1} + w_{k2})`. The
    penalty takes away the bias of order 1/n and keeps the estimate finite where every
    event fell in one group. The common-effect model: no variance between studies.
    With one study the estimate is the log odds ratio with one half added to each cell.

    Parameters
    ----------
    evidence : TwoByTwo
        One data set, shape ``(K,)``.
    measure : {"OR"}
    interval : {"profile", "Wald"}
        Limits and test from the profile of the penalised likelihood, as Heinze and
        Schemper recommend, or from the standard error.
    double_zeros : {"drop", "keep"}
        Studies without events, or without non-events. Kept, they count through the
        penalty alone.
    level : float

    Returns
    -------
    CountsFit
        Log odds ratio; `se` from the information without the penalty. With profile
        limits `statistic` is the penalised likelihood ratio, chi-squared with one
        degree of freedom.

    Raises
    ------
    InvalidEvidenceError
        For counts of another kind, a batch, or where no study carries information.
    UnknownMethodError
        For an unknown interval.
    ConvergenceError
        Where no maximum was reached.

    References
    ----------
    Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika, 80,
    27-38. Heinze, G., & Schemper, M. (2002). A solution to the problem of separation
    in logistic regression. Statistics in Medicine, 21, 2409-2419.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[0, 0, 0], n1=[40, 35, 50],
    ...                               events2=[1, 3, 2], n2=[42, 36, 49])
    >>> print(firth(tables))
    OR 0.07472 (95% CI 0.0005708 to 0.6424), Firth-penalised logistic, 3 studies
    """
    check_evidence(evidence, measure, ("OR",), "Firth's penalised logistic regression")
    check_level(level)
    for kind, name, known in (
        ("interval", interval, get_args(FirthInterval)),
        ("rule for double zeros", double_zeros, get_args(DoubleZeros)),
    ):
        if name not in known:
            raise UnknownMethodError(kind=kind, name=name, known=known)
    if len(evidence.shape) != 1:
        raise InvalidEvidenceError(
            field="evidence",
            requirement="one data set of shape (K,), not a batch",
            given=evidence.shape,
        )
    kept = informative(evidence)
    if not kept.any():
        raise InvalidEvidenceError(
            field="evidence",
            requirement="with events and non-events in at least one study",
        )
    used = evidence if double_zeros == "keep" else evidence[kept]
    problem = _Problem(used)
    best = problem.climb(problem.start, 0.0, free=True)
    record = {
        "reference": REFERENCE,
        "zero cells": "nothing added",
        "double zeros": double_zeros,
    }
    made = CountsFit.wald(
        np.asarray(best.theta),
        np.asarray(best.information**-0.5),
        level=level,
        measure="OR",
        method="Firth-penalised logistic",
        k=np.asarray(float(used.shape[-1])),
        k_total=evidence.shape[-1],
        figures={"penalised_loglik": np.asarray(best.loglik)},
        record=record,
    )
    if interval == WALD:
        return made
    null = problem.climb(best.alpha, 0.0, free=False)
    statistic = np.asarray(max(2.0 * (best.loglik - null.loglik), 0.0))
    low, high = problem.limits(best, level)
    return CountsFit(
        estimate=made.estimate,
        se=made.se,
        statistic=statistic,
        p=tails.chi2_p(statistic),
        log_p=tails.log_chi2_p(statistic),
        ci_low=np.asarray(low),
        ci_high=np.asarray(high),
        level=level,
        measure="OR",
        method=made.method,
        interval=PROFILE,
        k=made.k,
        k_total=made.k_total,
        converged=made.converged,
        figures=made.figures,
        record={**record, "test": "penalised likelihood ratio", "interval": PROFILE},
    )


class _Problem:
    """The penalised likelihood; its information is an arrow, so all is linear in K."""

    def __init__(self, table: TwoByTwo) -> None:
        self._x1, self._x2 = table.events1, table.events2
        self._n1, self._n2 = table.n1, table.n2
        self._arms = (Binomial(self._x1, self._n1), Binomial(self._x2, self._n2))
        events = self._x1 + self._x2
        self.start = np.log((events + 0.5) / (self._n1 + self._n2 - events + 0.5))

    def _weights(self, alpha: Floats, theta: float) -> tuple[Floats, ...]:
        p1, p2 = special.expit(alpha + theta), special.expit(alpha)
        w1 = self._n1 * p1 * special.expit(-alpha - theta)
        w2 = self._n2 * p2 * special.expit(-alpha)
        return p1, p2, w1, w2

    def value(self, alpha: Floats, theta: float) -> float:
        _, _, w1, w2 = self._weights(alpha, theta)
        both = w1 + w2
        plain = sum(
            float(arm.value(eta[:, np.newaxis]).sum())
            for arm, eta in zip(self._arms, (alpha + theta, alpha), strict=True)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            penalty = np.log(both).sum() + np.log((w1 * w2 / both).sum())
        return plain + 0.5 * float(penalty)

    def climb(self, alpha: Floats, theta: float, *, free: bool) -> _Fit:
        """Scoring on Firth's modified score, halved where it does not climb."""
        here = self.value(alpha, theta)
        for _ in range(_MOST_STEPS):
            p1, p2, w1, w2 = self._weights(alpha, theta)
            both = w1 + w2
            share = w1 / both
            information = float((w1 * (1.0 - share)).sum())
            leverage1 = share + w1 * (1.0 - share) ** 2 / information
            leverage2 = (1.0 - share) + w2 * share**2 / information
            u1 = self._x1 - self._n1 * p1 + leverage1 * (0.5 - p1)
            u2 = self._x2 - self._n2 * p2 + leverage2 * (0.5 - p2)
            move = float((u1 - share * (u1 + u2)).sum()) / information if free else 0.0
            move_own = (u1 + u2 - w1 * move) / both
            longest = max(abs(move), float(np.abs(move_own).max()))
            if longest < 1e-11:
                return _Fit(alpha, theta, here, information)
            size = min(1.0, _LARGEST_MOVE / longest)
            for _ in range(40):
                new = self.value(alpha + size * move_own, theta + size * move)
                if new >= here - 1e-12 * (1.0 + abs(here)):
                    break
                size *= 0.5
            alpha, theta, here = alpha + size * move_own, theta + size * move, new
        raise ConvergenceError(
            "No maximum of the penalised likelihood was reached. Tried: "
            f"{_MOST_STEPS} steps of modified scoring with step halving."
        )

    def limits(self, best: _Fit, level: float) -> tuple[float, float]:
        """Where the profile falls by half the quantile of chi-squared."""
        drop = float(special.chdtri(1.0, 1.0 - level)) / 2.0
        found = []
        for sign in (-1.0, 1.0):
            alpha = best.alpha

            def excess(theta: float) -> float:
                nonlocal alpha
                fit = self.climb(alpha, theta, free=False)
                alpha = fit.alpha
                return best.loglik - fit.loglik - drop

            step = 2.0 * best.information**-0.5
            far = best.theta + sign * step
            while excess(far) < 0:
                step *= 2.0
                far = best.theta + sign * step
                if step > _FARTHEST:
                    raise ConvergenceError(
                        "The profile of the penalised likelihood has no limit. Tried: "
                        f"log odds ratios to {far:g}."
                    )
            root = optimize.brentq(excess, best.theta, far, xtol=1e-12, rtol=1e-13)
            found.append(float(root))
        return found[0], found[1]

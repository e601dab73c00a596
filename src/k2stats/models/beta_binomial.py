r"""Beta-binomial pooling: risks that vary between studies, no study left out."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes import Proportion
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.models._count_registry import COUNT_METHODS
from k2stats.models._glmm_search import fit
from k2stats.models._strata import check_evidence
from k2stats.numerics.factorials import factorial_remainder
from k2stats.numerics.rising import log_rising
from k2stats.numerics.tails import chi2_p
from k2stats.results.counts import CountsFit, CountsTest

REFERENCE = "Kuss (2015), Stat Med 34:1097"
TWO = ("OR", "RR", "RD")
ONE = ("PLO", "PLN", "PR")
_GRID = np.concatenate([[0.0], np.geomspace(1e-3, 8.0, 16)])
"""Roots of phi at which the likelihood is profiled first."""


def log_beta_binomial(x: Floats, n: Floats, eta: Floats, phi: Floats) -> Floats:
    r"""Logarithm of the beta-binomial probability of x events out of n.

    .. math:: P(x) = \binom{n}{x} \frac{\prod_{r<x} (p + r\phi)
        \prod_{r<n-x} (1 - p + r\phi)}{\prod_{r<n} (1 + r\phi)},
        \qquad p = \operatorname{expit} \eta, \quad
        \phi = \frac{\rho}{1 - \rho}

    with :math:`\rho` the correlation of two members of one group; binomial at 0.

    Examples
    --------
    >>> x = np.arange(4.0)
    >>> p = np.exp(log_beta_binomial(x, np.array(3.0), np.array(0.0), np.array(0.5)))
    >>> p.round(12)  # p = 1/2 and phi = 1/2: Beta(1, 1), every count alike
    array([0.25, 0.25, 0.25, 0.25])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, x / n, 0.0)
    choose = n * (special.entr(share) + special.entr(1.0 - share)) + (
        factorial_remainder(n) - factorial_remainder(x) - factorial_remainder(n - x)
    )
    return np.asarray(
        choose
        + log_rising(special.expit(eta), x, phi)
        + log_rising(special.expit(-eta), n - x, phi)
        - log_rising(np.ones_like(n), n, phi)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _BetaBinomial:
    """Log odds of each group and the root of phi; a column for every count."""

    x: Floats
    n: Floats
    group: Floats
    names: tuple[str, ...]
    start: Floats

    effects = 1
    has_own = False

    @property
    def spreads(self) -> tuple[int, ...]:
        return (len(self.names) - 1,)

    @property
    def grid(self) -> Floats:
        return _GRID

    @property
    def own_start(self) -> Floats:
        return np.zeros(self.x.shape)

    def loglik(self, psi: Floats, alpha: Floats, nodes: int) -> Floats:
        eta = psi[:, self.group.astype(np.intp)]
        return log_beta_binomial(self.x, self.n, eta, psi[:, -1:] ** 2)

    def loglik_at_modes(self, psi: Floats, alpha: Floats) -> Floats:
        return self.loglik(psi, alpha, 1)


@COUNT_METHODS.register(
    "beta-binomial",
    label="Beta-binomial risks",
    reference=REFERENCE,
    equation="x_kj ~ BetaBin(n_kj, p_j, rho)",
    traits=(*TWO, *ONE, "random"),
)
def beta_binomial(
    evidence: TwoByTwo | Proportion, measure: str = "OR", *, level: float = 0.95
) -> CountsFit:
    r"""Pool risks whose distribution between studies is beta.

    .. math:: x_{kj} \sim \operatorname{BetaBin}(n_{kj},\ p_j,\ \rho)

    The arms are taken as independent and one correlation :math:`\rho` serves both
    groups; risks of the groups are pooled, not effects of studies, and studies
    without events count in full. One fit answers for every measure: the standard
    error follows from the observed information by the delta method.

    Parameters
    ----------
    evidence : TwoByTwo or Proportion
        One data set, shape ``(K,)``.
    measure : {"OR", "RR", "RD"} or {"PLO", "PLN", "PR"}
        The latter of one group.
    level : float

    Returns
    -------
    CountsFit
        ``figures``: ``icc`` (rho), ``icc_se``, ``loglik``, ``common_loglik`` (rho at
        0), ``risk1``, ``risk2`` or ``risk``. ``tests["icc"]``: likelihood ratio test
        of rho = 0, p from the even mixture of chi-squared with 0 and 1 degrees of
        freedom.

    Raises
    ------
    InvalidEvidenceError
        For counts of another kind or a batch.
    ConvergenceError
        Where a group has no events or no non-events at all.

    References
    ----------
    Kuss, O. (2015). Statistical methods for meta-analyses including information from
    studies without any events - add nothing to nothing and succeed nevertheless.
    Statistics in Medicine, 34, 1097-1116.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[0, 1, 0, 4], n1=[40, 35, 50, 60],
    ...                               events2=[1, 3, 0, 7], n2=[42, 36, 49, 61])
    >>> print(beta_binomial(tables, "RR"))
    RR 0.4699 (95% CI 0.09852 to 2.241), beta-binomial, 4 studies
    """
    check_evidence(evidence, measure, (*TWO, *ONE), "the beta-binomial model")
    if len(evidence.shape) != 1:
        raise InvalidEvidenceError(
            field="evidence",
            requirement="one data set of shape (K,), not a batch",
            given=evidence.shape,
        )
    model = _build(evidence)
    found = fit(model, nodes=1)
    groups = len(model.names) - 1
    eta, omega = found.psi[:groups], float(found.psi[-1])
    estimate, slope = _measure(measure, eta)
    variance = slope @ found.cov[:groups, :groups] @ slope
    phi = omega**2
    icc = phi / (1.0 + phi)
    icc_se = 2.0 * omega * np.sqrt(found.cov[-1, -1]) / (1.0 + phi) ** 2
    statistic = max(2.0 * (found.loglik - found.common_loglik), 0.0)
    half = np.where(statistic > 0, 0.5 * chi2_p(np.asarray(statistic)), 1.0)
    figures = {
        "icc": icc,
        "icc_se": icc_se,
        "loglik": found.loglik,
        "common_loglik": found.common_loglik,
    }
    risks = special.expit(eta)
    names = ("risk1", "risk2") if groups == 2 else ("risk",)
    figures |= dict(zip(names, risks.tolist(), strict=True))
    test = CountsTest(
        "icc",
        "Likelihood ratio, half chi-squared",
        np.asarray(statistic),
        np.asarray(1.0),
        half,
        "no correlation within groups",
    )
    k = evidence.shape[-1]
    return CountsFit.wald(
        estimate,
        np.asarray(np.sqrt(variance)),
        level=level,
        measure=measure,
        method="beta-binomial",
        k=np.asarray(float(k)),
        k_total=k,
        tests={"icc": test},
        figures={n: np.asarray(float(v)) for n, v in figures.items()},
        record={
            "reference": REFERENCE,
            "standard errors": "observed information, delta method",
            "zero cells": "nothing added",
        },
    )


def _build(evidence: TwoByTwo | Proportion) -> _BetaBinomial:
    if isinstance(evidence, TwoByTwo):
        arms = [
            ("1", evidence.events1, evidence.n1),
            ("2", evidence.events2, evidence.n2),
        ]
    else:
        arms = [("", evidence.events, evidence.n)]
    start = []
    for name, x, n in arms:
        which = f" {name}" if name else ""
        for what, count in (("events", x), ("non-events", n - x)):
            if not count.any():
                raise ConvergenceError(
                    f"The maximum likelihood estimate is infinite: group{which} has no "
                    f"{what} in any study. Tried: the sufficient statistics, before "
                    "any search. firth() or exact_odds_ratio() has an answer."
                )
        start.append(float(np.log(x.sum() / (n - x).sum())))
    return _BetaBinomial(
        x=np.concatenate([a[1] for a in arms]),
        n=np.concatenate([a[2] for a in arms]),
        group=np.repeat(np.arange(len(arms), dtype=float), evidence.shape[-1]),
        names=(*(f"eta{a[0]}" for a in arms), "omega"),
        start=np.array([*start, 0.1]),
    )


def _measure(measure: str, eta: Floats) -> tuple[Floats, Floats]:
    """Estimate, and its slope in the log odds of the groups."""
    p, q = special.expit(eta), special.expit(-eta)
    values, slopes = {
        "OR": (eta, np.ones_like(eta)),
        "PLO": (eta, np.ones_like(eta)),
        "RR": (-np.logaddexp(0.0, -eta), q),
        "PLN": (-np.logaddexp(0.0, -eta), q),
        "RD": (p, p * q),
        "PR": (p, p * q),
    }[measure]
    if eta.size == 1:
        return np.asarray(values[0]), slopes
    return np.asarray(values[0] - values[1]), slopes * np.array([1.0, -1.0])

"""GLMMs against lme4's and metafor's figures, brute force, and laws."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import optimize, special, stats

from k2stats._typing import Floats
from k2stats.effectsizes import Proportion, Rate, TwoRates
from k2stats.errors import ConvergenceError, InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models._glmm_models import GLMM_MODELS
from k2stats.models._glmm_prepare import informative
from k2stats.models.glmm import glmm
from models.brute_force import hessian, least
from models.count_tables import (
    BCG,
    CATHETER_DAYS,
    CATHETERS,
    DOCTORS,
    SPARSE,
    cut,
    joined,
)

GRID = np.linspace(-12.0, 12.0, 401)
LOG_DENSITY = stats.norm.logpdf(GRID) + np.log(GRID[1] - GRID[0])
"""The trapezoidal rule is exact to rounding for analytic functions on the line."""


def conditional(t: TwoByTwo) -> Callable[[float, float], float]:
    """Marginal log-likelihood of CM.EL, summed over a fine grid."""
    pieces = []
    for x1, n1, x2, n2 in zip(t.events1, t.n1, t.events2, t.n2, strict=True):
        m = x1 + x2
        k = np.arange(max(0, m - n2), min(n1, m) + 1)
        logs = stats.hypergeom.logpmf(k, n1 + n2, n1, m)
        pieces.append((k, logs, x1))

    def loglik(theta: float, tau: float) -> float:
        total = 0.0
        for k, logs, x1 in pieces:
            eta = theta + tau * GRID
            below = special.logsumexp(logs[:, None] + k[:, None] * eta, axis=0)
            own = float(logs[k == x1][0])
            total += special.logsumexp(own + x1 * eta - below + LOG_DENSITY)
        return float(total)

    return loglik


def binomial(x: Floats, n: Floats, offset: Floats) -> Callable[[float, float], float]:
    def loglik(theta: float, tau: float) -> float:
        eta = (theta + offset)[:, None] + tau * GRID
        logs = stats.binom.logpmf(x[:, None], n[:, None], special.expit(eta))
        return float(special.logsumexp(logs + LOG_DENSITY, axis=1).sum())

    return loglik


@pytest.mark.parametrize(
    ("model", "estimate", "se", "tau2", "at_modes", "lrt"),
    [
        # glmm/bcg/UM.FS and glmm/bcg/CM.AL; their log-likelihood is that of the
        # counts given the modes of the random effects.
        ("UM.FS", -0.745013466, 0.175565799, 0.294893648, -70.967687, 176.954448188),
        ("CM.AL", -0.722116996, 0.174401922, 0.288710351, -31.506307, 161.820963366),
    ],
)
def test_bcg_with_seven_nodes(
    model: str, estimate: float, se: float, tau2: float, at_modes: float, lrt: float
) -> None:
    fit = glmm(BCG, model=model, nagq=7)
    assert fit.tau2 is not None
    assert abs(float(fit.estimate) - estimate) < 2e-5
    assert abs(float(fit.se) - se) < 2e-5
    assert abs(float(fit.tau2) - tau2) < 2e-5
    assert abs(float(fit.figures["loglik_at_modes"]) - at_modes) < 2e-4
    assert abs(float(fit.test("LRT").statistic) - lrt) < 1e-7


def test_laplace_of_two_random_effects() -> None:
    # lme4 1.1-31 on the BCG trials with tolPwrss = 1e-11: -0.76164893588 (0.1821413),
    # log-likelihood -126.29627728416. At its default tolerance of 1e-7 the inner
    # iterations stop early and the standard error is printed as 0.1814645.
    fit = glmm(BCG, model="UM.RS", nagq=1)
    assert abs(float(fit.estimate) + 0.76164893588) < 1e-7
    assert abs(float(fit.se) - 0.18214134) < 1e-7
    assert abs(float(fit.figures["loglik"]) + 126.29627728416) < 1e-9
    # glmm/bcg/UM.RS.
    assert abs(float(fit.test("LRT").statistic) - 174.131678536831) < 1e-3


def test_conditional_exact_of_the_catheters() -> None:
    # metafor 3.8-1, rma.glmm(model="CM.EL"), its integrals by adaptive quadrature:
    # -1.3532 (0.3511), tau2 0.6935, LRT 28.6093.
    fit = glmm(CATHETERS, model="CM.EL")
    assert fit.tau2 is not None
    assert abs(float(fit.estimate) + 1.3532) < 5e-5
    assert abs(float(fit.se) - 0.3510) < 5e-5
    assert abs(float(fit.tau2) - 0.6935) < 5e-5
    assert abs(float(fit.test("LRT").statistic) - 28.609267714) < 1e-7
    assert int(fit.k) == 17
    assert fit.k_total == 18


@pytest.mark.parametrize(
    ("model", "estimate", "se", "tau2", "lrt"),
    [
        # metafor 3.8-1 on the catheters, one effect, seven nodes. With many intercepts
        # lme4's optimiser stops within 1e-3 of the maximum.
        ("UM.FS", -1.2369202800, 0.2804090430, 0.3197936843, 28.7359061000),
        ("CM.AL", -1.3026530266, 0.3386409302, 0.6006847079, 27.3917307250),
    ],
)
def test_catheters(
    model: str, estimate: float, se: float, tau2: float, lrt: float
) -> None:
    fit = glmm(CATHETERS, model=model, nagq=7)
    assert fit.tau2 is not None
    close = 1e-3 if model == "UM.FS" else 3e-5
    assert abs(float(fit.estimate) / estimate - 1.0) < close
    assert abs(float(fit.se) / se - 1.0) < close
    assert abs(float(fit.tau2) / tau2 - 1.0) < close
    assert abs(float(fit.test("LRT").statistic) - lrt) < 1e-6


@pytest.mark.parametrize(
    ("model", "estimate", "se", "tau2", "lrt"),
    [
        # metafor 3.8-1 on infections per catheter-day, seven nodes; as above.
        ("UM.FS", -0.45874453867, 0.22482654318, 0.09562165503, 11.60177439793),
        ("CM.EL", -0.4762394314, 0.2377004276, 0.1225613834, 11.6017743979),
    ],
)
def test_rates(model: str, estimate: float, se: float, tau2: float, lrt: float) -> None:
    fit = glmm(CATHETER_DAYS, "IRR", model=model, nagq=7)
    assert fit.tau2 is not None
    close = 1e-3 if model == "UM.FS" else 3e-5
    assert abs(float(fit.estimate) / estimate - 1.0) < close
    assert abs(float(fit.se) / se - 1.0) < close
    assert abs(float(fit.tau2) / tau2 - 1.0) < close
    assert abs(float(fit.test("LRT").statistic) - lrt) < 1e-7


def test_one_group() -> None:
    # metafor 3.8-1: IRLN of the first groups; PLO of the second.
    rate = Rate.from_arrays(events=CATHETER_DAYS.events1, time=CATHETER_DAYS.time1)
    fit = glmm(rate, "IRLN", nagq=7)
    assert fit.tau2 is not None
    assert abs(float(fit.estimate) + 6.0583513219) < 2e-5
    assert abs(float(fit.se) - 0.3302646561) < 2e-5
    assert abs(float(fit.tau2) - 0.6542918692) < 5e-5
    share = Proportion.from_arrays(events=CATHETERS.events2, n=CATHETERS.n2)
    logit = glmm(share, "PLO", nagq=7)
    assert logit.tau2 is not None
    assert abs(float(logit.estimate) + 3.496443449) < 2e-5
    assert abs(float(logit.se) - 0.2569906917) < 2e-5
    assert abs(float(logit.tau2) - 0.8123541187) < 5e-5
    assert abs(float(logit.test("LRT").statistic) - 85.2839426213) < 1e-7


@pytest.mark.parametrize(
    ("coding", "estimate", "tau2"),
    [
        # metafor 3.8-1, UM.FS of the BCG trials, coding=1 and coding=0.
        (1.0, -0.7639531051, 0.2810174419),
        (0.0, -0.7270744931, 0.2421833318),
    ],
)
def test_coding(coding: float, estimate: float, tau2: float) -> None:
    fit = glmm(BCG, nagq=7, coding=coding)
    assert fit.tau2 is not None
    assert abs(float(fit.estimate) / estimate - 1.0) < 3e-4
    assert abs(float(fit.tau2) / tau2 - 1.0) < 3e-4


@pytest.mark.parametrize("model", ["CM.EL", "CM.AL"])
def test_log_likelihood_estimate_and_error_against_a_fine_grid(model: str) -> None:
    t = cut(CATHETERS, [0, 2, 3, 5, 8, 10, 13, 17])
    f = (
        conditional(t)
        if model == "CM.EL"
        else binomial(t.events1, t.events1 + t.events2, np.log(t.n1 / t.n2))
    )
    fit = glmm(t, model=model)
    assert fit.tau2 is not None
    theta, tau = float(fit.estimate), float(np.sqrt(fit.tau2))
    assert abs(f(theta, tau) - float(fit.figures["loglik"])) < 1e-10
    _, value = least(lambda p: -f(float(p[0]), abs(float(p[1]))), [-1.0, 0.7])
    assert float(fit.figures["loglik"]) >= -value - 1e-11
    cov = np.linalg.inv(hessian(lambda p: -f(p[0], p[1]), np.array([theta, tau])))
    assert abs(float(fit.se) - np.sqrt(cov[0, 0])) < 1e-6
    assert fit.se_tau2 is not None
    assert abs(float(fit.se_tau2) - 2 * tau * np.sqrt(cov[1, 1])) < 1e-5


def test_unconditional_likelihood_against_a_fine_grid() -> None:
    t = cut(CATHETERS, [1, 4, 8, 13])
    fit = glmm(t)
    assert fit.tau2 is not None

    def loglik(p: Floats) -> float:
        u = p[0] + p[1] * GRID
        total = 0.0
        for k in range(4):
            logs = stats.binom.logpmf(
                t.events1[k], t.n1[k], special.expit(p[2 + k] + u / 2)
            ) + stats.binom.logpmf(
                t.events2[k], t.n2[k], special.expit(p[2 + k] - u / 2)
            )
            total += special.logsumexp(logs + LOG_DENSITY)
        return float(total)

    start = [float(fit.estimate), float(np.sqrt(fit.tau2)), -3.0, -3.0, -2.5, -3.0]
    best, value = least(lambda p: -loglik(p), start, smooth=True)
    assert abs(-value - float(fit.figures["loglik"])) < 1e-9
    assert abs(best[0] - float(fit.estimate)) < 1e-5
    se = np.sqrt(np.linalg.inv(hessian(lambda p: -loglik(p), best, 0.05))[0, 0])
    assert abs(float(fit.se) / se - 1.0) < 1e-5


def test_two_random_effects_against_a_fine_grid() -> None:
    t = cut(CATHETERS, [1, 4, 8, 13, 16])
    fit = glmm(t, model="UM.RS")
    assert fit.tau2 is not None
    sigma = np.sqrt(float(fit.figures["sigma2"]))
    tau = np.sqrt(float(fit.tau2))
    u = np.linspace(-9.0, 9.0, 201)
    density = stats.norm.logpdf(u) + np.log(u[1] - u[0])
    level = float(fit.figures["intercept"]) + sigma * u[:, None]
    half = (float(fit.estimate) + tau * u[None, :]) / 2
    total = sum(
        special.logsumexp(
            stats.binom.logpmf(x1, n1, special.expit(level + half))
            + stats.binom.logpmf(x2, n2, special.expit(level - half))
            + density[:, None]
            + density[None, :]
        )
        for x1, n1, x2, n2 in zip(t.events1, t.n1, t.events2, t.n2, strict=True)
    )
    assert abs(total - float(fit.figures["loglik"])) < 1e-9


def test_the_maximum_is_global_in_random_sparse_sets() -> None:
    rng = np.random.default_rng(11)
    taus = np.linspace(0.0, 5.0, 26)
    checked = 0
    for _ in range(12):
        n = rng.integers(15, 80, 5).astype(float)
        x = rng.binomial(n.astype(int), special.expit(rng.normal(-2.0, 1.2, 5)))
        if x.sum() == 0:
            continue
        f = binomial(x.astype(float), n, np.zeros(5))
        fit = glmm(Proportion.from_arrays(events=x, n=n), "PLO")
        grid = max(
            -optimize.minimize_scalar(
                lambda m, s=s, f=f: -f(m, s), bounds=(-8, 3), method="bounded"
            ).fun
            for s in taus[::3]
        )
        assert float(fit.figures["loglik"]) >= grid - 1e-8
        checked += 1
    assert checked >= 10


def test_no_spread_gives_the_common_effect() -> None:
    fit = glmm(DOCTORS, "IRR", model="CM.EL", tau2=0.0)
    m = DOCTORS.events1 + DOCTORS.events2
    offset = np.log(DOCTORS.time1 / DOCTORS.time2)

    def score(theta: float) -> float:
        return float(np.sum(DOCTORS.events1 - m * special.expit(theta + offset)))

    root = optimize.brentq(score, -3, 3, xtol=1e-14)
    assert abs(float(fit.estimate) - root) < 1e-9
    p = special.expit(root + offset)
    assert abs(float(fit.se) - np.sum(m * p * (1 - p)) ** -0.5) < 1e-8
    # glmm/hart1999 and the like: with free intercepts Poisson is conditional binomial.
    free = glmm(DOCTORS, "IRR", model="UM.FS", tau2=0.0)
    assert abs(float(free.estimate) - root) < 1e-8
    assert abs(float(free.se) - float(fit.se)) < 1e-7


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL", "CM.AL"])
def test_swapping_groups_turns_the_sign(model: str) -> None:
    t = cut(CATHETERS, [0, 2, 3, 8, 13, 17])
    fit, turned = (
        glmm(t, model=model, nagq=9),
        glmm(t.swap_groups(), model=model, nagq=9),
    )
    assert abs(float(fit.estimate) + float(turned.estimate)) < 1e-6
    assert abs(float(fit.se) - float(turned.se)) < 1e-6
    loglik = [float(f.figures["loglik"]) for f in (fit, turned)]
    assert abs(loglik[0] - loglik[1]) < 1e-9


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL"])
def test_swapping_the_outcome_turns_the_sign(model: str) -> None:
    t = cut(CATHETERS, [0, 2, 3, 8, 13, 17])
    fit = glmm(t, model=model, nagq=9)
    turned = glmm(t.swap_outcome(), model=model, nagq=9)
    assert abs(float(fit.estimate) + float(turned.estimate)) < 1e-6
    assert abs(float(fit.se) - float(turned.se)) < 1e-6


def test_order_and_double_zeros_do_not_matter() -> None:
    zero = TwoByTwo.from_counts(
        events1=[0, 40], n1=[30, 40], events2=[0, 50], n2=[35, 50]
    )
    fit = glmm(CATHETERS)
    other = glmm(joined(cut(CATHETERS, slice(None, None, -1)), zero))
    assert abs(float(fit.estimate) - float(other.estimate)) < 1e-9
    assert abs(float(fit.se) - float(other.se)) < 1e-9
    assert int(other.k) == 17
    assert other.k_total == 20
    kept = glmm(joined(CATHETERS, zero), model="UM.RS", nagq=1, double_zeros="keep")
    assert int(kept.k) == 20


def test_a_coarse_rule_does_not_end_the_search() -> None:
    # Groups full of events: the integrand is broad, and 31 nodes are not enough for
    # the derivatives of the integral to be those of the rule.
    t = TwoByTwo.from_counts(
        events1=[26, 32, 23, 28, 9],
        n1=[26, 32, 23, 34, 10],
        events2=[33, 15, 26, 19, 22],
        n2=[33, 16, 31, 19, 31],
    )
    fit = glmm(t, model="CM.EL")
    assert fit.tau2 is not None
    f = conditional(t[informative(t)])
    wide, value = least(lambda p: -f(float(p[0]), float(p[1])), [1.7, 4.2])
    assert abs(float(fit.figures["loglik"]) + value) < 1e-7
    assert abs(float(fit.estimate) - wide[0]) < 1e-4
    assert abs(float(fit.tau2) - wide[1] ** 2) < 1e-3


def test_more_nodes_settle() -> None:
    share = Proportion.from_arrays(events=[0, 9, 1, 10, 2, 8], n=[10, 10, 12, 10, 9, 9])
    fit = glmm(share, "PLO")
    assert float(fit.figures["quadrature_error"]) < 1e-10
    assert fit.tau2 is not None
    coarse = glmm(share, "PLO", nagq=3)
    assert abs(float(coarse.figures["loglik"] - fit.figures["loglik"])) > 1e-6
    f = binomial(share.events, share.n, np.zeros(6))
    wanted = f(float(fit.estimate), float(np.sqrt(fit.tau2)))
    assert abs(wanted - float(fit.figures["loglik"])) < 1e-9


def test_t_reference_and_record() -> None:
    z, t = glmm(BCG, model="CM.AL"), glmm(BCG, model="CM.AL", test="t")
    assert float(t.p) > float(z.p)
    half = float(special.stdtrit(12, 0.975)) * float(t.se)
    assert abs(float(t.ci_high) - float(t.estimate) - half) < 1e-12
    assert t.record["test"] == "t"
    assert "Stijnen" in z.record["reference"]
    assert "tau2" in z.summary()
    assert set(GLMM_MODELS) == {"UM.FS", "UM.RS", "CM.AL", "CM.EL", "one-group"}


def test_one_study() -> None:
    fit = glmm(TwoByTwo.from_counts(events1=5, n1=10, events2=3, n2=11))
    assert fit.tau2 is not None
    assert float(fit.tau2) == 0.0
    assert abs(float(fit.estimate) - np.log(5 * 8 / (5 * 3))) < 1e-8
    want = np.sqrt(1 / 5 + 1 / 5 + 1 / 3 + 1 / 8)
    assert abs(float(fit.se) - want) < 1e-6


def test_infinite_estimates_are_refused() -> None:
    none = TwoByTwo.from_counts(
        events1=[0, 0], n1=[20, 30], events2=[2, 3], n2=[21, 30]
    )
    with pytest.raises(ConvergenceError, match="as few events as the margins allow"):
        glmm(none)
    for model in ("UM.RS", "CM.AL"):
        with pytest.raises(ConvergenceError, match="no events in group 1"):
            glmm(none, model=model)
    with pytest.raises(ConvergenceError, match="no events in any study"):
        glmm(Proportion.from_arrays(events=[0, 0], n=[5, 6]), "PLO")
    with pytest.raises(ConvergenceError, match="log rate ratio is infinite"):
        glmm(
            TwoRates.from_arrays(
                events1=[0, 0], time1=[1, 2], events2=[3, 4], time2=[1, 2]
            ),
            "IRR",
        )
    apart = Proportion.from_arrays(events=[0, 400], n=[400, 400])
    with pytest.raises(ConvergenceError, match="rises without end as tau grows"):
        glmm(apart, "PLO")


def test_errors() -> None:
    with pytest.raises(
        UnknownMethodError, match=r"GLMM for IRR 'CM\.AL'\. Known: UM\.FS"
    ):
        glmm(DOCTORS, "IRR", model="CM.AL")
    with pytest.raises(InvalidEvidenceError, match="measure must be one of OR, IRR"):
        glmm(BCG, "RR")
    with pytest.raises(InvalidEvidenceError, match="nagq must be a whole number"):
        glmm(BCG, nagq=0)
    with pytest.raises(InvalidEvidenceError, match="tau2 must be 0 or a positive"):
        glmm(BCG, tau2=-0.1)
    with pytest.raises(UnknownMethodError, match="test 'F'"):
        glmm(BCG, test="F")  # type: ignore[arg-type]
    two = np.array([[1.0, 2.0]])
    batch = TwoByTwo(two, two + 5, two, two + 6)
    with pytest.raises(InvalidEvidenceError, match="not a batch"):
        glmm(batch)
    nothing = TwoByTwo.from_counts(events1=[0, 0], n1=5, events2=[0, 0], n2=5)
    with pytest.raises(InvalidEvidenceError, match="events and non-events in at least"):
        glmm(nothing)
    assert informative(SPARSE).tolist() == [False, True, True, True, True, True]

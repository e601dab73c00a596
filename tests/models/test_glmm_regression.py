"""Moderators in GLMMs against metafor's figures, brute force, and laws."""

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from k2stats._typing import Floats
from k2stats.effectsizes import Proportion, Rate
from k2stats.errors import ConvergenceError, InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models.glmm import glmm
from k2stats.models.glmm_regression import glmm_regression
from models.brute_force import hessian, least
from models.count_tables import BCG, CATHETER_DAYS, CATHETERS, cut

# Colditz et al. (1994), Table 1: absolute latitude and allocation of the BCG trials.
ABLAT = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
ALLOC = [
    *["random"] * 4,
    *["alternate"] * 2,
    *["random"] * 3,
    *["systematic"] * 4,
]
GRID = np.linspace(-9.0, 9.0, 145)
LOG_DENSITY = stats.norm.logpdf(GRID) + np.log(GRID[1] - GRID[0])


@pytest.mark.parametrize(
    ("model", "beta", "se", "tau2", "qm", "loglik", "lrt"),
    [
        # metafor 3.8-1, rma.glmm(mods = ~ ablat), seven nodes (Laplace for UM.RS,
        # whose standard errors lie within 5e-4, as those of lme4 do without
        # moderators; QM, which they go into, within 0.4).
        (
            "UM.FS",
            (3.98859045e-01, -3.33291442e-02),
            (8.22144376e-02, 2.78536168e-03),
            0.0,
            1.43180914e02,
            -8.16778705e01,
            2.50138523e01,
        ),
        (
            "UM.RS",
            (3.62399539e-01, -3.26091073e-02),
            (1.39138675e-01, 3.73742649e-03),
            4.67406343e-03,
            7.61259107e01,
            -1.21301089e02,
            2.40534583e01,
        ),
        (
            "CM.AL",
            (2.92970432e-01, -2.99316134e-02),
            (1.86836461e-01, 5.36125463e-03),
            3.18679834e-02,
            3.11693240e01,
            -3.67002929e01,
            3.00133867e01,
        ),
    ],
)
def test_bcg_by_latitude(
    model: str,
    beta: tuple[float, float],
    se: tuple[float, float],
    tau2: float,
    qm: float,
    loglik: float,
    lrt: float,
) -> None:
    random = model == "UM.RS"
    fit = glmm_regression(
        BCG, "~ ablat", data={"ablat": ABLAT}, model=model, nagq=1 if random else 7
    )
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-5)
    np.testing.assert_allclose(fit.se, se, rtol=5e-3 if random else 5e-6)
    assert abs(fit.tau2 - tau2) < 1e-6
    assert abs(fit.QM - qm) < (0.4 if random else 2e-4)
    printed = "loglik" if random else "loglik_at_modes"
    assert abs(fit.figures[printed] - loglik) < 1e-4
    assert abs(float(fit.test("LRT").statistic) - lrt) < 1e-5
    assert float(fit.test("LRT").df) == 11.0


def test_factors_and_their_names() -> None:
    # metafor 3.8-1, rma.glmm(mods = ~ ablat + factor(alloc), model = "CM.AL").
    fit = glmm_regression(
        BCG,
        "~ ablat + C(alloc)",
        data=pd.DataFrame({"ablat": ABLAT, "alloc": CODED}),
        model="CM.AL",
        nagq=7,
    )
    assert fit.names == (
        "Intercept",
        "ablat",
        "C(alloc)[T.random]",
        "C(alloc)[T.systematic]",
    )
    want = [0.431899475, -0.0303276669, -0.210959767, -0.0837676047]
    np.testing.assert_allclose(fit.beta, want, rtol=1e-4)
    want = [0.277975131, 0.00573159226, 0.194580984, 0.267926240]
    np.testing.assert_allclose(fit.se, want, rtol=1e-5)
    assert abs(fit.tau2 - 2.66554812e-02) < 1e-5
    assert abs(fit.QM - 34.9062733) < 1e-3
    assert fit.omnibus.df == 3
    assert abs(float(fit.test("LRT").p) - 2.18670246e-03) < 1e-9


CODED = [
    *["random", "random", "random", "random", "alternate", "alternate"],
    *["random", "random", "random", "systematic", "systematic", "systematic"],
    "systematic",
]


def test_conditional_exact_against_a_fine_grid() -> None:
    t = cut(CATHETERS, [0, 2, 5, 8, 10, 17])
    x = np.array([0.0, 1.0, 2.0, 3.0, 1.5, 0.2])
    fit = glmm_regression(t, "~ x", data={"x": x}, model="CM.EL")
    pieces = []
    for x1, n1, x2, n2 in zip(t.events1, t.n1, t.events2, t.n2, strict=True):
        m = x1 + x2
        k = np.arange(max(0, m - n2), min(n1, m) + 1)
        pieces.append((k, stats.hypergeom.logpmf(k, n1 + n2, n1, m), x1))

    def loglik(p: Floats) -> float:
        total = 0.0
        for value, (k, logs, x1) in zip(x, pieces, strict=True):
            eta = p[0] + p[1] * value + p[2] * GRID
            below = special.logsumexp(logs[:, None] + k[:, None] * eta, axis=0)
            own = float(logs[k == x1][0])
            total += special.logsumexp(own + x1 * eta - below + LOG_DENSITY)
        return float(total)

    at = np.array([*fit.beta, fit.tau])
    assert abs(loglik(at) - fit.loglik) < 1e-10
    _, value = least(lambda p: -loglik(p), [*(at + 0.1)])
    assert fit.loglik >= -value - 1e-10
    cov = np.linalg.inv(hessian(lambda p: -loglik(p), at))
    np.testing.assert_allclose(fit.cov, cov[:2, :2], rtol=2e-5, atol=1e-7)
    assert abs(fit.se_tau2 - 2 * fit.tau * np.sqrt(cov[2, 2])) < 1e-5


def test_unconditional_likelihoods_against_a_fine_grid() -> None:
    t = cut(CATHETERS, [1, 4, 8, 13])
    x = np.array([0.0, 1.0, 3.0, 2.0])
    u = np.linspace(-8.0, 8.0, 161)
    density = stats.norm.logpdf(u) + np.log(u[1] - u[0])
    one, two = (n[:, None, None] for n in (t.n1, t.n2))
    x1, x2 = (n[:, None, None] for n in (t.events1, t.events2))

    def both(level: Floats, first: Floats, second: Floats) -> Floats:
        return np.asarray(
            stats.binom.logpmf(x1, one, special.expit(level + first))
            + stats.binom.logpmf(x2, two, special.expit(level + second))
        )

    free = glmm_regression(t, "~ x", data={"x": x}, tau2=0.4)

    def of_free(p: Floats) -> float:
        # The intercepts are those of the middle of the random effect.
        half = np.sqrt(0.4) / 2 * u[None, :, None]
        mean = (p[0] + p[1] * x)[:, None, None]
        logs = both(p[2:, None, None], mean + half, -half)[..., 0]
        return float(special.logsumexp(logs + density, axis=1).sum())

    start = np.array([*free.beta, -3.0, -3.0, -2.5, -3.0])
    best, value = least(lambda p: -of_free(p), start, smooth=True)
    assert abs(-value - free.loglik) < 1e-9
    np.testing.assert_allclose(free.beta, best[:2], atol=2e-5)
    cov = np.linalg.inv(hessian(lambda p: -of_free(p), best, 0.05))[:2, :2]
    np.testing.assert_allclose(free.cov, cov, rtol=1e-4)

    drawn = glmm_regression(t, "~ x", data={"x": x}, model="UM.RS", tau2=0.4)
    sigma = np.sqrt(drawn.figures["sigma2"])
    level = drawn.figures["intercept"] + sigma * u[None, :, None]
    half = np.sqrt(0.4) / 2 * u[None, None, :]
    mean = (drawn.design.X @ drawn.beta)[:, None, None]
    logs = both(level, mean + half, -half)
    weights = density[:, None] + density[None, :]
    total = special.logsumexp(logs + weights, axis=(1, 2)).sum()
    assert abs(total - drawn.loglik) < 1e-9


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.AL", "CM.EL"])
def test_a_constant_is_the_pooled_effect(model: str) -> None:
    t = cut(CATHETERS, [0, 2, 3, 8, 13, 17])
    fit = glmm_regression(t, "~ 1", data={}, model=model, nagq=9)
    plain = glmm(t, model=model, nagq=9)
    assert plain.tau2 is not None
    assert abs(fit.beta[0] - float(plain.estimate)) < 1e-8
    assert abs(fit.se[0] - float(plain.se)) < 1e-8
    assert abs(fit.tau2 - float(plain.tau2)) < 1e-8
    lrt = float(plain.test("LRT").statistic)
    assert abs(float(fit.test("LRT").statistic) - lrt) < 1e-9
    assert "moderators" not in fit.tests
    assert np.isnan(fit.R2)


def test_units_and_offsets_do_not_matter() -> None:
    years = np.arange(1990.0, 2008.0)
    one = glmm_regression(CATHETERS, "~ x", data={"x": years}, model="CM.AL")
    other = glmm_regression(
        CATHETERS, "~ x", data={"x": 1e3 * (years - 1999)}, model="CM.AL"
    )
    assert abs(one.loglik - other.loglik) < 1e-11
    np.testing.assert_allclose(one.beta[1], 1e3 * other.beta[1], rtol=1e-7)
    np.testing.assert_allclose(one.se[1], 1e3 * other.se[1], rtol=1e-7)
    at = one.beta[0] + 1999 * one.beta[1]
    np.testing.assert_allclose(at, other.beta[0], rtol=1e-7)


def test_groups_without_tau_are_separate_analyses() -> None:
    group = ["a", "b"] * 9
    rows = np.arange(18) % 2 == 0
    for model in ("UM.FS", "CM.EL"):
        fit = glmm_regression(
            CATHETERS, "~ 0 + g", data={"g": group}, model=model, tau2=0.0
        )
        for j, chosen in enumerate((rows, ~rows)):
            alone = glmm(CATHETERS[chosen], model=model, tau2=0.0)
            assert abs(fit.beta[j] - float(alone.estimate)) < 1e-8
            assert abs(fit.se[j] - float(alone.se)) < 1e-8
        assert fit.design.intercept is None


def test_the_likelihood_ratio_is_that_of_the_two_models() -> None:
    data = {"g": ["a", "b", "c"] * 3}
    rates = glmm_regression(CATHETER_DAYS, "~ 0 + g", "IRR", data=data, model="CM.EL")
    plain = glmm(CATHETER_DAYS, "IRR", model="CM.EL")
    gap = 2.0 * (rates.loglik - float(plain.figures["loglik"]))
    test = rates.test("moderators")
    assert abs(float(test.statistic) - gap) < 1e-9
    assert float(test.df) == 2.0
    assert plain.tau2 is not None
    share = 100 * (1 - rates.tau2 / float(plain.tau2))
    assert abs(rates.R2 - max(share, 0.0)) < 1e-4
    same = glmm_regression(CATHETER_DAYS, "~ g", "IRR", data=data, model="UM.FS")
    exact = glmm_regression(CATHETER_DAYS, "~ g", "IRR", data=data, tau2=0.0)
    conditional = glmm_regression(
        CATHETER_DAYS, "~ g", "IRR", data=data, tau2=0.0, model="CM.EL"
    )
    np.testing.assert_allclose(exact.beta, conditional.beta, atol=1e-8)
    assert same.loglik >= exact.loglik
    # No constant in the columns: no smaller model.
    slope = glmm_regression(
        CATHETER_DAYS, "~ 0 + x + z", "IRR", model="CM.EL",
        data={"x": np.arange(9.0), "z": np.arange(9.0) ** 2},
    )  # fmt: skip
    assert set(slope.tests) == {"LRT"}


def test_one_group() -> None:
    x = np.arange(9.0)
    rate = Rate.from_arrays(events=CATHETER_DAYS.events1, time=CATHETER_DAYS.time1)
    fit = glmm_regression(rate, "~ x", "IRLN", data={"x": x})
    e, t = rate.events[:, None], rate.time[:, None]

    def loglik(p: Floats) -> float:
        eta = (p[0] + p[1] * x)[:, None] + p[2] * GRID
        logs = stats.poisson.logpmf(e, t * np.exp(eta)) + LOG_DENSITY
        return float(special.logsumexp(logs, axis=1).sum())

    at = np.array([*fit.beta, fit.tau])
    assert abs(loglik(at) - fit.loglik) < 1e-9
    _, value = least(lambda p: -loglik(p), at + 0.1)
    assert fit.loglik >= -value - 1e-9
    share = Proportion.from_arrays(events=[3, 9, 1, 10], n=[10, 10, 12, 10])
    turned = Proportion.from_arrays(events=[7, 1, 11, 0], n=[10, 10, 12, 10])
    data = {"x": [0, 1, 4, 2]}
    first = glmm_regression(share, "~ x", "PLO", data=data)
    second = glmm_regression(turned, "~ x", "PLO", data=data)
    np.testing.assert_allclose(first.beta, -second.beta, atol=1e-7)


def test_studies_without_information_and_missing_moderators() -> None:
    data = {"x": [0.0, np.nan, *range(16)]}
    with pytest.raises(InvalidEvidenceError, match=r"x must be given .* rows \[1\]"):
        glmm_regression(CATHETERS, "~ x", data=data, model="CM.AL")
    fit = glmm_regression(CATHETERS, "~ x", data=data, model="CM.AL", drop_missing=True)
    # The fifteenth study has no events.
    assert fit.k == 16
    assert fit.k_total == 18
    assert dict(fit.missing) == {"x": (1,)}
    rows = [i for i in range(18) if i != 1]
    other = glmm_regression(
        cut(CATHETERS, rows), "~ x", data={"x": [0, *range(16)]}, model="CM.AL"
    )
    np.testing.assert_allclose(fit.beta, other.beta, atol=1e-10)


def test_infinite_coefficients_are_refused_by_name() -> None:
    t = TwoByTwo.from_counts(
        events1=[0, 0, 3, 4], n1=[20, 30, 20, 20], events2=[2, 3, 2, 5], n2=20
    )
    data = {"g": ["a", "a", "b", "b"], "x": [1.0, 2.0, 1.0, 3.0]}
    for model in ("UM.FS", "UM.RS", "CM.AL", "CM.EL"):
        with pytest.raises(
            ConvergenceError, match=r"coefficients of Intercept, g\[T\.b\]: they part"
        ):
            glmm_regression(t, "~ g + x", data=data, model=model)
    assert np.isfinite(glmm_regression(t, "~ x", data=data, model="CM.EL").se).all()
    # All events, none, and both in the middle: the slope alone runs off.
    share = Proportion.from_arrays(events=[0, 5, 10], n=[10, 10, 10])
    with pytest.raises(ConvergenceError, match=r"log odds is infinite .* of x"):
        glmm_regression(share, "~ 0 + x", "PLO", data={"x": [-1.0, 0.0, 1.0]})
    rate = Rate.from_arrays(events=[0, 5, 10], time=[10, 10, 10])
    fit = glmm_regression(rate, "~ 0 + x", "IRLN", data={"x": [-1.0, 0.0, 1.0]})
    assert np.isfinite(fit.beta).all()


def test_errors() -> None:
    data = {"x": np.arange(18.0), "one": np.ones(18)}
    with pytest.raises(UnknownMethodError, match=r"moderator 'y'\. Known: x, one"):
        glmm_regression(CATHETERS, "~ y", data=data)
    with pytest.raises(InvalidEvidenceError, match="'one' is given by 'Intercept'"):
        glmm_regression(CATHETERS, "~ one", data=data)
    with pytest.raises(InvalidEvidenceError, match="data must be of 18 rows"):
        glmm_regression(CATHETERS, "~ x", data={"x": [1, 2]})
    with pytest.raises(InvalidEvidenceError, match="formula must be text"):
        glmm_regression(CATHETERS, np.ones((18, 1)), data=data)  # type: ignore[arg-type]
    with pytest.raises(UnknownMethodError, match=r"GLMM for IRR 'CM\.AL'"):
        glmm_regression(CATHETER_DAYS, "~ 1", "IRR", data={}, model="CM.AL")
    gone = {"x": [np.nan] * 18}
    with pytest.raises(InvalidEvidenceError, match="complete in a study"):
        glmm_regression(CATHETERS, "~ x", data=gone, drop_missing=True)

"""Selection models: figures, integrals by quadrature, gradients, global maxima."""

import math
from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import integrate, stats

from diagnostics.studies import BCG_RR, BCG_X, HACKSHAW, effect_sets
from k2stats._typing import Alternative, Floats
from k2stats.diagnostics import WEIGHTS, copas, selection_model
from k2stats.diagnostics._selection_likelihood import Published, log_likelihood
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError

SHORT = HACKSHAW[:9]
ONES = np.ones((9, 1))
CASES: list[tuple[str, tuple[float, ...], list[float]]] = [
    ("step", (0.025,), [0.4]),
    ("step", (0.01, 0.05, 0.5), [0.7, 1.4, 0.2]),
    ("beta", (), [1.6, 1.2]),
    ("beta", (), [0.9, 0.8]),
    ("half-normal", (), [2.5]),
    ("half-normal", (0.05,), [2.5]),
    ("negative-exponential", (), [3.0]),
    ("logistic", (0.05,), [3.0]),
    ("power", (), [0.6]),
    ("truncated", (0.1,), [0.3]),
]


def weight(
    name: str, steps: tuple[float, ...], d: list[float], p: float, q: float
) -> float:
    """Weight functions written out, of a p-value and one minus it."""
    if name == "step":
        return [1.0, *d][int(np.searchsorted(steps, p, side="left"))]
    if name == "beta":
        return float(p ** (d[0] - 1.0) * q ** (d[1] - 1.0))
    shapes = {
        "half-normal": lambda q: np.exp(-d[0] * q**2),
        "negative-exponential": lambda q: np.exp(-d[0] * q),
        "logistic": lambda q: 2.0 / (1.0 + np.exp(d[0] * q)),
        "power": lambda q: (1.0 - q) ** d[0],
    }
    if not steps:
        return float(shapes[name](p))
    return 1.0 if p <= steps[0] else float(shapes[name](p) / shapes[name](steps[0]))


def p_value(y: float, s: float, alternative: Alternative) -> tuple[float, float]:
    if alternative == "two-sided":
        size = abs(y) / s / math.sqrt(2.0)
        return math.erfc(size), math.erf(size)
    z = (y if alternative == "greater" else -y) / s / math.sqrt(2.0)
    return 0.5 * math.erfc(z), 0.5 * math.erfc(-z)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize(("name", "steps", "delta"), CASES)
def test_likelihood_by_quadrature(
    name: str, steps: tuple[float, ...], delta: list[float], alternative: Alternative
) -> None:
    if name == "truncated" and alternative == "two-sided":
        with pytest.raises(InvalidEvidenceError, match="effects are truncated"):
            selection_model(SHORT, name, alternative=alternative)
        return
    mu, tau2 = 0.2, 0.05
    total = 0.0
    for y, v in zip(SHORT.y[:4], SHORT.v[:4], strict=True):
        s, sd = np.sqrt(v), np.sqrt(v + tau2)
        sides = 2.0 if alternative == "two-sided" else 1.0
        cuts = [0.0, *(s * stats.norm.isf(np.array(steps) / sides))]
        if name == "truncated":
            cuts = [steps[0]]

        def w(x: float, s: float = s) -> float:
            if name == "truncated":
                beyond = x >= steps[0] if alternative == "greater" else x <= steps[0]
                return 1.0 if beyond else delta[0]
            return weight(name, steps, delta, *p_value(x, s, alternative))

        near = [mu + k * sd for k in range(-16, 17)]
        ends = np.unique(near + cuts + [-c for c in cuts])

        def f(x: float, sd: float = sd, w: Callable[[float], float] = w) -> float:
            density = math.exp(-0.5 * ((x - mu) / sd) ** 2) / math.sqrt(2.0 * math.pi)
            return w(x) * density / sd

        mass = sum(
            integrate.quad(f, a, b, limit=200, full_output=1)[0]
            for a, b in pairwise(ends)
        )
        total += np.log(w(y)) + stats.norm.logpdf(y, mu, sd) - np.log(mass)
    data = Published(SHORT.y[:4], SHORT.v[:4], ONES[:4], alternative)
    made = WEIGHTS[name].function(data, steps, 100.0)
    value, _ = log_likelihood(
        data, made.selection, np.array([mu]), np.array(tau2), np.array(delta)
    )
    assert float(value) == pytest.approx(float(total), abs=5e-6)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize(("name", "steps", "delta"), CASES)
def test_gradient_by_differences(
    name: str, steps: tuple[float, ...], delta: list[float], alternative: Alternative
) -> None:
    if name == "truncated" and alternative == "two-sided":
        return
    X = np.stack([np.ones(9), np.linspace(-1.0, 1.0, 9)], axis=-1)
    data = Published(SHORT.y, SHORT.v, X, alternative)
    selection = WEIGHTS[name].function(data, steps, 100.0).selection
    x = np.array([0.2, -0.1, 0.05, *delta])

    def value(at: Floats) -> float:
        return float(
            log_likelihood(data, selection, at[:2], np.array(at[2]), at[3:])[0]
        )

    _, gradient = log_likelihood(data, selection, x[:2], np.array(x[2]), x[3:])
    for i in range(x.size):
        h = 1e-5 * max(abs(x[i]), 0.05)
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        slope = (value(up) - value(down)) / (2.0 * h)
        assert gradient[i] == pytest.approx(slope, rel=1e-5, abs=2e-5)


@pytest.mark.parametrize(
    ("estimate", "se", "tau2", "delta", "loglik", "lrt"),
    [
        # metafor 5.1-12, selmodel(type="stepfun", steps=0.025, alternative="less"),
        # BCG trials, log RR, ML.
        (-0.620562044400861, 0.261324516247218, 0.291244699020002,
         0.635529779563634, -12.5438266071427, 0.242499482268183),
    ],
)  # fmt: skip
def test_step_figures(
    estimate: float, se: float, tau2: float, delta: float, loglik: float, lrt: float
) -> None:
    found = selection_model(BCG_RR, steps=[0.025], alternative="less")
    assert found.estimate == pytest.approx(estimate, rel=1e-4)
    assert float(found.se[0]) == pytest.approx(se, rel=1e-4)
    assert found.tau2 == pytest.approx(tau2, rel=1e-4)
    assert float(found.delta[0]) == pytest.approx(delta, rel=1e-4)
    assert found.loglik == pytest.approx(loglik, abs=1e-7)
    assert found.lrt == pytest.approx(lrt, abs=1e-6)
    assert found.counts == (8, 5)


@pytest.mark.parametrize(
    ("name", "alternative", "figures"),
    [
        # metafor 3.8-1, selmodel() of Hackshaw (1998), ML: estimate, se, tau2, the
        # deltas, log-likelihood.
        ("negative-exponential", "greater",
         [0.004886, 0.155763, 0.026217, 2.776778, -8.084751]),
        # The package prints 0.117468 for this SE; differences of the log-likelihood by
        # adaptive quadrature give 0.11941.
        ("half-normal", "greater", [0.101111, 0.11941, 0.032102, 2.028683, -8.881771]),
        ("logistic", "greater", [0.032388, 0.15022, 0.02919, 3.196869, -8.304253]),
        ("half-normal", "two-sided",
         [0.193162, 0.053986, 0.016668, 0.618463, -9.772511]),
        ("power", "two-sided", [0.189894, 0.052763, 0.016079, 0.25247, -9.579393]),
        ("4PSM", "greater",
         [0.076569, 0.088761, 0.015226, 0.459867, 0.149537, -8.147897]),
    ],
)  # fmt: skip
def test_other_functions_figures(
    name: str, alternative: Alternative, figures: list[float]
) -> None:
    found = selection_model(HACKSHAW, name, alternative=alternative)
    got = [found.estimate, float(found.se[0]), found.tau2, *found.delta, found.loglik]
    # The package's search and quadrature end at about three digits.
    np.testing.assert_allclose(got, figures, rtol=0.002, atol=2e-4)
    assert found.loglik >= figures[-1] - 1e-5


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("first", [0, 9, 18, 27])
def test_the_maximum_is_global(first: int, alternative: Alternative) -> None:
    es = HACKSHAW[first : first + 9]
    found = selection_model(es, "4PSM", alternative=alternative)
    data = Published(es.y, es.v, np.ones((9, 1)), alternative)
    selection = WEIGHTS["4PSM"].function(data, (), 100.0).selection
    levels = [0.0, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0, 2.0, 5.0, 20.0, 100.0]
    grid = np.array(
        list(
            product(
                np.linspace(-3.0, 3.0, 61),
                [0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0],
                levels,
                levels,
            )
        )
    )
    value, _ = log_likelihood(data, selection, grid[:, :1], grid[:, 1], grid[:, 2:])
    assert found.loglik >= value.max() - 1e-9


def test_a_higher_maximum_than_the_nearest() -> None:
    # Li (2007), magnesium for infarction: 22 log risk ratios as in dat.li2007. From
    # the fit without selection an ascent ends at -19.5058; the maximum is higher.
    y = [-0.613479777826074, -0.895634406948494, -1.08791699955136, -0.041672696400568,
         -0.92734056806074, -1.78866827665838, -0.570544858467613, 0.197975562797742,
         -0.420732580238953, -0.269563109869305, -1.02253347079167, -0.699001734548731,
         -1.33771461252199, 0.0532914036099621, -0.0500104205746617, 1.06686359035353,
         -0.977760305156154, 0.00214570175815276, -1.43508452528932, -1.09861228866811,
         -0.409311908042211, -0.825318953668428]  # fmt: skip
    v = [1.0152493957372, 0.260310546481145, 0.51194234728895, 1.29164857432335,
         0.872252747252747, 0.73380346290563, 0.216412431682845, 0.19955122810936,
         0.538306138306138, 0.017750922860969, 0.244172936017596, 0.324105611958679,
         0.258954790913554, 0.00085765612992872, 0.521397301885107, 2.60315860215054,
         0.196523349464526, 0.00357584453868466, 0.456022408963585, 2.64035087719298,
         0.0160245527659601, 0.93040027605245]  # fmt: skip
    found = selection_model(EffectSizes.from_arrays(y, v), alternative="less")
    assert found.loglik == pytest.approx(-18.603128454, abs=1e-6)


@settings(max_examples=15)
@given(effect_sets(6, 9))
def test_mirrored_effects_and_no_loss(es: EffectSizes) -> None:
    up = selection_model(es, alternative="greater")
    mirrored = EffectSizes.from_arrays(-es.y, es.v, check_scale=False)
    down = selection_model(mirrored, alternative="less")
    assert down.loglik == pytest.approx(up.loglik, abs=1e-6)
    assert up.loglik >= up.loglik_without - 1e-9


def test_weights_of_one_are_no_selection() -> None:
    for name, delta in (("step", [1.0]), ("beta", [1.0, 1.0]), ("power", [0.0])):
        found = selection_model(HACKSHAW, name, delta=delta)
        assert found.lrt == pytest.approx(0.0, abs=1e-7)
        np.testing.assert_allclose(found.beta, found.beta_without, rtol=1e-5)
        assert found.lrt_df == 0
        assert np.isnan(found.lrt_p)


def test_selection_that_was_simulated_is_found() -> None:
    rng = np.random.default_rng(6)
    v = rng.uniform(0.01, 0.15, 4000)
    y = rng.normal(0.2, np.sqrt(v + 0.02))
    p = stats.norm.sf(y / np.sqrt(v))
    kept = rng.uniform(size=4000) < np.where(p <= 0.025, 1.0, 0.3)
    es = EffectSizes.from_arrays(y[kept], v[kept])
    found = selection_model(es)
    low, high = found.ci
    assert low[0] < 0.2 < high[0]
    assert abs(float(found.delta[0]) - 0.3) < 3.0 * float(found.delta_se[0])
    assert found.lrt_p < 1e-6
    assert found.note == ""


def test_moderators_and_fixed_values() -> None:
    found = selection_model(BCG_RR, X=BCG_X, alternative="less")
    assert found.names == ("x1", "x2")
    assert found.to_frame().shape[0] == 4
    held = selection_model(BCG_RR, alternative="less", tau2=0.1, delta=[0.5])
    assert held.tau2 == 0.1
    assert float(held.delta[0]) == 0.5
    assert np.isnan(held.tau2_se)


def test_what_the_data_do_not_tell() -> None:
    none = EffectSizes.from_arrays(np.full(6, -0.3), np.linspace(0.1, 0.4, 6))
    found = selection_model(none)
    assert "No study lies in piece 1" in found.note
    assert "6 studies, fewer than 10" in found.note
    assert found.at_bound[0]
    assert np.isnan(found.delta_se[0])


def test_refusals() -> None:
    with pytest.raises(UnknownMethodError, match="weight function 'steps'"):
        selection_model(BCG_RR, "steps")
    with pytest.raises(InvalidEvidenceError, match="rising p-values"):
        selection_model(BCG_RR, steps=[0.5, 0.1])
    with pytest.raises(InvalidEvidenceError, match="one p-value up to which"):
        selection_model(BCG_RR, "power", steps=[0.1, 0.2])
    with pytest.raises(InvalidEvidenceError, match="left out for '3PSM'"):
        selection_model(BCG_RR, "3PSM", steps=[0.1])
    with pytest.raises(InvalidEvidenceError, match="delta must be of length 1"):
        selection_model(BCG_RR, delta=[1.0, 2.0])
    with pytest.raises(InvalidEvidenceError, match="delta must be finite"):
        selection_model(BCG_RR, delta=[-1.0])
    with pytest.raises(InvalidEvidenceError, match="'greater', 'less'"):
        selection_model(BCG_RR, alternative="up")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="delta_max must be"):
        selection_model(BCG_RR, delta_max=1.0)
    with pytest.raises(InvalidEvidenceError, match="tau2 must be finite"):
        selection_model(BCG_RR, tau2=-0.1)
    with pytest.raises(InvalidEvidenceError, match="at least 3 studies"):
        selection_model(BCG_RR[:2])


def test_copas_without_selection_is_maximum_likelihood() -> None:
    found = copas(HACKSHAW, publish_small=[0.999999], publish_large=0.9999999)
    plain = selection_model(HACKSHAW, delta=[1.0])
    assert float(found.estimate[0]) == pytest.approx(plain.estimate, abs=2e-3)
    assert float(found.loglik[0]) == pytest.approx(plain.loglik, abs=1e-2)


def test_copas_maximum_by_grid() -> None:
    found = copas(HACKSHAW, publish_small=[0.5])
    s = np.sqrt(HACKSHAW.v)
    t = found.gamma0[0] + found.gamma1[0] / s
    assert stats.norm.cdf(t.min()) == pytest.approx(0.5)
    assert stats.norm.cdf(t.max()) == pytest.approx(0.99)
    mu, tau2, rho = (
        q[..., np.newaxis]
        for q in np.meshgrid(
            np.linspace(-0.2, 0.5, 43),
            np.linspace(0.0, 0.06, 31),
            np.linspace(-0.99, 0.99, 60),
        )
    )
    mills = stats.norm.pdf(t) / stats.norm.cdf(t)
    total = tau2 + HACKSHAW.v / (1.0 - mills * (t + mills) * rho**2)
    tilde = rho * np.sqrt((total - tau2) / total)
    r = (HACKSHAW.y - mu) / np.sqrt(total)
    w = (t + tilde * r) / np.sqrt(1.0 - tilde**2)
    each = -0.5 * np.log(2.0 * np.pi * total) - 0.5 * r**2
    value = (each - stats.norm.logcdf(t) + stats.norm.logcdf(w)).sum(axis=-1)
    assert value.max() <= found.loglik[0] < value.max() + 0.05
    lost = (stats.norm.sf(t) / stats.norm.cdf(t)).sum()
    assert found.unpublished[0] == pytest.approx(lost)
    assert found.residual_p.shape == (1,)


def test_copas_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match="publish_small must be between"):
        copas(HACKSHAW, publish_small=[1.0])
    with pytest.raises(InvalidEvidenceError, match="at most publish_large"):
        copas(HACKSHAW, publish_small=[0.9], publish_large=0.8)
    with pytest.raises(InvalidEvidenceError, match="unequal standard errors"):
        copas(EffectSizes.from_arrays([0.1, 0.2, 0.3], [0.1, 0.1, 0.1]))

"""Credibility, Bayes factor bounds, false positives, design errors, replication."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, optimize, stats

from k2stats.errors import (
    InvalidEvidenceError,
    MissingInputError,
    UnknownMethodError,
)
from k2stats.sensitivity import (
    BAYES_FACTOR_BOUNDS,
    FALSE_POSITIVE_RISKS,
    READINGS,
    analysis_of_credibility,
    bayes_factor_bound,
    design_errors,
    false_positive_report,
    false_positive_risk,
    intrinsic_credibility,
    prior_needed,
    read_result,
    replication_probability,
    s_value,
)

Z = stats.norm.ppf(0.975)


@given(st.floats(-3, 3), st.floats(0.05, 2))
def test_posterior_under_the_critical_prior_just_reaches_no_effect(
    y: float, se: float
) -> None:
    if abs(abs(y / se) - Z) < 1e-3 or abs(y / se) < 1e-3:
        return
    found = analysis_of_credibility(y - Z * se, y + Z * se, ratio=False)
    mean = (found.low.item() + found.high.item()) / 2
    sd = (found.high.item() - found.low.item()) / (2 * Z)
    precision = 1 / sd**2 + 1 / se**2
    posterior = (mean / sd**2 + y / se**2) / precision
    near = abs(posterior) - Z / np.sqrt(precision)
    assert_allclose(near, 0.0, atol=1e-8 * max(1.0, abs(posterior)))
    if found.significant.item():
        assert mean == 0.0
    else:
        assert found.low.item() == 0.0 or found.high.item() == 0.0
        assert np.sign(found.limit.item()) == np.sign(y)


def test_ratios_are_read_in_logarithms() -> None:
    one = analysis_of_credibility(1.02, 1.34)
    logs = analysis_of_credibility(np.log(1.02), np.log(1.34), ratio=False)
    assert_allclose(one.limit, np.exp(logs.limit))
    assert_allclose(one.low * one.high, 1.0)
    # Matthews (2018), eq for SL and AL
    low, high = np.log(0.8), np.log(3.0)
    limit = np.exp(-np.log(2.4) * (high - low) ** 2 / (2 * low * high))
    weak = analysis_of_credibility(0.8, 3.0)
    assert_allclose(weak.limit, limit)
    assert weak.low.item() == 1.0
    assert "already argue" in weak.meaning[0]
    assert "already hold" in one.meaning[0]


def test_matthews_threshold_of_intrinsic_credibility() -> None:
    # Matthews (2018): at 95% an unprecedented finding is credible for p below 0.013
    z = np.sqrt(Z**2 * (1 + np.sqrt(5)) / 2)
    assert round(float(2 * stats.norm.sf(z)), 3) == 0.013
    y = np.array([z * 1.0001, z * 0.9999])
    found = analysis_of_credibility(y - Z, y + Z, ratio=False)
    assert_array_equal(found.credible, [True, False])


def test_an_estimate_of_no_effect_has_no_advocacy_prior() -> None:
    found = analysis_of_credibility(0.5, 2.0)
    assert np.isnan(found.limit).all()
    assert "No advocacy prior" in found.meaning[0]


def test_held_threshold_of_intrinsic_credibility() -> None:
    # Held (2019): p_IC below .05 needs p below .0056
    edge = 2 * stats.norm.sf(np.sqrt(2) * Z)
    assert round(float(edge), 4) == 0.0056
    assert_allclose(intrinsic_credibility(edge), 0.05, rtol=1e-10)
    # half of it: probability that a repeat has the other sign, effect uncertain
    p = np.array([0.3, 0.05, 0.001])
    same = replication_probability(p, alpha=1.0)
    assert_allclose(intrinsic_credibility(p), 2 * (1 - same), rtol=1e-10)


def test_published_bounds() -> None:
    # Goodman (1999), Ann Intern Med 130:1005, Table 2: minimum Bayes factors of
    # p = .1, .05 (two digits), .03 and .01 (three)
    bounds = bayes_factor_bound([0.1, 0.05, 0.03, 0.01], "edwards")
    assert_array_equal(bounds[:2].round(2), [0.26, 0.15])
    assert_array_equal(bounds[2:].round(3), [0.095, 0.036])
    # Benjamin et al. (2018), Nat Hum Behav 2:6: p = .05 is at most 2.4 and p = .005
    # at most 14 to 1 by -e p log p
    assert_allclose(1 / bayes_factor_bound(0.05), 2.456, atol=0.0005)
    assert round(1 / bayes_factor_bound(0.005).item()) == 14
    # Berger & Sellke (1987), p = .05, any symmetric alternative: P(H0) = .227
    bf = bayes_factor_bound(0.05, "edwards-symmetric").item()
    assert round(bf / (1 + bf), 3) == 0.227


def test_bounds_against_direct_minimisation() -> None:
    for p in (0.2, 0.05, 0.003):
        z = stats.norm.isf(p / 2)
        symmetric = optimize.minimize_scalar(
            lambda m, z=z: -(stats.norm.pdf(z, m) + stats.norm.pdf(z, -m)) / 2,
            bounds=(0, 10),
            method="bounded",
            options={"xatol": 1e-10},
        )
        normal = optimize.minimize_scalar(
            lambda g, z=z: -stats.norm.pdf(z, scale=np.sqrt(1 + np.exp(g))),
            bounds=(-20, 10),
            method="bounded",
            options={"xatol": 1e-10},
        )
        beta = optimize.minimize_scalar(
            lambda a, p=p: -a * p ** (a - 1), bounds=(1e-6, 1), method="bounded",
            options={"xatol": 1e-12},
        )  # fmt: skip
        other = optimize.minimize_scalar(
            lambda g, p=p: -g - np.expm1(g) * np.log1p(-p), bounds=(0, 10),
            method="bounded", options={"xatol": 1e-10},
        )  # fmt: skip
        null = stats.norm.pdf(z)
        for name, expected in (
            ("edwards-symmetric", null / -symmetric.fun),
            ("edwards-normal", null / -normal.fun),
            ("sellke", 1 / -beta.fun),
            ("-e q log q", np.exp(other.fun)),
        ):
            assert_allclose(bayes_factor_bound(p, name), expected, rtol=1e-7)


def test_bound_of_the_linear_model_against_direct_minimisation() -> None:
    n, p = 20, 0.02
    t2 = stats.t.isf(p / 2, n - 2) ** 2
    r2 = t2 / (t2 + n - 2)
    found = optimize.minimize_scalar(
        lambda g: (
            (n - 1) / 2 * np.log1p(np.exp(g) * (1 - r2))
            - (n - 2) / 2 * np.log1p(np.exp(g))
        ),
        bounds=(-10, 10),
        method="bounded",
        options={"xatol": 1e-10},
    )
    bound = bayes_factor_bound(p, "held-ott", n=n)
    assert_allclose(bound, np.exp(found.fun), rtol=1e-10)
    large = bayes_factor_bound(p, "held-ott", n=1e9)
    assert_allclose(large, bayes_factor_bound(p, "edwards-normal"), rtol=1e-6)


@given(st.floats(1e-12, 1.0), st.floats(1e-12, 1.0))
def test_bounds_are_ordered_and_rise_with_p(one: float, other: float) -> None:
    p = np.sort([one, other])
    for name in BAYES_FACTOR_BOUNDS:
        bound = bayes_factor_bound(p, name, n=30)
        assert (bound >= 0).all()
        assert (bound <= 1).all()
        assert bound[0] <= bound[1] * (1 + 1e-9)
    wide = bayes_factor_bound(p, "edwards")
    assert (wide <= bayes_factor_bound(p, "edwards-symmetric") * (1 + 1e-9)).all()
    assert (
        bayes_factor_bound(p, "edwards-symmetric")
        <= bayes_factor_bound(p, "edwards-normal") * (1 + 1e-9)
    ).all()


def test_published_false_positive_risks() -> None:
    # Colquhoun (2017), abstract and section 3, n = 16 and an effect of one SD:
    # p = .05 is about 3:1 and needs a prior of 87%; p = .001 is almost 100:1 and
    # leaves 8% at a prior of .1, where 5% needs p = .00045
    odds = FALSE_POSITIVE_RISKS["t"].function(
        np.array([0.05, 0.001]), np.array(16.0), np.array(1.0)
    )
    assert_allclose(odds, [2.76, 99.6], atol=0.05)
    assert prior_needed(0.05, 0.05, "t", n=16).round(2).item() == 0.87
    assert false_positive_risk(0.001, 0.1, "t", n=16).round(2).item() == 0.08
    assert false_positive_risk(0.00045, 0.1, "t", n=16).round(3).item() == 0.05
    # Sellke et al. (2001), p 63: p = .05 with even odds leaves at least .289
    assert false_positive_risk(0.05, method="sellke").round(3).item() == 0.289
    # Ioannidis (2005), Table 4: well powered RCT, odds 1:1, power .8 (no bias)
    assert_allclose(false_positive_report(0.5, 0.8), 0.05 / 0.85)


@given(st.floats(1e-6, 0.3), st.floats(0.01, 0.99))
def test_prior_needed_gives_back_the_risk(p: float, risk: float) -> None:
    for method in FALSE_POSITIVE_RISKS:
        prior = prior_needed(p, risk, method, n=10)
        again = false_positive_risk(p, prior, method, n=10)
        assert_allclose(again, risk, rtol=1e-9)


def test_published_design_errors() -> None:
    # Gelman & Carlin (2014), beauty and sex ratio, SE 3.3: a true difference of .1
    # gives power .05, type S .46, exaggeration 77
    found = design_errors(0.1, 3.3)
    assert found.power.round(2).item() == 0.05
    assert found.type_s.round(2).item() == 0.46
    assert found.exaggeration.round().item() == 77
    assert "77" in found.meaning[0]


@pytest.mark.parametrize("df", [np.inf, 3.0, 30.0])
@pytest.mark.parametrize("effect", [-0.3, 1.0, 4.0])
def test_design_errors_against_quadrature(effect: float, df: float) -> None:
    found = design_errors(effect, 1.0, 0.1, df)
    law = stats.norm() if np.isinf(df) else stats.t(df)
    q, size = law.isf(0.05), abs(effect)
    right = integrate.quad(lambda x: x * law.pdf(x - size), q, np.inf)[0]
    left = integrate.quad(lambda x: -x * law.pdf(x - size), -np.inf, -q)[0]
    power = law.sf(q - size) + law.cdf(-q - size)
    assert_allclose(found.power, power, rtol=1e-10)
    assert_allclose(found.type_s, law.cdf(-q - size) / power, rtol=1e-9)
    assert_allclose(found.exaggeration, (right + left) / power / size, rtol=1e-7)


def test_without_a_mean_the_exaggeration_is_infinite() -> None:
    assert design_errors(1.0, 1.0, df=1.0).exaggeration.item() == np.inf
    nearly = design_errors(1.0, 1.0, df=1e9)
    assert_allclose(
        nearly.exaggeration, design_errors(1.0, 1.0).exaggeration, rtol=1e-6
    )


def test_published_replication_probabilities() -> None:
    # Goodman (1992), Stat Med 11:875: a repeat of p = .05 has a chance of one half,
    # of p = .01 one of .73 if the effect is as observed
    as_observed = replication_probability([0.05, 0.01], true_effect="as observed")
    assert_array_equal(as_observed.round(2), [0.5, 0.73])
    for p in (0.2, 0.01):
        z = stats.norm.isf(p / 2)
        expected = integrate.quad(
            lambda m, z=z: stats.norm.pdf(m, z) * stats.norm.sf(Z - m), -20, 20
        )[0]
        assert_allclose(replication_probability(p), expected, rtol=1e-9)


def test_s_values() -> None:
    # Greenland (2019): p = .05 holds 4.3 bits; p = 1 none
    assert_array_equal(s_value([0.05, 0.25, 1.0]).round(1), [4.3, 2.0, 0.0])
    assert_allclose(s_value(log_p=[-2000.0]), 2000 / np.log(2))
    assert s_value(0.0).item() == np.inf


def test_every_reading_has_a_figure_and_a_line() -> None:
    frame = read_result(1.17, 1.02, 1.34).set_index("name")
    assert list(frame.index) == list(READINGS)
    assert np.isfinite(frame.value.to_numpy(dtype=float)).all()
    assert frame.meaning.str.endswith(".").all()
    assert (frame.meaning.str.len() > 40).all()
    assert (frame.reference.str.len() > 10).all()
    assert round(float(frame.value["p-value"]), 4) == 0.0241
    zero = read_result(0.0, -1.0, 1.0, ratio=False).set_index("name")
    assert np.isnan(zero.value["type-m"])
    far = read_result(50.0, 49.0, 51.0, ratio=False).set_index("name")
    assert far.value["s-value"] > 6000
    assert "credible on its own" in far.meaning["intrinsic-credibility"]


@pytest.mark.parametrize(
    ("estimate", "words"),
    # p = 1, 0.5 and 0.1: no, one and 3.3 bits
    [(0.0, "what nearly always"), (0.674490, "one head"), (1.644854, "as 3 heads")],
)
def test_surprise_is_counted_in_heads(estimate: float, words: str) -> None:
    low, high = estimate - 1.959964, estimate + 1.959964
    frame = read_result(estimate, low, high, ratio=False).set_index("name")
    assert words in frame.meaning["s-value"]


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(InvalidEvidenceError, match="low must be positive"):
        analysis_of_credibility(0.0, 2.0)
    with pytest.raises(InvalidEvidenceError, match="low must be below high"):
        analysis_of_credibility(2.0, 1.0)
    with pytest.raises(InvalidEvidenceError, match=r"p must be from 0 to 1, got 5"):
        intrinsic_credibility(5.0)
    with pytest.raises(UnknownMethodError, match="Bayes factor bound 'jeffreys'"):
        bayes_factor_bound(0.05, "jeffreys")
    with pytest.raises(MissingInputError, match="n is needed for the bound 'held-ott'"):
        bayes_factor_bound(0.05, "held-ott")
    with pytest.raises(InvalidEvidenceError, match="n must be at least 3"):
        bayes_factor_bound(0.05, "held-ott", n=2)
    with pytest.raises(MissingInputError, match="n is needed for the method 't'"):
        false_positive_risk(0.05, method="t")
    with pytest.raises(InvalidEvidenceError, match="prior must be between 0 and 1"):
        false_positive_risk(0.05, prior=1.0)
    with pytest.raises(InvalidEvidenceError, match="risk must be between 0 and 1"):
        prior_needed(0.05, 5.0)
    with pytest.raises(InvalidEvidenceError, match="power must be from 0 to 1"):
        false_positive_report(0.5, 80)
    with pytest.raises(InvalidEvidenceError, match="effect must be not 0"):
        design_errors(0.0, 1.0)
    with pytest.raises(InvalidEvidenceError, match="se must be positive"):
        design_errors(1.0, 0.0)
    with pytest.raises(InvalidEvidenceError, match="alpha must be above 0"):
        replication_probability(0.05, 0.0)
    with pytest.raises(InvalidEvidenceError, match="true_effect must be"):
        replication_probability(0.05, true_effect="null")
    with pytest.raises(MissingInputError, match="p is needed for an S-value"):
        s_value()
    with pytest.raises(InvalidEvidenceError, match="log_p must be at most 0"):
        s_value(log_p=1.0)
    with pytest.raises(InvalidEvidenceError, match="estimate must be inside"):
        read_result(3.0, 1.0, 2.0)
    with pytest.raises(InvalidEvidenceError, match="high must be above low"):
        read_result(1.0, 1.0, 1.0)

"""Laws of pooling: what must not change, and what must change with the data."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.models import MEAN_TESTS, fit_arrays, pool
from models.pool_examples import bcg, sets

CLOSED = ("z", "t", "HK", "HK-adhoc", "HK-ci", "HK-IQWiG6")


@st.composite
def studies(draw: st.DrawFn, least: int = 2, most: int = 12) -> tuple[Floats, Floats]:
    k = draw(st.integers(least, most))
    y = draw(arrays(float, k, elements=st.floats(-3.0, 3.0, width=32)))
    logs = draw(arrays(float, k, elements=st.floats(-6.0, 2.0, width=32)))
    return y, np.exp(logs)


def es_of(y: Floats, v: Floats) -> EffectSizes:
    return EffectSizes.from_arrays(y, v, check_scale=False)


@given(studies(), st.randoms(use_true_random=False))
def test_the_order_of_studies_is_nothing(
    data: tuple[Floats, Floats], random: object
) -> None:
    y, v = data
    order = np.arange(y.size)
    random.shuffle(order)  # type: ignore[attr-defined]
    a, b = fit_arrays(y, v, tau2="DL"), fit_arrays(y[order], v[order], tau2="DL")
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(a.se, b.se, rtol=1e-8, atol=1e-12)


@given(studies(), st.floats(-1e8, 1e8))
def test_a_shift_moves_the_mean_alone(
    data: tuple[Floats, Floats], shift: float
) -> None:
    y, v = data
    # y + shift is rounded: the shift that was made is what comes out again.
    moved = y + shift
    back = moved - shift
    for ci in ("z", "HK"):
        a = fit_arrays(back, v, tau2="REML", ci=ci)
        b = fit_arrays(moved, v, tau2="REML", ci=ci)
        scale = np.spacing(abs(shift)) + 1e-9
        np.testing.assert_allclose(a.beta + shift, b.beta, rtol=1e-13, atol=2 * scale)
        np.testing.assert_allclose(a.se, b.se, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(a.tau2, b.tau2, rtol=1e-5, atol=1e-8)


@given(studies(), st.integers(-60, 60))
def test_a_power_of_two_scales_exactly(
    data: tuple[Floats, Floats], exponent: int
) -> None:
    y, v = data
    by = 2.0**exponent
    for ci in CLOSED:
        a, b = fit_arrays(y, v, ci=ci), fit_arrays(by * y, by * by * v, ci=ci)
        np.testing.assert_allclose(by * a.beta, b.beta, rtol=1e-12)
        np.testing.assert_allclose(by * a.low, b.low, rtol=1e-11, atol=1e-13 * by)
        np.testing.assert_allclose(a.p, b.p, rtol=1e-9)


@given(studies())
def test_mirrored_effects_give_the_mirrored_interval(
    data: tuple[Floats, Floats],
) -> None:
    y, v = data
    for ci in CLOSED:
        a, b = fit_arrays(y, v, ci=ci), fit_arrays(-y, v, ci=ci)
        np.testing.assert_allclose(a.low, -b.high, rtol=1e-9, atol=1e-12)


@given(studies(), st.integers(2, 4))
def test_duplicates_of_a_common_effect(data: tuple[Floats, Floats], times: int) -> None:
    y, v = data
    a = fit_arrays(y, v, model="common")
    b = fit_arrays(np.tile(y, times), np.tile(v, times), model="common")
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(a.se / np.sqrt(times), b.se, rtol=1e-12)


@given(studies(), st.integers(2, 6))
def test_merging_equal_studies_of_a_common_effect(
    data: tuple[Floats, Floats], parts: int
) -> None:
    # One study of variance v is as good as m studies of variance m v.
    y, v = data
    split_y = np.concatenate([y[:-1], np.repeat(y[-1], parts)])
    split_v = np.concatenate([v[:-1], np.repeat(parts * v[-1], parts)])
    a = fit_arrays(y, v, model="common")
    b = fit_arrays(split_y, split_v, model="common")
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(a.se, b.se, rtol=1e-12)


@given(studies())
def test_tau2_of_zero_is_the_common_effect(data: tuple[Floats, Floats]) -> None:
    a = fit_arrays(*data, tau2_value=0.0, ci="z")
    b = fit_arrays(*data, model="common")
    np.testing.assert_array_equal(a.beta, b.beta)
    np.testing.assert_array_equal(a.low, b.low)


@given(studies())
def test_a_great_tau2_is_the_plain_mean(data: tuple[Floats, Floats]) -> None:
    y, v = data
    fit = fit_arrays(y, v, tau2_value=1e14, ci="HK")
    np.testing.assert_allclose(fit.beta[0], y.mean(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        fit.se[0], y.std(ddof=1) / np.sqrt(y.size), rtol=1e-6, atol=1e-12
    )


@given(studies())
def test_guards_never_narrow(data: tuple[Floats, Floats]) -> None:
    width = {}
    for ci in CLOSED:
        fit = fit_arrays(*data, ci=ci)
        width[ci] = float((fit.high - fit.low)[0])
    slack = 1.0 + 1e-9
    assert width["HK-adhoc"] * slack >= max(width["HK"], width["t"])
    assert width["HK-ci"] * slack >= max(width["HK"], width["z"])
    assert width["HK"] <= width["HK-IQWiG6"] * slack
    assert width["HK-IQWiG6"] <= width["HK-adhoc"] * slack


@pytest.mark.parametrize("ci", [n for n in MEAN_TESTS if n not in ("permutation",)])
def test_a_batch_is_a_loop(ci: str) -> None:
    y, v = sets(1, (2, 3, 7))
    options: dict[str, str] = {"ci": ci}
    if ci == "HC":
        options["model"] = "HC"
    elif "ML" in MEAN_TESTS[ci].traits:
        options["tau2"] = "ML"
    many = fit_arrays(y, v, **options)  # type: ignore[arg-type]
    for i, j in np.ndindex(2, 3):
        one = fit_arrays(y[i, j], v[i, j], **options)  # type: ignore[arg-type]
        np.testing.assert_allclose(many.beta[i, j], one.beta, rtol=1e-9)
        np.testing.assert_allclose(many.low[i, j], one.low, rtol=1e-7)
        np.testing.assert_allclose(many.high[i, j], one.high, rtol=1e-7)
        np.testing.assert_allclose(many.log_p[i, j], one.log_p, rtol=1e-6)
    assert many.low.shape == (2, 3, 1)


@pytest.mark.parametrize("ci", [n for n in MEAN_TESTS if n not in ("permutation",)])
def test_a_mask_is_a_smaller_set(ci: str) -> None:
    y, v = sets(2, (4, 9))
    mask = np.random.default_rng(3).random((4, 9)) < 0.7
    mask[:, :3] = True
    options: dict[str, str] = {"ci": ci}
    if ci == "HC":
        options["model"] = "HC"
    elif "ML" in MEAN_TESTS[ci].traits:
        options["tau2"] = "ML"
    y[~mask], v[~mask] = np.nan, -1.0
    many = fit_arrays(y, v, mask=mask, **options)  # type: ignore[arg-type]
    for i in range(4):
        one = fit_arrays(y[i][mask[i]], v[i][mask[i]], **options)  # type: ignore[arg-type]
        np.testing.assert_allclose(many.low[i], one.low, rtol=1e-6)
        np.testing.assert_allclose(many.p[i], one.p, rtol=1e-5)


@given(st.integers(0, 1000))
def test_variances_over_twelve_decades(seed: int) -> None:
    rng = np.random.default_rng(seed)
    v = 10.0 ** rng.uniform(-8.0, 4.0, 8)
    y = rng.normal(0.0, np.sqrt(v + 0.01))
    fit = fit_arrays(y, v, tau2="PM")
    w = 1.0 / (np.longdouble(v) + np.longdouble(fit.tau2))
    mean = (w * y).sum() / w.sum()
    q = (w * (y - mean) ** 2).sum() / 7
    np.testing.assert_allclose(fit.beta[0], float(mean), rtol=1e-11)
    np.testing.assert_allclose(fit.se[0], float(np.sqrt(q / w.sum())), rtol=1e-9)


def test_the_exact_log_of_p_where_p_underflows() -> None:
    es = es_of(np.full(5, 40.0), np.full(5, 0.01))
    fit = pool(es, ci="z")
    assert fit.p == 0.0
    z = float(fit.statistic)
    # log of twice the normal tail, by the first terms of its expansion
    tail = -0.5 * z * z - np.log(z) - 0.5 * np.log(2 * np.pi) + np.log(2.0)
    np.testing.assert_allclose(fit.log_p, tail - 1 / z**2, rtol=1e-12)


def test_memory_is_at_most_three_times_the_input() -> None:
    y, v = sets(5, (60_000, 20))
    es = es_of(y, v)
    tracemalloc.start()
    try:
        pool(es, tau2="DL")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * (y.nbytes + v.nbytes)


def test_weights_sum_to_a_hundred() -> None:
    for model in ("random", "common", "unweighted", "HC"):
        np.testing.assert_allclose(pool(bcg(), model=model).weights.sum(), 100.0)

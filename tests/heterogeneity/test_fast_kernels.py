"""The compiled kernels against numpy's, and against reference figures."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from heterogeneity.fast_ways import WAYS
from k2stats._typing import Bools, Floats
from k2stats.heterogeneity import (
    TAU2,
    Tau2Fit,
    estimate_tau2,
    fit_statistics,
    kernels,
    prepare,
    tau2_interval,
)
from k2stats.heterogeneity._fast import Kernels
from k2stats.heterogeneity._maximise import maxima
from k2stats.heterogeneity._profile import means_of
from k2stats.models import fit_arrays

CASES = Path(__file__).parents[1] / "conformance" / "cases" / "pool.json.gz"
METHODS = [m for m in TAU2 if "weighted" not in TAU2[m].traits]
SEARCHED = ["REML", "ML", "BM", "BMR", "PM", "PMM", "DLIT"]
CLOSED = ["DL", "HE", "HS", "HSk", "SJ"]
TESTS = {"z": "z", "t": "t", "knha": "HK", "adhoc": "HK-adhoc"}
COLUMNS = ("beta", "se", "low", "high", "statistic", "q", "tau2_se")


def sets(seed: int, size: int, k: int, decades: float) -> tuple[Floats, Floats]:
    """Effects whose heterogeneity is anywhere in the range of the variances."""
    rng = np.random.default_rng(seed)
    half = decades / 2.0
    v = 10.0 ** rng.uniform(-half, half, (size, k))
    spread = 10.0 ** rng.uniform(-half, half, (size, 1))
    return rng.normal(0.0, np.sqrt(v + spread)), v


def both(
    y: Floats, v: Floats, method: str, mask: Bools | None = None
) -> tuple[Tau2Fit, Tau2Fit]:
    fits = []
    for way in ("numpy", WAYS[-1]):
        with kernels(way):
            fits.append(estimate_tau2(y, v, method=method, mask=mask))
    return fits[0], fits[1]


def assert_same(
    a: Tau2Fit, b: Tau2Fit, y: Floats, v: Floats, mask: Bools | None = None
) -> None:
    """Flags and NaN alike; tau2 to 1e-12 of itself and the smallest variance."""
    np.testing.assert_array_equal(a.converged, b.converged)
    np.testing.assert_array_equal(np.isnan(a.tau2), np.isnan(b.tau2))
    np.testing.assert_array_equal(np.isnan(a.se), np.isnan(b.se))
    least = (v if mask is None else np.where(mask, v, np.inf)).min(axis=-1)
    size = np.where(np.isfinite(least), least, 0.0) + np.nan_to_num(a.tau2)
    apart = np.abs(np.nan_to_num(a.tau2) - np.nan_to_num(b.tau2))
    assert (apart <= 1e-12 * size).all(), (apart / size).max()
    np.testing.assert_allclose(a.se, b.se, rtol=2e-12)


@pytest.mark.parametrize("decades", [0.5, 3.0, 6.0])
@pytest.mark.parametrize("method", METHODS)
def test_every_estimator_agrees(method: str, decades: float) -> None:
    for k in (1, 2, 3, 7, 20):
        y, v = sets(k, 300, k, decades)
        assert_same(*both(y, v, method), y, v)
        mask = np.random.default_rng(k).uniform(size=v.shape) < 0.6
        assert_same(*both(y, v, method, mask), y, v, mask)


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "PMM", "DLIT", *CLOSED])
def test_variances_over_twelve_decades(method: str) -> None:
    for k in (2, 5, 12):
        y, v = sets(k, 500, k, 12.0)
        one, two = both(y, v, method)
        np.testing.assert_array_equal(one.converged, two.converged)
        # So far apart that a root of a flat likelihood keeps fewer digits: the two are
        # as high, and most are the same.
        apart = np.abs(one.tau2 - two.tau2) / (one.tau2 + v.min(axis=-1))
        assert np.quantile(apart, 0.98) <= 1e-12
        heights = [
            fit_statistics(y, v, tau2=fit.tau2, restricted=True).log_likelihood
            for fit in (one, two)
        ]
        np.testing.assert_allclose(heights[0], heights[1], rtol=1e-13, atol=1e-12)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("copies", [1, 3])
def test_the_higher_of_two_maxima(way: Kernels, copies: int) -> None:
    y = np.array([[-0.43574906, -0.46927725, 1.47104851, -0.0194273, 2.38788923]])
    v = np.array([[0.00366251, 0.00240008, 0.27416627, 0.05845775, 1.97200187]])
    y, v = np.repeat(y, copies, axis=0), np.repeat(v, copies, axis=0)
    with kernels(way):
        np.testing.assert_allclose(
            estimate_tau2(y, v, method="REML").tau2, 0.6597375, atol=1e-7
        )
        with np.errstate(all="ignore"):
            s = prepare(y, v)
            element, value, complete = maxima(means_of(s), restricted=True)
        assert complete.all()
        assert np.bincount(element).tolist() == [2] * copies
        found = np.sort((value * s.scale[element] ** 2).reshape(-1))
        expected = np.repeat([0.0, 0.6597375], copies)
        np.testing.assert_allclose(found, expected, atol=1e-7)


def test_sets_with_several_maxima_agree_on_all_of_them() -> None:
    rng = np.random.default_rng(12)
    k = 6
    v = 10.0 ** rng.uniform(-3, 1, (4000, k))
    y = rng.normal(0.0, np.sqrt(v)) + rng.normal(0.0, 1.0, v.shape)
    found = []
    for way in ("numpy", WAYS[-1]):
        with kernels(way), np.errstate(all="ignore"):
            element, value, complete = maxima(means_of(prepare(y, v)), restricted=True)
        assert complete.all()
        order = np.lexsort((value, element))
        found.append((element[order], value[order]))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    assert (np.bincount(found[0][0]) > 1).sum() == 16
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-11, atol=1e-12)


finite = st.floats(-1e4, 1e4)
size = npst.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=6)


@settings(max_examples=60)
@given(data=st.data(), shape=size, method=st.sampled_from(METHODS))
def test_any_batch_agrees(data: st.DataObject, shape: Any, method: str) -> None:
    y = data.draw(npst.arrays(float, shape, elements=finite))
    v = 10.0 ** data.draw(npst.arrays(float, shape, elements=st.floats(-2.0, 2.0)))
    mask = data.draw(npst.arrays(np.bool_, shape))
    assert_same(*both(y, v, method), y, v)
    assert_same(*both(y, v, method, mask), y, v, mask)


@pytest.mark.parametrize("method", ["REML", "DL", "PM"])
@pytest.mark.parametrize("masked", [False, True])
def test_whole_fits_agree(method: str, masked: bool) -> None:
    y, v = sets(3, 400, 9, 2.0)
    mask = np.random.default_rng(8).uniform(size=v.shape) < 0.7 if masked else None
    fits = []
    for way in ("numpy", WAYS[-1]):
        with kernels(way):
            fits.append(fit_arrays(y, v, tau2=method, ci="HK", mask=mask))
    one, two = fits
    np.testing.assert_array_equal(one.converged, two.converged)
    for name in COLUMNS:
        a, b = getattr(one, name), getattr(two, name)
        # A mean or limit near zero has the digits of the standard error.
        scale = np.nan_to_num(one.se) if a.ndim == 2 and name != "statistic" else 1.0
        apart = np.abs(np.nan_to_num(a - b))
        assert (apart <= 1e-12 * (np.abs(np.nan_to_num(a)) + scale)).all(), name
        np.testing.assert_array_equal(np.isnan(a), np.isnan(b))


@pytest.mark.parametrize("way", WAYS)
def test_a_shift_of_the_effects_costs_no_digits(way: Kernels) -> None:
    # Powers of two: adding them and taking them off again rounds nothing.
    y, v = sets(5, 50, 8, 2.0)
    y = np.round(y * 2.0**20) / 2.0**20
    with kernels(way):
        near, far = (fit_arrays(y + shift, v, ci="HK") for shift in (0.0, 2.0**30))
    np.testing.assert_array_equal(near.tau2, far.tau2)
    np.testing.assert_array_equal(near.se, far.se)
    np.testing.assert_allclose(far.beta - 2.0**30, near.beta, atol=2.0**-22)


@pytest.mark.parametrize("way", WAYS)
def test_read_only_and_strided_input_is_left_alone(way: Kernels) -> None:
    y, v = sets(6, 40, 6, 1.0)
    wide = np.repeat(y, 2, axis=1)
    y.flags.writeable = v.flags.writeable = False
    before = y.copy(), v.copy()
    with kernels(way):
        plain = estimate_tau2(y, v)
        strided = estimate_tau2(wide[:, ::2], np.asfortranarray(v))
    np.testing.assert_array_equal(plain.tau2, strided.tau2)
    np.testing.assert_array_equal(y, before[0])
    np.testing.assert_array_equal(v, before[1])


@pytest.mark.parametrize("type_", ["QP", "PL", "Wald"])
def test_intervals_of_tau2_agree(type_: str) -> None:
    y, v = sets(7, 200, 8, 2.0)
    found = []
    for way in ("numpy", WAYS[-1]):
        with kernels(way):
            found.append(tau2_interval(y, v, type=type_))
    one, two = found
    np.testing.assert_array_equal(one.converged, two.converged)
    np.testing.assert_allclose(one.low, two.low, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(one.high, two.high, rtol=1e-11, atol=1e-12)


def cases() -> list[dict[str, Any]]:
    with gzip.open(CASES, "rt") as f:
        made: list[dict[str, Any]] = json.load(f)
    return made


@pytest.mark.parametrize("way", WAYS)
def test_reference_cases_as_batches(way: Kernels) -> None:
    # metafor's figures, each case as a batch of two sets, one of them padded.
    held = 0
    for case in cases():
        y, v = (np.asarray(case["inputs"][n], dtype=float) for n in ("yi", "vi"))
        pad = np.full(2, np.nan)
        ys = np.stack([np.concatenate([y, pad]), np.concatenate([pad, y])])
        vs = np.stack([np.concatenate([v, pad]), np.concatenate([pad, v])])
        method, test = case["options"]["method"], TESTS[case["options"]["test"]]
        with kernels(way):
            fit = fit_arrays(ys, vs, tau2=method, ci=test, mask=np.isfinite(ys))
        found = {
            "estimate": fit.beta[:, 0],
            "se": fit.se[:, 0],
            "ci_low": fit.low[:, 0],
            "ci_high": fit.high[:, 0],
            "tau2": fit.tau2,
        }
        for name, value in found.items():
            expected = np.ravel(np.asarray(case["expect"][name], dtype=float))[0]
            np.testing.assert_allclose(
                value,
                expected,
                rtol=case["rtol"],
                atol=case["atol"],
                err_msg=case["id"],
            )
        held += 1
    assert held == 815

"""Leave-one-out of many studies from sums less one, against the fit of the others."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.heterogeneity import estimate_tau2, prepare
from k2stats.heterogeneity._maximise import maxima
from k2stats.heterogeneity._profile import MeanProfile
from k2stats.models import leave_one_out, pool
from k2stats.models._leave_out import LEAST, all_but_one, left_out
from k2stats.models._leave_out_proof import only_maximum
from k2stats.models._leave_out_sums import Sums, sums_at
from models.pool_examples import sets

METHODS = ["DL", "REML", "ML", "PM"]
COLUMNS = ("estimate", "se", "ci_low", "ci_high", "tau2", "tau2_se", "Q", "typical_v")


def others(x: Floats) -> Floats:
    """Rows without each element in turn."""
    k = x.size
    return np.broadcast_to(x, (k, k))[~np.eye(k, dtype=bool)].reshape(k, k - 1)


def two_humped(seed: int) -> tuple[Floats, Floats]:
    """Eight precise studies that agree, and many imprecise ones that scatter."""
    rng = np.random.default_rng(seed)
    few, k = 8, LEAST + 10
    v = np.concatenate([np.full(few, 0.01), 10.0 ** rng.uniform(0.5, 1.5, k - few)])
    spread = np.where(np.arange(k) < few, 0.8, 1.3)
    return rng.normal(0.0, spread * np.sqrt(v)), v


def number_of_maxima(y: Floats, v: Floats, *, restricted: bool) -> Any:
    with np.errstate(all="ignore"):
        profile = MeanProfile.of(prepare(others(y), others(v)))
        element, _, complete = maxima(profile, restricted=restricted)
    assert complete.all()
    return np.bincount(element, minlength=y.size)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("decades", [0.5, 1.5, 3.0])
def test_as_the_fit_of_the_others(method: str, decades: float) -> None:
    y, v = sets(int(10 * decades), (LEAST + 30,), decades)
    made = left_out(y, v, method)
    assert made is not None
    assert made.sure.mean() > 0.9
    short = leave_one_out(EffectSizes.from_arrays(y, v), tau2=method).fits
    whole = pool(EffectSizes.from_arrays(others(y), others(v)), tau2=method)
    for name in COLUMNS:
        np.testing.assert_allclose(
            getattr(short, name), getattr(whole, name), rtol=1e-9, atol=1e-11
        )
    assert short.converged.all()


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("seed", range(6))
def test_a_proof_is_given_where_there_is_one_maximum_only(
    method: str, seed: int
) -> None:
    y, v = two_humped(seed)
    made = left_out(y, v, method)
    assert made is not None
    number = number_of_maxima(y, v, restricted=method == "REML")
    assert (number[made.sure] == 1).all()
    short = leave_one_out(EffectSizes.from_arrays(y, v), tau2=method).fits.tau2
    general = estimate_tau2(others(y), others(v), method=method).tau2
    np.testing.assert_allclose(short, general, rtol=1e-9, atol=1e-12)


def test_sets_with_two_maxima_are_left_to_the_general_fit() -> None:
    seen = 0
    for seed in range(6):
        y, v = two_humped(seed)
        made = left_out(y, v, "REML")
        assert made is not None
        seen += int((number_of_maxima(y, v, restricted=True) == 2)[~made.sure].sum())
    assert seen > 100


def test_a_stationary_point_that_is_no_maximum_has_no_proof() -> None:
    y, v = sets(2, (LEAST,), 1.0)
    made = left_out(y, v, "REML")
    assert made is not None
    assert made.sure.mean() > 0.9
    c, zero = y - y.mean(), np.zeros(y.size)
    at = sums_at(c, v, 0.0)
    assert isinstance(at, Sums)
    # tau2 is above zero in all of them, so zero is not their maximum.
    assert (made.tau2 > 0.0).all()
    assert not only_maximum(c, v, zero, at, restricted=True).any()


def test_sums_are_those_of_the_others() -> None:
    y, v = sets(4, (40,), 2.0)
    t, w = 0.3, 1.0 / (others(v) + 0.3)
    made, c = sums_at(y, v, t), others(y)
    np.testing.assert_allclose(made.w2cc, (w**2 * c**2).sum(axis=-1), rtol=1e-12)
    mean = (w * c).sum(axis=-1) / w.sum(axis=-1)
    np.testing.assert_allclose(made.mean, mean, rtol=1e-12)
    e = w * (c - mean[:, np.newaxis])
    np.testing.assert_allclose(made.second, (e**2).sum(axis=-1), rtol=1e-11)


def test_masks_leave_one_out_each_and_share_their_memory() -> None:
    mask = all_but_one(7)
    np.testing.assert_array_equal(mask, ~np.eye(7, dtype=bool))
    assert not mask.flags.writeable
    assert mask.base is not None
    assert np.ptp([row.__array_interface__["data"][0] for row in mask]) == 6


@pytest.mark.parametrize("method", METHODS)
def test_memory_grows_with_the_studies_not_with_their_square(method: str) -> None:
    peaks = []
    for k in (1000, 4000):
        y, v = sets(9, (k,), 1.0)
        es = EffectSizes.from_arrays(y, v)
        leave_one_out(es, tau2=method)
        tracemalloc.start()
        leave_one_out(es, tau2=method)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 6.0 * peaks[0]


def test_an_effect_that_rules_the_sums_is_left_to_the_general_fit() -> None:
    y, v = sets(1, (LEAST,), 1.0)
    y[3] = 1e7
    made = left_out(y, v, "REML")
    assert made is not None
    assert not made.sure[3]
    fits = leave_one_out(EffectSizes.from_arrays(y, v), tau2="REML").fits
    alone = pool(EffectSizes.from_arrays(np.delete(y, 3), np.delete(v, 3)))
    assert float(fits.tau2[3]) == pytest.approx(float(alone.tau2), rel=1e-10)

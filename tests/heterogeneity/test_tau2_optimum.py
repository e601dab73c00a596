"""The estimates are what they claim to be: optima and roots, by brute force."""

from functools import partial

import mpmath
import numpy as np
import pytest

from heterogeneity.tau2_examples import BCG_RR, TWO_MODES, random_sets
from k2stats._typing import Floats
from k2stats.heterogeneity import TAU2, estimate_tau2
from k2stats.heterogeneity._maximise import maxima, maximise
from k2stats.heterogeneity._profile import MeanProfile, RegressionProfile
from k2stats.heterogeneity._single import (
    Single,
    maximise_one,
    solve_q_one,
)
from k2stats.heterogeneity._solve_q import solve_q
from k2stats.heterogeneity._studies import prepare


def log_likelihood(
    y: Floats, v: Floats, t: Floats, X: Floats | None, *, restricted: bool
) -> Floats:
    """Straight from the definition, with matrices; t has an axis of its own last."""
    x = np.ones((y.shape[-1], 1)) if X is None else X
    w = 1.0 / (v[..., np.newaxis, :] + t[..., np.newaxis])
    xwx = np.einsum("...k,ki,kj->...ij", w, x, x)
    xwy = np.einsum("...k,ki,...k->...i", w, x, y[..., np.newaxis, :])
    beta = np.linalg.solve(xwx, xwy[..., np.newaxis])[..., 0]
    e = y[..., np.newaxis, :] - beta @ x.T
    out = np.log(w).sum(axis=-1) - (w * e * e).sum(axis=-1)
    if restricted:
        out = out - np.linalg.slogdet(xwx)[1]
    return np.asarray(0.5 * out)


GRID = np.concatenate([[0.0], np.geomspace(1e-6, 1e5, 600)])


def shortfall(
    n: int, k: int, *, restricted: bool, X: Floats | None = None, seed: int = 1
) -> float:
    """Most that the estimates' likelihood falls short of the best on the grid."""
    y, v = random_sets(np.random.default_rng(seed), n, k, decades=3.5)
    method = "REML" if restricted else "ML"
    fit = estimate_tau2(y, v, X, method=method)
    assert fit.converged.all()
    worst = -np.inf
    for part in np.array_split(np.arange(n), max(1, n // 250)):
        own = fit.tau2[part, np.newaxis]
        here = log_likelihood(y[part], v[part], own, X, restricted=restricted)
        grid = np.broadcast_to(GRID, (part.size, GRID.size))
        best = log_likelihood(y[part], v[part], grid, X, restricted=restricted)
        worst = max(worst, float((best.max(axis=-1) - here[:, 0]).max()))
    return worst


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("k", [2, 3, 5, 12])
def test_no_point_of_a_grid_is_higher(k: int, restricted: bool) -> None:
    assert shortfall(250, k, restricted=restricted) <= 1e-9


@pytest.mark.parametrize("restricted", [True, False])
def test_no_point_of_a_grid_is_higher_with_moderators(restricted: bool) -> None:
    X = np.column_stack([np.ones(6), np.arange(6.0)])
    assert shortfall(150, 6, restricted=restricted, X=X) <= 1e-9


@pytest.mark.long
@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("k", [2, 3, 4, 5, 8, 12, 20, 40])
def test_no_point_of_a_grid_is_higher_in_ten_thousand_sets(
    k: int, restricted: bool
) -> None:
    assert shortfall(10_000, k, restricted=restricted, seed=k) <= 1e-8


def test_both_maxima_are_found() -> None:
    profile = MeanProfile.of(prepare(TWO_MODES.y[np.newaxis], TWO_MODES.v[np.newaxis]))
    with np.errstate(all="ignore"):
        element, value, complete = maxima(profile, restricted=True)
    scale = prepare(TWO_MODES.y, TWO_MODES.v).scale ** 2
    assert element.tolist() == [0, 0]
    assert complete.all()
    np.testing.assert_allclose(np.sort(value) * scale, [0.0, 0.6597375], atol=1e-7)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("decades", [0.0, 1.0, 3.5, 8.0])
def test_one_by_one_as_in_a_batch(decades: float, restricted: bool) -> None:
    # Two implementations: plain floats for one data set, arrays for a batch.
    y, v = random_sets(np.random.default_rng(9), 150, 6, decades)
    with np.errstate(all="ignore"):
        s = prepare(y, v)
        batch, _ = maximise(MeanProfile.of(s), restricted=restricted)
        df = np.full(150, 5.0)
        root, _, _ = solve_q(MeanProfile.of(s), df)
        for i in range(150):
            one = Single(s.y[i], s.v[i], restricted=restricted)
            size = one.smallest
            assert maximise_one(one) == pytest.approx(batch[i], rel=1e-12, abs=size)
            assert solve_q_one(one, 5.0) == pytest.approx(root[i], rel=1e-12, abs=size)


@pytest.mark.parametrize(
    "method", [m for m in TAU2 if "weighted" not in TAU2[m].traits]
)
def test_every_method_one_by_one_as_in_a_batch(method: str) -> None:
    y, v = random_sets(np.random.default_rng(4), 60, 7, 2.0)
    X = np.column_stack([np.ones(7), np.arange(7.0)])
    mask = np.random.default_rng(5).uniform(size=(60, 7)) < 0.8
    mask[:, :4] = True
    for x in (None, X):
        whole = estimate_tau2(y, v, x, method=method)
        part = estimate_tau2(y, v, x, method=method, mask=mask)
        for i in range(60):
            one = estimate_tau2(y[i], v[i], x, method=method)
            close = partial(pytest.approx, rel=1e-10, abs=1e-12)
            assert whole.tau2[i] == close(float(one.tau2))
            assert whole.se[i] == pytest.approx(float(one.se), rel=1e-9)
            here = mask[i]
            kept = None if x is None else x[here]
            some = estimate_tau2(y[i][here], v[i][here], kept, method=method)
            assert part.tau2[i] == close(float(some.tau2))
            assert part.se[i] == pytest.approx(float(some.se), rel=1e-9)


def test_elements_may_be_asked_for_in_any_order() -> None:
    y, v = random_sets(np.random.default_rng(3), 9, 5, 2.0)
    X = np.column_stack([np.ones(5), np.arange(5.0)])
    t, order = np.linspace(0.1, 2.0, 9), np.random.default_rng(0).permutation(9)
    for profile in (
        MeanProfile.of(prepare(y, v)),
        RegressionProfile.of(prepare(y, v, X)),
    ):
        straight = profile.moments(t, np.arange(9), restricted=True)
        shuffled = profile.moments(t[order], order, restricted=True)
        for a, b in zip(straight, shuffled, strict=True):
            np.testing.assert_allclose(b, a[order], rtol=1e-14)


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "DL", "BM", "DLIT"])
def test_a_column_of_ones_is_the_mean(method: str) -> None:
    # The general path against the one for a mean.
    y, v = random_sets(np.random.default_rng(6), 80, 6, 3.0)
    # Two copies of the intercept's space: a contrast that sums to one in each row.
    with np.errstate(all="ignore"):
        s = prepare(y, v)
        general = RegressionProfile(
            s.y, s.v, np.full((6, 1), 6**-0.5), s.k, s.k - 1.0, s.v.min(axis=-1)
        )
        mean = MeanProfile.of(s)
        t, every = np.full(80, 0.7), np.arange(80)
        for restricted in (True, False):
            one = mean.moments(t, every, restricted=restricted)
            two = general.moments(t, every, restricted=restricted)
            for a, b in zip(one, two, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-9)
    fit = estimate_tau2(y, v, np.full((6, 1), 3.0), method=method)
    np.testing.assert_allclose(
        fit.tau2, estimate_tau2(y, v, method=method).tau2, rtol=1e-12
    )


def precise_root(y: Floats, v: Floats, near: float) -> float:
    """Where the restricted likelihood is stationary, at sixty digits."""
    with mpmath.workdps(60):
        ym = [mpmath.mpf(float(a)) for a in y]
        vm = [mpmath.mpf(float(a)) for a in v]

        def score(t: mpmath.mpf) -> mpmath.mpf:
            w = [1 / (a + t) for a in vm]
            total = sum(w)
            mean = sum(a * b for a, b in zip(w, ym, strict=True)) / total
            g = sum((a * (b - mean)) ** 2 for a, b in zip(w, ym, strict=True))
            return g - total + sum(a * a for a in w) / total

        return float(mpmath.findroot(score, mpmath.mpf(near)))


@pytest.mark.parametrize("shift", [0.0, 1e8])
@pytest.mark.parametrize("seed", range(6))
def test_variances_over_twelve_decades_and_large_effects(
    seed: int, shift: float
) -> None:
    rng = np.random.default_rng(seed)
    v = 10.0 ** rng.uniform(-6, 6, 12)
    y = rng.normal(size=12) * np.sqrt(v + 0.5) + shift
    fit = estimate_tau2(y, v)
    if fit.tau2 == 0.0:
        with mpmath.workdps(60):
            assert precise_slope_at_zero(y, v) <= 0.0
    else:
        root = precise_root(y, v, float(fit.tau2))
        assert fit.tau2 == pytest.approx(root, rel=1e-11)


def precise_slope_at_zero(y: Floats, v: Floats) -> float:
    ym = [mpmath.mpf(float(a)) for a in y]
    w = [1 / mpmath.mpf(float(a)) for a in v]
    total = sum(w)
    mean = sum(a * b for a, b in zip(w, ym, strict=True)) / total
    g = sum((a * (b - mean)) ** 2 for a, b in zip(w, ym, strict=True))
    return float(g - total + sum(a * a for a in w) / total)


@pytest.mark.parametrize("restricted", [True, False])
def test_bayes_modal_is_the_mode(restricted: bool) -> None:
    method = "BMR" if restricted else "BM"
    y, v = random_sets(np.random.default_rng(8), 100, 6, 3.0)
    fit = estimate_tau2(y, v, method=method)
    assert fit.converged.all()
    assert (fit.tau2 > 0.0).all()
    grid = np.broadcast_to(np.geomspace(1e-7, 1e5, 3000), (100, 3000))
    own = fit.tau2[:, np.newaxis]
    best = log_likelihood(y, v, grid, None, restricted=restricted)
    here = log_likelihood(y, v, own, None, restricted=restricted)
    best, here = best + 0.5 * np.log(grid), here + 0.5 * np.log(own)
    assert float((best.max(axis=-1) - here[:, 0]).max()) <= 1e-10


def test_bayes_modal_error_is_from_the_curvature() -> None:
    y, v = BCG_RR
    fit = estimate_tau2(y, v, method="BM")
    h = 1e-4 * float(fit.tau2)
    t = float(fit.tau2) + np.array([-h, 0.0, h])
    f = log_likelihood(y, v, t, None, restricted=False) + 0.5 * np.log(t)
    curvature = -(f[0] - 2.0 * f[1] + f[2]) / h**2
    assert fit.se == pytest.approx(curvature**-0.5, rel=1e-5)


def generalised_q(y: Floats, v: Floats, t: Floats) -> Floats:
    w = 1.0 / (v + t[:, np.newaxis])
    mean = (w * y).sum(axis=-1) / w.sum(axis=-1)
    return np.asarray((w * (y - mean[:, np.newaxis]) ** 2).sum(axis=-1))


@pytest.mark.parametrize("decades", [0.5, 4.0, 12.0])
def test_paule_mandel_is_the_root(decades: float) -> None:
    y, v = random_sets(np.random.default_rng(2), 400, 7, decades)
    fit = estimate_tau2(y, v, method="PM")
    assert fit.converged.all()
    q = generalised_q(y, v, fit.tau2)
    positive = fit.tau2 > 0.0
    assert positive.any()
    np.testing.assert_allclose(q[positive], 6.0, rtol=1e-9)
    assert (q[~positive] <= 6.0 + 1e-9).all()


def test_iterated_dersimonian_laird_is_a_fixed_point() -> None:
    y, v = random_sets(np.random.default_rng(2), 200, 7, 2.0)
    fit = estimate_tau2(y, v, method="DLIT")
    t = fit.tau2
    w = 1.0 / (v + t[:, np.newaxis])
    trace = w.sum(axis=-1) - (w**2).sum(axis=-1) / w.sum(axis=-1)
    again = np.maximum((generalised_q(y, v, t) - 6.0) / trace, 0.0)
    np.testing.assert_allclose(again, t, rtol=1e-7, atol=1e-12)

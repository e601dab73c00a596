"""Intervals of tau2 against printed figures, brute force and their definitions."""

import numpy as np
import pytest
from scipy import stats

from heterogeneity.tau2_examples import (
    BCG_LATITUDE,
    BCG_RR,
    EXPECTANCY,
    HOMOGENEOUS,
    STAY,
    Example,
    random_sets,
)
from k2stats.heterogeneity import (
    TAU2_INTERVALS,
    Tau2Interval,
    fit_statistics,
    q_exact_p,
    tau2_interval,
)

# Cases tau2ci/<data>/<measure>/<method>/<type> of the reference figures.
REFERENCE = [
    (BCG_RR, "REML", "QP", 0.119718361141261, 1.11147908406093),
    (BCG_RR, "REML", "PL", 0.115266105748054, 0.964695326514216),
    (BCG_RR, "ML", "PL", 0.105077380808933, 0.833912476824103),
    (EXPECTANCY, "REML", "QP", 0.00586152661605815, 0.197700666299945),
    (EXPECTANCY, "REML", "PL", 0.0, 0.105156044850233),
    (EXPECTANCY, "ML", "PL", 0.0, 0.0866348962574373),
    (HOMOGENEOUS, "REML", "QP", 0.0, 0.0),
]


@pytest.mark.parametrize(("example", "method", "type_", "low", "high"), REFERENCE)
def test_reference_figures(
    example: Example, method: str, type_: str, low: float, high: float
) -> None:
    ci = tau2_interval(*example, type=type_, method=method)
    assert ci.low == pytest.approx(low, rel=1e-9, abs=1e-12)
    assert ci.high == pytest.approx(high, rel=1e-9, abs=1e-12)


def test_viechtbauer_2010() -> None:
    # Journal of Statistical Software 36(3), confint() of the BCG data: tau^2 0.3132
    # (0.1197, 1.1115), tau 0.5597 (0.3460, 1.0543), I^2 92.22 (81.92, 97.68), H^2
    # 12.86 (5.53, 43.07).
    ci = tau2_interval(*BCG_RR)
    printed = [
        ((ci.tau2, ci.low, ci.high), (0.3132, 0.1197, 1.1115), 0.5e-4),
        (ci.tau(), (0.5597, 0.3460, 1.0543), 0.5e-4),
        (ci.i2(), (92.22, 81.92, 97.68), 0.5e-2),
        (ci.h2(), (12.86, 5.53, 43.07), 0.5e-2),
    ]
    for got, figures, half in printed:
        assert all(abs(float(a) - b) <= half for a, b in zip(got, figures, strict=True))


def test_an_empty_set_is_said_to_be_empty() -> None:
    ci = tau2_interval(*HOMOGENEOUS)
    assert bool(ci.empty)
    assert bool(ci.converged)
    assert (float(ci.i2()[2]), float(ci.h2()[2])) == (0.0, 1.0)
    assert not tau2_interval(*BCG_RR).empty


def q_at(example: Example, t: float) -> float:
    w = 1.0 / (example.v + t)
    mean = (w * example.y).sum() / w.sum()
    return float((w * (example.y - mean) ** 2).sum())


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_q_profile_ends_where_q_is_a_quantile(level: float) -> None:
    # For these data a search that stops at ten times the estimate of DerSimonian and
    # Laird, 2187.2, does not reach the upper end.
    ci = tau2_interval(*STAY, type="QP", method="DL", level=level)
    tail = (1.0 - level) / 2.0
    assert q_at(STAY, float(ci.low)) == pytest.approx(
        stats.chi2.isf(tail, 8), rel=1e-10
    )
    assert q_at(STAY, float(ci.high)) == pytest.approx(
        stats.chi2.ppf(tail, 8), rel=1e-9
    )


@pytest.mark.parametrize("restricted", [True, False])
def test_profile_likelihood_is_the_hull_of_what_is_not_rejected(
    restricted: bool,
) -> None:
    y, v = random_sets(np.random.default_rng(11), 60, 5, 3.5)
    method = "REML" if restricted else "ML"
    ci = tau2_interval(y, v, type="PL", method=method)
    assert ci.converged.all()
    grid = np.concatenate([[0.0], np.geomspace(1e-5, 1e6, 4000)])
    drop = 0.5 * stats.chi2.isf(0.05, 1)
    for i in range(60):
        ll = fit_statistics(
            np.broadcast_to(y[i], (grid.size, 5)),
            np.broadcast_to(v[i], (grid.size, 5)),
            tau2=grid,
            restricted=restricted,
        ).log_likelihood
        best = fit_statistics(y[i], v[i], tau2=ci.tau2[i], restricted=restricted)
        inside = grid[ll >= best.log_likelihood - drop]
        step = grid[2] / grid[1]
        assert ci.low[i] <= inside.min() + 1e-12
        assert ci.high[i] >= inside.max() * (1.0 - 1e-12)
        assert ci.high[i] <= inside.max() * step * (1.0 + 1e-9)
        assert inside.min() <= max(ci.low[i] * step, 1e-5) * (1.0 + 1e-9)


@pytest.mark.parametrize("moderator", [False, True])
@pytest.mark.parametrize("type_", ["GENQ", "BJ"])
def test_fixed_weights_end_where_the_exact_probability_is_the_tail(
    type_: str, moderator: bool
) -> None:
    y, v = BCG_RR
    X = np.column_stack([np.ones(13), BCG_LATITUDE]) if moderator else None
    ci = tau2_interval(y, v, X, type=type_)
    weights = 1.0 / np.sqrt(v) if type_ == "GENQ" else 1.0 / v
    for end, p in ((ci.low, 0.025), (ci.high, 0.975)):
        got = q_exact_p(y, v, X, tau2=end, weights=weights)
        assert got == pytest.approx(p, rel=1e-10)


def test_generalised_q_with_other_weights() -> None:
    y, v = STAY
    weights = 1.0 / (v + 10.0)
    ci = tau2_interval(y, v, type="GENQ", weights=weights)
    got = q_exact_p(y, v, tau2=ci.high, weights=weights)
    assert got == pytest.approx(0.975, rel=1e-10)


def test_wald() -> None:
    ci = tau2_interval(*BCG_RR, type="Wald")
    reach = float(stats.norm.isf(0.025)) * 0.166425752836973
    assert ci.low == 0.0
    assert ci.high == pytest.approx(0.313243258136486 + reach, rel=1e-9)


def test_the_bootstrap_repeats_exactly_and_is_that_of_a_loop() -> None:
    y, v = EXPECTANCY
    one = tau2_interval(y, v, type="bootstrap", method="HE", rng=7, draws=2000)
    two = tau2_interval(y, v, type="bootstrap", method="HE", rng=7, draws=2000)
    assert (float(one.low), float(one.high)) == (float(two.low), float(two.high))
    rng = np.random.default_rng(7)
    drawn = rng.standard_normal((2000, 19)) * np.sqrt(v + float(one.tau2))
    tau2 = np.maximum(drawn.var(axis=1, ddof=1) - v.mean(), 0.0)
    low, high = np.quantile(tau2, [0.025, 0.975])
    assert one.low == pytest.approx(low, rel=1e-9, abs=1e-12)
    assert one.high == pytest.approx(high, rel=1e-9)


@pytest.mark.parametrize("type_", TAU2_INTERVALS)
def test_a_batch_is_its_elements_one_by_one(type_: str) -> None:
    y, v = random_sets(np.random.default_rng(21), 12, 5, 2.0)
    mask = np.ones((12, 5), dtype=bool)
    mask[::3, 4] = False

    def interval(i: int | None, *, short: bool) -> Tau2Interval:
        if i is None:
            return tau2_interval(y, v, type=type_, mask=mask, rng=1, draws=50)
        kept = slice(0, 4) if short else slice(None)
        return tau2_interval(y[i, kept], v[i, kept], type=type_, rng=1, draws=50)

    batch = interval(None, short=False)
    assert batch.low.shape == (12,)
    assert batch.converged.all()
    assert (batch.low <= batch.high).all()
    if type_ == "bootstrap":  # the draws go on from one element to the next
        return
    for i in range(12):
        one = interval(i, short=i % 3 == 0)
        assert batch.low[i] == pytest.approx(float(one.low), rel=1e-9, abs=1e-11)
        assert batch.high[i] == pytest.approx(float(one.high), rel=1e-9, abs=1e-11)
        assert batch.empty[i] == one.empty


@pytest.mark.parametrize("type_", ["QP", "PL", "GENQ", "BJ"])
def test_a_higher_level_is_wider(type_: str) -> None:
    y, v = random_sets(np.random.default_rng(22), 20, 6, 2.0)
    narrow = tau2_interval(y, v, type=type_, level=0.8)
    wide = tau2_interval(y, v, type=type_, level=0.99)
    assert (wide.low <= narrow.low).all()
    assert (wide.high >= narrow.high).all()


@pytest.mark.long
@pytest.mark.parametrize("type_", ["QP", "GENQ", "BJ"])
@pytest.mark.parametrize("tau2", [0.0, 0.05, 0.5])
def test_exact_intervals_cover_as_often_as_they_say(type_: str, tau2: float) -> None:
    # 4000 data sets: three standard errors of a share of 0.95 are 0.0103. At tau2 = 0
    # an interval misses by its low end, or by being empty.
    rng = np.random.default_rng(2024)
    v = np.broadcast_to(rng.uniform(0.02, 0.6, 8), (4000, 8))
    y = rng.normal(size=v.shape) * np.sqrt(v + tau2)
    ci = tau2_interval(y, v, type=type_, method="DL")
    inside = (ci.low <= tau2) & (tau2 <= ci.high) & ~(ci.empty)
    assert inside.mean() == pytest.approx(0.95, abs=0.0103)


def test_a_set_without_studies_has_no_interval_and_no_warning() -> None:
    y = [[0.1, 0.5, 0.9, 0.2], [0.0] * 4]
    found = tau2_interval(y, [[0.05] * 4] * 2, mask=[[True] * 4, [False] * 4])
    assert found.converged.tolist() == [True, False]
    assert np.isnan([found.tau2[1], found.low[1], found.high[1]]).all()

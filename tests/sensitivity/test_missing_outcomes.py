"""Missing outcomes: published pooled figures, the delta method, the grid."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from k2stats._typing import Floats
from k2stats.effectsizes import effect_sizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models import pool
from k2stats.sensitivity import (
    IMPUTATIONS,
    BinaryWithMissing,
    effects_with_missing,
    imputation_grid,
    means_with_missing,
)
from k2stats.significance import TWO_BY_TWO_TESTS
from sensitivity.haloperidol import trials


def one(e1: int, o1: int, m1: int, e2: int, o2: int, m2: int) -> BinaryWithMissing:
    return BinaryWithMissing.from_counts(
        events1=e1, nonevents1=o1, missing1=m1, events2=e2, nonevents2=o2, missing2=m2
    )


Link: TypeAlias = Callable[[Any], Any]
LINKS: dict[str, Link] = {
    "RR": np.log,
    "OR": lambda p: np.log(p / (1 - p)),
    "RD": lambda p: p,
}


def pooled(**options: Any) -> Floats:
    es = effects_with_missing(trials(), "RR", **options)
    fit = pool(es, model="common", ci="z")
    return np.asarray(np.exp([fit.estimate, fit.ci_low, fit.ci_high]))


def test_available_cases_of_the_haloperidol_trials() -> None:
    # White & Higgins (2009), Stata J 9:57-69: available cases, inverse variance,
    # RR 1.57 (1.28 to 1.92)
    assert_allclose(pooled(assumption="available"), [1.57, 1.28, 1.92], atol=0.005)
    es = effects_with_missing(trials(), "RR", "available")
    plain = effect_sizes(trials().available, "RR")
    assert_allclose(es.y, plain.y, rtol=1e-13)
    assert_allclose(es.v, plain.v, rtol=1e-12)


def test_missing_at_random_is_the_analysis_of_available_cases() -> None:
    # Higgins et al. (2008), section on ICA-p; White et al. (2008): IMOR 1 known
    available = effects_with_missing(trials(), "OR", "available")
    for same in (
        effects_with_missing(trials(), "OR", "ICA-p"),
        effects_with_missing(trials(), "OR", "IMOR"),
    ):
        assert_allclose(same.y, available.y, atol=1e-12)
        assert_allclose(same.v, available.v, rtol=1e-12)


@pytest.mark.parametrize(
    ("assumption", "more1", "more2"),
    [("ICA-0", 0, 0), ("ICA-1", 1, 1), ("ICA-b", 1, 0), ("ICA-w", 0, 1)],
)
def test_whole_imputations_are_tables(assumption: str, more1: int, more2: int) -> None:
    data = trials()
    table = data.imputed(data.missing1 * more1, data.missing2 * more2)
    whole = np.minimum.reduce(np.stack(data.available.cells)) > 0
    expected = effect_sizes(table, "RR")
    found = effects_with_missing(data, "RR", assumption, variance="as observed")
    assert_allclose(found.y[whole], expected.y[whole], atol=1e-12)
    assert_allclose(found.v[whole], expected.v[whole], rtol=1e-12)


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_weights_two_and_three_are_variances_of_tables(measure: str) -> None:
    """White and Higgins (2009), Stata Journal 9:57-69: W2 and W3 in words."""
    data = one(25, 25, 10, 14, 36, 20)
    found = {
        name: effects_with_missing(data, measure, "ICA-1", variance=name)
        for name in ("as observed", "available", "scaled")
    }
    # Events only among the missing: 35 of 60 and 34 of 70, scaled to 50 and 50.
    known = TwoByTwo.from_counts(events1=25, n1=50, events2=14, n2=50)
    more = TwoByTwo.from_counts(events1=35, n1=60, events2=34, n2=70)
    p1, p2 = 35 / 60, 34 / 70
    by_hand = {
        "RR": (1 - p1) / (50 * p1) + (1 - p2) / (50 * p2),
        "OR": 1 / (50 * p1 * (1 - p1)) + 1 / (50 * p2 * (1 - p2)),
        "RD": (p1 * (1 - p1) + p2 * (1 - p2)) / 50,
    }
    assert_allclose(found["available"].v, effect_sizes(known, measure).v, rtol=1e-12)
    assert_allclose(found["as observed"].v, effect_sizes(more, measure).v, rtol=1e-12)
    assert_allclose(found["scaled"].v, by_hand[measure], rtol=1e-12)
    for made in found.values():
        assert_array_equal(made.y, found["scaled"].y)


@pytest.mark.parametrize("variance", ["delta", "as observed", "available", "scaled"])
def test_all_weights_agree_where_nothing_is_missing(variance: str) -> None:
    data = one(25, 25, 0, 14, 36, 0)
    known = TwoByTwo.from_counts(events1=25, n1=50, events2=14, n2=50)
    made = effects_with_missing(data, "OR", "ICA-w", variance=variance)
    assert_allclose(made.v, effect_sizes(known, "OR").v, rtol=1e-12)


def test_best_and_worst_case_bracket_every_imputation() -> None:
    rr = {a: pooled(assumption=a)[0] for a in ("ICA-b", "ICA-w", "ICA-0", "ICA-1")}
    assert rr["ICA-w"] < min(rr["ICA-0"], rr["ICA-1"])
    assert rr["ICA-b"] > max(rr["ICA-0"], rr["ICA-1"])


def _risks(p: float, share: float, delta: float) -> float:
    odds = p / (1 - p) * np.exp(delta)
    return float(share * p + (1 - share) * odds / (1 + odds))


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_variance_is_that_of_the_delta_method_in_numbers(measure: str) -> None:
    data = one(29, 18, 22, 20, 14, 34)
    d1, d2, s1, s2, rho = -0.5, 0.3, 0.8, 0.4, 0.6
    link = LINKS[measure]

    def effect(x: Floats) -> float:
        p1, p2, a1, a2, e1, e2 = x
        return float(link(_risks(p1, a1, e1)) - link(_risks(p2, a2, e2)))

    at = np.array([29 / 47, 20 / 34, 47 / 69, 34 / 68, d1, d2])
    gradient = np.array(
        [(effect(at + h) - effect(at - h)) / 2e-6 for h in np.eye(6) * 1e-6]
    )
    cov = np.diag(
        [
            *(p * (1 - p) / n for p, n in zip(at[:2], (47, 34), strict=True)),
            *(a * (1 - a) / n for a, n in zip(at[2:4], (69, 68), strict=True)),
            s1**2,
            s2**2,
        ]
    )
    cov[4, 5] = cov[5, 4] = rho * s1 * s2
    found = effects_with_missing(
        data,
        measure,
        imor1=np.exp(d1),
        imor2=np.exp(d2),
        sd1=s1,
        sd2=s2,
        correlation=rho,
    )
    assert_allclose(found.y, effect(at), rtol=1e-12)
    assert_allclose(found.v, gradient @ cov @ gradient, rtol=1e-7)


@pytest.mark.parametrize("assumption", list(IMPUTATIONS))
def test_slopes_of_every_assumption(assumption: str) -> None:
    function = IMPUTATIONS[assumption].function
    p1, p2, d1, d2 = (np.array([x]) for x in (0.3, 0.6, 0.7, -0.4))
    found = function(p1, p2, d1, d2)
    h = 1e-6
    for i, q in enumerate(("q1", "q2")):
        ups = (function(p1 + h, p2, d1, d2), function(p1, p2 + h, d1, d2))
        downs = (function(p1 - h, p2, d1, d2), function(p1, p2 - h, d1, d2))
        for j in (0, 1):
            slope = (getattr(ups[j], q) - getattr(downs[j], q)) / (2 * h)
            assert_allclose(found.by_p[i][j], slope, atol=1e-8)
        step = (h, 0.0) if i == 0 else (0.0, h)
        up = getattr(function(p1, p2, d1 + step[0], d2 + step[1]), q)
        down = getattr(function(p1, p2, d1 - step[0], d2 - step[1]), q)
        assert_allclose(found.by_delta[i], (up - down) / (2 * h), atol=1e-8)


def test_imors_run_from_no_events_to_events_only() -> None:
    data = one(29, 18, 22, 20, 14, 34)
    none, every = (effects_with_missing(data, "RD", a).y for a in ("ICA-0", "ICA-1"))
    tiny = effects_with_missing(data, "RD", imor1=1e-9, imor2=1e-9)
    huge = effects_with_missing(data, "RD", imor1=1e9, imor2=1e9)
    assert_allclose(tiny.y, none, atol=1e-8)
    assert_allclose(huge.y, every, atol=1e-8)


def test_a_grid_of_imors_is_one_batch() -> None:
    imor = np.array([0.25, 0.5, 1.0, 2.0])[:, None]
    es = effects_with_missing(trials(), "RR", imor1=imor, imor2=imor)
    assert es.y.shape == (4, 17)
    fit = pool(es, model="common", ci="z")
    single = effects_with_missing(trials(), "RR", imor1=0.5, imor2=0.5)
    assert_allclose(fit.estimate[1], pool(single, model="common", ci="z").estimate)


def test_uncertainty_widens_and_correlation_narrows_again() -> None:
    certain, unsure, tied = (
        pooled(**o)
        for o in (
            {},
            {"sd1": 1.0, "sd2": 1.0},
            {"sd1": 1.0, "sd2": 1.0, "correlation": 1.0},
        )
    )
    widths = [np.log(x[2] / x[1]) for x in (certain, tied, unsure)]
    assert widths[0] < widths[1] < widths[2]


def test_grid_against_each_table_on_its_own() -> None:
    data = one(25, 25, 4, 14, 36, 6)
    grid = imputation_grid(data)
    assert grid.significant.shape == (5, 7)
    for i in range(5):
        for j in range(7):
            table = data.imputed(i, j)
            assert (table.n1.item(), table.n2.item()) == (54, 56)
            p = TWO_BY_TWO_TESTS["fisher"].function(table).p.item()
            assert grid.p[i, j] == p
            assert grid.significant[i, j] == (p < 0.05)
    assert grid.observed
    turned = grid.overturned
    for i, j in np.argwhere(turned):
        neighbours = [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]
        inside = [(a, b) for a, b in neighbours if 0 <= a < 5 and 0 <= b < 7]
        assert grid.frontier[i, j] == any(not turned[a, b] for a, b in inside)
    assert not (grid.frontier & ~turned).any()
    points = grid.tipping_points()
    assert len(points) == grid.frontier.sum() > 0
    assert (points.p >= 0.05).all()
    nearest = grid.nearest
    assert nearest is not None
    assert turned[nearest[0], nearest[1]]
    cells = np.argwhere(turned) - np.array([2.0, 6 * 14 / 50])
    assert_allclose(nearest[2], np.abs(cells).sum(axis=1).min())
    assert "overturn" in grid.meaning
    assert 0 < grid.share_overturned < 1


def test_grid_that_nothing_overturns() -> None:
    grid = imputation_grid(one(40, 10, 1, 10, 40, 1))
    assert grid.nearest is None
    assert grid.tipping_points().empty
    assert "stay so however" in str(grid)
    bare = imputation_grid(one(40, 10, 0, 10, 40, 0), "RD/wald")
    assert bare.significant.shape == (1, 1)
    assert np.isnan(bare.p).all()


@settings(max_examples=50, deadline=None)
@given(*(st.integers(1, 15) for _ in range(4)), st.integers(0, 6), st.integers(0, 6))
def test_the_two_extreme_cases_bound_the_risk_difference(
    e1: int, o1: int, e2: int, o2: int, m1: int, m2: int
) -> None:
    data = one(e1, o1, m1, e2, o2, m2)
    grid = imputation_grid(data, "pearson")
    best, worst = data.best_case(), data.worst_case()
    assert_allclose(grid.risk_difference.max(), best.risk1 - best.risk2)
    assert_allclose(grid.risk_difference.min(), worst.risk1 - worst.risk2)
    swapped = data.best_case("group 2")
    assert_array_equal(swapped.events2, worst.events2)


def test_continuous_outcomes_by_the_delta_method_in_numbers() -> None:
    given_: dict[str, Any] = {
        "mean1": -12.0,
        "sd1": 8.0,
        "n1": 80,
        "missing1": 20,
        "mean2": -9.0,
        "sd2": 7.0,
        "n2": 75,
        "missing2": 25,
    }
    lam, s, rho = (2.0, -1.0), (1.5, 0.5), 0.3
    log = (0.2, -0.1), (0.3, 0.1)
    spread = np.sqrt((79 * 64 + 74 * 49) / 153)

    def means(x: Floats, ratio: bool) -> tuple[float, float]:
        m1, m2, p1, p2, l1, l2 = x
        if ratio:
            return (
                float(m1 * (1 - p1 + p1 * np.exp(l1))),
                float(m2 * (1 - p2 + p2 * np.exp(l2))),
            )
        return float(m1 + p1 * l1), float(m2 + p2 * l2)

    effects: dict[str, Callable[[float, float], Any]] = {
        "MD": lambda a, b: a - b,
        "SMD": lambda a, b: (a - b) / spread,
        "ROM": lambda a, b: np.log(a / b),
    }
    for measure, effect in effects.items():
        for parameter in ("IMDoM", "IMRoM"):
            ratio = parameter == "IMRoM"
            at_l, at_s = log if ratio else (lam, s)
            at = np.array([-12.0, -9.0, 0.2, 0.25, *at_l])
            gradient = np.array(
                [
                    (effect(*means(at + h, ratio)) - effect(*means(at - h, ratio)))
                    / 2e-6
                    for h in np.eye(6) * 1e-6
                ]
            )
            cov = np.diag(
                [64 / 80, 49 / 75, 0.2 * 0.8 / 100, 0.25 * 0.75 / 100]
                + [x**2 for x in at_s]
            )
            cov[4, 5] = cov[5, 4] = rho * at_s[0] * at_s[1]
            found = means_with_missing(
                **given_,
                measure=measure,
                parameter=parameter,
                shift1=at_l[0],
                shift2=at_l[1],
                shift_sd1=at_s[0],
                shift_sd2=at_s[1],
                correlation=rho,
            )
            assert_allclose(found.y, effect(*means(at, ratio)), rtol=1e-12)
            assert_allclose(found.v, gradient @ cov @ gradient, rtol=1e-6)


def test_nothing_missing_changes_nothing() -> None:
    es = means_with_missing(
        mean1=[1.0, 2.0],
        sd1=1.5,
        n1=20,
        missing1=0,
        mean2=0.5,
        sd2=1.0,
        n2=30,
        missing2=0,
        shift1=3.0,
        shift2=-3.0,
        shift_sd1=2.0,
        study=["A", "B"],
    )
    assert_allclose(es.y, [0.5, 1.5])
    assert_allclose(es.v, 1.5**2 / 20 + 1 / 30)
    assert es.study == ("A", "B")


def test_a_ratio_of_means_of_opposite_signs_is_undefined() -> None:
    es = means_with_missing(
        mean1=1.0,
        sd1=1.0,
        n1=9,
        missing1=1,
        mean2=-1.0,
        sd2=1.0,
        n2=9,
        missing2=1,
        measure="ROM",
    )
    assert np.isnan(es.y).all()


def test_errors_name_what_is_wrong() -> None:
    data = one(29, 18, 22, 20, 14, 34)
    with pytest.raises(
        InvalidEvidenceError, match=r"events1 \+ nonevents1 .* rows \[0"
    ):
        one(0, 0, 5, 1, 1, 0)
    with pytest.raises(InvalidEvidenceError, match="missing2 must be at least 0"):
        one(1, 1, 0, 1, 1, -1)
    with pytest.raises(InvalidEvidenceError, match="missing1 must be a whole number"):
        BinaryWithMissing.from_counts(
            events1=1, nonevents1=1, missing1=0.5, events2=1, nonevents2=1, missing2=0
        )
    with pytest.raises(InvalidEvidenceError, match="more1 must be from 0 to missing1"):
        data.imputed(23, 0)
    with pytest.raises(InvalidEvidenceError, match="favoured must be"):
        data.worst_case("control")
    with pytest.raises(InvalidEvidenceError, match="trial must be one trial"):
        imputation_grid(trials())
    with pytest.raises(UnknownMethodError, match="assumption about missing outcomes"):
        effects_with_missing(data, assumption="LOCF")
    with pytest.raises(
        InvalidEvidenceError, match="measure must be 'RR', 'OR' or 'RD'"
    ):
        effects_with_missing(data, "HR")
    with pytest.raises(InvalidEvidenceError, match="imor1 must be positive"):
        effects_with_missing(data, imor1=0.0)
    with pytest.raises(InvalidEvidenceError, match="correlation must be from -1 to 1"):
        effects_with_missing(data, correlation=1.5)
    with pytest.raises(InvalidEvidenceError, match="variance must be one of 'delta'"):
        effects_with_missing(data, variance="W2")
    with pytest.raises(InvalidEvidenceError, match="study must be of length 1"):
        effects_with_missing(data, study=["a", "b"])
    with pytest.raises(InvalidEvidenceError, match="parameter must be one of IMDoM"):
        means_with_missing(
            mean1=1, sd1=1, n1=2, missing1=0, mean2=1, sd2=1, n2=2, missing2=0,
            parameter="IMOR",
        )  # fmt: skip
    with pytest.raises(InvalidEvidenceError, match="sd2 must be positive"):
        means_with_missing(
            mean1=1, sd1=1, n1=2, missing1=0, mean2=1, sd2=0, n2=2, missing2=0
        )
    huge = one(1, 1, 10_000, 1, 1, 10_000)
    with pytest.raises(InvalidEvidenceError, match="few enough"):
        imputation_grid(huge)

"""Ranges of p-values over rounding: sound, attained, and tighter than boxes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import PrintedTwoMeans, Reported, TwoMeans
from k2stats.evidence.means import Spread
from k2stats.significance._base import MEANS_TESTS
from k2stats.significance.enclosures import EMPTY, PValueRange, greatest
from k2stats.significance.means_rounding import means_p_values


def printed(*texts: str, n1: int, n2: int, spread: Spread = "sd") -> PrintedTwoMeans:
    """Return two printed means with their spreads."""
    mean1, spread1, mean2, spread2 = map(Reported, texts)
    return PrintedTwoMeans(mean1, spread1, n1, mean2, spread2, n2, spread)


def rows(evidence: PrintedTwoMeans) -> dict[str, PValueRange]:
    """Rows by test, of evidence whose spread is known."""
    return {row.name: row for row in means_p_values(evidence)}


# Print of 1.20 (1.2) v 2.1 (2.5): figures of integrity tools, given to 1e-5
THIRTY = printed("1.20", "1.2", "2.1", "2.5", n1=60, n2=30)
SIXTY = printed("1.20", "1.2", "2.1", "2.5", n1=60, n2=60)


@pytest.mark.parametrize(
    ("evidence", "name", "low", "midpoint", "high"),
    [
        (THIRTY, "student", "0.01342", "0.02299", "0.03720"),
        (THIRTY, "welch", "0.05029", "0.07007", "0.09493"),
        (SIXTY, "student", "0.00724", "0.01329", "0.02293"),
        (SIXTY, "welch", "0.00765", "0.01383", "0.02359"),
    ],
)
def test_published_ranges(
    evidence: PrintedTwoMeans, name: str, low: str, midpoint: str, high: str
) -> None:
    row = rows(evidence)[name]
    assert row.corner_low in Reported(low).interval
    assert row.midpoint in Reported(midpoint).interval
    assert row.corner_high in Reported(high).interval
    # here the corners are the extremes
    assert row.low == pytest.approx(row.corner_low, rel=1e-12)
    assert row.high == pytest.approx(row.corner_high, rel=1e-12)


@pytest.mark.parametrize(
    ("evidence", "p", "by_student", "by_welch"),
    [
        (THIRTY, ".02", True, False),
        (THIRTY, ".07", False, True),
        (SIXTY, ".03", False, False),
    ],
)
def test_whether_a_printed_p_can_be_reached(
    evidence: PrintedTwoMeans, p: str, by_student: bool, by_welch: bool
) -> None:
    found = rows(evidence)
    assert found["student"].can_print(Reported(p)) is by_student
    assert found["welch"].can_print(Reported(p)) is by_welch


def test_welch_reaches_its_ends_at_other_corners_than_expected() -> None:
    # Lasemi 2018: the least p needs the greater sd2, since it adds degrees of freedom
    row = rows(printed("812", "154", "235", "100", n1=29, n2=45))["welch"]
    assert row.enclosure.at_low["sd2"] == 100.5
    assert row.enclosure.at_high["sd2"] == 99.5
    assert row.low < row.midpoint < row.high < 2e-21


def test_welch_reaches_its_least_inside_an_edge() -> None:
    # found by search: no corner has the least p
    row = rows(printed("1.0", "0.3", "9", "2", n1=3, n2=30))["welch"]
    assert row.low < 0.2 * row.corner_low
    at = row.enclosure.at_low
    assert at["sd1"] == 0.25
    assert 1.5 < at["sd2"] < 2.5

    def p(sd2: float) -> float:
        means = TwoMeans.from_summary(
            mean1=at["mean1"], sd1=0.25, n1=3, mean2=at["mean2"], sd2=sd2, n2=30
        )
        return float(MEANS_TESTS["welch"].function(means).log_p[0])

    found = optimize.minimize_scalar(p, bounds=(1.5, 2.5), method="bounded")
    assert np.exp(found.fun) == pytest.approx(row.low, rel=1e-6)


@st.composite
def prints(draw: st.DrawFn) -> PrintedTwoMeans:
    """Coarsely printed means and SDs, small groups: where p moves most."""
    digits = draw(st.integers(0, 2))
    number = st.integers(-40, 40).map(lambda k: f"{k / 10**digits:.{digits}f}")
    sd = st.integers(1, 30).map(lambda k: f"{k / 10**digits:.{digits}f}")
    n = st.integers(2, 40)
    return printed(
        draw(number), draw(sd), draw(number), draw(sd), n1=draw(n), n2=draw(n)
    )


def draw_inside(evidence: PrintedTwoMeans, seed: int, count: int) -> TwoMeans:
    """Random means and SDs that print so, near the ends of windows in good part."""
    rng = np.random.default_rng(seed)
    values = []
    for number in (
        evidence.mean1,
        evidence.spread1,
        evidence.mean2,
        evidence.spread2,
    ):
        low, high = number.interval.floats()
        share = np.clip(rng.uniform(-0.3, 1.3, count), 0.0, 1.0)
        values.append(low + share * (high - low))
    n1, n2 = (np.full(count, float(n)) for n in (evidence.n1, evidence.n2))
    return TwoMeans(
        values[0], np.maximum(values[1], 0), n1, values[2], np.maximum(values[3], 0), n2
    )


@settings(max_examples=25, deadline=None)
@given(prints(), st.integers(0, 10**6))
def test_ranges_hold_at_random_points(evidence: PrintedTwoMeans, seed: int) -> None:
    inside = draw_inside(evidence, seed, 3000)
    for name, row in rows(evidence).items():
        p = MEANS_TESTS[name].function(inside).p
        assert row.low <= row.corner_low
        assert row.high >= row.corner_high
        assert np.nanmin(p) >= row.low * (1 - 1e-6)
        assert np.nanmax(p) <= row.high * (1 + 1e-6)


@settings(max_examples=25, deadline=None)
@given(prints())
def test_witnesses_print_so_and_give_the_ends(evidence: PrintedTwoMeans) -> None:
    for name, row in rows(evidence).items():
        for end, at in (
            (row.low, row.enclosure.at_low),
            (row.high, row.enclosure.at_high),
        ):
            for key, number in (
                ("mean1", evidence.mean1),
                ("sd1", evidence.spread1),
                ("mean2", evidence.mean2),
                ("sd2", evidence.spread2),
            ):
                low, high = number.interval.floats()
                assert low - 1e-12 <= at[key] <= high + 1e-12
            means = TwoMeans.from_summary(n1=evidence.n1, n2=evidence.n2, **at)
            p = float(MEANS_TESTS[name].function(means).p[0])
            if at["sd1"] == at["sd2"] == 0:  # a limit, not a value
                assert end in (0.0, 1.0)
            else:
                assert p == pytest.approx(end, rel=1e-9, abs=1e-300)


def test_means_whose_windows_meet_reach_one() -> None:
    for row in rows(printed("1.2", "0.5", "1.3", "0.5", n1=8, n2=8)).values():
        assert row.high == 1.0
        at = row.enclosure.at_high
        assert at["mean1"] == at["mean2"] == pytest.approx(1.25)


def test_spreads_that_may_be_zero_reach_zero() -> None:
    for row in rows(printed("5", "0", "1", "0.0", n1=3, n2=3)).values():
        assert row.low == 0.0
        assert 0.0 < row.high < 0.01
        assert np.isnan(row.midpoint)


def test_spreads_that_are_zero_leave_nothing_defined() -> None:
    zero = Reported("0", exact=True)
    evidence = PrintedTwoMeans(Reported("5"), zero, 3, Reported("1"), zero, 3, "sd")
    for row in means_p_values(evidence):
        assert row.enclosure.is_empty
        assert not row.can_print(Reported("<1"))


def test_one_spread_that_is_zero() -> None:
    zero = Reported("0", exact=True)
    evidence = PrintedTwoMeans(
        Reported("5"), zero, 3, Reported("1"), Reported("1"), 3, "sd"
    )
    row = rows(evidence)["welch"]
    inside = draw_inside(evidence, 1, 2000)
    p = MEANS_TESTS["welch"].function(inside).p
    assert row.low <= p.min()
    assert p.max() <= row.high


def test_both_readings_of_an_unknown_spread() -> None:
    found = means_p_values(
        printed("812", "154", "235", "100", n1=29, n2=45, spread="unknown")
    )
    assert [(r.name, r.spread) for r in found] == [
        (name, spread) for spread in ("sd", "se") for name in MEANS_TESTS
    ]
    as_sd, as_se = ({r.name: r for r in found if r.spread == s} for s in ("sd", "se"))
    for name in MEANS_TESTS:
        assert as_sd[name].high < as_se[name].low
    (only,) = {
        r.spread
        for r in means_p_values(
            printed("812", "154", "235", "100", n1=29, n2=45, spread="se")
        )
    }
    assert only == "se"


def test_a_bound_is_no_mean() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"mean1 must be a number, not a"):
        printed("<1.2", "0.5", "1.3", "0.5", n1=8, n2=8)


@given(st.floats(0.05, 3), st.floats(-2, 2), st.floats(-3, 0), st.floats(0.01, 3))
def test_greatest_of_a_bump(
    width: float, centre: float, low: float, length: float
) -> None:
    high = low + length

    def value(x: Floats) -> Floats:
        return np.asarray(-(((x - centre) / width) ** 2))

    def ceiling(a: Floats, b: Floats) -> Floats:
        return np.asarray(value(np.clip(centre, a, b)) + (b - a))

    x, best = greatest(value, ceiling, low, high)
    right = min(max(centre, low), high)
    assert best == pytest.approx(float(value(np.array(right))), abs=1e-9)
    assert low <= x <= high


def test_greatest_finds_a_narrow_peak_that_a_grid_misses() -> None:
    def value(x: Floats) -> Floats:
        return np.asarray(np.maximum(0.0, 1.0 - 1e5 * np.abs(x - 0.123456)))

    def ceiling(a: Floats, b: Floats) -> Floats:
        return value(np.clip(0.123456, a, b))

    x, best = greatest(value, ceiling, 0.0, 1.0)
    assert x == pytest.approx(0.123456, abs=1e-9)
    assert best == pytest.approx(1.0, abs=1e-6)


def test_greatest_on_a_point() -> None:
    assert greatest(lambda x: x, lambda a, b: b, 2.0, 2.0) == (2.0, 2.0)


def test_empty_enclosure() -> None:
    assert EMPTY.is_empty
    assert not PValueRange("t", "t", "", 1, 0.1, EMPTY).can_print(Reported("0.1"))

"""The front door to the intervals, and the laws that all of them obey."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k2stats.errors import (
    AmbiguousEvidenceError,
    InvalidEvidenceError,
    UnknownMethodError,
)
from k2stats.evidence import PrintedTwoByTwo, Reported, TwoByTwo
from k2stats.significance._intervals import IntervalResult
from k2stats.significance.confidence import (
    INTERVALS,
    confidence_interval,
    confidence_intervals,
)

FUSION = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
FAST = [
    (measure, entry.name)
    for measure, registry in INTERVALS.items()
    for entry in registry.entries(lacking="unconditional")
]
EDGES = TwoByTwo.from_counts(
    events1=[0, 3, 0, 5, 5, 0, 1, 2],
    n1=[5, 5, 5, 5, 5, 1, 1, 9],
    events2=[2, 0, 0, 4, 7, 1, 0, 6],
    n2=[7, 7, 7, 7, 7, 1, 1, 11],
)


def stack(found: IntervalResult) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.stack([found.estimate, found.low, found.high])


@st.composite
def tables(draw: st.DrawFn, largest: int = 300) -> TwoByTwo:
    n1, n2 = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return TwoByTwo.from_counts(
        events1=draw(st.integers(0, n1)),
        n1=n1,
        events2=draw(st.integers(0, n2)),
        n2=n2,
    )


def check_laws(table: TwoByTwo, measure: str, method: str, level: float) -> None:
    found = confidence_interval(table, measure, method, level)
    swapped = confidence_interval(table.swap_groups(), measure, method, level)
    other = confidence_interval(table.swap_outcome(), measure, method, level)
    pairs = [swapped] if measure == "RR" else [swapped, other]
    for mirror in pairs:
        with np.errstate(divide="ignore"):
            turned = -stack(mirror) if measure == "RD" else 1.0 / stack(mirror)
        # 1/inf is 0 and 1/0 is inf: both are limits that the data do not set.
        np.testing.assert_allclose(
            turned[[0, 2, 1]], stack(found), rtol=1e-7, atol=1e-9
        )
    estimate, low, high = (x.item() for x in stack(found))
    if np.isnan(low):
        return
    assert low <= high
    if not np.isnan(estimate):
        assert low <= estimate <= high
    wider = confidence_interval(table, measure, method, level + 0.004)
    assert wider.low.item() <= low + 1e-9 * abs(low)
    assert high <= wider.high.item() + 1e-9 * abs(high)


@pytest.mark.parametrize(("measure", "method"), FAST)
@given(table=tables(), level=st.floats(0.5, 0.995))
@settings(max_examples=30, deadline=None)
def test_laws(measure: str, method: str, table: TwoByTwo, level: float) -> None:
    check_laws(table, measure, method, level)


@given(table=tables(largest=6), level=st.sampled_from([0.8, 0.95]))
@settings(max_examples=6, deadline=None)
def test_laws_of_the_exact_risk_difference(table: TwoByTwo, level: float) -> None:
    found = confidence_interval(table, "RD", "exact", level)
    for mirror in (table.swap_groups(), table.swap_outcome()):
        turned = -stack(confidence_interval(mirror, "RD", "exact", level))
        np.testing.assert_allclose(turned[[0, 2, 1]], stack(found), atol=1e-8)
    assert found.low.item() <= found.estimate.item() <= found.high.item()


@pytest.mark.parametrize(("measure", "method"), FAST)
def test_batch_equals_loop(measure: str, method: str) -> None:
    batch = stack(confidence_interval(EDGES, measure, method))
    assert batch.shape == (3, 8)
    for k in range(8):
        alone = stack(confidence_interval(EDGES[k], measure, method))
        np.testing.assert_allclose(alone[:, 0], batch[:, k], rtol=1e-11)


@pytest.mark.parametrize(("measure", "method"), FAST)
def test_shape_is_kept(measure: str, method: str) -> None:
    grid = TwoByTwo.from_counts(
        events1=[[1, 2, 3], [4, 0, 6]], n1=9, events2=[[3, 3, 3], [1, 2, 0]], n2=8
    )
    found = confidence_interval(grid, measure, method)
    assert found.estimate.shape == found.low.shape == found.high.shape == (2, 3)
    flat = confidence_interval(grid[1], measure, method)
    np.testing.assert_allclose(stack(found)[:, 1], stack(flat), rtol=1e-11)


def test_results_are_read_only() -> None:
    found = confidence_interval(FUSION, "RD", "wald")
    with pytest.raises(ValueError, match="read-only"):
        found.low[0] = 0.0


def test_printed_table() -> None:
    printed = PrintedTwoByTwo(
        n1=36, percent1=Reported("91.67%"), n2=35, percent2=Reported("74.29%")
    )
    found = confidence_interval(printed, "RR", "katz")
    np.testing.assert_array_equal(
        stack(found), stack(confidence_interval(FUSION, "RR", "katz"))
    )


def test_printed_table_that_many_fit() -> None:
    printed = PrintedTwoByTwo(
        n1=340, percent1=Reported("21%"), n2=351, percent2=Reported("15%")
    )
    with pytest.raises(AmbiguousEvidenceError, match="16 tables print as") as caught:
        confidence_interval(printed, "RR", "katz")
    assert caught.value.candidates == 16


def test_frame_has_a_row_a_method() -> None:
    frame = confidence_intervals(FUSION)
    names = [(m, n) for m, registry in INTERVALS.items() for n in registry]
    assert list(zip(frame["measure"], frame["method"], strict=True)) == names
    # RD, Newcombe: -.0038 to .3462.
    row = frame[(frame["measure"] == "RD") & (frame["method"] == "newcombe")].iloc[0]
    assert (round(row["low"], 4), round(row["high"], 4)) == (-0.0038, 0.3462)


def test_frame_of_one_measure_without_slow_methods() -> None:
    frame = confidence_intervals(FUSION, "RD", lacking="unconditional")
    assert set(frame["measure"]) == {"RD"}
    assert "exact" not in set(frame["method"])


def test_frame_of_many_tables_is_refused() -> None:
    with pytest.raises(InvalidEvidenceError, match="table must be one table, got '8'"):
        confidence_intervals(EDGES)


def test_unknown_names() -> None:
    with pytest.raises(UnknownMethodError, match=r"Unknown measure 'HR'\. Known: RD"):
        confidence_interval(FUSION, "HR", "wald")
    with pytest.raises(UnknownMethodError, match="Unknown measure 'ARR'"):
        confidence_intervals(FUSION, "ARR")
    with pytest.raises(
        UnknownMethodError, match=r"risk ratio interval 'wolf'\. Known: katz"
    ):
        confidence_interval(FUSION, "RR", "wolf")


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 95.0, float("nan")])
def test_level_outside_its_range(level: float) -> None:
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        confidence_interval(FUSION, "RD", "wald", level)
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        confidence_intervals(FUSION, "RD", level)


@pytest.mark.parametrize("measure", list(INTERVALS))
def test_every_method_says_what_it_is(measure: str) -> None:
    for entry in INTERVALS[measure].entries():
        assert entry.label
        assert entry.reference
        assert entry.equation
        assert entry.traits & {"closed-form", "iterative", "exact"}

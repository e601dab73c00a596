"""How numbers needed to treat are held and printed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.absolute_effects import NNT, nnt_from_risk_difference
from k2stats.absolute_effects.numbers_needed import figure
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import Horizon, Reported


def test_newcombe_rapid_response() -> None:
    # Reference case nnt_ci: ARR .1 (-.05 to .25), as Newcombe prints it.
    found = nnt_from_risk_difference(0.1, -0.05, 0.25)
    assert found.texts("difference") == ["NNTB 10 (NNTH 20 to inf to NNTB 4)"]
    assert str(found) == "NNTB 10 (NNTB 4 to inf to NNTH 20)"
    assert found.through_infinity.tolist() == [True]


def test_barrowman_2002() -> None:
    # Reference case nnt_ci: ARR .166 (.009 to .322) gives 6.02, 3.11 and 111.1.
    found = nnt_from_risk_difference(0.166, 0.009, 0.322)
    assert found.value.item() == pytest.approx(6.02, abs=0.005)
    assert found.near.item() == pytest.approx(3.11, abs=0.005)
    assert found.far.item() == pytest.approx(111.1, abs=0.05)
    assert str(found) == "NNTB 6.02 (NNTB 3.11 to NNTB 111)"
    assert found.texts("difference") == ["NNTB 6.02 (NNTB 111 to NNTB 3.11)"]
    assert found.through_infinity.tolist() == [False]


def test_cochrane_handbook() -> None:
    # Reference case nnt (Cochrane Handbook 15.4.4): RD -.12 gives 8.3333.
    found = nnt_from_risk_difference(-0.12, events="harmful")
    assert found.value.item() == pytest.approx(8.3333, abs=5e-5)
    assert str(found) == "NNTB 8.33"
    assert str(nnt_from_risk_difference(-0.12, events="beneficial")) == "NNTH 8.33"


def test_harm_begins_with_its_own_side() -> None:
    through = nnt_from_risk_difference(-0.1, -0.25, 0.05)
    assert str(through) == "NNTH 10 (NNTH 4 to inf to NNTB 20)"
    assert through.texts("difference") == ["NNTH 10 (NNTH 4 to inf to NNTB 20)"]
    plain = nnt_from_risk_difference(-0.1, -0.25, -0.01)
    assert str(plain) == "NNTH 10 (NNTH 4 to NNTH 100)"


def test_harmful_events_turn_everything_over() -> None:
    found = nnt_from_risk_difference(0.1, -0.05, 0.25, events="harmful")
    assert str(found) == "NNTH 10 (NNTH 4 to inf to NNTB 20)"
    np.testing.assert_allclose(
        [found.benefit.item(), found.near.item(), found.far.item()], [-0.1, -4.0, 20.0]
    )


def test_no_difference() -> None:
    assert str(nnt_from_risk_difference(0.0)) == "NNT inf"
    found = nnt_from_risk_difference(0.0, -0.1, 0.2)
    assert str(found) == "NNT inf (NNTB 5 to inf to NNTH 10)"
    assert found.value.item() == math.inf
    negative_zero = nnt_from_risk_difference(0.0, -0.1, 0.2, events="harmful")
    assert negative_zero.signed.item() == math.inf
    assert str(negative_zero) == "NNT inf (NNTB 10 to inf to NNTH 5)"


def test_a_limit_of_zero() -> None:
    assert str(nnt_from_risk_difference(0.2, 0.0, 0.4)) == "NNTB 5 (NNTB 2.50 to inf)"
    low = nnt_from_risk_difference(-0.2, -0.4, 0.0)
    assert str(low) == "NNTH 5 (NNTH 2.50 to inf)"
    assert low.through_infinity.tolist() == [True]


def test_undefined() -> None:
    nothing = np.array([np.nan])
    assert str(NNT(nothing)) == "NNT undefined"
    assert str(NNT(np.array([0.2]), nothing, nothing)) == "NNTB 5 (no limits)"


def test_figures_have_three_significant_digits() -> None:
    prints = {
        1.0: "1",
        1.0049: "1.00",
        5.7534246575: "5.75",
        9.996: "10.0",
        57.53: "57.5",
        99.94: "99.9",
        99.96: "100",
        261.9: "262",
        1942.53: "1943",
        2402.1: "2402",
        0.5836: "0.584",
    }
    assert [figure(x) for x in prints] == list(prints.values())


def test_summary_names_level_method_and_horizon() -> None:
    bare = nnt_from_risk_difference(0.1)
    assert bare.summary() == "NNTB 10; no interval; no horizon given"
    full = nnt_from_risk_difference(0.1, 0.05, 0.2, level=0.9, horizon="7.0 y")
    assert full.summary() == "NNTB 10 (NNTB 5 to NNTB 20); 90% CI; over 7.0 y"


def test_horizon_as_object_or_text() -> None:
    years = Horizon(Reported("7.0"), "y")
    assert nnt_from_risk_difference(0.1, horizon=years).horizon == years
    assert nnt_from_risk_difference(0.1, horizon="7.0 y").horizon == years
    for bad in ("7", "y", "7.0 years", "seven y"):
        with pytest.raises(InvalidEvidenceError):
            nnt_from_risk_difference(0.1, horizon=bad)
    with pytest.raises(InvalidEvidenceError, match="horizon must be a Horizon, or a"):
        nnt_from_risk_difference(0.1, horizon="7.0 years")
    with pytest.raises(InvalidEvidenceError, match="horizon must be positive"):
        nnt_from_risk_difference(0.1, horizon="-1 y")


def test_arrays_and_frame() -> None:
    found = nnt_from_risk_difference([[0.1, -0.2]], [[0.05, -0.3]], [[0.2, 0.1]])
    assert found.value.shape == (1, 2)
    assert found.texts() == [
        "NNTB 10 (NNTB 5 to NNTB 20)",
        "NNTH 5 (NNTH 3.33 to inf to NNTB 10)",
    ]
    frame = found.to_frame()
    assert frame["kind"].tolist() == ["NNTB", "NNTH"]
    np.testing.assert_allclose(frame["far"], [20.0, 10.0])
    assert frame["text"].tolist() == found.texts()


def test_results_are_read_only() -> None:
    found = nnt_from_risk_difference(0.1, 0.05, 0.2)
    with pytest.raises(ValueError, match="read-only"):
        found.benefit[0] = 0.5


@given(
    st.floats(-1, 1).filter(lambda x: abs(x) > 1e-9), st.floats(0, 1), st.floats(0, 1)
)
def test_turning_the_outcome_over(rd: float, below: float, above: float) -> None:
    low, high = max(-1.0, rd - below), min(1.0, rd + above)
    one = nnt_from_risk_difference(rd, low, high, events="beneficial")
    other = nnt_from_risk_difference(-rd, -high, -low, events="harmful")
    assert one.texts() == other.texts()
    mirrored = nnt_from_risk_difference(rd, low, high, events="harmful")
    np.testing.assert_array_equal(one.signed, -mirrored.signed)
    assert one.value.item() >= 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.2,), r"rd must be between -1 and 1, got 1\.2"),
        ((-1.01,), r"rd must be between -1 and 1, got -1\.01"),
        ((float("nan"),), r"rd must be between -1 and 1, got nan"),
        (([0.1, 0.2, 3.0],), r"violated in rows \[2\]"),
        ((0.1, 0.25, -0.05), r"low, high must be in order, got '0\.25 to -0\.05'"),
        ((0.1, -1.5, 0.2), r"low must be between -1 and 1, got -1\.5"),
        ((0.1, 0.0, 1.5), r"high must be between -1 and 1, got 1\.5"),
        ((0.1, 0.2, 0.3), r"rd must be inside its interval low to high, got 0\.1"),
        ((0.1, 0.0), r"low, high must be given together or not at all"),
        (("0.1",), "rd must be numeric"),
    ],
)
def test_bad_input_is_named(arguments: tuple[float, ...], message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=message):
        nnt_from_risk_difference(*arguments)


def test_bad_words_are_named() -> None:
    with pytest.raises(InvalidEvidenceError, match="events must be 'harmful' or"):
        nnt_from_risk_difference(0.1, events="good")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        nnt_from_risk_difference(0.1, level=95)

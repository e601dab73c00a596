"""Numbers needed to treat from ratios and a baseline risk."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from k2stats._typing import RatioKind
from k2stats.absolute_effects import nnt_from_ratio
from k2stats.absolute_effects.from_ratio import treated_risk
from k2stats.errors import InvalidEvidenceError, MissingInputError

PLACEBO = 381 / 18106


@pytest.mark.parametrize(
    ("survival", "expected"),
    [(0.67, (12.578, 7.558, 45.844)), (0.51, (9.45, 5.54, 35.429))],
)
def test_altman_andersen(survival: float, expected: tuple[float, float, float]) -> None:
    # Reference cases nnt_hr: HR .72 (.55 to .92), Altman and Andersen (1999).
    found = nnt_from_ratio(
        "HR",
        0.72,
        0.55,
        0.92,
        baseline_survival=survival,
        horizon="2 y",
        events="harmful",
    )
    got = [found.signed.item(), found.near.item(), found.far.item()]
    np.testing.assert_allclose(got, expected, rtol=0, atol=5e-4)


def test_cochrane_handbook_risk_ratio() -> None:
    # Reference case nnt (Cochrane Handbook 15.4.4): RR .92 at a risk of .3.
    found = nnt_from_ratio("RR", 0.92, baseline_risk=0.3, events="harmful")
    assert found.signed.item() == pytest.approx(41.6667, abs=5e-5)
    assert str(found) == "NNTB 41.7"
    assert found.horizon is None


def test_odds_ratio() -> None:
    # OR .5 at a risk of one half: a treated risk of one third.
    found = nnt_from_ratio("OR", 0.5, baseline_risk=0.5, events="harmful")
    assert found.signed.item() == pytest.approx(6.0, rel=1e-12)
    assert str(found) == "NNTB 6"


@pytest.mark.parametrize(
    ("hr", "expected"), [(1.17, 283.0), (1.165, 291.6), (1.175, 275.0)]
)
def test_kidney_stones(hr: float, expected: float) -> None:
    # HR 1.17 at the placebo risk of 381/18106 over 7.0 years: NNH 283.0.
    found = nnt_from_ratio(
        "HR", hr, baseline_risk=PLACEBO, horizon="7.0 y", events="harmful"
    )
    assert found.signed.item() == pytest.approx(-expected, abs=0.05)


def test_kidney_stones_limits() -> None:
    # HR 1.17 (1.02 to 1.34): 141.8 to 2402.
    found = nnt_from_ratio("HR", 1.17, 1.02, 1.34, PLACEBO, "7.0 y", events="harmful")
    assert found.near.item() == pytest.approx(-141.8, abs=0.05)
    assert found.far.item() == pytest.approx(-2402, abs=0.5)
    assert str(found) == "NNTH 283 (NNTH 142 to NNTH 2402)"
    assert str(found.horizon) == "7.0 y"


def test_through_infinity() -> None:
    found = nnt_from_ratio("RR", 1.03, 0.84, 1.26, 0.1, events="harmful")
    # RD .003 (-.016 to .026).
    assert str(found) == "NNTH 333 (NNTH 38.5 to inf to NNTB 62.5)"


KINDS: tuple[RatioKind, ...] = ("RR", "OR", "HR")


@pytest.mark.parametrize("kind", KINDS)
def test_a_ratio_of_one(kind: RatioKind) -> None:
    found = nnt_from_ratio(
        kind, 1.0, baseline_risk=[0.25, 0.1, 1 / 3], horizon="1 y", events="harmful"
    )
    assert found.texts() == ["NNT inf"] * 3


def test_arrays_broadcast() -> None:
    found = nnt_from_ratio(
        "RR", [[0.5], [0.8]], baseline_risk=[0.1, 0.2, 0.4], events="harmful"
    )
    expected = np.array([[20.0, 10.0, 5.0], [50.0, 25.0, 12.5]])
    np.testing.assert_allclose(found.signed, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_infinite_limits_end_at_a_risk_of_one(kind: RatioKind) -> None:
    found = nnt_from_ratio(kind, 2.0, 0.0, np.inf, 0.25, "1 y", events="beneficial")
    # From a treated risk of 0 to one of 1.
    got = np.array([found.near.item(), found.far.item()])
    np.testing.assert_allclose(got, np.array([4 / 3, -4.0]))


@given(st.floats(1e-8, 0.999), st.floats(0.05, 20.0))
def test_ratios_give_back_their_risks(risk: float, ratio: float) -> None:
    p, theta = np.array([risk]), np.array([ratio])
    for kind in ("RR", "OR", "HR"):
        treated = treated_risk(kind, theta, p)
        assume(treated.item() < 1 - 1e-9)
        back = {
            "RR": treated / p,
            "OR": treated / (1 - treated) / (p / (1 - p)),
            "HR": np.log1p(-treated) / np.log1p(-p),
        }[kind]
        assert back.item() == pytest.approx(ratio, rel=1e-6)


def test_small_risks_make_all_ratios_one() -> None:
    risks = [
        treated_risk(kind, np.array([1.5]), np.array([1e-9])).item()
        for kind in ("RR", "OR", "HR")
    ]
    np.testing.assert_allclose(risks, 1.5e-9, rtol=1e-8)


def test_the_horizon_of_a_hazard_ratio_is_asked_for() -> None:
    with pytest.raises(
        MissingInputError,
        match="horizon is needed for the number needed to treat of a hazard ratio",
    ) as caught:
        nnt_from_ratio("HR", 1.17, baseline_risk=PLACEBO, events="harmful")
    assert caught.value.field == "horizon"


def test_what_else_is_asked_for() -> None:
    with pytest.raises(MissingInputError, match="baseline_risk is needed for an abs"):
        nnt_from_ratio("RR", 0.9, events="harmful")
    with pytest.raises(MissingInputError, match="events is needed for telling"):
        nnt_from_ratio("RR", 0.9, baseline_risk=0.2)


@pytest.mark.parametrize("risk", [0.0, 1.0, 1.2, -0.1, float("nan")])
def test_baseline_risk_outside_its_range(risk: float) -> None:
    with pytest.raises(
        InvalidEvidenceError,
        match=f"baseline_risk must be above 0 and below 1, as a share, got {risk}",
    ):
        nnt_from_ratio("RR", 0.9, baseline_risk=risk, events="harmful")
    with pytest.raises(InvalidEvidenceError, match="baseline_survival must be above"):
        nnt_from_ratio(
            "HR", 0.9, baseline_survival=risk, horizon="1 y", events="harmful"
        )


def test_other_bad_input_is_named() -> None:
    cases: list[tuple[tuple[float, ...], str]] = [
        ((0.0,), r"ratio must be a positive ratio, got 0\.0"),
        ((-1.0,), r"ratio must be a positive ratio, got -1\.0"),
        ((float("inf"),), "ratio must be finite, got inf"),
        ((1.17, 1.34, 1.02), r"low, high must be in order, got '1\.34 to 1\.02'"),
        ((1.17, 1.2, 1.34), r"ratio must be inside its interval low to high"),
        ((1.17, -1.0, 1.34), r"low must be at least 0, got -1\.0"),
        ((1.17, 1.02), "low, high must be given together"),
        ((6.0,), r"ratio x baseline_risk must be at most 1, got 1\.2"),
    ]
    for arguments, message in cases:
        ratio, *limits = arguments
        low, high = [*limits, None, None][:2]
        with pytest.raises(InvalidEvidenceError, match=message):
            nnt_from_ratio("RR", ratio, low, high, 0.2, events="harmful")
    with pytest.raises(InvalidEvidenceError, match="kind must be 'RR', 'OR' or 'HR'"):
        nnt_from_ratio(
            "IRR",  # type: ignore[arg-type]
            0.9,
            baseline_risk=0.2,
            events="harmful",
        )
    with pytest.raises(InvalidEvidenceError, match="of one length"):
        nnt_from_ratio(
            "RR", [0.9, 0.8], baseline_risk=[0.1, 0.2, 0.3], events="harmful"
        )
    with pytest.raises(InvalidEvidenceError, match="given one of the two"):
        nnt_from_ratio(
            "RR", 0.9, baseline_risk=0.1, baseline_survival=0.9, events="harmful"
        )

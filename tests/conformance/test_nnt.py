"""Numbers needed to treat before they are rounded, within half a printed unit."""

import pytest

from k2stats.absolute_effects import nnt_from_ratio, nnt_from_risk_difference


def test_from_a_risk_difference() -> None:
    # Cochrane Handbook 15.4.4, calculated: cases nnt.
    number = nnt_from_risk_difference(-0.12, events="harmful")
    assert number.texts() == ["NNTB 8.33"]
    assert number.value.item() == pytest.approx(8.3333, abs=0.00005)


def test_from_a_risk_ratio_and_a_baseline_risk() -> None:
    number = nnt_from_ratio("RR", 0.92, baseline_risk=0.3, events="harmful")
    assert number.value.item() == pytest.approx(41.6667, abs=0.00005)


def test_limits_of_one_direction() -> None:
    # Barrowman, CMAJ 2002: 6.02 (3.11 to 111.1).
    number = nnt_from_risk_difference(0.166, 0.009, 0.322)
    assert number.value.item() == pytest.approx(6.02, abs=0.005)
    assert number.near.item() == pytest.approx(3.11, abs=0.005)
    assert number.far.item() == pytest.approx(111.1, abs=0.05)


def test_limits_through_infinity() -> None:
    # Newcombe's response to Altman, BMJ 1998;317:1309.
    number = nnt_from_risk_difference(0.1, -0.05, 0.25)
    assert number.through_infinity.item()
    assert number.texts("difference") == ["NNTB 10 (NNTH 20 to inf to NNTB 4)"]
    assert [number.near.item(), number.far.item()] == pytest.approx([4.0, -20.0])


@pytest.mark.parametrize(
    ("survival", "figures"),
    [(0.67, (12.578, 7.558, 45.844)), (0.51, (9.45, 5.54, 35.429))],
)
def test_from_a_hazard_ratio(survival: float, figures: tuple[float, ...]) -> None:
    # Altman & Andersen, BMJ 1999;319:1492: HR 0.72 (0.55 to 0.92), calculated.
    number = nnt_from_ratio(
        "HR",
        0.72,
        0.55,
        0.92,
        baseline_survival=survival,
        horizon="2 y",
        events="harmful",
    )
    found = [x.item() for x in (number.value, number.near, number.far)]
    assert found == pytest.approx(figures, abs=0.0005)

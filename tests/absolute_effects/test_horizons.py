"""Numbers needed to treat over time, and the baselines they imply."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from k2stats.absolute_effects import (
    hazard_from_risk,
    nnt_by_horizon,
    nnt_from_ratio,
    required_baseline,
    required_hazard_ratio,
    required_horizon,
)
from k2stats.errors import InvalidEvidenceError, MissingInputError

PLACEBO = 381 / 18106


def test_kidney_stones_by_time() -> None:
    # HR 1.17 at 381/18106 over 7.0 years, hazard constant. One year gives 1942.53,
    # which prints as 1943.
    printed = {1: 1943, 2: 974, 3: 652, 5: 394, 7: 283, 10: 200, 20: 103}
    found = nnt_by_horizon(
        1.17,
        list(printed),
        baseline_risk=PLACEBO,
        baseline_time=7.0,
        events="harmful",
    )
    np.testing.assert_allclose(
        -found.nnt.signed, list(printed.values()), rtol=0, atol=0.5
    )
    assert found.nnt.texts() == [f"NNTH {n}" for n in printed.values()]
    frame = found.to_frame()
    assert frame["time"].tolist() == [float(t) for t in printed]
    assert frame["baseline_risk"].iloc[4] == pytest.approx(PLACEBO, rel=1e-12)


def test_from_a_hazard_with_limits() -> None:
    rate = hazard_from_risk(PLACEBO, 7.0).item()
    # 3.038 per 1000 person-years.
    assert 1000 * rate == pytest.approx(3.038, abs=5e-4)
    found = nnt_by_horizon(1.17, 7.0, 1.02, 1.34, hazard=rate, events="harmful")
    direct = nnt_from_ratio("HR", 1.17, 1.02, 1.34, PLACEBO, "7 y", events="harmful")
    assert found.nnt.texts() == direct.texts()
    np.testing.assert_allclose(found.nnt.far, direct.far, rtol=1e-12)


@pytest.mark.parametrize(
    ("hr", "percent"), [(1.17, 2.183), (1.175, 2.120), (1.165, 2.250)]
)
def test_baseline_behind_273(hr: float, percent: float) -> None:
    low, _ = required_baseline(hr, 273)
    assert 100 * low.item() == pytest.approx(percent, abs=5e-4)


def test_second_root() -> None:
    _, high = required_baseline(1.17, 273)
    assert 100 * high.item() == pytest.approx(99.365, abs=5e-4)


@pytest.mark.parametrize(("hr", "years"), [(1.17, 7.26), (1.175, 7.05), (1.165, 7.49)])
def test_years_behind_273(hr: float, years: float) -> None:
    first, second = required_horizon(hr, 273, baseline_risk=PLACEBO, baseline_time=7.0)
    assert first.item() == pytest.approx(years, abs=5e-3)
    assert second.item() > 1000


def test_hazard_ratio_behind_273() -> None:
    low, high = required_hazard_ratio(273, PLACEBO)
    assert high.item() == pytest.approx(1.1763, abs=5e-5)
    assert low.item() < 1
    back = nnt_from_ratio(
        "HR", low, baseline_risk=PLACEBO, horizon="7 y", events="harmful"
    )
    assert back.signed.item() == pytest.approx(273, rel=1e-10)


def test_hazard_ratio_out_of_reach() -> None:
    low, high = required_hazard_ratio([2.0, 2.0], [0.3, 0.9])
    np.testing.assert_array_equal(np.isnan(low), [True, False])
    np.testing.assert_array_equal(np.isnan(high), [False, True])


@given(st.floats(0.05, 12.0), st.floats(1.01, 1e7))
def test_both_baselines_give_the_number(hr: float, number: float) -> None:
    assume(abs(np.log(hr)) > 1e-3)
    low, high = required_baseline(hr, number)
    most = -np.log(hr) / (hr - 1.0)
    least = 1.0 / abs(np.exp(most) - np.exp(hr * most))
    if number < least:
        assert np.isnan(low.item())
        assert np.isnan(high.item())
        return
    assume(number > least * (1 + 1e-9))
    assert 0 < low.item() < high.item() <= 1
    hazard = -np.log1p(-low)
    slower = np.exp(-min(hr, 1.0) * hazard)
    gap = -slower * np.expm1(-abs(1 - hr) * hazard)
    assert gap.item() == pytest.approx(1 / number, rel=1e-7)


def test_the_second_baseline_gives_the_number_too() -> None:
    for hr in (0.4, 0.9, 1.17, 3.0):
        _, high = required_baseline(hr, 50.0)
        found = nnt_from_ratio(
            "HR", hr, baseline_risk=high, horizon="9 y", events="harmful"
        )
        assert found.value.item() == pytest.approx(50.0, rel=1e-7)


def test_no_effect_has_no_baseline() -> None:
    low, high = required_baseline(1.0, 100.0)
    assert np.isnan([low.item(), high.item()]).all()


def test_the_number_is_least_at_a_middling_horizon() -> None:
    # The number falls, then rises: everybody has the event in the end.
    found = nnt_by_horizon(2.0, [0.1, 0.7, 5.0], hazard=1.0, events="harmful")
    values = found.nnt.value
    assert values[1] < values[0]
    assert values[1] < values[2]


def test_what_is_asked_for() -> None:
    for arguments, message in [
        (
            {"baseline_risk": 0.1, "events": "harmful"},
            "baseline_time is needed for turning a baseline risk into a hazard",
        ),
        ({"events": "harmful"}, "hazard or baseline_risk is needed for numbers needed"),
        ({"hazard": 0.1}, "events is needed for telling"),
    ]:
        with pytest.raises(MissingInputError, match=message):
            nnt_by_horizon(1.2, [1, 2], **arguments)  # type: ignore[arg-type]
    with pytest.raises(MissingInputError, match="it is the horizon by which"):
        required_horizon(1.17, 273, baseline_risk=0.02)


def test_bad_input_is_named() -> None:
    cases: list[tuple[dict[str, object], str]] = [
        ({"hr": 0.0}, r"hr must be a positive ratio, got 0\.0"),
        ({"horizons": [1, 0]}, r"horizons must be positive and finite, got 0\.0"),
        ({"hazard": -1.0}, r"hazard must be positive and finite, got -1\.0"),
        ({"low": 1.3, "high": 1.1}, r"low, high must be in order, got '1\.3 to 1\.1'"),
        ({"low": 1.3, "high": 1.4}, "hr must be inside its interval"),
        ({"baseline_risk": 0.1}, "hazard, baseline_risk must be given one of the two"),
        (
            {"hazard": None, "baseline_risk": 1.2, "baseline_time": 7.0},
            r"baseline_risk must be above 0 and below 1, as a share, got 1\.2",
        ),
        (
            {"hazard": None, "baseline_risk": 0.1, "baseline_time": 0.0},
            r"baseline_time must be positive and finite, got 0\.0",
        ),
    ]
    for arguments, message in cases:
        given_: dict[str, object] = {
            "hr": 1.2,
            "horizons": [1, 2],
            "hazard": 0.1,
            "events": "harmful",
        }
        given_.update(arguments)
        with pytest.raises(InvalidEvidenceError, match=message):
            nnt_by_horizon(**given_)  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match=r"nnt must be above 1, got 1\.0"):
        required_baseline(1.2, 1.0)
    with pytest.raises(InvalidEvidenceError, match="hr must be a positive ratio"):
        required_baseline(-1.2, 10.0)
    with pytest.raises(InvalidEvidenceError, match="baseline_risk must be above 0"):
        required_hazard_ratio(10.0, 1.0)
    with pytest.raises(InvalidEvidenceError, match="nnt must be above 1"):
        required_hazard_ratio(0.5, 0.1)

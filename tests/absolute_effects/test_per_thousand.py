"""Events per 1000 from counts and from ratios."""

import numpy as np
import pytest

from k2stats.absolute_effects import (
    EventsPerThousand,
    events_per_thousand,
    events_per_thousand_from_ratio,
)
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import Horizon, PrintedTwoByTwo, Reported, TwoByTwo

STONES = TwoByTwo.from_counts(events1=449, n1=18176, events2=381, n2=18106)


def test_kidney_stones() -> None:
    # 2.4703% v 2.1043%, RD .3660 percentage points (.0584 to .6736).
    found = events_per_thousand(STONES, interval="wald")
    assert found.treated.item() == pytest.approx(24.703, abs=5e-4)
    assert found.control.item() == pytest.approx(21.043, abs=5e-4)
    assert found.difference.item() == pytest.approx(3.660, abs=5e-4)
    assert found.low is not None
    assert found.high is not None
    assert found.low.item() == pytest.approx(0.584, abs=5e-4)
    assert found.high.item() == pytest.approx(6.736, abs=5e-4)
    assert str(found) == "3.66 more per 1000 (0.584 more to 6.74 more)"


def test_from_ratio() -> None:
    # RR 1.03 (.84 to 1.26) at 100 per 1000: 3 more, from 16 fewer to 26 more.
    found = events_per_thousand_from_ratio("RR", 1.03, 0.84, 1.26, 0.1)
    assert str(found) == "3 more per 1000 (16 fewer to 26 more)"
    np.testing.assert_allclose(found.treated, 103.0)


def test_from_hazard_ratio() -> None:
    found = events_per_thousand_from_ratio(
        "HR", 1.17, baseline_survival=1 - 381 / 18106, horizon="7.0 y"
    )
    # The reciprocal of 283.05 persons.
    assert found.difference.item() == pytest.approx(1000 / 283.0478, abs=5e-6)
    assert str(found) == "3.53 more per 1000"
    assert str(found.horizon) == "7.0 y"


def test_limits_end_at_all_thousand() -> None:
    found = events_per_thousand_from_ratio("RR", 1.5, 1.1, 4.0, 0.4)
    assert str(found) == "200 more per 1000 (40 more to 600 more)"


def test_no_difference_and_undefined() -> None:
    one = np.array([20.0])
    assert str(EventsPerThousand(one, one)) == "0 per 1000"
    nothing = np.array([np.nan])
    assert str(EventsPerThousand(nothing, one)) == "undefined per 1000"


def test_frame_and_horizon_of_a_print() -> None:
    printed = PrintedTwoByTwo(
        events1=33, n1=36, events2=26, n2=35, horizon=Horizon(Reported("6"), "mo")
    )
    frame = events_per_thousand(printed).to_frame()
    assert frame["horizon"].tolist() == ["6 mo"]
    assert frame["text"].tolist() == ["174 more per 1000 (3.81 fewer to 346 more)"]
    bare = events_per_thousand_from_ratio("RR", [0.5, 2.0], baseline_risk=0.1)
    assert bare.to_frame()["low"].isna().all()
    assert bare.to_frame()["text"].tolist() == [
        "50 fewer per 1000",
        "100 more per 1000",
    ]


def test_what_is_asked_for_and_refused() -> None:
    with pytest.raises(MissingInputError, match="horizon is needed"):
        events_per_thousand_from_ratio("HR", 1.17, baseline_risk=0.02)
    with pytest.raises(MissingInputError, match="baseline_risk is needed"):
        events_per_thousand_from_ratio("OR", 1.17)
    with pytest.raises(InvalidEvidenceError, match="baseline_risk must be above 0"):
        events_per_thousand_from_ratio("OR", 1.17, baseline_risk=0.0)
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        events_per_thousand_from_ratio("OR", 1.17, baseline_risk=0.2, level=2.0)
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        events_per_thousand(STONES, level=0.0)

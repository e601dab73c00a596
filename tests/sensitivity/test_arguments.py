"""Wrong input of the sensitivity analyses: the message names field, rule and rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import (
    PooledAnalysis,
    analysis_of_credibility,
    confounded_meta,
    evalue_risk_difference,
    fragility_index,
    meta_fragility,
    read_result,
)

TRIAL: Any = TwoByTwo.from_counts(events1=1, n1=100, events2=9, n2=100)
WRONG: list[Any] = ["0.05", None, [0.05, 0.1], True, np.nan, 95]
BETWEEN: dict[str, Callable[[Any], object]] = {
    "alpha": lambda x: fragility_index(TRIAL, alpha=x),
    "level": lambda x: analysis_of_credibility(0.5, 0.7, level=x),
    "tolerated": lambda x: confounded_meta(0.4, 0.1, 0.1, threshold=0.1, tolerated=x),
}


@pytest.mark.parametrize("value", WRONG, ids=str)
@pytest.mark.parametrize("field", list(BETWEEN))
def test_shares(field: str, value: Any) -> None:
    with pytest.raises(InvalidEvidenceError, match=f"{field} must be between 0 and 1"):
        BETWEEN[field](value)


@pytest.mark.parametrize("value", WRONG[:5], ids=str)
def test_other_levels(value: Any) -> None:
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        evalue_risk_difference(TRIAL, level=value)
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        read_result(1.1, 0.9, 1.3, level=value)
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        PooledAnalysis(level=value)


@pytest.mark.parametrize(
    "value", ["a", None, np.nan, np.inf, [0.1, 0.2], True], ids=str
)
def test_finite_numbers(value: Any) -> None:
    with pytest.raises(InvalidEvidenceError, match="threshold must be a finite number"):
        confounded_meta(0.4, 0.1, 0.1, threshold=value)
    with pytest.raises(InvalidEvidenceError, match="high must be a finite number"):
        read_result(1.1, 0.9, value)
    with pytest.raises(InvalidEvidenceError, match="null must be a finite number"):
        evalue_risk_difference(TRIAL, null=value)


def test_kinds_of_arguments() -> None:
    wrong: Any = [1, 2, 3, 4]
    with pytest.raises(InvalidEvidenceError, match="table must be a TwoByTwo"):
        evalue_risk_difference(wrong)
    wrong = "RR"
    with pytest.raises(InvalidEvidenceError, match="analysis must be a PooledAnalysis"):
        meta_fragility(TRIAL, wrong)
    with pytest.raises(InvalidEvidenceError, match="most must be a whole number"):
        meta_fragility(TRIAL, most=wrong)
    wrong = 0.5
    with pytest.raises(InvalidEvidenceError, match="zero_cells must be a ZeroCells"):
        PooledAnalysis(zero_cells=wrong)
    wrong = None
    with pytest.raises(InvalidEvidenceError, match="test must be the name of a test"):
        fragility_index(TRIAL, wrong)


def test_rows_are_named() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"tau2_se must be not.*rows \[1\]"):
        confounded_meta(0.4, 0.1, 0.1, [0.1, -0.1], threshold=0.1)
    with pytest.raises(InvalidEvidenceError, match=r"high must be finite.*rows \[0\]"):
        analysis_of_credibility([0.5, 0.6], [np.inf, 0.9])


@pytest.mark.parametrize(("low", "high"), [(1.0, 2.0), (0.5, 1.0)])
def test_a_limit_at_no_effect_needs_an_advocate_without_bound(
    low: float, high: float
) -> None:
    found = analysis_of_credibility(low, high)
    side = np.inf if low == 1.0 else 0.0
    assert not found.significant[0]
    assert found.limit[0] == side
    assert "effects without bound" in found.meaning[0]
    # what the limit tends to as the interval just takes in no effect
    near = analysis_of_credibility(low * 0.999, high * 1.001)
    assert (near.limit[0] > 1e100) == (side > 0.0)
    assert (near.limit[0] < 1e-100) == (side == 0.0)
    found.plot().draw_without_rendering()

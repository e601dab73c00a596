"""Numbers said to follow from others, where the digits do not settle it."""

import pytest

from k2stats.audit import Verdict, audit
from k2stats.audit._base import Check
from k2stats.evidence import Claim, Derived, Printing, Reported, Source
from k2stats.evidence.statements import Operation


def check(operation: Operation, value: str, *parts: str, exact: bool = False) -> Check:
    numbers = tuple(Printing(Reported(p, exact=exact), "here") for p in parts)
    stated = Derived(operation, Reported(value), numbers)
    source = Source("made-up", "Made up")
    claim = Claim("x", source, "nowhere", "nothing", states=(stated,))
    return audit(claim)[0].checks[0]


@pytest.mark.parametrize("operation", ["fold", "percentage"])
def test_a_divisor_that_prints_as_zero_settles_nothing(operation: Operation) -> None:
    found = check(operation, "3", "1", "0")
    assert found.verdict is Verdict.NOT_CHECKABLE
    assert "a divisor that may be zero as it is printed" in found.explanation
    assert found.missing == ("the divisor with more digits, or exact",)


def test_a_printed_percentage_is_recomputed_as_one() -> None:
    # 26 of 35 is 74.2857%
    found = check("percentage", "74.29%", "26", "35", exact=True)
    assert found.verdict is Verdict.REPRODUCED
    assert found.explanation.endswith("is reproduced: 74.29%.")


def test_a_share_printed_without_a_percent_sign_stays_a_share() -> None:
    found = check("percentage", "0.743", "26", "35", exact=True)
    assert found.explanation.endswith("is reproduced: 0.7429.")

"""Selection models: the printed optimum is never above ours, and often below it.

Where the printed estimates differ from ours, the printed log-likelihood is lower: the
search that printed them stopped on the way to the bound of 100 on a weight, or at a
lower mode. Where they agree, so does the log-likelihood, to rounding.
"""

import math

import pytest

from conformance import adapter, judge

CASES = [c for c in judge.read_cases() if c.op == "selection_model"]


def gain(case: judge.Case) -> float:
    """Our log-likelihood less the printed one."""
    printed = case.expect["loglik"]
    value = printed[0] if isinstance(printed, list) else printed
    return float(case.ask(adapter)["loglik"]) - float(value)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_no_printed_optimum_is_higher(case: judge.Case) -> None:
    assert gain(case) > -1e-9


def test_every_case_that_differs_has_a_higher_optimum_here_or_no_weight() -> None:
    apart = [c for c in CASES if judge.judge(c, adapter)]
    assert len(apart) == 36
    for case in apart:
        weight = float(case.ask(adapter)["delta"][1])
        # an interval without studies has no weight: the printed one is where it began
        assert gain(case) > 1e-9 or math.isnan(weight)

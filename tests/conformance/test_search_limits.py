"""Q-profile limits that the printed figures cut short, put into their definition.

metafor looks for the upper limit of tau2 up to ten times the estimate, or up to 100
where that is more, and prints the end of the search where the limit lies beyond it.
The limits themselves put the generalised Q on a quantile of chi-squared.
"""

import numpy as np
import pytest
from scipy import stats

from conformance import adapter, judge

CUT = (
    "tau2ci/normand1999/MD/DL/QP",
    "tau2ci/curtis1998/MD/REML/QP",
    "tau2ci/curtis1998/MD/DL/QP",
    "tau2ci/curtis1998/MD/ML/QP",
)
CASES = {c.id: c for c in judge.read_cases() if c.op == "tau2_ci"}


def generalised_q(y: list[float], v: list[float], tau2: float) -> float:
    """Weighted sum of squares about the weighted mean, summed as it is defined."""
    w = 1.0 / (np.array(v) + tau2)
    mean = float(np.sum(w * np.array(y)) / np.sum(w))
    return float(np.sum(w * (np.array(y) - mean) ** 2))


@pytest.mark.parametrize("name", CUT)
def test_our_limits_solve_their_equations_and_the_printed_do_not(name: str) -> None:
    case = CASES[name]
    y, v = case.inputs["yi"], case.inputs["vi"]
    answer = [float(x) for x in case.ask(adapter)["tau2"]]
    upper = [float(stats.chi2.isf(p, len(y) - 1)) for p in (0.025, 0.975)]
    assert generalised_q(y, v, answer[1]) == pytest.approx(upper[0], rel=1e-8)
    assert generalised_q(y, v, answer[2]) == pytest.approx(upper[1], rel=1e-8)
    printed = case.expect["tau2"]
    assert generalised_q(y, v, printed[2]) > 1.05 * upper[1]
    assert printed[2] in (pytest.approx(10 * printed[0], rel=1e-6), 100)


def test_the_residue_of_an_iteration_is_zero() -> None:
    # ML prints tau2 = 1.7e-13 here; the likelihood falls from zero on
    case = CASES["tau2ci/lau1992/OR/ML/QP"]
    assert 0 < case.expect["tau2"][0] < 1e-12
    assert float(case.ask(adapter)["tau2"][0]) == 0.0

"""Mixed models whose spread is nearly nothing."""

import pytest

from k2stats.evidence import TwoByTwo
from k2stats.models.glmm import glmm

# Yusuf et al. (1985), table 12b, of `dat.yusuf1985`; the study without events left out.
FEW_AND_ALIKE = TwoByTwo.from_counts(
    events1=[4, 4, 73, 18, 1, 32, 27, 14, 74, 39, 2, 32, 16],
    n1=[114, 69, 1533, 355, 59, 945, 632, 278, 1916, 873, 290, 858, 154],
    events2=[3, 2, 76, 21, 2, 42, 23, 14, 99, 38, 5, 21, 10],
    n2=[116, 93, 1520, 365, 52, 939, 471, 282, 1921, 583, 293, 883, 147],
)


@pytest.mark.parametrize(
    ("model", "nodes", "printed"),
    [
        # metafor 3.8-1: estimate, se, tau2, LRT; its standard error of UM.RS is not
        # compared (see tests/conformance/README.md).
        ("UM.FS", 7, (-0.126720884, 0.085801896, 4.76e-05, 13.32311112)),
        ("UM.RS", 1, (-0.124007408, None, 4.135e-04, 18.63539844)),
        ("CM.EL", 7, (-0.126193182, None, 3.745e-04, 13.29891749)),
    ],
)
def test_a_small_tau_is_reached_with_few_nodes(
    model: str, nodes: int, printed: tuple[float, float | None, float, float]
) -> None:
    fit = glmm(FEW_AND_ALIKE, "OR", model=model, nagq=nodes)
    estimate, se, tau2, lrt = printed
    assert fit.tau2 is not None
    assert float(fit.estimate) == pytest.approx(estimate, rel=1e-4)
    assert float(fit.tau2) == pytest.approx(tau2, rel=3e-3)
    assert float(fit.tests["LRT"].statistic) == pytest.approx(lrt, rel=2e-6)
    if se is not None:
        assert float(fit.se) == pytest.approx(se, rel=1e-4)
    # No spread held on a grid is more likely.
    for factor in (0.0, 0.5, 0.9, 1.1, 2.0, 10.0):
        held = glmm(
            FEW_AND_ALIKE,
            "OR",
            model=model,
            nagq=nodes,
            tau2=factor * float(fit.tau2),
        )
        assert held.figures["loglik"] < fit.figures["loglik"]

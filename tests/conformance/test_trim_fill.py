"""Trim and fill, which the list of operations names without a case."""

import pytest

from conformance import adapter
from k2stats.datasets import bcg
from k2stats.effectsizes import effect_sizes

BCG = effect_sizes(bcg.frame(), "RR", a="tpos", b="tneg", c="cpos", d="cneg")
INPUTS = {"yi": BCG.y.tolist(), "vi": BCG.v.tolist()}

# metafor 3.8, trimfill(rma(yi, vi)) on the BCG trials, to six decimals
PRINTED = {
    "L0": (1, 2.452799, -0.657083, 0.178528, 0.000233, 0.331288),
    "R0": (0, 1.414214, -0.714532, 0.179782, 0.000071, 0.313243),
}


@pytest.mark.parametrize("estimator", PRINTED)
def test_bcg_as_metafor_prints_it(estimator: str) -> None:
    found = adapter.run_case(
        "trim_fill", INPUTS, {"estimator": estimator, "method": "REML"}
    )
    names = ("k0", "se_k0", "estimate", "se", "p_value", "tau2")
    assert [found[name] for name in names] == pytest.approx(
        PRINTED[estimator], abs=5e-7
    )
    assert found["side"] == "right"

"""Trim and fill where one study is left, or all are alike."""

from typing import Literal

import numpy as np
import pytest

from k2stats.diagnostics.trim_fill import trim_fill
from k2stats.effectsizes import EffectSizes

THREE = EffectSizes.from_arrays([1.2, 0.5, 0.1], [0.01, 0.1, 0.3])


@pytest.mark.parametrize(
    ("tau2", "se"),
    # metafor 3.8-1, trimfill(side="right"); the mirrored set has its mean at 1.2.
    # By hand the weights of the common effect are 100, 2 x 10 and 2 x 10 / 3.
    [("REML", 0.369633139530404), ("EE", (380.0 / 3.0) ** -0.5)],
)
def test_three_studies_centre_on_one(tau2: str, se: float) -> None:
    found = trim_fill(THREE, "L0", side="right", tau2=tau2)
    assert found.k0 == 2
    np.testing.assert_allclose(np.sort(found.filled_y), [1.9, 2.3])
    assert found.estimate == pytest.approx(1.2)
    assert found.se == pytest.approx(se, rel=2e-6)
    # T = 2 + 3 about the study at 1.2, and Duval and Tweedie's variance of it.
    assert found.k0_se == pytest.approx(1.48808601901906)


@pytest.mark.parametrize("estimator", ["L0", "R0", "Q0"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_identical_effects_lack_nothing(
    estimator: str, side: Literal["left", "right"]
) -> None:
    v = [0.1, 0.2, 0.3, 0.05, 0.4]
    found = trim_fill(
        EffectSizes.from_arrays([0.3] * 5, v), estimator, side=side, tau2="EE"
    )
    assert found.k0 == 0
    assert found.estimate == pytest.approx(0.3)


def test_a_negative_variance_has_no_root() -> None:
    # No rank on the complete side: L0 is -K (K + 1) / (2 K - 1) before it is cut at 0.
    found = trim_fill(EffectSizes.from_arrays([0.3] * 5, [0.1] * 5), side="left")
    assert found.k0 == 0
    assert np.isnan(found.k0_se)

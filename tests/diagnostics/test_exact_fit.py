"""Regressions on effects that are all the same, or all on one line."""

from typing import Literal

import numpy as np
import pytest

from k2stats.diagnostics.pet_peese import pet_peese
from k2stats.diagnostics.small_study import egger_test
from k2stats.effectsizes import EffectSizes

V = np.array([0.1, 0.2, 0.3, 0.05, 0.4])


@pytest.mark.parametrize("predictor", ["sei", "vi"])
@pytest.mark.parametrize("effect", [0.3, -1e5, 1 / 3])
def test_identical_effects_have_no_test(predictor: str, effect: float) -> None:
    es = EffectSizes.from_arrays(np.full(5, effect), V, check_scale=False)
    found = egger_test(es, model="lm", predictor=predictor)
    assert np.isnan(found.statistic)
    assert np.isnan(found.p)
    assert float(found.estimate) == 0.0
    assert float(found.limit) == pytest.approx(effect)


@pytest.mark.parametrize("stage", ["pet", "peese"])
def test_identical_effects_have_no_slope(stage: Literal["pet", "peese"]) -> None:
    found = pet_peese(EffectSizes.from_arrays(np.full(5, 0.3), V), stage)
    assert np.isnan(found.slope_p)
    assert float(found.slope) == 0.0
    assert float(found.estimate) == pytest.approx(0.3)


def test_a_slope_of_some_size_stays() -> None:
    # A slope of 1e-9 on the variance, about a line that fits: by hand, nothing is left
    # over and the slope is that of the line.
    es = EffectSizes.from_arrays(0.3 + 1e-9 * V, V)
    found = egger_test(es, model="lm", predictor="vi")
    assert float(found.estimate) == pytest.approx(1e-9, rel=1e-5)

"""Figures of the sensitivity analyses: what is drawn is what the results hold."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.models import pool
from k2stats.sensitivity import (
    BinaryWithMissing,
    drapery,
    evalue,
    fragility_index,
    imputation_grid,
    p_value_function,
)

TRIAL = TwoByTwo.from_counts(events1=1, n1=100, events2=9, n2=100)
ES = EffectSizes.from_arrays(
    [0.3, 0.1, -0.2, 0.6], [0.02, 0.05, 0.04, 0.1], measure="RR"
)


def shown(figure: Figure) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The shaded cells of the first panel."""
    return np.asarray(figure.axes[0].get_images()[0].get_array(), dtype=float)


def test_the_tables_around_a_trial_are_shaded_by_their_test() -> None:
    found = fragility_index(TRIAL)
    figure = found.plot()
    cells = shown(figure)
    low1, high1, low2, high2 = figure.axes[0].get_images()[0].get_extent()
    for row, e2 in enumerate(np.arange(low2 + 0.5, high2)):
        for column, e1 in enumerate(np.arange(low1 + 0.5, high1)):
            table = TwoByTwo.from_counts(events1=e1, n1=100, events2=e2, n2=100)
            assert cells[row, column] == found.criterion.rejects(table)[0]


def test_the_nearest_change_ends_on_the_other_side() -> None:
    found = fragility_index(TRIAL)
    lines = found.plot().axes[0].get_lines()
    ends = {line.get_label(): line.get_xydata() for line in lines}
    np.testing.assert_array_equal(ends["observed"], [[1.0, 9.0]])
    new = found.after
    nearest = [[float(new.events1[0]), float(new.events2[0])]]
    np.testing.assert_array_equal(ends["nearest otherwise, 1 changed"], nearest)


def test_the_grid_of_missing_outcomes_is_shaded_as_it_is() -> None:
    trial = BinaryWithMissing.from_counts(
        events1=25, nonevents1=25, missing1=12, events2=14, nonevents2=36, missing2=9
    )
    grid = imputation_grid(trial)
    np.testing.assert_array_equal(shown(grid.plot()), grid.significant.T)


def test_curves_reach_one_at_their_estimates() -> None:
    found = drapery(ES)
    np.testing.assert_allclose(found.p.max(axis=1), 1.0, atol=1e-9)
    at = found.theta[found.p.argmax(axis=1)]
    np.testing.assert_allclose(at, found.estimate, rtol=1e-9)
    axes = found.plot().axes[0]
    assert axes.get_xscale() == "log"
    labels = [line.get_label() for line in axes.get_lines()]
    assert labels[4:6] == ["common effect", "random effects"]


def test_a_fit_brings_its_model_to_the_drapery() -> None:
    own = drapery(pool(ES, tau2="DL", ci="z"), theta=[0.8, 1.0, 1.3])
    named = drapery(ES, tau2="DL", ci="z", theta=[0.8, 1.0, 1.3])
    np.testing.assert_array_equal(own.p, named.p)
    assert own.method == "Wald; random effects by DL, z"


def test_the_curve_of_an_e_value_passes_through_it() -> None:
    figure = evalue(3.9, 1.8, 8.7).plot()
    line = next(a for a in figure.axes[0].get_lines() if a.get_label() == "estimate")
    x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    # VanderWeele and Ding (2017), Ann Intern Med 167:268: 3.9 gives 7.26.
    assert np.interp(7.26, x, y) == pytest.approx(7.26, abs=0.01)
    np.testing.assert_allclose(x * y / (x + y - 1.0), 3.9, rtol=1e-9)


def test_positions_and_levels_that_are_not_there() -> None:
    with pytest.raises(InvalidEvidenceError, match="trial must be from 0 to 0"):
        fragility_index(TRIAL).plot(1)
    with pytest.raises(InvalidEvidenceError, match="index must be from 0 to 0"):
        evalue(3.9).plot(2)
    with pytest.raises(InvalidEvidenceError, match="level must be between"):
        p_value_function(TRIAL).plot(level=95)

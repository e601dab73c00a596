"""P-value functions: agreement with tests, intervals and models; the drawing."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import TwoByTwo
from k2stats.models import pool
from k2stats.sensitivity import drapery, p_value_function, p_value_function_of_ratio
from k2stats.significance import TWO_BY_TWO_TESTS, confidence_interval, ratio_test

FUSION = TwoByTwo.from_counts(
    events1=[33, 12], n1=[36, 40], events2=[26, 5], n2=[35, 38]
)
Y = np.array([-0.9, -1.6, -1.3, -0.2])
V = np.array([0.3, 0.2, 0.4, 0.05])


@pytest.mark.parametrize(
    ("measure", "method", "null"),
    [("RD", "mee", 0.0), ("RR", "koopman", 1.0), ("OR", "score", 1.0)],
)
def test_score_curves_hold_the_test_and_every_interval(
    measure: str, method: str, null: float
) -> None:
    pearson = TWO_BY_TWO_TESTS["pearson"].function(FUSION).p
    span = [-0.5, 0.0, 0.5] if measure == "RD" else [0.5, 1.0, 2.0]
    at_null = p_value_function(FUSION, measure, span)
    assert_allclose(at_null.p[:, 1], pearson, rtol=1e-9)
    assert at_null.null == null
    for level in (0.5, 0.95, 0.99):
        limits = confidence_interval(FUSION, measure, method, level)
        for k, (low, high) in enumerate(zip(limits.low, limits.high, strict=True)):
            curve = p_value_function(FUSION, measure, [low, high])
            assert_allclose(curve.p[k], 1 - level, rtol=1e-7)
        # read off the grid of 401 points, to a hundredth of a step or so
        curve = p_value_function(FUSION, measure)
        found = curve.interval(level)
        assert_allclose(found[0], limits.low, rtol=3e-4, atol=1e-5)
        assert_allclose(found[1], limits.high, rtol=3e-4, atol=1e-5)
    peak = np.array([p_value_function(FUSION, measure, [e, e + 1e-3]).p[k, 0]
                     for k, e in enumerate(at_null.estimate)])  # fmt: skip
    assert_allclose(peak, 1.0, rtol=1e-6)


def test_a_curve_of_a_group_without_events() -> None:
    none = TwoByTwo.from_counts(events1=[0], n1=[20], events2=[5], n2=[20])
    curve = p_value_function(none, "RR")
    low, high = curve.interval()
    assert low.item() == 0.0
    expected = confidence_interval(none, "RR", "koopman").high
    assert_allclose(high, expected, rtol=1e-3)


def test_a_ratio_with_its_interval() -> None:
    curve = p_value_function_of_ratio([1.17, 1.03], [1.02, 0.84], [1.34, 1.26])
    at = int(np.flatnonzero(curve.theta == 1.0)[0])
    assert_allclose(
        curve.p[:, at],
        ratio_test([1.17, 1.03], [1.02, 0.84], [1.34, 1.26]).p,
        rtol=1e-12,
    )
    low, high = curve.interval()
    assert_allclose(np.sqrt(low * high), curve.estimate, rtol=1e-4)
    assert_allclose(high / low, [1.34 / 1.02, 1.26 / 0.84], rtol=2e-3)
    assert "5.4 bits" in curve.meaning[0]
    assert_allclose(curve.confidence, 1 - curve.p)
    frame = curve.to_frame()
    assert len(frame) == curve.p.size
    assert list(frame.columns) == ["label", "theta", "p", "s_value"]


def test_drapery_holds_the_fits_of_the_models() -> None:
    es = EffectSizes.from_arrays(Y, V, measure="RR", study=["A", "B", "C", "D"])
    curves = drapery(es)
    assert curves.labels == ("A", "B", "C", "D", "common effect", "random effects")
    assert curves.pooled == (False,) * 4 + (True,) * 2
    assert curves.log_scale
    assert curves.symbol == "RR"
    at = int(np.flatnonzero(curves.theta == 1.0)[0])
    fixed, random = pool(es, model="common", ci="z"), pool(es)
    assert_allclose(curves.p[4, at], fixed.p, rtol=1e-10)
    assert_allclose(curves.p[5, at], random.p, rtol=1e-10)
    assert_allclose(curves.estimate[4:], np.exp([fixed.estimate, random.estimate]))
    low, high = curves.interval()
    expected = np.exp([f.conf_int() for f in (fixed, random)])
    assert_allclose(np.transpose([low[4:], high[4:]]), expected, rtol=2e-3)
    # a study at its own estimate has p = 1
    own = drapery(Y, V, theta=np.sort(Y), labels=list("ABCD"))
    assert_allclose(own.p[np.argsort(Y), np.arange(4)], 1.0)
    assert not own.log_scale
    assert drapery(Y, V, common=False).p.shape[0] == 5


def test_intervals_beyond_the_grid_and_without_a_point() -> None:
    curve = p_value_function_of_ratio(2.0, 1.0, 4.0, theta=[1.5, 2.0, 2.5])
    low, high = curve.interval()
    assert (low.item(), high.item()) == (0.0, np.inf)
    off = p_value_function_of_ratio(2.0, 1.9, 2.1, theta=[5.0, 6.0])
    assert np.isnan(off.interval()[0]).all()


def test_drawing_has_a_line_for_each_curve() -> None:
    (ax,) = drapery(Y, V, log_scale=True).plot().axes
    # four studies, two models, the null and the level
    lines = ax.get_lines()
    assert len(lines) == 8
    assert ax.get_xscale() == "log"
    widths = [line.get_linewidth() for line in lines[:6]]
    assert max(widths[:4]) < min(widths[4:])
    assert p_value_function(FUSION, "RD").plot().axes[0].get_xlabel() == "RD"


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(
        InvalidEvidenceError, match="measure must be 'RD', 'RR' or 'OR'"
    ):
        p_value_function(FUSION, "HR")
    with pytest.raises(InvalidEvidenceError, match=r"theta must be ascending.*\[1"):
        p_value_function(FUSION, "RR", [2.0, 1.0])
    with pytest.raises(
        InvalidEvidenceError, match="theta must be positive for a ratio"
    ):
        p_value_function(FUSION, "OR", [0.0, 1.0])
    with pytest.raises(InvalidEvidenceError, match="theta must be from -1 to 1"):
        p_value_function(FUSION, "RD", [0.0, 2.0])
    with pytest.raises(InvalidEvidenceError, match="theta must be two values or more"):
        p_value_function(FUSION, "RD", [0.0])
    with pytest.raises(InvalidEvidenceError, match="low must be positive"):
        p_value_function_of_ratio(1.0, 0.0, 2.0)
    with pytest.raises(InvalidEvidenceError, match="high must be above low"):
        p_value_function_of_ratio(1.0, 1.0, 1.0)
    with pytest.raises(InvalidEvidenceError, match="labels must be of length 1"):
        p_value_function_of_ratio(1.0, 0.5, 2.0, labels=["a", "b"])
    with pytest.raises(MissingInputError, match="v is needed for drapery"):
        drapery(Y)
    with pytest.raises(InvalidEvidenceError, match="v must be positive and finite"):
        drapery(Y, -V)
    with pytest.raises(InvalidEvidenceError, match="estimate over standard error"):
        drapery(Y, V, ci="profile-likelihood", tau2="ML")
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        p_value_function(FUSION).interval(95)

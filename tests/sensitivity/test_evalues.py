"""E-values and bias analysis: reference figures, definitions, simulated gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from k2stats.errors import (
    InvalidEvidenceError,
    MissingInputError,
    UnknownMethodError,
)
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import (
    bias_threshold,
    bounding_factor,
    bross_factor,
    confounded_meta,
    evalue,
    evalue_risk_difference,
)


@pytest.mark.parametrize(
    ("measure", "given_", "point", "limit"),
    [
        ("RR", (3.9, 1.8, 8.7), 7.2630343, 3.0),
        ("RR", (0.8, 0.71, 0.91), 1.809017, 1.4285714),
        ("HR common", (0.56, 0.46, 0.69), 2.34953126, 1.90800394),
        ("OR common", (0.86, 0.75, 0.99), 1.36895286, 1.07619395),
    ],
)
def test_reference_figures_of_ratios(
    measure: str, given_: tuple[float, float, float], point: float, limit: float
) -> None:
    # evalue: EValue 333d022
    found = evalue(*given_, measure=measure)
    assert_allclose(found.point, point, rtol=0, atol=5e-8)
    assert_allclose(found.limit, limit, rtol=0, atol=5e-8)


def test_reference_figure_of_a_mean_difference() -> None:
    # evalue, MD: EValue 333d022
    found = evalue(-0.42, se=0.14, measure="SMD")
    assert_allclose(found.point, 2.29145928, rtol=0, atol=5e-9)
    assert_allclose(found.limit, 1.54534435, rtol=0, atol=5e-9)
    assert np.isnan(evalue(-0.42, measure="SMD").limit).all()


def test_reference_figure_of_a_risk_difference() -> None:
    # evalue, RD (Hammond and Horn): EValue 333d022, whose limit is read off a grid
    smoking = TwoByTwo.from_cells(a=397, b=78557, c=51, d=108778)
    found = evalue_risk_difference(smoking)
    on_grid = evalue_risk_difference(smoking, grid=0.0001)
    assert_allclose(found.point, 20.947334, rtol=0, atol=5e-7)
    assert_allclose(on_grid.limit, 15.957026, rtol=0, atol=5e-7)
    assert 0 < on_grid.limit.item() - found.limit.item() < 2e-4
    # what moves the difference to 0 moves the ratio to 1
    ratio = smoking.risk1 / smoking.risk2
    assert_allclose(found.point, bias_threshold(ratio), rtol=1e-12)


def test_published_example() -> None:
    # VanderWeele & Ding (2017), p 269: RR 3.9 (1.8 to 8.7) gives 7.26 and 3.0
    found = evalue(3.9, 1.8, 8.7)
    assert found.point.round(2).item() == 7.26
    assert found.limit.round(2).item() == 3.0
    assert "7.26" in found.meaning[0]
    assert "3.00" in found.meaning[0]
    assert "interval" not in evalue(3.9).meaning[0]


@given(st.floats(1.0, 1e6))
def test_two_associations_of_the_e_value_give_just_the_ratio(ratio: float) -> None:
    e = bias_threshold(ratio)
    assert_allclose(bounding_factor(e, e), ratio, rtol=1e-9)
    assert_allclose(bias_threshold(1.0 / ratio), e, rtol=1e-9)


@given(st.floats(0.05, 20), st.floats(1.01, 5), st.floats(1.01, 5))
def test_turning_a_ratio_over_changes_nothing(
    ratio: float, below: float, above: float
) -> None:
    for measure in ("RR", "OR rare", "OR common", "HR rare", "HR common"):
        one = evalue(ratio, ratio / below, ratio * above, measure=measure)
        turned = evalue(1 / ratio, 1 / (ratio * above), below / ratio, measure=measure)
        assert_allclose(one.point, turned.point, rtol=1e-9)
        assert_allclose(one.limit, turned.limit, rtol=1e-9)
        assert (one.limit >= 1.0).all()
        assert (one.limit <= one.point * (1 + 1e-12)).all()


def test_limits_that_hold_the_null_and_other_nulls() -> None:
    assert evalue(1.2, 0.9, 1.6).limit.item() == 1.0
    found = evalue(3.9, 1.8, 8.7, null=2.0)
    assert_allclose(found.point, bias_threshold(1.95))
    assert found.limit.item() == 1.0
    assert evalue(np.inf, 2.0, np.inf).point.item() == np.inf


def test_hazard_ratios_near_one_lose_no_digits() -> None:
    # d ln RR / d ln HR at 1 is ln 2, to first order
    h = 1e-9
    found = evalue(np.exp(h), measure="HR common").ratio
    assert_allclose(np.log(found), np.log(2) * h, rtol=1e-6)


def test_the_limit_of_a_risk_difference_is_where_its_wald_limit_is_the_null() -> None:
    table = TwoByTwo.from_counts(events1=60, n1=200, events2=40, n2=400)
    for null in (0.0, 0.05):
        e = evalue_risk_difference(table, null=null).limit.item()
        b = e**2 / (2 * e - 1)

        def bounded(x: np.ndarray, b: float = b) -> float:
            return float((x[0] - b * x[1]) * (x[2] + (1 - x[2]) / b))

        at = np.array([0.3, 0.1, 200 / 600])
        slope = np.array(
            [(bounded(at + h) - bounded(at - h)) / 2e-6 for h in np.eye(3) * 1e-6]
        )
        variance = at * (1 - at) / [200, 400, 600]
        low = bounded(at) - stats.norm.ppf(0.975) * np.sqrt(slope**2 @ variance)
        assert_allclose(low, null, atol=1e-9)


def test_risk_differences_of_either_sign_and_without_events() -> None:
    table = TwoByTwo.from_counts(
        events1=[60, 10, 5, 0],
        n1=[200, 100, 50, 50],
        events2=[40, 10, 0, 0],
        n2=[400, 100, 50, 50],
    )
    found = evalue_risk_difference(table)
    assert_allclose(evalue_risk_difference(table.swap_groups()).point, found.point)
    assert_allclose(evalue_risk_difference(table.swap_groups()).limit, found.limit)
    assert_array_equal(found.point[1:], [1.0, np.inf, 1.0])
    assert_array_equal(found.limit[[1, 3]], [1.0, 1.0])


def test_bross_factor_against_a_population() -> None:
    # 60% and 20% with a confounder that multiplies a risk of .05 by 4, no effect
    risk1, risk2 = (p * 0.2 + (1 - p) * 0.05 for p in (0.6, 0.2))
    assert_allclose(bross_factor(4.0, 0.6, 0.2), risk1 / risk2)
    # never above the bound with its own strengths (0.6 / 0.2 and 4)
    assert bross_factor(4.0, 0.6, 0.2) < bounding_factor(3.0, 4.0)


@settings(max_examples=60)
@given(st.floats(1, 50), st.floats(0.001, 1), st.floats(0.001, 1), st.floats(0.0, 1.0))
def test_no_confounder_beats_the_bounding_factor(
    ratio: float, p1: float, p2: float, more: float
) -> None:
    prevalence1, prevalence2 = max(p1, p2), min(p1, p2) * (1 - more)
    if prevalence2 > 0:
        strength = prevalence1 / prevalence2
        bound = bounding_factor(strength, ratio)
        assert bross_factor(ratio, prevalence1, prevalence2) <= bound * (1 + 1e-12)


def test_confounded_meta_does_what_its_definitions_say() -> None:
    y, se, t2, t2_se, q = 0.4, 0.08, 0.1, 0.05, np.log(1.1)
    found = confounded_meta(
        y, se, t2, t2_se, threshold=q, bias_mean=0.15, bias_sd=0.1, tolerated=0.2
    )
    # true effects: N(y - bias, t2 - sd2)
    expected = stats.norm.sf(q, y - 0.15, np.sqrt(t2 - 0.01))
    assert_allclose(found.share, expected, rtol=1e-12)
    # with the bias needed in every study just the tolerated share is left
    left = stats.norm.sf(q, y - np.log(found.bias_needed), np.sqrt(t2))
    assert_allclose(left, 0.2, rtol=1e-10)
    assert_allclose(found.strength_needed, bias_threshold(found.bias_needed))
    h = 1e-6

    def figures(y: float, t2: float) -> np.ndarray:
        f = confounded_meta(
            y, se, t2, threshold=q, bias_mean=0.15, bias_sd=0.1, tolerated=0.2
        )
        return np.array([f.share, f.bias_needed, f.strength_needed])[:, 0]

    by_y = (figures(y + h, t2) - figures(y - h, t2)) / (2 * h)
    by_t = (figures(y, t2 + h) - figures(y, t2 - h)) / (2 * h)
    errors = np.sqrt((by_y * se) ** 2 + (by_t * t2_se) ** 2)
    assert_allclose(found.share_se, errors[0], rtol=1e-6)
    assert_allclose(found.bias_needed_se, errors[1], rtol=1e-6)
    assert_allclose(found.strength_needed_se, errors[2], rtol=1e-6)


def test_confounded_meta_is_its_own_mirror_image() -> None:
    above = confounded_meta([0.4, 0.1], 0.08, 0.1, 0.05, threshold=0.1, bias_mean=0.05)
    below = confounded_meta(
        [-0.4, -0.1], 0.08, 0.1, 0.05, threshold=-0.1, bias_mean=0.05, tail="below"
    )
    for name in ("share", "share_se", "bias_needed", "strength_needed_se"):
        assert_allclose(getattr(above, name), getattr(below, name))
    assert "below the threshold" in below.meaning[0]


def test_confounded_meta_where_nothing_is_needed_or_defined() -> None:
    none = confounded_meta(0.0, 0.1, 0.01, 0.01, threshold=0.5)
    assert none.bias_needed.item() == none.strength_needed.item() == 1.0
    assert np.isnan(none.bias_needed_se).all()
    wild = confounded_meta(0.4, 0.1, 0.01, threshold=0.1, bias_sd=0.2)
    assert np.isnan(wild.share).all()
    assert np.isnan(wild.share_se).all()


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(UnknownMethodError, match=r"'OR'. Known: RR, OR rare"):
        evalue(2.0, measure="OR")
    with pytest.raises(
        InvalidEvidenceError, match=r"estimate must be positive, got -0"
    ):
        evalue(-0.5)
    with pytest.raises(InvalidEvidenceError, match="inside its limits"):
        evalue(3.0, 1.0, 2.0)
    with pytest.raises(MissingInputError, match="high is needed"):
        evalue(3.0, 1.0)
    with pytest.raises(InvalidEvidenceError, match="give se"):
        evalue(3.0, 1.0, 4.0, measure="SMD")
    with pytest.raises(InvalidEvidenceError, match="give low and high"):
        evalue(3.0, se=1.0)
    with pytest.raises(InvalidEvidenceError, match="null must be positive"):
        evalue(3.0, null=0.0)
    with pytest.raises(InvalidEvidenceError, match="outcome must be at least 1"):
        bounding_factor(2.0, 0.5)
    with pytest.raises(InvalidEvidenceError, match="prevalence2 must be from 0 to 1"):
        bross_factor(2.0, 0.5, 20)
    table = TwoByTwo.from_counts(events1=60, n1=200, events2=40, n2=400)
    for wrong, match in (
        ({"null": -0.1}, "null must be from 0"),
        ({"grid": 0.0}, "grid must be positive"),
        ({"level": 95.0}, "level must be between 0 and 1"),
    ):
        with pytest.raises(InvalidEvidenceError, match=match):
            evalue_risk_difference(table, **wrong)
    with pytest.raises(InvalidEvidenceError, match="tail must be"):
        confounded_meta(0.4, 0.1, 0.1, threshold=0.1, tail="upper")
    with pytest.raises(InvalidEvidenceError, match="tolerated must be"):
        confounded_meta(0.4, 0.1, 0.1, threshold=0.1, tolerated=0.0)
    with pytest.raises(InvalidEvidenceError, match="tau2 must be not negative"):
        confounded_meta(0.4, 0.1, -0.1, threshold=0.1)

"""What must hold of an estimate of tau2 whatever the data are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heterogeneity.tau2_examples import BCG_LATITUDE, BCG_RR, Example
from k2stats.heterogeneity import TAU2, estimate_tau2, fit_statistics

PLAIN = [name for name in TAU2 if "weighted" not in TAU2[name].traits]


@st.composite
def data_sets(draw: st.DrawFn, least: int = 3, most: int = 8) -> Example:
    """A data set whose variances span up to six decades."""
    k = draw(st.integers(least, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    decades = draw(st.floats(0.0, 6.0))
    v = 10.0 ** rng.uniform(-decades / 2.0, decades / 2.0, k)
    return Example(rng.normal(size=k) * np.sqrt(v + draw(st.floats(0.0, 3.0))), v)


def tau2(example: Example, method: str) -> float:
    weights = 1.0 / (example.v + 1.0) if "weighted" in TAU2[method].traits else None
    fit = estimate_tau2(example.y, example.v, method=method, weights=weights)
    return float(fit.tau2)


@pytest.mark.parametrize("method", TAU2)
@settings(max_examples=25, deadline=None)
@given(example=data_sets())
def test_order_does_not_matter(method: str, example: Example) -> None:
    back = Example(example.y[::-1], example.v[::-1])
    size = float(example.v.min())
    assert tau2(back, method) == pytest.approx(
        tau2(example, method), rel=1e-9, abs=1e-9 * size
    )


@pytest.mark.parametrize("method", TAU2)
@settings(max_examples=25, deadline=None)
@given(example=data_sets(), power=st.integers(-30, 30))
def test_scale_comes_out_squared(method: str, example: Example, power: int) -> None:
    by = 3.0**power
    wide = Example(example.y * by, example.v * by * by)
    weights = None
    if "weighted" in TAU2[method].traits:
        weights = 1.0 / (example.v + 1.0)
    one = estimate_tau2(*example, method=method, weights=weights)
    two = estimate_tau2(*wide, method=method, weights=weights)
    size = float(example.v.min())
    assert two.tau2 / by**2 == pytest.approx(float(one.tau2), rel=1e-9, abs=1e-9 * size)
    assert two.se / by**2 == pytest.approx(float(one.se), rel=1e-8)


@pytest.mark.parametrize("method", TAU2)
@settings(max_examples=25, deadline=None)
@given(example=data_sets(), power=st.integers(0, 20))
def test_shift_does_not_matter(method: str, example: Example, power: int) -> None:
    # Effects on a grid of 2^-20, so that the shift itself loses nothing.
    y = np.round(example.y * 2.0**20) / 2.0**20
    here = Example(y, example.v)
    there = Example(y + 2.0**power, example.v)
    size = float(example.v.min())
    assert tau2(there, method) == pytest.approx(
        tau2(here, method), rel=1e-12, abs=1e-12 * size
    )


@pytest.mark.parametrize("method", PLAIN)
@pytest.mark.parametrize("by", [1.0, 1e3, 1e-3])
def test_columns_may_be_replaced_by_others_of_the_same_span(
    method: str, by: float
) -> None:
    ones = np.ones(13)
    X = np.column_stack([ones, BCG_LATITUDE])
    other = np.column_stack([ones * 5.0, (BCG_LATITUDE - 30.0) * by])
    one = estimate_tau2(BCG_RR.y, BCG_RR.v, X, method=method)
    two = estimate_tau2(BCG_RR.y, BCG_RR.v, other, method=method)
    three = estimate_tau2(BCG_RR.y + X @ [7.0, -0.3], BCG_RR.v, X, method=method)
    assert two.tau2 == pytest.approx(float(one.tau2), rel=1e-10)
    if method != "SJ":  # starts from the variance about the plain mean
        assert three.tau2 == pytest.approx(float(one.tau2), rel=1e-10)


@settings(max_examples=50, deadline=None)
@given(example=data_sets())
def test_studies_twice_leave_maximum_likelihood_where_it_is(example: Example) -> None:
    twice = Example(np.tile(example.y, 2), np.tile(example.v, 2))
    one, two = tau2(example, "ML"), tau2(twice, "ML")
    ll = [float(fit_statistics(*e, tau2=one).log_likelihood) for e in (example, twice)]
    assert ll[1] == pytest.approx(2.0 * ll[0], rel=1e-10)
    # Where two maxima are all but as high, rounding may decide between them.
    other = float(fit_statistics(*example, tau2=two).log_likelihood)
    assert other == pytest.approx(ll[0], rel=1e-10, abs=1e-10)


@settings(max_examples=50, deadline=None)
@given(example=data_sets(least=2), v=st.floats(1e-3, 1e3))
def test_with_one_variance_all_agree(example: Example, v: float) -> None:
    # All are then the variance of the effects less v; Hunter-Schmidt and maximum
    # likelihood with divisor K.
    y = example.y
    same = Example(y, np.full(y.size, v))
    unbiased = max(float(y.var(ddof=1)) - v, 0.0)
    for method in ("DL", "HE", "PM", "EB", "SJIT", "REML", "GENQ", "HSk"):
        assert tau2(same, method) == pytest.approx(unbiased, rel=1e-8, abs=1e-9 * v)
    for method in ("HS", "ML"):
        plain = max(float(y.var()) - v, 0.0)
        assert tau2(same, method) == pytest.approx(plain, rel=1e-8, abs=1e-9 * v)


@pytest.mark.parametrize("method", PLAIN)
def test_equal_effects_have_no_variance_between_them(method: str) -> None:
    v = np.array([0.1, 0.2, 0.4, 0.3])
    fit = estimate_tau2(np.full(4, 0.7), v, method=method)
    if "positive" in TAU2[method].traits and method != "SJ":
        assert fit.tau2 > 0.0
    else:
        assert fit.tau2 == 0.0


@pytest.mark.parametrize("method", [m for m in PLAIN if m != "BMR"])
def test_two_studies(method: str) -> None:
    fit = estimate_tau2([0.0, 3.0], [0.5, 0.5], method=method)
    expected = {
        "HS": 1.75,
        "ML": 1.75,
        "SJ": 2.25 * 4.5 / 2.75,
        "PMM": 4.5 / 0.454936423119572 - 0.5,
        "DLIT": None,
        "BM": None,
    }.get(method, 4.0)
    if expected is not None:
        assert fit.tau2 == pytest.approx(expected, rel=1e-9)
    assert fit.tau2 > 1.0


@pytest.mark.parametrize("method", PLAIN)
def test_any_batch_shape(method: str) -> None:
    rng = np.random.default_rng(0)
    y, v = rng.normal(size=(3, 2, 6)), rng.uniform(0.1, 1.0, (3, 2, 6))
    X = np.stack([np.ones((3, 2, 6)), rng.normal(size=(3, 2, 6))], axis=-1)
    for x in (None, X):
        fit = estimate_tau2(y, v, x, method=method)
        assert fit.tau2.shape == fit.se.shape == fit.converged.shape == (3, 2)
        one = estimate_tau2(
            y[2, 1], v[2, 1], None if x is None else x[2, 1], method=method
        )
        assert fit.tau2[2, 1] == pytest.approx(float(one.tau2), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", PLAIN)
def test_elements_with_too_few_studies_are_flagged(method: str) -> None:
    y, v = np.ones((3, 4)) * [0.0, 1.0, 3.0, 2.0], np.full((3, 4), 0.1)
    mask = np.array([[1, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=bool)
    fit = estimate_tau2(y, v, method=method, mask=mask)
    assert fit.converged.tolist() == [True, False, False]
    assert np.isnan(fit.tau2).tolist() == [False, True, True]


def test_a_batch_in_parts_is_a_batch() -> None:
    rng = np.random.default_rng(1)
    y, v = rng.normal(size=(40_000, 5)), rng.uniform(0.1, 1.0, (40_000, 5))
    whole = estimate_tau2(y, v)
    half = estimate_tau2(y[20_000:], v[20_000:])
    np.testing.assert_allclose(whole.tau2[20_000:], half.tau2, rtol=1e-10, atol=1e-13)

"""Groups put together and taken apart, against the single values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.effectsizes.conversions import (
    combine_groups,
    remaining_group,
    split_control,
)
from k2stats.errors import InvalidEvidenceError

GROUPS = st.lists(
    st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=12), min_size=2, max_size=5
)


def _summary(values: np.ndarray) -> tuple[int, float, float]:
    sd = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return values.size, float(values.mean()), sd


@given(GROUPS)
def test_the_same_as_from_all_values(groups: list[list[float]]) -> None:
    rows = [_summary(np.array(g)) for g in groups]
    n, mean, sd = (np.array(x) for x in zip(*rows, strict=True))
    values = np.concatenate([np.array(g) for g in groups])
    got = combine_groups(n, mean, sd)
    assert float(got.n) == values.size
    assert float(got.mean) == pytest.approx(values.mean(), abs=1e-9)
    assert float(got.sd) == pytest.approx(values.std(ddof=1), rel=1e-9, abs=1e-7)


def test_two_groups_are_the_handbooks_formula() -> None:
    """Cochrane Handbook, table 6.5.a, written out."""
    n1, m1, s1, n2, m2, s2 = 31, 12.4, 3.1, 44, 15.0, 4.2
    square = (n1 - 1) * s1**2 + (n2 - 1) * s2**2
    square += n1 * n2 / (n1 + n2) * (m1**2 + m2**2 - 2 * m1 * m2)
    got = combine_groups([n1, n2], [m1, m2], [s1, s2])
    assert float(got.sd) == pytest.approx(np.sqrt(square / (n1 + n2 - 1)))
    assert float(got.mean) == pytest.approx((n1 * m1 + n2 * m2) / (n1 + n2))


@given(GROUPS)
def test_combining_in_steps_or_at_once(groups: list[list[float]]) -> None:
    rows = [_summary(np.array(g)) for g in groups]
    n, mean, sd = (np.array(x, dtype=float) for x in zip(*rows, strict=True))
    at_once = combine_groups(n, mean, sd)
    step = combine_groups(n[:1], mean[:1], sd[:1])
    spread = np.where(step.n > 1, step.sd, 0.0)
    for i in range(1, n.size):
        step = combine_groups(
            [float(step.n), n[i]], [float(step.mean), mean[i]], [float(spread), sd[i]]
        )
        spread = step.sd
    assert float(spread) == pytest.approx(float(at_once.sd), rel=1e-8, abs=1e-7)


def test_batches_of_unequal_numbers_of_groups() -> None:
    nan = np.nan
    n = np.array([[10, 20, 30], [10, 20, nan], [nan, nan, nan], [10, 20, nan]])
    mean = np.array([[1, 2, 3.0], [1, 2, nan], [nan, nan, nan], [1, 2, 3.0]])
    sd = np.array([[1, 1, 2.0], [1, 1, nan], [nan, nan, nan], [1, 1, nan]])
    got = combine_groups(n, mean, sd)
    two = combine_groups([10, 20], [1.0, 2.0], [1.0, 1.0])
    assert got.n[:2].tolist() == [60.0, 30.0]
    assert float(got.sd[1]) == pytest.approx(float(two.sd))
    assert np.isnan(got.mean[2:]).all()
    across = combine_groups(n.T, mean.T, sd.T, axis=0)
    assert np.array_equal(across.sd, got.sd, equal_nan=True)


@given(
    st.lists(st.floats(-50.0, 50.0), min_size=2, max_size=10),
    st.lists(st.floats(-50.0, 50.0), min_size=2, max_size=10),
)
def test_taking_a_group_out(first: list[float], second: list[float]) -> None:
    whole = _summary(np.array(first + second))
    part, rest = _summary(np.array(first)), _summary(np.array(second))
    got = remaining_group(*whole, *part)
    assert float(got.n) == rest[0]
    assert float(got.mean) == pytest.approx(rest[1], abs=1e-8)
    assert float(got.sd) == pytest.approx(rest[2], abs=2e-5)


@given(st.integers(1, 500), st.integers(1, 6))
def test_a_split_control_keeps_its_total(total: int, k: int) -> None:
    parts = split_control(total, k)
    assert parts.shape == (k,)
    assert float(parts.sum()) == pytest.approx(total)
    weighted = split_control([total, 2 * total], k, weights=np.arange(1.0, k + 1))
    assert weighted.shape == (2, k)
    assert weighted.sum(axis=-1) == pytest.approx([total, 2 * total])


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match="axis of groups"):
        combine_groups(1, 2.0, 3.0)
    with pytest.raises(InvalidEvidenceError, match=r"n must be at least 1.*\[1\]"):
        combine_groups([10, 0], [1.0, 2.0], [1.0, 1.0])
    with pytest.raises(InvalidEvidenceError, match="sd must be at least 0"):
        combine_groups([10, 10], [1.0, 2.0], [1.0, -1.0])
    with pytest.raises(InvalidEvidenceError, match="n1 must be below n"):
        remaining_group(10, 1.0, 1.0, 10, 1.0, 1.0)
    with pytest.raises(InvalidEvidenceError, match="sd must be large enough to hold"):
        remaining_group(30, 1.0, 1.0, 10, 1.0, 9.0)
    with pytest.raises(InvalidEvidenceError, match="comparisons must be a whole numbe"):
        split_control(10, 0)
    with pytest.raises(InvalidEvidenceError, match="weights must be 3 numbers"):
        split_control(10, 3, weights=[1.0, 2.0])
    with pytest.raises(InvalidEvidenceError, match="weights must be above 0"):
        split_control(10, 2, weights=[1.0, 0.0])

"""When an estimate is infinite, against a search over directions."""

import numpy as np

from k2stats.models._separation import runs_off


def test_against_directions_on_a_circle() -> None:
    rng = np.random.default_rng(4)
    angle = np.linspace(0.0, 2.0 * np.pi, 4_001)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    found = 0
    for _ in range(300):
        n = int(rng.integers(2, 9))
        rows = rng.normal(size=(n, 2))
        most = rng.integers(0, 2, n) == 1
        least = ~most
        along = np.where(most, 1.0, -1.0)[:, None] * (rows @ circle)
        best = float(along.min(axis=0).max())
        if abs(best) < 1e-2:
            continue
        direction = runs_off(rows, least, most)
        assert (direction is not None) == (best > 0)
        if direction is not None:
            sign = np.where(most, 1.0, -1.0)
            assert (sign * (rows @ direction) >= -1e-9).all()
            found += 1
    assert found > 10


def test_counts_in_the_middle_hold() -> None:
    rows = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    no, yes = np.array([True, False, False]), np.array([False, False, True])
    # The middle one fixes intercept plus slope; the others still part around it.
    direction = runs_off(rows, no, yes)
    assert direction is not None
    assert abs(rows[1] @ direction) < 1e-9
    # Two in the middle fix both coefficients.
    two = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    no, yes = np.array([True, False, False, False]), np.array([False] * 3 + [True])
    assert runs_off(two, no, yes) is None
    assert runs_off(two, np.zeros(4, bool), np.zeros(4, bool)) is None
    # A count that is certain says nothing.
    certain = np.ones(4, bool)
    assert runs_off(two, certain, certain) is None

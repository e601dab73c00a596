"""Altman and Bland's figures before they are rounded, within half a printed unit."""

import pytest

from k2stats.significance import (
    altman_bland_p,
    altman_bland_z,
    ci_from_p,
    ratio_test,
    se_from_p,
)


def test_interval_from_p_of_a_difference() -> None:
    # Altman & Bland, BMJ 2011;343:d2090: difference 17, P = .032.
    interval = ci_from_p([17.0], [0.032], log=False, method="altman-bland")
    assert altman_bland_z([0.032]).item() == pytest.approx(2.141, abs=0.0005)
    se = se_from_p([17.0], [0.032], log=False, method="altman-bland")
    assert se.item() == pytest.approx(7.94, abs=0.005)
    assert interval.low.item() == pytest.approx(1.4, abs=0.05)
    assert interval.high.item() == pytest.approx(32.6, abs=0.05)


def test_interval_from_p_of_a_ratio() -> None:
    # The same method re-run for a ratio of 0.3, P = .034.
    interval = ci_from_p([0.3], [0.034], method="altman-bland")
    assert altman_bland_z([0.034]).item() == pytest.approx(2.1166, abs=0.00005)
    se = se_from_p([0.3], [0.034], method="altman-bland")
    assert se.item() == pytest.approx(0.5688, abs=0.00005)
    assert interval.low.item() == pytest.approx(0.1, abs=0.05)
    assert interval.high.item() == pytest.approx(0.9, abs=0.05)


def test_p_from_the_interval_of_a_ratio() -> None:
    # The method of Altman & Bland, BMJ 2011;343:d2304; figures calculated, case
    # altman_bland.p_from_ci: relative risk 0.81 (0.70 to 0.94).
    result = ratio_test([0.81], [0.70], [0.94])
    approximate = altman_bland_p(result.statistic)
    assert approximate.item() == pytest.approx(0.00512, abs=0.000005)
    assert result.p.item() == pytest.approx(0.00508, abs=0.000005)

"""Numbers needed to treat from standardised mean differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from k2stats.absolute_effects import nnt_from_smd, nnt_kraemer_kupfer
from k2stats.errors import InvalidEvidenceError


def test_doing_meta_analysis_in_r() -> None:
    # Harrer et al. (2021), Doing Meta-Analysis with R, section on the NNT: d = .245
    # gives 7.270711 after Kraemer and Kupfer, 10.61533 after Furukawa and Leucht
    # with CER = .35.
    kraemer = nnt_kraemer_kupfer(0.245).signed.item()
    assert kraemer == pytest.approx(7.270711, abs=5e-7)
    furukawa = nnt_from_smd(0.245, control_risk=0.35).signed.item()
    assert furukawa == pytest.approx(10.61533, abs=5e-6)


def test_limits_through_infinity() -> None:
    found = nnt_kraemer_kupfer(0.2, -0.1, 0.5, horizon="8 wk")
    ends = [2 * stats.norm.cdf(d / np.sqrt(2)) - 1 for d in (0.2, 0.5, -0.1)]
    np.testing.assert_allclose(
        [found.signed.item(), found.near.item(), found.far.item()], 1 / np.array(ends)
    )
    assert str(found) == "NNTB 8.89 (NNTB 3.62 to inf to NNTH 17.7)"
    assert str(found.horizon) == "8 wk"


@given(st.floats(0.01, 3.0), st.floats(0.01, 0.99))
def test_good_and_bad_outcomes_are_one(d: float, share: float) -> None:
    # A response in a share of controls is its absence in the rest.
    good = nnt_from_smd(d, control_risk=share, events="beneficial")
    bad = nnt_from_smd(d, control_risk=1 - share, events="harmful")
    np.testing.assert_allclose(good.benefit, bad.benefit, atol=1e-12)
    assert good.benefit.item() > 0
    assert nnt_from_smd(-d, control_risk=share).benefit.item() < 0


def test_no_effect() -> None:
    assert str(nnt_kraemer_kupfer(0.0)) == "NNT inf"


def test_arrays() -> None:
    found = nnt_from_smd([0.2, 0.5, 0.8], control_risk=[[0.2], [0.5]])
    assert found.value.shape == (2, 3)
    one = nnt_from_smd(0.5, control_risk=0.5)
    assert found.value[1, 1] == one.value.item()


def test_bad_input_is_named() -> None:
    for risk in (0.0, 1.0, 1.2):
        with pytest.raises(InvalidEvidenceError, match="control_risk must be above 0"):
            nnt_from_smd(0.5, control_risk=risk)
    with pytest.raises(InvalidEvidenceError, match="d must be finite, got inf"):
        nnt_kraemer_kupfer(np.inf)
    with pytest.raises(InvalidEvidenceError, match="low, high must be in order"):
        nnt_kraemer_kupfer(0.5, 0.8, 0.2)
    with pytest.raises(InvalidEvidenceError, match="d must be inside its interval"):
        nnt_from_smd(0.5, 0.6, 0.8, control_risk=0.2)
    with pytest.raises(InvalidEvidenceError, match="d, control_risk must be of one"):
        nnt_from_smd([0.1, 0.2], control_risk=[0.1, 0.2, 0.3])

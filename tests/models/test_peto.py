"""Peto's one-step odds ratio against reference figures and laws."""

import numpy as np
import pytest

from k2stats.effectsizes import TwoRates
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.models.peto import peto
from models.count_tables import BCG, DOCTORS, SPARSE, cut


def test_bcg() -> None:
    # peto/bcg.
    fit = peto(BCG)
    np.testing.assert_allclose(fit.estimate, -0.474446310940636, rtol=1e-12)
    np.testing.assert_allclose(fit.se, 0.0406590807446483, rtol=1e-12)
    np.testing.assert_allclose(fit.p, 1.83807338632167e-31, rtol=1e-10)
    np.testing.assert_allclose(fit.Q, 167.730167511489, rtol=1e-11)
    np.testing.assert_allclose(fit.Q_p, 1.38975434718433e-29, rtol=1e-9)


def test_zero_cells_as_metafor() -> None:
    # metafor 3.8-1, rma.peto.
    fit = peto(SPARSE)
    assert abs(float(fit.estimate) + 0.4146971767728) < 1e-12
    assert abs(float(fit.se) - 0.3761275025507) < 1e-12
    assert abs(float(fit.Q) - 9.8751340250551) < 1e-12
    assert abs(float(fit.Q_p) - 0.0425843886319) < 1e-12
    assert int(fit.k) == 5
    assert fit.k_total == 6


def test_two_informative_studies_of_three() -> None:
    # metafor 3.8-1, rma.peto.
    t = TwoByTwo.from_counts(
        events1=[0, 3, 0], n1=[10, 12, 10], events2=[0, 5, 2], n2=[11, 12, 11]
    )
    fit = peto(t)
    assert abs(float(fit.estimate) + 1.046725514034) < 1e-12
    assert abs(float(fit.se) - 0.732207417546) < 1e-12
    assert abs(float(fit.Q) - 0.589018642116) < 1e-12


def test_studies_without_information_change_nothing() -> None:
    fit, without = peto(SPARSE), peto(cut(SPARSE, [1, 2, 3, 4, 5]))
    assert float(fit.estimate) == float(without.estimate)
    assert float(fit.Q) == float(without.Q)


def test_groups_and_outcome_swapped() -> None:
    fit = peto(SPARSE)
    for other in (SPARSE.swap_groups(), SPARSE.swap_outcome()):
        turned = peto(other)
        np.testing.assert_allclose(turned.estimate, -fit.estimate, rtol=1e-13)
        np.testing.assert_allclose(turned.se, fit.se, rtol=1e-13)
        np.testing.assert_allclose(turned.Q, fit.Q, rtol=1e-12)


def test_no_outcome_at_all_is_undefined() -> None:
    fit = peto(TwoByTwo.from_counts(events1=[0, 0], n1=[9, 8], events2=[0, 0], n2=9))
    assert np.isnan(fit.estimate)
    assert not fit.converged
    assert int(fit.k) == 0


def test_batch_equals_loop() -> None:
    rng = np.random.default_rng(2)
    n1, n2 = rng.integers(3, 50, (2, 40, 5))
    t = TwoByTwo.from_counts(
        events1=rng.binomial(n1, 0.1), n1=n1, events2=rng.binomial(n2, 0.2), n2=n2
    )
    fit = peto(t)
    for i in range(40):
        one = peto(TwoByTwo(t.events1[i], t.n1[i], t.events2[i], t.n2[i]))
        np.testing.assert_array_equal(fit.estimate[i], one.estimate)
        np.testing.assert_allclose(fit.Q[i], one.Q, rtol=1e-12)
        assert fit.k[i] == one.k


def test_rates_are_refused() -> None:
    assert isinstance(DOCTORS, TwoRates)
    with pytest.raises(InvalidEvidenceError, match="TwoByTwo for OR, got 'TwoRates'"):
        peto(DOCTORS)

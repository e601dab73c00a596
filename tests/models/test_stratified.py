"""Tests of stratified counts by name."""

import numpy as np
import pytest

from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models import STRATIFIED_TESTS, all_stratified_tests, stratified_test
from k2stats.models.mantel_haenszel import mantel_haenszel
from models.count_tables import ALCOHOL, BCG, DOCTORS


def test_names_are_the_tests_beside_the_pooled_odds_ratio() -> None:
    fit = mantel_haenszel(ALCOHOL)
    for name in STRATIFIED_TESTS:
        test = stratified_test(ALCOHOL, name)
        assert float(test.statistic) == float(fit.test(name).statistic)
        assert float(test.p) == float(fit.test(name).p)
    table = all_stratified_tests(ALCOHOL, correction="none")
    assert table.index.tolist() == list(STRATIFIED_TESTS)
    plain = mantel_haenszel(ALCOHOL, correction="none").test("CMH")
    assert table.loc["CMH", "statistic"] == float(plain.statistic)


def test_printed_figures() -> None:
    # mh/bcg/OR: cmh with half a unit of correction, tarone.
    cmh = stratified_test(BCG, "CMH", correction="half")
    np.testing.assert_allclose(cmh.statistic, 135.688943723906, rtol=1e-12)
    tarone = stratified_test(BCG, "Tarone")
    np.testing.assert_allclose(tarone.statistic, 171.756672993871, rtol=1e-11)


def test_rates_have_the_tests_that_they_can_have() -> None:
    assert all_stratified_tests(DOCTORS).index.tolist() == ["CMH"]
    fit = mantel_haenszel(DOCTORS, "IRR")
    assert set(fit.tests) == {"Q", "CMH"}
    with pytest.raises(UnknownMethodError, match=r"test of rates 'BD'\. Known: CMH\."):
        stratified_test(DOCTORS, "BD")


def test_batches_and_masks() -> None:
    events = np.array([[4, 6, 3], [1, 2, 9]])
    t = TwoByTwo.from_counts(events1=events, n1=50, events2=events + 2, n2=60)
    mask = np.array([[True, True, False], [True, True, True]])
    both = stratified_test(t, "Tarone", mask=mask)
    assert both.statistic.shape == (2,)
    alone = TwoByTwo.from_counts(events1=[4, 6], n1=50, events2=[6, 8], n2=60)
    want = stratified_test(alone, "Tarone")
    assert abs(float(both.statistic[0]) - float(want.statistic)) < 1e-12
    assert both.df.tolist() == [1.0, 2.0]
    with pytest.raises(InvalidEvidenceError, match=r"one data set of shape \(K,\)"):
        all_stratified_tests(t)


def test_errors_name_what_there_is() -> None:
    with pytest.raises(UnknownMethodError, match=r"'Woolf'\. Known: CMH, Cochran, BD"):
        stratified_test(BCG, "Woolf")
    with pytest.raises(InvalidEvidenceError, match="evidence must be TwoByTwo or TwoR"):
        stratified_test([1, 2, 3])  # type: ignore[arg-type]
    for entry in STRATIFIED_TESTS.entries():
        assert entry.equation
        assert entry.reference
        assert {"association", "homogeneity"} & entry.traits

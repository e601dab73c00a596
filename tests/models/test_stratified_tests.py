"""Tests of stratified tables against metafor's figures and direct computation."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize

from k2stats.effectsizes import TwoRates
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.models._strata import strata_of
from k2stats.models._stratified_registry import Correction
from k2stats.models.mantel_haenszel import mantel_haenszel
from k2stats.models.stratified import stratified_test
from k2stats.models.stratified_tests import (
    breslow_day,
    cochran_mantel_haenszel,
    expected_events,
)
from models.count_tables import BCG, SPARSE


@pytest.mark.parametrize(
    ("correction", "cmh", "cochran"),
    [
        # metafor 3.8-1, rma.mh(correct=TRUE) and FALSE: MH and CO.
        ("half", 0.8362743956715, 0.8532010758240),
        ("none", 1.2156035979006, 1.2402081217272),
        ("bounded", 0.8362743956715, 0.8532010758240),
    ],
)
def test_association(correction: Correction, cmh: float, cochran: float) -> None:
    fit = mantel_haenszel(SPARSE, correction=correction)
    assert abs(float(fit.test("CMH").statistic) - cmh) < 1e-12
    assert abs(float(fit.test("Cochran").statistic) - cochran) < 1e-12


def test_homogeneity() -> None:
    # metafor 3.8-1: BD and TA, on four degrees of freedom for five tables.
    fit = mantel_haenszel(SPARSE)
    assert abs(float(fit.test("BD").statistic) - 10.3942120003836) < 1e-11
    assert abs(float(fit.test("Tarone").statistic) - 10.3932182604565) < 1e-11
    assert float(fit.test("Tarone").df) == 4.0


def test_bcg() -> None:
    # mh/bcg/OR: cmh, cmh_p, tarone, tarone_p.
    fit = mantel_haenszel(BCG)
    np.testing.assert_allclose(fit.test("CMH").statistic, 135.688943723906, rtol=1e-12)
    np.testing.assert_allclose(fit.test("CMH").p, 2.33369633183248e-31, rtol=1e-10)
    np.testing.assert_allclose(
        fit.test("Tarone").statistic, 171.756672993871, rtol=1e-11
    )
    np.testing.assert_allclose(fit.test("Tarone").p, 2.08678239453652e-30, rtol=1e-10)
    log_p = float(fit.test("Tarone").log_p)
    assert abs(log_p - np.log(2.08678239453652e-30)) < 1e-10


def test_a_correction_of_one_half_throughout_grows_where_nothing_differs() -> None:
    # metafor 3.8-1 prints 0.0867752184273 where observed equals expected.
    t = TwoByTwo.from_counts(events1=[5, 6], n1=[10, 12], events2=[5, 6], n2=[10, 12])
    half = mantel_haenszel(t, correction="half").test("CMH")
    bounded = mantel_haenszel(t, correction="bounded").test("CMH")
    assert abs(float(half.statistic) - 0.0867752184273) < 1e-12
    assert float(bounded.statistic) == 0.0
    assert float(bounded.p) == 1.0


def test_expected_events_solve_for_the_odds_ratio() -> None:
    rng = np.random.default_rng(1)
    n1, n2 = rng.integers(1, 400, (2, 300))
    x1, x2 = rng.binomial(n1, 0.3), rng.binomial(n2, 0.4)
    s = strata_of(TwoByTwo.from_counts(events1=x1, n1=n1, events2=x2, n2=n2), None)
    for psi in (1e-9, 0.02, 0.7, 1.0, 1.0 + 1e-12, 5.0, 1e8):
        found = expected_events(s, np.array([psi]))
        least, most = np.maximum(0.0, s.m - s.n2), np.minimum(s.n1, s.m)
        assert (found >= least - 1e-9).all()
        assert (found <= most + 1e-9).all()
        for k in range(0, 300, 7):
            if most[k] - least[k] < 1:
                continue
            n1k, n2k, mk = s.n1[k], s.n2[k], s.m[k]
            root = optimize.brentq(
                lambda a, n1k=n1k, n2k=n2k, mk=mk, psi=psi: (
                    a * (n2k - mk + a) - psi * (n1k - a) * (mk - a)
                ),
                least[k],
                most[k],
                xtol=1e-13,
                rtol=1e-14,
            )
            assert abs(found[k] - root) < 1e-7 * (1.0 + root)


def test_breslow_day_vanishes_where_the_odds_ratios_are_equal() -> None:
    t = TwoByTwo.from_cells(a=[6, 12, 3], b=[3, 8, 2], c=[4, 6, 2], d=[5, 10, 10])
    same = TwoByTwo.from_cells(a=[6, 12], b=[3, 6], c=[4, 8], d=[5, 10])
    bd, tarone = breslow_day(strata_of(same, None), np.log(np.array(2.5)))
    assert float(bd.statistic) < 1e-20
    assert float(tarone.statistic) < 1e-20
    unequal = mantel_haenszel(t)
    assert float(unequal.test("Tarone").statistic) <= float(
        unequal.test("BD").statistic
    )


def test_the_door_takes_tables_and_rates() -> None:
    for evidence in (TABLES_OF_THREE, RATES_OF_THREE):
        made = cochran_mantel_haenszel(evidence)
        same = stratified_test(evidence, "CMH")
        assert float(made.statistic) == float(same.statistic)
    with pytest.raises(InvalidEvidenceError, match="must be TwoByTwo or TwoRates"):
        cochran_mantel_haenszel([1.0])  # type: ignore[arg-type]


TABLES_OF_THREE = TwoByTwo.from_counts(
    events1=[4, 6, 3], n1=[123, 306, 231], events2=[11, 29, 11], n2=[139, 303, 220]
)
RATES_OF_THREE = TwoRates.from_arrays(
    events1=[7, 8, 3],
    time1=[1344, 1600, 12012],
    events2=[11, 8, 14],
    time2=[1988, 1461, 10962],
)


def test_variance_is_the_hypergeometric_one() -> None:
    # Exact moments of a small table, in fractions.
    a, b, c, d = 3, 5, 6, 2
    n1, n2, m = a + b, c + d, a + c
    total = n1 + n2
    mean = Fraction(n1 * m, total)
    variance = Fraction(n1 * n2 * m * (total - m), total**2 * (total - 1))
    t = strata_of(TwoByTwo.from_cells(a=a, b=b, c=c, d=d), None)
    got = cochran_mantel_haenszel(t, correction="none")
    want = (a - mean) ** 2 / variance
    assert abs(float(got.statistic) - float(want)) < 1e-14

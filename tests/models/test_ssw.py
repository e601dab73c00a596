"""Sample-size weights against the formula written out."""

import numpy as np
import pytest

from k2stats.effectsizes import ZeroCells
from k2stats.effectsizes.compute import measures_of
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo, TwoMeans
from k2stats.heterogeneity import estimate_tau2
from k2stats.models.ssw import ssw
from models.count_tables import BCG, DOCTORS, SPARSE, cut


def test_weights_are_those_of_the_sizes() -> None:
    es = measures_of(BCG, "OR")
    w = BCG.n1 * BCG.n2 / (BCG.n1 + BCG.n2)
    fit = ssw(BCG)
    np.testing.assert_allclose(fit.estimate, np.average(es.y, weights=w), rtol=1e-13)
    np.testing.assert_allclose(
        fit.se, np.sqrt(np.sum(w**2 * es.v)) / w.sum(), rtol=1e-13
    )
    spread = float(estimate_tau2(es.y, es.v, method="REML").tau2)
    random = ssw(BCG, tau2="REML")
    np.testing.assert_allclose(random.estimate, fit.estimate, rtol=1e-13)
    np.testing.assert_allclose(
        random.se, np.sqrt(np.sum(w**2 * (es.v + spread))) / w.sum(), rtol=1e-12
    )
    assert random.tau2 is not None
    np.testing.assert_allclose(random.tau2, spread, rtol=1e-12)
    np.testing.assert_allclose(ssw(BCG, tau2=spread).se, random.se, rtol=1e-12)


def test_cochrans_q_is_the_usual_one() -> None:
    es = measures_of(BCG, "OR")
    centre = np.average(es.y, weights=1 / es.v)
    np.testing.assert_allclose(ssw(BCG).Q, np.sum((es.y - centre) ** 2 / es.v))


def test_double_zeros_are_left_out_of_ratios() -> None:
    fit = ssw(SPARSE)
    without = ssw(cut(SPARSE, [1, 2, 3, 4, 5]))
    np.testing.assert_allclose(fit.estimate, without.estimate, rtol=1e-13)
    assert int(fit.k) == 5
    kept = ssw(SPARSE, zero_cells=ZeroCells())
    assert int(kept.k) == 6


def test_means_and_rates() -> None:
    means = TwoMeans(
        *(
            np.array(x, float)
            for x in ([3, 4], [1, 2], [10, 30], [2, 2], [1, 1], [12, 28])
        )
    )
    w = means.n1 * means.n2 / (means.n1 + means.n2)
    np.testing.assert_allclose(
        ssw(means, "MD").estimate, np.average([1.0, 2.0], weights=w), rtol=1e-13
    )
    assert int(ssw(DOCTORS, "IRR").k) == 5


def test_batch_and_mask_equal_single_sets() -> None:
    rng = np.random.default_rng(3)
    n1, n2 = rng.integers(10, 60, (2, 8, 5))
    t = TwoByTwo.from_counts(
        events1=rng.binomial(n1, 0.2), n1=n1, events2=rng.binomial(n2, 0.3), n2=n2
    )
    mask = np.ones((8, 5), dtype=bool)
    mask[3, 4] = False
    fit = ssw(t, "RR", tau2="DL", mask=mask)
    for i in (0, 3):
        kept = mask[i]
        one = ssw(
            TwoByTwo(
                t.events1[i][kept], t.n1[i][kept], t.events2[i][kept], t.n2[i][kept]
            ),
            "RR",
            tau2="DL",
        )
        np.testing.assert_allclose(fit.estimate[i], one.estimate, rtol=1e-12)
        np.testing.assert_allclose(fit.se[i], one.se, rtol=1e-10)


def test_errors() -> None:
    with pytest.raises(InvalidEvidenceError, match="tau2 must be 0 or a positive"):
        ssw(BCG, tau2=-1.0)
    with pytest.raises(UnknownMethodError):
        ssw(BCG, tau2="nonsense")
    empty = TwoByTwo.from_counts(events1=[0, 0], n1=[9, 8], events2=[0, 0], n2=[9, 9])
    with pytest.raises(InvalidEvidenceError, match="an effect in at least one study"):
        ssw(empty)

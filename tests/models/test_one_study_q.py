"""Cochran's Q of one study: every room says the same."""

import numpy as np

from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.evidence import TwoByTwo
from k2stats.heterogeneity import cochran_q
from k2stats.models import mantel_haenszel, peto, pool

TABLE = TwoByTwo.from_counts(events1=[4], n1=[123], events2=[11], n2=[139])


def test_one_study_lies_on_its_own_mean() -> None:
    # metafor 3.8-1, rma(), rma.mh() and rma.peto() of one study: QE 0, QEp 1. A sum of
    # no squares is 0 with certainty.
    es = effect_sizes(TABLE, "OR")
    fits = (pool(es), pool(es, model="common"), mantel_haenszel(TABLE), peto(TABLE))
    for fit in fits:
        assert (float(fit.Q), float(fit.Q_p)) == (0.0, 1.0)
    test = cochran_q(es.y, es.v)
    assert (float(test.q), float(test.p)) == (0.0, 1.0)
    assert float(pool(es).Q_log_p) == 0.0


def test_one_study_among_sets_of_several() -> None:
    # Q = (0.2 - 0.5)^2 / (0.1 + 0.2) = 0.3 on one degree of freedom.
    y, v = np.array([[0.2, 0.5], [0.2, 9.0]]), np.array([[0.1, 0.2], [0.1, 0.2]])
    present = np.array([[True, True], [True, False]])
    fit = pool(EffectSizes.from_arrays(y, v), mask=present)
    np.testing.assert_allclose(fit.Q, [0.3, 0.0], atol=1e-14)
    # Two-sided normal tail of the root of 0.3.
    np.testing.assert_allclose(fit.Q_p, [0.5838824207703651, 1.0])

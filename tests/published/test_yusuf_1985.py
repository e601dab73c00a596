"""Yusuf, Peto, Lewis, Collins and Sleight (1985), Prog Cardiovasc Dis 27:335-371.

Short-term trials of oral beta blockers, Table 6 (p. 343): the pooled odds ratio, read
in the metafor package's reproduction of the paper (analysis example yusuf1985).
"""

import numpy as np

from k2stats.datasets.published import published
from k2stats.effectsizes import NOTHING
from k2stats.evidence import TwoByTwo
from k2stats.models import fit_arrays
from k2stats.models.peto import peto
from published.printed import assert_prints

BETA_BLOCKERS = published("yusuf1985").evidence


def test_peto() -> None:
    assert isinstance(BETA_BLOCKERS, TwoByTwo)
    fit = peto(BETA_BLOCKERS)
    ends = [fit.estimate, fit.ci_low, fit.ci_high]
    assert_prints(np.exp(ends), "0.93", "0.74", "1.18")


def test_inverse_variance_of_one_step_odds_ratios() -> None:
    assert isinstance(BETA_BLOCKERS, TwoByTwo)
    es = published("yusuf1985").effect_sizes("PETO", zero_cells=NOTHING)
    fit = fit_arrays(es.y, es.v, tau2="EE", ci="z", mask=es.complete)
    ends = [fit.beta[0], fit.low[0], fit.high[0]]
    assert_prints(np.exp(ends), "0.93", "0.74", "1.18")
    # Trials without a death carry no information either way.
    assert int(es.complete.sum()) == 18

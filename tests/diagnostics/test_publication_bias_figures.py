"""Means corrected for selection, and worst cases, against another program's figures.

R's robumeta 2.0 (robust variance estimation with the user's own weights, which Mathur
and VanderWeele (2020), J R Stat Soc C 69:1091, fit by) and metafor 3.8-1, on the log
risk ratios of the thirteen BCG trials; weights are the selection ratio over v + tau2
with tau2 0.3132433 by REML. Eight trials are affirmative, that is significant and in
favour of the vaccine. The standard errors of robumeta have the sampling variances as
its working model and are others than these: means alone are held to its figures. The
working model here is v + tau2; errors are held to its matrices, written out.
"""

import numpy as np
import pytest

from k2stats.diagnostics import corrected_mean, publication_bias_s_value
from k2stats.heterogeneity import estimate_tau2
from models.pool_examples import bcg

MEANS = {
    1.0: -0.7145323484,
    2.0: -0.5589008627,
    5.0: -0.3686170725,
    20.0: -0.2045196703,
    np.inf: -0.1306578116,
}


@pytest.mark.parametrize("ratio", list(MEANS))
def test_means_of_robust_variance_estimation(ratio: float) -> None:
    found = corrected_mean(bcg(), ratio, favours="negative")
    assert (found.k_affirmative, found.k_other) == (8, 5)
    # tau2 by REML agrees to its own tolerance of convergence there.
    np.testing.assert_allclose(found.estimate, MEANS[ratio], rtol=0, atol=2e-8)


def test_worst_case_is_the_common_effect_of_the_trials_that_are_not_affirmative() -> (
    None
):
    # metafor, a common effect of the five: 0.01157618768 (0.05863051336), p 0.84348084.
    found = corrected_mean(bcg(), np.inf, favours="negative", model="fixed")
    np.testing.assert_allclose(
        [found.estimate, found.se, found.p],
        [-0.01157618768, 0.05863051336, 0.84348083954],
        rtol=2e-9,
    )


def test_no_ratio_takes_the_mean_to_none_but_one_takes_it_half_way() -> None:
    """The worst case is short of zero; -0.3686 takes a ratio of 5 by the figures."""
    assert publication_bias_s_value(bcg(), favours="negative").estimate == np.inf
    half_way = publication_bias_s_value(
        bcg(), threshold=-0.3686170725, favours="negative"
    )
    np.testing.assert_allclose(half_way.estimate, 5.0, rtol=0, atol=2e-6)


@pytest.mark.parametrize("ratio", [1.0, 2.0, 5.0, 20.0])
def test_robust_errors_are_those_of_the_matrices(ratio: float) -> None:
    """CR2 of Bell and McCaffrey, df of Satterthwaite; W given, Phi v + tau2."""
    es = bcg()
    y, phi = np.array(es.y), np.array(es.v) + float(estimate_tau2(es.y, es.v).tau2)
    share = np.where(y / np.sqrt(es.v) < -1.959964, 1.0, ratio) / phi
    share /= share.sum()
    reject = np.eye(y.size) - share
    covariance = reject @ np.diag(phi) @ reject.T
    c = share * np.sqrt(phi / np.diag(covariance))
    spread = c[:, np.newaxis] * covariance * c
    found = corrected_mean(es, ratio, favours="negative")
    np.testing.assert_allclose(
        [found.se, found.df],
        [
            np.sqrt(((c * (reject @ y)) ** 2).sum()),
            np.trace(spread) ** 2 / (spread * spread).sum(),
        ],
        rtol=1e-12,
    )

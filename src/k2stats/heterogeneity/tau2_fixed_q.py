"""Median-unbiased estimation of tau2 from a Q statistic with fixed weights."""

import numpy as np

from k2stats.heterogeneity._base import TAU2, Estimate
from k2stats.heterogeneity._fixed_q import FixedQ
from k2stats.heterogeneity._studies import Studies


@TAU2.register(
    "GENQM",
    label="Generalised Q, median unbiased",
    reference="Viechtbauer (2021), in Handbook of Meta-Analysis, ch. 11. "
    "Jackson (2013). Research Synthesis Methods 4:220-229.",
    equation=r"\Pr(Q_a \ge q_a; \tau^2) = 0.5",
    traits=("iterative", "moments", "weighted", "median-unbiased"),
)
def generalised_q_median(s: Studies) -> Estimate:
    r"""Value of tau2 at which the observed Q is the median of its exact distribution.

    The standard error is that of ``"GENQ"`` at this value,

    .. math:: \sqrt{2 \operatorname{tr}(P \Sigma P \Sigma)} / \operatorname{tr}(P) .
    """
    assert s.weights is not None
    q = FixedQ.of(s, s.weights)
    tau2, _, ok = q.solve(0.5)
    # The trace is of the weights as they were scaled, and so is Q.
    sigma = q.v + tau2[:, np.newaxis]
    p = q.projection
    se = np.sqrt(2.0 * p.trace_pair(sigma, sigma)) / p.trace()
    shape = s.y.shape[:-1]
    return Estimate(tau2.reshape(shape), se.reshape(shape), ok.reshape(shape))

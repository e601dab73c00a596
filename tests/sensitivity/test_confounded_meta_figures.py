"""Soy and breast cancer: printed figures of a meta-analysis open to confounding.

Trock, Hilakivi-Clarke and Clark (2006), J Natl Cancer Inst 98:459: 20 log risk ratios,
pooled in the vignette "E-values for meta-analyses" of the R package EValue after Mathur
and VanderWeele (2020), J Am Stat Assoc 115:163: mean -0.1931 (SE 0.0882), tau2 0.0973
(SE 0.0505); share of effects below RR 0.90 before any correction 0.6107838, SE
0.1119729, 95% CI 0.391321 to 0.8302467.
"""

from itertools import product

import numpy as np

from k2stats.sensitivity import confounded_meta

PRINTED = (-0.1931, 0.0882, 0.0973, 0.0505)


def test_share_of_effects_below_the_threshold() -> None:
    # The printed summaries are rounded to 0.0001: the printed share, and its error,
    # lie within what they allow.
    corners = np.array(list(product((-5e-5, 5e-5), repeat=4))).T
    found = confounded_meta(
        *(x + d for x, d in zip(PRINTED, corners, strict=True)),
        threshold=np.log(0.9),
        tail="below",
    )
    for values, printed in ((found.share, 0.6107838), (found.share_se, 0.1119729)):
        assert values.min() < printed < values.max()
        assert np.ptp(values) < 5e-4
    middle = confounded_meta(*PRINTED, threshold=np.log(0.9), tail="below")
    assert middle.meaning[0].startswith("Under the bias assumed 61% of true effects")
    limits = middle.share + np.array([-1.0, 1.0]) * 1.959963985 * middle.share_se
    np.testing.assert_allclose(limits, [0.391321, 0.8302467], rtol=0, atol=5e-4)

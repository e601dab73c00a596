"""Miller (1978), Am Stat 32:138: proportions on the Freeman-Tukey scale.

The paper leaves out the factor of one half that is usual now, so its values are twice,
its variances four times ours. Read in the metafor package's reproduction of the paper
(analysis example miller1978).
"""

import numpy as np

from k2stats.datasets.published import published
from k2stats.effectsizes import Proportion, harmonic_mean, scale
from k2stats.models import fit_arrays
from published.printed import assert_prints

STUDIES = published("miller1978")
ES = STUDIES.effect_sizes("PFT")


def back(mean: float) -> float:
    """To a proportion, with the harmonic mean of the sample sizes."""
    assert isinstance(STUDIES.evidence, Proportion)
    to_natural = scale("double-arcsine").back_with_size
    assert to_natural is not None
    return float(to_natural(np.asarray(mean), harmonic_mean(STUDIES.evidence.n)))


def test_transformed_proportions() -> None:
    assert_prints(2 * ES.y, "1.1391", "1.2888", "1.5253", "0.9515")
    assert_prints(4 * ES.v, "0.0870", "0.0571", "0.0465", "0.1538")


def test_unweighted_mean() -> None:
    mean = float(fit_arrays(ES.y, ES.v, model="fixed", weights=np.ones(4)).beta[0])
    assert_prints(2 * mean, "1.2262")
    assert_prints(back(mean), "0.3164")


def test_weighted_mean() -> None:
    mean = float(fit_arrays(ES.y, ES.v, tau2="EE", ci="z").beta[0])
    assert_prints(2 * mean, "1.3093")
    assert_prints(back(mean), "0.3595")

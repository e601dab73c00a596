"""Riley, Higgins and Deeks (2011), BMJ 342:d549: ten trials of one drug.

Summaries and prediction intervals as the reference pages of the authors' package of
Nagashima, Noma and Furukawa (2019) print them (nshi-stat.github.io/pimeta, pages
"pima" and "Introduction"). The ten effects stand in a figure of the BMJ article and
were not at hand in text, so that the interval of Nagashima and others, -0.8789 to
0.2165 by 25,000 draws, is not tried here. The other intervals depend on the mean, its
standard error, tau2 and the number of trials alone: ten trials of one variance stand
in for them, with the printed summaries.
"""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from k2stats.effectsizes import EffectSizes
from k2stats.models import pool

STUDIES = 10


def stand_in(mean: float, tau2: float, se: float) -> EffectSizes:
    """Trials of one variance v: the mean's variance is (v + tau2)/k, and s^2 k of it.

    The sample variance of the effects less v is tau2 by DerSimonian and Laird and by
    REML alike, and Hartung and Knapp's factor is 1.
    """
    total = STUDIES * se * se
    steps = np.arange(STUDIES) - 0.5 * (STUDIES - 1)
    y = mean + steps * np.sqrt(total / steps.var(ddof=1))
    return EffectSizes.from_arrays(y, np.full(STUDIES, total - tau2), measure="SMD")


def box(printed: tuple[float, float, float, float], unit: float) -> list[EffectSizes]:
    """Stand-ins at the corners of what the printed mean, tau2 and interval allow."""
    mean, tau2, low, high = printed
    half = 0.5 * unit
    t = stats.t.isf(0.025, STUDIES - 1)
    return [
        stand_in(mean + a * half, tau2 + b * half, (high - low + c * unit) / (2.0 * t))
        for a, b, c in product((-1, 1), repeat=3)
    ]


@pytest.mark.parametrize(
    ("summary", "tau2", "ci", "name", "limits"),
    [
        # Higgins-Thompson-Spiegelhalter: DerSimonian and Laird, interval with 9 df.
        ((-0.3341, 0.0282, -0.5068, -0.1613), "DL", "t", "HTS", (-0.7598, 0.0917)),
        # Partlett and Riley: REML, Hartung and Knapp's interval with 9 df.
        ((-0.3287, 0.0700, -0.5761, -0.0814), "REML", "HK", "HK-PR", (-0.9887, 0.3312)),
    ],
)
def test_prediction_intervals_have_eight_degrees_of_freedom(
    summary: tuple[float, float, float, float],
    tau2: str,
    ci: str,
    name: str,
    limits: tuple[float, float],
) -> None:
    fits = [pool(es, tau2=tau2, ci=ci) for es in box(summary, 1e-4)]
    middle = pool(
        stand_in(
            summary[0],
            summary[1],
            (summary[3] - summary[2]) / (2.0 * stats.t.isf(0.025, STUDIES - 1)),
        ),
        tau2=tau2,
        ci=ci,
    )
    np.testing.assert_allclose(
        [float(middle.estimate), float(middle.tau2)], summary[:2], atol=1e-9
    )
    np.testing.assert_allclose(
        [float(middle.ci_low), float(middle.ci_high)], summary[2:], atol=1e-4
    )
    for side, printed in enumerate(limits):
        ends = [float(fit.prediction_interval(name)[side]) for fit in fits]
        assert min(ends) - 5e-5 <= printed <= max(ends) + 5e-5
        # What the rounding of the summaries leaves open is far less than what one
        # degree of freedom more would move: 0.008 and 0.013.
        assert max(ends) - min(ends) < 1e-3
        other = float(
            middle.prediction_interval({"HTS": "V", "HK-PR": "HK"}[name])[side]
        )
        assert abs(other - printed) > 5e-3

"""Normand (1999), Stat Med 18:321-359: lidocaine, and stay in hospital after a stroke.

Tables III (p. 330), VII (p. 349), VIII (p. 351) and IX (p. 352), read in the metafor
package's reproduction of the paper (analysis example normand1999).
"""

import numpy as np
import pytest

from k2stats.datasets.published import published
from k2stats.effectsizes import effect_sizes
from k2stats.evidence import TwoMeans
from k2stats.models import fit_arrays
from published.printed import assert_prints

LIDOCAINE = published("normand1999/lidocaine").effect_sizes("RD")
PERCENT, PERCENT_VARIANCE = 100 * LIDOCAINE.y, 1e4 * LIDOCAINE.v


def test_risk_differences_of_lidocaine() -> None:
    # Table III: deaths more per 100, variances and 95% intervals.
    assert_prints(PERCENT, "2.8026", "0.0000", "1.9711", "1.7961", "3.5334", "4.4031")
    assert_prints(
        PERCENT_VARIANCE, "17.7575", "37.5657", "8.1323", "10.8998", "8.0114", "6.1320"
    )
    half = 1.959964 * np.sqrt(PERCENT_VARIANCE)
    assert_prints(PERCENT - half, "-5.5", "-12.0", "-3.6", "-4.7", "-2.0", "-0.5")
    assert_prints(PERCENT + half, "11.1", "12.0", "7.6", "8.3", "9.1", "9.3")


@pytest.mark.parametrize("tau2", ["EE", "REML", "DL"])
def test_lidocaine_pooled(tau2: str) -> None:
    # Table VII: one row for each method, all alike, for tau2 is 0.
    fit = fit_arrays(PERCENT, PERCENT_VARIANCE, tau2=tau2, ci="z")
    assert_prints([fit.beta, fit.low, fit.high], "2.94", "0.4", "5.5")
    assert_prints(fit.tau2, "0.000")


def stays() -> tuple[np.ndarray, np.ndarray]:
    """Mean differences in days; the paper pools the two standard deviations."""
    means = published("normand1999/stroke").evidence
    assert isinstance(means, TwoMeans)
    df1, df2 = means.n1 - 1, means.n2 - 1
    pooled = np.sqrt((df1 * means.sd1**2 + df2 * means.sd2**2) / (df1 + df2))
    es = effect_sizes(
        None,
        "MD",
        mean1=means.mean1,
        sd1=pooled,
        n1=means.n1,
        mean2=means.mean2,
        sd2=pooled,
        n2=means.n2,
    )
    return es.y, es.v


def test_mean_differences_in_stay() -> None:
    # Table VIII.
    y, v = stays()
    assert_prints(y, "-20", "-2", "-55", "-71", "-4", "1", "11", "-10", "7")
    printed = "40.59 2.05 15.28 150.22 20.19 1.22 95.38 8.03 20.69"
    assert_prints(v, *printed.split())


@pytest.mark.parametrize(
    ("tau2", "printed"),
    [
        ("EE", ("-3.49", "-5.03", "-1.96", "0.00")),
        ("DL", ("-14.10", "-24.45", "-3.75", "218.72")),
        ("REML", ("-15.12", "-32.67", "2.43", "685.20")),
    ],
)
def test_stay_pooled(tau2: str, printed: tuple[str, str, str, str]) -> None:
    # Table IX.
    y, v = stays()
    fit = fit_arrays(y, v, tau2=tau2, ci="z")
    assert_prints([fit.beta[0], fit.low[0], fit.high[0], fit.tau2], *printed)

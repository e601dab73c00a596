"""Viechtbauer (2005), J Educ Behav Stat 30:261-293: estimators of tau2.

Two examples, pp. 271 and 272, read in the metafor package's reproduction of the paper
(analysis example viechtbauer2005).
"""

import pytest

from k2stats.datasets.published import published
from k2stats.heterogeneity import estimate_tau2, heterogeneity
from published.printed import assert_prints

PRINTED = {
    "viechtbauer2005/example1": {
        "HS": ("0.228", "77.23", "4.39"),
        "HE": ("0.148", "68.80", "3.21"),
        "DL": ("0.277", "80.44", "5.11"),
        "ML": ("0.197", "74.51", "3.92"),
        "REML": ("0.223", "76.84", "4.32"),
        "EB": ("0.192", "74.05", "3.85"),
        "SJ": ("0.199", "74.75", "3.96"),
    },
    "viechtbauer2005/example2": {
        "HS": ("0.010", "22.93", "1.30"),
        "HE": ("0.000", "0.00", "1.00"),
        "DL": ("0.013", "27.53", "1.38"),
        "ML": ("0.013", "28.45", "1.40"),
        "REML": ("0.016", "32.02", "1.47"),
        "EB": ("0.010", "23.72", "1.31"),
        "SJ": ("0.025", "42.67", "1.74"),
    },
}
"""tau2, I2 in per cent, H2."""


@pytest.mark.parametrize(
    ("name", "method"), [(name, m) for name, row in PRINTED.items() for m in row]
)
def test_heterogeneity(name: str, method: str) -> None:
    studies = published(name)
    tau2 = estimate_tau2(studies.y, studies.v, method=method).tau2
    found = heterogeneity(studies.y, studies.v, tau2=tau2)
    assert_prints([found.tau2, found.i2, found.h2], *PRINTED[name][method])

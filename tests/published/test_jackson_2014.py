"""Jackson, Turner, Rhodes and Viechtbauer (2014), BMC Med Res Methodol 14:103.

95% intervals of the residual tau2 of two meta-regressions, read in the metafor
package's reproduction of the paper (analysis example jackson2014).
"""

import numpy as np
import pytest

from k2stats._typing import Floats
from k2stats.datasets.published import PublishedSet, published
from k2stats.heterogeneity import estimate_tau2, tau2_interval
from published.printed import assert_prints

BINARY = published("jackson2014/example1")
CONTINUOUS = published("jackson2014/example2")


def design(studies: PublishedSet) -> Floats:
    return np.column_stack([np.ones(studies.k), studies.moderators["xi"]])


@pytest.mark.parametrize(
    ("studies", "printed"),
    [(BINARY, ("0.0110", "0.6330")), (CONTINUOUS, ("0.0163", "0.1108"))],
    ids=["example 1", "example 2"],
)
def test_wald_on_the_log_scale(studies: PublishedSet, printed: tuple[str, str]) -> None:
    fit = estimate_tau2(studies.y, studies.v, design(studies), method="REML")
    half = 1.96 * fit.se / fit.tau2
    assert_prints(fit.tau2 * np.exp([-half, half]), *printed)


@pytest.mark.parametrize(
    ("studies", "kind", "power", "printed"),
    [
        (BINARY, "GENQ", 1.0, ("0.0029", "0.6907")),
        # 1.1245 in the reproduction, whose roots are sought to four digits only.
        (BINARY, "GENQ", 0.5, ("0.0000", "1.1246")),
        (BINARY, "QP", 1.0, ("0.0023", "1.4871")),
        (CONTINUOUS, "GENQ", 1.0, ("0.0170", "0.1393")),
        (CONTINUOUS, "GENQ", 0.5, ("0.0180", "0.1375")),
        (CONTINUOUS, "QP", 1.0, ("0.0178", "0.1564")),
    ],
)
def test_exact_intervals(
    studies: PublishedSet, kind: str, power: float, printed: tuple[str, str]
) -> None:
    """Generalised Q with weights 1/v or 1/se, and Q-profile."""
    found = tau2_interval(
        studies.y,
        studies.v,
        design(studies),
        type=kind,
        method="GENQ" if kind == "GENQ" else "PM",
        weights=studies.v**-power,
    )
    assert_prints([found.low, found.high], *printed)

"""Directions and p-values of evidence that is neither a table nor printed means."""

import numpy as np
import pytest

from k2stats.audit import Verdict, audit
from k2stats.audit._base import Finding
from k2stats.evidence import (
    Claim,
    Correlation,
    Direction,
    Evidence,
    PairedMeans,
    PValue,
    Reported,
    Source,
    Statement,
    TwoMeans,
)

PAIRED = PairedMeans.from_summary(mean_difference=0.3, sd_difference=0.2, n=8)
MEANS = TwoMeans.from_summary(mean1=5.1, sd1=1.2, n1=20, mean2=4.2, sd2=1.1, n2=22)
CORRELATION = Correlation(Reported("0.45"), 30)


def asked(evidence: Evidence, *states: Statement) -> Finding:
    source = Source("made-up", "Made up")
    return audit(Claim("x", source, "nowhere", "nothing", evidence, states))[0]


@pytest.mark.parametrize("evidence", [PAIRED, MEANS, CORRELATION])
@pytest.mark.parametrize(
    ("of", "verdict"), [("higher", Verdict.REPRODUCED), ("lower", Verdict.DISAGREE)]
)
def test_directions(evidence: Evidence, of: str, verdict: Verdict) -> None:
    # t 4.24 on 7 df, 2.53 on 40, and r .45 of 30: each is significant, and positive
    stated = Direction(of, significant=True)  # type: ignore[arg-type]
    found = asked(evidence, stated)
    assert found.verdict is verdict
    assert found.checks[0].kind == "direction_printed"


def test_means_that_are_numbers_are_told_in_words() -> None:
    # t = 0.3 / (0.2 / sqrt(8)) = 4.243 on 7 df: p = .0038
    found = asked(PAIRED, PValue(Reported("0.004")))
    assert found.headline == (
        "p = 0.004 (values 0.0035 to 0.0045) holds under the one method tried on "
        "mean difference 0.3 (SD 0.2, n = 8)."
    )
    assert str(MEANS) == "5.1 (SD 1.2, n = 20) v 4.2 (SD 1.1, n = 22)"
    several = PairedMeans.from_summary(
        mean_difference=np.array([0.3, 0.1]), sd_difference=0.2, n=8
    )
    assert str(several) == "2 mean differences"

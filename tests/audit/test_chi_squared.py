"""Printed chi-squared statistics: which tables, which degrees of freedom."""

import pytest

from k2stats.audit import Verdict, audit
from k2stats.datasets import find_claim
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import ChiSquared, Claim, PrintedTwoByTwo, Reported, Source

SOURCE = Source("s", "A source")


def claim(statement: ChiSquared, evidence: PrintedTwoByTwo | None = None) -> Claim:
    return Claim("c", SOURCE, "x", "x", evidence, (statement,))


def test_shiraki_agrees_on_four_degrees_of_freedom_only() -> None:
    # Shiraki (2000): chi2 = 10.935, p = .0273; 1 df gives .00094
    finding = audit(find_claim("A17"))[0]
    check = finding.checks[0]
    assert finding.verdict is Verdict.REPRODUCED_ONLY
    assert check.matching == ("df-4",)
    assert check.points[0].value.high == pytest.approx(0.00094, abs=0.5e-5)
    assert "the degrees of freedom" in finding.missing


@pytest.mark.parametrize(
    ("claim_id", "most", "nearest"),
    [("A18", 49.0, "45.16 and 49"), ("A18-2", 47.0, "39.64 and 43.16")],
)
def test_no_table_of_these_sizes_gives_the_print(
    claim_id: str, most: float, nearest: str
) -> None:
    # Iwamoto (2001): chi2 47.7 with 25 and 24 women, 42.4 with 23 and 24; Pearson's
    # attainable values there are 49, 45.16, ... and 47, 43.17, 43.16, 39.64, ...
    finding = audit(find_claim(claim_id))[0]
    assert finding.verdict is Verdict.NOT_REPRODUCED
    pearson = next(p for p in finding.checks[1].points if p.name == "pearson")
    assert float(pearson.value.high) == pytest.approx(most)
    assert nearest in finding.headline


def test_a_statistic_of_known_counts_names_its_version() -> None:
    # 33/36 v 26/35: Pearson 3.817, Yates 2.680 (facts of the fusion trial)
    arms = PrintedTwoByTwo(n1=36, events1=33, n2=35, events2=26)
    found = audit(claim(ChiSquared(Reported("2.68")), arms))[0]
    assert found.checks[1].matching == ("yates",)
    assert found.checks[1].points[0].witness


def test_given_degrees_of_freedom_are_used_alone() -> None:
    agrees = audit(claim(ChiSquared(Reported("3.84"), Reported("0.05"), df=1)))[0]
    assert agrees.verdict is Verdict.REPRODUCED
    differs = audit(claim(ChiSquared(Reported("3.84"), Reported("0.01"), df=1)))[0]
    assert differs.verdict is Verdict.NOT_REPRODUCED
    alone = audit(claim(ChiSquared(Reported("3.84"))))[0]
    assert alone.verdict is Verdict.NOT_CHECKABLE


def test_impossible_statistics_are_refused() -> None:
    with pytest.raises(InvalidEvidenceError, match="value must be at least 0"):
        ChiSquared(Reported("-1.0"))
    with pytest.raises(InvalidEvidenceError, match="df must be a whole number"):
        ChiSquared(Reported("1.0"), df=0)
    with pytest.raises(InvalidEvidenceError, match="p must be"):
        ChiSquared(Reported("1.0"), p=Reported("1.2"))

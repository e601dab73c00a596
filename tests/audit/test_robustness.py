"""Robustness of findings against published figures and brute force."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from k2stats.audit import Finding, Findings, audit
from k2stats.audit._robustness_base import ROBUSTNESS, Basis, RobustnessLine
from k2stats.audit.robustness import Robustness, robustness
from k2stats.audit.robustness_counts import loss_tolerance
from k2stats.datasets import find_claim
from k2stats.evidence import (
    Claim,
    Direction,
    PrintedTwoByTwo,
    PValue,
    RatioCI,
    RatioWithCI,
    Reported,
    SameQuantity,
    Source,
    Statement,
    TwoByTwo,
)
from k2stats.evidence.statements import Printing
from k2stats.sensitivity import READINGS

SOURCE = Source("doe1999", "Doe (1999)")
IDS = ("S000-04", "S000-06", "S001-08", "S001-09", "S001-14", "S003-27", "A19", "A21")


@pytest.fixture(scope="module")
def findings() -> Findings:
    return audit([find_claim(i) for i in IDS])


def asked(finding: Finding) -> Robustness:
    found = robustness(finding)
    assert found is not None
    return found


def line(found: Robustness, name: str) -> RobustnessLine:
    (only,) = (x for p in found.parts for x in p.lines if x.name == name)
    return only


def trial(events1: int, n1: int, events2: int, n2: int, *said: Statement) -> Finding:
    evidence = PrintedTwoByTwo(events1=events1, n1=n1, events2=events2, n2=n2)
    states = said or (Direction("higher", significant=True),)
    return audit(Claim("x", SOURCE, "", "quote", evidence, states))[0]


def of_counts(
    events1: int, n1: int, events2: int, n2: int, lost: tuple[int, int] | None = None
) -> Basis:
    table = TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)
    return Basis(table, None, None, 0.05, lost)


def fisher(a: int, b: int, c: int, d: int) -> float:
    """Fisher's two-sided p of cells, by scipy."""
    return float(stats.fisher_exact(np.array([[a, b], [c, d]])).pvalue)


def test_fusion_is_one_outcome_from_significance(findings: Findings) -> None:
    # 33/36 v 26/35 (Sci Rep 2025;15:15422): Fisher .0632; 33/36 v 25/35 has .0346.
    found = asked(findings["S000-04"])
    index = line(found, "fragility")
    assert index.value == 1.0
    assert index.label.startswith("Reverse fragility index")
    assert "33/36 v 25/35 (p 0.0346; now 0.0632)" in index.meaning
    assert "no lower level" in index.meaning
    assert line(found, "fragility-quotient").value == pytest.approx(1 / 71)
    assert found.brief.startswith("reverse fragility index 1; ")


def test_fusion_tests_below_alpha_are_those_of_the_battery(findings: Findings) -> None:
    found = asked(findings["S000-04"])
    below = {p.name for p in found.tests if p.significant}
    # Those that the recomputation of the claim lists below .05 and two-sided.
    assert {"lr", "wald", "arcsine", "midp-fisher"} & below
    p = [p.value.floats()[0] for p in found.tests]
    share = line(found, "tests-below-alpha")
    assert share.value == pytest.approx(np.mean(np.array(p) < 0.05))
    assert share.text == f"{len(below)} of {len(p)}"
    assert min(p) == pytest.approx(0.02713, abs=5e-6)
    assert max(p) == pytest.approx(0.10406, abs=5e-6)
    assert "one-sided" not in {t for x in found.tests for t in x.traits}


def test_kidney_stones(findings: Findings) -> None:
    # Am J Clin Nutr 2011;94:270: 449/18176 v 381/18106, HR 1.17 (1.02-1.34).
    found = asked(findings["S001-09"])
    assert found.basis.texts == (
        "449/18176 v 381/18106",
        "HR 1.17 (1.02 to 1.34), as printed",
    )
    assert line(found, "p-value").value == pytest.approx(0.0241, abs=5e-5)
    assert line(found, "s-value").value == pytest.approx(-math.log2(0.0241), abs=0.01)
    point, limit = (1.17 + math.sqrt(1.17 * 0.17)), (1.02 + math.sqrt(1.02 * 0.02))
    assert line(found, "e-value").value == pytest.approx(point)
    assert line(found, "e-value-limit").value == pytest.approx(limit)
    assert "outcome in fewer than 15%" in line(found, "e-value").label
    index = line(found, "fragility")
    assert index.value == 10.0
    # Independent: no table with 9 changes or fewer is called otherwise.
    for f1, f2 in product(range(-9, 10), repeat=2):
        if abs(f1) + abs(f2) == 9:
            a, c = 449 + f1, 381 + f2
            assert fisher(a, 18176 - a, c, 18106 - c) < 0.05


@pytest.mark.parametrize(
    ("counts", "index"),
    [
        # Cases fragility_index of integrity.json, both arms, Fisher.
        ((36, 167, 16, 165), 6.0),
        ((5, 20, 3, 20), 3.0),
        ((15, 40, 6, 40), 1.0),
        ((20, 100, 10, 100), 1.0),
    ],
)
def test_reference_indices(counts: tuple[int, int, int, int], index: float) -> None:
    part = ROBUSTNESS["changed-outcomes"].function(of_counts(*counts))
    assert part is not None
    first = part.lines[0]
    assert (first.name, first.value) == ("fragility", index)
    if index == 6.0:
        assert "All 60 tables" in first.meaning


def test_every_reading_is_there_for_a_ratio(findings: Findings) -> None:
    found = asked(findings["S001-08"])
    part = found.part("readings")
    assert part is not None
    assert [x.name for x in part.lines] == list(READINGS)
    assert all(x.meaning.endswith(".") for p in found.parts for x in p.lines)
    assert found.part("changed-outcomes") is None
    assert found.part("no such part") is None
    assert any("counts of each group" in m for m in found.missing)
    assert any("how frequent" in m for m in found.missing)
    assert found.curve is not None
    low, high = found.curve.interval()
    assert low[0] == pytest.approx(1.02, abs=0.005)
    assert high[0] == pytest.approx(1.34, abs=0.005)


def test_a_p_value_alone_is_read_over_its_rounding(findings: Findings) -> None:
    # P = .001 stands for .0005 to .0015: 9.38 to 10.97 bits.
    found = asked(findings["S000-06"])
    bits = line(found, "s-value")
    assert bits.value == pytest.approx(-math.log2(0.001))
    assert bits.text == "9.38 to 11.0"
    assert found.curve is None
    assert {p.name for p in found.parts} == {"readings"}
    assert "an estimate with its interval, or the counts" in found.missing


def test_a_bound_on_p_says_what_is_missing(findings: Findings) -> None:
    found = asked(findings["S001-14"])
    assert found.parts == ()
    assert found.missing[0] == "the exact p-value"
    assert found.brief == ""


def test_pairs_have_their_tests_and_nothing_else(findings: Findings) -> None:
    found = asked(findings["S003-27"])
    assert [p.name for p in found.parts] == ["choice-of-test"]
    assert line(found, "tests-below-alpha").text == "0 of 7"
    assert "decides nothing" in line(found, "tests-below-alpha").meaning
    assert found.basis.texts[0].startswith("0.71 to 0.75")


def test_counts_in_conflict_with_the_print_are_not_used(findings: Findings) -> None:
    found = asked(findings["A19"])
    assert findings["A19"].conflict
    assert found.basis.table is None
    assert found.basis.texts == ("RR 0.44 (0.20 to 0.99), as printed",)


def test_a_claim_without_a_comparison_has_none() -> None:
    seven = Reported("7", exact=True)
    same = SameQuantity("women", (Printing(seven, "a"), Printing(seven, "b")))
    assert robustness(trial(7, 20, 9, 20, same)) is None
    bare = audit(Claim("y", SOURCE, "", "quote", None, (Direction("higher"),)))[0]
    assert robustness(bare) is None


def test_the_choice_of_test_can_decide_nothing() -> None:
    sure = asked(trial(18, 20, 2, 20))
    assert line(sure, "tests-below-alpha").value == 1.0
    assert "decides nothing" in line(sure, "tests-below-alpha").meaning


def test_no_index_where_no_change_makes_it_significant() -> None:
    found = asked(trial(1, 2, 1, 2))
    assert line(found, "fragility").text == "none"
    assert math.isnan(line(found, "fragility").value)
    assert math.isnan(line(found, "fragility-quotient").value)
    assert "where there is one" in line(found, "fragility-quotient").meaning


def test_zero_events_leave_the_ratio_out() -> None:
    found = asked(trial(0, 18, 4, 18))
    assert found.basis.ratio is None
    assert found.curve is None
    assert {p.name for p in found.parts} == {
        "changed-outcomes",
        "missing-outcomes",
        "choice-of-test",
    }


@pytest.mark.parametrize(
    ("counts", "alpha"),
    [((33, 36, 26, 35), 0.05), ((9, 217, 20, 223), 0.05), ((8, 10, 2, 10), 0.05)],
)
def test_loss_tolerance_is_the_least_by_brute_force(
    counts: tuple[int, int, int, int], alpha: float
) -> None:
    e1, n1, e2, n2 = counts
    names = ("events1", "n1", "events2", "n2")
    found = loss_tolerance(
        TwoByTwo.from_counts(**dict(zip(names, counts, strict=True)))
    )

    def rejects(a: int, m: int, c: int, n: int) -> bool:
        return fisher(a, m - a, c, n - c) < alpha * (1 - 1e-12)

    now = rejects(*counts)
    assert found.lost is not None
    turned = {
        lost: [
            (e1 + i, n1 + m1, e2 + j, n2 + lost - m1)
            for m1 in range(lost + 1)
            for i in range(m1 + 1)
            for j in range(lost - m1 + 1)
            if rejects(e1 + i, n1 + m1, e2 + j, n2 + lost - m1) != now
        ]
        for lost in range(1, found.lost + 1)
    }
    assert [lost for lost, tables in turned.items() if tables] == [found.lost]
    shown = str(found.after)
    assert shown in {f"{a}/{m} v {c}/{n}" for a, m, c, n in turned[found.lost]}
    ways = [(k + 1) * (k + 2) * (k + 3) // 6 for k in range(1, found.lost)]
    assert found.looked == sum(ways)


def test_loss_that_is_not_enough_says_so() -> None:
    found = loss_tolerance(
        TwoByTwo.from_counts(events1=90, n1=100, events2=5, n2=100), most=3
    )
    assert (found.lost, found.after) == (None, None)
    assert found.looked == 4 + 10 + 20


def test_printed_losses_are_run_through_every_way() -> None:
    part = ROBUSTNESS["missing-outcomes"].function(of_counts(25, 50, 14, 50, (2, 3)))
    assert part is not None
    assert part.missing == ()
    # 12 ways; Fisher of 25/52 v 17/53 is above .05, of 27/52 v 14/53 below.
    by_name = {x.name: x for x in part.lines}
    assert by_name["most-events-1"].value == pytest.approx(fisher(27, 25, 14, 39))
    assert by_name["most-events-2"].meaning == "25/52 v 17/53: not significant."
    assert by_name["tipping"].value == pytest.approx(3 / 12)


def test_losses_are_given_by_claim() -> None:
    finding = trial(8, 10, 2, 10)
    found = robustness(finding, lost={"x": (1, 1)})
    assert found is not None
    assert line(found, "tipping").reference.startswith("Liublinska")
    assert "how many participants" in " ".join(asked(finding).missing)
    assert "how many participants" not in " ".join(found.missing)


def test_rare_and_common_outcomes_are_read_differently() -> None:
    odds = RatioWithCI("OR", Reported("3.81"), Reported("0.94"), Reported("15.5"))
    common = asked(trial(33, 36, 26, 35, RatioCI(odds)))
    assert line(common, "e-value").value == pytest.approx(
        math.sqrt(3.81) + math.sqrt(math.sqrt(3.81) * (math.sqrt(3.81) - 1))
    )
    assert "more than 15%" in line(common, "e-value").label
    assert "holds no effect" in line(common, "e-value-limit").meaning


def test_alpha_moves_the_decisions() -> None:
    finding = trial(33, 36, 26, 35)
    found = robustness(finding, alpha=0.10)
    assert found is not None
    assert line(found, "fragility").label.startswith("Fragility index")
    assert line(found, "tests-below-alpha").label.endswith("0.1")


def test_it_is_plain_data(findings: Findings) -> None:
    data = asked(findings["A21"]).to_dict()
    assert data["basis"][0] == "9/217 v 20/223"
    assert [p["name"] for p in data["parts"]] == list(ROBUSTNESS)
    assert {"name", "label", "value", "text", "meaning", "reference"} == set(
        data["parts"][0]["lines"][0]
    )
    assert all(entry.reference for entry in ROBUSTNESS.entries())


def test_a_p_value_with_counts_is_not_read_alone() -> None:
    found = asked(trial(33, 36, 26, 35, PValue(Reported("0.044"))))
    assert found.basis.p is None
    assert found.basis.ratio is not None
    assert found.basis.ratio.text.startswith("RR 1.23 (0.992 to 1.54), Katz log")

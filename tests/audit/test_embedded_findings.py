"""What the audit of the embedded sources must say, figure by figure.

Tolerances are half a unit in the last printed place of the figure quoted.
"""

import pytest

from k2stats.audit import Check, Finding, Verdict, audit
from k2stats.datasets import find_claim
from k2stats.evidence import Claim, PairedRows, PValue, Reported, Source


def finding(claim_id: str) -> Finding:
    return audit(find_claim(claim_id))[0]


def check(found: Finding, kind: str) -> Check:
    return next(c for c in found.checks if c.kind == kind)


def p_of(found: Check, method: str) -> float:
    value = next(p for p in found.points if p.name == method).value
    assert value.low == value.high
    return float(value.low)


def test_fusion_counts_are_the_only_ones() -> None:
    found = finding("S000-04")
    assert str(found.feasible) == "33/36 v 26/35"
    assert check(found, "data").verdict is Verdict.REPRODUCED


def test_fusion_p_is_reproduced_by_midp_and_arcsine_only() -> None:
    found = finding("S000-04")
    assert found.verdict is Verdict.REPRODUCED_ONLY
    answer = check(found, "p_value")
    # two definitions of the mid-p coincide on this table
    assert set(answer.matching) == {"midp", "midp-fisher", "arcsine"}
    assert answer.flips
    assert len(answer.tried) > 40


@pytest.mark.parametrize(
    ("method", "p", "half"),
    [
        ("midp", 0.0435, 0.5e-4),
        ("arcsine", 0.0441, 0.5e-4),
        ("pearson", 0.0507, 0.5e-4),
        ("yates", 0.1016, 0.5e-4),
        ("fisher", 0.0632, 0.5e-4),
        ("fisher-doubled", 0.0993, 0.5e-4),
        ("midp-doubled", 0.0599, 0.5e-4),
        ("barnard", 0.0569, 0.5e-4),
        ("boschloo-doubled", 0.0585, 0.5e-4),
        ("g", 0.0467, 0.5e-4),
        ("wald-rd", 0.0459, 0.5e-4),
        ("n-1", 0.0524, 0.5e-4),
        ("logistic-wald", 0.0620, 0.5e-4),
        ("cressie-read", 0.0499, 0.5e-4),
    ],
)
def test_fusion_p_by_each_method(method: str, p: float, half: float) -> None:
    assert p_of(check(finding("S000-04"), "p_value"), method) == pytest.approx(
        p, abs=half
    )


def test_significantly_higher_depends_on_the_test() -> None:
    found = finding("S000-05")
    assert found.verdict is Verdict.DEPENDS
    answer = check(found, "direction_2x2")
    below = {
        p.name
        for p in answer.points
        if p.significant and not p.traits & {"one-sided", "alias"}
    }
    assert below == {
        "g",
        "wald-rd",
        "arcsine",
        "midp",
        "midp-fisher",
        "cressie-read",
        "freeman-tukey",
        "modified-lr",
        "neyman",
    }
    excluding = {b.name for b in answer.bars if b.excludes_null}
    assert excluding == {"wald"}


def test_stones_hazard_ratio_is_internally_consistent() -> None:
    found = finding("S001-08")
    assert found.verdict is Verdict.CONSISTENT
    symmetric = next(
        p for p in check(found, "ratio_alone").points if p.name == "symmetric"
    )
    assert symmetric.value.floats() == pytest.approx((0.0200, 0.0302), abs=0.5e-4)
    assert "p 0.0241" in found.headline


def test_nnh_comes_from_counts_and_not_from_the_hazard_ratio() -> None:
    found = finding("S001-09")
    assert found.verdict is Verdict.REPRODUCED_ONLY
    answer = check(found, "number_needed")
    assert answer.matching == ("crude-risk-difference",)
    assert p_of(answer, "crude-risk-difference") == pytest.approx(273.2, abs=0.05)
    ratio = next(p for p in answer.points if p.name == "from-hr")
    assert ratio.value.floats() == pytest.approx((275.0, 291.6), abs=0.05)
    assert "283.0 at the printed ratio" in ratio.label
    assert "148.4 to 1712" in answer.explanation


def test_nnh_without_a_horizon_is_undefined() -> None:
    answer = check(finding("S001-09"), "number_needed")
    needed = "the time horizon of the NNH (the counts are over 7.0 y)"
    assert answer.missing == (needed,)
    assert "1943 at 1 y, 394 at 5 y and 200 at 10 y" in answer.explanation


def test_pooled_ratio_is_consistent_and_not_poolable() -> None:
    found = finding("S001-04")
    assert found.verdict is Verdict.CONSISTENT
    assert (
        "p 0.775 at the printed digits (0.746 to 0.813"
        in check(found, "ratio_alone").explanation
    )
    assert any("trial" in m for m in found.missing)


def test_medians_are_more_than_three_fold_apart() -> None:
    found = finding("S004-02")
    assert found.verdict is Verdict.REPRODUCED
    medians = check(found, "derived").points[0].value
    assert medians.floats() == pytest.approx((4.405, 4.432), abs=0.0005)
    assert 4.42 in medians


def test_medians_p_bound() -> None:
    text = check(finding("S004-05"), "p_value_medians").explanation
    assert "at least 3.2905" in text
    assert "at least 0.7277" in text


def test_case_three_femur_disagrees_and_flips_the_sign() -> None:
    found = finding("S003-18")
    assert found.verdict is Verdict.DISAGREE
    rise = check(found, "derived")
    assert rise.verdict is Verdict.REPRODUCED_ONLY
    assert [p.matches for p in rise.points].count(True) == 1


@pytest.mark.parametrize(
    ("claim_id", "words"),
    [
        ("S003-11", ("6 vertebrae", "5 vertebrae", "4 vertebrae")),
        ("S003-24", ("units", "pg/mL", "pg/L")),
        ("S003-18", ("0.569", "0.53")),
    ],
)
def test_prints_that_disagree(claim_id: str, words: tuple[str, ...]) -> None:
    found = finding(claim_id)
    assert found.verdict is Verdict.DISAGREE
    assert all(word in found.headline for word in words)


def test_mean_age_only_with_case_three_at_31() -> None:
    found = finding("S003-01")
    assert found.verdict is Verdict.REPRODUCED_ONLY
    mean = found.checks[0]
    assert [(p.matches, "31" in p.label) for p in mean.points] == [
        (True, True),
        (False, False),
    ]


def test_four_pairs_cannot_give_a_small_wilcoxon_p() -> None:
    found = finding("S003-27")
    assert "cannot go below 0.125" in found.headline
    assert p_of(found.checks[0], "paired-t") == pytest.approx(0.161, abs=0.0005)


def test_directions_alone_say_why_nothing_can_be_recomputed() -> None:
    for n in range(1, 10):
        found = finding(f"S002-{n:02d}")
        assert found.verdict is Verdict.NOT_CHECKABLE
        assert found.missing
        assert "because" in found.headline


@pytest.mark.parametrize(
    ("claim_id", "tables"), [("A21", "9/217 v 20/223"), ("A24", "20/21 v 11/13")]
)
def test_other_trials_are_reproduced(claim_id: str, tables: str) -> None:
    found = finding(claim_id)
    assert str(found.feasible) == tables
    assert found.verdict is Verdict.REPRODUCED_ONLY


def test_a_ratio_no_counts_give_is_a_conflict() -> None:
    found = finding("A19")
    assert found.verdict is Verdict.NOT_REPRODUCED
    assert found.conflict == ("RR 0.44",)
    assert "7/66 v 17/66 with 0.412" in found.headline
    assert "8/66 v 17/66 with 0.471" in found.headline


def test_a_named_test_that_matches_reproduces() -> None:
    claim = find_claim("A24")
    named = Claim(
        "fisher",
        claim.source,
        claim.locator,
        claim.quote,
        claim.evidence,
        (PValue(Reported(".544"), test="Fisher"),),
    )
    assert audit(named)[0].verdict is Verdict.REPRODUCED


def test_pairs_with_a_p_value() -> None:
    pairs = PairedRows(
        tuple(map(Reported, ("0.71", "0.75", "0.79", "0.90"))),
        tuple(map(Reported, ("0.75", "0.78", "0.78", "0.92"))),
    )
    claim = Claim(
        "pairs", Source("s", "A source"), "x", "x", pairs, (PValue(Reported("0.16")),)
    )
    found = audit(claim)[0]
    assert found.verdict is Verdict.REPRODUCED_ONLY
    assert found.checks[0].matching == ("paired-t",)

"""Findings made by hand: one of each verdict, and text that tries to be markup."""

import math
from fractions import Fraction

import pytest

from k2stats.audit import BarResult, Check, Finding, PointResult, Verdict
from k2stats.evidence import (
    Claim,
    Horizon,
    NumberNeeded,
    PairedRows,
    PrintedTwoByTwo,
    PValue,
    Qualitative,
    Reported,
    Source,
    TwoByTwo,
)
from k2stats.numerics.interval import Interval

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(2)> & \x1b[31m'

WANG = Source(
    "wang2025", "Wang et al. (2025), Sci Rep 15:15422", "https://doi.org/10.1"
)
PAGE = Source(
    "hostile",
    f"A page {HOSTILE}",
    "javascript:alert(3)",
    "retracted",
    "Retraction notice of 2020",
)

# The reference p-values of 33/36 v 26/35, to the digits printed in the tests of
# significance; what is drawn here only has to be near them.
FUSION_P = {
    "Pearson chi-squared": 0.0507,
    "Yates chi-squared": 0.1016,
    "N-1 chi-squared": 0.0524,
    "Fisher exact": 0.0632,
    "Fisher doubled": 0.0993,
    "Fisher mid-p (minimum likelihood)": 0.04352,
    "mid-p doubled": 0.0599,
    "Barnard exact, pooled": 0.0569,
    "Boschloo exact": 0.0585,
    "likelihood ratio": 0.0467,
    "unpooled Wald RD": 0.0459,
    "arcsine z": 0.0441,
    "logistic Wald": 0.0620,
}


def point(
    label: str,
    low: float,
    high: float | None = None,
    *,
    matches: bool = False,
    significant: bool | None = None,
) -> PointResult:
    return PointResult(
        name=label.casefold().replace(" ", "-"),
        label=label,
        reference="A paper (1900)",
        version=1,
        value=Interval(low, low if high is None else high),
        matches=matches,
        witness="33/36 v 26/35",
        significant=significant,
    )


def fusion() -> Finding:
    evidence = PrintedTwoByTwo(
        n1=36,
        percent1=Reported("91.67%"),
        n2=35,
        percent2=Reported("74.29%"),
        outcome="complete fusion",
        group1="K2, D3 and calcium",
        group2="D3 and calcium",
    )
    stated = PValue(Reported("0.044"))
    window = stated.value.interval
    claim = Claim(
        "S000-04", WANG, "Abstract", "91.67% vs. 74.29%, P = 0.044", evidence, (stated,)
    )
    points = tuple(
        point(k, p, matches=p in window, significant=p < 0.05)
        for k, p in FUSION_P.items()
    )
    nothing = Interval(math.nan, math.nan)
    absent = PointResult("x", "Not run", "A", 1, nothing, False, note="too large")
    points = (*points, absent)
    checks = (
        Check(
            "data",
            str(evidence),
            "counts",
            Verdict.REPRODUCED,
            "33/36 v 26/35 are the only counts that print so.",
        ),
        Check(
            "p_value",
            str(stated),
            "p",
            Verdict.REPRODUCED_ONLY,
            "p = 0.044 is reproduced only by Fisher mid-p and arcsine z.",
            reported=window,
            recomputed=Interval(0.0435, 0.1016),
            points=points,
            scale="log",
            flips=True,
        ),
    )
    return Finding(
        claim,
        Verdict.REPRODUCED_ONLY,
        "p = 0.044 is reproduced only by Fisher mid-p and arcsine z: 2 of 13 tried.",
        checks,
        TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35),
    )


def stones() -> Finding:
    stated = NumberNeeded("NNH", Reported("273"), Horizon(Reported("7.0"), "y"))
    claim = Claim(
        "S001-09",
        WANG,
        "Table 2",
        "number needed to harm 273",
        TwoByTwo.from_counts(events1=449, n1=18176, events2=381, n2=18106),
        (stated,),
        by=PAGE,
        note="Over seven years.",
    )
    bars = (
        BarResult("wald", "Wald", "A", 1, 0.00366, 0.00058, 0.00674, True, "", True),
        BarResult("newcombe", "Newcombe hybrid score", "B", 1, 0.00366, 0.00058, 0.0068,
                  False, "", True),
        BarResult("wide", "A wide one", "C", 2, 0.00366, -0.5, math.inf, False),
        BarResult("none", "Undefined", "D", 1, math.nan, math.nan, math.nan, False),
    )  # fmt: skip
    checks = (
        Check(
            "number_needed",
            str(stated),
            "NNH",
            Verdict.REPRODUCED,
            "The counts give 273.2 over 7.0 y.",
            reported=stated.value.interval,
            points=(
                point("from the counts", 273.24, matches=True),
                point("HR x placebo risk", 283.0),
                point("HR, survival", 280.1, 290.6),
            ),
        ),
        Check(
            "interval",
            "risk difference",
            "RD",
            Verdict.REPRODUCED,
            "Intervals of the difference.",
            reported=Interval(Fraction("0.0035"), Fraction("0.0038")),
            bars=bars,
            null_value=0.0,
        ),
    )
    return Finding(
        claim,
        Verdict.REPRODUCED,
        "NNH 273 follows from the counts over 7.0 y.",
        checks,
        TwoByTwo.from_counts(events1=[449, 450], n1=18176, events2=381, n2=18106),
    )


def hostile() -> Finding:
    claim = Claim(
        f"X-{HOSTILE}",
        PAGE,
        HOSTILE,
        HOSTILE,
        PairedRows(
            before=(Reported("1.0"), Reported("2.0")),
            after=(Reported("1.5"), Reported("2.5")),
            labels=(HOSTILE, "b"),
        ),
        (Qualitative(HOSTILE),),
        needs=(HOSTILE,),
        note=HOSTILE,
    )
    check = Check(
        "direction",
        HOSTILE,
        HOSTILE,
        Verdict.DISAGREE,
        HOSTILE,
        reported=Interval(-math.inf, 2.0, False, False),
        points=(point(HOSTILE, 1.0, 3.0, matches=True), point("b", 4.0)),
        bars=(BarResult(HOSTILE, HOSTILE, HOSTILE, 1, 1.0, 2.0, 0.5, True, HOSTILE),),
        missing=(HOSTILE,),
    )
    return Finding(
        claim, Verdict.DISAGREE, HOSTILE, (check,), conflict=(HOSTILE, "p = 0.04")
    )


def unchecked(k: int) -> Finding:
    said = Qualitative("K2 improves bone quality", ("counts of each group",))
    claim = Claim(f"S002-{k:02d}", WANG, "p. 3", "improves quality", None, (said,))
    check = Check(
        "qualitative",
        str(said),
        "",
        Verdict.NOT_CHECKABLE,
        "Not checkable because no number is printed.",
        missing=said.needs,
    )
    return Finding(claim, Verdict.NOT_CHECKABLE, check.explanation, (check,))


@pytest.fixture
def hostile_text() -> str:
    return HOSTILE


@pytest.fixture
def findings() -> list[Finding]:
    return [fusion(), stones(), hostile(), *map(unchecked, range(1, 6))]

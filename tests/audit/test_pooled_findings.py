"""Pools of the embedded sets against printed figures and dense sums."""

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.audit.pooled_findings import (
    PooledFinding,
    pooled_finding,
    pooled_findings,
)
from k2stats.audit.pooled_leave_outs import PrintedLeaveOut, implied
from k2stats.audit.pooled_models import ALL, UNFLAGGED
from k2stats.audit.pooled_sets import PooledSet
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.datasets.pooled_sets import (
    pooled_sets,
    printed_leave_outs,
    vitamin_d_any_fracture,
)
from k2stats.evidence import RatioWithCI, Reported, Source

COMMON = "common effect"
DL = "random effects, DL, z"
Status = Literal["published", "retracted", "integrity concern", "corrected"]


@pytest.fixture(scope="module")
def found() -> dict[str, PooledFinding]:
    return {f.of.key: f for f in pooled_findings(pooled_sets())}


def shown(finding: PooledFinding, model: str, members: str = ALL) -> list[float]:
    fit = finding.fit(model, members)
    assert fit is not None
    return [fit.estimate, fit.low, fit.high]


@pytest.mark.parametrize(
    ("key", "printed"),
    [
        # J Womens Health 2013;22:915: all phases, hip 0.91 (0.79-1.05).
        ("whi-hip-by-vitamin-d-intake", (0.91, 0.79, 1.05)),
        ("whi-hip-by-personal-calcium", (0.91, 0.79, 1.05)),
        # Int J Older People Nurs 2022: OR 0.75 (0.64-0.87), fixed effect.
        ("vitamin-d-calcium-by-dose", (0.75, 0.64, 0.87)),
    ],
)
def test_the_common_effect_gives_the_printed_pool(
    found: dict[str, PooledFinding], key: str, printed: tuple[float, ...]
) -> None:
    for value, target in zip(shown(found[key], COMMON), printed, strict=True):
        assert abs(value - target) <= 0.005
    (check,) = found[key].checks
    assert check.matching[0] == f"{COMMON} (z)"
    assert check.tried > 15


def test_the_vertebral_strata_do_not_give_the_printed_pool(
    found: dict[str, PooledFinding],
) -> None:
    # Printed 0.87 (0.76-0.98); the common effect of the strata is 0.839.
    for key in (
        "whi-vertebral-by-vitamin-d-intake",
        "whi-vertebral-by-personal-calcium",
    ):
        assert found[key].checks[0].matching == ()
    strata = found["whi-vertebral-by-vitamin-d-intake"]
    assert [round(x, 3) for x in shown(strata, COMMON)] == [0.839, 0.737, 0.954]


def test_the_printed_interactions_are_nearer_to_a_trend(
    found: dict[str, PooledFinding],
) -> None:
    # Table 3 prints 0.97, 0.70 and 0.95 for hip, vertebral and total fracture.
    for outcome in ("hip", "vertebral", "total"):
        strata = found[f"whi-{outcome}-by-vitamin-d-intake"]
        assert strata.of.interaction_p is not None
        printed = float(strata.of.interaction_p.value)
        assert abs(strata.trend - printed) < 0.08
        assert abs(strata.interaction - printed) > 0.2
    by_calcium = found["whi-hip-by-personal-calcium"]
    assert math.isnan(by_calcium.trend)
    assert by_calcium.interaction == pytest.approx(0.363, abs=5e-4)


def test_first_four_and_five_trials_of_vitamin_d() -> None:
    # Trivedi, Smith, Lyons, Sanders: common 1.021 (.925-1.126), DL 1.010
    # (.847-1.205), tau2 .0216, Q 9.23; with RECORD 1.018 (.889-1.165).
    whole = vitamin_d_any_fracture()
    four = [t for t in whole.trials if not t.label.startswith(("RECORD", "ViDA"))]
    five = [t for t in whole.trials if not t.label.startswith("ViDA")]
    first = pooled_finding(PooledSet("x", "X", "y", tuple(four)))
    assert [round(x, 3) for x in shown(first, COMMON)] == [1.021, 0.925, 1.126]
    assert [round(x, 3) for x in shown(first, DL)] == [1.01, 0.847, 1.205]
    fit = first.fit(DL)
    assert fit is not None
    assert (round(fit.tau2, 4), round(fit.q, 2), round(fit.q_p, 3)) == (
        0.0216,
        9.23,
        0.026,
    )
    second = pooled_finding(PooledSet("x", "X", "y", tuple(five)))
    assert [round(x, 3) for x in shown(second, DL)] == [1.018, 0.889, 1.165]


def test_vitamin_k_without_the_flagged_trials(
    found: dict[str, PooledFinding],
) -> None:
    # Shiraki, ECKO and Jiang: RR .443 (.297-.662), tau2 0, Q .034.
    of = found["vitamin-k-fracture"]
    assert [round(x, 3) for x in shown(of, COMMON, UNFLAGGED)] == [0.443, 0.297, 0.662]
    fit = of.fit(COMMON, UNFLAGGED)
    assert fit is not None
    assert (fit.k, round(fit.q, 3)) == (3, 0.034)
    assert shown(of, COMMON)[0] < shown(of, COMMON, UNFLAGGED)[0]
    # Mantel-Haenszel by hand: sum a n2 / N over sum c n1 / N.
    table = of.of.tables(flagged=False)
    weight = table.n1 + table.n2
    ratio = (table.events1 * table.n2 / weight).sum() / (
        table.events2 * table.n1 / weight
    ).sum()
    counted = shown(of, "Mantel-Haenszel, counts", UNFLAGGED)
    assert counted[0] == pytest.approx(ratio)
    assert of.fit("Mantel-Haenszel, counts") is None
    # Hartung and Knapp's interval as shown is never narrower than without them.
    ad_hoc = shown(of, "random effects, REML, Hartung-Knapp ad hoc", UNFLAGGED)
    common = shown(of, COMMON, UNFLAGGED)
    assert ad_hoc[1] < common[1]
    assert ad_hoc[2] > common[2]


def test_a_set_of_flagged_trials_alone_is_pooled_once(
    found: dict[str, PooledFinding],
) -> None:
    of = found["vitamin-k-hip-fracture"]
    assert {f.members for f in of.fits} == {ALL}
    assert [r.members for r in of.ranges] == [ALL]
    assert of.one_out == ()


def test_one_trial_left_is_shown_as_it_is() -> None:
    gone = Source("gone", "Gone (2000)", status="retracted")
    kept = Source("kept", "Kept (2001)")
    counts = {"A": ((9, 100, 20, 100), gone), "B": ((8, 90, 12, 95), kept)}
    trials = [PooledTrial.from_counts(n, s, c) for n, (c, s) in counts.items()]
    of = pooled_finding(PooledSet("x", "X", "y", tuple(trials)))
    left = [f for f in of.fits if f.members == UNFLAGGED]
    assert [f.k for f in left] == [1]
    assert left[0].estimate == pytest.approx((8 / 90) / (12 / 95))
    assert math.isnan(left[0].q_p)
    # One trial is no pool: there is no choice of model.
    assert [r.members for r in of.ranges] == [ALL]


def test_every_model_is_run_with_and_without_the_flagged(
    found: dict[str, PooledFinding],
) -> None:
    of = found["vitamin-k-fracture"]
    with_, without = of.ranges
    assert (with_.members, without.members) == (ALL, UNFLAGGED)
    assert with_.tried == without.tried > 15
    for row, members in ((with_, ALL), (without, UNFLAGGED)):
        estimate = shown(of, COMMON, members)[0]
        assert row.low <= estimate * (1 + 1e-9)
        assert row.high >= estimate * (1 - 1e-9)
        assert row.significant <= row.tried
    assert of.moves_most == "subset"
    assert pooled_findings([]) == ()


def test_the_model_decides_for_manoj(found: dict[str, PooledFinding]) -> None:
    # Common effect .747 (.639-.874), DL .836 (.542-1.292): facts of the two doses.
    of = found["vitamin-d-calcium-by-dose"]
    (row,) = of.ranges
    assert 0 < row.significant < row.tried
    assert [round(x, 3) for x in shown(of, DL)] == [0.836, 0.542, 1.292]


def test_leave_one_out_leaves_each_out_once(found: dict[str, PooledFinding]) -> None:
    of = found["vitamin-d-any-fracture"]
    assert [f.members for f in of.one_out] == [f"without {x}" for x in of.of.labels]
    assert all(f.k == of.of.k - 1 for f in of.one_out)


def test_cockayne_left_out_trials_carried_most_of_the_weight() -> None:
    # 0.23 (0.12-0.47) with seven trials, 0.30 (0.05-1.74) without three: the weight
    # left is (3.5496 / 1.3653)^-2 of the first, from the widths of the log limits.
    pair = printed_leave_outs()[0]
    out = implied(pair)
    left = (math.log(0.47 / 0.12) / math.log(1.74 / 0.05)) ** 2
    assert out.share == pytest.approx(1 - left)
    assert out.share_low < 0.85 < out.share_high
    expected = (math.log(0.23) - left * math.log(0.30)) / (1 - left)
    assert out.estimate == pytest.approx(math.exp(expected))
    assert round(out.estimate, 2) == 0.22
    assert out.low < out.estimate < out.high < 0.23


def test_mott_left_out_trial_may_have_had_no_weight_at_all() -> None:
    # Table A of the adjustment: 0.96 (0.83-1.11) to 0.98 (0.85-1.14); 1.9% of weight.
    out = implied(printed_leave_outs()[2])
    assert round(out.share, 3) == 0.019
    assert out.share_low == 0.0
    assert (out.low, out.high) == (0.0, math.inf)
    assert round(out.estimate, 2) == 0.34


@given(
    st.floats(-1.0, 1.0),
    st.floats(0.05, 0.5),
    st.floats(-1.0, 1.0),
    st.floats(0.3, 3.0),
)
def test_what_was_left_out_lies_in_its_enclosure(
    y_kept: float, se_kept: float, y_out: float, spread: float
) -> None:
    """Pool two known parts, print both pools, and get the part left out back."""
    se_out = se_kept * spread
    weights = np.array([1 / se_kept**2, 1 / se_out**2])
    y_all = float(weights @ np.array([y_kept, y_out]) / weights.sum())
    se_all = float(weights.sum() ** -0.5)

    def printed(y: float, se: float) -> RatioWithCI:
        middle, low, high = (
            Reported(f"{math.exp(y + z * se):.3f}") for z in (0.0, -1.959964, 1.959964)
        )
        return RatioWithCI("OR", middle, low, high)

    source = Source("doe", "Doe")
    out = implied(
        PrintedLeaveOut(
            "x",
            "X",
            "y",
            printed(y_all, se_all),
            printed(y_kept, se_kept),
            source,
            source,
            "one",
        )
    )
    share = weights[1] / weights.sum()
    assert out.share_low - 1e-9 <= share <= out.share_high + 1e-9
    assert out.low * (1 - 1e-9) <= math.exp(y_out) <= out.high * (1 + 1e-9)

"""Pooled sets: every trial with its citation and status, every figure as printed."""

import numpy as np
import pytest

from k2stats.audit import identify
from k2stats.audit.pooled_sets import PooledSet
from k2stats.audit.pooled_trials import FLAGS, PooledTrial
from k2stats.datasets import (
    meta_vitamin_k,
    retracted_trials,
    vitk_fracture_trials,
    whi_cad,
)
from k2stats.datasets.pooled_sets import (
    find_pooled_set,
    pooled_sets,
    printed_leave_outs,
    vitamin_d_any_fracture,
    vitamin_d_hip_fracture,
    vitamin_k_fracture,
    vitamin_k_hip_fracture,
    whi_strata,
)
from k2stats.errors import (
    InvalidEvidenceError,
    MissingInputError,
    UnknownMethodError,
)
from k2stats.evidence import (
    PrintedTwoByTwo,
    RatioCI,
    RatioWithCI,
    Reported,
    Source,
)

SOURCE = Source("doe1999", "Doe (1999)")


def test_keys_are_distinct_and_every_trial_says_who_printed_it() -> None:
    sets = pooled_sets()
    keys = [s.key for s in sets] + [p.key for p in printed_leave_outs()]
    assert len(set(keys)) == len(keys) == 14
    for trial in (t for s in sets for t in s.trials):
        assert trial.source.citation
        assert trial.source.address
        assert trial.printed
        assert trial.basis
        assert np.isfinite(trial.y)
        assert trial.v > 0.0
        if trial.flagged:
            assert trial.source.status in FLAGS
            assert trial.source.notice
    assert all(s.missing and s.caution for s in sets)


def test_flags_are_those_of_the_sources() -> None:
    flagged = {
        s.key: [t.label for t in s.trials if t.flagged]
        for s in pooled_sets()
        if s.flagged.any()
    }
    assert flagged == {
        "vitamin-d-hip-fracture": ["Sato 2005, stroke"],
        "vitamin-k-fracture": [
            "Sato 2002, Parkinson",
            "YOPS 2004",
            "Sato 2005, Alzheimer",
        ],
        "vitamin-k-hip-fracture": ["Sato 2002, Parkinson", "Sato 2005, Alzheimer"],
    }


def test_no_word_about_conduct_is_printed() -> None:
    texts = [
        " ".join([s.title, s.caution, *s.missing, *(t.basis for t in s.trials)])
        for s in pooled_sets()
    ]
    texts += [s.notice + s.citation for s in retracted_trials.SOURCES]
    texts += [p.left_out for p in printed_leave_outs()]
    for word in ("fabricat", "fraud", "misconduct", "fake", "invent"):
        assert not any(word in text.casefold() for text in texts)


def test_counts_that_were_solved_are_the_only_ones() -> None:
    # World J Orthop 2012;3:137: 0.13 (0.02, 0.97) of 60 and 60 women.
    found = identify(
        retracted_trials.SATO_2002_HIP, [RatioCI(retracted_trials.SATO_2002_HIP_RR)]
    )
    assert str(found.tables) == "1/60 v 8/60"
    # Health Technol Assess 2009;13(45): 0.46 (0.22 to 0.99) of 440 women, 9 v 20.
    found = identify(
        vitk_fracture_trials.ECKO_FRACTURES,
        [RatioCI(vitk_fracture_trials.ECKO_FRACTURES_RR)],
    )
    assert str(found.tables) == "9/217 v 20/223"
    by_label = {t.label: t.counts for t in vitamin_k_fracture().trials}
    assert by_label["Sato 2002, Parkinson"] == (1, 60, 8, 60)
    assert by_label["ECKO 2008, K1"] == (9, 217, 20, 223)
    assert by_label["Shiraki 2000"] == (18, 120, 42, 121)
    assert by_label["Jiang 2014"] == (2, 108, 4, 105)


def test_no_counts_stand_behind_the_ratio_of_sato_2005() -> None:
    # 15 hip fractures in 100 untreated (abstract); 178 of 200 counted by Iwamoto 2009.
    printed = [RatioCI(retracted_trials.SATO_2005_ALZHEIMER_HIP_RR)]
    for evidence in (
        retracted_trials.SATO_2005_ALZHEIMER_HIP,
        PrintedTwoByTwo(events2=15, n_total=178),
    ):
        assert identify(evidence, printed).tables is None


def test_strata_are_the_printed_ones() -> None:
    # J Womens Health 2013;22:915, Table 3.
    strata = whi_strata("vitamin_d_intake", "Hip fracture")
    assert strata.labels == (
        "<200 IU/day",
        "200–<400 IU/day",  # noqa: RUF001 - as printed
        "400–<600 IU/day",  # noqa: RUF001 - as printed
        "≥600 IU/day",
    )
    assert np.exp(strata.y).round(2).tolist() == [0.93, 0.95, 0.74, 1.07]
    assert strata.trials[0].outcome == "138 v 140 women"
    assert strata.ordered
    assert not whi_strata("personal_calcium", "Total fracture").ordered
    with pytest.raises(UnknownMethodError, match="Hip fracture"):
        whi_strata("vitamin_d_intake", "wrist")
    assert strata.prints[0].ratio is whi_cad.HIP_OVERALL_HR


def test_effect_sizes_carry_labels_and_flags() -> None:
    of = vitamin_k_fracture()
    es = of.effect_sizes()
    assert es.labels == of.labels
    assert es.by is not None
    assert [b == "flagged" for b in es.by] == of.flagged.tolist()
    left = of.effect_sizes(flagged=False)
    assert left.labels == ("Shiraki 2000", "ECKO 2008, K1", "Jiang 2014")
    assert left.measure == "RR"
    assert find_pooled_set("whi-hip-by-personal-calcium").effect_sizes().measure == "HR"
    # Several kinds of ratio are pooled as ratios.
    assert vitamin_d_any_fracture().symbol == "ratio"
    with pytest.raises(InvalidEvidenceError, match="every trial of vitamin-k-hip"):
        vitamin_k_hip_fracture().effect_sizes(flagged=False)


def test_tables_name_the_trials_without_counts() -> None:
    of = vitamin_k_fracture()
    table = of.tables(flagged=False)
    assert table.events1.tolist() == [18, 9, 2]
    assert table.n2.tolist() == [121, 223, 105]
    with pytest.raises(MissingInputError, match="counts of YOPS 2004, Sato 2005"):
        of.tables()
    with pytest.raises(MissingInputError, match="any trial"):
        vitamin_k_hip_fracture().tables(flagged=False)
    with pytest.raises(UnknownMethodError, match="vitamin-k-fracture"):
        find_pooled_set("vitamin-e")


def test_zero_events_get_a_half_in_every_cell() -> None:
    (stroke,) = (t for t in vitamin_d_hip_fracture().trials if t.flagged)
    # 0/48 v 4/48 (Cerebrovasc Dis 2005;20:187): (0.5 / 49) / (4.5 / 49) = 1/9.
    assert stroke.printed == "0/48 v 4/48"
    assert np.exp(stroke.y) == pytest.approx(1 / 9)
    assert stroke.v == pytest.approx(1 / 0.5 - 1 / 49 + 1 / 4.5 - 1 / 49)


def test_a_ratio_with_p_gives_its_interval_back() -> None:
    # 26% more fractures, P = .047 (JAMA 2010;303:1815): 1.003 to 1.583.
    (sanders,) = (t for t in vitamin_d_any_fracture().trials if "Sanders" in t.label)
    low, high = np.exp(sanders.y + np.array([-1, 1]) * 1.959964 * np.sqrt(sanders.v))
    assert low == pytest.approx(1.003, abs=5e-4)
    assert high == pytest.approx(1.583, abs=5e-4)
    with pytest.raises(InvalidEvidenceError, match="a bound"):
        PooledTrial.from_p("x", SOURCE, "RR", Reported("1.2"), Reported("<0.05"))
    with pytest.raises(InvalidEvidenceError, match="not 1 where"):
        PooledTrial.from_p("x", SOURCE, "RR", Reported("1.00"), Reported("0.99"))


def test_a_set_needs_two_trials_with_names_of_their_own() -> None:
    one = RatioWithCI("HR", Reported("1.0"), Reported("0.8"), Reported("1.2"))
    trial = PooledTrial.from_ratio("A", SOURCE, one)
    for trials in ((trial,), (trial, trial)):
        with pytest.raises(InvalidEvidenceError, match="labels of their own"):
            PooledSet("x", "X", "fracture", trials)


def test_pools_printed_twice_are_the_corrections() -> None:
    # JAMA Intern Med 2018;178:863 as its abstract is retold; adjustment to Mott 2019.
    cockayne, clinical, vertebral = printed_leave_outs()
    assert (str(cockayne.before), str(cockayne.after)) == (
        "OR 0.23 (0.12 to 0.47)",
        "OR 0.30 (0.05 to 1.74)",
    )
    assert clinical.after is meta_vitamin_k.MOTT_CLINICAL_CORRECTED_OR
    assert (str(vertebral.before), str(vertebral.after)) == (
        "OR 0.96 (0.83 to 1.11)",
        "OR 0.98 (0.85 to 1.14)",
    )
    for pair in (cockayne, clinical, vertebral):
        assert all(s.status in FLAGS for s in pair.trials)

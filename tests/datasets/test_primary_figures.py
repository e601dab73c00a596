"""Figures of the primary sources, and that they fit each other."""

import pytest

from k2stats.datasets import (
    fusion_vitd2022,
    lasemi2018,
    meta_vitamin_d,
    meta_vitamin_k,
    record2005,
    uspstf2013,
    vitd_fracture_trials,
    vitk_bmd_trials,
    vitk_fracture_trials,
    wang2025,
    whi_cad,
    yops2004,
)
from k2stats.datasets._loader import load_rows
from k2stats.datasets._records import DifferenceWithCI, RatioP, difference
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import RatioWithCI, Reported


def test_wang_counts_are_the_only_ones() -> None:
    # Sci Rep 2025;15:15422, abstract: 91.67% of 36 and 74.29% of 35.
    assert str(wang2025.FUSION) == "33/36 v 26/35"
    assert wang2025.FUSION.shape == (1,)
    assert str(wang2025.FUSION_PRINTED.feasible()) == "33/36 v 26/35"
    assert wang2025.N_K2_D3 + wang2025.N_D3 == wang2025.N_TOTAL
    shares = [round(100 * x, 2) for x in (33 / 36, 26 / 35)]
    assert shares == [91.67, 74.29]


def test_whi_stones() -> None:
    # Am J Clin Nutr 2011;94:270, abstract; USPSTF 2013: one for every 273 women.
    table = whi_cad.STONES.feasible()
    assert str(table) == "449/18176 v 381/18106"
    number_needed = 1 / (table.risk1 - table.risk2).item()
    assert number_needed == pytest.approx(273, abs=0.5)
    assert str(uspstf2013.NNH_STONES) == "273"
    assert 18176 + 18106 == 36282
    assert str(whi_cad.STONES_HR) == "HR 1.17 (1.02 to 1.34)"


@pytest.mark.parametrize(
    ("by", "outcome", "events"),
    [
        # J Womens Health 2013;22:915, Tables 3 and 4: column sums.
        ("vitamin_d_intake", "Hip fracture", (373, 404)),
        ("vitamin_d_intake", "Vertebral fracture", (438, 503)),
        ("vitamin_d_intake", "Total fracture", (3944, 3945)),
        ("personal_calcium", "Hip fracture", (379, 413)),
        ("personal_calcium", "Vertebral fracture", (446, 508)),
        ("personal_calcium", "Total fracture", (4013, 4018)),
    ],
)
def test_whi_strata(
    by: whi_cad.StrataBy, outcome: str, events: tuple[int, int]
) -> None:
    counted = whi_cad.strata_events(by, outcome)
    assert tuple(map(sum, zip(*counted, strict=True))) == events
    ratios = whi_cad.strata(by, outcome)
    assert len(ratios) == len(counted) == len(whi_cad.strata_labels(by, outcome))
    for (cad, placebo), ratio in zip(counted, ratios, strict=True):
        crude = cad / placebo
        assert float(ratio.low.value) < crude < float(ratio.high.value)
    p = whi_cad.interaction_p(by, outcome)
    assert 0 < p.value < 1


def test_whi_strata_of_an_unknown_outcome() -> None:
    with pytest.raises(UnknownMethodError, match="Hip fracture, Vertebral fracture"):
        whi_cad.strata("personal_calcium", "hip")


def test_record_adds_up() -> None:
    # Lancet 2005;365:1621, abstract: 698 of 5292.
    cells = record2005.cells()
    assert sum(events for events, _ in cells.values()) == record2005.FRACTURES == 698
    assert sum(n for _, n in cells.values()) == record2005.N_TOTAL == 5292
    assert all(events > 0 for events, _ in cells.values())
    margins = record2005.margins()
    for row in load_rows("record2005", "factorial"):
        events, n = margins[row["comparison"], row["group"]]
        share = Reported(row["percent"])
        assert abs(events / n - float(share.value)) <= float(share.half_unit)
    assert str(record2005.table("both", "calcium")) == "165/1306 v 166/1311"


def test_printed_tables_have_counts_behind_them() -> None:
    assert str(vitk_fracture_trials.JIANG_FRACTURES.feasible()) == "2/108 v 4/105"
    assert str(vitd_fracture_trials.VIDA_FRACTURES.feasible()) == "156/2558 v 136/2550"
    assert str(vitd_fracture_trials.VIDA_FALLS.feasible()) == "1312/2539 v 1326/2517"
    assert str(fusion_vitd2022.FUSION.feasible()) == "20/21 v 11/13"
    assert str(lasemi2018.SEX.feasible()) == "19/29 v 31/45"
    # 15% of 120 and 35% of 121 leave one count each: 18 and 42 (17.4 to 18.6, ...)
    assert str(vitk_fracture_trials.SHIRAKI_FRACTURES_SECONDARY.feasible()) == (
        "18/120 v 42/121"
    )


def test_group_sizes_that_are_not_printed_stay_open() -> None:
    ecko = vitk_fracture_trials.ECKO_FRACTURES
    assert ecko.n1 is None
    assert ecko.n2 is None
    tables = ecko.feasible()
    assert set(tables.events1) == {9.0}
    assert set(tables.events2) == {20.0}
    assert set(tables.n1 + tables.n2) == {440.0}
    yops = yops2004.TABLE.feasible()
    assert set(yops.events2) == {17.0}
    assert yops.events1.size == 67
    assert vitd_fracture_trials.TRIVEDI_FRACTURES == 268


def test_iwamoto_2000_groups() -> None:
    assert sum(vitk_bmd_trials.IWAMOTO_2000_GROUPS.values()) == 92
    texts = [p.text for p in vitk_bmd_trials.IWAMOTO_2000_P_DK.values()]
    assert texts == ["<0.0001", "<0.05", "<0.01"]


def test_inoue_groups_and_strata_are_the_same_women() -> None:
    # J Bone Miner Metab 2009;27:66, abstract.
    trial = vitk_fracture_trials
    by_group = trial.INOUE_N_CALCIUM + trial.INOUE_N_CALCIUM_K2
    by_stratum = trial.INOUE_N_WITHOUT_FRACTURE + trial.INOUE_N_WITH_FRACTURE
    assert by_group == by_stratum == 4378


MODULES_OF_RATIOS = (
    meta_vitamin_d,
    meta_vitamin_k,
    uspstf2013,
    vitd_fracture_trials,
    vitk_fracture_trials,
    whi_cad,
    record2005,
)


def test_ratios_are_printed_with_their_null_side() -> None:
    printed = [
        x
        for module in MODULES_OF_RATIOS
        for x in vars(module).values()
        if isinstance(x, RatioWithCI)
    ]
    assert len(printed) == 51
    for ratio in printed:
        low, high = float(ratio.low.value), float(ratio.high.value)
        assert low < float(ratio.estimate.value) < high
        # symmetric about the estimate on the log scale, within rounding
        middle = (low * high) ** 0.5
        slack = float(ratio.low.half_unit) * (high / low) ** 0.5
        assert abs(middle - float(ratio.estimate.value)) < 2 * slack + 0.005


def test_a_difference_outside_its_interval_is_refused() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"between -0\.70 and 0\.10"):
        difference("MD", "-0.96", "-0.70", "0.10")
    assert str(meta_vitamin_k.HU_BMD_SMD) == "SMD 0.20 (0.07 to 0.32)"
    assert isinstance(meta_vitamin_k.ZHOU_BMD[0], DifferenceWithCI)
    assert str(RatioP("RR", Reported("0.63"), Reported("0.08"))) == "RR 0.63, p 0.08"


def test_corrections_stand_beside_what_they_correct() -> None:
    # Arch Intern Med 2006;166:1256 and its correction; Mott 2019 and its adjustment.
    pairs = [
        (meta_vitamin_k.COCKAYNE_HIP_OR, "OR 0.23 (0.12 to 0.47)"),
        (meta_vitamin_k.COCKAYNE_HIP_CORRECTED_OR, "OR 0.30 (0.05 to 1.74)"),
        (meta_vitamin_k.MOTT_CLINICAL_OR, "OR 0.72 (0.55 to 0.95)"),
        (meta_vitamin_k.MOTT_CLINICAL_CORRECTED_OR, "OR 0.74 (0.56 to 0.97)"),
    ]
    assert all(str(ratio) == text for ratio, text in pairs)

"""Table I and the text of Tsuchie 2012 (Ups J Med Sci 117:336)."""

from fractions import Fraction

import pytest

from k2stats.datasets import load_table, tsuchie2012
from k2stats.datasets._loader import load_rows
from k2stats.datasets.tsuchie2012 import (
    EPISODES,
    Digits,
    Episode,
    When,
    age,
    bmd_pairs,
    cell,
    in_table,
    in_text,
    levels,
    measurement,
    pairs,
    variables,
)
from k2stats.errors import MissingInputError, UnknownMethodError

DASH = "\u2013"
FIRST: Episode = "case 3 (1st delivery)"
SECOND: Episode = "case 3 (2nd delivery)"

# Typed from Table I, "Clinical data of the four cases": value, month, footnote.
TABLE_I: list[tuple[Episode, str, When, str, str, str]] = [
    ("case 1", "Age", "", "30", "", ""),
    (FIRST, "Age", "", "23", "", ""),
    (SECOND, "Age", "", "31", "", ""),
    ("case 4", "Onset", "", "1", "", ""),
    (SECOND, "Onset", "", DASH, "", ""),
    (SECOND, "Delivery", "", "2nd", "", ""),
    (FIRST, "Beginning of treatment", "", "14", "", ""),
    ("case 2", "Compression fracture", "", "T8,9,12; L1,4", "", ""),
    ("case 4", "Compression fracture", "", "T6,8,12", "", ""),
    ("case 1", "BMD lumbar spine", "before", "0.71", "3", ""),
    ("case 2", "BMD lumbar spine", "before", "0.70", "3", ""),
    ("case 2", "BMD lumbar spine", "after", "N.A.", "", ""),
    (SECOND, "BMD lumbar spine", "before", "0.79", f"{DASH}11", ""),
    (SECOND, "BMD lumbar spine", "after", "0.78", "6", ""),
    ("case 4", "BMD lumbar spine", "after", "0.92", "12", ""),
    (FIRST, "BMD femur", "before", "0.54", "14", ""),
    (FIRST, "BMD femur", "after", "0.53", "25", ""),
    (SECOND, "BMD femur", "after", "0.56", "6", ""),
    ("case 1", "BMD femur", "after", "0.67", "24", ""),
    ("case 1", "NTX", "before", "151", "3", "urine"),
    ("case 2", "NTX", "after", "18", "10", "serum"),
    (FIRST, "NTX", "before", "52.2", "13", "urine"),
    (FIRST, "NTX", "after", "9.3", "24", "urine"),
    ("case 4", "NTX", "after", "9", "8", "serum"),
    (FIRST, "BAP", "before", "N.A.", "", ""),
    (FIRST, "BAP", "after", "18.5", "24", ""),
    ("case 4", "BAP", "before", "32", "1", ""),
    ("case 4", "Ca", "before", "10.9", "1", ""),
    ("case 2", "Ca", "after", "9.2", "9", ""),
    ("case 1", "IP", "after", "2.8", "24", ""),
    ("case 4", "IP", "after", "3.4", "6", ""),
    ("case 1", "Intact PTH", "before", "61", "3", ""),
    ("case 4", "Intact PTH", "after", "28", "4", ""),
    (SECOND, "Intact PTH", "after", "N.A.", "", ""),
]


def test_table_i_has_every_cell() -> None:
    table = load_table("tsuchie2012", "table1")
    assert len(table) == 95
    assert not table.duplicated(["episode", "variable", "when"]).any()
    assert len(table.drop_duplicates(["variable", "when"])) == 19
    assert tuple(dict.fromkeys(table["episode"])) == EPISODES
    assert len(variables()) == 12


@pytest.mark.parametrize(
    ("episode", "variable", "when", "value", "month", "sample"), TABLE_I
)
def test_table_i_cells(
    episode: Episode, variable: str, when: When, value: str, month: str, sample: str
) -> None:
    assert cell(episode, variable, when) == value
    [row] = [
        r
        for r in load_rows("tsuchie2012", "table1")
        if (r["episode"], r["variable"], r["when"]) == (episode, variable, when)
    ]
    assert (row["month"], row["sample"]) == (month, sample)


def test_columns_agree_with_their_sums() -> None:
    # Sums over the rows of Table I, added up by hand from the print.
    def added(variable: str, when: When) -> Fraction:
        found = [in_table(e, variable, when) for e in EPISODES]
        return sum((m.value.value for m in found if m), Fraction(0))

    assert added("BMD lumbar spine", "before") == Fraction("3.85")
    assert added("BMD lumbar spine", "after") == Fraction("3.23")
    assert added("BMD femur", "before") == Fraction("3.04")
    assert added("BMD femur", "after") == Fraction("2.54")
    assert added("NTX", "before") == Fraction("259.2")
    assert added("NTX", "after") == Fraction("50.3")
    assert added("BAP", "before") == 101
    assert added("BAP", "after") == Fraction("58.5")
    assert added("Ca", "before") == Fraction("39.0")
    assert added("Ca", "after") == Fraction("36.6")
    assert added("IP", "before") == Fraction("16.4")
    assert added("IP", "after") == Fraction("13.5")
    assert added("Intact PTH", "before") == 90
    assert added("Intact PTH", "after") == 41


def test_months_and_units() -> None:
    found = in_table(SECOND, "BMD femur", "before")
    assert found is not None
    assert found.month is not None
    assert found.month.value == -11
    assert found.value.unit == "g/cm2"
    pth = in_table("case 4", "Intact PTH", "before")
    said = in_text("case 4", "Intact PTH", "before")
    assert pth is not None
    assert said is not None
    assert (pth.value.unit, said.value.unit) == ("pg/L", "pg/mL")
    assert said.normal_range == f"10{DASH}65"


# T-scores stand in the text only: cases 1 and 3 of the case reports.
@pytest.mark.parametrize(
    ("episode", "variable", "when", "value", "t_score"),
    [
        ("case 1", "BMD lumbar spine", "before", "0.714", "-2.9"),
        ("case 1", "BMD femur", "after", "0.674", "-1.7"),
        ("case 2", "BMD femur", "before", "0.585", "-2.3"),
        (FIRST, "BMD lumbar spine", "before", "0.750", "-2.66"),
        (FIRST, "BMD femur", "after", "0.569", "-4.43"),
        (SECOND, "BMD lumbar spine", "after", "0.778", "-2.1"),
        ("case 4", "BMD femur", "after", "0.78", "-0.7"),
    ],
)
def test_the_text_has_finer_digits(
    episode: Episode, variable: str, when: When, value: str, t_score: str
) -> None:
    found = in_text(episode, variable, when)
    assert found is not None
    assert found.t_score is not None
    assert found.value.text == value
    assert found.t_score.value == Fraction(t_score)


def test_the_text_prints_25_measurements() -> None:
    text = load_table("tsuchie2012", "text")
    assert len(text) == 25
    assert (text["t_score"] != "").sum() == 16
    assert all(
        in_table(e, v, w) is not None
        for e, v, w in zip(text["episode"], text["variable"], text["when"], strict=True)
    )


@pytest.mark.parametrize(
    ("site", "digits", "differences"),
    [
        ("lumbar spine", "table", [0.04, 0.03, -0.01, 0.02]),
        ("lumbar spine", "text", [0.035, 0.025, 0.019]),
        ("lumbar spine", "finest", [0.035, 0.025, -0.012, 0.019]),
        ("femur", "table", [0.08, -0.01, -0.01, 0.03]),
        ("femur", "text", [0.085, 0.030, 0.031]),
        ("femur", "finest", [0.085, 0.030, -0.006, 0.031]),
    ],
)
def test_bmd_pairs(site: str, digits: Digits, differences: list[float]) -> None:
    rows = bmd_pairs("femur" if site == "femur" else "lumbar spine", digits)
    assert rows.differences.tolist() == pytest.approx(differences, abs=1e-12)
    assert len(rows.labels) == len(differences)
    assert "case 2" not in rows.labels


def test_pairs_of_chosen_deliveries() -> None:
    rows = bmd_pairs("femur", episodes=("case 1", "case 4"))
    assert rows.labels == ("case 1", "case 4")
    assert [r.text for r in rows.before] == ["0.59", "0.75"]
    assert pairs("NTX", "finest").before[0].text == "151.4"


def test_pairs_that_are_not_printed_are_refused() -> None:
    with pytest.raises(MissingInputError, match="case 2"):
        bmd_pairs(episodes=("case 1", "case 2"))
    with pytest.raises(MissingInputError, match="2nd delivery"):
        bmd_pairs(digits="text", episodes=(SECOND,))
    with pytest.raises(MissingInputError, match="IP"):
        pairs("IP", "text")
    with pytest.raises(UnknownMethodError, match="BMD femur"):
        pairs("BMD hip")
    with pytest.raises(UnknownMethodError, match="case 1, before"):
        cell("case 1", "NTX")


def test_digits_are_chosen() -> None:
    where: dict[Digits, str] = {
        "table": "Table I (14M)",
        "text": "the text",
        "finest": "the text",
    }
    for digits, place in where.items():
        found = measurement(FIRST, "BMD femur", "before", digits)
        assert found is not None
        assert found.where == place
    assert measurement(SECOND, "BMD femur", "before", "text") is None


def test_ages_are_completed_years() -> None:
    assert [age(e).value for e in EPISODES] == [30, 31, 23, 31, 34]
    assert Fraction("31.99") in age("case 2").interval
    assert Fraction(32) not in age("case 2").interval


def test_fractured_vertebrae_are_counted() -> None:
    # Table I: "T8,10,12; L1", "T8,9,12; L1,4", "T7,12; L1", "T6,8,12".
    printed = [cell(e, "Compression fracture") for e in EPISODES]
    assert [levels(p) for p in printed] == [4, 5, 3, 0, 3]
    counted = [levels(w) for w in tsuchie2012.FRACTURES_CASE_2.values()]
    assert counted == [6, 5, 4, 6]

"""The table of every named test."""

import pytest

from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import PrintedTwoByTwo, Reported, TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS, p_values, significance_test

FUSION = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
PRINTED = PrintedTwoByTwo(
    n1=36, percent1=Reported("91.67%"), n2=35, percent2=Reported("74.29%")
)


def test_every_test_has_a_row() -> None:
    frame = p_values(FUSION)
    assert frame["name"].tolist() == list(TWO_BY_TWO_TESTS)
    assert list(frame.columns) == [
        "name",
        "label",
        "statistic",
        "p",
        "sided",
        "kind",
        "reference",
    ]
    assert frame["p"].between(0, 1).all()


def test_wang_2025_p_044() -> None:
    # P = .044 of the fusion rates: the mid-p by minimum likelihood (.0435), which no
    # tie tells from Fisher's p less half the observed probability, and the arcsine.
    for table in (FUSION, PRINTED):
        frame = p_values(table, "0.044")
        assert frame.loc[frame["matches"], "name"].tolist() == [
            "midp",
            "midp-fisher",
            "arcsine",
        ]


def test_the_decision_at_five_percent_depends_on_the_test() -> None:
    frame = p_values(FUSION)
    two_sided = frame.loc[frame["sided"] == "two-sided", "p"].tolist()
    assert min(two_sided) < 0.05 < max(two_sided)


def test_sides_and_kinds() -> None:
    frame = p_values(
        FUSION, tests=["pearson", "fisher-less", "boschloo-greater", "g-less"]
    ).set_index("name")
    assert frame["sided"].to_dict() == {
        "pearson": "two-sided",
        "fisher-less": "less",
        "boschloo-greater": "greater",
        "g-less": "less",
    }
    assert frame["kind"].to_dict() == {
        "pearson": "closed-form",
        "fisher-less": "exact conditional",
        "boschloo-greater": "exact unconditional",
        "g-less": "closed-form",
    }


def test_side_of_each_test_is_that_of_its_name() -> None:
    for row in p_values(FUSION).itertuples():
        last = str(row.name).rsplit("-", maxsplit=1)[-1]
        assert row.sided == (last if last in ("greater", "less") else "two-sided")


def test_several_tables_give_a_range() -> None:
    # 21% of 340 v 15% of 351 fits 16 tables; 71 and 52 give p = .037 by Pearson.
    printed = PrintedTwoByTwo(
        n1=340, percent1=Reported("21%"), n2=351, percent2=Reported("15%")
    )
    frame = p_values(printed, "0.037", tests=["pearson", "log-or"]).set_index("name")
    low, high = frame["p_low"].tolist()[0], frame["p_high"].tolist()[0]
    one = TwoByTwo.from_counts(events1=71, n1=340, events2=52, n2=351)
    assert low < float(significance_test(one, "pearson").p[0]) < high
    assert "p" not in frame.columns
    assert frame["matches"].tolist()[0]


def test_a_bound_matches_everything_below() -> None:
    assert p_values(FUSION, "<0.05", tests="arcsine")["matches"].tolist() == [True]
    assert p_values(FUSION, "<0.05", tests="pearson")["matches"].tolist() == [False]


def test_undefined_matches_nothing() -> None:
    none = TwoByTwo.from_counts(events1=0, n1=5, events2=0, n2=5)
    frame = p_values(none, "<1", tests=["pearson"])
    assert frame["p"].isna().all()
    assert not frame["matches"].any()
    two = TwoByTwo.from_counts(events1=[0, 0], n1=5, events2=0, n2=5)
    assert p_values(two, tests=["pearson"])[["p_low", "p_high"]].isna().all(axis=None)


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownMethodError, match=r"'fischer'.*fisher-blaker"):
        p_values(FUSION, tests=["pearson", "fischer"])
    with pytest.raises(UnknownMethodError, match="Unknown 2x2 test"):
        significance_test(FUSION, "")


@pytest.mark.parametrize("text", ["0", "1.2", "-0.1"])
def test_a_printed_p_is_above_0_and_at_most_1(text: str) -> None:
    with pytest.raises(InvalidEvidenceError, match="p must be above 0"):
        p_values(FUSION, text, tests=["pearson"])

"""Published sets: columns in their roles, labels of their own, errors that help."""

import numpy as np
import pytest

from k2stats.datasets import bcg, load_table
from k2stats.datasets.published import NAMES, SOURCES, published
from k2stats.effectsizes import effect_sizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo, TwoMeans

STUDIES = {
    "bcg": 13,
    "collins1985a": 25,
    "collins1985b": 9,
    "dersimonian2007": 6,
    "hartung2001": 13,
    "jackson2014/example1": 16,
    "jackson2014/example2": 19,
    "lee2004": 16,
    "lipsey2001": 10,
    "miller1978": 4,
    "nielweise2007": 18,
    "nielweise2008": 9,
    "normand1999/lidocaine": 6,
    "normand1999/stroke": 9,
    "raudenbush1985": 19,
    "rothman2008/table15_1": 2,
    "rothman2008/table15_2": 5,
    "rothman2008/table15_5": 2,
    "viechtbauer2005/example1": 10,
    "viechtbauer2005/example2": 18,
    "viechtbauer2007b": 17,
    "yusuf1985": 21,
}


def test_every_set_is_counted_here() -> None:
    assert set(STUDIES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_complete(name: str) -> None:
    studies = published(name)
    assert studies.k == STUDIES[name] == len(set(studies.labels))
    assert studies.locator
    assert studies.source in SOURCES
    assert all(values.shape == (studies.k,) for values in studies.moderators.values())
    frame = studies.frame()
    assert tuple(frame.index) == studies.labels
    assert (
        not frame[[c for c in frame if c not in studies.moderators]]
        .isna()
        .any(axis=None)
    )


def test_rows_without_counts_are_named() -> None:
    assert published("yusuf1985").left_out == ("1.8 Snow 1",)
    assert published("collins1985a").left_out == ("Siddiqi 1979", "Nowak 1984")


def test_a_second_bearer_of_a_name_is_numbered() -> None:
    labels = published("raudenbush1985").labels
    assert labels[3:5] == ("Pellegrini & Hicks 1972", "Pellegrini & Hicks 1972 (2)")


def test_moderators_are_numbers_or_text() -> None:
    moderators = published("raudenbush1985").moderators
    assert moderators["weeks"].dtype == np.float64
    assert moderators["tester"].tolist()[3:5] == ["aware", "blind"]
    with pytest.raises(ValueError, match="read-only"):
        moderators["weeks"][0] = 1.0
    # Empty cells among numbers: operations are not printed for every trial.
    operations = published("collins1985a").moderators["o_xti"]
    assert np.isnan(operations).sum() == 5
    assert operations.dtype == np.float64


def test_effect_sizes_carry_the_labels() -> None:
    studies = published("normand1999/stroke")
    assert isinstance(studies.evidence, TwoMeans)
    es = studies.effect_sizes("MD")
    assert es.study is not None
    assert es.study[0] == "Edinburgh"
    assert es.y[0] == -20.0


def test_y_and_v_exist_where_they_are_printed() -> None:
    assert published("lipsey2001").v[2] == 0.017
    with pytest.raises(InvalidEvidenceError, match=r"effect_sizes\(measure\)"):
        _ = published("bcg").y


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(UnknownMethodError, match=r"'bgc'.*bcg"):
        published("bgc")
    with pytest.raises(UnknownMethodError, match=r"'normand1999'.*normand1999/stroke"):
        published("normand1999")


def test_bcg_is_one_table_in_three_forms() -> None:
    table = load_table("bcg", "trials")
    assert bcg.BCG.shape == (13,)
    frame = bcg.frame()
    assert frame.columns.tolist() == table.columns.tolist()
    assert frame.index.tolist() == list(bcg.LABELS)
    assert frame.index.is_unique
    from_set = published("bcg").evidence
    assert isinstance(from_set, TwoByTwo)
    by_hand = effect_sizes(
        frame,
        "RR",
        events1="tpos",
        n1=frame["tpos"] + frame["tneg"],
        events2="cpos",
        n2=frame["cpos"] + frame["cneg"],
    )
    np.testing.assert_array_equal(effect_sizes(bcg.BCG, "RR").y, by_hand.y)
    np.testing.assert_array_equal(effect_sizes(from_set, "RR").v, by_hand.v)
    # Colditz 1994 and all who follow: 357,347 people.
    assert bcg.BCG.n1.sum() + bcg.BCG.n2.sum() == 357_347
    assert bcg.ABLAT.tolist() == frame["ablat"].tolist()
    assert set(bcg.ALLOC) == {"random", "alternate", "systematic"}
    assert bcg.AUTHORS[3] == "Hart & Sutherland"
    frame.loc[:, "tpos"] = 0
    assert bcg.frame()["tpos"].iloc[0] == 4
    assert bcg.YEAR.min() == 1948

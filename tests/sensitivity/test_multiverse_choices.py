"""What a multiverse refuses, and the words it does so in."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import k2stats as k2
from k2stats.datasets import bcg
from k2stats.effectsizes import Proportion, ZeroCells
from k2stats.errors import (
    InvalidEvidenceError,
    MissingInputError,
    UnknownMethodError,
)
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import multiverse
from k2stats.sensitivity._multiverse_choices import (
    RULES,
    read_exclude,
    read_rules,
    read_subsets,
)

LABELS = ("A", "B", "C", "D")
ES = k2.EffectSizes.from_arrays(
    [0.1, 0.4, -0.2, 0.3],
    [0.02, 0.05, 0.03, 0.04],
    study=LABELS,
    by=["x", "x", "y", "y"],
)
COUNTS = pd.DataFrame(
    {"e1": [1, 2, 3], "n1": [9, 9, 9], "e2": [4, 3, 2], "n2": [9, 9, 9]},
    index=["P", "Q", "R"],
)
NAMED: dict[str, Any] = {"events1": "e1", "n1": "n1", "events2": "e2", "n2": "n2"}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tau2": "REMl"}, UnknownMethodError, "Unknown .* 'REMl'"),
        (
            {"tau2": "EE"},
            InvalidEvidenceError,
            "tau2 must be an estimator; no tau2 is models='common', got 'EE'",
        ),
        ({"tau2": []}, InvalidEvidenceError, "tau2 must be one choice or more"),
        ({"ci": "KH"}, UnknownMethodError, "Unknown test of the mean 'KH'"),
        ({"ci": ()}, InvalidEvidenceError, "ci must be one choice or more"),
        (
            {"models": "fixd"},
            UnknownMethodError,
            "Unknown model 'fixd'. Known: all, random, common",
        ),
        ({"models": []}, InvalidEvidenceError, "models must be one choice or more"),
        (
            {"zero_cells": "half"},
            UnknownMethodError,
            "Unknown rule for zero cells 'half'. Known: only0, all, if0all, drop00, no",
        ),
        ({"levels": 95}, InvalidEvidenceError, "levels must be between 0 and 1, got"),
        ({"levels": []}, InvalidEvidenceError, "levels must be one choice or more"),
        (
            {"exclude": ["E"]},
            InvalidEvidenceError,
            r"exclude must be of labels of studies \(A, B, C, D\), got 'E'",
        ),
        (
            {"exclude": {"retracted": ["A", "Z"]}},
            InvalidEvidenceError,
            r"exclude\['retracted'\] must be of labels .* got 'Z'",
        ),
        (
            {"exclude": {"none": []}},
            InvalidEvidenceError,
            r"exclude\['none'\] must be of one study or more",
        ),
        (
            {"subsets": {"s": [True, False]}},
            InvalidEvidenceError,
            r"subsets\['s'\] must be a mask of length 4, or labels, got 2",
        ),
        (
            {"subsets": {"s": [False] * 4}},
            InvalidEvidenceError,
            r"subsets\['s'\] must be of one study or more",
        ),
        (
            {"subsets": {"all studies": ["A", "B"]}},
            InvalidEvidenceError,
            "subsets must be without one named 'all studies'",
        ),
        (
            {"subsets": "group"},
            InvalidEvidenceError,
            "subsets must be a mapping of names to masks, or a column, one of by",
        ),
        (
            {"subsets": ["x", "y"]},
            InvalidEvidenceError,
            "subsets must be of one value for each of 4 studies, got 2",
        ),
        (
            {"measures": "OR"},
            InvalidEvidenceError,
            "measures must be 'GEN' where effect sizes are given",
        ),
        ({"study": "x"}, InvalidEvidenceError, "study must be left out where effect"),
        ({"events1": "x"}, InvalidEvidenceError, "events1 must be left out where"),
        (
            {"reference": {"tau2": "SJ"}, "tau2": "DL"},
            InvalidEvidenceError,
            r"reference\['tau2'\] must be one of DL, none, got 'SJ'",
        ),
        (
            {"reference": {"test": "z"}},
            UnknownMethodError,
            "Unknown choice 'test'. Known: measure, zero_cells, model",
        ),
        (
            {"reference": {"model": "common", "ci": "HK"}},
            InvalidEvidenceError,
            "reference must be choices of one specification",
        ),
        (
            {"models": ["MH", "Peto"]},
            InvalidEvidenceError,
            "one combination or more makes sense .*it pools counts, and effect sizes",
        ),
        (
            {"models": "random", "tau2": "DL", "ci": "KR"},
            InvalidEvidenceError,
            "tau2 must be 'REML' where ci is 'KR'",
        ),
    ],
)
def test_refused(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        multiverse(ES, **options)


def test_data_that_are_refused() -> None:
    with pytest.raises(
        InvalidEvidenceError, match="data must be EffectSizes, evidence"
    ):
        multiverse([1.0, 2.0])  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="one set of studies, not a batch"):
        multiverse(k2.EffectSizes.from_arrays(np.ones((2, 3)), np.ones((2, 3))))
    with pytest.raises(InvalidEvidenceError, match="one set of studies, not a batch"):
        multiverse(TwoByTwo.from_counts(events1=[[1], [2]], n1=9, events2=2, n2=9))
    with pytest.raises(
        InvalidEvidenceError, match=r"two studies or more \(multiverse_of"
    ):
        multiverse(TwoByTwo.from_counts(events1=1, n1=9, events2=2, n2=9))
    shares = Proportion.from_arrays(events=[1, 2], n=[9, 9])
    with pytest.raises(
        MissingInputError, match=r"measures is needed .* one or more of"
    ):
        multiverse(shares)
    with pytest.raises(InvalidEvidenceError, match="computed from TwoByTwo: RR, OR"):
        multiverse(bcg.BCG, ["RR", "SMD"])
    with pytest.raises(UnknownMethodError, match="Unknown measure 'RRR'"):
        multiverse(bcg.BCG, "RRR")


def test_missing_effects_are_refused_or_left_out_and_counted() -> None:
    empty = k2.effect_sizes(
        TwoByTwo.from_counts(events1=[0, 2, 3], n1=9, events2=[0, 3, 4], n2=9),
        "RR",
        zero_cells=ZeroCells(drop_double_zero=True),
    )
    with pytest.raises(InvalidEvidenceError, match=r"without missing .* rows \[0\]"):
        multiverse(empty)
    m = multiverse(empty, exclude=None, drop_missing=True)
    assert set(m.k) == {2}


def test_frames() -> None:
    with pytest.raises(MissingInputError, match="columns is needed for RR"):
        multiverse(COUNTS, "RR")
    with pytest.raises(MissingInputError, match="n1, events2, n2 is needed for RR"):
        multiverse(COUNTS, "RR", events1="e1")
    with pytest.raises(InvalidEvidenceError, match="columns of RR must be events1, n1"):
        multiverse(COUNTS, "RR", mean1="e1")
    with pytest.raises(InvalidEvidenceError, match="events2 must be a column, one of"):
        multiverse(COUNTS, "RR", **{**NAMED, "events2": "e3"})
    with pytest.raises(InvalidEvidenceError, match=r"subsets .* one of e1, n1, e2, n2"):
        multiverse(COUNTS, "RR", subsets="country", **NAMED)
    m = multiverse(COUNTS, **NAMED)
    assert set(m.levels_of["measure"]) == {"RR", "OR", "RD"}
    assert m.study == ("P", "Q", "R")
    gaps = COUNTS.astype(float)
    gaps.loc["Q", "e1"] = np.nan
    with pytest.raises(InvalidEvidenceError, match=r"e1.* present .*drop_missing=True"):
        multiverse(gaps, "RR", **NAMED)
    part = multiverse(
        gaps.assign(land=["x", "y", "x"]),
        "RR",
        drop_missing=True,
        subsets="land",
        exclude=None,
        **NAMED,
    )
    assert part.study == ("P", "R")
    # the subset of what is left is everyone, and so comes once
    assert part.levels_of["subset"] == ("all studies",)


def test_exclusions_are_read() -> None:
    assert list(read_exclude("each", LABELS)) == ["none", *LABELS]
    assert len(read_exclude("pairs", LABELS)) == 1 + 6
    found = read_exclude(["each", ("A", "C"), "B"], LABELS)
    assert list(found) == ["none", *LABELS, "A + C"]
    assert found["A + C"].tolist() == [True, False, True, False]
    named = read_exclude({"doubted": ["B", "D"], "one": "A"}, LABELS)
    assert named["doubted"].tolist() == [False, True, False, True]
    assert named["one"].tolist() == [True, False, False, False]
    masked = read_exclude({"m": np.array([True, False, False, False])}, LABELS)
    assert masked["m"].tolist() == [True, False, False, False]
    assert list(read_exclude(None, LABELS)) == ["none"]
    assert list(read_exclude(2, (1, 2, 3))) == ["none", "2"]
    # a study may be called "each"
    assert list(read_exclude("each", ("each", "B"))) == ["none", "each"]


def test_subsets_are_read() -> None:
    by = read_subsets("by", LABELS, ("x", "x", "y", "y"), None)
    assert {k: v.tolist() for k, v in by.items()} == {
        "all studies": [True] * 4,
        "x": [True, True, False, False],
        "y": [False, False, True, True],
    }
    values = read_subsets([1, 2, 1, None], LABELS, None, None)
    assert list(values) == ["all studies", "1", "2"]
    frame = pd.DataFrame({"land": ["n", "s", "n", "s"]})
    assert list(read_subsets("land", LABELS, None, frame)) == ["all studies", "n", "s"]


def test_rules_are_read_by_name_or_as_they_are() -> None:
    own = ZeroCells(add=1.0)
    assert read_rules(["only0", own, "only0"]) == (RULES["only0"], own)
    with pytest.raises(InvalidEvidenceError, match="a ZeroCells or its short name"):
        read_rules([0.5])  # type: ignore[list-item]


def test_more_than_anybody_looks_at_is_refused() -> None:
    es = k2.EffectSizes.from_arrays(np.linspace(0, 1, 100), np.ones(100))
    with pytest.raises(InvalidEvidenceError, match="at most 2,000,000 specifications"):
        multiverse(es, exclude="pairs", levels=np.linspace(0.5, 0.99, 20).tolist())


def test_all_models_that_take_the_data() -> None:
    means = multiverse(ES, models="all", tau2="DL", ci="z", exclude=None)
    assert set(means.levels_of["model"]) == {
        *("random", "common", "unweighted", "multiplicative", "Birge", "IVhet", "HC")
    }
    table = TwoByTwo.from_counts(events1=[1, 2], n1=9, events2=[3, 2], n2=9)
    names = multiverse(table, "RD", models="all", exclude=None).levels_of["model"]
    assert {"MH", "SSW", "beta-binomial"} <= set(names)
    assert "Peto" not in names


def test_effect_sizes_with_a_rule_for_zero_cells_say_why_not() -> None:
    m = multiverse(ES, zero_cells=["only0", "none"], exclude=None)
    row = m.invalid[m.invalid["zero_cells"] == "every rule"].iloc[0]
    assert row["reason"] == "effect sizes were given"

"""Tests that sources name in their own words."""

import pytest

from k2stats.audit import Verdict, audit
from k2stats.audit._base import Finding, PointResult
from k2stats.audit.battery import point_results
from k2stats.audit.named_tests import named
from k2stats.evidence import (
    Claim,
    PrintedTwoByTwo,
    PrintedTwoMeans,
    PValue,
    Reported,
    Source,
    TwoByTwo,
)
from k2stats.numerics.interval import Interval

TABLE = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
FUSION = PrintedTwoByTwo(
    n1=36, percent1=Reported("91.67%"), n2=35, percent2=Reported("74.29%")
)


@pytest.fixture(scope="module")
def points() -> tuple[PointResult, ...]:
    return point_results(TABLE, Interval(0, 1), 0.05)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Fisher's exact test", {"fisher", "fisher-doubled", "fisher-blaker"}),
        ("Fisher\u2019s exact probability test", {"fisher", "fisher-doubled",
                                                  "fisher-blaker"}),
        ("two-tailed Fisher exact test", {"fisher", "fisher-doubled",
                                          "fisher-blaker"}),
        ("one-sided Fisher's exact test", {"fisher-greater", "fisher-less"}),
        ("chi-square test", {"pearson", "yates", "n-1", "neyman"}),
        ("\u03c72 test", {"pearson", "yates", "n-1", "neyman"}),
        ("Pearson's \u03c7\u00b2", {"pearson"}),
        ("chi-squared test with Yates' correction", {"yates"}),
        ("Chi-square with continuity correction", {"yates"}),
        ("mid-P", {"midp", "midp-doubled", "midp-fisher"}),
        ("G-test", {"g", "g-williams", "g-yates"}),
        ("Mann-Whitney U test", {"mann-whitney", "mann-whitney-cc"}),
        ("Wilcoxon rank-sum test", {"mann-whitney", "mann-whitney-cc"}),
        ("berger-boos", {"berger-boos"}),
        ("log-rank test", set()),
        ("Pearsonn", set()),
        ("the test", set()),
    ],
)  # fmt: skip
def test_words_of_sources_find_their_methods(
    words: str, names: set[str], points: tuple[PointResult, ...]
) -> None:
    assert {p.name for p in named(words, points)} == names


def test_one_sided_methods_where_the_statement_is_one_sided(
    points: tuple[PointResult, ...],
) -> None:
    found = named("Fisher's exact test", points, "greater")
    assert {p.name for p in found} == {"fisher-greater", "fisher-less"}


def asked(p: str, test: str) -> Finding:
    stated = PValue(Reported(p), test=test)
    source = Source("made-up", "Made up")
    return audit(Claim("x", source, "nowhere", "nothing", FUSION, (stated,)))[0]


def test_the_named_test_that_gives_the_print_settles_it() -> None:
    # 33/36 v 26/35: Fisher's exact p is .0632
    found = asked("0.063", "Fisher's exact test")
    assert found.verdict is Verdict.REPRODUCED
    assert "is reproduced by Fisher exact 0.0632" in found.headline
    assert "The source names Fisher's exact test: Fisher exact" in found.headline


def test_the_named_test_that_does_not_give_it_is_shown_with_its_p() -> None:
    found = asked("0.044", "chi-square test")
    assert found.verdict is Verdict.REPRODUCED_ONLY
    text = "names chi-square test, which does not give it: Pearson chi-squared 0.0507"
    assert text in found.headline


def test_a_name_that_no_method_has_is_said_to_be_unknown() -> None:
    found = asked("0.044", "Pearsonn")
    assert "No method tried is known by the name in the source, Pearsonn." in (
        found.headline
    )


def test_names_of_tests_of_means() -> None:
    means = PrintedTwoMeans(
        Reported("812"), Reported("154"), 29, Reported("235"), Reported("100"), 45, "sd"
    )
    stated = PValue(Reported("<0.001"), test="unpaired t-test")
    source = Source("made-up", "Made up")
    found = audit(Claim("x", source, "nowhere", "nothing", means, (stated,)))[0]
    assert "names unpaired t-test: Student's t" in found.headline

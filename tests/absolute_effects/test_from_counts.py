"""Risk differences and numbers needed to treat from counts."""

import numpy as np
import pytest

from k2stats.absolute_effects import nnt, risk_difference
from k2stats.errors import (
    AmbiguousEvidenceError,
    InvalidEvidenceError,
    UnknownMethodError,
)
from k2stats.evidence import Horizon, PrintedTwoByTwo, Reported, TwoByTwo
from k2stats.significance import RD_INTERVALS

FUSION = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
STONES = TwoByTwo.from_counts(events1=449, n1=18176, events2=381, n2=18106)


def test_fusion() -> None:
    # 33/36 v 26/35: NNT 5.75, Wald 2.90 to 315, Newcombe NNTB 2.89 through
    # infinity to NNTH 262.
    assert str(nnt(FUSION)) == "NNTB 5.75 (NNTB 2.89 to inf to NNTH 262)"
    assert str(nnt(FUSION, interval="wald")) == "NNTB 5.75 (NNTB 2.90 to NNTB 315)"


def test_kidney_stones() -> None:
    # 449/18176 v 381/18106: NNH 273.2 (148 to 1712).
    found = nnt(STONES, interval="wald", events="harmful", horizon="7.0 y")
    assert found.signed.item() == pytest.approx(-273.2, abs=0.05)
    assert found.near.item() == pytest.approx(-148, abs=0.5)
    assert found.far.item() == pytest.approx(-1712, abs=0.5)
    assert str(found) == "NNTH 273 (NNTH 148 to NNTH 1712)"
    assert found.summary().endswith("95% CI, wald; over 7.0 y")


def test_the_word_for_events_decides() -> None:
    assert str(nnt(STONES, interval="wald")).startswith("NNTB 273")
    good, bad = nnt(FUSION, events="beneficial"), nnt(FUSION, events="harmful")
    np.testing.assert_array_equal(good.signed, -bad.signed)
    assert str(bad) == "NNTH 5.75 (NNTH 2.89 to inf to NNTB 262)"
    # Fewer non-fusions are the same benefit as more fusions.
    assert str(nnt(FUSION.swap_outcome(), events="harmful")) == str(good)


def test_horizon_comes_with_the_print_and_is_never_guessed() -> None:
    printed = PrintedTwoByTwo(
        n1=36,
        percent1=Reported("91.67%"),
        n2=35,
        percent2=Reported("74.29%"),
        horizon=Horizon(Reported("6"), "mo"),
    )
    assert str(nnt(printed)) == str(nnt(FUSION))
    assert str(nnt(printed).horizon) == "6 mo"
    assert str(nnt(printed, horizon="1 y").horizon) == "1 y"
    assert nnt(FUSION).horizon is None


def test_the_point_is_the_observed_difference_for_every_interval() -> None:
    for name in RD_INTERVALS:
        assert risk_difference(FUSION, name).estimate.item() == 33 / 36 - 26 / 35
        assert nnt(FUSION, name).method == name


def test_limits_stay_within_the_scale() -> None:
    all_or_none = TwoByTwo.from_counts(events1=9, n1=10, events2=0, n2=3)
    found = risk_difference(all_or_none, "wald-cc")
    assert found.high.item() == 1.0
    assert nnt(all_or_none, "wald-cc").near.item() == 1.0


def test_many_tables() -> None:
    tables = TwoByTwo.from_counts(
        events1=[33, 449, 5],
        n1=[36, 18176, 10],
        events2=[26, 381, 5],
        n2=[35, 18106, 10],
    )
    found = nnt(tables)
    assert found.value.shape == (3,)
    assert found.texts()[0] == str(nnt(FUSION))
    # Newcombe for 5/10 v 5/10: limits of equal size about no difference.
    limit = risk_difference(tables).high[2]
    assert found.texts()[2] == (
        f"NNT inf (NNTB {1 / limit:.2f} to inf to NNTH {1 / limit:.2f})"
    )


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"n1 must be at least 1, got 0\.0"):
        nnt(TwoByTwo.from_counts(events1=0, n1=0, events2=1, n2=5))
    with pytest.raises(
        InvalidEvidenceError, match=r"events1 must be at most n1, got 7\.0"
    ):
        nnt(TwoByTwo.from_counts(events1=7, n1=5, events2=1, n2=5))
    with pytest.raises(UnknownMethodError, match="difference interval 'newcomb'"):
        nnt(FUSION, interval="newcomb")
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        nnt(FUSION, level=95)
    with pytest.raises(InvalidEvidenceError, match="got 'bad'"):
        nnt(FUSION, events="bad")  # type: ignore[arg-type]
    vague = PrintedTwoByTwo(
        n1=340, percent1=Reported("21%"), n2=351, percent2=Reported("15%")
    )
    with pytest.raises(AmbiguousEvidenceError, match="16 tables print as"):
        nnt(vague)

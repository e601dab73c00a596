"""Sources and claims."""

import dataclasses

import pytest

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import Claim, PrintedTwoByTwo, PValue, Reported, Source

WANG = Source("wang2025", "Wang et al. (2025) Sci Rep 15:15422")
FUSION = PrintedTwoByTwo(
    n1=36, percent1=Reported("91.67%"), n2=35, percent2=Reported("74.29%")
)


def test_a_single_statement_may_be_bare() -> None:
    p = PValue(Reported("0.044"))
    bare = Claim("S000-04", WANG, "Results", "P = 0.044", FUSION, states=p)  # type: ignore[arg-type]
    assert bare.states == (p,)
    assert bare == Claim("S000-04", WANG, "Results", "P = 0.044", FUSION, states=(p,))
    assert str(bare) == "S000-04: p = 0.044"


def test_a_claim_without_statements_is_its_id() -> None:
    assert str(Claim("S000-03", WANG, "Methods", "fusion rate assessed")) == "S000-03"


@pytest.mark.parametrize(
    ("id_", "quote"), [("", "x"), (" ", "x"), ("a", ""), ("a", "\n")]
)
def test_id_and_quote_are_needed(id_: str, quote: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=r"(id|quote) must be not empty"):
        Claim(id_, WANG, "Results", quote)


def test_claims_are_frozen() -> None:
    claim = Claim("S000-03", WANG, "Methods", "fusion rate assessed")
    with pytest.raises(dataclasses.FrozenInstanceError):
        claim.id = "other"  # type: ignore[misc]


def test_a_note_does_not_make_another_claim() -> None:
    claim = Claim("S000-03", WANG, "Methods", "fusion rate assessed")
    assert dataclasses.replace(claim, note="seen twice") == claim


def test_a_source_shows_its_status() -> None:
    assert str(WANG) == "Wang et al. (2025) Sci Rep 15:15422"
    gone = Source("iwamoto2009", "Iwamoto et al. (2009)", status="retracted")
    assert str(gone) == "Iwamoto et al. (2009) [retracted]"


def test_evidence_is_held_as_given() -> None:
    claim = Claim("S000-04", WANG, "Results", "P = 0.044", FUSION)
    assert claim.evidence is FUSION
    assert claim.by is None
    assert claim.needs == ()

"""All claims: ids, quotes, and where their numbers are printed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

import k2stats.datasets as data
from k2stats.datasets import MODULES, all_claims, find_claim, load_table, table_info
from k2stats.datasets._loader import table_keys
from k2stats.errors import UnknownMethodError
from k2stats.evidence import (
    Claim,
    Derived,
    NumberNeeded,
    PairedRows,
    PrintedTwoByTwo,
    PValue,
    RatioCI,
    Reported,
    SameQuantity,
    Source,
    Statement,
)
from k2stats.numerics.interval import Interval

CLAIMS = all_claims()
FIVE_SOURCES = [
    f"S{source:03d}-{number:02d}"
    for source, count in enumerate((8, 22, 9, 27, 9))
    for number in range(1, count + 1)
]
BEYOND = [
    *("A09", "A09-2", "A16", "A17", "A18", "A18-2"),
    *("A19", "A19-2", "A19-3", "A19-4", "A19-5", "A20", "A20-2"),
    *("A21", "A24", "A25", "A25-2"),
]
NOT_IN_PRINT = {
    "S000-01": {"71"},  # printed in words, "Seventy-one"
    "S003-11": {"5"},  # counted from a list of vertebrae
    "A25": {"166", "188"},  # left over when the combination is taken away
}
"""Numbers of a claim that are not printed as digits, and why."""


def squeezed(text: str) -> str:
    return " ".join(text.split())


def numbers(item: object) -> Iterator[str]:
    """Digits of every printed number in a piece of evidence or a statement."""
    if isinstance(item, Reported):
        # "a rise" and "more than three-fold" are bounds printed in words
        if item.comparator != ">":
            yield item.text.strip("<>≤≥-\u2013%")
    elif isinstance(item, bool | float | str) or item is None:
        return
    elif isinstance(item, int):
        yield str(item)
    elif isinstance(item, tuple):
        for part in item:
            yield from numbers(part)
    elif is_dataclass(item):
        for field in fields(item):
            yield from numbers(getattr(item, field.name))


def printed_cells() -> dict[str, str]:
    """All cells of a data set, in one line."""
    found = {}
    for key in table_keys():
        tables = [load_table(key, name) for name in table_info(key)]
        found[key] = " ".join(" ".join(t.to_numpy().ravel().tolist()) for t in tables)
    return found


CELLS = printed_cells()


def where_printed(claim: Claim) -> str:
    """Quotes of the claim's source, notices and tables of source and quoted source."""
    quotes = [c.quote for c in CLAIMS if c.source.key == claim.source.key]
    sources = [s for s in (claim.source, claim.by) if s is not None]
    kept = [CELLS.get(s.key, "") for s in sources]
    text = " ".join([*quotes, *kept, *(s.notice for s in sources)])
    return re.sub(r"(?<=\d),(?=\d{3})", "", text)


def test_ids_are_those_of_the_five_sources_and_the_primary_ones() -> None:
    assert [c.id for c in CLAIMS] == FIVE_SOURCES + BEYOND
    assert len(FIVE_SOURCES) == 75


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_claim_is_complete(claim: Claim) -> None:
    assert squeezed(claim.locator) in squeezed(claim.quote)
    assert claim.quote == squeezed(claim.quote)
    assert claim.states
    assert claim.source.citation
    notes = (claim.note, *claim.needs)
    assert all(n == squeezed(n) for n in notes)
    assert claim.note == "" or claim.note.endswith(".")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_every_number_is_printed_somewhere(claim: Claim) -> None:
    text = where_printed(claim)
    expected = NOT_IN_PRINT.get(claim.id, set())
    absent = {
        n
        for n in numbers((claim.evidence, claim.states))
        if not re.search(rf"(?<![\d.]){re.escape(n)}(?!\d|\.\d)", text)
    }
    assert absent == expected


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_words_of_a_direction_are_the_sources(claim: Claim) -> None:
    for statement in claim.states:
        words = getattr(statement, "words", "")
        pieces = [p.strip() for p in words.split("...") if p.strip()]
        assert all(p in claim.quote for p in pieces)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_evidence_is_feasible(claim: Claim) -> None:
    if isinstance(claim.evidence, PrintedTwoByTwo):
        assert claim.evidence.feasible().events1.size >= 1


def agrees(statement: SameQuantity) -> bool:
    windows = [p.value.interval for p in statement.printings]
    units = {p.value.unit for p in statement.printings}
    return len(units) == 1 and not reduce(Interval.intersection, windows).is_empty


def test_text_and_table_of_the_case_series_disagree_in_three_places() -> None:
    # T11 of case 2, the femur of case 3 at 25 M, and the unit of PTH.
    apart = [
        c.id
        for c in CLAIMS
        if any(isinstance(s, SameQuantity) and not agrees(s) for s in c.states)
    ]
    assert apart == ["S003-11", "S003-18", "S003-24", "A25-2"]


def kinds(claim_id: str) -> list[type[Statement]]:
    return [type(s) for s in find_claim(claim_id).states]


def test_statements_are_typed() -> None:
    assert kinds("S000-04") == [PValue]
    assert kinds("S001-09") == [NumberNeeded, RatioCI]
    assert kinds("S001-14") == [PValue] * 3
    assert kinds("S004-02") == [Derived] * 2
    assert isinstance(find_claim("S003-27").evidence, PairedRows)
    needed = find_claim("S001-09").states[0]
    assert isinstance(needed, NumberNeeded)
    assert needed.horizon is None
    stones = find_claim("S001-09").evidence
    assert isinstance(stones, PrintedTwoByTwo)
    assert str(stones.horizon) == "7.0 y"


def test_mean_age_has_two_readings() -> None:
    means = [
        s
        for s in find_claim("S003-01").states
        if isinstance(s, Derived) and s.operation == "mean"
    ]
    ages = [[p.value.value for p in s.parts] for s in means]
    assert ages == [[30, 31, 31, 34], [30, 31, 23, 34]]
    assert "31" in means[0].what
    assert "23" in means[1].what


def test_claims_are_found_by_id() -> None:
    assert find_claim("S002-09").source.key == "iwamoto2003"
    with pytest.raises(UnknownMethodError, match=r"Unknown claim 'S009-01'.*S000-01"):
        find_claim("S009-01")
    assert data.ALL_CLAIMS == CLAIMS
    with pytest.raises(AttributeError, match="ALL_CLAIM"):
        data.__getattr__("ALL_CLAIM")


def sources() -> dict[str, Source]:
    found: dict[str, Source] = {}
    for name in MODULES:
        module = import_module(f"k2stats.datasets.{name}")
        for source in (x for x in vars(module).values() if isinstance(x, Source)):
            assert found.setdefault(source.key, source) == source
    return found


def test_statuses() -> None:
    status = {key: s.status for key, s in sources().items()}
    assert [k for k, s in status.items() if s == "retracted"] == [
        "iwamoto2009",
        "sato1998",
        "sato2002",
        "sato2005_alzheimer",
        "sato2005_stroke",
    ]
    assert [k for k, s in status.items() if s == "corrected"] == [
        "cockayne2006",
        "mott2019",
    ]
    assert [k for k, s in status.items() if s == "integrity concern"] == ["yops2004"]
    assert status["droracle2025"] == "secondary"
    assert status["lasemi2018"] == "secondary"
    assert status["lasemi2018_abstract"] == "abstract"
    assert all(
        s.notice
        for s in sources().values()
        if s.status not in ("published", "abstract")
    )


def test_every_module_is_listed_and_has_claims_and_sources() -> None:
    folder = Path(data.__file__).parent
    written = {p.stem for p in folder.glob("[!_]*.py")}
    assert written == set(MODULES)
    for name in MODULES:
        module = import_module(f"k2stats.datasets.{name}")
        assert isinstance(module.CLAIMS, tuple)
        assert module.__doc__
        assert hasattr(module, "SOURCE") or hasattr(module, "SOURCES")


def test_importing_the_package_reads_no_source() -> None:
    code = (
        "import sys, k2stats.datasets as d;"
        "print([m for m in d.MODULES if f'k2stats.datasets.{m}' in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

"""The README's session prints what it says it prints."""

import doctest
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from k2stats.audit import Verdict, audit
from k2stats.effectsizes import MEASURES, measures_table
from k2stats.evidence.claim_files import claims_from_text

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = ("measures.md", "conversions.md")


def test_every_line_of_the_session() -> None:
    results = doctest.testfile(str(README), module_relative=False)
    assert results.attempted >= 8
    assert results.failed == 0


def test_the_claim_file_shown_can_be_audited() -> None:
    text = README.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert tomllib.loads(text)["claims"]
    (finding,) = audit(claims_from_text(text, "toml", "README.md"))
    assert finding.verdict is Verdict.REPRODUCED_ONLY


def page(name: str) -> str:
    """Return the text of a page in docs."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def update() -> ModuleType:
    """Load the script that writes the tables of the pages."""
    spec = spec_from_file_location("docs_update", ROOT / "docs" / "update.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_measures_are_those_of_the_registry() -> None:
    after = page("measures.md").split("<!-- measures -->")[1]
    block = after.split("<!-- /measures -->")[0].strip()
    assert block == measures_table().strip()
    assert all(f"\n| {code} | " in block for code in MEASURES)


@pytest.mark.parametrize("name", PAGES)
def test_generated_tables_are_up_to_date(name: str) -> None:
    script = update()
    assert set(script.PAGES) == set(PAGES)
    assert script.updated(page(name), script.PAGES[name]) == page(name), (
        "run `make readme`"
    )
    assert f"(docs/{name})" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_line_of_a_page(name: str) -> None:
    path = ROOT / "docs" / name
    results = doctest.testfile(str(path), module_relative=False)
    assert results.attempted >= 5
    assert results.failed == 0

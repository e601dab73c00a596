"""The README's session prints what it says it prints."""

import doctest
import tomllib
from pathlib import Path

from k2stats.audit import Verdict, audit
from k2stats.evidence.claim_files import claims_from_text

README = Path(__file__).parents[1] / "README.md"


def test_every_line_of_the_session() -> None:
    results = doctest.testfile(str(README), module_relative=False)
    assert results.attempted >= 8
    assert results.failed == 0


def test_the_claim_file_shown_can_be_audited() -> None:
    text = README.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert tomllib.loads(text)["claims"]
    (finding,) = audit(claims_from_text(text, "toml", "README.md"))
    assert finding.verdict is Verdict.REPRODUCED_ONLY

"""Robustness in the page, the terminal and JSON."""

import io
import json
import re

import pytest
from rich.console import Console

from k2stats.audit import Finding, Findings, audit, replay
from k2stats.datasets import find_claim
from k2stats.evidence.claim_files import claims_from_dicts
from k2stats.render import Terminal
from k2stats.report import findings_json, print_finding, to_html
from k2stats.report.robustness_view import NOT_ENOUGH, robustness_view

IDS = ("S000-01", "S000-04", "S000-06", "S001-08", "S001-09", "S001-14")


@pytest.fixture(scope="module")
def found() -> Findings:
    return audit([find_claim(i) for i in IDS])


def block(page: str, claim_id: str) -> str:
    """Return the fold of one finding's robustness as it stands in the page."""
    article = page[page.index(f'id="claim-{claim_id}"') :]
    article = article[: article.index("</article>")]
    match = re.search(r'<details class="robustness">.*?</details>', article, re.DOTALL)
    return match.group(0) if match else ""


def test_each_comparison_has_a_fold_that_starts_closed(found: Findings) -> None:
    page = to_html(found)
    assert page.count('<details class="robustness">') == 5
    assert "robustness open" not in page
    assert block(page, "S000-01") == ""
    fusion = block(page, "S000-04")
    assert "reverse fragility index 1; 9 of 36 tests below 0.05" in fusion
    assert "Of 33/36 v 26/35; RR 1.23 (0.992 to 1.54), Katz log" in fusion
    assert "33/36 v 25/35 (p 0.0346; now 0.0632)" in fusion
    for heading in (
        "Changed outcomes",
        "Missing outcomes",
        "Choice of test",
        "How strong the evidence is",
        "Bias",
    ):
        assert f"<h5>{heading}</h5>" in fusion
    assert "Not printed: how many participants have no known outcome" in fusion


def test_printed_figures_stand_in_the_page(found: Findings) -> None:
    # HR 1.17 (1.02-1.34): p .0241, 5.4 bits, E-values 1.62 and 1.16.
    stones = block(to_html(found), "S001-08")
    for text in ("0.0241", "5.37", "1.62", "1.16", "5.4 bits against no effect"):
        assert text in stones
    assert "Changed outcomes" not in stones
    assert "the counts of each group" in stones


def test_a_bound_alone_says_that_the_print_does_not_allow_it(found: Findings) -> None:
    view = robustness_view(found["S001-14"])
    assert view is not None
    assert (view.brief, view.parts, view.figures) == (NOT_ENOUGH, (), ())
    assert "the exact p-value" in block(to_html(found), "S001-14")


def test_pictures_are_the_curve_and_the_tests_that_are_not_drawn(
    found: Findings,
) -> None:
    def titles(claim_id: str) -> list[str]:
        view = robustness_view(found[claim_id])
        assert view is not None
        return [re.findall(r"<title>(.*?)</title>", f.svg)[0] for f in view.figures]

    # The check of S000-04 shows the tests already; that of S001-09 does not.
    assert titles("S000-04") == ["P-value function of the RR"]
    assert titles("S001-09") == ["p by test", "P-value function of the HR"]
    assert titles("S000-06") == []
    view = robustness_view(found["S001-08"])
    assert view is not None
    assert "p at least 0.05: 1.02 to 1.34" in view.figures[0].svg


def test_hostile_text_in_the_basis_is_escaped(findings: list[Finding]) -> None:
    page = to_html(findings)
    assert "<script>alert" not in page
    assert "onerror=alert" not in re.sub(r"&lt;.*?&gt;", "", page)


def test_json_carries_it_and_replays(found: Findings) -> None:
    text = findings_json(found)
    rows = {row["claim"]["id"]: row for row in json.loads(text)["findings"]}
    assert rows["S000-01"]["robustness"] is None
    parts = {p["name"]: p for p in rows["S001-09"]["robustness"]["parts"]}
    assert parts["changed-outcomes"]["lines"][0]["value"] == 10.0
    assert rows["S000-04"]["robustness"]["basis"][0] == "33/36 v 26/35"
    assert replay(text) == []


def test_the_report_is_built_again_from_its_json(found: Findings) -> None:
    rows = json.loads(findings_json(found))["findings"]
    claims = claims_from_dicts([row["claim"] for row in rows], name="saved")
    assert to_html(audit(claims)) == to_html(found)


def test_the_terminal_prints_every_line(found: Findings) -> None:
    out = io.StringIO()
    console = Console(file=out, width=100, highlight=False, markup=False)
    print_finding(found["S000-04"], Terminal(console))
    text = " ".join(out.getvalue().split())
    assert "Robustness: reverse fragility index 1; 9 of 36 tests below 0.05" in text
    assert "S-value, bits: 4.08. As surprising, if there were no effect, as 4" in text
    assert "Not printed: how many participants have no known outcome" in text
    out.truncate(0)
    print_finding(found["S000-01"], Terminal(console))
    assert "Robustness" not in out.getvalue()

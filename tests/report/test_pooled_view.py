"""Pooled sets in the page, the terminal and JSON."""

import io
import json
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from k2stats.audit import Findings
from k2stats.audit.pooled_findings import PooledFinding, pooled_finding, pooled_findings
from k2stats.audit.pooled_leave_outs import PrintedLeaveOut
from k2stats.audit.pooled_sets import PooledSet
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.datasets.pooled_sets import (
    find_pooled_set,
    pooled_sets,
    printed_leave_outs,
)
from k2stats.evidence import RatioWithCI, Reported, Source
from k2stats.render import Terminal
from k2stats.report import findings_json, print_pair, print_pooled, to_html
from k2stats.report.pooled_view import pair_view, pooled_view


class Text(HTMLParser):
    """The words of a page, and whether any element could run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, list[str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def __contains__(self, text: str) -> bool:
        return text in " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def found() -> tuple[PooledFinding, ...]:
    return pooled_findings(pooled_sets())


@pytest.fixture(scope="module")
def page(found: tuple[PooledFinding, ...]) -> str:
    return to_html([], pooled=found, pairs=printed_leave_outs())


def test_the_page_has_every_set_once(page: str) -> None:
    ids = re.findall(r'<article class="finding pool" id="(pool-[^"]+)"', page)
    keys = [p.key for p in printed_leave_outs()] + [s.key for s in pooled_sets()]
    assert ids == [f"pool-{key}" for key in keys]
    assert 'href="#k2-pooled">14 pooled sets</a>' in page
    every = re.findall(r' id="([^"]+)"', page)
    assert len(every) == len(set(every))
    assert "k2-pooled" not in to_html([])


def test_the_pairs_say_what_was_printed_and_what_follows(page: str) -> None:
    text = Text(page)
    # Arch Intern Med 2006;166:1256 and its correction; adjustment to Mott 2019.
    assert "OR 0.23 (0.12 to 0.47) with, OR 0.30 (0.05 to 1.74) without" in text
    assert (
        "The printed OR goes from 0.23 to 0.30; the first interval leaves out no "
        "effect, the second does not." in text
    )
    assert "carried 85% (83% to 87%) of the weight" in text
    assert "The printed OR goes from 0.96 to 0.98; neither interval" in text
    assert "The printed OR goes from 0.72 to 0.74; both intervals leave out" in text


def test_strata_and_prints(page: str) -> None:
    text = Text(page)
    assert "HR 0.91 (0.79 to 1.05) (cauley2013) is reproduced by" in text
    assert "HR 0.87 (0.76 to 0.98) (cauley2013) is not reproduced by the" in text
    assert "in a straight trend with p 0.90; printed for the interaction: 0.97" in text
    assert "stratums" not in text
    # The forest shows what is printed, not what the limits are rounded back to.
    assert "<200 IU/day" in text
    assert "0.93 (0.74 to 1.18)" in text
    assert "26% more fractures, P = 0.047" in text


def test_flagged_trials_are_marked_and_left_out(page: str) -> None:
    article = page[page.index('id="pool-vitamin-k-fracture"') :]
    article = article[: article.index("</article>")]
    assert "3 flagged" in article
    assert "YOPS 2004 \u2715 integrity concern" in article
    assert "Sato 2002, Parkinson \u2715 retracted" in article
    assert "All 6: common effect" in article
    assert "3 left: common effect" in article
    assert "common effect from 0.399 (0.283 to 0.562) to 0.443 (0.297 to 0.662)" in (
        article
    )
    assert article.count('stroke-dasharray="3 3"') == 3
    assert "it does not estimate an effect" in article


def test_only_flagged_trials_leave_nothing_to_pool(page: str) -> None:
    article = page[page.index('id="pool-vitamin-k-hip-fracture"') :]
    assert "without them nothing is left to pool" in article
    assert "Pool:" not in article
    assert "All 2: common effect" in article


def test_hostile_text_of_a_set_is_shown_and_does_nothing(hostile_text: str) -> None:
    source = Source("x", hostile_text, "javascript:alert(1)", "retracted", hostile_text)
    kept = Source("y", "Kept (2001)")
    trials = tuple(
        PooledTrial.from_counts(
            f"{hostile_text}{k}", s, (4 + k, 20, 9, 20), outcome="<"
        )
        for k, s in enumerate((source, kept, kept))
    )
    of = PooledSet(
        "a<b", hostile_text, "fracture", trials, missing=(hostile_text,), caution="<i>"
    )
    ratio = RatioWithCI("OR", Reported("0.5"), Reported("0.3"), Reported("0.8"))
    pair = PrintedLeaveOut(
        "c>d", hostile_text, "x", ratio, ratio, source, kept, "<b>one</b>", (source,)
    )
    text = Text(to_html([], pooled=[pooled_finding(of)], pairs=[pair]))
    assert "one</b>" in text
    assert [tag for tag, _ in text.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in text.tags]
    assert not any(n.startswith("on") for _, names in text.tags for n in names)


def test_the_views_name_who_printed_each_figure() -> None:
    view = pooled_view(pooled_finding(find_pooled_set("vitamin-d-hip-fracture")), "a")
    assert view.flagged == 1
    assert view.members == "trials"
    stroke = view.trials[0]
    assert (stroke.flag, stroke.printed) == ("retracted", "0/48 v 4/48")
    assert "Cerebrovasc Dis" in stroke.source.citation
    pair = pair_view(printed_leave_outs()[2], "b")
    assert "their rounding leaves it open" in pair.sentences[1]


def test_the_terminal_prints_sets_and_pairs() -> None:
    out = io.StringIO()
    terminal = Terminal(Console(file=out, width=100, highlight=False, markup=False))
    print_pooled(pooled_finding(find_pooled_set("vitamin-k-fracture")), terminal)
    print_pair(printed_leave_outs()[0], terminal)
    text = " ".join(out.getvalue().split())
    assert "integrity concern" in text
    assert "the trials not flagged common effect" in text
    assert "Needed and not printed" in text
    assert "as first printed OR 0.23 (0.12 to 0.47) cockayne2006" in text


def test_json_has_the_sets_with_sources_and_flags(
    found: tuple[PooledFinding, ...],
) -> None:
    whole = json.loads(findings_json(Findings([]), found, printed_leave_outs()))
    sets = {row["key"]: row for row in whole["pooled_sets"]}
    assert len(sets) == 11
    vitamin_k = sets["vitamin-k-fracture"]
    flagged = [t["label"] for t in vitamin_k["trials"] if t["flagged"]]
    assert flagged == ["Sato 2002, Parkinson", "YOPS 2004", "Sato 2005, Alzheimer"]
    assert all(t["source"]["citation"] for t in vitamin_k["trials"])
    strata = sets["whi-hip-by-vitamin-d-intake"]
    assert strata["printed_interaction_p"] == "0.97"
    assert strata["reproduced"][0]["matching"][0] == "common effect (z)"
    pair = whole["printed_leave_outs"][0]
    assert pair["implied"]["share"] == pytest.approx(0.852, abs=5e-4)
    open_ = whole["printed_leave_outs"][2]["implied"]
    assert (open_["low"], open_["high"]) == (0.0, "inf")

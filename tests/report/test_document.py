"""The report: structure, escaping, links, and what it says."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from k2stats.audit import Finding, Verdict
from k2stats.report import GROUPS, group_of, to_html

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """A page read strictly: every tag closed in order, ids once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture
def page(findings: list[Finding]) -> Page:
    return Page(to_html(findings))


def test_every_verdict_is_in_exactly_one_group() -> None:
    for verdict in Verdict:
        assert [verdict in g.verdicts for g in GROUPS].count(True) == 1
        assert verdict in group_of(verdict).verdicts


def test_well_formed_with_distinct_ids_and_anchors_that_exist(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for attrs in page.all("a"):
        href = attrs["href"] or ""
        if href.startswith("#"):
            assert href[1:] in ids
    for attrs in page.all("tr"):
        if "data-anchor" in attrs:
            assert attrs["data-anchor"] in ids
            assert attrs["data-source"] in ids


def test_hostile_text_is_shown_and_does_nothing(page: Page, hostile_text: str) -> None:
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert all(not name.startswith("on") for _, a in page.tags for name in a)
    shown = hostile_text.replace("\x1b", "\ufffd")
    assert page.text.count(shown) + sum(shown in t for t in page.text) > 10


def test_only_web_addresses_are_links(page: Page) -> None:
    links = {a["href"] for a in page.all("a") if not (a["href"] or "").startswith("#")}
    assert links == {"https://doi.org/10.1"}
    assert "javascript:alert(3)" in page.words


def test_nothing_is_loaded_and_only_the_page_s_script_may_run(page: Page) -> None:
    assert all("src" not in attrs for _, attrs in page.tags)
    assert [a["href"] for a in page.all("link")] == ["data:,"]
    policy = next(a for a in page.all("meta") if a.get("http-equiv"))["content"] or ""
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/]{43}='", policy)


def test_no_text_from_data_reaches_script_or_style(
    findings: list[Finding], hostile_text: str
) -> None:
    text = to_html(findings)
    for tag in ("script", "style"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert "alert" not in inside
        assert (inside,) == tuple(
            re.findall(rf"<{tag}>(.*?)</{tag}>", to_html([]), re.DOTALL)
        )


def test_the_same_findings_give_the_same_page(findings: list[Finding]) -> None:
    assert to_html(findings) == to_html(list(findings))


def test_the_head_counts_the_verdicts(page: Page) -> None:
    words = page.words
    assert "8 claims from 2 sources" in words
    for count, label in (
        (1, "hold"),
        (1, "depend on the method"),
        (1, "not reproduced"),
        (5, "cannot be checked"),
    ):
        assert re.search(rf"{count} \S {label}", words), label


def test_a_finding_shows_all_it_has(page: Page) -> None:
    words = page.words
    for text in (
        "91.67% vs. 74.29%, P = 0.044",
        "reproduced only by",
        "13 methods tried, 2 give the print",
        "0.04352",
        "too large",
        "Filled: gives the print (2 of 13)",
        "The only table of counts that fits: 33/36 v 26/35",
        "2 tables of counts fit",
        "K2, D3 and calcium",
        "counts of each group",
        "These cannot all be true together",
        "Over seven years.",
        "Retraction notice of 2020",
        "Made with k2stats",
    ):
        assert text in words


def test_every_checkable_finding_with_methods_has_a_picture(page: Page) -> None:
    pictures = [a for a in page.all("svg") if a.get("role") == "img"]
    # The summary; p and the p-value function; NNH and its intervals; the hostile
    # one's strip and bars.
    assert len(pictures) == 7
    assert all(a["aria-label"] for a in pictures)


def test_what_cannot_be_checked_is_folded(findings: list[Finding]) -> None:
    text = to_html(findings)
    folded = re.findall(r'<article class="finding (\S+) folded" id="(\S+)"', text)
    assert [name for name, _ in folded] == ["uncheckable"] * 5


def test_tables_stand_in_boxes_of_their_own(findings: list[Finding]) -> None:
    text = to_html(findings)
    assert text.count("<table") == len(
        re.findall(r'<div class="scroll"[^>]*>\s*<table', text)
    )


def test_like_named_claims_get_anchors_of_their_own(findings: list[Finding]) -> None:
    twice = [findings[0], findings[0], findings[0]]
    anchors = re.findall(r'<article [^>]*id="([^"]+)"', to_html(twice))
    assert len(set(anchors)) == 3


def test_no_findings_are_a_page_too() -> None:
    assert "0 claims from 0 sources" in Page(to_html([])).words


def test_a_title_is_escaped() -> None:
    assert "<title>&lt;b&gt;</title>" in to_html([], title="<b>")


def test_pages_stay_small(findings: Sequence[Finding]) -> None:
    hundred = [findings[0]] * 100
    assert len(to_html(hundred)) < 1_500_000


LUMINANCE = {"light": "#fcfbf8", "dark": "#15181b"}


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_of_text_have_the_contrast_wcag_asks_for() -> None:
    # WCAG 2.2, 1.4.3: at least 4.5 to 1 for text, in light and in dark.
    blocks = re.findall(r":root\{(.*?)\}", to_html([]), re.DOTALL)[:2]
    for block, paper in zip(blocks, LUMINANCE.values(), strict=True):
        colours = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", block))
        assert colours["k2-paper"] == paper
        for name in (
            "k2-ink", "k2-muted", "link", "k2-hit", "holds", "depends", "differs",
            "uncheckable",
        ):  # fmt: skip
            a, b = sorted((_luminance(colours[name]), _luminance(paper)))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (name, paper)

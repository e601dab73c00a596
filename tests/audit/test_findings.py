"""Findings as data: frames, strict JSON, replay, and errors of the front door."""

import json

import pytest

from k2stats.audit import Findings, audit, replay
from k2stats.datasets import find_claim
from k2stats.errors import ClaimFileError, InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import Claim, Qualitative, Source

IDS = ("S000-04", "S001-09", "S003-18", "A19", "S002-01")


@pytest.fixture(scope="module")
def findings() -> Findings:
    return audit([find_claim(i) for i in IDS])


def test_lookup_by_position_id_and_slice(findings: Findings) -> None:
    assert findings[0] is findings["S000-04"]
    assert [f.id for f in findings[1:3]] == ["S001-09", "S003-18"]
    with pytest.raises(UnknownMethodError, match=r"Unknown claim 'S9'. Known: S000-04"):
        findings["S9"]


def test_frame_has_a_row_a_claim(findings: Findings) -> None:
    frame = findings.to_frame()
    assert list(frame.index) == list(IDS)
    assert frame.loc["S000-04", "matching"] == "midp, midp-fisher, arcsine"
    assert bool(frame.loc["S000-04", "flips"])
    assert frame.loc["A19", "conflict"] == "RR 0.44"
    methods = findings.methods_frame()
    assert {"id", "method", "version", "low", "high", "matches"} <= set(methods.columns)
    assert len(methods) >= len(findings["S000-04"].checks[1].points)


def test_json_is_strict_and_carries_versions(findings: Findings) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    data = json.loads(findings.to_json(), parse_constant=refuse)
    assert [f["claim"]["id"] for f in data["findings"]] == list(IDS)
    points = data["findings"][0]["checks"][1]["points"]
    assert all(p["version"] >= 1 for p in points)
    assert data["findings"][0]["feasible"]["events1"] == [33]


def test_replay_repeats_exactly(findings: Findings) -> None:
    assert replay(findings.to_json()) == []


def test_replay_tells_what_changed(findings: Findings) -> None:
    data = json.loads(findings.to_json())
    points = data["findings"][0]["checks"][1]["points"]
    points[0]["low"] += 0.001
    points[1]["version"] = 99
    data["findings"][0]["verdict"] = "reproduced"
    told = "\n".join(replay(json.dumps(data)))
    assert "S000-04: verdict was 'reproduced'" in told
    assert "pearson low was" in told
    assert "was version 99" in told


def test_replay_refuses_what_is_no_audit() -> None:
    with pytest.raises(ClaimFileError, match=r"f.json: must be findings saved as JSON"):
        replay("{}", name="f.json")


def test_html_in_a_quote_is_text(findings: Findings) -> None:
    claim = Claim(
        "<b>",
        Source("s", "A source"),
        "x",
        "<script>alert(1)</script>",
        None,
        (Qualitative("<i>said</i>"),),
    )
    html = audit(claim)._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_duplicate_ids_and_alpha_are_refused() -> None:
    claim = find_claim("S002-01")
    with pytest.raises(
        InvalidEvidenceError, match=r"claim id must be unique.*\[0, 1\]"
    ):
        audit([claim, claim])
    with pytest.raises(InvalidEvidenceError, match=r"alpha must be between 0 and 1"):
        audit(claim, alpha=1.2)


def test_progress_hears_of_each_claim() -> None:
    heard: list[str] = []
    audit(
        [find_claim("S002-01"), find_claim("S002-02")],
        progress=lambda claim: heard.append(claim.id),
    )
    assert heard == ["S002-01", "S002-02"]


def test_repr_counts_verdicts(findings: Findings) -> None:
    assert repr(findings).startswith("<Findings: 5 claims; ")
    assert "S000-04" in str(findings)

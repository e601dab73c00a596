"""Findings in a terminal."""

import io

import pytest
from rich.console import Console

from k2stats.audit import Finding
from k2stats.render import Terminal, display_width
from k2stats.report import print_finding, print_findings


def printed(
    findings: list[Finding], width: int, *, terminal: bool, encoding: str = "utf-8"
) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(
        file=file,
        width=width,
        force_terminal=terminal,
        no_color=True,
        legacy_windows=False,
    )
    shown = Terminal(console)
    print_findings(findings, shown)
    for finding in findings:
        print_finding(finding, shown)
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("terminal", [False, True])
def test_lines_fit(findings: list[Finding], width: int, terminal: bool) -> None:
    text = printed(findings, width, terminal=terminal)
    plain = [_without_style(line) for line in text.split("\n")]
    # The hostile claim's id is a heading and is printed whole.
    assert max(display_width(x) for x in plain if not x.startswith("X-")) <= width
    assert "33/36 v 26/35" in text


def _without_style(line: str) -> str:
    out, inside = "", False
    for char in line:
        if char == "\x1b":
            inside = True
        elif inside:
            inside = char != "m"
        else:
            out += char
    return out


def test_plain_text_has_no_command_from_data_and_no_drawing(
    findings: list[Finding],
) -> None:
    text = printed(findings, 100, terminal=False)
    assert "\x1b" not in text
    assert not any("\u2500" <= c <= "\u257f" for c in text)


def test_what_the_encoding_lacks_is_spelt(findings: list[Finding]) -> None:
    text = printed(findings, 100, terminal=False, encoding="ascii")
    assert "inf" in text


def test_matching_methods_are_marked_with_four_digits(findings: list[Finding]) -> None:
    lines = printed(findings[:1], 120, terminal=False).split("\n")
    marked = [line for line in lines if line.startswith("*")]
    assert len(marked) == 2
    assert "0.04352" in marked[0]
    assert "0.04410" in marked[1]
    assert any("Pearson" in x and "0.05070" in x for x in lines)


def test_missing_and_conflicts_are_named(findings: list[Finding]) -> None:
    text = printed(findings, 120, terminal=False)
    assert "Needed and not printed:\n  - counts of each group" in text
    assert "These cannot all be true together:" in text
    assert "8 claims: 1 hold, 1 depend on the method, 1 not reproduced" in text

"""The command line: what it prints, its exit codes, and what it leaves behind."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from k2stats.cli import app

FUSION = ["--events1", "33", "--n1", "36", "--events2", "26", "--n2", "35"]
STONES = ["--events1", "449", "--n1", "18176", "--events2", "381", "--n2", "18106"]
CLAIMS = """\
[sources.wang2025]
citation = "Wang et al. 2025"
address = "https://example.org/wang2025"

[[claims]]
id = "fusion-p"
source = "wang2025"
locator = "Abstract"
quote = "91.67% v 74.29%, <b>P = .044</b>"
  [claims.evidence]
  type = "two_by_two"
  n1 = 36
  percent1 = "91.67%"
  n2 = 35
  percent2 = "74.29%"
  [[claims.states]]
  type = "p_value"
  value = "0.044"
"""


def run(*arguments: str, columns: int = 100, code: int = 0) -> Any:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(app, list(arguments))
    assert result.exit_code == code, (result.output, result.exception)
    return result


def refused(*arguments: str) -> str:
    """Return the one line of a command that is refused."""
    result = run(*arguments, code=2)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return str(line)


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    path = tmp_path / "claims.toml"
    path.write_text(CLAIMS, encoding="utf-8")
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("k2stats ")
    shown = run("--help").stdout
    for command in ("reproduce", "audit", "show", "tests", "nnt"):
        assert command in shown


def test_starting_loads_nothing_that_only_a_command_needs() -> None:
    heavy = ("rich", "jinja2", "pydantic", "matplotlib", "k2stats.datasets")
    code = f"import sys, k2stats.cli; print([m for m in {heavy!r} if m in sys.modules])"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_tests_marks_what_gives_the_printed_p() -> None:
    # Wang 2025: P = .044 by Fisher mid-p (.0435) and the arcsine z (.0441) alone.
    lines = run("tests", *FUSION, "--reported-p", "0.044").stdout.splitlines()
    marked = [x for x in lines if x.startswith("*")]
    assert any("mid-p" in x and "0.04351" in x for x in marked)
    assert any("Arcsine" in x and "0.04408" in x for x in marked)
    assert any(x.strip().startswith("Pearson") and "0.05073" in x for x in lines)
    assert not any("Pearson" in x for x in marked)


def test_tests_as_json_is_json() -> None:
    found = json.loads(run("tests", *FUSION, "--reported-p", ".044", "--json").stdout)
    by_name = {row["name"]: row for row in found["tests"]}
    assert by_name["midp"]["matches"] is True
    assert by_name["pearson"]["matches"] is False
    assert found["table"] == "33/36 v 26/35"


def test_undefined_numbers_are_null_in_json() -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    empty = ["--events1", "0", "--n1", "5", "--events2", "0", "--n2", "5"]
    text = run("tests", *empty, "--json").stdout
    rows = json.loads(text, parse_constant=refuse)["tests"]
    assert any(row["p"] is None or row["statistic"] is None for row in rows)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--n1", "0"], "n1 must be"),
        (["--events1", "37"], "events1 must be at most n1"),
        (["--events1", "-1"], "events1 must be"),
        (["--reported-p", "1.2"], "p must be"),
        (["--reported-p", "0"], "p must be"),
        (["--reported-p", "x"], "printed number"),
        (["--alpha", "1"], "alpha must be"),
        (["--alpha", "nan"], "alpha must be"),
        (["--events1", "3.5"], "--events1"),
        (["--nope"], "--nope"),
    ],
)
def test_bad_input_to_tests_is_one_line(change: list[str], words: str) -> None:
    assert words in refused("tests", *FUSION, *change)


def test_missing_options_unknown_commands_and_ids_are_one_line() -> None:
    assert "--n2" in refused("tests", *FUSION[:6])
    assert "nope" in refused("nope")
    assert "S000-04" in refused("show", "S000-99")
    assert "CLAIM-ID" in refused("show")


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_tables_fit_the_terminal(width: int, here: Path) -> None:
    chosen = ["--id", "S000-04", "--id", "S001-01"]
    for arguments in (["tests", *FUSION], ["show", "S000-04"], ["reproduce", *chosen]):
        lines = run(*arguments, columns=width).stdout.splitlines()
        assert max(map(len, lines)) <= width, max(lines, key=len)


def test_reproduce_writes_a_report(here: Path) -> None:
    result = run("reproduce", "--id", "S000-04", "--out", "a.html", "--json", "a.json")
    assert "S000-04" in result.stdout
    assert "Wrote a.html" in result.stdout
    assert "mid-p" in (here / "a.html").read_text(encoding="utf-8")
    found = json.loads((here / "a.json").read_text(encoding="utf-8"))
    assert found["findings"][0]["claim"]["id"] == "S000-04"
    assert sorted(p.name for p in here.iterdir()) == ["a.html", "a.json"]


def test_reproduce_json_alone_on_standard_output(here: Path) -> None:
    result = run("reproduce", "--id", "S000-04", "--json", "-")
    assert json.loads(result.stdout)["findings"]
    assert "Wrote report.html" in result.stderr


def test_show_prints_every_method(here: Path) -> None:
    shown = run("show", "S000-04", columns=120).stdout
    assert "P = 0.044" in shown
    assert "0.05073" in shown
    assert any(x.startswith("*") and "0.04351" in x for x in shown.splitlines())
    assert json.loads(run("show", "S000-04", "--json").stdout)["findings"]
    assert list(here.iterdir()) == []


def test_audit_reads_claim_files(claims: Path, here: Path) -> None:
    shown = run("audit", str(claims), "--out", "r.html").stdout
    assert "fusion-p" in shown
    assert "reproduced only by" in shown
    page = (here / "r.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;P = .044&lt;/b&gt;" in page
    assert json.loads(run("audit", str(claims), "--json").stdout)["findings"]


def test_bad_claim_files_are_one_line_and_leave_nothing(
    tmp_path: Path, claims: Path, here: Path
) -> None:
    typo = tmp_path / "typo.toml"
    typo.write_text(CLAIMS.replace("percent1", "pecent1"))
    broken = tmp_path / "broken.toml"
    broken.write_text("[[claims")
    bytes_ = tmp_path / "bytes.toml"
    bytes_.write_bytes(b"\xff\xfe\x00")
    empty = tmp_path / "empty.json"
    empty.write_text("")
    big = tmp_path / "big.toml"
    with big.open("wb") as file:
        file.truncate(2 * 1024**3)  # sparse: takes no room
    for path in (typo, broken, bytes_, empty, big, tmp_path, tmp_path / "none.toml"):
        line = refused("audit", str(path), "--out", "r.html")
        assert path.name in line
    assert "pecent1" in refused("audit", str(typo))
    assert "unique" in refused("audit", str(claims), str(claims), "--out", "r.html")
    assert list(here.iterdir()) == []


def test_an_unwritable_report_is_one_line(claims: Path, here: Path) -> None:
    # before anything is printed, computed or written
    line = refused("audit", str(claims), "--out", "no/such/r.html")
    assert line == "error: Cannot write no/such/r.html: there is no such folder."
    assert "it is a folder" in refused("audit", str(claims), "--out", str(here))
    beside = ("--id", "S000-04", "--out", "r.html", "--json", "no/such/r.json")
    assert "no/such/r.json" in refused("reproduce", *beside)
    assert list(here.iterdir()) == []


def test_an_id_in_two_files_is_refused_with_both(claims: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(CLAIMS, encoding="utf-8")
    line = refused("audit", str(claims), str(other))
    assert "other.toml: id: must be unique over all files" in line
    assert line.endswith(f"'fusion-p' is also in {claims}")


def test_an_unknown_claim_is_put_beside_those_like_it() -> None:
    line = refused("show", "S001-99")
    assert line.startswith("error: Unknown claim 'S001-99'. Known: S001-01, ")
    assert re.search(r"S001-05, and \d+ more\.$", line)


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from k2stats.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100", **environment},
    )


def test_exit_codes_of_the_process(tmp_path: Path) -> None:
    good = command("tests", *FUSION, "--reported-p", "0.044", PYTHONIOENCODING="ascii")
    assert (good.returncode, good.stderr) == (0, "")
    assert "\x1b" not in good.stdout
    bad = command("audit", str(tmp_path / "\x1b[31mnone.toml"))
    assert bad.returncode == 2
    assert bad.stderr.startswith("error: ")
    assert bad.stderr.count("\n") == 1
    assert "\x1b" not in bad.stderr
    assert bad.stdout == ""


def test_no_color_is_respected() -> None:
    asked = ["tests", *FUSION, "--reported-p", "0.044"]
    styled = CliRunner(env={"FORCE_COLOR": "1", "TERM": "xterm"}).invoke(app, asked)
    assert "\x1b[1m" in styled.stdout
    shown = ["show", "S000-04"]
    coloured = CliRunner(env={"FORCE_COLOR": "1", "TERM": "xterm"}).invoke(app, shown)
    assert "\x1b[33m" in coloured.stdout
    plain = CliRunner(
        env={"FORCE_COLOR": "1", "TERM": "xterm", "NO_COLOR": "1"}
    ).invoke(app, shown)
    assert "\x1b[3" not in plain.stdout.replace("\x1b[3m", "")  # italic is no colour


def test_nnt_from_counts() -> None:
    # Newcombe: NNTB 5.75 (2.89 through infinity to NNTH 262).
    shown = run("nnt", *FUSION).stdout
    assert "NNTB 5.75 (NNTB 2.89 to inf to NNTH 262)" in shown
    assert "events taken as good" in shown
    # WHI stones: 1 / (449/18176 - 381/18106) = 273.2 over 7.0 y.
    shown = run(
        "nnt", *STONES, "--harmful", "--horizon", "7.0", "--unit", "y",
        "--interval", "wald",
    ).stdout  # fmt: skip
    assert "NNTH 273 (NNTH 148 to NNTH 1712)" in shown
    assert "over 7.0 y" in shown


RATIO = ["--kind", "HR", "--ratio", "1.17", "--low", "1.02", "--high", "1.34"]


def test_nnt_from_a_ratio() -> None:
    # 381/18106 at risk: 1 / (S - S**1.17) = 282.6, not the 273 of the counts.
    base = ["--baseline-risk", str(381 / 18106)]
    asked = ["nnt", *RATIO, *base, "--harmful"]
    shown = run(*asked, "--horizon", "7.0 y", "--json").stdout
    (row,) = json.loads(shown)["numbers"]
    survival = 1 - 381 / 18106
    assert row["nnt"] == pytest.approx(1 / (survival - survival**1.17), rel=1e-12)
    assert row["kind"] == "NNTH"
    assert "--horizon is needed" in refused(*asked)
    assert "--horizon is needed" in refused(*asked, "--unit", "y")
    assert "--unit is needed" in refused(*asked, "--horizon", "7")
    assert "--unit is needed" in refused("nnt", *FUSION, "--horizon", "7")
    assert "baseline-risk" in refused("nnt", *RATIO, "--harmful")
    assert "--good or --harmful is needed" in refused(
        "nnt", *RATIO, *base, "--horizon", "7", "--unit", "y"
    )


def test_nnt_asks_for_what_is_missing() -> None:
    assert "--n1 is needed" in refused("nnt", "--events1", "3")
    assert "one or the other" in refused("nnt", *FUSION, *RATIO)
    assert "newcombe" in refused("nnt", *FUSION, "--interval", "nope")
    assert "level must be" in refused("nnt", *FUSION, "--level", "95")
    assert "--kind is needed" in refused("nnt")

"""Pooled sets and robustness on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from k2stats.cli import app


def run(*arguments: str, code: int = 0) -> Any:
    result = CliRunner(env={"COLUMNS": "100"}).invoke(app, list(arguments))
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_show_prints_a_claim_with_its_robustness() -> None:
    text = " ".join(run("show", "S000-04").stdout.split())
    assert "Robustness: reverse fragility index 1" in text
    data = json.loads(run("show", "S000-04", "--json").stdout)
    (finding,) = data["findings"]
    names = [p["name"] for p in finding["robustness"]["parts"]]
    assert names[0] == "changed-outcomes"
    assert "pooled_sets" not in data


@pytest.mark.parametrize("key", ["vitamin-k-fracture", "whi-hip-by-vitamin-d-intake"])
def test_show_prints_a_pooled_set(key: str) -> None:
    text = " ".join(run("show", key).stdout.split())
    assert "Needed and not printed" in text
    assert json.loads(run("show", key, "--json").stdout)["key"] == key


def test_show_prints_a_pool_that_was_printed_twice() -> None:
    key = "cockayne-hip-without-three"
    assert "OR 0.30 (0.05 to 1.74)" in run("show", key).stdout
    shown = json.loads(run("show", key, "--json").stdout)
    assert (shown["before"], shown["after"]) == (
        "OR 0.23 (0.12 to 0.47)",
        "OR 0.30 (0.05 to 1.74)",
    )


def test_an_unknown_name_is_refused() -> None:
    result = run("show", "vitamin-q", code=2)
    assert "Unknown claim 'vitamin-q'" in result.stderr


def test_reproduce_writes_pools_only_with_all_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("reproduce", "--id", "S000-04", "--out", "one.html", "--json", "one.json")
    assert "k2-pooled" not in (tmp_path / "one.html").read_text(encoding="utf-8")
    assert "pooled_sets" not in json.loads((tmp_path / "one.json").read_text("utf-8"))
    run("reproduce", "--out", "all.html", "--json", "all.json")
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    assert page.count('class="finding pool"') == 14
    assert page.count('<details class="robustness">') >= 18
    saved = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert (len(saved["pooled_sets"]), len(saved["printed_leave_outs"])) == (11, 3)

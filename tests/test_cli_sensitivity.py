"""The command that runs a multiverse from a file."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from k2stats.cli import app
from k2stats.datasets import bcg

SPEC = """
title = "BCG"
[data]
file = "bcg.csv"
study = "trial"
columns = { a = "tpos", b = "tneg", c = "cpos", d = "cneg" }
[choices]
measures = ["RR", "OR"]
models = ["random", "common", "MH"]
tau2 = ["REML", "DL"]
ci = ["HK", "z", "KR"]
[subsets]
random = { column = "alloc", equals = "random" }
[exclude]
sets = { "the first" = ["Aronson 1948"] }
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    frame = bcg.frame().rename_axis("label").reset_index()
    frame = frame.drop(columns="trial").rename(columns={"label": "trial"})
    frame.to_csv(tmp_path / "bcg.csv", index=False)
    path = tmp_path / "spec.toml"
    path.write_text(SPEC)
    return path


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["sensitivity", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_text(spec: Path) -> None:
    code, out, _ = run(spec)
    assert code == 0
    # REML and HK of all thirteen, as `k2stats pool` prints it: 0.4894
    assert "0.489" in out
    # 2 measures x 4 sets of studies x (2 x 2 + KR, common, MH)
    assert "BCG\n56 specifications of 13 studies (RR, OR)" in out
    assert "RR and OR are different quantities" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_files_and_json(spec: Path, tmp_path: Path) -> None:
    figure, table = tmp_path / "curve.svg", tmp_path / "all.csv"
    code, out, err = run(spec, "--out", figure, "--csv", table, "--json")
    assert code == 0
    found = json.loads(out)
    frame = pd.read_csv(table)
    assert len(frame) == found["specifications"] == 56
    assert found["scales"][0]["scale"] == "RR"
    assert found["scales"][0]["reference"] == pytest.approx(0.48942, abs=5e-6)
    reasons = {row["reason"] for row in found["ruled_out"]}
    assert "tau2 must be 'REML' where ci is 'KR'" in reasons
    shares = [r["share"] for r in found["moves"] if r["outcome"] == "log_p"]
    assert sum(shares) == pytest.approx(1.0)
    assert figure.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    assert err.count("Wrote") == 2
    assert "0.95" in set(frame["level"].astype(str))
    # the same file again is the same, byte for byte
    before = figure.read_bytes(), table.read_bytes()
    run(spec, "--out", figure, "--csv", table)
    assert (figure.read_bytes(), table.read_bytes()) == before


def test_output_named_in_the_file_stands_beside_it(spec: Path) -> None:
    spec.write_text(SPEC + '[output]\nfigure = "a.png"\ncsv = "a.csv"\n')
    code, out, _ = run(spec)
    assert code == 0
    assert (spec.parent / "a.png").stat().st_size > 10_000
    assert "Wrote" in out
    assert len(pd.read_csv(spec.parent / "a.csv")) == 56


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ('"REML", "DL"', '"REMl"'),
            "choices.tau2.0: unknown estimator of tau2 'REMl'",
        ),
        (("measures =", "measure ="), "choices.measure: unknown field 'measure'; did"),
        (('"MH"', '"HM"'), "choices.models.2: unknown model 'HM'; did you mean 'MH'?"),
        (('"KR"', "3"), "choices.ci.2: must be text in quotes, got 3"),
        (('file = "bcg.csv"', 'file = "b.csv"'), "data.file: b.csv is not there"),
        (('file = "bcg.csv"', "rows = []"), "data.rows: must hold at least one"),
        (('study = "trial"', 'study = "tral"'), "data.study: unknown column 'tral'"),
        (('a = "tpos"', 'a = "pos"'), "data.columns.a: unknown column 'pos'"),
        (('a = "tpos", ', ""), "spec.toml: a is needed for RR and was not given"),
        (
            ('column = "alloc"', 'column = "al"'),
            "subsets.random.column: unknown column",
        ),
        (
            ('equals = "random"', 'equals = "x"'),
            "subsets.random: must choose one study or more; alloc holds 'random', "
            "'alternate', 'systematic'",
        ),
        (
            (', equals = "random"', ""),
            "subsets.random: must have equals, least or most",
        ),
        (
            ("Aronson 1948", "Aronson"),
            "exclude.sets.the first: unknown study 'Aronson'",
        ),
        (("[data]", "[date]"), "data: is required"),
        (("[exclude]", "[exclude"), "not valid TOML"),
        (('title = "BCG"', "seed = 'x'"), "seed: must be a whole number"),
        (
            ("[exclude]", "[reference]\ntest = 'z'\n[exclude]"),
            "reference.test: unknown choice 'test'",
        ),
        (
            ('"HK", "z", "KR"]', '"HK"]\nlevels = 95'),
            "choices.levels.0: must be less than 1",
        ),
        (
            ('"HK", "z", "KR"]', '"HK"]\nzero_cells = { add = -1.0 }'),
            "choices.zero_cells.0: add must be 0 or a positive number",
        ),
        (
            ('"HK", "z", "KR"]', '"HK"]\nzero_cells = "half"'),
            "choices.zero_cells.0: unknown rule for zero cells 'half'",
        ),
        (
            ('models = ["random", "common", "MH"]', 'models = "Peto"'),
            "",
        ),
    ],
)
def test_bad_input_names_file_field_and_rule(
    spec: Path, change: tuple[str, str], message: str
) -> None:
    old, new = change
    assert old in SPEC
    spec.write_text(SPEC.replace(old, new))
    code, out, err = run(spec)
    if not message:  # a good file
        assert code == 0
        return
    assert code == 2
    assert out == ""
    assert message in err
    assert "spec.toml: " in err
    assert all(line.startswith("error: ") for line in err.splitlines())


def test_every_error_of_a_file_is_told(spec: Path) -> None:
    spec.write_text(SPEC.replace('"REML"', '"RML"').replace('"MH"', '"HM"'))
    lines = run(spec)[2].splitlines()
    assert len(lines) == 2


def test_files_that_are_not_there_or_not_toml(tmp_path: Path) -> None:
    assert "there is no such file" in run(tmp_path / "none.toml")[2]
    assert "must end in .toml" in run(tmp_path / "spec.json")[2]
    (tmp_path / "x.toml").mkdir()
    assert "is a folder; a multiverse file is needed" in run(tmp_path / "x.toml")[2]


def test_what_cannot_be_written_is_refused_before_anything_is(
    spec: Path, tmp_path: Path
) -> None:
    table = tmp_path / "all.csv"
    code, _, err = run(spec, "--csv", table, "--out", tmp_path / "curve.gif")
    assert code == 2
    assert "a figure is .svg, .pdf or .png" in err
    assert not table.exists()
    code, _, err = run(spec, "--csv", table, "--out", tmp_path / "no" / "curve.svg")
    assert code == 2
    assert "there is no such folder" in err
    assert not table.exists()


def test_rows_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "inline.toml"
    path.write_text(
        '[data]\nstudy = "who"\nrows = [\n'
        '{ who = "A", y = 0.10, v = 0.02, year = 1990 },\n'
        '{ who = "B", y = 0.40, v = 0.03, year = 2001 },\n'
        '{ who = "C", y = 0.35, v = 0.05, year = 2010 },\n]\n'
        '[choices]\nmeasures = "GEN"\nmodels = "random"\ntau2 = "DL"\nci = "z"\n'
        "levels = [0.9, 0.95]\n"
        '[subsets]\nrecent = { column = "year", least = 2000, most = 2020 }\n'
        "[exclude]\npairs = true\neach = true\n"
    )
    code, out, _ = run(path, "--json")
    assert code == 0
    # all, A, B or C left out; leaving out two leaves one study; recent is A left out
    assert json.loads(out)["specifications"] == 8
    assert run(tmp_path / "inline.toml")[0] == 0
    path.write_text(path.read_text().replace("year = 2010", "year = true"))
    assert (
        "data.rows.2.year: must be labels of studies, text or numbers" in run(path)[2]
    )


def test_the_example_runs() -> None:
    example = Path(__file__).parents[1] / "examples" / "multiverse.toml"
    code, out, _ = run(example, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["studies"] == 13
    assert found["scales"][0]["reference"] == pytest.approx(0.48942, abs=5e-6)

"""The command that pools a table of studies."""

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from k2stats.cli import app
from k2stats.datasets import bcg

COUNTS = [
    f"--column={what}={name}"
    for what, name in (("a", "tpos"), ("b", "tneg"), ("c", "cpos"), ("d", "cneg"))
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "bcg.csv"
    bcg.frame().reset_index().to_csv(path, index=False)
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["pool", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_bcg_risk_ratio(table: Path) -> None:
    code, out, _ = run(str(table), "--measure", "RR", *COUNTS)
    assert code == 0
    # metafor, dat.bcg, REML with test="knha": estimate -0.7145, se 0.1808
    assert "-0.7145" in out
    assert "0.1808" in out


def test_json_and_forest_are_whole(table: Path, tmp_path: Path) -> None:
    figure = tmp_path / "forest.svg"
    code, out, err = run(
        str(table), "--measure", "RR", *COUNTS, "--json", "--forest", str(figure)
    )
    assert code == 0
    found = json.loads(out)
    assert found["studies"] == 13
    assert found["result"][0]["tau2"] == pytest.approx(0.3132, abs=0.5e-4)
    assert "Hartung-Knapp" in found["report"]
    assert figure.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    assert "Wrote" in err


def test_a_figure_has_the_same_bytes_each_time(table: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    for figure in (first, second):
        run(str(table), "--measure", "RR", *COUNTS, "--forest", str(figure))
    assert first.read_bytes() == second.read_bytes()


def test_moderators(table: Path) -> None:
    code, out, _ = run(
        str(table), "--measure", "RR", *COUNTS, "--mods", "~ ablat", "--ci", "z"
    )
    assert code == 0
    # van Houwelingen et al. (2002) and metafor, dat.bcg, REML: slope -0.0291
    assert "-0.0291" in out


def test_moderators_stay_with_their_studies_when_rows_are_left_out(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gaps.csv"
    rows = ["study,y,v,dose", "A,0.1,0.02,1", "B,,0.03,90", "C,0.3,0.03,2"]
    rows += ["D,0.5,0.05,3", "E,0.6,0.04,4"]
    path.write_text("\n".join(rows) + "\n")
    asked = (str(path), "--measure", "GEN", "--mods", "~ dose", "--json")
    assert run(*asked)[0] == 2
    code, out, _ = run(*asked, "--drop-missing")
    assert code == 0
    slope = json.loads(out)["result"][1]["estimate"]
    # a line through four nearly collinear points, 90 left out
    assert 0.1 < slope < 0.25


def test_named_estimators_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "yv.tsv"
    path.write_text("label\ty\tv\nA\t0.1\t0.02\nB\t0.3\t0.03\nC\t0.8\t0.05\n")
    code, out, _ = run(str(path), "--measure", "GEN", "--tau2", "DL", "--ci", "z")
    assert code == 0
    assert "DerSimonian-Laird" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--measure", "RR"], "error: columns for RR must be events1, n1, events2, n2"),
        (["--measure", "RRR"], "error: Unknown measure 'RRR'"),
        (["--measure", "RR", "--column", "a"], "must be of the form WHAT=COLUMN"),
        (
            ["--measure", "RR", *COUNTS, "--level", "95"],
            "level must be between 0 and 1",
        ),
        (["--measure", "RR", *COUNTS, "--tau2", "REMl"], "REMl"),
        (
            ["--measure", "RR", *COUNTS, "--forest", "x.gif"],
            "a figure is .svg, .pdf or .png",
        ),
    ],
)
def test_bad_input_is_one_line(table: Path, arguments: list[str], message: str) -> None:
    code, _, err = run(str(table), *arguments)
    assert code == 2
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_cells_that_are_no_numbers_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("y,v\n1,0.1\nx,0.2\n")
    code, _, err = run(str(path), "--measure", "GEN")
    assert code == 2
    assert "column 'y' must be numeric, got 'x'; violated in rows [1]." in err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no such file"),
        (b"", "cannot be read as a table"),
        (b"y,v\n", "has no rows"),
        (b"\xff\xfe\x00y", "cannot be read as a table"),
    ],
)
def test_files_that_are_no_tables(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "table.csv"
    if content is not None:
        path.write_bytes(content)
    code, _, err = run(str(path), "--measure", "GEN")
    assert code == 2
    assert message in err


def test_a_folder_and_a_huge_file(tmp_path: Path) -> None:
    assert "is a folder" in run(str(tmp_path), "--measure", "GEN")[2]
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(2_000_000_000)
    assert "at most 200 MB" in run(str(huge), "--measure", "GEN")[2]


def test_a_profile_holds_for_moderators(table: Path) -> None:
    code, out, _ = run(
        str(table),
        *("--measure", "RR", *COUNTS, "--mods", "~ ablat", "--profile", "metafor"),
    )
    assert code == 0
    assert "profile metafor" in out
    # metafor, dat.bcg: slope -0.0291, standard error 0.0072
    assert "-0.0291  0.0072" in out


def test_moderators_as_json_and_forest(table: Path, tmp_path: Path) -> None:
    figure = tmp_path / "forest.svg"
    code, out, _ = run(
        str(table),
        *("--measure", "RR", *COUNTS, "--mods", "~ ablat", "--ci", "z"),
        *("--forest", str(figure), "--json"),
    )
    assert code == 0
    found = json.loads(out)
    # metafor, rma(yi, vi, mods = ~ ablat, data = dat.bcg)
    assert [row["coefficient"] for row in found["result"]] == ["Intercept", "ablat"]
    assert found["result"][1]["estimate"] == pytest.approx(-0.0291, abs=0.5e-4)
    assert found["natural"][1]["estimate"] == pytest.approx(
        math.exp(found["result"][1]["estimate"])
    )
    assert found["fit"]["tau2"] == pytest.approx(0.0764, abs=1.5e-4)
    assert found["fit"]["R2"] == pytest.approx(75.62, abs=0.05)
    drawn = figure.read_text(encoding="utf-8")
    assert drawn.rstrip().endswith("</svg>")
    assert "Diamonds: means predicted by ~ ablat" in drawn


def test_json_holds_the_natural_scale(table: Path) -> None:
    _, out, _ = run(str(table), "--measure", "RR", *COUNTS, "--ci", "z", "--json")
    found = json.loads(out)
    assert (found["measure"], found["scale"]) == ("RR", "log")
    # metafor, predict(rma(yi, vi, data = dat.bcg), transf = exp, digits = 2)
    shown = {name: round(value, 2) for name, value in found["natural"].items()}
    assert shown == {
        "estimate": 0.49,
        "low": 0.34,
        "high": 0.70,
        "pi_low": 0.15,
        "pi_high": 1.55,
    }
    _, out, _ = run(str(table), "--measure", "RR", *COUNTS, "--by", "alloc", "--json")
    row = json.loads(out)["natural"][-1]
    assert list(row) == ["alloc", "estimate", "low", "high", "pi_low", "pi_high"]
    assert (row["alloc"], round(row["estimate"], 2)) == ("Overall", 0.49)


def test_intervals_that_draw_take_a_seed(table: Path) -> None:
    wish = (str(table), "--measure", "RR", *COUNTS, "--ci", "permutation")
    code, _, err = run(*wish)
    assert code == 2
    assert "rng is needed" in err
    made = [run(*wish, "--seed", "5") for _ in range(2)]
    assert made[0][0] == 0
    assert made[0] == made[1]


def test_subgroups_and_their_forest(table: Path, tmp_path: Path) -> None:
    figure = tmp_path / "forest.svg"
    code, out, _ = run(
        str(table), "--measure", "RR", *COUNTS, "--by", "alloc", "--forest", str(figure)
    )
    assert code == 0
    assert "Subgroup analysis by alloc: 13 studies in 3 subgroups" in out
    assert "Between, common effects" in out
    drawn = figure.read_text(encoding="utf-8")
    assert drawn.rstrip().endswith("</svg>")
    assert "Subtotal, k = 7" in drawn


def test_subgroups_as_json(table: Path) -> None:
    code, out, _ = run(
        str(table),
        *("--measure", "RR", *COUNTS, "--by", "alloc", "--ci", "z", "--json"),
    )
    assert code == 0
    found = json.loads(out)
    assert [row["alloc"] for row in found["result"]] == [
        "random",
        "alternate",
        "systematic",
        "Overall",
    ]
    # Stata's Meta-Analysis Reference Manual, meta forestplot: Qb(2) = 1.86, p = 0.39
    test = found["subgroup_differences"]["Q"]
    assert round(test["statistic"], 2) == 1.86
    assert (test["df"], test["ddf"], round(test["p"], 2)) == (2.0, None, 0.39)
    code, out, _ = run(
        str(table),
        *("--measure", "RR", *COUNTS, "--by", "alloc", "--common-tau2", "--json"),
    )
    assert code == 0
    test = json.loads(out)["subgroup_differences"]["F"]
    assert (test["df"], test["ddf"]) == (2.0, 10.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--common-tau2",), "--common-tau2 must be given with --by"),
        (("--by", "alloc", "--mods", "~ ablat"), "--by must be given without --mods"),
        (("--mods", "~ ablat", "--model", "common"), "--model must be given without"),
        (("--by", "nothing"), "nothing"),
        (("--mods", "~ ablat", "--seed", "1"), "--seed must be given without --mods"),
    ],
)
def test_options_that_do_not_go_together(
    table: Path, options: tuple[str, ...], said: str
) -> None:
    code, _, err = run(str(table), "--measure", "RR", *COUNTS, *options)
    assert code == 2
    assert said in err
    assert err.count("error:") == 1

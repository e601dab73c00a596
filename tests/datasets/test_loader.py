"""The loader finds the tables, keeps every cell as printed, and says what is wrong."""

from pathlib import Path

import pytest

from k2stats.datasets import _loader
from k2stats.datasets._loader import (
    find_root,
    load_licence,
    load_rows,
    load_source,
    load_table,
    table_info,
    table_keys,
    table_root,
)
from k2stats.errors import InvalidEvidenceError, MissingInputError, UnknownMethodError

SOURCE_TOML = """
key = "demo"
citation = "Anon A. A table. J Examples 1900;1:1."
address = "https://example.org/1"
status = "retracted"
notice = "Withdrawn in 1901."
licence = "Public domain."

[tables.levels]
file = "levels.csv"
locator = "Table 1"

[tables.levels.columns]
who = "patient"
level = "serum level, ng/ml"
"""
LEVELS_CSV = "who,level\nA,0.70\nB,N.A.\nC,\u2013\nD,\nE,NA\nF,007\n"


def write(root: Path, toml: str = SOURCE_TOML, csv: str | None = LEVELS_CSV) -> Path:
    folder = root / "demo"
    folder.mkdir(parents=True)
    (folder / "source.toml").write_text(toml, encoding="utf-8")
    if csv is not None:
        (folder / "levels.csv").write_text(csv, encoding="utf-8")
    return root


def test_a_wheel_carries_the_tables_below_the_package(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "k2stats" / "datasets"
    root = write(package / "_tables")
    assert find_root(package) == root
    assert table_keys(root) == ("demo",)
    assert load_table("demo", "levels", root=root).shape == (6, 2)


def test_a_checkout_has_the_tables_beside_src(tmp_path: Path) -> None:
    root = write(tmp_path / "datasets")
    assert find_root(tmp_path / "src" / "k2stats" / "datasets") == root


def test_the_carried_tables_come_first(tmp_path: Path) -> None:
    package = tmp_path / "src" / "k2stats" / "datasets"
    write(tmp_path / "datasets")
    assert find_root(package) != write(package / "_tables") / "x"
    assert find_root(package) == package / "_tables"


def test_no_tables_anywhere_names_both_places(tmp_path: Path) -> None:
    package = tmp_path / "src" / "k2stats" / "datasets"
    (tmp_path / "datasets").mkdir()
    with pytest.raises(MissingInputError) as caught:
        find_root(package)
    assert str(package / "_tables") in str(caught.value)
    assert str(tmp_path / "datasets") in str(caught.value)


def test_cells_stay_as_printed(tmp_path: Path) -> None:
    table = load_table("demo", "levels", root=write(tmp_path))
    assert table["level"].tolist() == ["0.70", "N.A.", "\u2013", "", "NA", "007"]
    rows = load_rows("demo", "levels", root=tmp_path)
    assert rows[0] == {"who": "A", "level": "0.70"}


def test_a_changed_copy_leaves_the_table_alone(tmp_path: Path) -> None:
    root = write(tmp_path)
    mine = load_table("demo", "levels", root=root)
    mine.loc[0, "level"] = "9"
    assert load_table("demo", "levels", root=root)["level"][0] == "0.70"


def test_the_source_is_read(tmp_path: Path) -> None:
    root = write(tmp_path)
    source = load_source("demo", root=root)
    assert (source.key, source.status) == ("demo", "retracted")
    assert str(source).endswith("[retracted]")
    assert load_licence("demo", root=root) == "Public domain."
    assert table_info("demo", root=root)["levels"].columns["level"].endswith("ng/ml")


def test_unknown_names_list_the_known(tmp_path: Path) -> None:
    root = write(tmp_path)
    with pytest.raises(UnknownMethodError, match=r"Unknown data set 'dmeo'.*demo"):
        load_source("dmeo", root=root)
    with pytest.raises(UnknownMethodError, match=r"table of demo 'x'.*levels"):
        load_table("demo", "x", root=root)
    with pytest.raises(UnknownMethodError, match="data set"):
        load_table("../demo", "levels", root=root)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    root = write(tmp_path, csv=None)
    with pytest.raises(MissingInputError, match=r"table 'levels'.*levels\.csv"):
        load_table("demo", "levels", root=root)


def test_undocumented_columns_are_refused(tmp_path: Path) -> None:
    root = write(tmp_path, csv="who,value\nA,1\n")
    with pytest.raises(InvalidEvidenceError, match="who, level"):
        load_table("demo", "levels", root=root)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('licence = "Public domain."', "", "licence"),
        ('"retracted"', '"withdrawn"', "withdrawn"),
        ('key = "demo"', 'key = "other"', "other"),
    ],
)
def test_a_faulty_source_is_refused(
    tmp_path: Path, old: str, new: str, match: str
) -> None:
    root = write(tmp_path, toml=SOURCE_TOML.replace(old, new))
    with pytest.raises((MissingInputError, InvalidEvidenceError), match=match):
        load_source("demo", root=root)


def test_every_file_is_documented_and_every_document_has_its_file() -> None:
    root = table_root()
    assert table_keys() == (
        "bcg",
        "cauley2013",
        "collins1985a",
        "collins1985b",
        "dersimonian2007",
        "hartung2001",
        "jackson2014",
        "lee2004",
        "lipsey2001",
        "miller1978",
        "nielweise2007",
        "nielweise2008",
        "normand1999",
        "raudenbush1985",
        "record2005",
        "rothman2008",
        "shiraki2000",
        "tsuchie2012",
        "viechtbauer2005",
        "viechtbauer2007b",
        "yusuf1985",
    )
    for key in table_keys():
        described = {info.file for info in table_info(key).values()}
        assert described == {p.name for p in (root / key).glob("*.csv")}
        assert load_licence(key)
        for name, info in table_info(key).items():
            assert info.locator
            assert all(info.columns.values())
            table = load_table(key, name)
            assert len(table) > 1
            assert all(
                cell == cell.strip() for column in table for cell in table[column]
            )


def test_this_installation_has_its_tables() -> None:
    assert find_root(Path(_loader.__file__).parent) == table_root()

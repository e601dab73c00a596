"""The command of the simulations: repeatable, and its page is that of its tables."""

from pathlib import Path

import numpy as np
import pytest

from simulations import page, prediction
from simulations.__main__ import main
from simulations.designs import VARIANCES, Cell, cells
from simulations.studies import STUDIES, kept
from simulations.tables import FOLDER, Row, distance, read, row, write


def test_the_page_is_made_from_the_tables() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.text()


def test_every_table_is_kept_whole() -> None:
    assert {p.stem for p in FOLDER.glob("*.csv")} == set(STUDIES)
    for name, study in STUDIES.items():
        rows = kept(name)
        assert len({tuple(r.cell.values()) for r in rows}) == len(list(study.cells()))
        assert len({r.key for r in rows}) == len(rows)


def test_a_table_is_repeatable_whatever_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = [Cell("spread", 3, 0.5), Cell("equal", 3, 0.0)]
    monkeypatch.setattr(prediction, "cells", lambda: iter(some))
    given = ["coverage", "prediction", "--sets", "120", "--out"]
    assert main([*given, str(tmp_path / "a")]) == 0
    assert main([*given, str(tmp_path / "b"), "--workers", "2"]) == 0
    assert main([*given, str(tmp_path / "c"), "--seed", "1"]) == 0
    a, b, c = ((tmp_path / folder / "prediction.csv").read_bytes() for folder in "abc")
    assert a == b != c


def test_unknown_tables_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["coverage", "means"])
    assert "no table means; there are counts, mean" in capsys.readouterr().err


def test_a_row_counts_what_is_covered_and_what_is_not_there() -> None:
    low = np.array([-1.0, 0.5, -2.0, np.nan])
    high = np.array([1.0, 1.5, np.inf, np.nan])
    made = row({"K": 3}, {"interval": "z"}, (low, high), 0.0)
    assert made.coverage == 0.5
    assert made.undefined == 0.25
    assert made.width == np.inf
    assert made.median_width == 2.0
    assert made.coverage_se == pytest.approx(0.25)


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    limits = np.array([-1.0, -0.5]), np.array([1.0, 2.0])
    rows = [row({"K": 3, "I2": 0.5}, {"interval": "z"}, limits, 0.0)]
    write(tmp_path / "t.csv", rows)
    assert read(tmp_path / "t.csv", 2)[0].key == (3, 0.5, "z")
    assert read(tmp_path / "t.csv", 2)[0].width == rows[0].width


def test_distances_are_in_standard_errors() -> None:
    def of(share: float, sets: int) -> Row:
        hits = np.arange(sets) < share * sets
        ends = np.where(hits, -1.0, 1.0), np.full(sets, 2.0)
        return row({"K": 3}, {"interval": "z"}, ends, 0.0)

    error = (2 * 0.9 * 0.1 / 1000) ** 0.5
    assert distance(of(0.9, 1000), of(0.92, 1000)) == pytest.approx(
        0.02 / error, rel=0.06
    )
    # Shares of one have errors too.
    assert distance(of(1.0, 100), of(1.0, 100)) == 0.0
    assert distance(of(1.0, 100), of(0.99, 100)) < 1.0


def test_the_typical_variance_is_one() -> None:
    for cell in cells():
        w = 1.0 / cell.v
        k = cell.studies
        typical = (k - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
        assert typical == pytest.approx(1.0)
        y, v = cell.draw(4000, 5)
        share = y.var(axis=0) / (v[0] + cell.tau2)
        assert np.abs(share - 1.0).max() < 6.0 * (2.0 / 4000) ** 0.5
    assert {c.variances for c in cells()} == set(VARIANCES)

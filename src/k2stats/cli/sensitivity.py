"""The command that runs a multiverse of analyses from a file: ``sensitivity``."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k2stats.cli._app import JsonFlag, app, check_outputs, write, write_figure

if TYPE_CHECKING:
    from k2stats.sensitivity import Multiverse
    from k2stats.sensitivity.multiverse_files import MultiverseSpec


@app.command()
def sensitivity(
    file: Annotated[
        Path,
        typer.Argument(help="A multiverse file, TOML.", metavar="FILE"),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Write the specification curve here (SVG, PDF, PNG).",
            metavar="FILE",
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", help="Write every specification here, a row each.", metavar="FILE"
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Run every combination of analytical choices that a file names.

    Prints the range of the estimates, the share that is significant and which choice
    moves them most. --out and --csv go before what the file names under [output].
    """
    from k2stats.sensitivity.multiverse_files import read_multiverse

    spec = read_multiverse(file)
    figure, table = out or spec.figure, csv or spec.csv
    _check_outputs(figure, table)
    found = _run(spec)
    # Everything is made before anything is written.
    drawn = None if figure is None else found.plot(title=spec.title)
    rows = None if table is None else found.to_frame().to_csv(index=False)
    if figure is not None and drawn is not None:
        write_figure(drawn, figure, quiet=as_json)
    if table is not None and rows is not None:
        write(rows, table, quiet=as_json)
    if as_json:
        _print_json(spec, found)
    else:
        _print(spec, found)


def _check_outputs(figure: Path | None, table: Path | None) -> None:
    """Refuse what could not be written before anything is computed."""
    from k2stats.errors import OutputError

    if figure is not None and figure.suffix.lower() not in (".svg", ".pdf", ".png"):
        raise OutputError(path=str(figure), reason="a figure is .svg, .pdf or .png")
    check_outputs(figure, table)


def _run(spec: "MultiverseSpec") -> "Multiverse":
    """Run it, with a progress bar where it takes time."""
    from k2stats.render import progress_bar

    with ExitStack() as stack:
        return spec.run(
            lambda verb, total: stack.enter_context(progress_bar(verb, total))
        )


def _print(spec: "MultiverseSpec", found: "Multiverse") -> None:
    from k2stats.render import Terminal
    from k2stats.sensitivity._multiverse_text import (
        listing,
        moves_table,
        scale_table,
        short,
    )

    terminal = Terminal()
    if spec.title:
        terminal.paragraph(spec.title, style="bold")
    terminal.paragraph(short(found))
    terminal.line()
    terminal.table(_turned(scale_table(found)))
    terminal.line()
    for name, index in found.reference.items():
        terminal.paragraph(f"Reference, {name}: {found.describe(index)}.")
    if len(found.panels) > 1:
        scales = listing(list(found.panels))
        terminal.paragraph(f"{scales} are different quantities, each compared alone.")
    if found.varied:
        terminal.line()
        terminal.paragraph("Shares of the variance over specifications:")
        terminal.table(moves_table(found))
    terminal.line()
    if len(found.invalid):
        terminal.paragraph(
            f"Combinations ruled out: {len(found.invalid)} (--json has the reasons)."
        )
    for note in found.notes:
        terminal.paragraph(note)


def _turned(columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """One row a figure and one column a scale, so that it fits a terminal."""
    heads = columns["Scale"]
    figures = [name for name in columns if name != "Scale"]
    return {
        "": figures,
        **{
            head: [columns[name][i] for name in figures] for i, head in enumerate(heads)
        },
    }


def _print_json(spec: "MultiverseSpec", found: "Multiverse") -> None:
    from k2stats.render import json_text

    outcomes = [("estimate", name) for name in found.panels]
    outcomes += [("log_p", None), ("significant", None)]  # type: ignore[list-item]
    moves: list[dict[str, Any]] = []
    for of, scale in outcomes:
        frame = found.decomposition(of, scale).to_frame()
        moves += [
            {"outcome": of, "scale": scale, **{str(k): v for k, v in row.items()}}
            for row in frame.to_dict("records")
        ]
    record = {
        "title": spec.title,
        "specifications": len(found),
        "studies": len(found.study),
        "scales": found.by_scale().to_dict("records"),
        "reference": {n: found.describe(i) for n, i in found.reference.items()},
        "vibration": found.vibration().to_dict("records"),
        "moves": moves,
        "ruled_out": found.invalid.to_dict("records"),
        "notes": list(found.notes),
        "version": found.version,
    }
    typer.echo(json_text(record))

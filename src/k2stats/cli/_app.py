"""The application: how commands are filed, how errors and files are written."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from k2stats.errors import K2StatsError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BAD_INPUT = 2


class _OneLineErrors(TyperGroup):
    """Commands whose errors are one line, whoever raised them."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; print an error in one line and exit with 2."""
        try:
            code = super().main(
                args, prog_name, complete_var, False, windows_expand_args, **extra
            )
        except K2StatsError as error:
            _fail(str(error))
            code = BAD_INPUT
        except typer.Abort:
            code = 130
        except Exception as error:
            # The errors of option parsing; their class has moved between versions.
            if not hasattr(error, "format_message"):
                raise
            _fail(str(error.format_message()))
            code = BAD_INPUT
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def _fail(message: str) -> None:
    """Print a line for each error of a message."""
    encoding = sys.stderr.encoding or "utf-8"
    for line in message.splitlines():
        safe = "".join(c if c.isprintable() else "\ufffd" for c in line.strip())
        spelt = safe.encode(encoding, "backslashreplace").decode(encoding)
        print(f"error: {spelt}", file=sys.stderr)


app = typer.Typer(
    cls=_OneLineErrors,
    name="k2stats",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Recompute printed numbers and say what holds.",
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Write a report (HTML) here.", metavar="FILE"),
]
Alpha = Annotated[float, typer.Option("--alpha", help="Level of decisions.")]


def _version(asked: bool) -> None:
    """Print the version and stop."""
    if asked:
        from k2stats._version import __version__

        typer.echo(f"k2stats {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print it."),
    ] = False,
) -> None:
    """Recompute printed numbers and say what holds."""


def check_share(field: str, value: float) -> None:
    """Refuse what is not between 0 and 1."""
    from k2stats.errors import InvalidEvidenceError

    if not 0 < value < 1:
        raise InvalidEvidenceError(
            field=field, requirement="between 0 and 1", given=value
        )


def check_outputs(*paths: Path | None) -> None:
    """Refuse what cannot be written, before anything is computed or written."""
    from os import W_OK, access

    from k2stats.errors import OutputError

    for path in paths:
        if path is None:
            continue
        folder = path.absolute().parent
        if not folder.is_dir():
            raise OutputError(path=str(path), reason="there is no such folder")
        if path.is_dir():
            raise OutputError(path=str(path), reason="it is a folder")
        if not access(path if path.exists() else folder, W_OK):
            raise OutputError(path=str(path), reason="permission denied")


def write(text: str, path: Path, *, quiet: bool) -> None:
    """Write a file and say where, beside the JSON where that takes standard output."""
    from k2stats.report import write_text

    typer.echo(f"Wrote {write_text(path, text)}", err=quiet)


def write_figure(figure: "Figure", path: Path, *, quiet: bool) -> None:
    """Write a figure in the format of its suffix, whole or not at all."""
    from io import BytesIO

    from matplotlib import rc_context

    from k2stats.errors import OutputError
    from k2stats.report import write_bytes

    kind = path.suffix.lower().lstrip(".")
    if kind not in ("svg", "pdf", "png"):
        raise OutputError(path=str(path), reason="a figure is .svg, .pdf or .png")
    buffer = BytesIO()
    # no date in the file and no random names, so that a figure gives the same bytes
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    with rc_context({"svg.hashsalt": "k2stats"}):
        figure.savefig(buffer, format=kind, bbox_inches="tight", metadata=undated)
    typer.echo(f"Wrote {write_bytes(path, buffer.getvalue())}", err=quiet)

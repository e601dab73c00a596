"""The ``k2stats`` command.

Exit codes: 0 when everything asked for was evaluated, 2 on bad input, which is named
in one line on standard error. What is heavy is imported inside the commands.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from k2stats.errors import K2StatsError

if TYPE_CHECKING:
    from k2stats.absolute_effects import EventsAre
    from k2stats.audit import Findings
    from k2stats.evidence import Claim, TwoByTwo

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
Events1 = typer.Option(help="Events in group 1, the treated.")
N1 = typer.Option(help="Participants in group 1.")
Events2 = typer.Option(help="Events in group 2.")
N2 = typer.Option(help="Participants in group 2.")


class Unit(StrEnum):
    """Units of a horizon."""

    DAYS = "d"
    WEEKS = "wk"
    MONTHS = "mo"
    YEARS = "y"


class Ratio(StrEnum):
    """Ratios that a number needed to treat can be computed from."""

    RR = "RR"
    OR = "OR"
    HR = "HR"


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


@app.command()
def reproduce(
    out: Annotated[
        Path,
        typer.Option("--out", help="Write the report (HTML) here.", metavar="FILE"),
    ] = Path("report.html"),
    json_file: Annotated[
        str | None,
        typer.Option("--json", help="Write findings as JSON; - prints them alone."),
    ] = None,
    claim_ids: Annotated[
        list[str] | None,
        typer.Option("--id", help="Audit this claim only; repeatable."),
    ] = None,
    alpha: Alpha = 0.05,
) -> None:
    """Audit the embedded sources, print the findings and write a report."""
    from k2stats.datasets import all_claims

    claims = [_find(i) for i in claim_ids] if claim_ids else all_claims()
    findings = _audit(claims, alpha)
    if json_file == "-":
        typer.echo(findings.to_json())
    else:
        _print_table(findings)
        if json_file is not None:
            _write(findings.to_json() + "\n", Path(json_file), quiet=False)
    _write_report(findings, out, quiet=json_file == "-")


@app.command()
def audit(
    files: Annotated[
        list[Path], typer.Argument(help="Claim files, TOML or JSON.", metavar="FILE...")
    ],
    as_json: JsonFlag = False,
    out: Out = None,
    alpha: Alpha = 0.05,
) -> None:
    """Audit claims from files."""
    from k2stats.evidence.claim_files import read_claims

    findings = _audit([claim for file in files for claim in read_claims(file)], alpha)
    if as_json:
        typer.echo(findings.to_json())
    else:
        _print_table(findings)
    if out is not None:
        _write_report(findings, out, quiet=as_json)


@app.command()
def show(
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM-ID")],
    as_json: JsonFlag = False,
    alpha: Alpha = 0.05,
) -> None:
    """Print everything about one claim of the embedded sources."""
    findings = _audit([_find(claim_id)], alpha)
    if as_json:
        typer.echo(findings.to_json())
        return
    from k2stats.render import Terminal
    from k2stats.report import print_finding

    print_finding(findings[0], Terminal())


@app.command("tests")
def two_by_two_tests(
    events1: Annotated[int, Events1],
    n1: Annotated[int, N1],
    events2: Annotated[int, Events2],
    n2: Annotated[int, N2],
    reported_p: Annotated[
        str | None, typer.Option(help='P as printed, digits kept: "0.044", "<.001".')
    ] = None,
    alpha: Alpha = 0.05,
    as_json: JsonFlag = False,
) -> None:
    """Run every 2x2 test; mark those that give the printed p."""
    from k2stats.evidence import PValue, Reported
    from k2stats.render import json_text
    from k2stats.significance import p_values

    _check_share("alpha", alpha)
    table = _table(events1, n1, events2, n2)
    reported = None if reported_p is None else PValue(Reported(reported_p)).value
    frame = p_values(table, reported=reported)
    frame = frame.sort_values("sided", key=lambda s: s != "two-sided", kind="stable")
    rows: list[dict[str, Any]] = [
        {str(k): v for k, v in row.items()} for row in frame.to_dict("records")
    ]
    if as_json:
        found = {"table": str(table), "reported_p": reported_p, "alpha": alpha}
        typer.echo(json_text({**found, "tests": rows}))
        return
    _print_tests(rows, str(table), reported_p, alpha)


@app.command()
def nnt(
    events1: Annotated[int | None, Events1] = None,
    n1: Annotated[int | None, N1] = None,
    events2: Annotated[int | None, Events2] = None,
    n2: Annotated[int | None, N2] = None,
    interval: Annotated[
        str, typer.Option(help="Interval of the risk difference, by name.")
    ] = "newcombe",
    kind: Annotated[Ratio | None, typer.Option(help="Which ratio.")] = None,
    ratio: Annotated[float | None, typer.Option(help="Group 1 over group 2.")] = None,
    low: Annotated[float | None, typer.Option(help="Its lower limit.")] = None,
    high: Annotated[float | None, typer.Option(help="Its upper limit.")] = None,
    baseline_risk: Annotated[
        float | None, typer.Option(help="Risk in group 2 at the horizon, as a share.")
    ] = None,
    horizon: Annotated[str | None, typer.Option(help="Length of follow-up.")] = None,
    unit: Annotated[Unit | None, typer.Option(help="Unit of the horizon.")] = None,
    good: Annotated[
        bool | None,
        typer.Option("--good/--harmful", help="Whether an event is good or harmful."),
    ] = None,
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.95,
    as_json: JsonFlag = False,
) -> None:
    """Numbers needed to treat or harm, from counts or from a ratio."""
    from k2stats import absolute_effects
    from k2stats.render import Terminal, json_text

    counts = {"events1": events1, "n1": n1, "events2": events2, "n2": n2}
    ratios = {"kind": kind, "ratio": ratio, "baseline_risk": baseline_risk}
    _one_kind_of_input(counts, ratios)
    _check_share("level", level)
    over = f"{horizon} {unit.value}" if horizon and unit else horizon
    sense: EventsAre | None = None
    if good is not None:
        sense = "beneficial" if good else "harmful"
    if kind is not None and ratio is not None:
        found = absolute_effects.nnt_from_ratio(
            kind.value,
            ratio,
            low,
            high,
            baseline_risk,
            over,
            events=sense,
            level=level,
        )
        given = f"{kind.value} {ratio:g}, baseline risk {baseline_risk}"
    else:
        table = _table(**{k: v for k, v in counts.items() if v is not None})
        found = absolute_effects.nnt(
            table, interval, level, events=sense or "beneficial", horizon=over
        )
        given = str(table)
        if sense is None:
            given += ", events taken as good; --harmful if they are not"
    if as_json:
        typer.echo(
            json_text(
                {
                    "given": given,
                    "level": level,
                    "method": found.method,
                    "numbers": found.to_frame().to_dict("records"),
                }
            )
        )
        return
    terminal = Terminal()
    terminal.paragraph(given)
    terminal.paragraph(found.summary(), style="bold")


def main() -> None:
    """Run the command line."""
    app()


def _find(claim_id: str) -> "Claim":
    """Return an embedded claim; where there is none, name those that are like it."""
    from k2stats.datasets import find_claim
    from k2stats.errors import UnknownMethodError

    try:
        return find_claim(claim_id)
    except UnknownMethodError as error:
        near = sorted(error.known, key=lambda known: -_shared(known, claim_id))
        known = [*near[:5], "..."]
        raise UnknownMethodError(kind="claim", name=claim_id, known=known) from None


def _shared(one: str, other: str) -> int:
    """Return how many characters two names begin with alike, in either case."""
    pairs = zip(one.casefold(), other.casefold(), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _table(events1: int, n1: int, events2: int, n2: int) -> "TwoByTwo":
    """Return one 2x2 table."""
    from k2stats.evidence import TwoByTwo

    return TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)


def _one_kind_of_input(
    counts: Mapping[str, object], ratios: Mapping[str, object]
) -> None:
    """Ask for what is missing, and refuse counts and a ratio together."""
    from k2stats.errors import InvalidEvidenceError, MissingInputError

    given = [name for name, value in counts.items() if value is not None]
    if given and any(value is not None for value in ratios.values()):
        raise InvalidEvidenceError(
            field="counts, ratio", requirement="given one or the other"
        )
    wanted = counts if given else ratios
    for name, value in wanted.items():
        if value is None:
            hint = "" if given else "or give events1, n1, events2 and n2"
            needed_for = "a number needed to treat from "
            raise MissingInputError(
                field=f"--{name.replace('_', '-')}",
                needed_for=needed_for + ("counts" if given else "a ratio"),
                hint=hint,
            )


def _check_share(field: str, value: float) -> None:
    """Refuse what is not between 0 and 1."""
    from k2stats.errors import InvalidEvidenceError

    if not 0 < value < 1:
        raise InvalidEvidenceError(
            field=field, requirement="between 0 and 1", given=value
        )


def _audit(claims: "Sequence[Claim]", alpha: float) -> "Findings":
    """Audit claims with a progress bar where it takes time."""
    from k2stats.audit import audit as audit_claims
    from k2stats.render import progress_bar

    with progress_bar("Auditing", len(claims)) as begin:
        return audit_claims(claims, alpha=alpha, progress=lambda c: begin(c.id))


def _print_table(findings: "Findings") -> None:
    """Print findings as a table."""
    from k2stats.render import Terminal
    from k2stats.report import print_findings

    print_findings(findings, Terminal())


def _write_report(findings: "Findings", path: Path, *, quiet: bool) -> None:
    """Write the report and say where."""
    from k2stats.report import to_html

    _write(to_html(findings), path, quiet=quiet)


def _write(text: str, path: Path, *, quiet: bool) -> None:
    """Write a file and say where, beside the JSON where that takes standard output."""
    from k2stats.report import write_text

    typer.echo(f"Wrote {write_text(path, text)}", err=quiet)


def _print_tests(
    rows: Sequence[Mapping[str, Any]], table: str, reported: str | None, alpha: float
) -> None:
    """Print tests and p-values, the matching ones marked."""
    from k2stats.render import Terminal, significant

    terminal = Terminal()
    hits = [bool(row["matches"]) for row in rows] if reported else [False] * len(rows)
    columns: dict[str, list[object]] = (
        {} if reported is None else {"": ["*" if hit else "" for hit in hits]}
    )
    columns["test"] = [row["label"] for row in rows]
    columns["sided"] = [row["sided"] for row in rows]
    columns["p"] = [float(row["p"]) for row in rows]
    columns[f"below {alpha:g}"] = ["yes" if row["p"] < alpha else "no" for row in rows]
    terminal.line(table, "bold")
    terminal.line()
    terminal.table(columns, styles=["bold" if hit else "" for hit in hits])
    terminal.line()
    two = [float(row["p"]) for row in rows if row["sided"] == "two-sided"]
    two = [p for p in two if not math.isnan(p)]
    if reported is not None:
        names = ", ".join(
            f"{row['label']} {significant(row['p'], 3)}"
            for row, hit in zip(rows, hits, strict=True)
            if hit
        )
        found = f"p {reported} is given by {sum(hits)} of {len(rows)} tests"
        terminal.paragraph(f"{found}: {names}." if names else f"{found}.")
    below = sum(p < alpha for p in two)
    terminal.paragraph(f"{below} of {len(two)} two-sided tests are below {alpha:g}.")

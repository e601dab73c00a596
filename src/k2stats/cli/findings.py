"""Commands that audit claims: ``reproduce``, ``audit`` and ``show``."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k2stats.cli._app import Alpha, JsonFlag, Out, app, write

if TYPE_CHECKING:
    from k2stats.audit import Findings
    from k2stats.evidence import Claim


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
            write(findings.to_json() + "\n", Path(json_file), quiet=False)
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

    write(to_html(findings), path, quiet=quiet)

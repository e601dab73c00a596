"""Commands that audit claims: ``reproduce``, ``audit`` and ``show``."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k2stats.cli._app import Alpha, JsonFlag, Out, app, check_outputs, write

if TYPE_CHECKING:
    from k2stats.audit import Findings
    from k2stats.audit.pooled_findings import PooledFinding
    from k2stats.audit.pooled_leave_outs import PrintedLeaveOut
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

    printed = json_file == "-"
    json_path = None if json_file is None or printed else Path(json_file)
    check_outputs(out, json_path)
    claims = [_find(i) for i in claim_ids] if claim_ids else all_claims()
    findings = _audit(claims, alpha)
    pools = _Pools() if claim_ids else _Pools.embedded()
    if printed:
        typer.echo(_json(findings, pools))
    else:
        _print_table(findings)
        if json_path is not None:
            write(_json(findings, pools) + "\n", json_path, quiet=False)
    _write_report(findings, out, pools, quiet=printed)


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
    check_outputs(out)
    findings = _audit(_read(files), alpha)
    if as_json:
        typer.echo(_json(findings, _Pools()))
    else:
        _print_table(findings)
    if out is not None:
        _write_report(findings, out, _Pools(), quiet=as_json)


def _read(files: "Sequence[Path]") -> "list[Claim]":
    """Read claim files; an id that stands in two of them is refused with both."""
    from k2stats.errors import ClaimFileError
    from k2stats.evidence.claim_files import read_claims

    claims: list[Claim] = []
    first: dict[str, Path] = {}
    for file in files:
        for claim in read_claims(file):
            if claim.id in first:
                there = f"but {claim.id!r} is also in {first[claim.id]}"
                raise ClaimFileError(
                    file=str(file),
                    field="id",
                    requirement=f"must be unique over all files, {there}",
                )
            claims.append(claim)
        first.update({claim.id: file for claim in claims if claim.id not in first})
    return claims


@app.command()
def show(
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM-ID|POOLED-SET")],
    as_json: JsonFlag = False,
    alpha: Alpha = 0.05,
) -> None:
    """Print everything about one claim or pooled set of the embedded sources."""
    if _show_pool(claim_id, as_json=as_json):
        return
    findings = _audit([_find(claim_id)], alpha)
    if as_json:
        typer.echo(_json(findings, _Pools()))
        return
    from k2stats.render import Terminal
    from k2stats.report import print_finding

    print_finding(findings[0], Terminal())


def _show_pool(key: str, *, as_json: bool) -> bool:
    """Print the pooled set of a key; False where there is none."""
    from k2stats.datasets.pooled_sets import pooled_sets, printed_leave_outs

    sets = [s for s in pooled_sets() if s.key == key]
    pairs = [p for p in printed_leave_outs() if p.key == key]
    if not sets and not pairs:
        return False
    from k2stats.audit.pooled_findings import pooled_finding
    from k2stats.render import Terminal, json_text
    from k2stats.report import pair_dict, pooled_dict, print_pair, print_pooled

    if sets:
        found = pooled_finding(sets[0])
        if as_json:
            typer.echo(json_text(pooled_dict(found)))
        else:
            print_pooled(found, Terminal())
    elif as_json:
        typer.echo(json_text(pair_dict(pairs[0])))
    else:
        print_pair(pairs[0], Terminal())
    return True


def _find(claim_id: str) -> "Claim":
    """Return an embedded claim; where there is none, name those that are like it."""
    from k2stats.datasets import find_claim
    from k2stats.errors import UnknownMethodError

    try:
        return find_claim(claim_id)
    except UnknownMethodError as error:
        near = sorted(error.known, key=lambda known: -_shared(known, claim_id))
        known = [*near[:5], f"and {len(near) - 5} more"]
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


@dataclass(frozen=True)
class _Pools:
    """What is shown beside the findings."""

    sets: "tuple[PooledFinding, ...]" = ()
    pairs: "tuple[PrintedLeaveOut, ...]" = ()

    @classmethod
    def embedded(cls) -> "_Pools":
        """Pool the embedded sets."""
        from k2stats.audit.pooled_findings import pooled_findings
        from k2stats.datasets.pooled_sets import pooled_sets, printed_leave_outs

        return cls(pooled_findings(pooled_sets()), printed_leave_outs())


def _json(findings: "Findings", pools: _Pools) -> str:
    """Return findings and pools as JSON."""
    from k2stats.report import findings_json

    return findings_json(findings, pools.sets, pools.pairs)


def _write_report(
    findings: "Findings", path: Path, pools: _Pools, *, quiet: bool
) -> None:
    """Write the report and say where."""
    from k2stats.report import to_html

    page = to_html(findings, pooled=pools.sets, pairs=pools.pairs)
    write(page, path, quiet=quiet)

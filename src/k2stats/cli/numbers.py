"""Commands that recompute numbers given as options: ``tests`` and ``nnt``."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k2stats.cli._app import Alpha, JsonFlag, app, check_share

if TYPE_CHECKING:
    from k2stats.absolute_effects import EventsAre
    from k2stats.evidence import TwoByTwo

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

    check_share("alpha", alpha)
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
    from k2stats.errors import MissingInputError
    from k2stats.render import Terminal, json_text

    counts = {"events1": events1, "n1": n1, "events2": events2, "n2": n2}
    ratios = {"kind": kind, "ratio": ratio, "baseline_risk": baseline_risk}
    _one_kind_of_input(counts, ratios)
    check_share("level", level)
    _whole_horizon(kind, horizon, unit)
    if kind is not None and good is None:
        raise MissingInputError(
            field="--good or --harmful",
            needed_for="telling a number needed to treat from one to harm",
            hint="--harmful for outcomes such as deaths, --good for responses",
        )
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


def _whole_horizon(kind: Ratio | None, horizon: str | None, unit: Unit | None) -> None:
    """Ask for the length of follow-up where it is needed, and for both its parts."""
    from k2stats.errors import MissingInputError

    needed_for = "the horizon, a length and a unit"
    if kind is Ratio.HR and horizon is None and unit is None:
        needed_for = "the number needed to treat of a hazard ratio"
    elif (horizon is None) == (unit is None) or any(map(str.isalpha, horizon or "")):
        return
    raise MissingInputError(
        field="--horizon" if horizon is None else "--unit",
        needed_for=needed_for,
        hint="for example --horizon 7 --unit y",
    )


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

"""The command that pools a table of studies: ``pool``."""

from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k2stats.cli._app import JsonFlag, app, check_share, write_figure

if TYPE_CHECKING:
    import pandas as pd

    from k2stats.effectsizes import EffectSizes
    from k2stats.results.subgroups import Subgroups

LARGEST_FILE = 200_000_000
"""Bytes of a table of studies."""
STUDY_COLUMNS = ("study", "author", "trial", "slab", "label")
"""Columns taken for the studies' names, in this order, where none is named."""


@app.command()
def pool(
    file: Annotated[
        Path, typer.Argument(help="A table of studies, CSV or TSV.", metavar="FILE")
    ],
    measure: Annotated[
        str, typer.Option(help="Code of the measure; GEN for a table of y and v.")
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="Which column holds what the measure needs, e.g. events1=tpos; "
            "repeatable. Columns of the same name need not be given.",
            metavar="WHAT=COLUMN",
        ),
    ] = None,
    study: Annotated[
        str | None, typer.Option(help="Column with the studies' names.")
    ] = None,
    mods: Annotated[
        str | None,
        typer.Option(help='Moderators, as a formula: "~ year + C(design)".'),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Column with the subgroup of each study.", metavar="COLUMN"),
    ] = None,
    common_tau2: Annotated[
        bool,
        typer.Option("--common-tau2", help="With --by: one tau2 for all subgroups."),
    ] = False,
    tau2: Annotated[
        str | None, typer.Option(help="Estimator of tau2. [default: REML]")
    ] = None,
    ci: Annotated[
        str | None, typer.Option(help="Interval of the mean. [default: HK]")
    ] = None,
    model: Annotated[str, typer.Option(help="Model of the mean.")] = "random",
    profile: Annotated[
        str | None, typer.Option(help="Set every default at once, e.g. RevMan2025.")
    ] = None,
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.95,
    drop_missing: Annotated[
        bool, typer.Option("--drop-missing", help="Leave out rows with gaps.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of intervals that draw, such as permutation."),
    ] = None,
    forest: Annotated[
        Path | None,
        typer.Option(help="Write a forest plot here (SVG, PDF, PNG).", metavar="FILE"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Pool the studies of a table, by subgroup or not, or regress them."""
    from k2stats import models
    from k2stats.render import Terminal, json_text

    check_share("level", level)
    _check_options(mods, by, seed, common_tau2=common_tau2, own_model=model != "random")
    frame = read_table(file)
    label = study or next((c for c in STUDY_COLUMNS if c in frame.columns), None)
    es = _effects(frame, measure, column or [], label, by, drop_missing=drop_missing)
    wishes: dict[str, Any] = {"tau2": tau2, "ci": ci, "level": level}
    if mods is not None:
        fit: Any = models.meta_regression(
            es,
            mods,
            data=frame,
            key=label,  # by name, since rows may have been left out
            profile=profile,
            drop_missing=drop_missing,
            **wishes,
        )
    elif by is not None:
        fit = models.subgroups(
            es,
            by,
            data={by: es.by},
            common_tau2=common_tau2,
            model=model,
            profile=profile,
            rng=seed,
            **wishes,
        )
    else:
        fit = models.pool(es, model=model, profile=profile, rng=seed, **wishes)
    if forest is not None:
        write_figure(fit.forest(), forest, quiet=as_json)
    if as_json:
        record = {
            "measure": es.measure,
            "scale": es.scale.name,
            "studies": es.k if mods is None else fit.effects.k,
            "rows_left_out": es.dropped + (0 if mods is None else fit.dropped),
            "result": _records(fit.to_frame(), mods, by),
            "report": fit.report(),
        }
        natural = _natural(fit, es, mods, by, seed)
        if natural is not None:
            record["natural"] = natural
        if by is not None:
            record["subgroup_differences"] = _tests(fit)
        if mods is not None:
            figures = ("tau2", "I2", "R2", "Q", "Q_df", "Q_p", "QM", "QM_p")
            record["fit"] = {name: float(getattr(fit, name)) for name in figures}
        typer.echo(json_text(record))
        return
    terminal = Terminal()
    for line in fit.summary().splitlines():
        terminal.line(line)


def _check_options(
    mods: str | None,
    by: str | None,
    seed: int | None,
    *,
    common_tau2: bool,
    own_model: bool,
) -> None:
    """Refuse options that would not be looked at.

    Raises
    ------
    InvalidEvidenceError
    """
    from k2stats.errors import InvalidEvidenceError

    for field, given, requirement in (
        ("--seed", mods and seed is not None, "given without --mods: nothing draws"),
        ("--by", mods and by, "given without --mods, which can hold C(column)"),
        ("--model", mods and own_model, "given without --mods"),
        ("--common-tau2", common_tau2 and not by, "given with --by"),
    ):
        if given:
            raise InvalidEvidenceError(field=field, requirement=requirement)


def _records(
    frame: "pd.DataFrame", mods: str | None, by: str | None
) -> list[dict[str, Any]]:
    """Rows ready for JSON: coefficients and subgroups with their names."""
    if mods is not None:
        frame = frame.rename_axis("coefficient")
    named = frame.reset_index() if mods is not None or by is not None else frame
    return [{str(k): v for k, v in row.items()} for row in named.to_dict("records")]


def _natural(
    fit: Any, es: "EffectSizes", mods: str | None, by: str | None, seed: int | None
) -> list[dict[str, Any]] | dict[str, float] | None:
    """Estimates and limits on the natural scale; slopes have one for ratios alone."""
    if mods is not None:
        if es.scale.name != "log":
            return None
        return _records(fit.to_frame(natural=True), mods, by)
    if by is not None:
        frame = fit.to_frame(natural=True)
        frame.columns = ["estimate", *frame.columns[1:]]
        kept = {n: n.removeprefix("ci_") for n in frame if n.endswith(("low", "high"))}
        return _records(frame[["estimate", *kept]].rename(columns=kept), mods, by)
    made = fit.natural()
    values = {"estimate": made.estimate, "low": made.low, "high": made.high}
    if fit.method.has_tau2 and fit.k > 1:
        ahead = fit.natural_prediction(rng=seed)
        values |= {"pi_low": ahead.low, "pi_high": ahead.high}
    return {name: float(value) for name, value in values.items()}


def _tests(made: "Subgroups") -> dict[str, dict[str, float | str | None]]:
    """Tests of subgroup differences, ready for JSON."""
    tests = {
        made.test.name: made.between,
        "Q, common effects": made.between_common,
        "Q within, common effects": made.within_common,
    }
    if made.test.name == "Q":
        tests["Welch"] = made.difference_test("Welch")
    return {
        name: {
            "statistic": float(t.statistic),
            "df": float(t.df),
            "ddf": None if t.ddf is None or isinf(t.ddf) else float(t.ddf),
            "p": float(t.p),
        }
        for name, t in tests.items()
    }


def read_table(path: Path) -> "pd.DataFrame":
    """Read a table of studies, or say why it cannot be read.

    Raises
    ------
    ClaimFileError
        For a missing, empty, too large or unreadable file.
    """
    import pandas as pd

    from k2stats.errors import ClaimFileError

    def refuse(why: str) -> ClaimFileError:
        return ClaimFileError(file=path.name, field="", requirement=why)

    try:
        size = path.stat().st_size
    except OSError:
        raise refuse("there is no such file") from None
    if path.is_dir():
        raise refuse("is a folder, not a table")
    if size > LARGEST_FILE:
        limit = LARGEST_FILE / 1e6
        raise refuse(f"is {size / 1e6:,.0f} MB; a table has at most {limit:.0f} MB")
    try:
        frame = pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",")
    except (OSError, ValueError, UnicodeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refuse(f"cannot be read as a table: {first}") from None
    if frame.empty:
        raise refuse("has no rows")
    return frame


def _effects(
    frame: "pd.DataFrame",
    measure: str,
    given: list[str],
    study: str | None,
    by: str | None,
    *,
    drop_missing: bool,
) -> "EffectSizes":
    """Compute effect sizes from named columns."""
    from k2stats.effectsizes import effect_sizes, needs
    from k2stats.errors import InvalidEvidenceError

    columns: dict[str, str] = {}
    for pair in given:
        what, mark, name = pair.partition("=")
        if not mark or not what or not name:
            raise InvalidEvidenceError(
                field="--column", requirement="of the form WHAT=COLUMN", given=pair
            )
        columns[what.strip()] = name.strip()
    for wanted in needs(measure):
        filled = {w: columns.get(w, w) for w in wanted}
        if all(name in frame.columns for name in filled.values()):
            columns = {**filled, **columns}
            break
    else:
        wanted = needs(measure)[0]
        lacking = [w for w in wanted if columns.get(w, w) not in frame.columns]
        raise InvalidEvidenceError(
            field=f"columns for {measure}",
            requirement=f"{', '.join(wanted)}; {', '.join(lacking)} not found. Name "
            f"them with --column WHAT=COLUMN; the table has "
            f"{', '.join(map(str, frame.columns))}",
        )
    for name in columns.values():
        _require_numbers(frame, name)
    named: dict[str, Any] = dict(columns)
    return effect_sizes(
        frame, measure, study=study, by=by, drop_missing=drop_missing, **named
    )


def _require_numbers(frame: "pd.DataFrame", name: str) -> None:
    """Name the cells of a column that are not numbers."""
    import pandas as pd

    from k2stats.errors import InvalidEvidenceError

    if name not in frame.columns or pd.api.types.is_numeric_dtype(frame[name]):
        return
    cells = frame[name]
    odd = cells.notna() & pd.to_numeric(cells, errors="coerce").isna()
    if odd.any():
        raise InvalidEvidenceError(
            field=f"column {name!r}",
            requirement="numeric",
            given=str(cells[odd].iloc[0]),
            rows=[int(k) for k in odd.to_numpy().nonzero()[0]],
        )

"""How a regression of counts is shown."""

from typing import TYPE_CHECKING

import numpy as np

from k2stats.effectsizes import MEASURES
from k2stats.render import significant, text_table
from k2stats.results._regression_text import wald_text
from k2stats.results._tables import block_html, lines_html, number_html, number_table
from k2stats.results._words import p_text

if TYPE_CHECKING:
    from k2stats.results.counts_regression import CountsRegression


def summary(fit: "CountsRegression") -> str:
    """Text of the whole fit."""
    lines = [_title(fit), "", number_table(_printed(_coefficients(fit))), ""]
    lines += _sentences(fit)
    lines += ["", text_table(_tests(fit)), ""]
    return "\n".join([*lines, *(f"{n}: {text}" for n, text in fit.record.items())])


def html(fit: "CountsRegression") -> str:
    """Tables for a notebook."""
    return block_html(
        number_html(_printed(_coefficients(fit)), caption=_title(fit)),
        lines_html(_sentences(fit)),
        number_html(_printed(_tests(fit))),
        lines_html([f"{name}: {text}" for name, text in fit.record.items()]),
    )


def _printed(columns: dict[str, list[object]]) -> dict[str, list[str]]:
    return {
        head: [significant(x) if isinstance(x, float) else str(x) for x in cells]
        for head, cells in columns.items()
    }


def _title(fit: "CountsRegression") -> str:
    shown = f"k = {fit.k}"
    if fit.k != fit.k_total:
        shown += f" of {fit.k_total}"
    return f"GLMM {fit.model} with moderators, {MEASURES[fit.measure].label} ({shown})"


def _coefficients(fit: "CountsRegression") -> dict[str, list[object]]:
    return {
        "": list(fit.names),
        "estimate": [float(x) for x in fit.beta],
        "SE": [float(x) for x in fit.se],
        "z" if np.isinf(fit.df) else "t": [float(x) for x in fit.statistic],
        "p": [p_text(x).removeprefix("= ") for x in fit.p],
        f"{fit.level:.0%} low": [float(x) for x in fit.ci_low],
        f"{fit.level:.0%} high": [float(x) for x in fit.ci_high],
    }


def _sentences(fit: "CountsRegression") -> list[str]:
    lines = [
        f"Test of moderators: {wald_text(fit.omnibus)}",
        f"Residual tau2 {significant(fit.tau2)}, tau {significant(fit.tau)}",
    ]
    if not np.isnan(fit.R2):
        lines[-1] += f"; R2 of tau2 {fit.R2:.1f}%"
    for name, rows in fit.missing.items():
        lines.append(f"Left out, {name} missing: rows {', '.join(map(str, rows))}")
    return lines


def _tests(fit: "CountsRegression") -> dict[str, list[object]]:
    held = list(fit.tests.values())
    return {
        "test": [t.label for t in held],
        "of": [t.null for t in held],
        "chi2": [float(t.statistic) for t in held],
        "df": [f"{float(t.df):g}" for t in held],
        "p": [p_text(t.p).removeprefix("= ") for t in held],
    }

"""How an estimate from counts is shown: on the natural scale, with its tests."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from k2stats.render import html_table, significant, text_table

if TYPE_CHECKING:
    from k2stats.results.counts import CountsFit


def short(fit: "CountsFit") -> str:
    """One line: the estimate and its limits; of a batch, what it is."""
    if fit.estimate.ndim:
        good = int(fit.converged.sum())
        return (
            f"{fit.method}, {fit.info.symbol}: {fit.estimate.size} sets of "
            f"shape {fit.estimate.shape}, {good} with an estimate"
        )
    made = fit.natural()
    estimate, low, high = (
        significant(float(x)) for x in (made.estimate, made.low, made.high)
    )
    return f"{fit.info.symbol} {estimate} ({low} to {high}), {fit.method}"


def summary(fit: "CountsFit") -> str:
    """Text: effect, spread, tests and every choice that was made."""
    if fit.estimate.ndim:
        return short(fit)
    lines = [f"{fit.method} ({_studies(fit)})", "", text_table(_effect(fit))]
    if not bool(fit.converged):
        lines += ["", "No finite estimate: an outcome is missing on one side."]
    if fit.tau2 is not None:
        tau2 = float(fit.tau2)
        lines += ["", f"tau2 {significant(tau2)}, tau {significant(tau2**0.5)}"]
    if fit.tests:
        lines += ["", text_table(_tests(fit))]
    return "\n".join([*lines, "", *(f"{n}: {text}" for n, text in fit.record.items())])


def html(fit: "CountsFit") -> str:
    """Tables for a notebook."""
    if fit.estimate.ndim:
        return f"<p>{escape(short(fit))}</p>"
    caption = f"{fit.method}, {_studies(fit)}"
    parts = [html_table(_effect(fit), caption=caption)]
    if fit.tests:
        parts.append(html_table(_tests(fit)))
    return "".join(parts)


def _studies(fit: "CountsFit") -> str:
    k = int(fit.k)
    if k == fit.k_total:
        return f"k = {k}"
    return f"k = {k} of {fit.k_total}, the others carry no information"


def _effect(fit: "CountsFit") -> dict[str, list[object]]:
    made = fit.natural()
    statistic = "statistic"
    if fit.interval == "Wald":
        statistic = "z" if np.all(np.isinf(fit.df)) else "t"
    return {
        fit.info.symbol: [float(made.estimate)],
        f"{fit.level:.0%} low": [float(made.low)],
        f"{fit.level:.0%} high": [float(made.high)],
        statistic: [float(fit.statistic)],
        "p": [float(fit.p)],
    }


def _tests(fit: "CountsFit") -> dict[str, list[object]]:
    held = list(fit.tests.values())
    return {
        "test": [t.label for t in held],
        "of": [t.null for t in held],
        "chi2": [float(t.statistic) for t in held],
        "df": [f"{float(t.df):g}" for t in held],
        "p": [float(t.p) for t in held],
    }

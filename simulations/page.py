"""README.md of this folder, made from the tables that are kept."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from simulations.designs import SEED, VARIANCES
from simulations.studies import kept
from simulations.tables import Row

PAGE = Path(__file__).parent / "README.md"
NOMINAL = 0.95
_ASTRONOMIC = 1000

_HEAD = f"""# Coverage by simulation

The 95% intervals of the mean, of tau2 and of the effect of a new study, on data drawn
from the model that they assume, and methods of counts where events are rare. The tables
in `tables/` hold coverage, its Monte Carlo standard error, mean and median width and
the share of sets without an interval, one row for each cell and interval; this page is
made from them by `python -m simulations page`. To make the tables again:

    python -m simulations coverage [counts|mean|prediction|tau2] [--workers N]

Seed {SEED}; each cell has a generator of its own, so that a cell can be run alone. A
set for which there is no interval counts as one that is not covered.

## The cells

Effects are $y_k \\sim N(\\mu, v_k + \\tau^2)$ with the sampling variances known. They
are scaled so that the typical variance of Higgins and Thompson is 1; widths are in
these units, and $\\tau^2 = I^2 / (1 - I^2)$. K is 3, 5, 10 or 20, and $I^2$ 0, 25, 50,
75 or 90%. Patterns of the variances:

"""

_INTERVALS = {
    "z": "z",
    "t": "t",
    "HK": "Hartung-Knapp (HK)",
    "HK-adhoc": "HK, q at least 1",
    "HK-ci": "HK or Wald, the wider",
    "HK-IQWiG6": "HK, IQWiG 6",
    "KR": "Kenward-Roger",
    "profile-likelihood": "profile likelihood",
    "skovgaard": "Skovgaard",
}


def text() -> str:
    """Return the page as the tables say it is."""
    parts = [_HEAD + _patterns(), _mean(), _skovgaard(), _tau2(), _prediction()]
    return "\n".join([*parts, _counts()])


def write() -> None:
    """Write the page."""
    PAGE.write_text(text(), encoding="utf-8")


def _patterns() -> str:
    lines = [f"- **{name}**: {what}" for name, what in VARIANCES.items()]
    return "\n".join(lines) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _per_cent(share: float) -> str:
    return f"{100.0 * share:.1f}"


def _range(rows: list[Row]) -> str:
    """Least and greatest coverage, per cent."""
    values = [r.coverage for r in rows]
    return f"{_per_cent(min(values))}-{_per_cent(max(values))}"


def _relative(rows: list[Row], to: dict[tuple[object, ...], float]) -> str:
    """Median over cells of the median width, relative to a reference interval."""
    ratios = [r.median_width / to[tuple(r.cell.values())] for r in rows]
    return _width(float(np.nanmedian(ratios)))


def _width(width: float) -> str:
    return f"{width:.2f}" if width < _ASTRONOMIC else f"> {_ASTRONOMIC}"


def _widths(rows: list[Row]) -> dict[tuple[object, ...], float]:
    return {tuple(r.cell.values()): r.median_width for r in rows}


def _by(rows: list[Row], name: str, value: object) -> list[Row]:
    return [r for r in rows if {**r.cell, **r.way}[name] == value]


def _where(rows: list[Row], test: Callable[[Row], bool]) -> list[Row]:
    return [r for r in rows if test(r)]


def _error(rows: list[Row]) -> str:
    """Largest Monte Carlo standard error, in points."""
    return f"{100.0 * max(r.coverage_se for r in rows):.1f}"


def _summary(rows: list[Row], label: Callable[[Row], str], reference: list[Row]) -> str:
    """Range of coverage by pattern, and relative width, of every interval."""
    names = list(dict.fromkeys(label(r) for r in rows))
    widths = _widths(reference)
    lines = []
    for name in names:
        own = _where(rows, lambda r, name=name: label(r) == name)  # type: ignore[misc]
        patterns = [_by(own, "variances", p) for p in VARIANCES]
        near = sum(abs(r.coverage - NOMINAL) <= 0.02 for r in own)
        lines.append(
            [
                name,
                *[_range(p) for p in patterns],
                f"{near} of {len(own)}",
                _relative(own, widths),
            ]
        )
    head = ["interval", *VARIANCES, "cells within 2 points", "relative width"]
    return _table(head, lines)


def _mean() -> str:
    rows = kept("mean")
    plain = _by(rows, "model", "random")
    hk = _by(_by(plain, "tau2", "REML"), "interval", "HK")
    main = _where(
        plain,
        lambda r: r.way["tau2"] == _estimator(str(r.way["interval"])),
    )
    others = _where(rows, lambda r: r.way["model"] != "random")
    by_estimator = _by(plain, "interval", "HK") + _by(plain, "interval", "z")
    exact = _by(hk, "variances", "equal")
    flipped = _by(plain, "interval", "permutation")
    searched = _by(plain, "interval", "skovgaard")
    return f"""## The mean

Least and greatest coverage over K and $I^2$, per cent, for each pattern of variances;
in how many of all cells coverage is 93 to 97%; and the median over cells of the median
width beside that of Hartung-Knapp with REML. With tau2 of REML, or of ML where the
interval is of that likelihood, on {hk[0].sets} sets a cell, or {searched[0].sets} where
limits are searched for; the Monte Carlo standard error is at most
{_error(_where(plain, lambda r: r not in flipped))} points. The permutation test with DL
and K = 10 only (with fewer than six studies it never rejects at 5%), on
{flipped[0].sets} sets ({_error(flipped)} points):

{_summary(main, _interval, hk)}
Hartung-Knapp with equal variances is exactly Student's t whatever tau2 is, and covers
{_range(exact)}% there. With unequal variances and few studies it falls to
{_per_cent(min(r.coverage for r in hk))}%: where one study carries most of the weight
its reference of K - 1 degrees of freedom does not hold. The guards lift coverage, most
where tau2 is small and little where it is large.

The estimator of tau2 matters less than the interval:

{_summary(by_estimator, lambda r: f"{_interval(r)}, {r.way['tau2']}", hk)}
Other models, each with its own interval:

{_summary(others, lambda r: f"{r.way['model']}, {_interval(r)}", hk)}"""


def _estimator(interval: str) -> str:
    if interval in ("profile-likelihood", "skovgaard"):
        return "ML"
    return "DL" if interval == "permutation" else "REML"


def _interval(r: Row) -> str:
    name = str(r.way["interval"])
    return _INTERVALS.get(name, name)


def _skovgaard() -> str:
    rows = _by(kept("mean"), "model", "random")
    chosen = {
        name: _by(_by(rows, "interval", name), "tau2", _estimator(name))
        for name in ("HK", "HK-adhoc", "KR", "profile-likelihood", "skovgaard")
    }
    lines = []
    for pattern in VARIANCES:
        for k in sorted({int(r.cell["K"]) for r in rows}):
            line = [pattern, str(k)]
            for own in chosen.values():
                here = _by(_by(own, "variances", pattern), "K", k)
                width = float(np.median([r.median_width for r in here]))
                line.append(f"{_range(here)} ({_width(width)})")
            lines.append(line)
    least = {name: min(r.coverage for r in own) for name, own in chosen.items()}
    kr, sk = (_widths(chosen[name]) for name in ("KR", "skovgaard"))
    uneven = [sk[c] / kr[c] for c in sk if c[0] != "equal"]
    return f"""## Does Skovgaard's statistic earn its place?

Range of coverage over $I^2$, per cent, and in brackets the median width:

{_table(["variances", "K", *[_INTERVALS[n] for n in chosen]], lines)}
It does. Its least coverage in any cell is {_per_cent(least["skovgaard"])}%, beside
{_per_cent(least["HK"])}% of Hartung-Knapp, {_per_cent(least["HK-adhoc"])}% of
Hartung-Knapp with q at least 1 and {_per_cent(least["profile-likelihood"])}% of the
profile likelihood. Kenward-Roger never covers too little either
({_per_cent(least["KR"])}% at least), and pays for it: with unequal variances
Skovgaard's interval has {100.0 * float(np.median(uneven)):.0f}% of its width in the
median cell. The price is coverage above 95% with three or five studies, and where there
is no heterogeneity. With equal variances Hartung-Knapp is exact, and nothing is to be
gained.
"""


def _tau2() -> str:
    rows = kept("tau2")
    qp = _by(rows, "interval", "QP")
    sets = {name: _by(rows, "interval", name)[0].sets for name in ("GENQ", "bootstrap")}
    return f"""## The variance between studies

Coverage of the true tau2; a set of values without any tau2 from zero on counts as not
covering. Relative width beside the Q-profile. On {qp[0].sets} sets a cell, with a Monte
Carlo standard error of at most {_error(qp)} points; GENQ and BJ on {sets["GENQ"]}
({_error(_by(rows, "interval", "GENQ"))} points), the bootstrap on {sets["bootstrap"]}
({_error(_by(rows, "interval", "bootstrap"))} points):

{_summary(rows, lambda r: f"{r.way['interval']}, {r.way['tau2']}", qp)}
The three that invert the exact law of Q (QP, GENQ, BJ) are at 95% whatever the
variances, K and tau2: the ranges are those of Monte Carlo error. The profile likelihood
of REML is shorter than they are, and covers too often where tau2 is small, for its
lower end is zero then; with ML it covers too little. Wald intervals and the parametric
bootstrap follow the bias of the estimate.
"""


def _prediction() -> str:
    rows = kept("prediction")
    reml = _where(rows, lambda r: r.way["tau2"] in ("REML", "none"))
    spread = _where(reml, lambda r: float(r.cell["I2"]) > 0.0)
    hts = _by(reml, "interval", "HTS")
    return f"""## The effect of a new study

Probability that the interval holds the effect of a new study, with tau2 of REML. Where
there is heterogeneity ($I^2$ of 25% and more):

{_summary(spread, _interval, hts)}
Without heterogeneity the new effect is the mean, and most intervals hold it too often:

{_summary(_by(reml, "I2", 0.0), _interval, hts)}
An estimate of zero for tau2 makes a short interval that holds few of the new effects;
with few studies such estimates are common, and neither the reference nor the standard
error makes up for them. The bootstrap of Nagashima, Noma and Furukawa (NNF), which
draws tau2 from its confidence distribution, is the one near its level throughout where
there is heterogeneity; without it, it is wide. `metafor` is the interval with the
standard error and reference of the confidence interval, here those of Hartung-Knapp.
With unequal variances the degrees of freedom of Kenward-Roger come near one: its widths
are astronomic then, and KR-PR, which takes one degree off, has no interval.
"""


def _counts() -> str:
    rows = kept("counts")
    names = list(dict.fromkeys(str(r.way["method"]) for r in rows))
    groups = {
        f"{allocation}, {100.0 * risk:.0f}%, tau2 {tau2:g}": _by(
            _by(_by(rows, "allocation", allocation), "risk", risk), "tau2", tau2
        )
        for allocation in (1, 3)
        for risk in (0.01, 0.05)
        for tau2 in (0.0, 0.3)
    }
    lines = []
    for name in names:
        own = [_by(group, "method", name) for group in groups.values()]
        lines.append([name, *[_range(g) if g else "" for g in own]])
    single = min(r.sets for r in rows)
    return f"""## Rare events

Coverage of the log odds ratio (its median over studies where tau2 is 0.3), eight
studies with 60 to 500 people in group 1 and once or three times as many in group 2;
odds ratio 1 or 0.4, and each range is over these two. Columns: people in group 2 for
one in group 1, risk in group 2, tau2. Methods that take one set at
a time were run where events are rare, on {single} sets a cell (standard error
up to {_error(_where(rows, lambda r: r.sets == single))} points):

{_table(["method", *groups], lines)}
Mantel-Haenszel holds its level with and without balance where the effect is common.
Peto's method does so for balanced groups, and loses it where groups are unequal and the
effect is large. A half added to zero cells costs inverse-variance weighting its
coverage in unequal groups. With heterogeneity the common-effect methods cover too
little, the more so the more information each study carries, and z and t intervals of
eight studies do not make up for it.
"""

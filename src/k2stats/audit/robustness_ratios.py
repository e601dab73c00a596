"""Robustness of a ratio with its interval, or of a p-value alone."""

import numpy as np

from k2stats.audit._robustness_base import (
    ROBUSTNESS,
    Basis,
    RatioBasis,
    RobustnessLine,
    RobustnessPart,
)
from k2stats.evidence import Reported
from k2stats.render import significant, span
from k2stats.sensitivity import (
    EVALUE_MEASURES,
    bayes_factor_bound,
    evalue,
    false_positive_risk,
    intrinsic_credibility,
    read_result,
    replication_probability,
    s_value,
)

_RARE = 0.15
"""Risk below which an odds or hazard ratio is read as a risk ratio."""


@ROBUSTNESS.register(
    "readings",
    label="How strong the evidence is",
    reference="Matthews (2018), R Soc Open Sci 5:171047",
)
def readings(basis: Basis) -> RobustnessPart | None:
    """Every registered reading of the ratio, or those that a p-value alone allows."""
    if basis.ratio is not None:
        return _of_ratio(basis.ratio)
    if basis.p is not None:
        return _of_p(basis.p, basis.alpha)
    return None


def _of_ratio(ratio: RatioBasis) -> RobustnessPart:
    """Read the estimate with its limits in every way there is."""
    frame = read_result(
        ratio.estimate, ratio.low, ratio.high, ratio=True, level=ratio.level
    )
    lines = tuple(
        RobustnessLine(
            str(row["name"]),
            str(row["label"]),
            float(row["value"]),
            significant(float(row["value"]), 3),
            str(row["meaning"]),
            str(row["reference"]),
        )
        for row in frame.to_dict("records")
    )
    bits = next(line.value for line in lines if line.name == "s-value")
    return RobustnessPart(
        "readings",
        "How strong the evidence is",
        lines,
        f"{bits:.1f} bits against no effect",
    )


def _of_p(p: Reported, alpha: float) -> RobustnessPart:
    """Read a printed p-value over all values that print so."""
    missing = ("an estimate with its interval, or the counts",)
    heading = "How strong the evidence is"
    if p.is_bound:
        return RobustnessPart(
            "readings", heading, missing=("the exact p-value", *missing)
        )
    low, high = p.interval.floats()
    ends = np.clip(np.array([low, float(p.value), high]), 0.0, 1.0)
    bits, bound, risk, own, again = (
        s_value(ends),
        bayes_factor_bound(ends),
        false_positive_risk(ends),
        intrinsic_credibility(ends),
        replication_probability(ends, alpha),
    )
    odds = 1.0 / float(bound[1]) if bound[1] > 0.0 else float("inf")
    rows = (
        (
            "s-value",
            "S-value, bits",
            bits,
            f"As surprising, if there were no effect, as {float(bits[1]):.0f} heads in "
            "a row from a fair coin.",
            "Greenland (2019), Am Stat 73(sup1):106",
        ),
        (
            "bayes-factor-bound",
            "Minimum Bayes factor, -e p log p",
            bound,
            f"The data favour an effect over none by at most {odds:.3g} to 1.",
            "Sellke, Bayarri and Berger (2001), Am Stat 55:62",
        ),
        (
            "false-positive-risk",
            "False-positive risk, prior 1/2",
            risk,
            "Were an effect as likely as not beforehand, the risk that there is none "
            f"is at least {float(risk[1]):.2g}.",
            "Colquhoun (2017), R Soc Open Sci 4:171085",
        ),
        (
            "intrinsic-credibility",
            "P-value for intrinsic credibility",
            own,
            f"Below {alpha:g} a result is credible on its own.",
            "Held (2019), R Soc Open Sci 6:181534",
        ),
        (
            "replication",
            "Probability that a repeat is significant",
            again,
            "A study of the same size would again be significant, in this direction, "
            f"with probability {float(again[1]):.0%}.",
            "Goodman (1992), Stat Med 11:875",
        ),
    )
    lines = tuple(
        RobustnessLine(
            name,
            label,
            float(values[1]),
            span(float(min(values)), float(max(values)), 3),
            meaning,
            reference,
        )
        for name, label, values, meaning, reference in rows
    )
    brief = f"{float(bits[1]):.1f} bits against no effect"
    return RobustnessPart("readings", heading, lines, brief, missing)


@ROBUSTNESS.register(
    "bias",
    label="Bias",
    reference="VanderWeele and Ding (2017), Ann Intern Med 167:268",
    equation="E = R + sqrt(R (R - 1))",
)
def bias(basis: Basis) -> RobustnessPart | None:
    """E-value of the estimate and of the limit nearer no effect."""
    ratio = basis.ratio
    if ratio is None:
        return None
    measure, missing = _measure(basis)
    found = evalue(ratio.estimate, ratio.low, ratio.high, measure=measure)
    alone = evalue(ratio.estimate, measure=measure)
    point, limit = float(found.point[0]), float(found.limit[0])
    entry = EVALUE_MEASURES[measure]
    lines = (
        RobustnessLine(
            "e-value",
            f"E-value of the estimate ({entry.label.lower()})",
            point,
            significant(point, 3),
            f"{alone.meaning[0]} Where groups were randomised it is read as a bias of "
            "that strength.",
            entry.reference,
        ),
        RobustnessLine(
            "e-value-limit",
            "E-value of the limit nearer no effect",
            limit,
            significant(limit, 3),
            "The interval holds no effect already: nothing needs to be explained away."
            if limit == 1.0
            else "A bias weaker than this leaves the interval clear of no effect.",
            entry.reference,
        ),
    )
    return RobustnessPart("bias", "Bias", lines, f"E-value {lines[0].text}", missing)


def _measure(basis: Basis) -> tuple[str, tuple[str, ...]]:
    """Return how the ratio is read as a risk ratio, and what that leaves open."""
    kind = basis.ratio.kind if basis.ratio is not None else "RR"
    if kind == "RR":
        return "RR", ()
    if basis.table is None:
        return f"{kind} rare", ("how frequent the outcome is: taken for rare",)
    risk = max(float(basis.table.risk1[0]), float(basis.table.risk2[0]))
    return f"{kind} {'rare' if risk < _RARE else 'common'}", ()

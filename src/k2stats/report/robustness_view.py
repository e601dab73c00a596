"""The robustness of a finding as the page shows it: lines and pictures."""

import math
from dataclasses import dataclass

from k2stats.audit import Finding
from k2stats.audit._robustness_base import RobustnessPart
from k2stats.audit.robustness import Robustness, robustness
from k2stats.render import Band, Mark, p_value_curve, p_value_strip, significant
from k2stats.report.pictures import Figure, of_p_values

NOT_ENOUGH = "what is printed does not allow it"


@dataclass(frozen=True, slots=True)
class RobustnessView:
    """Robustness ready to be set.

    Attributes
    ----------
    brief : str
        What a folded block says of itself.
    basis : tuple of str
    parts : tuple of RobustnessPart
    figures : tuple of Figure
    missing : tuple of str
    """

    brief: str
    basis: tuple[str, ...]
    parts: tuple[RobustnessPart, ...]
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]


def robustness_view(finding: Finding, *, style: bool = False) -> RobustnessView | None:
    """Return the robustness of a finding; None where there is nothing to ask.

    Parameters
    ----------
    finding : Finding
    style : bool
        Whether each picture carries its style sheet; the report has one for all.
    """
    found = robustness(finding)
    if found is None:
        return None
    tests = {p.name for p in found.tests}
    drawn = any(
        of_p_values(c) and tests <= {p.name for p in c.points} for c in finding.checks
    )
    figures = (None if drawn else _strip(found, style), _curve(found, style))
    return RobustnessView(
        brief=found.brief or NOT_ENOUGH,
        basis=found.basis.texts,
        parts=found.parts,
        figures=tuple(f for f in figures if f),
        missing=found.missing,
    )


def _strip(found: Robustness, style: bool) -> Figure | None:
    """Return the p-values of the tests, those below alpha filled."""
    if not found.tests:
        return None
    alpha = found.basis.alpha
    marks = [
        Mark(p.label, *p.value.floats(), filled=bool(p.significant))
        for p in found.tests
    ]
    about = (
        f"Each mark is one two-sided test\u2019s p. Filled: below alpha {alpha:g} "
        f"({sum(m.filled for m in marks)} of {len(marks)})."
    )
    svg = p_value_strip(
        marks, title="p by test", description=about, alpha=alpha, style=style
    )
    return Figure(svg, about)


def _curve(found: Robustness, style: bool) -> Figure | None:
    """Return the p-value function with the interval shaded."""
    curve = found.curve
    if curve is None or found.basis.ratio is None:
        return None
    alpha = 1.0 - found.basis.ratio.level
    low, high = (float(x[0]) for x in curve.interval(1.0 - alpha))
    band = None
    if math.isfinite(low) and math.isfinite(high):
        shown = f"{significant(low, 3)} to {significant(high, 3)}"
        band = Band(low, high, f"p at least {alpha:.2g}: {shown}")
    name = f"{curve.symbol}, logarithmic" if curve.log_scale else curve.symbol
    how = "score test" if curve.method == "score" else "normal logarithm"
    best = significant(float(curve.estimate[0]), 3)
    about = (
        f"P-value of every {curve.symbol}, by the {how}: the data are most compatible "
        f"with {best}. Shaded: every value with p of at least {alpha:.2g}."
    )
    svg = p_value_curve(
        curve.theta.tolist(),
        curve.p[0].tolist(),
        title=f"P-value function of the {curve.symbol}",
        description=about,
        axis_label=name,
        scale="log" if curve.log_scale else "linear",
        null=curve.null,
        alpha=alpha,
        band=band,
        style=style,
    )
    return Figure(svg, about)

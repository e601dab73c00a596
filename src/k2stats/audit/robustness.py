"""What it would take to change a finding: its robustness, as far as the print allows.

Only what applies is asked: counts where the print leaves one table, ratios where one is
printed or follows from the counts, a p-value where nothing else is printed. What more
would need is named.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from k2stats.audit import (  # noqa: F401 - parts register as they are imported
    robustness_counts,
    robustness_ratios,
)
from k2stats.audit._base import Check, Finding, PointResult
from k2stats.audit._robustness_base import (
    ROBUSTNESS,
    Basis,
    RatioBasis,
    RobustnessPart,
)
from k2stats.audit.battery import point_results
from k2stats.evidence import (
    ChiSquared,
    Direction,
    NumberNeeded,
    PValue,
    RatioCI,
    RatioWithCI,
    TwoByTwo,
)
from k2stats.numerics.interval import Interval
from k2stats.render import significant
from k2stats.sensitivity import (
    PValueFunction,
    p_value_function,
    p_value_function_of_ratio,
)
from k2stats.significance import RR_INTERVALS

_ANY = Interval(0, 1)
_COMPARES = (PValue, ChiSquared, RatioCI, NumberNeeded, Direction)
"""Statements of a comparison; a finding without one has no effect to be robust."""
_OUT = frozenset({"one-sided", "alias", "approximation"})


@dataclass(frozen=True, slots=True, eq=False)
class Robustness:
    """Everything asked of one finding.

    Attributes
    ----------
    basis : Basis
    parts : tuple of RobustnessPart
    curve : PValueFunction or None
        The p-value of every ratio, not of no effect alone.
    missing : tuple of str
        What would be needed for more and is not printed.
    """

    basis: Basis
    parts: tuple[RobustnessPart, ...]
    curve: PValueFunction | None
    missing: tuple[str, ...] = field(default=())

    @property
    def brief(self) -> str:
        """The parts in a few words each."""
        return "; ".join(p.brief for p in self.parts if p.brief)

    @property
    def tests(self) -> tuple[PointResult, ...]:
        """The two-sided tests behind the choice of test; empty where it is none."""
        asked = any(p.name == "choice-of-test" for p in self.parts)
        return self.basis.points if asked else ()

    def part(self, name: str) -> RobustnessPart | None:
        """Return one part; None where it does not apply."""
        return next((p for p in self.parts if p.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "basis": list(self.basis.texts),
            "parts": [
                {
                    "name": p.name,
                    "heading": p.heading,
                    "missing": list(p.missing),
                    "lines": [
                        {
                            "name": line.name,
                            "label": line.label,
                            "value": line.value,
                            "text": line.text,
                            "meaning": line.meaning,
                            "reference": line.reference,
                        }
                        for line in p.lines
                    ],
                }
                for p in self.parts
            ],
            "missing": list(self.missing),
        }


def robustness(
    finding: Finding,
    *,
    alpha: float | None = None,
    lost: Mapping[str, tuple[int, int]] | None = None,
) -> Robustness | None:
    """Ask what it would take to change one finding.

    Parameters
    ----------
    finding : Finding
    alpha : float, optional
        Level of decisions; that of the finding's checks unless given.
    lost : mapping of str to tuple of int, optional
        Participants with unknown outcomes in group 1 and 2, by claim id, where a
        source prints them.

    Returns
    -------
    Robustness or None
        None where the claim makes no comparison, or prints nothing of it.

    Examples
    --------
    >>> from k2stats.audit import audit
    >>> from k2stats.evidence import Claim, PrintedTwoByTwo, Reported, Source
    >>> arms = PrintedTwoByTwo(n1=36, percent1=Reported("91.67%"),
    ...                        n2=35, percent2=Reported("74.29%"))
    >>> claim = Claim("x", Source("wang2025", "Wang"), "", "P = 0.044", arms,
    ...               (PValue(Reported("0.044")),))
    >>> found = robustness(audit(claim)[0])
    >>> print(found.brief)
    reverse fragility index 1; 9 of 36 tests below 0.05; 4.1 bits against no effect; \
E-value 1.77
    """
    level = _alpha(finding) if alpha is None else alpha
    basis = _basis(finding, level, (lost or {}).get(finding.id))
    if basis is None:
        return None
    found = [entry.function(basis) for entry in ROBUSTNESS.entries()]
    parts = tuple(p for p in found if p is not None)
    if not parts:
        return None
    needs = [m for p in parts for m in p.missing]
    if basis.table is None and basis.ratio is not None:
        needs.append("the counts of each group: changed and unknown outcomes need them")
    shown = tuple(p for p in parts if p.lines)
    return Robustness(basis, shown, _curve(basis), tuple(dict.fromkeys(needs)))


def _alpha(finding: Finding) -> float:
    """Level of a finding's own checks."""
    levels = [c.alpha for c in finding.checks]
    return levels[0] if levels else 0.05


def _basis(
    finding: Finding, alpha: float, lost: tuple[int, int] | None
) -> Basis | None:
    """Return what is printed of a comparison; None where nothing is."""
    claim = finding.claim
    if not any(isinstance(s, _COMPARES) for s in claim.states):
        return None
    table = _table(finding)
    ratio = _printed_ratio(finding)
    if ratio is None and table is not None:
        ratio = _katz(table, 1.0 - alpha)
    points = _points(finding, table, alpha)
    p = None
    if table is None and ratio is None and claim.evidence is None:
        stated = [s.value for s in claim.states if isinstance(s, PValue)]
        p = stated[0] if stated else None
    if table is None and ratio is None and p is None and len(points) < 2:
        return None
    bare = table is None and ratio is None and p is None
    data = str(claim.evidence) if bare else ""
    return Basis(table, ratio, p, alpha, lost, points, data)


def _table(finding: Finding) -> TwoByTwo | None:
    """Return the one table that fits the print and every statement."""
    tables = finding.feasible
    if tables is None or tables.shape != (1,) or finding.conflict:
        return None
    return tables


def _printed_ratio(finding: Finding) -> RatioBasis | None:
    """Return the first ratio that the claim states or rests on."""
    claim = finding.claim
    stated = [s.ratio for s in claim.states if isinstance(s, RatioCI)]
    if not stated and isinstance(claim.evidence, RatioWithCI):
        stated = [claim.evidence]
    for ratio in stated:
        estimate, low, high = (
            float(x.value) for x in (ratio.estimate, ratio.low, ratio.high)
        )
        if 0.0 < low <= estimate <= high and low < high:
            text = f"{ratio}, as printed"
            return RatioBasis(ratio.kind, estimate, low, high, ratio.level, text)
    return None


def _katz(table: TwoByTwo, level: float) -> RatioBasis | None:
    """Return the risk ratio of a table with Katz's interval; None where undefined."""
    entry = RR_INTERVALS["katz"]
    found = entry.function(table, level)
    numbers = tuple(float(x[0]) for x in (found.estimate, found.low, found.high))
    if not all(map(math.isfinite, numbers)) or numbers[1] <= 0.0:
        return None
    estimate, low, high = numbers
    shown = [significant(x, 3) for x in numbers]
    text = f"RR {shown[0]} ({shown[1]} to {shown[2]}), {entry.label}, from the counts"
    return RatioBasis("RR", estimate, low, high, level, text)


def _points(
    finding: Finding, table: TwoByTwo | None, alpha: float
) -> tuple[PointResult, ...]:
    """Return two-sided p-values of the finding's data, each procedure once.

    Those that a check has computed are taken; else the battery is run on the table.
    """
    found: tuple[PointResult, ...] = ()
    for check in finding.checks:
        if _has_p_values(check) and check.kind != "ratio_alone":
            kept = _two_sided(check.points)
            found = kept if len(kept) > len(found) else found
    if len(found) < 2 and table is not None:
        found = _two_sided(point_results(table, _ANY, alpha))
    return found


def _has_p_values(check: Check) -> bool:
    return any(p.significant is not None for p in check.points)


def _two_sided(points: tuple[PointResult, ...]) -> tuple[PointResult, ...]:
    """Keep what was run, is two-sided and is no other method's second name."""
    return tuple(
        p
        for p in points
        if not p.note
        and not (_OUT & p.traits)
        and not any(map(math.isnan, p.value.floats()))
    )


def _curve(basis: Basis) -> PValueFunction | None:
    """P-value function: the score test's of a table, Wald's of a printed ratio."""
    if basis.ratio is None:
        return None
    if basis.table is not None and "from the counts" in basis.ratio.text:
        return p_value_function(basis.table, "RR")
    ratio = basis.ratio
    return p_value_function_of_ratio(
        ratio.estimate,
        ratio.low,
        ratio.high,
        level=ratio.level,
        symbol=ratio.kind,
        labels=[ratio.kind],
    )

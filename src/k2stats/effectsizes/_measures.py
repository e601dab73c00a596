"""What a measure of effect is, and the table every measure is filed in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from k2stats._registry import Entry, Registry
from k2stats._typing import Floats
from k2stats.effectsizes.scales import Scale, scale
from k2stats.effectsizes.zero_cells import NOTHING, ZeroCells
from k2stats.errors import InvalidEvidenceError, UnknownMethodError

D_contra = TypeVar("D_contra", contravariant=True)
Estimate: TypeAlias = tuple[Floats, Floats]
"""Effects and sampling variances, both of shape ``(..., K)``."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a measure is computed.

    Parameters
    ----------
    vtype : str
        Type of sampling variance, one of the measure's own.
    correct : bool
        Small-sample bias correction of the effect, where the measure has one.
    """

    vtype: str = "LS"
    correct: bool = True


DEFAULT = Options()
Kernel: TypeAlias = Callable[[D_contra, Options], Estimate]


@dataclass(frozen=True, slots=True, eq=False)
class Measure(Generic[D_contra]):
    """One measure of effect.

    Attributes
    ----------
    code : str
        metafor's code where it has one, e.g. ``"RR"``.
    evidence : type
        The evidence it is computed from.
    kernel : callable
        ``kernel(evidence, options) -> (y, v)`` on arrays ``(..., K)``.
    scale : Scale
        The scale of y.
    symbol : str
        What the natural value is called in print.
    variances : dict
        Each type of variance and its formula; ``"LS"`` is the default.
    null : float
        Natural value that means no effect; NaN where there is none.
    bounds : tuple of float
        Range of the natural value.
    zero_cells : ZeroCells
        Default rule for zero counts.
    counts : bool
        Whether a rule for zero counts applies.
    corrected : bool
        Whether ``correct`` makes a difference.
    group : str
        Heading in the table of measures.
    """

    code: str
    evidence: type
    kernel: Callable[[Any, Options], Estimate]
    scale: Scale
    symbol: str
    variances: dict[str, str]
    null: float
    bounds: tuple[float, float]
    zero_cells: ZeroCells
    counts: bool = False
    corrected: bool = False
    group: str = ""

    @property
    def __wrapped__(self) -> Callable[[Any, Options], Estimate]:
        """The kernel, by which the registry tells one measure from another."""
        return self.kernel

    def __call__(self, evidence: D_contra, options: Options = DEFAULT) -> Estimate:
        """Compute y and v of `evidence` as it stands, no zero-cell rule applied."""
        return self.kernel(evidence, options)

    def check_options(self, options: Options) -> None:
        """Raise for a variance type the measure does not have."""
        if options.vtype not in self.variances:
            raise UnknownMethodError(
                kind=f"type of variance of {self.code}",
                name=options.vtype,
                known=tuple(self.variances),
            )


MEASURES: Registry[Measure[Any]] = Registry("measure")
"""Every measure of effect. Traits: the name of the evidence type; ``counts``
where zero cells matter; ``corrected`` where a small-sample correction applies."""

GROUPS = (
    "Two groups, yes-or-no outcome",
    "Two yes-or-no variables",
    "Matched pairs, yes-or-no outcome",
    "Two groups, events per person-time",
    "Two groups, means",
    "Two groups, ratios of means and spreads",
    "Two groups, read as a correlation",
    "Two groups, probability of superiority",
    "Correlations",
    "Coefficients of determination",
    "One group, proportion",
    "One group, events per person-time",
    "One group, means and spreads",
    "Change or matched pairs, means",
    "Change or matched pairs, ratios",
    "Reliability",
    "Genotypes",
    "As given",
)
"""Headings of the table of measures, in reading order; others come after these."""

INFINITE = (float("-inf"), float("inf"))


def measure(
    code: str,
    *,
    evidence: type,
    label: str,
    reference: str,
    equation: str,
    variance: str | dict[str, str],
    group: str,
    on: str = "raw",
    symbol: str = "",
    null: float = 0.0,
    bounds: tuple[float, float] = INFINITE,
    zero_cells: ZeroCells | None = None,
    corrected: bool = False,
    version: int = 1,
) -> Callable[[Kernel[Any]], Kernel[Any]]:
    """Return a decorator that files a kernel as a measure, and returns the kernel.

    Parameters
    ----------
    variance : str or dict
        The formula, or one formula for each type of variance.
    on : str
        Name of the scale of y.
    symbol : str
        Natural name in print; the code by default.
    zero_cells : ZeroCells, optional
        Default rule; None for measures without counts.
    version : int
        Raised when the measure's figures change.
    """
    formulas = {"LS": variance} if isinstance(variance, str) else variance
    if "LS" not in formulas:
        raise InvalidEvidenceError(
            field="variance", requirement="given for the default type 'LS'"
        )
    traits: tuple[str, ...] = (evidence.__name__,)
    traits += ("counts",) if zero_cells is not None else ()
    traits += ("corrected",) if corrected else ()

    def add(kernel: Kernel[Any]) -> Kernel[Any]:
        made: Measure[Any] = Measure(
            code=code,
            evidence=evidence,
            kernel=kernel,
            scale=scale(on),
            symbol=symbol or code,
            variances=formulas,
            null=null,
            bounds=bounds,
            zero_cells=NOTHING if zero_cells is None else zero_cells,
            counts=zero_cells is not None,
            corrected=corrected,
            group=group,
        )
        MEASURES.register(
            code,
            label=label,
            reference=reference,
            equation=equation,
            traits=traits,
            version=version,
        )(made)
        return kernel

    return add


def find_measure(code: str) -> Measure[Any]:
    """Measure of that code.

    Raises
    ------
    UnknownMethodError
        With the codes that exist.
    """
    found: Measure[Any] = MEASURES[code].function
    return found


def measures_by_group() -> dict[str, list[Entry[Measure[Any]]]]:
    """Entries under their headings, in reading order."""
    found: dict[str, list[Entry[Measure[Any]]]] = {g: [] for g in GROUPS}
    for entry in MEASURES.entries():
        found.setdefault(entry.function.group, []).append(entry)
    return {g: entries for g, entries in found.items() if entries}


def measures_table() -> str:
    """Every measure as a Markdown table, by group.

    Examples
    --------
    >>> print(measures_table().splitlines()[3])
    | RR | Log risk ratio | TwoByTwo | log | `log((a/n1) / (c/n2))` | LS | \
Katz et al. (1978) |
    """
    lines = [
        "| Code | Measure | From | Scale | Equation | Variances | Source |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for group, entries in measures_by_group().items():
        lines.append(f"| | **{group}** | | | | | |")
        for entry in entries:
            m = entry.function
            cells = (
                entry.name,
                entry.label,
                m.evidence.__name__,
                m.scale.name,
                f"`{entry.equation}`",
                " ".join(m.variances),
                entry.reference,
            )
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

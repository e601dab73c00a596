"""What a source says of its evidence, each a type the audit can check."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from k2stats._typing import Alternative, RatioKind
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import is_count
from k2stats.evidence.horizon import Horizon
from k2stats.evidence.ratios import RatioWithCI
from k2stats.evidence.reported import Reported

Operation: TypeAlias = Literal[
    "mean", "sum", "difference", "percentage", "fold", "count", "minimum", "maximum"
]
"""How a printed number is said to follow from others."""


@dataclass(frozen=True, slots=True)
class PValue:
    """A p-value or a bound on one: ``PValue(Reported("0.044"))``.

    Parameters
    ----------
    value : Reported
        In [0, 1]; ``"<0.001"`` is a bound. A printed p of exactly 0 is refused: no
        test gives it; ``"0.000"`` and ``"<.001"`` are what sources mean by it.
    alternative : {"two-sided", "greater", "less"}
        Side of the test, where the source says; group 1 greater or less.
    test : str
        Test the source names, in its words; empty where it names none.
    """

    value: Reported
    alternative: Alternative = "two-sided"
    test: str = ""

    def __post_init__(self) -> None:
        interval = self.value.interval
        impossible = interval.high <= 0 or interval.low >= 1 or self.value.value > 1
        # "0.000" is a rounded p; a zero without decimals is none
        zero = self.value.value == 0 and self.value.half_unit * 2 >= 1
        if (zero and not self.value.is_bound) or impossible:
            raise InvalidEvidenceError(
                field="p",
                requirement="above 0 and at most 1",
                given=self.value.text,
            )

    def __str__(self) -> str:
        mark = "" if self.value.is_bound else "= "
        return f"p {mark}{self.value.text.strip().removeprefix('=').strip()}"


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """A chi-squared statistic as printed, with its p-value where one is printed.

    Parameters
    ----------
    value : Reported
        At least 0.
    p : Reported, optional
    df : int, optional
        Degrees of freedom; None where the source prints none.
    """

    value: Reported
    p: Reported | None = None
    df: int | None = None

    def __post_init__(self) -> None:
        if self.value.interval.high < 0:
            raise InvalidEvidenceError(
                field="value", requirement="at least 0", given=self.value.text
            )
        if self.df is not None and not is_count(self.df, least=1):
            raise InvalidEvidenceError(
                field="df", requirement="a whole number of at least 1", given=self.df
            )
        if self.p is not None:
            PValue(self.p)  # refuses what no p-value can be

    def __str__(self) -> str:
        df = f" on {self.df} df" if self.df is not None else ""
        p = "" if self.p is None else f", {PValue(self.p)}"
        return f"chi-squared {self.value.text}{df}{p}"


@dataclass(frozen=True, slots=True)
class RatioCI:
    """A ratio with its interval, stated of the evidence."""

    ratio: RatioWithCI

    @property
    def kind(self) -> RatioKind:
        """Which ratio."""
        return self.ratio.kind

    def __str__(self) -> str:
        return str(self.ratio)


@dataclass(frozen=True, slots=True)
class NumberNeeded:
    """A number needed to treat or harm, with its horizon where one is printed.

    Parameters
    ----------
    kind : {"NNT", "NNH"}
    value : Reported
    horizon : Horizon, optional
        None where the source prints none; the audit then asks for it.
    low, high : Reported, optional
        Confidence limits.
    """

    kind: Literal["NNT", "NNH"]
    value: Reported
    horizon: Horizon | None = None
    low: Reported | None = None
    high: Reported | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("NNT", "NNH"):
            raise InvalidEvidenceError(
                field="kind", requirement="'NNT' or 'NNH'", given=self.kind
            )
        if self.value.interval.high < 1:
            raise InvalidEvidenceError(
                field="value", requirement="at least 1", given=self.value.text
            )

    def __str__(self) -> str:
        over = f" over {self.horizon}" if self.horizon else ", no horizon given"
        return f"{self.kind} {self.value.text}{over}"


@dataclass(frozen=True, slots=True)
class Printing:
    """One place where a quantity is printed."""

    value: Reported
    where: str


@dataclass(frozen=True, slots=True)
class SameQuantity:
    """One quantity, printed in two or more places that should agree.

    Parameters
    ----------
    what : str
        The quantity, e.g. ``"case 3, femur BMD at 25 M"``.
    printings : tuple of Printing
        At least two. Values agree where some number rounds to all of them and the
        units are the same.
    """

    what: str
    printings: tuple[Printing, ...]

    def __post_init__(self) -> None:
        if len(self.printings) < 2:
            raise InvalidEvidenceError(
                field="printings",
                requirement="at least two",
                given=len(self.printings),
            )

    def __str__(self) -> str:
        parts = ", ".join(f"{p.value} ({p.where})" for p in self.printings)
        return f"{self.what}: {parts}"


@dataclass(frozen=True, slots=True)
class Derived:
    """A number said to follow from other printed numbers.

    Parameters
    ----------
    operation : {"mean", "sum", "difference", "percentage", "fold", "count", "minimum",
        "maximum"}
        ``difference``: first minus second. ``percentage``: first as a share of
        second. ``fold``: first over second. ``count``: how many parts there are.
    value : Reported
        The number as printed; a bound for wordings like "more than three-fold".
    parts : tuple of Printing
        The numbers it is said to come from.
    what : str
    """

    operation: Operation
    value: Reported
    parts: tuple[Printing, ...]
    what: str = ""

    def __post_init__(self) -> None:
        if self.operation not in get_args(Operation):
            raise InvalidEvidenceError(
                field="operation",
                requirement=f"one of {', '.join(get_args(Operation))}",
                given=self.operation,
            )
        two = self.operation in ("difference", "percentage", "fold")
        if not self.parts or (two and len(self.parts) != 2):
            raise InvalidEvidenceError(
                field="parts",
                requirement="two numbers" if two else "at least one number",
                given=len(self.parts),
            )

    def __str__(self) -> str:
        parts = ", ".join(str(p.value) for p in self.parts)
        return f"{self.operation} of {parts} is {self.value}"


@dataclass(frozen=True, slots=True)
class Direction:
    """A difference said to go one way, perhaps "significantly".

    Parameters
    ----------
    of : {"higher", "lower", "no difference"}
        Group 1 relative to group 2 (or after relative to before).
    significant : bool, optional
        What the source says; None where it does not say.
    alpha : float
        Level meant; .05 where the source names none.
    words : str
        The wording.
    """

    of: Literal["higher", "lower", "no difference"]
    significant: bool | None = None
    alpha: float = 0.05
    words: str = ""

    def __post_init__(self) -> None:
        if self.of not in ("higher", "lower", "no difference"):
            raise InvalidEvidenceError(
                field="of",
                requirement="'higher', 'lower' or 'no difference'",
                given=self.of,
            )
        if not 0 < self.alpha < 1:
            raise InvalidEvidenceError(
                field="alpha", requirement="between 0 and 1", given=self.alpha
            )

    def __str__(self) -> str:
        claimed = {True: "significantly ", False: "not significantly ", None: ""}
        words = f' ("{self.words}")' if self.words else ""
        return f"{claimed[self.significant]}{self.of}{words}"


@dataclass(frozen=True, slots=True)
class Qualitative:
    """A statement with no number to recompute.

    Parameters
    ----------
    text : str
        What is said.
    needs : tuple of str
        What would have to be printed for it to be checked.
    """

    text: str
    needs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


Statement: TypeAlias = (
    PValue
    | ChiSquared
    | RatioCI
    | NumberNeeded
    | SameQuantity
    | Derived
    | Direction
    | Qualitative
)

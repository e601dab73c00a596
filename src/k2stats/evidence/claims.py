"""Sources, and claims: evidence plus what is said of it."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence.means import (
    Correlation,
    MediansWithP,
    PairedMeans,
    PairedRows,
    PrintedTwoMeans,
    TwoMeans,
)
from k2stats.evidence.printed_table import PrintedTwoByTwo
from k2stats.evidence.ratios import RatioWithCI
from k2stats.evidence.statements import Statement
from k2stats.evidence.two_by_two import TwoByTwo

Evidence: TypeAlias = (
    PrintedTwoByTwo
    | TwoByTwo
    | PrintedTwoMeans
    | TwoMeans
    | PairedRows
    | PairedMeans
    | MediansWithP
    | RatioWithCI
    | Correlation
)

Status: TypeAlias = Literal[
    "published", "corrected", "retracted", "integrity concern", "secondary", "abstract"
]


@dataclass(frozen=True, slots=True)
class Source:
    """Who printed it, and where.

    Parameters
    ----------
    key : str
        Short name, e.g. ``"wang2025"``.
    citation : str
        Authors, title, journal, year, pages.
    address : str
        URL or DOI at which the text was read.
    status : Status
        ``secondary`` where the numbers are another source's retelling.
    notice : str
        What the status rests on: the correction or retraction, or who retells.
    """

    key: str
    citation: str
    address: str = ""
    status: Status = "published"
    notice: str = ""

    def __str__(self) -> str:
        flag = "" if self.status == "published" else f" [{self.status}]"
        return f"{self.citation}{flag}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source says, the evidence it says it of, and where it stands.

    Parameters
    ----------
    id : str
        Unique and lasting, e.g. ``"S000-04"``.
    source : Source
    locator : str
        Words or a place that lead to the quote.
    quote : str
        The source's own words.
    evidence : Evidence, optional
        The numbers behind the statement, as printed; None where none are.
    states : tuple of Statement
        What is said; a single statement may be given bare. All statements of a
        claim are about the same data and are solved together.
    by : Source, optional
        Who is quoted, where the source retells another.
    needs : tuple of str
        What was not printed and would be needed to check it.
    note : str
        What a reader should know beside the verdict.
    """

    id: str
    source: Source
    locator: str
    quote: str
    evidence: Evidence | None = None
    states: tuple[Statement, ...] = ()
    by: Source | None = None
    needs: tuple[str, ...] = ()
    note: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.states, tuple):
            object.__setattr__(self, "states", (self.states,))
        for name in ("id", "quote"):
            if not getattr(self, name).strip():
                raise InvalidEvidenceError(field=name, requirement="not empty")

    def __str__(self) -> str:
        said = "; ".join(str(s) for s in self.states)
        return f"{self.id}: {said}" if said else self.id

"""What a source prints, typed: numbers, tables, ratios, claims and who said so."""

from k2stats.evidence.claims import Claim, Evidence, Source
from k2stats.evidence.horizon import Horizon
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
from k2stats.evidence.reported import Reported, Rounding
from k2stats.evidence.statements import (
    ChiSquared,
    Derived,
    Direction,
    NumberNeeded,
    Printing,
    PValue,
    Qualitative,
    RatioCI,
    SameQuantity,
    Statement,
)
from k2stats.evidence.two_by_two import TwoByTwo

__all__ = [
    "ChiSquared",
    "Claim",
    "Correlation",
    "Derived",
    "Direction",
    "Evidence",
    "Horizon",
    "MediansWithP",
    "NumberNeeded",
    "PValue",
    "PairedMeans",
    "PairedRows",
    "PrintedTwoByTwo",
    "PrintedTwoMeans",
    "Printing",
    "Qualitative",
    "RatioCI",
    "RatioWithCI",
    "Reported",
    "Rounding",
    "SameQuantity",
    "Source",
    "Statement",
    "TwoByTwo",
    "TwoMeans",
]

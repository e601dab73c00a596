"""Answers of the room `audit`: the data behind several printed numbers."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from conformance._answers_significance import P_2X2
from k2stats.audit import identify
from k2stats.evidence import (
    PrintedTwoByTwo,
    PValue,
    RatioCI,
    RatioWithCI,
    Reported,
)

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any


def identify_(given: Given) -> Answer:
    """Tables and tests behind two percentages, a risk ratio and a p-value."""
    first, second = (Reported(f"{share}%") for share in given["pct"])
    n1, n2 = given["n"]
    evidence = PrintedTwoByTwo(n1=n1, percent1=first, n2=n2, percent2=second)
    low, high = map(Reported, given["CI"])
    ratio = RatioCI(RatioWithCI("RR", Reported(given["RR"]), low, high))
    found = identify(
        evidence,
        [ratio, PValue(Reported(given["p"]))],
        tests=tuple(P_2X2.values()),
    )
    tables = found.tables
    return {
        "tables_by_pct": 0 if found.printed is None else found.printed.events1.size,
        "tables_after_RR_CI": []
        if tables is None
        else np.stack([tables.events1, tables.events2], axis=-1),
        "tests": [word for word, name in P_2X2.items() if name in found.tests],
    }


CHECKS: dict[str, Callable[[Any], Answer]] = {"identify": identify_}

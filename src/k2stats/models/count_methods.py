"""Methods that pool counts: one table of them, and one way in."""

from inspect import Parameter, signature
from typing import Any

import pandas as pd

from k2stats._registry import Entry
from k2stats.effectsizes import MEASURES, find_measure
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.models._count_registry import COUNT_METHODS, MARKS, CountMethod
from k2stats.results.counts import CountsFit


def pool_counts(
    evidence: object, measure: str = "OR", method: str = "MH", **options: Any
) -> CountsFit:
    """Pool counts by a method's name.

    Parameters
    ----------
    evidence : TwoByTwo, TwoRates, TwoMeans, Proportion or Rate
        What the measure is computed from.
    measure : str
        Code of the measure, e.g. ``"OR"`` or ``"IRR"``.
    method : str
        Name in :data:`COUNT_METHODS`: ``"MH"``, ``"Peto"``, ``"UM.FS"``, ...
    **options
        Those of the method, e.g. ``level``; see :func:`count_methods_table`.

    Returns
    -------
    CountsFit

    Raises
    ------
    UnknownMethodError
        For a name that is not registered, or not for this measure, with those that
        are; for an option that the method does not have.
    InvalidEvidenceError
        For counts of another kind than the measure's, and whatever the method refuses.
    ConvergenceError
        Where a method that searches finds no estimate.

    Examples
    --------
    >>> from k2stats.evidence import TwoByTwo
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> for name in ("MH", "Peto", "CM.EL"):
    ...     print(pool_counts(tables, "OR", name))
    OR 0.2433 (95% CI 0.1311 to 0.4515), Mantel-Haenszel, 3 studies
    OR 0.2902 (95% CI 0.1755 to 0.4797), Peto, 3 studies
    OR 0.2426 (95% CI 0.1306 to 0.4506), GLMM CM.EL, 3 studies
    >>> pool_counts(tables, "RD", "Peto")
    Traceback (most recent call last):
    k2stats.errors.UnknownMethodError: Unknown method that pools RD 'Peto'. \
Known: beta-binomial, MH, SSW.
    """
    found = find_measure(measure)
    entry = COUNT_METHODS[method]
    known = methods_for(measure)
    if entry.name not in known:
        if not known:
            raise InvalidEvidenceError(
                field="measure",
                requirement="one that counts are pooled for, "
                f"{', '.join(_measures_pooled())}",
                given=measure,
            )
        raise UnknownMethodError(
            kind=f"method that pools {measure}", name=method, known=known
        )
    if not isinstance(evidence, found.evidence):
        raise InvalidEvidenceError(
            field="evidence",
            requirement=f"{found.evidence.__name__} for {measure}",
            given=type(evidence).__name__,
        )
    allowed = options_of(entry)
    for name in options:
        if name not in allowed:
            raise UnknownMethodError(
                kind=f"option of {method}", name=name, known=allowed
            )
    return entry.function(evidence, measure, **options)


def methods_for(measure: str) -> tuple[str, ...]:
    """Names of the methods that pool a measure.

    Examples
    --------
    >>> methods_for("IRR")
    ('exact', 'UM.FS', 'UM.RS', 'CM.EL', 'MH', 'SSW')
    """
    return tuple(e.name for e in COUNT_METHODS.entries(having=measure))


def options_of(entry: Entry[CountMethod]) -> tuple[str, ...]:
    """Options that a method takes by keyword."""
    parameters = signature(entry.function).parameters.values()
    return tuple(p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY)


def count_methods_table() -> pd.DataFrame:
    """Every method that pools counts: what it estimates, from what, and its source.

    Examples
    --------
    >>> table = count_methods_table()
    >>> table.loc["Peto", ["label", "measures", "evidence"]].tolist()
    ["Peto's one-step odds ratio", 'OR', 'TwoByTwo']
    """
    rows = []
    for entry in COUNT_METHODS.entries():
        measures = [m for m in MEASURES if m in entry.traits]
        kinds = dict.fromkeys(find_measure(m).evidence.__name__ for m in measures)
        rows.append(
            {
                "name": entry.name,
                "label": entry.label,
                "measures": ", ".join(measures),
                "evidence": ", ".join(kinds),
                "options": ", ".join(options_of(entry)),
                **{mark: mark in entry.traits for mark in MARKS},
                "equation": entry.equation,
                "reference": entry.reference,
            }
        )
    return pd.DataFrame(rows).set_index("name")


def _measures_pooled() -> tuple[str, ...]:
    held = {trait for entry in COUNT_METHODS.entries() for trait in entry.traits}
    return tuple(m for m in MEASURES if m in held)

"""The test that a source names, in its words, among the methods tried."""

import re
from collections.abc import Sequence

from k2stats._typing import Alternative
from k2stats.audit._base import PointResult

_SPELLINGS = (
    (r"[\u03c7x]\s*(\u00b2|\^?2)|\bchi[\s-]*squ?are?d?\b|\bchi2\b", " chisquared "),
    (r"[\u2018\u2019']s\b", ""),
    (r"\bmid[\s-]*p\b", " midp "),
    (r"\bt[\s-]+test\b", " t "),
    (r"\bwilcoxon\s+rank[\s-]*sum\b|\bmann[\s-]+whitney\s+u\b", " mann whitney "),
    (r"\bg[\s-]+test\b", " likelihood ratio g "),
    (r"\b(two|2)[\s-]*(sided|tailed)\b", " "),
    (r"\b(one|1)[\s-]*(sided|tailed)\b", " one sided "),
)
"""What is one word however it is written: chi-square, \u03c72, Fisher's, mid-P."""

_EMPTY = frozenset(
    re.findall(
        r"\w+",
        """
        a an and by for from in of on or the to using with was were test tests
        testing statistic analysis correction corrected p value values probability
        method independence association proportions categorical data independent
        samples sample unpaired
        """,
    )
)
"""Words that tell no test from another."""


def _words(text: str) -> frozenset[str]:
    """Return the words that tell a test from others."""
    plain = text.casefold()
    for pattern, spelt in _SPELLINGS:
        plain = re.sub(pattern, spelt, plain)
    return frozenset(re.findall(r"[^\W_]+", plain)) - _EMPTY


def named(
    test: str, points: Sequence[PointResult], alternative: Alternative = "two-sided"
) -> list[PointResult]:
    """Return the methods that a source can mean; none where no name fits.

    A method fits where its label or registered name has every word of the source's:
    "chi-square test" fits each chi-squared statistic, "Fisher's exact test" each of
    Fisher's. One-sided methods are meant only where the source says so.

    Parameters
    ----------
    test : str
        In the source's words.
    points : sequence of PointResult
    alternative : {"two-sided", "greater", "less"}

    Examples
    --------
    >>> from k2stats.audit.battery import point_results
    >>> from k2stats.evidence import TwoByTwo
    >>> from k2stats.numerics.interval import Interval
    >>> table = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> points = point_results(table, Interval(0, 1), 0.05)
    >>> [p.name for p in named("Fisher's exact test", points)]
    ['fisher', 'fisher-doubled', 'fisher-blaker']
    >>> [p.name for p in named("Yates-corrected chi-square", points)]
    ['yates']
    """
    wanted = _words(test)
    if not wanted:
        return []
    fits = [
        p
        for p in points
        if wanted <= _words(p.label) or test.casefold() == p.name.casefold()
    ]
    one_sided = alternative != "two-sided" or {"one", "sided"} <= wanted
    kept = [p for p in fits if ("one-sided" in p.traits) == one_sided]
    return kept or fits

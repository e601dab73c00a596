"""Verdicts in four groups, as a reader counts them."""

from collections.abc import Iterable
from dataclasses import dataclass

from k2stats.audit import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Group:
    """Verdicts that come to the same for a reader.

    Attributes
    ----------
    key : str
        Class name in the page, and the filter's value.
    label, meaning : str
        Short name; which verdicts it stands for.
    symbol : str
        One character, so that colour alone says nothing.
    verdicts : frozenset of Verdict
    """

    key: str
    label: str
    meaning: str
    symbol: str
    verdicts: frozenset[Verdict]


GROUPS = (
    Group(
        "holds",
        "hold",
        "reproduced, or the printed numbers agree with each other",
        "\u25cf",
        frozenset({Verdict.REPRODUCED, Verdict.CONSISTENT}),
    ),
    Group(
        "depends",
        "depend on the method",
        "reproduced by some methods only, or the decision differs between methods",
        "\u25d0",
        frozenset({Verdict.REPRODUCED_ONLY, Verdict.DEPENDS}),
    ),
    Group(
        "differs",
        "not reproduced",
        "by none of the methods tried, or the printed numbers disagree",
        "\u2715",
        frozenset({Verdict.NOT_REPRODUCED, Verdict.DISAGREE}),
    ),
    Group(
        "uncheckable",
        "cannot be checked",
        "what would be needed is not printed, or nothing is numerical",
        "\u2013",
        frozenset({Verdict.NOT_CHECKABLE}),
    ),
)
"""In the order in which they are shown; every verdict is in exactly one."""

_OF = {verdict: group for group in GROUPS for verdict in group.verdicts}


def group_of(verdict: Verdict) -> Group:
    """Return the group a verdict belongs to.

    Examples
    --------
    >>> group_of(Verdict.REPRODUCED_ONLY).label
    'depend on the method'
    """
    return _OF[verdict]


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings each group has, groups without one included."""
    keys = [group_of(f.verdict).key for f in findings]
    return {group.key: keys.count(group.key) for group in GROUPS}

"""What the missing outcomes of a trial may be taken to be."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats


class Missing(NamedTuple):
    """Event probability among the missing, and its slopes.

    Attributes
    ----------
    q1, q2 : ndarray
    by_p : tuple of tuple of ndarray
        Slopes of q1 by the observed risks p1 and p2, then of q2.
    by_delta : tuple of ndarray
        Slopes of q1 and of q2 by the group's own parameter.
    """

    q1: Floats
    q2: Floats
    by_p: tuple[tuple[Floats, Floats], tuple[Floats, Floats]]
    by_delta: tuple[Floats, Floats]


Imputation: TypeAlias = Callable[[Floats, Floats, Floats, Floats], Missing]
"""Takes the observed risks p1, p2 and the log IMORs of the groups."""

IMPUTATIONS: Registry[Imputation] = Registry("assumption about missing outcomes")
"""What the missing outcomes are taken to be. Trait ``best-worst``: depends on which
group is favoured."""

_HIGGINS = "Higgins, White and Wood (2008), Clin Trials 5:225"
_WHITE = "White, Higgins and Wood (2008), Stat Med 27:711"
_GAMBLE = "Gamble and Hollis (2005), J Clin Epidemiol 58:579"


def _constant(p1: Floats, q1: float, q2: float) -> Missing:
    o = np.zeros_like(p1)
    return Missing(o + q1, o + q2, ((o, o), (o, o)), (o, o))


@IMPUTATIONS.register(
    "ICA-0", label="no event among the missing", reference=_HIGGINS, equation="q = 0"
)
def none(p1: Floats, p2: Floats, d1: Floats, d2: Floats) -> Missing:
    """Take every missing outcome for a non-event."""
    return _constant(p1, 0.0, 0.0)


@IMPUTATIONS.register(
    "ICA-1", label="events only among the missing", reference=_HIGGINS, equation="q = 1"
)
def all_events(p1: Floats, p2: Floats, d1: Floats, d2: Floats) -> Missing:
    """Take every missing outcome for an event."""
    return _constant(p1, 1.0, 1.0)


@IMPUTATIONS.register(
    "ICA-b",
    label="most events in group 1: all of its missing, none of group 2's",
    reference=f"{_GAMBLE}; {_HIGGINS}",
    equation="q1 = 1, q2 = 0",
)
def best(p1: Floats, p2: Floats, d1: Floats, d2: Floats) -> Missing:
    """Best case of group 1 where the event is a benefit."""
    return _constant(p1, 1.0, 0.0)


@IMPUTATIONS.register(
    "ICA-w",
    label="fewest events in group 1: none of its missing, all of group 2's",
    reference=f"{_GAMBLE}; {_HIGGINS}",
    equation="q1 = 0, q2 = 1",
)
def worst(p1: Floats, p2: Floats, d1: Floats, d2: Floats) -> Missing:
    """Worst case of group 1 where the event is a benefit."""
    return _constant(p1, 0.0, 1.0)


@IMPUTATIONS.register(
    "ICA-p",
    label="the risk observed in the same group",
    reference=_HIGGINS,
    equation="q = p",
)
def own_risk(p1: Floats, p2: Floats, d1: Floats, d2: Floats) -> Missing:
    """Missing at random given the group: the estimate of the available cases."""
    one, o = np.ones_like(p1), np.zeros_like(p1)
    return Missing(p1, p2, ((one, o), (o, one)), (o, o))


@IMPUTATIONS.register(
    "ICA-pC",
    label="the risk observed in group 2 for both",
    reference=_HIGGINS,
    equation="q1 = q2 = p2",
)
def control_risk(p1: Floats, p2: Floats, d1: Floats, d2: Floats) -> Missing:
    """Everyone missing has the risk of the control group."""
    one, o = np.ones_like(p1), np.zeros_like(p1)
    return Missing(p2, p2, ((o, one), (o, one)), (o, o))


@IMPUTATIONS.register(
    "ICA-pE",
    label="the risk observed in group 1 for both",
    reference=_HIGGINS,
    equation="q1 = q2 = p1",
)
def treated_risk(p1: Floats, p2: Floats, d1: Floats, d2: Floats) -> Missing:
    """Everyone missing has the risk of the treated group."""
    one, o = np.ones_like(p1), np.zeros_like(p1)
    return Missing(p1, p1, ((one, o), (one, o)), (o, o))


@IMPUTATIONS.register(
    "IMOR",
    label="odds in the missing a multiple of those observed",
    reference=_WHITE,
    equation="logit q = logit p + log IMOR",
)
def by_imor(p1: Floats, p2: Floats, d1: Floats, d2: Floats) -> Missing:
    r"""Informative missingness odds ratios.

    .. math:: q = \frac{p\,e^\delta}{1 - p + p\,e^\delta}, \quad
        \frac{dq}{dp} = \frac{e^\delta}{(1 - p + p\,e^\delta)^2}, \quad
        \frac{dq}{d\delta} = q (1 - q)

    written without logits, so that risks of 0 and 1 need no rule.
    """
    o = np.zeros_like(p1)
    q, slope = [], []
    for p, d in ((p1, d1), (p2, d2)):
        odds = np.exp(d)
        below = 1.0 - p + p * odds
        q.append(p * odds / below)
        slope.append(odds / below**2)
    return Missing(
        q[0],
        q[1],
        ((slope[0], o), (o, slope[1])),
        (q[0] * (1.0 - q[0]), q[1] * (1.0 - q[1])),
    )

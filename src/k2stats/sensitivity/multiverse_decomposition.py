r"""Which choice moves the answer most: the variance over specifications, shared out.

With :math:`c(u) = \operatorname{Var}\{\operatorname{E}(Y \mid X_u)\}`, the variance of
the means of the groups that agree on the choices in u, every specification counting
alike,

.. math:: \text{main}_i = \frac{c(\{i\})}{\operatorname{Var} Y}, \qquad
    \text{total}_i = 1 - \frac{c(\text{all but } i)}{\operatorname{Var} Y}, \qquad
    \text{share}_i = \frac{1}{\operatorname{Var} Y}
    \operatorname{mean}_\pi \{c(\pi_{\le i}) - c(\pi_{< i})\},

the last over the orders :math:`\pi` in which the choices can be told, with
:math:`\pi_{< i}` those told before i. Every c(u) is computed from the specifications
themselves; nothing is sampled.

In a full factorial design main is the main effect's sum of squares over the total one,
and main <= share <= total. Some choices exist only after others: a common-effect model
has no estimator of tau2. Orders in which such a choice comes before the one it hangs on
are left out, so that the estimator of tau2 is not credited with what the model does.
The shares are never negative and add up to one, whatever the design; main and total
effects do not where choices depend on each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
import pandas as pd

from k2stats._typing import Floats, Ints

Told: TypeAlias = frozenset[int]
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Decomposition:
    """Shares of a variance over specifications.

    Attributes
    ----------
    choices : tuple of str
        Those that vary.
    main, total, share : ndarray, shape (d,)
        Fractions of the variance; NaN where there is none.
    pairs : ndarray, shape (d, d)
        Interaction of two choices, c(ij) - c(i) - c(j) over the variance; zero on the
        diagonal. Not negative in a full factorial design.
    variance : float
        Of the outcome, divisor the number of specifications.
    specifications : int
        With an outcome.
    outcome : str
    """

    choices: tuple[str, ...]
    main: Floats
    total: Floats
    share: Floats
    pairs: Floats
    variance: float
    specifications: int
    outcome: str

    def to_frame(self) -> pd.DataFrame:
        """One row a choice, the one that moves the outcome most first."""
        frame = pd.DataFrame(
            {
                "choice": self.choices,
                "main": self.main,
                "total": self.total,
                "share": self.share,
            }
        )
        ordered = frame.sort_values("share", ascending=False, kind="stable")
        return ordered.reset_index(drop=True)

    @property
    def leading(self) -> str:
        """The choice with the greatest share; empty where nothing varies."""
        if not self.choices or not np.isfinite(self.share).any():
            return ""
        return self.choices[int(np.nanargmax(self.share))]


def decompose(
    outcome: Floats,
    codes: Mapping[str, Ints],
    *,
    after: Mapping[str, Collection[str]] | None = None,
    name: str = "outcome",
) -> Decomposition:
    """Share the variance of an outcome out among choices.

    Parameters
    ----------
    outcome : ndarray, shape (S,)
        Specifications without one (NaN) are left out. No two have the same choices.
    codes : mapping of str to ndarray of int, shape (S,)
        Level of each choice.
    after : mapping of str to collection of str, optional
        Choices that a choice can hang on. It is told after them where the two are not
        crossed: where not every level of one goes with every level of the other.
    name : str

    Returns
    -------
    Decomposition
        Of the choices with two levels or more.

    References
    ----------
    Owen, A. B. (2014). Sobol' indices and Shapley value. SIAM/ASA Journal on
    Uncertainty Quantification, 2, 245-251.
    Song, E., Nelson, B. L., & Staum, J. (2016). Shapley effects for global sensitivity
    analysis: theory and computation. SIAM/ASA Journal on Uncertainty Quantification,
    4, 1060-1083.
    Faigle, U., & Kern, W. (1992). The Shapley value for cooperative games under
    precedence constraints. International Journal of Game Theory, 21, 249-266.

    Examples
    --------
    >>> y = np.array([0.0, 1.0, 2.0, 3.0])
    >>> found = decompose(y, {"a": np.array([0, 0, 1, 1]), "b": np.array([0, 1, 0, 1])})
    >>> found.share.tolist(), found.leading
    ([0.8, 0.2], 'a')
    """
    known = np.isfinite(outcome)
    y = outcome[known]
    held = {n: np.unique(c[known], return_inverse=True)[1] for n, c in codes.items()}
    held = {n: c for n, c in held.items() if c.size and c.max() > 0}
    names, columns = tuple(held), list(held.values())
    d = len(names)
    explained = _explained(y - y.mean() if y.size else y, columns)
    whole = frozenset(range(d))
    variance = explained[whole]
    # What is below this is rounding.
    least = 1e-28 * float((y * y).mean()) if y.size else 0.0
    scale = variance if variance > least else np.nan
    main = np.array([explained[frozenset({i})] for i in range(d)]) / scale
    rest = np.array([explained[whole - {i}] for i in range(d)])
    pairs = np.zeros((d, d))
    for i, j in combinations(range(d), 2):
        both = explained[frozenset({i, j})]
        pairs[i, j] = pairs[j, i] = both / scale - main[i] - main[j]
    before = _before(names, columns, after or {})
    return Decomposition(
        choices=names,
        main=_clean(main),
        total=_clean((variance - rest) / scale),
        share=_clean(_shares(explained, before) / scale),
        pairs=_clean(pairs),
        variance=float(variance),
        specifications=int(y.size),
        outcome=name,
    )


def _clean(x: Floats) -> Floats:
    """Zero in place of what rounding left of it."""
    return np.where(np.abs(x) < _ROUNDING, 0.0, x)


def _explained(y: Floats, codes: Sequence[Ints]) -> dict[Told, float]:
    """Variance of group means, for every set of choices."""
    found: dict[Told, float] = {frozenset(): 0.0}

    def visit(chosen: tuple[int, ...], label: Ints) -> None:
        for i in range(chosen[-1] + 1 if chosen else 0, len(codes)):
            both = label * (int(codes[i].max()) + 1) + codes[i]
            # Renumbered, so that the numbers stay small whatever the choices.
            finer = np.unique(both, return_inverse=True)[1]
            count, total = np.bincount(finer), np.bincount(finer, weights=y)
            now = (*chosen, i)
            found[frozenset(now)] = float((total * (total / count)).sum() / y.size)
            visit(now, finer)

    visit((), np.zeros(y.size, dtype=np.int64))
    return found


def _before(
    names: Sequence[str], codes: Sequence[Ints], after: Mapping[str, Collection[str]]
) -> list[Told]:
    """Choices that each must come after, since the two are not crossed."""
    return [
        frozenset(
            j
            for j, other in enumerate(names)
            if other in after.get(name, ()) and not _crossed(codes[i], codes[j])
        )
        for i, name in enumerate(names)
    ]


def _crossed(one: Ints, other: Ints) -> bool:
    levels = int(one.max()) + 1, int(other.max()) + 1
    return np.unique(one * levels[1] + other).size == levels[0] * levels[1]


def _shares(explained: Mapping[Told, float], before: Sequence[Told]) -> Floats:
    """Mean gain of each choice over all orders that are possible.

    Orders that begin with the same set of choices gain the same by the next, so that it
    is enough to count them.
    """
    d = len(before)
    whole = frozenset(range(d))
    sets = sorted(explained, key=len)
    ways: dict[Told, int] = {frozenset(): 1}
    for told in sets[1:]:
        ways[told] = sum(ways[told - {i}] for i in told if before[i] <= told - {i})
    rest: dict[Told, int] = {whole: 1}
    for told in reversed(sets[:-1]):
        rest[told] = sum(rest[told | {i}] for i in whole - told if before[i] <= told)
    share = np.zeros(d)
    for told in sets[:-1]:
        for i in whole - told:
            if before[i] <= told and ways[told]:
                orders = ways[told] * rest[told | {i}]
                share[i] += orders * (explained[told | {i}] - explained[told])
    return share / ways[whole]

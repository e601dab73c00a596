"""Evidence of many data sets at once: picked, repeated, or with groups exchanged.

Every class of evidence is a dataclass of arrays, so that one way serves them all.
"""

from dataclasses import fields
from typing import Any

import numpy as np

from k2stats._typing import Bools, Floats


def picked(evidence: Any, keep: Bools) -> Any:
    """Studies of one set, by mask.

    Examples
    --------
    >>> from k2stats.evidence import TwoByTwo
    >>> t = TwoByTwo.from_counts(events1=[1, 2], n1=[9, 9], events2=[3, 4], n2=[9, 9])
    >>> picked(t, np.array([False, True])).events1
    array([2.])
    """
    return _mapped(evidence, lambda x: x[..., keep])


def repeated(evidence: Any, times: int) -> Any:
    """The same set as every row of a batch; a batch row by row, each so many times.

    Examples
    --------
    >>> from k2stats.evidence import TwoByTwo
    >>> t = TwoByTwo.from_counts(events1=[1, 2], n1=[9, 9], events2=[3, 4], n2=[9, 9])
    >>> repeated(t, 3).shape
    (3, 2)
    """

    def tile(x: Floats) -> Floats:
        if x.ndim == 1:
            return np.broadcast_to(x, (times, x.size))
        return np.repeat(x, times, axis=0)

    return _mapped(evidence, tile)


def exchanged(evidence: Any, swap: Bools) -> Any:
    """Exchange the two groups of the studies marked, for every row of marks.

    Parameters
    ----------
    evidence : evidence of two groups, shape (K,)
        Its fields come in pairs that end in 1 and 2.
    swap : ndarray of bool, shape (F, K)

    Examples
    --------
    >>> from k2stats.evidence import TwoByTwo
    >>> t = TwoByTwo.from_counts(events1=[1, 2], n1=[9, 8], events2=[3, 4], n2=[7, 6])
    >>> new = exchanged(t, np.array([[False, True]]))
    >>> new.events1.tolist(), new.n2.tolist()
    ([[1.0, 4.0]], [[7.0, 8.0]])
    """
    made = {}
    for field in fields(evidence):
        name = field.name
        other = {"1": "2", "2": "1"}.get(name[-1])
        own = getattr(evidence, name)
        if other is None:
            made[name] = np.broadcast_to(own, swap.shape)
        else:
            made[name] = np.where(swap, getattr(evidence, name[:-1] + other), own)
    return type(evidence)(**made)


def has_two_groups(evidence: Any) -> bool:
    """Whether there are two groups that could be exchanged.

    Examples
    --------
    >>> from k2stats.effectsizes import Proportion
    >>> has_two_groups(Proportion.from_arrays(events=[1, 2], n=[9, 9]))
    False
    """
    names = {f.name for f in fields(evidence)}
    return bool(names) and all(
        name[-1] in "12" and name[:-1] + "12"["21".index(name[-1])] in names
        for name in names
    )


def _mapped(evidence: Any, change: Any) -> Any:
    changed = {f.name: change(getattr(evidence, f.name)) for f in fields(evidence)}
    return type(evidence)(**changed)

"""The design matrix of a regression, with the names and terms of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import pandas as pd

from k2stats._typing import Bools, Floats
from k2stats.errors import UnknownMethodError

Columns: TypeAlias = pd.DataFrame | Mapping[str, Any]
"""Moderators by name: a frame, or a mapping to scalars and sequences."""


class Encoder(Protocol):
    """What turns moderators into rows of the design, as it did when it was made."""

    def __call__(self, data: Columns) -> Floats:
        """Return the rows, shape (M, p)."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the formula and the columns it became.

    Attributes
    ----------
    name : str
        As in the formula, ``"1"`` for the intercept.
    columns : tuple of int
    variables : tuple of str
        Moderators in it, each with its transformation.
    """

    name: str
    columns: tuple[int, ...]
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A design matrix.

    Attributes
    ----------
    formula : str
    X : ndarray, shape (K, p)
    names : tuple of str
        Of the columns, such as ``"Intercept"`` and ``"C(alloc)[T.random]"``.
    r_names : tuple of str
        The same as R's metafor writes them: ``"intrcpt"``, ``"C(alloc)random"``.
    terms : tuple of Term
    moderators : tuple of str
        Columns of the data that the formula uses.
    data : dict
        Of each moderator, its K values, for plots.
    encode : Encoder or None
        For new data; None where the matrix was given and not a formula.
    """

    formula: str
    X: Floats
    names: tuple[str, ...]
    r_names: tuple[str, ...]
    terms: tuple[Term, ...]
    moderators: tuple[str, ...]
    data: dict[str, tuple[Any, ...]]
    encode: Encoder | None

    @property
    def intercept(self) -> int | None:
        """Position of the intercept's column, None where there is none."""
        for term in self.terms:
            if term.name == "1":
                return term.columns[0]
        return None

    @property
    def tested(self) -> tuple[int, ...]:
        """Columns of the omnibus test: all but the intercept, or the one there is."""
        rest = tuple(j for j in range(len(self.names)) if j != self.intercept)
        return rest or tuple(range(len(self.names)))

    def column(self, name: str) -> int:
        """Position of a column by either of its names.

        Raises
        ------
        UnknownMethodError
            With the names there are.
        """
        for names in (self.names, self.r_names):
            if name in names:
                return names.index(name)
        raise UnknownMethodError(kind="coefficient", name=name, known=self.names)

    def term(self, name: str) -> Term:
        """Term by its name.

        Raises
        ------
        UnknownMethodError
            With the names there are.
        """
        bare = name.replace(" ", "")
        for term in self.terms:
            if term.name.replace(" ", "") == bare:
                return term
        known = tuple(t.name for t in self.terms)
        raise UnknownMethodError(kind="term", name=name, known=known)

    def same_columns(self, other: "Design") -> bool:
        """Whether both matrices are equal."""
        same: Bools | bool = self.X.shape == other.X.shape and (self.X == other.X).all()
        return bool(same)

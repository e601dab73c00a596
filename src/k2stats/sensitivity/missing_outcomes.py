"""Trials in which some outcomes are not known, and what was assumed about them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.evidence._coerce import require, together


@dataclass(frozen=True, slots=True, eq=False)
class BinaryWithMissing:
    """Yes-or-no outcomes of two groups, some of them missing, studies on the last axis.

    Attributes
    ----------
    events1, observed1, missing1 : ndarray, shape (..., K)
        Events, participants with a known and with an unknown outcome in group 1.
    events2, observed2, missing2 : ndarray, shape (..., K)

    Examples
    --------
    >>> trial = BinaryWithMissing.from_counts(
    ...     events1=29, nonevents1=18, missing1=22,
    ...     events2=20, nonevents2=14, missing2=34)
    >>> print(trial.best_case("group 1"), "and", trial.worst_case("group 1"))
    51/69 v 20/68 and 29/69 v 54/68
    """

    events1: Floats
    observed1: Floats
    missing1: Floats
    events2: Floats
    observed2: Floats
    missing2: Floats

    @classmethod
    def from_counts(
        cls,
        *,
        events1: ArrayLike,
        nonevents1: ArrayLike,
        missing1: ArrayLike,
        events2: ArrayLike,
        nonevents2: ArrayLike,
        missing2: ArrayLike,
    ) -> "BinaryWithMissing":
        """Build from events, non-events and missing outcomes of each group.

        Parameters
        ----------
        events1, nonevents1, missing1, events2, nonevents2, missing2 : array_like
            Whole numbers, broadcast together. Group 1 is the treated one.

        Raises
        ------
        InvalidEvidenceError
            For counts that are negative, fractional or missing, and for groups in
            which no outcome is known.
        """
        arrays = together(
            {
                "events1": events1,
                "nonevents1": nonevents1,
                "missing1": missing1,
                "events2": events2,
                "nonevents2": nonevents2,
                "missing2": missing2,
            }
        )
        for name, values in arrays.items():
            with np.errstate(invalid="ignore"):
                whole = np.isfinite(values) & (values == np.floor(values))
            require(name, "a whole number", whole, values)
            require(name, "at least 0", values >= 0, values)
        for arm in "12":
            known = arrays[f"events{arm}"] + arrays[f"nonevents{arm}"]
            require(f"events{arm} + nonevents{arm}", "at least 1", known >= 1, known)
        return cls(
            arrays["events1"],
            arrays["events1"] + arrays["nonevents1"],
            arrays["missing1"],
            arrays["events2"],
            arrays["events2"] + arrays["nonevents2"],
            arrays["missing2"],
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape ``(..., K)``."""
        return self.events1.shape

    @property
    def n1(self) -> Floats:
        """Everyone in group 1, outcome known or not."""
        return self.observed1 + self.missing1

    @property
    def n2(self) -> Floats:
        """Everyone in group 2, outcome known or not."""
        return self.observed2 + self.missing2

    @property
    def available(self) -> TwoByTwo:
        """The tables of those whose outcome is known."""
        return TwoByTwo(self.events1, self.observed1, self.events2, self.observed2)

    def imputed(self, more1: ArrayLike, more2: ArrayLike) -> TwoByTwo:
        """Return the tables with so many of the missing outcomes taken for events.

        Raises
        ------
        InvalidEvidenceError
            Where more outcomes are imputed than are missing.
        """
        fields = together({"more1": more1, "more2": more2})
        for arm, missing in (("1", self.missing1), ("2", self.missing2)):
            values = np.broadcast_to(
                fields[f"more{arm}"],
                np.broadcast_shapes(missing.shape, fields[f"more{arm}"].shape),
            )
            require(
                f"more{arm}",
                f"from 0 to missing{arm}",
                (values >= 0) & (values <= missing),
                values,
            )
        return TwoByTwo(
            *np.broadcast_arrays(
                self.events1 + fields["more1"],
                self.n1,
                self.events2 + fields["more2"],
                self.n2,
            )
        )

    def best_case(self, favoured: str = "group 1") -> TwoByTwo:
        """Every missing outcome an event in the favoured group, none in the other.

        Where the event is harmful this is the worst case for the favoured group.

        Parameters
        ----------
        favoured : {"group 1", "group 2"}
        """
        if favoured not in ("group 1", "group 2"):
            raise InvalidEvidenceError(
                field="favoured", requirement="'group 1' or 'group 2'", given=favoured
            )
        first = favoured == "group 1"
        return self.imputed(self.missing1 * first, self.missing2 * (not first))

    def worst_case(self, favoured: str = "group 1") -> TwoByTwo:
        """Return the mirror image of :meth:`best_case`."""
        other = {"group 1": "group 2", "group 2": "group 1"}
        return self.best_case(other.get(favoured, favoured))

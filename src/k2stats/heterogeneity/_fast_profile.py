"""The sums of `_profile` and the searches over them, by compiled kernels."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity import _fast_modes, _fast_sums
from k2stats.heterogeneity._fast import SearchesItself, rows_of
from k2stats.heterogeneity._profile import Moments
from k2stats.heterogeneity._studies import Studies


@dataclass(slots=True)
class RowProfile(SearchesItself):
    """A batch with nothing but a mean, a set a row; see `_profile.Profile`."""

    y: Floats
    v: Floats
    best: Ints
    k: Floats
    df: Floats
    smallest: Floats

    @classmethod
    def of(cls, s: Studies) -> "RowProfile":
        """Lay the studies out in rows."""
        width = s.y.shape[-1]
        y, v = rows_of(s.y, width), rows_of(s.v, width)
        best = v.argmin(axis=-1) if s.best is None else s.best.reshape(-1)
        k = rows_of(np.broadcast_to(s.k, s.y.shape[:-1]), 1).reshape(-1)
        smallest = v[np.arange(best.size), best]
        return cls(y, v, best, k, k - 1.0, smallest)

    def extent(self) -> tuple[Floats, Floats]:
        """Return the largest variance and the unweighted sum of squares."""
        return _fast_sums.extents(self.y, self.v, self.k)

    def closed(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return q, tr P, tr PP and tr W at a tau2 of zero."""
        return _fast_sums.closed(self.y, self.v, self.best)

    def quadratic(self, t: Floats, pick: Ints) -> tuple[Floats, Floats]:
        """Return q and g."""
        return _fast_sums.quadratic(self.y, self.v, self.best, t, pick)

    def moments(self, t: Floats, pick: Ints, *, restricted: bool) -> Moments:
        """Return the halves of the derivative."""
        return Moments(
            *_fast_modes.moments(self.y, self.v, self.best, t, pick, restricted)
        )

    def traces(self, t: Floats, pick: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return tr P, tr PP, tr W and tr WW."""
        return _fast_sums.traces(self.v, self.best, t, pick)

    def log_likelihood(self, t: Floats, pick: Ints, *, restricted: bool) -> Floats:
        """Return the log-likelihood without its constant."""
        return _fast_sums.log_likelihoods(
            self.y, self.v, self.best, t, pick, restricted
        )

    def maxima(
        self, *, restricted: bool, penalised: bool
    ) -> tuple[Ints, Floats, Bools]:
        """Return every maximum: of which set, where; and which searches ended."""
        count, first, element, value = _fast_modes.maxima(
            self.y, self.v, self.best, self.k, restricted, penalised
        )
        every = np.flatnonzero(count > 0)
        return (
            np.concatenate([every, element]),
            np.concatenate([first[every], value]),
            count >= 0,
        )

    def roots(self, target: Floats) -> tuple[Floats, Floats, Bools]:
        """Return where q comes down to a target, q at zero, and what was found."""
        goal = np.require(target, dtype=float, requirements=["C", "W"])
        return _fast_sums.roots(self.y, self.v, self.best, self.k, goal)

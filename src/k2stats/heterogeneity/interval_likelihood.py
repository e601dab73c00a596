"""Intervals of tau2 from its likelihood, and from a standard error."""

import numpy as np
from scipy import special

from k2stats._typing import Bools, Floats, Ints
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity._maximise import maxima
from k2stats.heterogeneity._profile import Profile, profile_of
from k2stats.heterogeneity._studies import Studies
from k2stats.heterogeneity.intervals import TAU2_INTERVALS, Bounds, Request
from k2stats.numerics.roots import bracketed_root


@TAU2_INTERVALS.register(
    "PL",
    label="Profile likelihood",
    reference="Hardy & Thompson (1996). Statistics in Medicine 15:619-629.",
    equation=r"2 (\ell(\hat\tau^2) - \ell(\tau^2)) \le \chi^2_{1,1-\alpha}",
    traits=("likelihood",),
)
def profile_likelihood(s: Studies, r: Request) -> Bounds:
    r"""Least and largest tau2 that the likelihood ratio test does not reject.

    The likelihood is the restricted one with ``method="REML"`` and the full one with
    ``method="ML"``. Where it has several maxima the set can be in pieces; the bounds
    are those of all of it.
    """
    if r.method not in ("REML", "ML"):
        raise InvalidEvidenceError(
            field="method",
            requirement="'REML' or 'ML' for a profile likelihood interval",
            given=r.method,
        )
    restricted = r.method == "REML"
    profile = profile_of(s)
    size = profile.df.size
    element, value, complete = maxima(profile, restricted=restricted)
    height = profile.log_likelihood(value, element, restricted=restricted)
    best = np.full(size, -np.inf)
    np.maximum.at(best, element, height)
    level = best - 0.5 * float(special.chdtri(1.0, 1.0 - r.level))
    # Only maxima above the line matter: between the outermost of them and its end
    # of the set there is no other, so the likelihood crosses the line once.
    inside = height >= level[element]
    first, last = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(first, element[inside], value[inside])
    np.maximum.at(last, element[inside], value[inside])
    every = np.flatnonzero(np.isfinite(last))
    low, high = np.zeros(size), np.full(size, np.nan)
    ok = np.zeros(size, dtype=bool)
    at_zero = profile.log_likelihood(np.zeros(every.size), every, restricted=restricted)
    some = at_zero < level[every]
    pick = every[some]
    low[pick], low_ok = _cross(
        profile, pick, np.zeros(pick.size), first[pick], level[pick], restricted
    )
    beyond, found = _beyond(profile, every, last[every], level[every], restricted)
    high[every], high_ok = _cross(
        profile, every, last[every], beyond, level[every], restricted
    )
    ok[every] = found & high_ok & complete[every]
    ok[pick] &= low_ok
    shape = s.y.shape[:-1]
    return Bounds(
        low.reshape(shape),
        high.reshape(shape),
        np.zeros(shape, dtype=bool),
        ok.reshape(shape),
    )


def _beyond(
    profile: Profile, pick: Ints, last: Floats, level: Floats, restricted: bool
) -> tuple[Floats, Bools]:
    """Return a tau2 above the last maximum at which the likelihood is too low."""
    shift = profile.smallest[pick]
    high = 2.0 * last + shift
    above = np.ones(pick.size, dtype=bool)
    for _ in range(500):
        found = profile.log_likelihood(high[above], pick[above], restricted=restricted)
        above[above] = found >= level[above]
        if not above.any():
            break
        high = np.where(above, 4.0 * high, high)
    return high, ~above


def _cross(
    profile: Profile,
    pick: Ints,
    a: Floats,
    b: Floats,
    level: Floats,
    restricted: bool,
) -> tuple[Floats, Bools]:
    """Where the likelihood crosses a level, in logarithms of tau2."""
    shift = profile.smallest[pick]

    def excess(u: Floats) -> Floats:
        t = np.exp(u) - shift
        return np.asarray(
            profile.log_likelihood(t, pick, restricted=restricted) - level
        )

    root, ok = bracketed_root(excess, np.log(a + shift), np.log(b + shift))
    return np.maximum(np.exp(root) - shift, 0.0), ok


@TAU2_INTERVALS.register(
    "Wald",
    label="Wald",
    reference="Viechtbauer (2007). Statistics in Medicine 26:37-52, section 3.3.",
    equation=r"\hat\tau^2 \pm z_{1-\alpha/2} \mathrm{SE}(\hat\tau^2)",
    traits=("approximate",),
)
def wald(s: Studies, r: Request) -> Bounds:
    """Estimate plus and minus a normal multiple of its standard error, from zero on.

    For comparison: the estimate is far from normal unless there are very many studies.
    """
    reach = -float(special.ndtri((1.0 - r.level) / 2.0)) * r.se
    low = np.maximum(r.tau2 - reach, 0.0)
    high = r.tau2 + reach
    never = np.zeros(low.shape, dtype=bool)
    return Bounds(low, high, never, np.isfinite(high))

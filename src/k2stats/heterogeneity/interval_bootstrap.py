"""Interval of tau2 from effects drawn anew."""

import numpy as np

from k2stats.heterogeneity._base import TAU2
from k2stats.heterogeneity._studies import CHUNK, Studies, prepare
from k2stats.heterogeneity.intervals import TAU2_INTERVALS, Bounds, Request


@TAU2_INTERVALS.register(
    "bootstrap",
    label="Parametric bootstrap",
    reference="Turner et al. (2000). Statistics in Medicine 19:3417-3432. "
    "Viechtbauer (2007). Statistics in Medicine 26:37-52.",
    equation=r"y^* \sim N(0, v + \hat\tau^2), percentiles of \hat\tau^2(y^*)",
    traits=("approximate", "random"),
)
def parametric_bootstrap(s: Studies, r: Request) -> Bounds:
    """Percentiles of the estimates from effects drawn from the fitted model.

    No estimator of tau2 depends on the coefficients, so they are left at zero.
    """
    k = s.y.shape[-1]
    v, t = s.finite_v.reshape(-1, k), r.tau2.reshape(-1)
    X = s.X
    if X is not None and X.ndim > 2:
        X = np.broadcast_to(X, (*s.y.shape, s.p)).reshape(-1, k, s.p)
    mask = None if s.mask is None else s.mask.reshape(-1, k)
    user = None if s.weights is None else s.weights.reshape(-1, k)
    function = TAU2[r.method].function
    ends = np.full((2, t.size), np.nan)
    ok = np.zeros(t.size, dtype=bool)
    tails = [(1.0 - r.level) / 2.0, (1.0 + r.level) / 2.0]
    step = max(1, CHUNK // (k * s.p))
    # Each element is a batch of its own, of all its draws.
    for i in np.flatnonzero(np.isfinite(t)):
        spread = np.sqrt(v[i] + t[i])
        drawn = np.empty(r.draws)
        for start in range(0, r.draws, step):
            n = min(step, r.draws - start)
            new = prepare(
                r.rng.standard_normal((n, k)) * spread,
                np.broadcast_to(v[i], (n, k)),
                X if X is None or X.ndim == 2 else X[i],
                None if mask is None else np.broadcast_to(mask[i], (n, k)),
                None if user is None else np.broadcast_to(user[i], (n, k)),
            )
            drawn[start : start + n] = function(new).tau2 * new.scale**2
        ends[:, i] = np.nanquantile(drawn, tails)
        ok[i] = bool(np.isfinite(drawn).all())
    shape = s.y.shape[:-1]
    return Bounds(
        ends[0].reshape(shape),
        ends[1].reshape(shape),
        np.zeros(shape, dtype=bool),
        ok.reshape(shape),
    )

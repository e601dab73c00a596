"""What the pool of a set is, with its flagged trials and without them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from k2stats._typing import Bools
from k2stats.audit.pooled_models import (
    ALL,
    UNFLAGGED,
    ModelRange,
    PrintCheck,
    check,
    every_model,
    model_range,
    moves_most,
    rows_of,
)
from k2stats.audit.pooled_sets import PooledSet
from k2stats.errors import MissingInputError
from k2stats.models import fit_arrays, mantel_haenszel

_SHOWN: Final = (
    ("common effect", "common", "DL", "z"),
    ("random effects, DL, z", "random", "DL", "z"),
    ("random effects, REML, Hartung-Knapp ad hoc", "random", "REML", "HK-adhoc"),
)
"""Label, model, tau2 and interval of the pools that are shown. Hartung and Knapp's
interval is taken ad hoc, never narrower than without them: with few trials and little
heterogeneity it would otherwise be narrower than that of the common effect."""


@dataclass(frozen=True, slots=True)
class PooledFit:
    """A pooled ratio of some trials of a set, on the natural scale.

    Attributes
    ----------
    model : str
        Label of the model.
    members : str
        ``"all"``, ``"without flagged"``, or ``"without LABEL"``.
    k : int
    estimate, low, high, p : float
    tau2 : float
        Variance between trials that the model takes: 0 for the common effect.
    i2, q, q_p : float
        I2 from Cochran's Q, Q and its p-value; Q is NaN for one trial.
    """

    model: str
    members: str
    k: int
    estimate: float
    low: float
    high: float
    p: float
    tau2: float
    i2: float
    q: float
    q_p: float


@dataclass(frozen=True, slots=True)
class PooledFinding:
    """A set of trials, pooled in every way that is shown.

    Attributes
    ----------
    of : PooledSet
    fits : tuple of PooledFit
        The models shown, on all trials and on those not flagged.
    one_out : tuple of PooledFit
        The last of the models shown, each trial left out.
    checks : tuple of PrintCheck
    ranges : tuple of ModelRange
    moves_most : str
        The choice that moves the estimate most over every model and choice of trials:
        ``"subset"``, ``"model"``, ``"tau2"`` or ``"ci"``; empty where none does.
    interaction, trend : float
        P-values of Cochran's Q between strata, and of a straight trend over strata in
        order; NaN for trials.
    """

    of: PooledSet
    fits: tuple[PooledFit, ...]
    one_out: tuple[PooledFit, ...]
    checks: tuple[PrintCheck, ...]
    ranges: tuple[ModelRange, ...]
    moves_most: str
    interaction: float
    trend: float

    def fit(self, model: str, members: str = ALL) -> PooledFit | None:
        """Return one of the fits; None where no trial is left for it."""
        found = [f for f in self.fits if (f.model, f.members) == (model, members)]
        return found[0] if found else None


def pooled_finding(of: PooledSet) -> PooledFinding:
    """Pool a set with its flagged trials, without them, and with each left out.

    Examples
    --------
    >>> from k2stats.audit.pooled_trials import PooledTrial
    >>> from k2stats.evidence import Source
    >>> source = Source("doe1999", "Doe (1999)")
    >>> trials = [PooledTrial.from_counts(name, source, counts) for name, counts in
    ...           {"A": (9, 217, 20, 223), "B": (18, 120, 42, 121)}.items()]
    >>> found = pooled_finding(PooledSet("x", "X", "fracture", tuple(trials)))
    >>> fit = found.fit("common effect")
    >>> round(fit.estimate, 3), round(fit.low, 3), round(fit.high, 3)
    (0.441, 0.292, 0.666)
    """
    return _finding(of)


def pooled_findings(sets: Iterable[PooledSet]) -> tuple[PooledFinding, ...]:
    """Return :func:`pooled_finding` of each set."""
    return tuple(map(_finding, sets))


def _choices(of: PooledSet) -> dict[str, Bools]:
    """Return all trials and, where some but not all are flagged, the others."""
    keep = {ALL: np.ones(of.k, dtype=bool)}
    if of.flagged.any() and not of.flagged.all():
        keep[UNFLAGGED] = ~of.flagged
    return keep


def _finding(of: PooledSet) -> PooledFinding:
    """Put together what is shown of one set."""
    chosen = _choices(of)
    fits: list[PooledFit] = []
    for members, mask in chosen.items():
        fits += _fits(of, mask, members)
        counted = _mantel_haenszel(of, mask, members)
        fits += [counted] if counted else []
    one_out: list[PooledFit] = []
    if of.k > 2:
        for j, label in enumerate(of.labels):
            mask = np.arange(of.k) != j
            one_out.append(_fit(of, mask, f"without {label}", *_SHOWN[-1]))
    common = next(f for f in fits if f.model == _SHOWN[0][0] and f.members == ALL)
    models = every_model(of, chosen)
    rows = rows_of(models)
    return PooledFinding(
        of=of,
        fits=tuple(fits),
        one_out=tuple(one_out),
        checks=tuple(check(p, models, rows[ALL]) for p in of.prints if p.same_trials),
        ranges=tuple(model_range(members, models, at) for members, at in rows.items()),
        moves_most=moves_most(models),
        interaction=common.q_p if of.member != "trial" else float("nan"),
        trend=_trend(of) if of.ordered else float("nan"),
    )


def _fits(of: PooledSet, mask: Bools, members: str) -> list[PooledFit]:
    """Return the models shown; of one trial that trial alone, whatever the model."""
    shown = _SHOWN if int(mask.sum()) > 1 else _SHOWN[:1]
    return [_fit(of, mask, members, *row) for row in shown]


def _fit(
    of: PooledSet, mask: Bools, members: str, label: str, model: str, tau2: str, ci: str
) -> PooledFit:
    """Pool the trials of a mask by one model."""
    y, v = of.y[mask], of.v[mask]
    k = y.size
    alone = k == 1
    fit = fit_arrays(
        y,
        v,
        model="common" if alone else model,
        tau2=tau2,
        ci="z" if alone else ci,
    )
    w = 1.0 / v
    q = float(np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2))
    estimate, low, high = (float(np.exp(x[0])) for x in (fit.beta, fit.low, fit.high))
    return PooledFit(
        model=label,
        members=members,
        k=k,
        estimate=estimate,
        low=low,
        high=high,
        p=float(fit.p[0]),
        tau2=0.0 if model == "common" or alone else float(fit.tau2),
        i2=max(0.0, 1.0 - (k - 1) / q) if q > 0.0 else 0.0,
        q=q if k > 1 else float("nan"),
        q_p=float(special.chdtrc(k - 1, q)) if k > 1 else float("nan"),
    )


def _mantel_haenszel(of: PooledSet, mask: Bools, members: str) -> PooledFit | None:
    """Pool the counts, where every trial of the mask has them."""
    if int(mask.sum()) < 2 or of.symbol == "HR":
        return None
    try:
        tables = of.tables(flagged=members == ALL)
    except MissingInputError:
        return None
    fit = mantel_haenszel(tables, "OR" if of.symbol == "OR" else "RR")
    estimate, low, high, p = (
        float(np.ravel(x)[0]) for x in (fit.estimate, fit.ci_low, fit.ci_high, fit.p)
    )
    first = _fit(of, mask, members, *_SHOWN[0])
    return PooledFit(
        model="Mantel-Haenszel, counts",
        members=members,
        k=first.k,
        estimate=float(np.exp(estimate)),
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        p=p,
        tau2=0.0,
        i2=first.i2,
        q=first.q,
        q_p=first.q_p,
    )


def _trend(of: PooledSet) -> float:
    """P-value of a straight line through the strata, numbered in their order."""
    line = np.column_stack([np.ones(of.k), np.arange(of.k)])
    return float(fit_arrays(of.y, of.v, line, model="common", ci="z").p[1])

"""What every diagnostic takes: effects that are complete, and a word on how few."""

from collections.abc import Hashable
from typing import NamedTuple, TypeAlias

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import TAU2
from k2stats.heterogeneity.tau2 import COMMON
from k2stats.results.pooled import PooledEstimate

FEW = 10
"""Studies below which a test of small-study effects says little."""

STERNE = "Sterne et al. (2011). BMJ 343:d4002"


Effects: TypeAlias = EffectSizes | PooledEstimate
"""Effects, or a fit whose effects are meant."""


class Sample(NamedTuple):
    """Effects and variances of studies that are all there, shape (..., K)."""

    y: Floats
    v: Floats

    @property
    def k(self) -> int:
        """Number of studies."""
        return int(self.y.shape[-1])


def effects_of(effects: Effects, field: str = "effects") -> EffectSizes:
    """Return the effects themselves; those of a fit that were pooled.

    Raises
    ------
    InvalidEvidenceError
        For anything else.
    """
    if isinstance(effects, PooledEstimate):
        mask = effects.mask
        if mask is None or bool(mask.all()):
            return effects.effects
        if mask.ndim == 1:
            return effects.effects[mask]
        raise InvalidEvidenceError(
            field=field, requirement="of the same studies in every set of the batch"
        )
    if not isinstance(effects, EffectSizes):
        raise InvalidEvidenceError(
            field=field,
            requirement="EffectSizes or a fit by pool()",
            given=type(effects).__name__,
        )
    return effects


def with_estimator(
    effects: Effects, tau2: str | None, default: str = "REML"
) -> tuple[EffectSizes, str]:
    """Return the effects and the estimator of tau2: the one named, or that of the fit.

    Raises
    ------
    InvalidEvidenceError
        Where tau2 was given to the fit as a number, or nothing is known of either.
    UnknownMethodError
    """
    if tau2 is None:
        tau2 = default
        if isinstance(effects, PooledEstimate):
            tau2 = effects.method.tau2.name
            if tau2 == "fixed":
                raise InvalidEvidenceError(
                    field="tau2",
                    requirement="the name of an estimator, where the fit took tau2 "
                    "as a number",
                )
    if tau2 not in COMMON:
        _ = TAU2[tau2]
    return effects_of(effects), tau2


def sample(effects: Effects, *, least: int, need: str) -> Sample:
    """Return the effects of complete studies.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate
    least : int
        Fewest studies.
    need : str
        What they are needed for, for the message.

    Raises
    ------
    InvalidEvidenceError
        Where a study has no effect or no variance, or there are too few.
    """
    effects = effects_of(effects)
    complete = effects.complete
    if not complete.all():
        rows = np.flatnonzero(~complete.reshape(-1, effects.k).all(axis=0))
        raise InvalidEvidenceError(
            field="effects",
            requirement="complete: an effect and a positive variance for each study "
            "(drop_incomplete() leaves the others out)",
            rows=rows.tolist(),
        )
    require_studies(effects.k, least, need)
    return Sample(effects.y, np.broadcast_to(effects.v, effects.y.shape))


def one_sample(effects: Effects, *, least: int, need: str) -> Sample:
    """Return the effects of one set of studies, not a batch.

    Raises
    ------
    InvalidEvidenceError
        As :func:`sample`, and for a batch.
    """
    found = sample(effects, least=least, need=need)
    if found.y.ndim != 1:
        raise InvalidEvidenceError(
            field="effects",
            requirement=f"one set of studies for {need}, not a batch",
            given=found.y.shape,
        )
    return found


def require_studies(k: int, least: int, need: str) -> None:
    """Refuse fewer than `least` studies."""
    if k < least:
        raise InvalidEvidenceError(
            field="effects",
            requirement=f"of at least {least} studies for {need}",
            given=k,
        )


def worth(k: Floats | int, what: str = "asymmetry") -> str:
    """Say what a test of small-study effects is worth with few studies.

    Examples
    --------
    >>> worth(7)[:45]
    '7 studies, fewer than 10: the test has little'
    >>> worth(10)
    ''
    """
    fewest = int(np.min(k))
    if fewest >= FEW:
        return ""
    return (
        f"{fewest} studies, fewer than {FEW}: the test has little power to tell "
        f"{what} from chance, and a large p-value is no evidence that there is none "
        f"({STERNE})."
    )


def require_unequal(v: Floats, need: str, field: str = "effects") -> None:
    """Refuse one set of studies whose standard errors are all the same.

    Raises
    ------
    InvalidEvidenceError
        A regression on the standard error then has nothing to go by.
    """
    if v.ndim == 1 and float(np.ptp(v)) <= 1e-12 * float(v.max()):
        raise InvalidEvidenceError(
            field=field, requirement=f"of unequal standard errors for {need}"
        )


def labels_of(effects: EffectSizes) -> tuple[Hashable, ...]:
    """Study labels, 1 to K where there are none."""
    return tuple(effects.labels)


def frozen(array: Floats) -> Floats:
    """Return an own, read-only copy."""
    own = np.array(array, dtype=float)
    own.flags.writeable = False
    return own

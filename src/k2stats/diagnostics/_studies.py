"""What every diagnostic takes: effects that are complete, and a word on how few."""

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError

FEW = 10
"""Studies below which a test of small-study effects says little."""

STERNE = "Sterne et al. (2011). BMJ 343:d4002"


class Sample(NamedTuple):
    """Effects and variances of studies that are all there, shape (..., K)."""

    y: Floats
    v: Floats

    @property
    def k(self) -> int:
        """Number of studies."""
        return int(self.y.shape[-1])


def sample(effects: EffectSizes, *, least: int, need: str) -> Sample:
    """Return the effects of complete studies.

    Parameters
    ----------
    effects : EffectSizes
    least : int
        Fewest studies.
    need : str
        What they are needed for, for the message.

    Raises
    ------
    InvalidEvidenceError
        Where a study has no effect or no variance, or there are too few.
    """
    if not isinstance(effects, EffectSizes):
        raise InvalidEvidenceError(
            field="effects", requirement="EffectSizes", given=type(effects).__name__
        )
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


def one_sample(effects: EffectSizes, *, least: int, need: str) -> Sample:
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


def labels_of(effects: EffectSizes) -> tuple[Hashable, ...]:
    """Study labels, 1 to K where there are none."""
    return tuple(effects.labels)


def frozen(array: Floats) -> Floats:
    """Return an own, read-only copy."""
    own = np.array(array, dtype=float)
    own.flags.writeable = False
    return own

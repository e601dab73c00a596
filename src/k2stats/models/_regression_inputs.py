"""Studies, columns and weights of a meta-regression, aligned and checked."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.effectsizes._base import EffectSizes, require_effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats
from k2stats.models._design import (
    build_design,
    given_design,
    known_functions,
    prepare_formula,
)
from k2stats.models._moderators import Moderators, moderators, offered
from k2stats.results.design_matrix import Columns, Design


def designed(
    es: EffectSizes,
    formula: str | ArrayLike,
    data: Columns | None,
    key: str | None,
    *,
    drop_missing: bool,
) -> tuple[EffectSizes, Design, dict[str, tuple[int, ...]], Bools]:
    """Effects and design of the studies that stay, which do not, and which do."""
    require_effect_sizes(es)
    gone: dict[str, tuple[int, ...]] = {}
    keep = np.ones(es.k, dtype=bool)
    if es.y.ndim == 1 and drop_missing and not es.complete.all():
        gone["effect"] = tuple(np.flatnonzero(~es.complete).tolist())
        keep &= es.complete
    if not isinstance(formula, str):
        X = _matrix(formula, es.k)
        kept = es if keep.all() else es[keep]
        return kept, given_design(X[keep]), gone, keep
    offer = offered(es, data, key)
    text = prepare_formula(formula, [str(c) for c in offer.columns])
    used = moderators(offer, text, known_functions())
    _require_complete(used, drop_missing=drop_missing)
    gone |= {name: tuple(rows) for name, rows in used.missing.items()}
    keep &= used.complete
    frame = used.frame
    kept = es
    if not keep.all():
        kept, frame = es[keep], frame[keep].reset_index(drop=True)
        for name in frame.columns:  # a whole number again once the gaps are gone
            if hasattr(frame[name], "cat"):
                frame[name] = frame[name].cat.remove_unused_categories()
    if kept.k == 0:
        raise InvalidEvidenceError(
            field="data", requirement="complete in one study at least"
        )
    return kept, build_design(text, frame), gone, keep


def kept_weights(weights: ArrayLike, es: EffectSizes, keep: Bools) -> Floats:
    """Weights of the studies that stay."""
    given = as_floats("weights", weights)
    if given.shape[-1:] != (es.k,):
        raise InvalidEvidenceError(
            field="weights",
            requirement=f"of length {es.k}, one for each study",
            given=given.shape,
        )
    return np.asarray(given[..., keep])


def _matrix(X: ArrayLike, k: int) -> Floats:
    columns = as_floats("formula", X)
    if columns.ndim != 2 or columns.shape[0] != k:
        raise InvalidEvidenceError(
            field="formula",
            requirement=f"text, or a matrix of {k} rows, one for each study",
            given=columns.shape,
        )
    bad = np.flatnonzero(~np.isfinite(columns).all(axis=1))
    if bad.size:
        raise InvalidEvidenceError(
            field="formula", requirement="finite", rows=bad.tolist()
        )
    return columns


def _require_complete(used: Moderators, *, drop_missing: bool) -> None:
    if drop_missing:
        return
    for name, rows in used.missing.items():
        raise InvalidEvidenceError(
            field=name,
            requirement="given for every study (drop_missing=True leaves studies out)",
            rows=rows,
        )


def require_effects(es: EffectSizes, mask: Bools | None, *, drop_missing: bool) -> None:
    if mask is None or drop_missing:
        return
    bad = ~mask if mask.ndim == 1 else ~mask.all(axis=-1)
    raise InvalidEvidenceError(
        field="es",
        requirement="an effect and a positive variance in every study "
        "(drop_missing=True leaves studies out)",
        rows=np.flatnonzero(bad.ravel()).tolist(),
    )

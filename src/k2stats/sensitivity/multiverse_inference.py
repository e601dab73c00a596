r"""Whether a specification curve could come of no effect at all: signs flipped.

Under no effect and effects that are symmetric about it, the sign of each study's effect
could as well have been the other one; for counts that is an exchange of the two groups
of the study, for every measure and model at once. All specifications are fitted again
on each flipped set of studies, so that the dependence between them is kept. Three
statistics of the whole curve are compared with what the flips give (Simonsohn et al.
2020): the median estimate, the share of specifications that are significant in the
direction of the median, and the mean z,

.. math:: \bar z = \frac{1}{S} \sum_s \operatorname{sgn}(\hat\mu_s)\,
    \Phi^{-1}(1 - p_s / 2), \qquad
    p = \frac{1 + \#\{b : T_b \ge T\}}{1 + B}.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from k2stats._typing import Bools, Floats, Ints
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import is_count
from k2stats.sensitivity._multiverse_counts import counts_fits
from k2stats.sensitivity._multiverse_effects import effects_fits
from k2stats.sensitivity._multiverse_evidence import exchanged, has_two_groups
from k2stats.sensitivity._multiverse_fits import (
    Fits,
    Progress,
    Variant,
    grouped,
    in_batch,
)
from k2stats.sensitivity._multiverse_parts import Block, Stack

if TYPE_CHECKING:
    from k2stats.sensitivity.multiverse_result import Multiverse

MOST_EXACT = 10
"""Studies up to which all sign patterns are looked at."""
_TIE = 1e-9
_WITHOUT_NULL = (
    "One group",
    "Coefficients of determination",
    "Reliability",
    "Genotypes",
)
"""Groups of measures of which zero is a scale's end, or its middle by convention."""
_CHUNK = 1 << 21
"""Specifications fitted at a time, flips times specifications."""
_FARTHEST = -745.0


@dataclass(frozen=True, slots=True, eq=False)
class CurveInference:
    """Tests of a specification curve as a whole, on one scale.

    Attributes
    ----------
    scale : str
    median, share_significant, mean_z : float
        As observed; the median on the scale of analysis, the share in the direction
        of the median.
    p_median, p_share, p_mean_z : float
        Share of the flips at least as extreme, in either direction.
    null_median, null_share, null_mean_z : ndarray, shape (B,)
        What the flips gave, signed; the share is that of the direction of each median.
    band : ndarray, shape (3, S)
        Of the estimates in ascending order on the scale of analysis, the 2.5th, 50th
        and 97.5th percentile over flips at each rank.
    draws : int
        Flips, B.
    exact : bool
        Whether these are all patterns.
    specifications : int
        That took part: those fitted in batches and with an estimate.
    """

    scale: str
    median: float
    share_significant: float
    mean_z: float
    p_median: float
    p_share: float
    p_mean_z: float
    null_median: Floats
    null_share: Floats
    null_mean_z: Floats
    band: Floats
    draws: int
    exact: bool
    specifications: int

    def to_frame(self) -> pd.DataFrame:
        """One row a statistic of the curve."""
        return pd.DataFrame(
            {
                "statistic": ["median estimate", "share significant", "mean z"],
                "observed": [self.median, self.share_significant, self.mean_z],
                "expected": [
                    float(np.median(np.abs(x)))
                    for x in (self.null_median, self.null_share, self.null_mean_z)
                ],
                "p": [self.p_median, self.p_share, self.p_mean_z],
            }
        )

    def __repr__(self) -> str:
        return (
            f"Specification curve ({self.scale}) against no effect, {self.draws} "
            f"{'patterns' if self.exact else 'draws'}: median p {self.p_median:.3g}, "
            f"share p {self.p_share:.3g}, mean z p {self.p_mean_z:.3g}"
        )


def curve_inference(
    m: "Multiverse",
    *,
    rng: int | np.random.Generator,
    draws: int = 500,
    scale: str | None = None,
    progress: Callable[[str, int], Progress] | None = None,
) -> CurveInference:
    """Test a specification curve against no effect by flipping the signs of effects.

    All patterns where there are at most ten studies, else random ones. Specifications
    whose model takes one data set at a time (GLMM, exact, ...) are left out;
    the result says how many took part.

    Parameters
    ----------
    m : Multiverse
    rng : int or Generator
    draws : int
        Random patterns where there are more than ten studies.
    scale : str, optional
        Needed where there are several.
    progress : callable, optional
        As :func:`k2stats.multiverse` takes it.

    Returns
    -------
    CurveInference

    Raises
    ------
    InvalidEvidenceError
        For measures without a value that means no effect, as those of one group, and
        where no specification is fitted in a batch.

    References
    ----------
    Simonsohn, U., Simmons, J. P., & Nelson, L. D. (2020). Specification curve analysis.
    Nature Human Behaviour, 4, 1208-1214.
    Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero.
    Statistical Applications in Genetics and Molecular Biology, 9, 39.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.sensitivity.multiverse import multiverse
    >>> es = EffectSizes.from_arrays([0.3, 0.5, 0.2, 0.4], [0.02, 0.05, 0.03, 0.04])
    >>> m = multiverse(es, tau2="DL", ci="z", models=["random", "common"])
    >>> m.inference(rng=1).p_median
    0.125
    """
    panel = m._panel(scale)
    name = next(s for s, rows in m.panels.items() if np.array_equal(rows, panel))
    _check(m, name, draws)
    used = _usable(m, panel)
    k = len(m.study)
    exact = k <= MOST_EXACT
    signs = _patterns(k, exact, draws, np.random.default_rng(rng))
    step = max(1, _CHUNK // m.plan.size)
    starts = range(0, signs.shape[0], step)
    tell = None if progress is None else progress("Flipping", len(starts))
    statistics, curves = [], []
    for start in starts:
        if tell is not None:
            tell(f"signs, {start} of {signs.shape[0]}")
        part = signs[start : start + step]
        estimate, p = _fitted(m, used, part)
        statistics.append(_statistics(estimate, p, 1.0 - m.level[used]))
        curves.append(np.sort(estimate, axis=1))
    found = np.concatenate(statistics, axis=1)
    observed, null = found[:, 0], found if exact else found[:, 1:]
    curve = np.concatenate(curves)
    if exact:
        # Every pattern has a mirror image, whose estimates are the negatives.
        curve = np.concatenate([curve, -curve[:, ::-1]])
    p_values = [_p(observed[i], found[i]) for i in range(3)]
    return CurveInference(
        scale=name,
        median=float(observed[0]),
        share_significant=float(observed[1]),
        mean_z=float(observed[2]),
        p_median=p_values[0],
        p_share=p_values[1],
        p_mean_z=p_values[2],
        null_median=null[0],
        null_share=null[1],
        null_mean_z=null[2],
        band=np.nanpercentile(curve, [2.5, 50.0, 97.5], axis=0),
        draws=2 * signs.shape[0] if exact else signs.shape[0] - 1,
        exact=exact,
        specifications=int(used.size),
    )


def _check(m: "Multiverse", scale: str, draws: int) -> None:
    if not is_count(draws, least=1):
        raise InvalidEvidenceError(
            field="draws", requirement="a whole number of at least 1", given=draws
        )
    info = m.info_of(scale)
    if np.isnan(info.null) or info.group.startswith(_WITHOUT_NULL):
        raise InvalidEvidenceError(
            field="scale",
            requirement="one with a value of no effect that effects lie about",
            given=scale,
        )


def _usable(m: "Multiverse", panel: Ints) -> Ints:
    """Specifications with an estimate whose fits are batches."""
    wide = len(m.plan.levels)
    batch = np.concatenate(
        [np.full(b.rows.size * wide, in_batch(b)) for b in m.plan.blocks]
    )
    used = panel[batch[m.position[panel]] & m.converged[panel]]
    if not used.size:
        raise InvalidEvidenceError(
            field="models", requirement="such that one or more is fitted in a batch"
        )
    return used


def _patterns(k: int, exact: bool, draws: int, rng: np.random.Generator) -> Floats:
    """Signs, the observed ones first; of all patterns one of each mirrored pair."""
    if exact:
        codes = np.arange(2 ** (k - 1))[:, np.newaxis]
        return np.asarray(1.0 - 2.0 * ((codes >> np.arange(k)) & 1), dtype=float)
    signs = 2.0 * rng.integers(0, 2, (draws + 1, k)) - 1.0
    signs[0] = 1.0
    return np.asarray(signs)


def _fitted(m: "Multiverse", used: Ints, signs: Floats) -> tuple[Floats, Floats]:
    """Estimates and p-values of the flipped data, each of shape (F, used)."""
    plan = m.plan
    evidence = plan.material.evidence
    swapped = None
    if evidence is not None and has_two_groups(evidence):
        swapped = exchanged(evidence, signs < 0.0)
    variant = Variant(signs, swapped)
    wide = len(plan.levels)
    ends = np.cumsum([0, *(b.rows.size * wide for b in plan.blocks)])
    wanted = np.zeros(plan.size, dtype=bool)
    wanted[m.position[used]] = True
    shape = (signs.shape[0], plan.size)
    estimate, p = np.full(shape, np.nan), np.full(shape, np.nan)
    for group in grouped(plan):
        asked = {
            i: wanted[ends[i] : ends[i + 1]].reshape(-1, wide).any(axis=1)
            for i in group
        }
        here = [i for i in group if asked[i].any()]
        if not here:
            continue
        # Blocks of one stack are fitted together, so that they need the same sets.
        rows: dict[Stack, Bools] = {}
        for i in here:
            stack = plan.blocks[i].stack
            rows[stack] = np.asarray(asked[i] | rows.get(stack, asked[i]))
        blocks = [_only(plan.blocks[i], rows[plan.blocks[i].stack]) for i in here]
        made = (
            [counts_fits(plan, blocks[0], variant)]
            if blocks[0].of_counts
            else effects_fits(plan, blocks, variant)
        )
        for i, fits in zip(here, made, strict=True):
            kept = np.flatnonzero(np.repeat(rows[plan.blocks[i].stack], wide))
            flat = _flat(fits, signs.shape[0])
            estimate[:, ends[i] + kept], p[:, ends[i] + kept] = flat
    columns = m.position[used]
    return estimate[:, columns], p[:, columns]


def _only(block: Block, keep: Bools) -> Block:
    """The block with these of its sets of studies alone."""
    return replace(block, rows=block.rows[keep])


def _flat(fits: Fits, flips: int) -> tuple[Floats, Floats]:
    """Arrays of shape (F * sets, levels) as (F, sets * levels)."""
    ok: Bools = fits.converged
    return (
        np.where(ok, fits.estimate, np.nan).reshape(flips, -1),
        np.where(ok, fits.p, np.nan).reshape(flips, -1),
    )


def _statistics(estimate: Floats, p: Floats, alpha: Floats) -> Floats:
    """Median estimate, share significant in its direction and mean z; shape (3, F)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        median = np.nanmedian(estimate, axis=1)
        sign = np.sign(estimate)
        agrees = sign == np.sign(median)[:, np.newaxis]
        share = ((p < alpha) & agrees).sum(axis=1) / np.isfinite(p).sum(axis=1)
        z = -sign * special.ndtri(np.maximum(0.5 * p, np.exp(_FARTHEST)))
    return np.stack([median, share, np.nanmean(z, axis=1)])


def _p(observed: float, found: Floats) -> float:
    """Share of the patterns, the observed one among them, at least as extreme."""
    sizes = np.abs(found)
    return float((sizes >= abs(observed) * (1.0 - _TIE)).mean())

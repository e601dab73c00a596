"""Numbers a measure cannot have: standard errors as variances, percentages."""

from typing import Any

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Measure
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import require

_EXACT = {"ZCOR": (0.0, 3.0), "PAS": (0.0, 0.0), "PFT": (0.5, 0.0)}
_SMD = ("SMD", "SMDH", "SMD1", "SMD1H", "PBIT", "OR2D", "OR2DN", "OR2DL")
_LEAST_N_V = {"OR": 16.0, "DOR": 16.0, "PETO": 4.0, **dict.fromkeys(_SMD, 4.0)}
_MOST_N_V = {"COR": 2.0, "PR": 0.25, "AS": float("inf")}
_UNDERSPREAD = 1e-6
_ENOUGH = 3
_TEN_TO_ONE = 3.0
_LARGEST_SMD = 20.0


def check_standardized(found: Measure[Any], y: Floats) -> None:
    """Raise for standardized differences of a size that speaks of another spread.

    Raises
    ------
    InvalidEvidenceError
    """
    if found.code in _SMD and np.count_nonzero(np.abs(y) > _LARGEST_SMD):
        require(
            found.code,
            f"within {_LARGEST_SMD:g} SDs; beyond it the spread looks like a standard "
            "error, not an SD (check_scale=False keeps it)",
            ~(np.abs(y) > _LARGEST_SMD),
            y,
        )


def check_plausible(
    found: Measure[Any], y: Floats, v: Floats, n: Floats | None, given: str
) -> None:
    """Raise where effects or variances cannot be what they are given as.

    Rules, each with its reason in the message: an effect outside the range of the
    measure; a variance below the least or above the greatest possible at the total
    sample size, or one that needs groups of ten to one where its square does not;
    effects of many studies that lie far closer together than their
    variances allow while the squares of the variances would fit.

    Raises
    ------
    InvalidEvidenceError
    """
    _check_range(found, y)
    if n is not None:
        _check_size(found.code, v, n, given)
    if given == "v":
        _check_spread(y, v)


def _check_range(found: Measure[Any], y: Floats) -> None:
    least, most = found.bounds
    if found.scale.identity and np.isfinite(most):
        share = most == 1.0
        hint = "; a percentage is divided by 100 first" if share else ""
        require(
            "y",
            f"between {least:g} and {most:g} for {found.code}{hint}",
            (y >= least) & (y <= most),
            y,
        )
    if found.code in _SMD:
        require(
            "y",
            f"a standardized difference; beyond {_LARGEST_SMD:g} SDs it looks like a "
            "raw difference (measure 'MD')",
            np.abs(y) <= _LARGEST_SMD,
            y,
        )


def _check_size(code: str, v: Floats, n: Floats, given: str) -> None:
    shown = v if given == "v" else np.sqrt(v)
    if code in _LEAST_N_V:
        # 30% below the bound is left to small-sample corrections of variances.
        low = 0.7 * _LEAST_N_V[code] / n
        word = "a variance" if given == "v" else "a standard error, not a variance"
        require(
            given,
            f"{word}: no {code} from n participants varies less than "
            f"{_LEAST_N_V[code]:g}/n",
            v >= low,
            shown,
        )
    if given != "v":
        return
    if code in _SMD and v.shape[-1] >= _ENOUGH:
        # n v / 4 is (n1 + n2)^2 / (4 n1 n2) and a little: 1 for equal groups, 3 for
        # ten to one. Variances that need such groups throughout, while their squares
        # need none, are standard errors.
        given_as, squared = n * v / 4.0, n * v * v / 4.0
        fit = np.all((squared > 0.9) & (squared < 4.0))
        if fit and np.all(np.median(given_as, axis=-1) > _TEN_TO_ONE):
            raise _swapped()
    if code in _EXACT:
        add, less = _EXACT[code]
        expected = 1.0 / (n - less) if code == "ZCOR" else 0.25 / (n + add)
        swapped = (np.abs(v / np.sqrt(expected) - 1) < 0.05) & (v > 1.2 * expected)
        if np.all(swapped):
            raise _swapped()
    if code in _MOST_N_V and np.isfinite(_MOST_N_V[code]):
        top = 1.2 * _MOST_N_V[code] / np.maximum(n - 1, 1)
        if np.all(v > top) and np.all(v * v <= top):
            raise _swapped()


def _check_spread(y: Floats, v: Floats) -> None:
    k = y.shape[-1]
    if k < 5 or not np.all(v < 1):
        return
    w = 1.0 / v
    if not np.all(special.chdtr(k - 1, _spread_about_mean(y, w)) < _UNDERSPREAD):
        return
    if np.all(special.chdtr(k - 1, _spread_about_mean(y, w * w)) > 0.01):
        raise _swapped()


def _spread_about_mean(y: Floats, w: Floats) -> Floats:
    """Weighted sum of squares about the weighted mean of the studies."""
    center = np.add.reduce(w * y, axis=-1) / np.add.reduce(w, axis=-1)
    off = y - center[..., None]
    return np.asarray(np.add.reduce(w * off * off, axis=-1))


def _swapped() -> InvalidEvidenceError:
    return InvalidEvidenceError(
        field="v",
        requirement="sampling variances; these fit standard errors (give them as se=, "
        "or check_scale=False)",
    )

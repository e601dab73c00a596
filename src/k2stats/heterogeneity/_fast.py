"""Which kernels a batch is given to: numpy's, or those that numba compiles.

Both give the same figures. The compiled ones are several times faster and make no
temporary arrays, but the first use in a process costs about a second, and some seconds
the first time of all, when they are compiled; the code is kept on disk.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from k2stats._typing import Bools, Floats, Ints
from k2stats.errors import MissingDependencyError, UnknownMethodError

LARGE = 1 << 17
"""Effects in a batch from which compiled kernels are taken where numba is installed."""

Kernels = Literal["auto", "numpy", "numba"]
_KNOWN = ("auto", "numpy", "numba")
_asked: ContextVar[Kernels] = ContextVar("asked", default="auto")
_in_large: ContextVar[bool] = ContextVar("in_large", default=False)
F = TypeVar("F", bound=Callable[..., Any])
D = TypeVar("D", bound=np.generic)


@contextmanager
def kernels(which: Kernels) -> Iterator[None]:
    """Choose the kernels of every batch in a ``with`` block.

    Left alone (``"auto"``), batches of at least 131,072 effects (6,554 sets of twenty
    studies, say) are given to the compiled kernels where numba is installed, and all
    others to numpy's. One data set never needs numba. The two agree to rounding.

    Parameters
    ----------
    which : {"auto", "numpy", "numba"}
        ``"numba"`` for every batch of means, however small. Models with moderators
        are fitted by numpy in any case.

    Raises
    ------
    MissingDependencyError
        For ``"numba"`` where it is not installed.
    UnknownMethodError

    Examples
    --------
    >>> from k2stats.heterogeneity import estimate_tau2
    >>> with kernels("numpy"):
    ...     fit = estimate_tau2([[0.1, 0.9, 0.4]], [[0.02, 0.01, 0.03]], method="DL")
    >>> fit.tau2.round(4)
    array([0.1908])
    """
    if which not in _KNOWN:
        raise UnknownMethodError(kind="kernels", name=str(which), known=_KNOWN)
    if which == "numba" and not usable():
        raise MissingDependencyError(
            package="numba", extra="fast", needed_for="kernels('numba')"
        )
    token = _asked.set(which)
    try:
        yield
    finally:
        _asked.reset(token)


@contextmanager
def batch(size: int) -> Iterator[None]:
    """Say that what is done within belongs to a batch of `size` effects in all."""
    token = _in_large.set(_in_large.get() or size >= LARGE)
    try:
        yield
    finally:
        _in_large.reset(token)


def by_rows() -> bool:
    """Whether a batch of means is for the compiled kernels, here and now."""
    asked = _asked.get()
    if asked == "auto":
        return _in_large.get() and usable()
    return asked == "numba"


@lru_cache(maxsize=1)
def usable() -> bool:
    """Whether there is a numba that works; the first time this imports it."""
    if find_spec("numba") is None:
        return False
    try:
        import_module("numba")
    except ImportError:  # it can refuse the numpy beside it
        return False
    return True


def compiled(function: F) -> F:
    """Compile a function when it is first called, and keep the code if possible.

    Sums may be split among the lanes of a processor, the order of terms being of no
    consequence. Without numba the function stays as it is; nothing asks for it then.
    """
    return _compile(function, {"reassoc", "contract"})


def inlined(function: F) -> F:
    """Compile a function into each place that calls it, which saves the calls."""
    return _compile(function, {"reassoc", "contract"}, forceinline=True)


def inlined_without_nan(function: F) -> F:
    """As `inlined`; no number in it is NaN, so that the largest is found in lanes."""
    flags = {"reassoc", "contract", "nnan", "nsz"}
    return _compile(function, flags, forceinline=True)


def _compile(function: F, flags: set[str], **more: bool) -> F:
    if not usable():
        return function
    options: dict[str, Any] = {
        "error_model": "numpy",
        "nogil": True,
        "fastmath": flags,
        **more,
    }
    njit = import_module("numba").njit
    try:
        return cast("F", njit(cache=True, **options)(function))
    except RuntimeError:  # no folder to keep it in
        return cast("F", njit(**options)(function))


def rows_of(x: NDArray[D], width: int) -> NDArray[D]:
    """Lay out a batch as the compiled kernels want it: a set a row, one after another.

    They are compiled for arrays that can be written to, which those of a user may not
    be; a copy of a part costs less than a second version of the code.
    """
    return np.require(x.reshape(-1, width), requirements=["C", "W"])


class SearchesItself:
    """A profile that has its own, compiled searches."""

    def maxima(
        self, *, restricted: bool, penalised: bool
    ) -> tuple[Ints, Floats, Bools]:
        """Return what :func:`k2stats.heterogeneity._maximise.maxima` does."""
        raise NotImplementedError

    def roots(self, target: Floats) -> tuple[Floats, Floats, Bools]:
        """Return what :func:`k2stats.heterogeneity._solve_q.solve_q` does."""
        raise NotImplementedError

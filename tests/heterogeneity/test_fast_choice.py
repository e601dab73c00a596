"""Which kernels a batch is given to, and when numba is imported."""

import subprocess
import sys

import numpy as np
import pytest

from heterogeneity.fast_ways import WAYS
from k2stats.errors import MissingDependencyError, UnknownMethodError
from k2stats.heterogeneity import _fast, estimate_tau2, kernels
from k2stats.heterogeneity._fast import LARGE, Kernels, batch, by_rows, usable

_DATA = """
import sys
import numpy as np
import k2stats
from k2stats.models import fit_arrays, pool
rng = np.random.default_rng(1)
def sets(*shape):
    v = rng.uniform(0.1, 0.4, shape)
    return rng.normal(0.0, np.sqrt(v)), v
"""


def brings_numba(statement: str) -> bool:
    """Whether a fresh process has imported numba after a statement."""
    code = f"{_DATA}\n{statement}\nprint('numba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout == "True\n"


def test_one_set_and_small_batches_do_without_numba() -> None:
    assert not brings_numba(
        "es = k2stats.EffectSizes.from_arrays(*sets(13))\n"
        "pool(es).prediction_interval()\n"
        f"fit_arrays(*sets({LARGE + 1}))\n"
        "fit_arrays(*sets(500, 20))"
    )


def test_large_batches_are_given_to_numba_where_it_is() -> None:
    statement = f"fit_arrays(*sets({LARGE // 16}, 16), tau2='DL')"
    assert brings_numba(statement) == ("numba" in WAYS)


def test_a_block_sends_a_large_batch_to_numpy() -> None:
    assert not brings_numba(
        "from k2stats.heterogeneity import kernels\n"
        "with kernels('numpy'):\n"
        f"    fit_arrays(*sets({LARGE // 16}, 16), tau2='DL')"
    )


def test_the_size_of_the_whole_batch_decides() -> None:
    there = "numba" in WAYS
    assert not by_rows()
    with batch(LARGE - 1):
        assert not by_rows()
    with batch(LARGE):
        assert by_rows() == there
        with batch(10):  # a part of the large one
            assert by_rows() == there
        with kernels("numpy"):
            assert not by_rows()
    assert not by_rows()


def fail_in(way: Kernels) -> None:
    with kernels(way):
        assert by_rows() == (way == "numba")
        raise ZeroDivisionError


@pytest.mark.parametrize("way", WAYS)
def test_a_choice_ends_with_its_block_even_in_error(way: Kernels) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_in(way)
    assert not by_rows()


def test_an_unknown_choice_names_those_there_are() -> None:
    with (
        pytest.raises(UnknownMethodError, match=r"'fast'. Known: auto, numpy, numba\."),
        kernels("fast"),  # type: ignore[arg-type]
    ):
        pass


def test_without_numba_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_fast, "usable", lambda: False)
    with (
        pytest.raises(MissingDependencyError, match=r"pip install 'k2stats\[fast\]'"),
        kernels("numba"),
    ):
        pass
    y, v = np.zeros((LARGE // 8, 8)), np.ones((LARGE // 8, 8))
    assert not estimate_tau2(y, v, method="DL").tau2.any()


def test_a_numba_that_refuses_its_numpy_counts_as_absent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(_fast, "find_spec", lambda name: name)
    monkeypatch.setattr(_fast, "import_module", refuse)
    usable.cache_clear()
    try:
        assert not usable()
        assert _fast.compiled(len) is len
    finally:
        usable.cache_clear()

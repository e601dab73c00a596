"""Exceptions: one tree, each also the built-in it is a kind of."""

import pickle

import pytest

from k2stats import errors
from k2stats.errors import (
    AmbiguousEvidenceError,
    ClaimFileError,
    ConvergenceError,
    InfeasibleEvidenceError,
    InvalidEvidenceError,
    K2StatsError,
    MissingDependencyError,
    MissingInputError,
    OutputError,
    UnknownMethodError,
)

ALL: list[tuple[K2StatsError, type[Exception], str]] = [
    (
        InvalidEvidenceError(
            field="n1", requirement="at least 1", given=0, rows=[2, 5]
        ),
        ValueError,
        "n1 must be at least 1, got 0; violated in rows [2, 5].",
    ),
    (InfeasibleEvidenceError("No table fits."), ValueError, "No table fits."),
    (
        AmbiguousEvidenceError("4 counts fit.", candidates=4),
        ValueError,
        "4 counts fit.",
    ),
    (
        MissingInputError(field="horizon", needed_for="an NNH", hint="give years"),
        ValueError,
        "horizon is needed for an NNH and was not given; give years.",
    ),
    (
        MissingInputError(field="horizon", needed_for="an NNH"),
        ValueError,
        "horizon is needed for an NNH and was not given.",
    ),
    (
        UnknownMethodError(kind="2x2 test", name="fischer", known=["fisher", "g"]),
        LookupError,
        "Unknown 2x2 test 'fischer'. Known: fisher, g.",
    ),
    (
        ClaimFileError(file="a.toml", field="claims[0].p", requirement="must be text"),
        ValueError,
        "a.toml: claims[0].p: must be text",
    ),
    (
        ClaimFileError(file="a.toml", field="", requirement="is empty"),
        ValueError,
        "a.toml: is empty",
    ),
    (
        OutputError(path="report.html", reason="no space left"),
        OSError,
        "Cannot write report.html: no space left.",
    ),
    (ConvergenceError("tried 3 starts"), ArithmeticError, "tried 3 starts"),
    (
        MissingDependencyError(package="dask", extra="scale", needed_for="scale"),
        ImportError,
        "scale needs dask: pip install 'k2stats[scale]'.",
    ),
]


@pytest.mark.parametrize(("error", "builtin", "message"), ALL)
def test_message_and_kind(
    error: K2StatsError, builtin: type[Exception], message: str
) -> None:
    assert str(error) == message
    assert isinstance(error, builtin)
    assert isinstance(error, K2StatsError)


def test_every_exception_is_in_the_tree_and_tested() -> None:
    found = {
        x
        for x in vars(errors).values()
        if isinstance(x, type) and issubclass(x, Exception)
    }
    assert found == {type(e) for e, _, _ in ALL} | {K2StatsError}


def test_what_is_not_said_is_left_out() -> None:
    bare = InvalidEvidenceError(field="n", requirement="given")
    assert str(bare) == "n must be given."
    zero = InvalidEvidenceError(field="n", requirement="above 0", given=0)
    assert str(zero) == "n must be above 0, got 0."


def test_rows_are_cut_and_counted() -> None:
    error = InvalidEvidenceError(field="n", requirement="x", rows=range(1000))
    assert str(error).endswith(
        "rows [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... (1000 in all)]."
    )
    assert error.rows == list(range(1000))


def test_fields_can_be_read() -> None:
    error = InvalidEvidenceError(
        field="n1", requirement="at least 1", given=0, rows=[2]
    )
    assert (error.field, error.requirement, error.given, error.rows) == (
        "n1",
        "at least 1",
        0,
        [2],
    )
    assert AmbiguousEvidenceError("4 fit.", candidates=4).candidates == 4
    missing = MissingInputError(field="horizon", needed_for="an NNH")
    assert (missing.field, missing.needed_for) == ("horizon", "an NNH")


@pytest.mark.parametrize("error", [e for e, _, _ in ALL])
def test_errors_survive_a_process_boundary(error: K2StatsError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)

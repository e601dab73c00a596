"""Each refusal says which field, which rule and which rows."""

import re

import numpy as np
import pytest

from k2stats.errors import (
    ConvergenceError,
    InvalidEvidenceError,
    MissingInputError,
    UnknownMethodError,
)
from k2stats.heterogeneity import _single, estimate_tau2, tau2_interval

Y, V = [0.1, 0.4, -0.2], [0.1, 0.2, 0.1]
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("y", "v", "message"),
    [
        ([0.1, NAN, 0.2], V, "y must be finite; violated in rows [1]."),
        ([0.1, 0.3, INF], V, "y must be finite; violated in rows [2]."),
        (Y, [0.1, 0.0, -1.0], "v must be positive and finite; violated in rows [1, 2]"),
        (Y, [NAN, 0.1, 0.2], "v must be positive and finite; violated in rows [0]."),
        (Y, [0.1, 0.2], "y, v must be of one length, got (3,) and (2,)."),
        ([], [], "y, v must be non-empty."),
        ([0.1], [0.2], "y must be at least 2 studies where the model has 1 coeff"),
        (["a", "b", "c"], V, "y must be numeric, got 'a'."),
        ([True, False, True], V, "y must be numeric, got True."),
    ],
)
def test_bad_effects_and_variances(y: object, v: object, message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=re.escape(message)):
        estimate_tau2(y, v)  # type: ignore[arg-type]


def test_rows_of_a_batch_are_data_sets() -> None:
    y, v = np.zeros((3, 2, 4)), np.ones((3, 2, 4))
    v[1, 1, 2] = 0.0
    with pytest.raises(InvalidEvidenceError, match=r"violated in rows \[3\]"):
        estimate_tau2(y, v)


def test_absent_studies_are_not_looked_at() -> None:
    mask = np.array([True, True, False, True])
    one = estimate_tau2([0.1, 0.4, NAN, -0.2], [0.1, 0.2, -5.0, 0.1], mask=mask)
    assert one.tau2 == pytest.approx(float(estimate_tau2(Y, V).tau2), rel=1e-12)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mask": [1, 0, 1]}, "mask must be true or false, of length 3"),
        ({"mask": [True, False]}, "mask must be true or false, of length 3"),
        ({"X": [1.0, 2.0, 3.0]}, "X must be of shape (..., 3, p)"),
        ({"X": np.ones((2, 1))}, "X must be of shape (..., 3, p)"),
        ({"X": [[1.0], [NAN], [1.0]]}, "X must be finite"),
        ({"X": np.ones((3, 2))}, "X must be of linearly independent columns"),
        ({"X": np.eye(3)}, "y must be at least 4 studies where the model has 3 coef"),
        ({"weights": [1.0, 2.0], "method": "GENQ"}, "weights must be of length 3"),
        ({"weights": [1.0, -2.0, 1.0], "method": "GENQ"}, "weights must be finite and"),
        ({"tau2": -1.0}, "tau2 must be finite and not negative, got -1.0."),
        ({"tau2": NAN}, "tau2 must be finite and not negative"),
    ],
)
def test_bad_arguments(given: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=re.escape(message)):
        estimate_tau2(Y, V, **given)  # type: ignore[arg-type]


def test_weights_are_asked_for() -> None:
    with pytest.raises(MissingInputError, match="weights is needed for method 'GENQ'"):
        estimate_tau2(Y, V, method="GENQ")


def test_names_that_do_not_exist() -> None:
    with pytest.raises(UnknownMethodError, match="Unknown tau2 estimator 'REM'"):
        estimate_tau2(Y, V, method="REM")
    with pytest.raises(UnknownMethodError, match="Unknown tau2 interval 'Q'"):
        tau2_interval(Y, V, type="Q")


@pytest.mark.parametrize("method", ["REML", "ML", "PM"])
def test_a_single_fit_that_fails_raises(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_single, "STEPS", 0)
    monkeypatch.setattr(_single, "Q_STEPS", 0)
    with pytest.raises(ConvergenceError, match=f"{method} found no estimate of tau2"):
        estimate_tau2([0.0, 5.0, -4.0, 0.3], [0.1, 0.2, 0.1, 0.4], method=method)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"level": 1.0}, "level must be between 0 and 1, got 1.0."),
        ({"type": "PL", "method": "DL"}, "method must be 'REML' or 'ML' for a profile"),
        ({"type": "bootstrap"}, "rng must be a seed or a Generator"),
    ],
)
def test_bad_requests_of_an_interval(given: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=re.escape(message)):
        tau2_interval(Y, V, **given)  # type: ignore[arg-type]

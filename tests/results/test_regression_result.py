"""How a meta-regression is shown, kept and drawn."""

import pickle
from collections.abc import Iterator
from dataclasses import FrozenInstanceError

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection

from k2stats.datasets import bcg
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.models.meta_regression import meta_regression

mpl.use("Agg")
ES = effect_sizes(bcg.BCG, "RR")
FIT = meta_regression(ES, "~ ablat + C(alloc)", data=bcg.frame())


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_the_summary_holds_what_a_reader_looks_for() -> None:
    text = FIT.summary()
    for part in (
        "Mixed-effects meta-regression, 13 studies",
        "Log risk ratio",
        "F(3, 9) = 3.4471, p = 0.0650",
        "-2.8669",
        "0.1446 (SE 0.1124)",
        "Q, df = 9",
        "26.2034, p = 0.0019",
        "95% low",
    ):
        assert part in text
    assert "90% high" in FIT.summary(level=0.9)
    assert str(FIT) == repr(FIT) == text


def test_the_report_names_methods_results_and_papers() -> None:
    text = FIT.report()
    assert text.startswith(
        "Methods. Effects (log risk ratio) were related to moderators"
    )
    assert "The moderators accounted for 53.8% of the variance between studies." in text
    assert "The coefficient of ablat was -0.0273" in text
    assert "Knapp and Hartung (2003)" in text.split("References")[1]
    fixed = meta_regression(ES, "~ ablat", data=bcg.frame(), tau2="EE", ci="z").report()
    assert "fixed-effects meta-regression" in fixed
    assert "adjusted R2" in fixed
    assert "tau2" not in fixed.split("References")[0]


def test_names_in_html_are_escaped() -> None:
    data = {"x": ["<b>"] * 6 + ["c"] * 7}
    markup = meta_regression(ES, "~ x", data=data)._repr_html_()
    assert "<b>" not in markup
    assert "x[T.c]" in markup


def test_results_are_frozen_and_travel() -> None:
    with pytest.raises(FrozenInstanceError):
        FIT.tau2 = np.array(0.0)  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        FIT.beta[0] = 1.0
    again = pickle.loads(pickle.dumps(FIT))
    new = {"ablat": [5, 45], "alloc": "random"}
    np.testing.assert_array_equal(again.predict(new).pi_high, FIT.predict(new).pi_high)


def test_a_batch_has_arrays_and_no_frame() -> None:
    y = np.stack([ES.y, ES.y + 1.0])
    many = EffectSizes.from_arrays(y, np.stack([ES.v, ES.v]), measure="RR")
    fit = meta_regression(many, "~ ablat", data=bcg.frame())
    assert repr(fit) == "Meta-regressions of shape (2,), coefficients Intercept, ablat"
    assert "shape (2,)" in fit._repr_html_()
    for ask in (fit.to_frame, fit.report, fit.bubble):
        with pytest.raises(InvalidEvidenceError, match="batch"):
            ask()
    assert fit.fitted().shape == fit.residuals().shape == (2, 13)
    assert str(fit.predict()) == "Predictions of shape (2, 13)"


def test_bubble_of_a_number() -> None:
    ax = FIT.bubble()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("ablat", "RR (log scale)")
    assert ax.get_title("left") == "at alloc = random"
    (line,) = [x for x in ax.lines if len(x.get_xdata()) > 2]  # type: ignore[arg-type]
    x, y = (np.asarray(d, dtype=float) for d in line.get_data())
    made = FIT.predict({"ablat": [x[0], x[-1]], "alloc": "random"})
    np.testing.assert_allclose(y[[0, -1]], made.estimate)
    points = ax.collections[-1]
    assert isinstance(points, PathCollection)
    np.testing.assert_allclose(np.asarray(points.get_offsets())[:, 1], ES.y)
    sizes = points.get_sizes()
    weight = 1.0 / (ES.v + float(FIT.tau2))
    shown = sizes > 8.0
    np.testing.assert_allclose(
        (sizes / sizes.max())[shown], (weight / weight.max())[shown]
    )
    labels = [t.get_text() for t in ax.get_yticklabels()]
    np.testing.assert_allclose(ax.get_yticks(), np.log([float(t) for t in labels]))


def test_bubble_of_a_factor_at_given_values() -> None:
    ax = FIT.bubble("alloc", ablat=20)
    labels = [t.get_text() for t in ax.get_xticklabels()]
    assert labels == ["alternate", "random", "systematic"]
    assert ax.get_title("left") == "at ablat = 20"
    with pytest.raises(UnknownMethodError, match="Unknown moderator 'dose'"):
        FIT.bubble("dose")
    with pytest.raises(UnknownMethodError, match="Unknown moderator 'dose'"):
        FIT.bubble("ablat", dose=3)
    with pytest.raises(InvalidEvidenceError, match="moderator in a formula"):
        meta_regression(ES, "~ 1").bubble()


def test_predictions_on_the_natural_scale_stay_in_range() -> None:
    es = EffectSizes.from_arrays([0.1, 0.5, 1.4, 2.0], [0.1] * 4, measure="ZCOR")
    fit = meta_regression(es, "~ x", data={"x": [1, 2, 3, 4]})
    frame = fit.predict({"x": [40]}).to_frame(natural=True)
    assert list(frame.columns) == ["estimate", "low", "high", "pi_low", "pi_high"]
    assert frame.to_numpy().min() >= -1.0
    assert frame.to_numpy().max() <= 1.0
    assert "<table" in fit.predict()._repr_html_()
    ratio = FIT.predict()
    made = ratio.to_frame(natural=True).iloc[0]
    text = " ".join(str(ratio).split())
    assert "RR 95% low 95% high PI low PI high" in text
    assert f"{made['estimate']:.4f} {made['low']:.4f} {made['high']:.4f}" in text

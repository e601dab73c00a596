"""Forest plots of meta-regressions: what is drawn beside what is predicted."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from k2stats.datasets import bcg
from k2stats.effectsizes import EffectSizes, Proportion, effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models import meta_regression

DATA = bcg.frame()
ES = effect_sizes(bcg.BCG, "RR", study=bcg.LABELS)
FIT = meta_regression(ES, "~ ablat", data=DATA)


def texts(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.axes[0].texts]


def ends_of(figure: Figure, i: int) -> tuple[float, float]:
    """From where to where a diamond reaches."""
    corners = np.asarray(figure.axes[0].patches[i].get_path().vertices)
    return float(corners[:, 0].min()), float(corners[:, 0].max())


def test_each_study_stands_before_what_its_moderators_predict() -> None:
    figure = FIT.forest(title="By latitude")
    axes = figure.axes[0]
    shown = texts(figure)
    made = FIT.predict().to_frame(natural=True)
    for label, row in zip(bcg.LABELS, made.itertuples(), strict=True):
        assert shown[shown.index(str(label)) + 2] == (
            f"{row.estimate:.2f} [{row.low:.2f}, {row.high:.2f}]"
        )
    assert len(axes.patches) == 13
    np.testing.assert_allclose(ends_of(figure, 0), made[["low", "high"]].iloc[0])
    assert axes.get_xscale() == "log"
    notes = [t.get_text() for t in figure.texts]
    assert "By latitude" in notes
    assert "Diamonds: means predicted by ~ ablat" in notes
    assert any(n.startswith("Test of moderators: F(1, 11) = 12.59") for n in notes)
    assert any("tau2 = 0.0763 (REML), I2 = 68.4%" in n for n in notes)


def test_order_and_weights() -> None:
    labels = [str(label) for label in bcg.LABELS]
    for sort, key in (
        ("effect", ES.y),
        ("fitted", FIT.predict().estimate),
        ("weight", ES.v),
    ):
        shown = [t for t in texts(FIT.forest(sort=sort)) if t in labels]
        assert shown == [labels[i] for i in np.argsort(key, kind="stable")]
    given = meta_regression(ES, "~ ablat", data=DATA, weights=np.arange(1.0, 14.0))
    assert f"{100 * 13 / 91:.1f}%" in texts(given.forest())


def test_scales_without_a_logarithm() -> None:
    none = meta_regression(effect_sizes(bcg.BCG, "RD"), "~ ablat", data=DATA, tau2="EE")
    figure = none.forest()
    assert figure.axes[0].get_xscale() == "linear"
    assert not any("tau2" in t.get_text() for t in figure.texts)
    shares = Proportion(bcg.BCG.events1, bcg.BCG.n1)
    logits = meta_regression(effect_sizes(shares, "PLO"), "~ ablat", data=DATA)
    made = logits.predict().to_frame(natural=True)
    np.testing.assert_allclose(ends_of(logits.forest(), 3)[1], made["high"].iloc[3])
    double = meta_regression(effect_sizes(shares, "PFT"), "~ ablat", data=DATA)
    low, high = double.predict().low, double.predict().high
    np.testing.assert_allclose(ends_of(double.forest(), 3), [low[3], high[3]])


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(InvalidEvidenceError, match="'fitted', got 'year'"):
        FIT.forest(sort="year")
    y = np.stack([ES.y, ES.y])
    batch = EffectSizes.from_arrays(y, np.stack([ES.v] * 2), measure="RR")
    with pytest.raises(InvalidEvidenceError, match="of one data set"):
        meta_regression(batch, "~ ablat", data=DATA).forest()

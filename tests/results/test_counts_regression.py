"""Regressions of counts: limits, frames, predictions, text."""

import numpy as np
import pytest
from scipy import special

from k2stats._version import __version__
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models.glmm_regression import glmm_regression
from k2stats.results.counts_regression import CountsRegression

TABLES = TwoByTwo.from_counts(
    events1=[4, 6, 3, 12, 9], n1=[123, 306, 231, 150, 90],
    events2=[11, 29, 11, 14, 30], n2=[139, 303, 220, 160, 95],
)  # fmt: skip
DATA = {"x": [1.0, 3.0, 2.0, 0.0, 5.0]}


def fitted(test: str = "z") -> CountsRegression:
    return glmm_regression(
        TABLES, "~ x", data=DATA, model="CM.AL", nagq=7, test=test  # type: ignore[arg-type]
    )  # fmt: skip


def test_frame_and_limits() -> None:
    fit = fitted()
    frame = fit.to_frame()
    assert list(frame.index) == ["Intercept", "x"]
    np.testing.assert_array_equal(frame["low"], fit.ci_low)
    low, high = fit.conf_int(0.9)
    np.testing.assert_allclose(high - low, 2 * 1.6448536269514722 * fit.se, rtol=1e-12)
    natural = fit.to_frame(natural=True, level=0.9)
    np.testing.assert_allclose(natural["low"], np.exp(low), rtol=1e-14)
    assert "se" not in natural
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        fit.conf_int(0.0)


def test_student_and_fisher() -> None:
    z, t = fitted(), fitted("t")
    assert t.df == 3.0
    half = float(special.stdtrit(3.0, 0.975)) * t.se
    np.testing.assert_allclose(t.ci_high - t.beta, half, rtol=1e-12)
    assert t.omnibus.kind == "F"
    # One slope: F is the square of t, with the same p.
    assert abs(t.QM - float(t.statistic[1]) ** 2) < 1e-10
    assert abs(t.QM_p - float(t.p[1])) < 1e-12
    assert abs(z.QM - float(z.statistic[1]) ** 2) < 1e-10


def test_predictions() -> None:
    fit = fitted()
    made = fit.predict({"x": [0.0, 2.0]})
    np.testing.assert_allclose(made["estimate"], [fit.beta[0], fit.beta @ [1.0, 2.0]])
    row = np.array([1.0, 2.0])
    se = np.sqrt(row @ fit.cov @ row)
    np.testing.assert_allclose(made["se"][1], se, rtol=1e-12)
    width = 1.959963984540054 * np.sqrt(se**2 + fit.tau2)
    np.testing.assert_allclose(made["pi_high"][1] - made["estimate"][1], width)
    same = fit.predict(x=[[1.0, 0.0], [1.0, 2.0]], natural=True)
    np.testing.assert_allclose(same["low"], np.exp(made["low"]), rtol=1e-13)
    assert len(fit.predict()) == 5
    with pytest.raises(InvalidEvidenceError, match="as many columns as there are coe"):
        fit.predict(x=[1.0, 2.0, 3.0])
    with pytest.raises(UnknownMethodError, match=r"moderator 'x'"):
        fit.predict({"y": 1.0})


def test_text_and_html() -> None:
    fit = fitted()
    text = str(fit)
    assert text.startswith("GLMM CM.AL with moderators, Log odds ratio (k = 5)")
    assert "Test of moderators: QM(1) = " in text
    assert "no effect of the moderators" in text
    assert f"version: {__version__}" in text
    html = fit._repr_html_()
    assert html.startswith('<div style="overflow-x:auto"><table')
    assert "effects given by the moderators" in html
    odd = {"a<b": [1.0, None, 2.0, 0.0, 5.0]}
    left = glmm_regression(
        TABLES, "~ `a<b`", data=odd, model="CM.AL", nagq=7, drop_missing=True
    )
    assert "Left out, a&lt;b missing: rows 1" in left._repr_html_()
    assert "a<b" not in left._repr_html_()


def test_arrays_and_tables_cannot_be_changed() -> None:
    fit = fitted()
    with pytest.raises(ValueError, match="read-only"):
        fit.beta[0] = 0.0
    with pytest.raises(TypeError):
        fit.figures["loglik"] = 0.0  # type: ignore[index]
    with pytest.raises(UnknownMethodError, match=r"'Q'\. Known: LRT, moderators"):
        fit.test("Q")

"""Results of the methods that pool counts: scales, limits, frames, text."""

import pickle

import numpy as np
import pytest

from k2stats._version import __version__
from k2stats.errors import InvalidEvidenceError, MissingInputError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models.exact_or import exact_odds_ratio
from k2stats.models.firth import firth
from k2stats.models.glmm import glmm
from k2stats.models.mantel_haenszel import mantel_haenszel
from k2stats.models.peto import peto
from k2stats.results.counts import CountsFit
from k2stats.results.counts_tests import CountsTest

TABLES = TwoByTwo.from_counts(
    events1=[4, 6, 3], n1=[123, 306, 231], events2=[11, 29, 11], n2=[139, 303, 220]
)


def test_natural_scale_and_other_levels() -> None:
    fit = mantel_haenszel(TABLES, "RR")
    made = fit.natural()
    np.testing.assert_allclose(made.estimate, np.exp(fit.estimate), rtol=1e-14)
    low, high = fit.conf_int(0.9)
    np.testing.assert_allclose(high - low, 2 * 1.6448536269514722 * fit.se, rtol=1e-12)
    assert fit.conf_int() == (fit.ci_low, fit.ci_high)
    refit = mantel_haenszel(TABLES, "RR", level=0.9)
    np.testing.assert_allclose(refit.ci_low, low, rtol=1e-14)


def test_limits_of_a_difference_stay_in_range() -> None:
    t = TwoByTwo.from_counts(events1=[9], n1=[10], events2=[0], n2=[10])
    made = mantel_haenszel(t, "RD").natural(level=0.9999)
    assert float(made.high) == 1.0


def test_exact_limits_need_the_data_for_another_level() -> None:
    fit = exact_odds_ratio(TABLES)
    with pytest.raises(MissingInputError, match=r"fit again with level=0\.9"):
        fit.conf_int(0.9)
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        peto(TABLES).conf_int(1.5)


def test_arrays_cannot_be_changed() -> None:
    fit = peto(TABLES)
    for name in ("estimate", "se", "ci_low", "p", "k"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(fit, name)[...] = 0.0
    with pytest.raises(TypeError):
        fit.record["method"] = "x"  # type: ignore[index]
    with pytest.raises(AttributeError):
        fit.level = 0.5  # type: ignore[misc]


def test_frame() -> None:
    frame = mantel_haenszel(TABLES, "OR").to_frame()
    assert frame.shape[0] == 1
    assert {"estimate", "OR", "OR_low", "Q", "Q_p", "CMH", "BD_df", "k"} <= set(frame)
    assert frame["converged"].tolist() == [True]
    assert "RD" not in mantel_haenszel(TABLES, "RD").to_frame()


def test_text_and_html() -> None:
    fit = mantel_haenszel(TABLES, "RR")
    assert str(fit) == (
        "RR 0.2590 (95% CI 0.1426 to 0.4704), Mantel-Haenszel, 3 studies"
    )
    text = fit.summary()
    assert text.startswith("Mantel-Haenszel, 3 studies")
    assert "Cochran's Q: equal effects" in text
    assert f"k2stats {__version__}." in text
    assert "zero cells: nothing added" in text
    html = fit._repr_html_()
    assert html.startswith('<div style="overflow-x:auto"><table ')
    assert "Mantel-Haenszel" in html
    assert "zero cells: nothing added" in html


def test_report_names_methods_results_and_papers() -> None:
    text = mantel_haenszel(TABLES, "RR").report()
    for part in (
        "Effects (log risk ratio) were pooled by the Mantel-Haenszel method [1,2].",
        "Over 3 studies the pooled RR was 0.2590 (95% CI 0.1426 to 0.4704; z = ",
        "The test of equal effects (Cochran's Q) gave chi2(2) = ",
        "1. Mantel and Haenszel (1959) J Natl Cancer Inst 22:719.",
        "2. Greenland and Robins (1985) Biometrics 41:55.",
        f"The analysis was done in k2stats {__version__}.",
    ):
        assert part in text
    exact = exact_odds_ratio(TABLES).report()
    assert "the 95% confidence interval is exact conditional" in exact
    assert "z = " not in exact
    for fit in (peto(TABLES), glmm(TABLES, model="UM.FS"), firth(TABLES)):
        listed = fit.report().split("References\n")[1]
        assert listed.startswith("1. ")
        assert ".." not in listed
    assert (
        "(unconditional, fixed study effects)" in glmm(TABLES, model="UM.FS").report()
    )
    batch = TwoByTwo.from_counts(events1=[[4], [6]], n1=50, events2=[[5], [7]], n2=50)
    with pytest.raises(InvalidEvidenceError, match="not a batch"):
        peto(batch).report()


def test_batches_say_what_they_are() -> None:
    events = np.array([[4, 6], [0, 0]])
    t = TwoByTwo.from_counts(events1=events, n1=50, events2=events + 1, n2=50)
    fit = peto(t)
    assert "2 sets of shape (2,), 2 with an estimate" in str(fit)
    assert fit.summary() == str(fit)
    assert fit._repr_html_() == f"<p>{fit}</p>"
    assert fit.to_frame().shape[0] == 2


def test_studies_without_information_are_counted() -> None:
    t = TwoByTwo.from_counts(events1=[4, 0], n1=[50, 50], events2=[7, 0], n2=[50, 50])
    assert "1 of 2 studies, the others carry no information" in peto(t).summary()


def test_unknown_test() -> None:
    with pytest.raises(UnknownMethodError, match=r"test of Peto 'BD'\. Known: Q"):
        peto(TABLES).test("BD")
    assert np.isnan(exact_odds_ratio(TABLES).Q)
    assert np.isnan(exact_odds_ratio(TABLES).Q_p)


def test_far_tails_and_missing_degrees_of_freedom() -> None:
    far = CountsTest.chi2("x", "X", np.array(5000.0), np.array(3.0), "nothing")
    assert float(far.p) == 0.0
    assert -2500.0 < float(far.log_p) < -2480.0
    none = CountsTest.chi2("x", "X", np.array(0.0), np.array(0.0), "nothing")
    assert np.isnan(none.p)
    assert np.isnan(none.log_p)


def test_t_reference() -> None:
    made = CountsFit.wald(
        np.array(1.0),
        np.array(0.5),
        level=0.95,
        measure="OR",
        method="made up",
        k=np.array(4.0),
        k_total=4,
        df=3.0,
    )
    # Student's t with 3 degrees of freedom: 3.182446305284263.
    np.testing.assert_allclose(made.ci_high, 1.0 + 0.5 * 3.182446305284263, rtol=1e-12)
    np.testing.assert_allclose(made.p, 0.139325968, rtol=1e-8)
    assert made.record["test"] == "t"


def test_copies_survive_pickling_of_their_numbers() -> None:
    fit = peto(TABLES)
    numbers = pickle.loads(pickle.dumps(fit.to_frame()))
    assert float(numbers["estimate"][0]) == float(fit.estimate)

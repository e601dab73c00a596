"""What meta-regression refuses, and how it says so."""

import builtins
import sys
from typing import Any

import numpy as np
import pytest

from k2stats.datasets import bcg
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.errors import (
    InvalidEvidenceError,
    K2StatsError,
    MissingDependencyError,
    MissingInputError,
    UnknownMethodError,
)
from k2stats.models.meta_regression import meta_regression

ES = effect_sizes(bcg.BCG, "RR", study=bcg.LABELS)
DATA = bcg.frame().assign(label=bcg.LABELS)


def refused(formula: Any, kind: type[K2StatsError], *words: str, **given: Any) -> None:
    options = {"data": DATA} | given
    es = options.pop("es", ES)
    with pytest.raises(kind) as caught:
        meta_regression(es, formula, **options)
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_unknown_names_come_with_those_that_exist() -> None:
    refused("~ ablt", UnknownMethodError, "Unknown moderator 'ablt'", "ablat", "year")
    refused("~ ablat", UnknownMethodError, "Unknown tau2 estimator 'R'", tau2="R")
    refused("~ ablat", UnknownMethodError, "test of the mean 'hk'", "HK", ci="hk")
    refused("~ ablat", UnknownMethodError, "Unknown column 'trail'", key="trail")


def test_formulas_that_cannot_be_read() -> None:
    refused("y ~ ablat", InvalidEvidenceError, "without a left side")
    refused("~ ablat +", InvalidEvidenceError, "formula must be readable")
    refused("~ ablat | year", InvalidEvidenceError, "of one part")
    refused("~ 0", InvalidEvidenceError, "one column at least")
    refused("  ", InvalidEvidenceError, "text such as '~ x'")
    refused("~ nosuch(ablat)", InvalidEvidenceError, "computable", "nosuch")


def test_aliased_columns_are_named() -> None:
    refused(
        "~ ablat + I(2 * ablat + 3)",
        InvalidEvidenceError,
        "'I(2 * ablat + 3)' is given by 'Intercept', 'ablat'",
    )
    refused("~ x", InvalidEvidenceError, "'x' is given by 'Intercept'", data={"x": 4.0})
    refused("~ x", InvalidEvidenceError, "'x' is zero throughout", data={"x": [0] * 13})


def test_values_that_are_missing_infinite_or_of_two_kinds() -> None:
    gap = {"x": [1.0, None, *range(11)]}
    refused(
        "~ x", InvalidEvidenceError, "x must be given for every study", "[1]", data=gap
    )
    endless = {"x": [np.inf, *range(12)]}
    refused("~ x", InvalidEvidenceError, "x must be finite", "[0]", data=endless)
    refused("~ log(ablat - 13)", InvalidEvidenceError, "log(ablat - 13) must be finite")
    mixed = {"x": ["a", 2, *"bcdefghijkl"]}
    refused("~ x", InvalidEvidenceError, "text throughout", "[1]", data=mixed)
    moments = {"x": [np.datetime64("2020-01-01")] * 13}
    refused("~ x", InvalidEvidenceError, "x must be numeric", data=moments)


def test_numbers_in_an_object_column_are_numbers() -> None:
    data = {"x": np.array(list(bcg.ABLAT), dtype=object)}
    as_objects = meta_regression(ES, "~ x", data=data)
    as_numbers = meta_regression(ES, "~ ablat", data=DATA)
    np.testing.assert_array_equal(as_objects.beta, as_numbers.beta)


def test_tables_of_the_wrong_length_or_labels() -> None:
    refused("~ ablat", InvalidEvidenceError, "13 rows", "got 5", data=DATA.iloc[:5])
    refused(
        "~ ablat",
        InvalidEvidenceError,
        "label must be a row for every study",
        data=DATA.iloc[:12],
        key="label",
    )
    refused("~ ablat", InvalidEvidenceError, "author must be unique", key="author")
    refused(
        "~ x", InvalidEvidenceError, "of one length", data={"x": [1, 2], "y": [1, 2, 3]}
    )
    refused("~ x", InvalidEvidenceError, "a DataFrame, or a mapping", data=[1, 2])
    refused(np.ones((5, 2)), InvalidEvidenceError, "matrix of 13 rows")


def test_too_few_studies() -> None:
    refused(
        "~ ablat + year",
        InvalidEvidenceError,
        "fewer coefficients than the 3 studies, got 3",
        es=ES[:3],
        data=DATA.iloc[:3],
    )
    # numbers that were read as text make a level of each study
    refused(
        "~ x",
        InvalidEvidenceError,
        "got 13 (12 are of levels of factors or bases)",
        data={"x": [f"{n}" for n in range(13)]},
    )


def test_effects_that_are_missing() -> None:
    broken = EffectSizes(
        np.array([0.1, np.nan, 0.3, 0.2]), np.array([0.1, 0.1, 0.1, 0.2]), "GEN"
    )
    data = {"x": [1, 2, 3, 5]}
    refused(
        "~ x", InvalidEvidenceError, "es must be an effect", "[1]", es=broken, data=data
    )
    fit = meta_regression(
        broken, "~ x", data=data, tau2="EE", ci="z", drop_missing=True
    )
    assert fit.missing == {"effect": (1,)}


def test_tests_that_do_not_go_with_the_model() -> None:
    refused(
        "~ ablat", InvalidEvidenceError, "'REML' where ci is 'KR'", ci="KR", tau2="DL"
    )
    refused("~ ablat", InvalidEvidenceError, "models with moderators", ci="HK-IQWiG6")
    refused("~ ablat", InvalidEvidenceError, "between 0 and 1", level=95)
    refused("~ ablat", InvalidEvidenceError, "finite and not negative", tau2=-1.0)


def test_new_data_must_be_complete_and_known() -> None:
    fit = meta_regression(ES, "~ ablat + C(alloc)", data=DATA)
    with pytest.raises(
        InvalidEvidenceError, match="one of alternate, random, systematic"
    ):
        fit.predict({"ablat": 1, "alloc": "tossed"})
    with pytest.raises(UnknownMethodError, match="Unknown moderator 'alloc'"):
        fit.predict({"ablat": 1})
    with pytest.raises(InvalidEvidenceError, match="ablat must be given in every row"):
        fit.predict({"ablat": [1, None], "alloc": "random"})
    with pytest.raises(InvalidEvidenceError, match="as many columns as there are"):
        fit.predict(x=[1, 2])
    with pytest.raises(UnknownMethodError, match="Unknown prediction interval 'hts'"):
        fit.predict(prediction="hts")
    spline = meta_regression(ES, "~ bs(ablat, df=4)", data=DATA)
    with pytest.raises(InvalidEvidenceError, match="beyond upper and/or lower bounds"):
        spline.predict({"ablat": 70})
    given = meta_regression(ES, fit.design.X)
    with pytest.raises(InvalidEvidenceError, match="give x"):
        given.predict({"ablat": 1})


def test_factors_of_numbers_refuse_new_levels() -> None:
    data = {"x": [1, 2, 3] * 4 + [1]}
    fit = meta_regression(ES, "~ C(x)", data=data)
    assert fit.r_names == ("intrcpt", "C(x)2", "C(x)3")
    with pytest.raises(InvalidEvidenceError, match="categories outside"):
        fit.predict({"x": 4})


def test_natural_scale_of_a_slope_needs_logarithms() -> None:
    es = EffectSizes.from_arrays(ES.y, ES.v, measure="GEN")
    fit = meta_regression(es, "~ ablat", data=DATA)
    with pytest.raises(InvalidEvidenceError, match="no counterpart"):
        fit.to_frame(natural=True)
    tilted = EffectSizes.from_arrays([0.2, 0.3, 0.4, 0.6], [0.01] * 4, measure="PFT")
    fit = meta_regression(tilted, "~ x", data={"x": [1, 2, 3, 5]}, ci="z")
    with pytest.raises(MissingInputError, match="n is needed"):
        fit.predict().to_frame(natural=True)


def test_without_formulaic_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actual = builtins.__import__

    def gone(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "formulaic":
            raise ImportError(name)
        return actual(name, *args, **kwargs)

    for name in [n for n in sys.modules if n.partition(".")[0] == "formulaic"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", gone)
    with pytest.raises(MissingDependencyError, match="pip install formulaic"):
        meta_regression(ES, "~ ablat", data=DATA)

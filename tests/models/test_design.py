"""Design matrices: names and order of the columns as R writes them."""

import numpy as np
import pandas as pd
import pytest

from k2stats.models._design import build_design, prepare_formula

K = 24
FRAME = pd.DataFrame(
    {
        "a": list("xyz") * 8,
        "b": np.arange(1.0, K + 1.0) ** 1.1,
        "c": list("uuuvvv") * 4,
        "d": [3, 1, 2, 2, 3, 1, 1, 2] * 3,
        "g": ([True] * 6 + [False] * 6) * 2,
    }
)

# colnames(model.matrix(...)) of R 4.2.2, the intercept as metafor names it
R_NAMES = {
    "~ a": "intrcpt ay az",
    "~ factor(d)": "intrcpt factor(d)2 factor(d)3",
    "~ b + a + a:b": "intrcpt b ay az b:ay b:az",
    "~ a * c": "intrcpt ay az cv ay:cv az:cv",
    "~ 0 + a": "ax ay az",
    "~ a - 1": "ax ay az",
    "~ g": "intrcpt gTRUE",
    "~ poly(b, 2)": "intrcpt poly(b, 2)1 poly(b, 2)2",
    "~ b + I(b^2)": "intrcpt b I(b^2)",
    "~ a * b * c": "intrcpt ay az b cv ay:b az:b ay:cv az:cv b:cv ay:b:cv az:b:cv",
    "~ b:a": "intrcpt b:ax b:ay b:az",
    "~ d + a:b": "intrcpt d ax:b ay:b az:b",
    "~ log(b)": "intrcpt log(b)",
    "~ b + a:b + c": "intrcpt b cv b:ay b:az",
    "~ 1": "intrcpt",
}


@pytest.mark.parametrize("formula", R_NAMES)
def test_names_are_those_of_r(formula: str) -> None:
    used = [n for n in FRAME.columns if n in formula.replace("factor", "")]
    text = prepare_formula(formula, list(FRAME.columns))
    design = build_design(text, FRAME[used])
    expected = R_NAMES[formula].replace("poly(b, 2)", "poly(b,@2)").split()
    assert [n.replace("poly(b, 2)", "poly(b,@2)") for n in design.r_names] == expected
    assert design.X.shape == (K, len(design.names))


def test_dotted_names_and_powers_are_read_as_in_r() -> None:
    frame = pd.DataFrame({"mean.age": [1.0, 2.0, 4.0, 3.0]})
    text = prepare_formula("~ mean.age + I(mean.age^2)", list(frame.columns))
    design = build_design(text, frame)
    assert design.r_names == ("intrcpt", "mean.age", "I(mean.age^2)")
    np.testing.assert_array_equal(design.X[:, 2], frame["mean.age"] ** 2)


def test_levels_without_studies_have_no_column() -> None:
    values = pd.Categorical(list("xyxy"), categories=list("wxyz"))
    frame = pd.DataFrame({"a": pd.Series(values).cat.remove_unused_categories()})
    assert build_design("~ a", frame).r_names == ("intrcpt", "ay")


def test_columns_of_very_different_size_are_no_alias() -> None:
    frame = pd.DataFrame({"x": [1e-9, 3e-9, 2e-9, 7e-9], "y": [1e9, 1e9 + 1, 2e9, 5e9]})
    assert build_design("~ x + y", frame).names == ("Intercept", "x", "y")

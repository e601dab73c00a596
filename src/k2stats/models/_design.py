r"""Design matrices from formulas, with the names of their columns.

A formula names moderators and terms: ``"~ ablat + C(alloc)"``, ``"~ ablat * year"``,
``"~ bs(dose, df=4)"``, ``"~ center(year)"``, ``"~ 0 + C(alloc)"``. Columns come in R's
order. It has no left side, as the effects are given apart.
"""

import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, MissingDependencyError
from k2stats.evidence._coerce import frozen
from k2stats.models._coefficient_names import r_names_of
from k2stats.models._moderators import as_frame, moderators, quoted
from k2stats.results.design_matrix import Columns, Design, Term

_RELATIVE = 1e-11


def formulaic() -> ModuleType:
    """Return formulaic, which reads formulas; imported when first needed.

    Raises
    ------
    MissingDependencyError
    """
    try:
        import formulaic as package
    except ImportError:
        raise MissingDependencyError(
            package="formulaic", extra="", needed_for="a formula of moderators"
        ) from None
    module: ModuleType = package
    return module


def _functions() -> dict[str, Any]:
    """Functions a formula may use beyond formulaic's own."""
    from formulaic.transforms import TRANSFORMS

    return {"factor": TRANSFORMS["C"], "sqrt": np.sqrt, "abs": np.abs}


def known_functions() -> tuple[str, ...]:
    """Names a formula may use that are not moderators."""
    formulaic()
    from formulaic.transforms import TRANSFORMS

    return (*TRANSFORMS, *_functions())


@dataclass(frozen=True, slots=True, eq=False)
class FormulaEncoder:
    """Rows of a design for new moderators, coded as the old ones were.

    Attributes
    ----------
    formula : str
    spec : object
        The model specification of formulaic, with its knots, means and levels.
    labels : dict
        Levels of each moderator that is made of labels.
    """

    formula: str
    spec: Any
    labels: dict[str, tuple[Any, ...]]

    def __call__(self, data: Columns) -> Floats:
        """Return the rows for new data.

        Raises
        ------
        InvalidEvidenceError
            For a missing value, a level that the model has not seen, or a value
            that a spline is not defined at.
        UnknownMethodError
            For a moderator that is not in the data.
        """
        frame = as_frame(data)
        used = moderators(frame, self.formula, known_functions())
        for name, rows in used.missing.items():
            raise InvalidEvidenceError(
                field=name, requirement="given in every row", rows=rows
            )
        for name, levels in self.labels.items():
            new = [x for x in used.frame[name] if x not in levels]
            if new:
                raise InvalidEvidenceError(
                    field=name,
                    requirement=f"one of {', '.join(map(str, levels))}",
                    given=new[0],
                )
        rows = _materialise(self.spec, _as_labels(used.frame, self.labels))
        return np.asarray(rows, dtype=float)


def build_design(formula: str, frame: pd.DataFrame) -> Design:
    """Build the design matrix of a formula.

    Parameters
    ----------
    formula : str
    frame : DataFrame
        The moderators, complete.

    Raises
    ------
    InvalidEvidenceError
        Where the formula cannot be read, has a left side or no columns, a column is
        not finite, or the columns are linearly dependent: the message names the
        column and what gives it.
    """
    package = formulaic()
    labels = {
        str(n): _levels(frame[n])
        for n in frame.columns
        if not pd.api.types.is_numeric_dtype(frame[n].dtype)
    }
    parsed = _parsed(package, formula)
    made = _materialise(parsed, _as_labels(frame, labels), first=True)
    spec = made.model_spec
    names = tuple(map(str, spec.column_names))
    if not names:
        raise InvalidEvidenceError(
            field="formula", requirement="of one column at least", given=formula
        )
    X = np.array(made, dtype=float).reshape(len(frame), len(names))
    _require_finite(X, names)
    terms = tuple(
        Term(str(t), tuple(map(int, at)), tuple(f.expr for f in t.factors))
        for t, at in spec.term_indices.items()
    )
    design = Design(
        formula=formula,
        X=frozen(X),
        names=names,
        r_names=r_names_of(names, terms, frame),
        terms=terms,
        moderators=tuple(map(str, frame.columns)),
        data={str(n): tuple(frame[n].tolist()) for n in frame.columns},
        encode=FormulaEncoder(formula, spec, labels),
    )
    require_full_rank(X, names)
    return design


def given_design(X: Floats, names: tuple[str, ...] | None = None) -> Design:
    """Wrap a matrix that is given as it is; a column of ones is the intercept."""
    p = X.shape[1]
    own = names or tuple(f"x{j + 1}" for j in range(p))
    ones = [j for j in range(p) if bool((X[:, j] == 1.0).all())]
    if names is None and ones:
        own = tuple("Intercept" if j == ones[0] else n for j, n in enumerate(own))
    terms = tuple(
        Term("1" if ones and j == ones[0] else n, (j,), (n,)) for j, n in enumerate(own)
    )
    require_full_rank(X, own)
    r_names = tuple("intrcpt" if n == "Intercept" else n for n in own)
    return Design("", frozen(X.copy()), own, r_names, terms, (), {}, None)


def prepare_formula(formula: str, columns: list[str]) -> str:
    """Allow what R's formulas allow: a power in I(), and dots in names.

    Examples
    --------
    >>> prepare_formula("~ I(x^2) + a.b", ["x", "a.b"])
    '~ I(x**2) + `a.b`'
    """
    if not formula.strip():
        raise InvalidEvidenceError(
            field="formula", requirement="text such as '~ x'", given=formula
        )
    if "~" in formula and formula.split("~", 1)[0].strip():
        raise InvalidEvidenceError(
            field="formula",
            requirement="without a left side: the effects are given apart",
            given=formula,
        )
    out: list[str] = []
    inside: list[bool] = []
    before = ""
    for c in formula:
        if c == "(":
            inside.append(before.isalnum() or before == "_" or any(inside))
        elif c == ")" and inside:
            inside.pop()
        out.append("**" if c == "^" and any(inside) else c)
        before = c
    return quoted("".join(out), columns)


def require_full_rank(X: Floats, names: tuple[str, ...]) -> None:
    """Refuse linearly dependent columns, by name.

    Raises
    ------
    InvalidEvidenceError
        Naming the first column that those before it give, and these.
    """
    basis = np.zeros((X.shape[0], 0))
    size = np.sqrt((X**2).sum(axis=0))
    for j, name in enumerate(names):
        if size[j] == 0.0:
            raise InvalidEvidenceError(
                field="formula",
                requirement="of linearly independent columns; "
                f"{name!r} is zero throughout",
            )
        rest = X[:, j] / size[j]
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
        length = np.sqrt((rest**2).sum())
        if length < _RELATIVE * max(X.shape):
            scaled = X[:, :j] / size[:j]
            share = np.linalg.lstsq(scaled, X[:, j] / size[j], rcond=None)[0]
            givers = [names[i] for i in range(j) if abs(share[i]) > 1e-8]
            raise InvalidEvidenceError(
                field="formula",
                requirement="of linearly independent columns; "
                f"{name!r} is given by {', '.join(map(repr, givers))}",
            )
        basis = np.column_stack([basis, rest / length])


def _parsed(package: ModuleType, formula: str) -> Any:
    """Read a formula; put the factors of an interaction in order of appearance."""
    from formulaic.parser.types import Term as RawTerm

    try:
        parsed = package.Formula(formula)
    except Exception as error:
        raise InvalidEvidenceError(
            field="formula",
            requirement=f"readable ({_first_line(error)})",
            given=formula,
        ) from None
    if not isinstance(parsed, package.SimpleFormula):
        raise InvalidEvidenceError(
            field="formula", requirement="of one part", given=formula
        )
    seen: dict[str, int] = {}
    for term in parsed:
        for factor in term.factors:
            seen.setdefault(factor.expr, len(seen))
    ordered = [
        RawTerm(factors=sorted(t.factors, key=lambda f: seen[f.expr])) for t in parsed
    ]
    return package.Formula(ordered)


def _materialise(recipe: Any, frame: pd.DataFrame, *, first: bool = False) -> Any:
    """Compute the columns; what formulaic only warns of is refused."""
    how = {"na_action": "ignore", "output": "numpy"} if first else {}
    if frame.columns.empty:
        frame = pd.DataFrame({"_": np.zeros(len(frame))})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", RuntimeWarning)  # log(0): found after
            return recipe.get_model_matrix(frame, context=_functions(), **how)
    except Exception as error:
        raise InvalidEvidenceError(
            field="formula", requirement=f"computable ({_first_line(error)})"
        ) from None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")


def _levels(column: "pd.Series[Any]") -> tuple[Any, ...]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(column.cat.categories)
    return tuple(sorted(set(column)))


def _as_labels(frame: pd.DataFrame, labels: dict[str, tuple[Any, ...]]) -> pd.DataFrame:
    """Make columns of labels categorical with the levels of the fit."""
    out = frame.copy()
    for name, levels in labels.items():
        out[name] = pd.Categorical(list(frame[name]), categories=list(levels))
    return out


def _require_finite(X: Floats, names: tuple[str, ...]) -> None:
    bad = ~np.isfinite(X)
    for j in np.flatnonzero(bad.any(axis=0)):
        raise InvalidEvidenceError(
            field=names[j],
            requirement="finite",
            rows=np.flatnonzero(bad[:, j]).tolist(),
        )

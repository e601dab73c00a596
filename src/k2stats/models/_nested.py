"""What must hold of two fits before their likelihoods are compared."""

from dataclasses import fields

import numpy as np

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.models.fitting import NO_TAU2
from k2stats.results.counts_regression import CountsRegression
from k2stats.results.regression import MetaRegression, require_plain

Fit = MetaRegression | CountsRegression
SETTLED = 1e-6
"""A likelihood that changes by less with more nodes is that of the model."""


def parameters(fit: Fit) -> int:
    """Parameters of the likelihood, those of each study's own included."""
    if isinstance(fit, CountsRegression):
        return int(fit.figures["parameters"])
    return len(fit.names) + int(fit.method.tau2.name in ("ML", "REML"))


def require_comparable(reduced: Fit, full: Fit) -> None:
    """Refuse likelihoods of other data or of other families.

    Raises
    ------
    InvalidEvidenceError
    """
    if isinstance(reduced, MetaRegression) and isinstance(full, MetaRegression):
        _require_same_effects(reduced, full)
        _require_likelihoods(reduced, full)
    elif isinstance(reduced, CountsRegression) and isinstance(full, CountsRegression):
        _require_same_counts(reduced, full)
        _require_same_family(reduced, full)
    else:
        raise InvalidEvidenceError(
            field="models",
            requirement="of one kind: the likelihood of counts is not that of effects "
            "with known variances",
            given=(type(reduced).__name__, type(full).__name__),
        )


def require_nested(reduced: Fit, full: Fit) -> int:
    """Degrees of freedom between two nested models.

    Raises
    ------
    InvalidEvidenceError
    """
    df = parameters(full) - parameters(reduced)
    if df == 0:
        raise InvalidEvidenceError(
            field="models", requirement="nested, one with more parameters"
        )
    if not spans(reduced, full):
        raise InvalidEvidenceError(
            field="models",
            requirement="nested: every column of the smaller one a combination of "
            "the larger one's",
        )
    if holds_tau2(full) and not np.array_equal(reduced.tau2, full.tau2):
        raise InvalidEvidenceError(
            field="tau2", requirement="the same in both models where it is given"
        )
    return df


def at_boundary(reduced: Fit, full: Fit) -> bool:
    """Whether tau2 alone tells the models apart, and is zero in the smaller one."""
    return (
        same_columns(reduced, full)
        and holds_tau2(reduced)
        and not holds_tau2(full)
        and not np.any(reduced.tau2)
    )


def same_columns(one: Fit, other: Fit) -> bool:
    """Whether two designs have the same column space."""
    return one.design.same_columns(other.design) or (
        spans(one, other) and spans(other, one)
    )


def spans(reduced: Fit, full: Fit) -> bool:
    """Whether the larger model's columns give every column of the smaller one."""
    columns, basis = reduced.design.X, full.design.X
    q, _ = np.linalg.qr(basis / np.abs(basis).max(axis=0))
    unit = columns / np.sqrt((columns**2).sum(axis=0))
    rest = unit - q @ (q.T @ unit)
    rest = rest - q @ (q.T @ rest)
    return bool((np.abs(rest) < 1e-9).all())


def holds_tau2(fit: Fit) -> bool:
    """Whether tau2 was given, or is zero by definition."""
    if isinstance(fit, CountsRegression):
        return fit.record["tau2"] != "maximum likelihood"
    return fit.method.tau2.name in (*NO_TAU2, "fixed")


def _require_same_effects(first: MetaRegression, second: MetaRegression) -> None:
    one, two = first.effects, second.effects
    if not (_equal(one.y, two.y) and _equal(one.v, two.v)):
        raise InvalidEvidenceError(
            field="models",
            requirement="fits of the same effects (studies with missing moderators "
            "must be left out of both)",
            given=(one.y.shape, two.y.shape),
        )


def _require_likelihoods(reduced: MetaRegression, full: MetaRegression) -> None:
    for fit in (reduced, full):
        require_plain(fit)
        if fit.method.tau2.name not in ("ML", "REML", "EE", "fixed"):
            raise InvalidEvidenceError(
                field="tau2",
                requirement="'ML', 'REML' or 'EE' for a comparison of likelihoods",
                given=fit.method.tau2.name,
            )
    names = {reduced.method.tau2.name, full.method.tau2.name}
    alike = names == {"REML"} and same_columns(reduced, full)
    if "REML" in names and not alike:
        raise InvalidEvidenceError(
            field="tau2",
            requirement="'ML' in both models: restricted likelihoods of different "
            "moderators or estimators are not of the same data",
            given=", ".join(sorted(names)),
        )


def _require_same_counts(first: CountsRegression, second: CountsRegression) -> None:
    one, two = first.evidence, second.evidence
    same = type(one) is type(two) and all(
        _equal(getattr(one, f.name), getattr(two, f.name)) for f in fields(one)
    )
    if not same:
        raise InvalidEvidenceError(
            field="models",
            requirement="fits of the same counts (studies with missing moderators "
            "must be left out of both)",
            given=(f"k = {first.k}", f"k = {second.k}"),
        )


def _require_same_family(first: CountsRegression, second: CountsRegression) -> None:
    for field, one, two in (
        ("measure", first.measure, second.measure),
        ("model", first.model, second.model),
        ("coding", first.record.get("coding"), second.record.get("coding")),
    ):
        if one != two:
            raise InvalidEvidenceError(
                field=field,
                requirement="the same in both: likelihoods of different models of the "
                "counts do not compare",
                given=(one, two),
            )
    nodes = tuple(int(fit.figures["nodes"]) for fit in (first, second))
    rough = max(fit.figures["quadrature_error"] for fit in (first, second))
    if nodes[0] != nodes[1] and rough > SETTLED:
        raise InvalidEvidenceError(
            field="nagq",
            requirement="the same in both, or left out: with more nodes a likelihood "
            f"changes by {rough:.1g}",
            given=nodes,
        )


def _equal(one: Floats, two: Floats) -> bool:
    return one.shape == two.shape and np.array_equal(one, two, equal_nan=True)

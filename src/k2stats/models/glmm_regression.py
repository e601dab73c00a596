r"""Moderators in the generalised linear mixed models of counts."""

import numpy as np
from scipy import linalg

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import Proportion, Rate
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.models._design import build_design, known_functions, prepare_formula
from k2stats.models._glmm_models import CountEvidence
from k2stats.models._glmm_prepare import (
    DoubleZeros,
    GlmmChoices,
    TestName,
    residual_test,
    select,
    what_is,
)
from k2stats.models._moderators import as_frame, moderators
from k2stats.models._separation import runs_off
from k2stats.results.counts_regression import CountsRegression
from k2stats.results.counts_tests import CountsTest
from k2stats.results.design_matrix import Columns, Design


def glmm_regression(
    evidence: CountEvidence,
    formula: str,
    measure: str = "OR",
    *,
    data: Columns,
    model: str | None = None,
    nagq: int | None = None,
    tau2: float | None = None,
    coding: float = 0.5,
    double_zeros: DoubleZeros = "drop",
    test: TestName = "z",
    level: float = 0.95,
    drop_missing: bool = False,
) -> CountsRegression:
    r"""Regress an effect on moderators by the likelihood of the counts themselves.

    The models of :func:`~k2stats.models.glmm`, the pooled effect :math:`\theta` in
    them replaced by

    .. math:: \theta_k = x_k^\top \beta, \qquad \theta_k + \tau u_k, \quad
        u_k \sim N(0, 1).

    A moderator is one of the effect: in ``"UM.FS"`` each study has an intercept of
    its own, in ``"UM.RS"`` the intercepts of group 2 come from one distribution
    whatever the moderators are. The coefficients are searched for in orthonormal
    columns, so that units and offsets of the moderators do not matter.

    Parameters
    ----------
    evidence : TwoByTwo, TwoRates, Proportion or Rate
        One data set, shape ``(K,)``.
    formula : str
        Such as ``"~ ablat + C(alloc)"``, as in
        :func:`~k2stats.models.meta_regression`.
    measure : {"OR", "IRR", "PLO", "IRLN"}
    data : DataFrame or mapping
        The moderators, a row for each study.
    model, nagq, tau2, coding, double_zeros, level
        As in :func:`~k2stats.models.glmm`.
    test : {"z", "t"}
        Normal and chi-squared, or t and F with k - p denominator degrees of freedom.
    drop_missing : bool
        Leave out studies with a missing moderator; the result says which.

    Returns
    -------
    CountsRegression
        With the omnibus Wald test; ``tests["LRT"]``, residual heterogeneity: the model
        without tau against an effect for each study, on k - p degrees of freedom; and,
        where the columns give a constant, ``tests["moderators"]``: likelihood ratio
        against the model that pools, its tau estimated anew (or held too).

    Raises
    ------
    InvalidEvidenceError
        For counts of another kind, a batch, missing moderators, dependent columns in
        the studies that carry information, or no such study.
    UnknownMethodError
        For an unknown model, measure, moderator or test.
    ConvergenceError
        Where a coefficient is infinite, by name, or no maximum was reached.
    MissingDependencyError
        Where formulaic is not installed.

    References
    ----------
    Stijnen, T., Hamza, T. H., & Ozdemir, P. (2010). Random effects meta-analysis of
    event outcome in the framework of the generalized linear mixed model with
    applications in sparse data. Statistics in Medicine, 29, 3046-3067.
    Turner, R. M., Omar, R. Z., Yang, M., Goldstein, H., & Thompson, S. G. (2000). A
    multilevel model framework for meta-analysis of clinical trials with binary
    outcomes. Statistics in Medicine, 19, 3417-3432.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(
    ...     events1=[4, 6, 3, 62], n1=[123, 306, 231, 13598],
    ...     events2=[11, 29, 11, 248], n2=[139, 303, 220, 12867])
    >>> fit = glmm_regression(tables, "~ ablat", model="CM.EL",
    ...                       data={"ablat": [44, 55, 42, 52]})
    >>> fit.to_frame()[["estimate", "se"]].round(4)
               estimate      se
    Intercept    0.3610  2.4199
    ablat       -0.0351  0.0469
    """
    chosen = GlmmChoices(measure, model, nagq, tau2, coding, double_zeros, test, level)
    chosen.check(evidence)
    kept, design, missing = _designed(
        evidence, formula, data, chosen.kept(evidence), drop_missing=drop_missing
    )
    used = select(evidence, kept)
    k, p = design.X.shape
    # X = Z T with Z'Z = K I: coefficients of one size, whatever the units.
    q, triangle = np.linalg.qr(design.X)
    columns, triangle = q * np.sqrt(k), triangle / np.sqrt(k)
    _refuse_infinite(used, chosen.name, design, columns, triangle)
    built = chosen.build(used, columns)
    found = chosen.fit(built)
    back = linalg.solve_triangular(triangle, np.eye(p))
    own = built.effects
    beta = back @ found.psi[own]
    cov = back @ found.cov[own, own] @ back.T
    figures = chosen.figures(built, found, k)
    if "intercept" in built.model.names:
        figures["intercept"] = float(found.psi[0])
    tau = float(found.psi[-1])
    rest = residual_test(figures, float(k - p), "effects given by the moderators")
    tests = {"LRT": rest}
    if p > 1 and _holds_constant(columns):
        smaller = chosen.build(used, np.ones((k, 1)))
        null = chosen.fit(smaller)
        gap = np.asarray(max(2.0 * (found.loglik - null.loglik), 0.0))
        tests["moderators"] = CountsTest.chi2(
            "moderators",
            "Likelihood ratio",
            gap,
            np.asarray(p - 1.0),
            "no effect of the moderators",
        )
        figures["null_loglik"] = null.loglik
        figures["null_tau2"] = float(null.psi[-1] ** 2)
    record = chosen.record(found) | {"formula": formula}
    if chosen.name.startswith("UM"):  # the others do not depend on it
        record["coding"] = f"{coding:g}"
    return CountsRegression.wald(
        beta,
        cov,
        evidence=used,
        design=design,
        df=np.inf if test == "z" else max(k - float(p), 1.0),
        level=level,
        measure=measure,
        model=chosen.name,
        k=k,
        k_total=kept.size,
        tau2=tau**2,
        se_tau2=2.0 * tau * float(np.sqrt(found.cov[-1, -1])),
        tests=tests,
        figures=figures,
        missing=missing,
        record=record,
    )


def _designed(
    evidence: CountEvidence,
    formula: str,
    data: Columns,
    kept: Bools,
    *,
    drop_missing: bool,
) -> tuple[Bools, Design, dict[str, tuple[int, ...]]]:
    """Which studies stay, their design, and where moderators were missing."""
    if not isinstance(formula, str):
        raise InvalidEvidenceError(
            field="formula",
            requirement="text such as '~ x'",
            given=type(formula).__name__,
        )
    frame = as_frame(data, evidence.shape[0])
    if len(frame) != evidence.shape[0]:
        raise InvalidEvidenceError(
            field="data",
            requirement=f"of {evidence.shape[0]} rows, one for each study",
            given=len(frame),
        )
    text = prepare_formula(formula, [str(c) for c in frame.columns])
    used = moderators(frame, text, known_functions())
    if not drop_missing:
        for name, rows in used.missing.items():
            raise InvalidEvidenceError(
                field=name,
                requirement="given for every study (drop_missing=True leaves studies "
                "out)",
                rows=rows,
            )
    stays = kept & used.complete
    if not stays.any():
        raise InvalidEvidenceError(
            field="data",
            requirement="complete in a study with events and non-events",
        )
    frame = used.frame[stays].reset_index(drop=True)
    for name in frame.columns:  # levels of studies that are left out
        if hasattr(frame[name], "cat"):
            frame[name] = frame[name].cat.remove_unused_categories()
    missing = {name: tuple(rows) for name, rows in used.missing.items()}
    return stays, build_design(text, frame), missing


def _holds_constant(columns: Floats) -> bool:
    """Whether some combination of orthonormal columns (times root K) is constant."""
    rest = 1.0 - columns @ columns.mean(axis=0)
    return bool(np.abs(rest).max() < 1e-9)


def _refuse_infinite(
    evidence: CountEvidence,
    model: str,
    design: Design,
    columns: Floats,
    triangle: Floats,
) -> None:
    direction = runs_off(*_ended(evidence, model, columns))
    if direction is None:
        return
    # The intercept of group 2 comes first where it is random.
    slopes = linalg.solve_triangular(triangle, direction[-columns.shape[1] :])
    weight = np.abs(slopes) * np.abs(design.X).max(axis=0)
    names = [
        n
        for n, w in zip(design.names, weight, strict=True)
        if w > 1e-6 * weight.max(initial=0.0)
    ]
    raise ConvergenceError(
        f"The maximum likelihood estimate of the {what_is(evidence)} is infinite in "
        f"the coefficients of {', '.join(names)}: they part the studies with as few "
        "events as can be from those with as many. Tried: a linear programme, before "
        "any search."
    )


def _ended(
    evidence: CountEvidence, model: str, columns: Floats
) -> tuple[Floats, Bools, Bools]:
    """Rows of the linear predictors, and which counts are at either end."""
    if isinstance(evidence, Proportion):
        return columns, evidence.events == 0, evidence.events == evidence.n
    if isinstance(evidence, Rate):
        return columns, evidence.events == 0, np.full(evidence.shape, False)
    none1, none2 = evidence.events1 == 0, evidence.events2 == 0
    all1 = all2 = np.full(evidence.shape, False)
    if isinstance(evidence, TwoByTwo):
        all1, all2 = evidence.b == 0, evidence.d == 0
    if model == "UM.RS":
        ones = np.ones((columns.shape[0], 1))
        first = np.column_stack([ones, columns])
        second = np.column_stack([ones, 0.0 * columns])
        return (
            np.concatenate([first, second]),
            np.concatenate([none1, none2]),
            np.concatenate([all1, all2]),
        )
    if model == "CM.AL":
        return columns, none1, none2
    return columns, none1 | all2, none2 | all1

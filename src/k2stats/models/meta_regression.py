"""Meta-regression: how effects depend on moderators."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats._version import __version__
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import frozen
from k2stats.heterogeneity import TAU2, heterogeneity
from k2stats.models._regression_inputs import (
    designed,
    kept_weights,
    require_effects,
)
from k2stats.models.fitting import NO_TAU2
from k2stats.models.mean_tests import MEAN_TESTS
from k2stats.models.profiles import find_profile
from k2stats.models.regression_kernel import (
    RegressionFit,
    check_names,
    fit_columns,
)
from k2stats.models.regression_statistics import explained, likelihood_of
from k2stats.results.design_matrix import Columns, Design
from k2stats.results.linear_hypothesis import wald_test
from k2stats.results.method import Step
from k2stats.results.regression import MetaRegression
from k2stats.results.regression_method import RegressionMethod


def meta_regression(
    es: EffectSizes,
    formula: str | ArrayLike,
    *,
    data: Columns | None = None,
    key: str | None = None,
    tau2: str | float | None = None,
    ci: str | None = None,
    level: float = 0.95,
    profile: str | None = None,
    weights: ArrayLike | None = None,
    drop_missing: bool = False,
) -> MetaRegression:
    r"""Fit effects on moderators.

    .. math:: y_k = x_k^\top\beta + u_k + e_k, \quad u_k \sim N(0, \tau^2), \quad
        e_k \sim N(0, v_k), \quad \hat\beta = (X^\top W X)^{-1} X^\top W y

    Weights of one over v + tau2 give :math:`\operatorname{Var}(\hat\beta) =
    (X^\top W X)^{-1}`; with weights of the user, :math:`W` is theirs and

    .. math:: \operatorname{Var}(\hat\beta) = (X^\top W X)^{-1} X^\top W M W X
        (X^\top W X)^{-1}, \quad M = \operatorname{diag}(v_k + \hat\tau^2).

    Hartung and Knapp's factor is of the residuals with weights of one over v + tau2
    in either case.

    Parameters
    ----------
    es : EffectSizes, shape (..., K)
        A batch shares the moderators.
    formula : str or array-like, shape (K, p)
        Such as ``"~ ablat + C(alloc)"``: interactions ``a * b``, factors ``C(x)``,
        splines ``bs(x, df=4)`` and ``cr(x, df=3)``, ``poly(x, 2)``, ``center(x)``,
        ``scale(x)``, ``log(x)``, ``I(x**2)``; ``~ 0 + ...`` without intercept. Or the
        matrix itself, with the intercept's column.
    data : DataFrame or mapping, optional
        The moderators, in the order of the studies. Without it, and beside it, a
        formula may use ``v``, ``se``, ``n``, ``by`` and ``study`` of the effects.
    key : str, optional
        Column of `data` with the study labels, to join by instead of order.
    tau2 : str or float, optional
        Estimator of the residual variance between studies, ``"EE"`` for none, or a
        value to take as given. ``"REML"`` unless the profile has another.
    ci : str, optional
        Test and interval of the coefficients: ``"HK"`` (Hartung and Knapp; metafor's
        ``knha``), ``"z"``, ``"t"``, ``"HK-adhoc"``, ``"KR"``, ... ``"HK"`` unless the
        profile has another.
    level : float
        Of the intervals.
    profile : str, optional
        A name in :data:`k2stats.models.PROFILES`, for `tau2` and `ci` that are left
        out.
    weights : array-like, shape (K,) or (..., K), optional
        Of the coefficients, in place of one over v + tau2; in the order of the
        studies. The Q weights too where the estimator is ``"GENQ"`` or ``"GENQM"``.
    drop_missing : bool
        Leave out studies with a missing effect or moderator; the result says which.

    Returns
    -------
    MetaRegression

    Raises
    ------
    InvalidEvidenceError
        For missing values unless dropped, too few studies, linearly dependent columns
        (by name), or a formula that cannot be read.
    UnknownMethodError
        For an unknown moderator, estimator or test.
    ConvergenceError
        Where tau2 of a single data set is not found.
    MissingDependencyError
        Where formulaic is not installed.

    References
    ----------
    Raudenbush (2009), in The Handbook of Research Synthesis, chapter 16.
    Knapp and Hartung (2003). Statistics in Medicine 22:2693-2710.
    Thompson and Higgins (2002). Statistics in Medicine 21:1559-1573.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6], [0.02, 0.01, 0.02, 0.03])
    >>> fit = meta_regression(es, "~ dose", data={"dose": [0, 1, 2, 3]}, ci="z")
    >>> fit.coefficients[["estimate", "se"]].round(4)
               estimate      se
    Intercept    0.1200  0.1095
    dose         0.1233  0.0683
    """
    base = find_profile(profile)
    estimator = base.tau2 if tau2 is None else tau2
    none = estimator in NO_TAU2 and ci is None and profile is not None
    test = check_names(estimator, "z" if none else ci or base.ci, level)
    kept, design, missing, rows = designed(
        es, formula, data, key, drop_missing=drop_missing
    )
    _require_studies(kept.k, design)
    whole = kept.complete
    mask = None if bool(whole.all()) else whole
    require_effects(kept, mask, drop_missing=drop_missing)
    made = fit_columns(
        kept.y,
        kept.v,
        design.X,
        tau2=estimator,
        ci=test,
        level=level,
        mask=mask,
        weights=None if weights is None else kept_weights(weights, es, rows),
    )
    fit = assemble(kept, design, made, level=level, missing=missing)
    return replace(fit, method=replace(fit.method, profile=base.name))


def assemble(
    es: EffectSizes,
    design: Design,
    made: RegressionFit,
    *,
    level: float,
    missing: dict[str, tuple[int, ...]] | None = None,
) -> MetaRegression:
    """Put the result of a fit together."""
    inference = made.inference
    common = made.tau2.method in NO_TAU2
    spread = heterogeneity(
        es.y if made.mask is None else np.where(made.mask, es.y, 0.0),
        es.v if made.mask is None else np.where(made.mask, es.v, 1.0),
        design.X,
        tau2=made.tau2.tau2,
        basis="Q" if common else "tau2",
        mask=made.mask,
    )
    gap = np.full(np.shape(made.tau2.tau2), np.nan)
    own = made.fit.a is not made.fit.w
    # weights of the user do not maximise the likelihood: there is none to compare
    fitted = None if own else likelihood_of(made, design.X)
    criteria = (
        (gap, gap, gap, gap)
        if fitted is None
        else (fitted.log_likelihood, fitted.aic, fitted.bic, fitted.aicc)
    )
    loglik, aic, bic, aicc = (_kept(c) for c in criteria)
    reference = made.reference
    tested = np.eye(len(design.names))[list(design.tested)]
    low, high = inference.limits
    df = np.inf if inference.df is None else inference.df
    return MetaRegression(
        effects=es,
        design=design,
        method=_method(es, design, made, level),
        beta=_kept(inference.beta),
        se=_kept(inference.se),
        statistic=_kept(inference.statistic),
        df=_kept(np.broadcast_to(df, inference.beta.shape)),
        p=_kept(inference.p),
        log_p=_kept(inference.log_p),
        ci_low=_kept(low),
        ci_high=_kept(high),
        cov=_kept(inference.cov),
        tau2=_kept(made.tau2.tau2),
        tau2_se=_kept(made.tau2.se),
        converged=made.tau2.converged,
        Q=_kept(spread.test.q),
        Q_df=_kept(spread.test.df),
        Q_p=_kept(spread.test.p),
        I2=_kept(spread.i2),
        H2=_kept(spread.h2),
        R2=_kept(gap if design.intercept is None else explained(made)),
        omnibus=wald_test(
            inference.beta, inference.cov, tested, reference, name="moderators"
        ),
        loglik=loglik,
        aic=aic,
        bic=bic,
        aicc=aicc,
        k=_kept(made.fit.k),
        reference=reference,
        missing=missing or {},
        engine=made,
        given_weights=_kept(made.fit.a) if own else None,
    )


def _require_studies(k: int, design: Design) -> None:
    p = len(design.names)
    if p < k:
        return
    factors = [n for n in design.names if "[" in n]
    hint = f" ({len(factors)} are of levels of factors or bases)" if factors else ""
    raise InvalidEvidenceError(
        field="formula",
        requirement=f"of fewer coefficients than the {k} studies, got {p}{hint}",
    )


def _method(
    es: EffectSizes, design: Design, made: RegressionFit, level: float
) -> RegressionMethod:
    name = made.tau2.method
    test = MEAN_TESTS[made.ci]
    if name in TAU2:
        entry = TAU2[name]
        step = Step(name, entry.label, entry.reference, entry.version)
    elif name in NO_TAU2:
        step = Step("EE", "none, tau2 is zero by definition")
    else:
        step = Step("fixed", "taken as given")
    return RegressionMethod(
        tau2=step,
        ci=Step(made.ci, test.label, test.reference, test.version),
        level=level,
        formula=design.formula,
        i2_basis="Q" if step.name == "EE" else "tau2",
        r2_basis="adjusted" if step.name == "EE" else "tau2",
        measure=es.measure,
        vtype=es.vtype,
        zero_cells="" if es.zero_cells is None else str(es.zero_cells),
        version=__version__,
        weights="inverse variance" if made.fit.a is made.fit.w else "given",
    )


def _kept(x: Any) -> Floats:
    """Own copy, read-only."""
    return frozen(np.array(x, dtype=float))

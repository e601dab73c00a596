"""Location-scale models: moderators of the mean effect and of the heterogeneity."""

from typing import Literal

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.effectsizes._base import EffectSizes, require_effect_sizes
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.heterogeneity import cochran_q, estimate_tau2, fit_statistics
from k2stats.models._design import build_design, known_functions, prepare_formula
from k2stats.models._location_scale_likelihood import Surface
from k2stats.models._location_scale_profile import ScaleProfile
from k2stats.models._location_scale_search import Found, search
from k2stats.models._moderators import moderators, offered
from k2stats.models.mean_tests import quantile, two_sided_p
from k2stats.numerics import tails
from k2stats.numerics.wls import fit_wls
from k2stats.results.design_matrix import Columns, Design
from k2stats.results.linear_hypothesis import Reference, WaldTest, wald_test
from k2stats.results.location_scale import Coefficients, LocationScale


def location_scale(
    es: EffectSizes,
    formula: str = "~ 1",
    scale: str = "~ 1",
    *,
    data: Columns | None = None,
    key: str | None = None,
    link: Literal["log", "identity"] = "log",
    tau2: Literal["REML", "ML"] = "REML",
    ci: Literal["z", "t"] = "z",
    level: float = 0.95,
    drop_missing: bool = False,
) -> LocationScale:
    r"""Fit moderators of the mean effect and of the variance between studies.

    .. math:: y_k \sim N(x_k^\top\beta,\ v_k + \tau_k^2), \qquad
        \log\tau_k^2 = z_k^\top\alpha \quad\text{or}\quad
        \tau_k^2 = z_k^\top\alpha \ge 0

    The likelihood is maximised from several starts with exact first and second
    derivatives; standard errors of :math:`\alpha` are from the observed information,
    and those of :math:`\beta` take the variances as known. The likelihood is far from
    quadratic in :math:`\alpha` with few studies:
    ``fit.conf_int("scale", method="profile")`` gives profile-likelihood limits.

    Parameters
    ----------
    es : EffectSizes
        One data set.
    formula, scale : str
        Of the mean, and of the variance between studies.
    data, key, drop_missing
        As in :func:`~k2stats.models.meta_regression.meta_regression`.
    link : {"log", "identity"}
    tau2 : {"REML", "ML"}
    ci : {"z", "t"}
        Normal reference, or t with K - p (location) and K - q (scale) degrees of
        freedom.
    level : float

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
    ConvergenceError
        Where, with the log link, the likelihood rises for ever as some tau2 falls to
        zero: there is no estimate; the identity link may have one.

    References
    ----------
    Viechtbauer & López-López (2022). Research Synthesis Methods 13:697-715.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.9, -0.6, 0.6, 0.3, 0.31, 0.28, 0.33],
    ...                              [0.02] * 4 + [0.0001] * 4)
    >>> fit = location_scale(es, scale="~ g", data={"g": [1] * 4 + [0] * 4})
    >>> fit.scale.estimate.round(3)
    array([-8.007,  6.822])
    """
    _check(es, link, tau2, ci, level)
    kept, location, spread, missing = _designs(
        es, formula, scale, data, key, drop_missing=drop_missing
    )
    y, v, X = kept.y, kept.v, location.X
    k, p, q = kept.k, X.shape[1], spread.X.shape[1]
    if k < p + q:
        raise InvalidEvidenceError(
            field="es",
            requirement=f"of at least {p + q} studies where the model has {p} "
            f"coefficients of location and {q} of scale",
            given=k,
        )
    base, turn = np.linalg.qr(spread.X)
    unit = np.sqrt(k) * base  # columns of a size that the search is made for
    surface = Surface(
        y, v, X / np.abs(X).max(axis=0), unit, link == "log", tau2 == "REML"
    )
    found = search(surface)
    if not found.converged:
        raise ConvergenceError(_why(link, found))
    back = np.sqrt(k) * np.linalg.inv(turn)
    alpha = back @ found.alpha
    with np.errstate(all="ignore"):
        cov_alpha = back @ _inverse(-found.hessian) @ back.T
    if found.at_bound:
        cov_alpha = np.full((q, q), np.nan)
    tau2_k = np.maximum(surface.tau2(found.alpha), 0.0)
    size = np.abs(X).max(axis=0)
    solved = fit_wls(y, 1.0 / (v + tau2_k), X / size)
    beta, cov_beta = solved.beta / size, solved.cov / np.outer(size, size)
    free = (k - p, k - q) if ci == "t" else (np.inf, np.inf)
    Qt = cochran_q(y, v, X)
    n = float(k - p) if tau2 == "REML" else float(k)
    aic, bic, aicc = _criteria(found.loglik, p + q, n)
    flat = _homogeneous(kept, X, tau2)
    lrt = max(2.0 * (found.loglik - flat), 0.0)
    within = spread.intercept is not None and q > 1
    return LocationScale(
        effects=kept,
        location=_coefficients(location, beta, cov_beta, free[0], level),
        scale=_coefficients(spread, alpha, cov_alpha, free[1], level),
        location_design=location,
        scale_design=spread,
        link=link,
        estimator=tau2,
        tau2=tau2_k,
        location_test=_omnibus(location, beta, cov_beta, free[0]),
        scale_test=_omnibus(spread, alpha, cov_alpha, free[1]),
        Q=float(Qt.q),
        Q_df=float(Qt.df),
        Q_p=float(Qt.p),
        loglik=found.loglik,
        aic=aic,
        bic=bic,
        aicc=aicc,
        homogeneous_loglik=flat,
        lrt=lrt if within else np.nan,
        lrt_df=q - 1,
        lrt_p=float(tails.chi2_p(np.asarray(lrt), float(q - 1))) if within else np.nan,
        at_bound=found.at_bound,
        level=level,
        k=k,
        missing=missing,
        engine=ScaleProfile(
            y=y,
            v=v,
            X=surface.X,
            Z=spread.X,
            log_link=surface.log_link,
            restricted=surface.restricted,
            alpha=alpha,
            loglik=found.loglik,
            se=np.sqrt(np.maximum(np.diagonal(cov_alpha), 0.0)),
        ),
    )


def _check(es: EffectSizes, link: str, tau2: str, ci: str, level: float) -> None:
    require_effect_sizes(es)
    if es.y.ndim != 1:
        raise InvalidEvidenceError(
            field="es", requirement="one set of studies, not a batch", given=es.shape
        )
    for field, value, known in (
        ("link", link, ("log", "identity")),
        ("tau2", tau2, ("REML", "ML")),
        ("ci", ci, ("z", "t")),
    ):
        if value not in known:
            raise InvalidEvidenceError(
                field=field, requirement=" or ".join(map(repr, known)), given=value
            )
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )


def _designs(
    es: EffectSizes,
    formula: str,
    scale: str,
    data: Columns | None,
    key: str | None,
    *,
    drop_missing: bool,
) -> tuple[EffectSizes, Design, Design, dict[str, tuple[int, ...]]]:
    """Both designs, of the studies that are complete in both."""
    offer = offered(es, data, key)
    names = [str(c) for c in offer.columns]
    texts = [prepare_formula(f, names) for f in (formula, scale)]
    used = [moderators(offer, t, known_functions()) for t in texts]
    gone = {n: tuple(r) for u in used for n, r in u.missing.items()}
    if not es.complete.all():
        gone["effect"] = tuple(np.flatnonzero(~es.complete).tolist())
    if gone and not drop_missing:
        field, rows = next(iter(gone.items()))
        raise InvalidEvidenceError(
            field=field,
            requirement="given for every study (drop_missing=True leaves studies out)",
            rows=rows,
        )
    keep = np.ones(es.k, dtype=bool)
    for rows in gone.values():
        keep[list(rows)] = False
    kept = es if keep.all() else es[keep]
    frames = [_kept_rows(u.frame, keep) for u in used]
    location, spread = (build_design(t, f) for t, f in zip(texts, frames, strict=True))
    return kept, location, spread, gone


def _kept_rows(frame: pd.DataFrame, keep: Floats) -> pd.DataFrame:
    out = frame[keep].reset_index(drop=True)
    for name in out.columns:
        if isinstance(out[name].dtype, pd.CategoricalDtype):
            out[name] = out[name].cat.remove_unused_categories()
    return out


def _why(link: str, found: Found) -> str:
    tried = f"{found.starts} starts were tried"
    if link == "log":
        return (
            "The likelihood has no maximum: it rises as the variance between some "
            f"studies falls to zero, where the log link never arrives ({tried}). Fewer "
            "scale moderators, or link='identity', may have an estimate."
        )
    return f"The search for the scale coefficients did not end ({tried})."


def _inverse(matrix: Floats) -> Floats:
    size = np.sqrt(np.abs(np.diagonal(matrix)))
    return np.asarray(
        np.linalg.pinv(matrix / np.outer(size, size), hermitian=True)
        / np.outer(size, size)
    )


def _coefficients(
    design: Design, estimate: Floats, cov: Floats, df: float, level: float
) -> Coefficients:
    with np.errstate(invalid="ignore"):
        se = np.sqrt(np.diagonal(cov))
        statistic = estimate / se
    reference = None if np.isinf(df) else np.full(estimate.shape, float(df))
    half = quantile(reference, level) * se
    return Coefficients(
        names=design.names,
        r_names=design.r_names,
        estimate=estimate,
        se=se,
        statistic=np.asarray(statistic),
        df=np.full(estimate.shape, float(df)),
        p=two_sided_p(np.asarray(statistic), reference),
        ci_low=np.asarray(estimate - half),
        ci_high=np.asarray(estimate + half),
        cov=cov,
    )


def _omnibus(design: Design, estimate: Floats, cov: Floats, df: float) -> WaldTest:
    L = np.eye(len(design.names))[list(design.tested)]
    reference = Reference(None if np.isinf(df) else np.asarray(float(df)))
    return wald_test(estimate, cov, L, reference, name="moderators")


def _criteria(loglik: float, m: int, n: float) -> tuple[float, float, float]:
    size = max(n, m + 2.0)
    return (
        -2.0 * loglik + 2.0 * m,
        -2.0 * loglik + m * float(np.log(n)),
        -2.0 * loglik + 2.0 * m * size / (size - m - 1.0),
    )


def _homogeneous(es: EffectSizes, X: Floats, method: str) -> float:
    """Log-likelihood with one tau2 for all studies."""
    one = estimate_tau2(es.y, es.v, X, method=method).tau2
    made = fit_statistics(es.y, es.v, X, tau2=one, restricted=method == "REML")
    return float(made.log_likelihood)

"""Variance inflation of coefficients and of whole terms."""

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.results.regression import MetaRegression


def vif(fit: MetaRegression, *, by: str = "term") -> pd.DataFrame:
    r"""Variance inflation factors, generalised for terms of several columns.

    With R the correlation matrix of the coefficients but the intercept,

    .. math:: \mathrm{GVIF} = \frac{\det R_{11} \det R_{22}}{\det R}, \qquad
        \mathrm{GSIF} = \mathrm{GVIF}^{1 / (2m)}

    for a term of m columns; with one column it is the usual VIF.

    Parameters
    ----------
    fit : MetaRegression
        Of one data set.
    by : {"term", "coefficient"}

    Returns
    -------
    DataFrame
        ``df``, ``gvif`` and ``gsif`` a row.

    Raises
    ------
    InvalidEvidenceError
        For a batch, an unknown `by`, or where nothing but an intercept is there.

    References
    ----------
    Fox & Monette (1992). Journal of the American Statistical Association 87:178-183.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6, 0.2], [0.1] * 5)
    >>> data = {"a": [0, 1, 2, 3, 4], "b": [0, 1, 0, 1, 1]}
    >>> vif(meta_regression(es, "~ a + b", data=data)).round(4)
       df  gvif    gsif
    a   1   1.5  1.2247
    b   1   1.5  1.2247
    """
    if fit.cov.ndim != 2:
        raise InvalidEvidenceError(
            field="fit", requirement="one meta-regression, not a batch"
        )
    slopes = [j for j in range(len(fit.names)) if j != fit.design.intercept]
    if not slopes:
        raise InvalidEvidenceError(field="fit", requirement="a fit with moderators")
    if by == "term":
        groups = {t.name: list(t.columns) for t in fit.design.terms if t.name != "1"}
    elif by == "coefficient":
        groups = {fit.names[j]: [j] for j in slopes}
    else:
        raise InvalidEvidenceError(
            field="by", requirement="'term' or 'coefficient'", given=by
        )
    se = np.sqrt(np.diagonal(fit.cov))
    R = fit.cov / np.outer(se, se)
    rows = []
    for columns in groups.values():
        rest = [j for j in slopes if j not in columns]
        log = _log_det(R, columns) + _log_det(R, rest) - _log_det(R, slopes)
        m = len(columns)
        rows.append({"df": m, "gvif": np.exp(log), "gsif": np.exp(0.5 * log / m)})
    return pd.DataFrame(rows, index=list(groups))


def _log_det(R: Floats, columns: list[int]) -> float:
    return float(np.linalg.slogdet(R[np.ix_(columns, columns)])[1]) if columns else 0.0

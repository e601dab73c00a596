r"""Effects of yes-or-no outcomes that allow for those missing for a reason.

The risk of a group is a mixture over those observed and those missing. The two are
tied by the informative missingness odds ratio (IMOR), which may be uncertain: its
logarithm is normal with a mean, a standard deviation and a correlation between the
groups, and its variance enters by the delta method.
"""

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes, Rule, ZeroCells, rule_of
from k2stats.errors import InvalidEvidenceError
from k2stats.sensitivity._missing_inputs import checked, effects, pair
from k2stats.sensitivity.imputations import IMPUTATIONS
from k2stats.sensitivity.missing_outcomes import BinaryWithMissing

_LINKS: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "RR": (lambda p: np.asarray(np.log(p)), lambda p: np.asarray(1.0 / p)),
    "OR": (
        lambda p: np.asarray(np.log(p / (1.0 - p))),
        lambda p: np.asarray(1.0 / (p * (1.0 - p))),
    ),
    "RD": (lambda p: p, np.ones_like),
}


VARIANCES = ("delta", "as observed", "available", "scaled")


def effects_with_missing(
    trials: BinaryWithMissing,
    measure: str = "RR",
    assumption: str = "IMOR",
    *,
    imor1: ArrayLike = 1.0,
    imor2: ArrayLike = 1.0,
    sd1: ArrayLike = 0.0,
    sd2: ArrayLike = 0.0,
    correlation: ArrayLike = 0.0,
    variance: str = "delta",
    zero_cells: Rule | None = None,
    study: Sequence[Hashable] | None = None,
) -> EffectSizes:
    r"""Effects of everyone randomised, under an assumption about the missing.

    With :math:`\alpha` the share observed, :math:`p` the risk observed and :math:`q`
    that of the missing, a group's risk is :math:`\pi = \alpha p + (1 - \alpha) q`; the
    effect is :math:`g(\pi_1) - g(\pi_2)` with g the logarithm, the logit or the
    identity, and its variance that of the delta method over :math:`p_1, p_2,
    \alpha_1, \alpha_2` and, where it is uncertain, the log IMORs:

    .. math:: \operatorname{var} = \sum_i \Bigl(\frac{\partial y}{\partial p_i}
        \Bigr)^2 \frac{p_i (1 - p_i)}{n_i} + \sum_i \Bigl(\frac{\partial y}{\partial
        \alpha_i}\Bigr)^2 \frac{\alpha_i (1 - \alpha_i)}{N_i} +
        d^\top \begin{pmatrix} s_1^2 & \rho s_1 s_2 \\
        \rho s_1 s_2 & s_2^2 \end{pmatrix} d

    Parameters
    ----------
    trials : BinaryWithMissing
        Shape (K,).
    measure : {"RR", "OR", "RD"}
    assumption : str
        Name in :data:`IMPUTATIONS`; ``"available"`` leaves the missing out.
    imor1, imor2 : array_like
        Odds of the event among the missing over those observed, in each group; on the
        natural scale. Broadcast against the trials: an axis in front gives a batch.
    sd1, sd2 : array_like
        Standard deviations of the *log* IMORs.
    correlation : array_like
        Of the two log IMORs.
    variance : {"delta", "as observed", "available", "scaled"}
        ``"delta"`` as above: the weights W4 of Higgins et al. where the IMORs are
        given. Under ICA-pC and ICA-pE the imputed risks are functions of those
        observed and carry their error as well; W4 takes the IMORs that these imply
        as known, and is had by giving them. ``"as observed"`` takes
        the imputed outcomes for observed ones (W1), which overstates precision;
        ``"available"`` is that of the known outcomes alone (W2); ``"scaled"`` that of
        the imputed risks in as many participants as have a known outcome (W3). With
        :math:`n_i` of :math:`N_i` known,

        .. math:: W1: \sum_i g'(\pi_i)^2 \frac{\pi_i (1 - \pi_i)}{N_i}, \quad
            W2: \sum_i g'(p_i)^2 \frac{p_i (1 - p_i)}{n_i}, \quad
            W3: \sum_i g'(\pi_i)^2 \frac{\pi_i (1 - \pi_i)}{n_i}
    zero_cells : ZeroCells or str, optional
        Rule for trials in which an observed cell is zero; 0.5 by default (nothing for
        RD).
    study : sequence, optional
        Labels.

    Returns
    -------
    EffectSizes
        To be pooled as any other.

    Raises
    ------
    InvalidEvidenceError
        For an unknown measure or variance, an IMOR that is not positive, a negative
        standard deviation or a correlation outside -1 to 1.
    UnknownMethodError
        For an unknown assumption.

    References
    ----------
    White, Higgins & Wood (2008). Statistics in Medicine 27:711-727.
    Higgins, White & Wood (2008). Clinical Trials 5:225-239.
    White & Higgins (2009). Stata Journal 9:57-69. The four weights.

    Examples
    --------
    >>> trials = BinaryWithMissing.from_counts(
    ...     events1=[25, 29], nonevents1=[25, 18], missing1=[2, 22],
    ...     events2=[18, 20], nonevents2=[33, 14], missing2=[0, 34])
    >>> effects_with_missing(trials, imor1=0.5, imor2=0.5, sd1=0.3, sd2=0.3).y.round(4)
    array([0.3354, 0.113 ])
    """
    if measure not in _LINKS:
        raise InvalidEvidenceError(
            field="measure", requirement="'RR', 'OR' or 'RD'", given=measure
        )
    if variance not in VARIANCES:
        raise InvalidEvidenceError(
            field="variance",
            requirement=f"one of {', '.join(map(repr, VARIANCES))}",
            given=variance,
        )
    deltas = [np.log(checked(n, v, "positive")) for n, v in pair("imor", imor1, imor2)]
    sds = [checked(n, v, "not negative") for n, v in pair("sd", sd1, sd2)]
    rho = checked("correlation", correlation, "from -1 to 1")
    own = ZeroCells() if measure != "RD" else ZeroCells(add=0.0, to="none")
    rule = rule_of(zero_cells, own)
    t, missing = trials.available, [trials.missing1, trials.missing2]
    more = rule.amounts(np.minimum.reduce(np.stack(t.cells)) == 0)
    with np.errstate(all="ignore"):
        known = [t.n1 + 2.0 * more, t.n2 + 2.0 * more]
        p = [(t.events1 + more) / known[0], (t.events2 + more) / known[1]]
        if assumption == "available":
            missing = [np.zeros_like(m) for m in missing]
        name = "ICA-p" if assumption == "available" else assumption
        found = IMPUTATIONS[name].function(p[0], p[1], deltas[0], deltas[1])
        everyone = [k + m for k, m in zip(known, missing, strict=True)]
        alpha = [k / n for k, n in zip(known, everyone, strict=True)]
        q = (found.q1, found.q2)
        risk = [a * pi + (1.0 - a) * qi for a, pi, qi in zip(alpha, p, q, strict=True)]
        link, slope = _LINKS[measure]
        y = link(risk[0]) - link(risk[1])
        # signed slopes of the effect by each group's risk
        g = (slope(risk[0]), -slope(risk[1]))
        if variance == "as observed":
            v = _binomial(g, risk, everyone)
        elif variance == "scaled":
            v = _binomial(g, risk, known)
        elif variance == "available":
            v = _binomial((slope(p[0]), slope(p[1])), p, known)
        else:
            v = np.zeros_like(y)
            for j in (0, 1):
                by_p = g[j] * alpha[j]
                for i in (0, 1):
                    by_p = by_p + g[i] * (1.0 - alpha[i]) * found.by_p[i][j]
                v = v + by_p**2 * p[j] * (1.0 - p[j]) / known[j]
                by_alpha = g[j] * (p[j] - q[j])
                v = v + by_alpha**2 * alpha[j] * (1.0 - alpha[j]) / everyone[j]
        d = [g[i] * (1.0 - alpha[i]) * found.by_delta[i] * sds[i] for i in (0, 1)]
        v = v + d[0] ** 2 + d[1] ** 2 + 2.0 * rho * d[0] * d[1]
    return effects(y, v, measure, study)


def _binomial(
    slopes: Sequence[Floats], risk: Sequence[Floats], n: Sequence[Floats]
) -> Floats:
    """Delta-method variance of a contrast of two binomial risks."""
    first, second = (
        g**2 * r * (1.0 - r) / m for g, r, m in zip(slopes, risk, n, strict=True)
    )
    return np.asarray(first + second)

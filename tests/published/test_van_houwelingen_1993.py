"""van Houwelingen, Zwinderman and Stijnen (1993), Stat Med 12:2273-2284.

Persistent or recurrent bleeding under H2 antagonists; conditional logistic models, log
odds ratio of control over treated. Figures in the text of pp. 2275 and 2277, read in
the metafor package's reproduction of the paper (analysis example vanhouwelingen1993).
"""

from k2stats.datasets.published import published
from k2stats.evidence import TwoByTwo
from k2stats.models.glmm import glmm
from published.printed import assert_prints


def control_over_treated() -> TwoByTwo:
    found = published("collins1985a").evidence
    assert isinstance(found, TwoByTwo)
    return TwoByTwo.from_counts(
        events1=found.events2, n1=found.n2, events2=found.events1, n2=found.n1
    )


BLEEDING = control_over_treated()


def test_one_odds_ratio() -> None:
    # p. 2275; the paper prints 0.31 for the upper limit.
    fit = glmm(BLEEDING, "OR", model="CM.EL", tau2=0.0)
    assert_prints([fit.estimate, fit.se], "0.122", "0.100")
    assert_prints([fit.ci_low, fit.ci_high], "-0.074", "0.317")
    assert_prints(fit.figures["loglik"], "-53.679")


def test_odds_ratios_that_vary() -> None:
    # p. 2277. Two digits: versions of the reproduction differ in the third, 0.134 and
    # 0.136 for the error; they print 0.175 for the mean, which 200 nodes of quadrature
    # put at 0.17441, and -52.989 for the likelihood, there -52.9901.
    fit = glmm(BLEEDING, "OR", model="CM.EL")
    assert fit.tau2 is not None
    assert_prints([fit.estimate, fit.tau2], "0.17", "0.119")
    assert_prints([fit.ci_low, fit.ci_high], "-0.09", "0.44")
    assert_prints(fit.figures["loglik"], "-52.99")

"""Results that are one table: what they say in a terminal and in a notebook."""

import numpy as np
import pytest

import k2stats as k2
from k2stats.datasets.published import published
from k2stats.results._shown import Sheet, Shown
from models.pool_examples import sets

BCG = published("bcg").effect_sizes("RR")
DATA = published("bcg").frame()
FIT = k2.meta_regression(BCG, "~ ablat + C(alloc)", data=DATA)
ML = [
    k2.meta_regression(BCG, f, data=DATA, tau2="ML")
    for f in ("~ ablat", "~ ablat + C(alloc)")
]


def squeezed(shown: Shown) -> str:
    assert str(shown) == repr(shown) == shown.summary()
    assert max(map(len, shown.summary().splitlines())) <= 100
    return " ".join(shown.summary().split())


def test_likelihood_ratio() -> None:
    text = squeezed(k2.likelihood_ratio_test(*ML))
    assert "Likelihood-ratio test: LRT(2) = 1.3444, p = 0.5106" in text
    assert "full: ~ ablat + C(alloc) 5 24.0269" in text
    assert "tau2 that the larger model accounts for: 14.4%." in text
    none = k2.meta_regression(BCG, "~ ablat", data=DATA, tau2="EE")
    assert "Half chi-squared" in squeezed(k2.likelihood_ratio_test(ML[0], none))


def test_combinations() -> None:
    text = squeezed(k2.contrast(FIT, ["10*ablat", "Intercept + 30*ablat = -1"]))
    assert "10*ablat -0.2728 0.0951 -2.8669 9 0.0186" in text
    assert "Compared with 0, -1." in text
    assert "All together: F(2, 9) =" in text
    z = k2.meta_regression(BCG, "~ ablat", data=DATA, ci="z")
    assert " df " not in squeezed(k2.contrast(z, "ablat"))
    assert "systematic - random" in squeezed(k2.pairwise(FIT, "alloc"))


def test_permutations_bootstrap_and_robust_errors() -> None:
    text = squeezed(k2.regression_permutation(FIT, rng=1, permutations=200))
    assert "Permutation test of the coefficients, 200 drawn" in text
    assert "SE of p" in text
    assert "Test of moderators: p" in text
    text = squeezed(k2.r2_interval(FIT, rng=1, draws=50, kind="parametric"))
    assert text.startswith("R2 53.8% (95% CI ")
    assert "50 bootstrap draws (parametric)" in text
    text = squeezed(k2.robust(FIT))
    assert "Cluster-robust standard errors, CR2, 13 clusters" in text
    assert "Degrees of freedom: Satterthwaite." in text
    assert "df" not in squeezed(k2.robust(FIT, test="z"))


def test_models_by_weight() -> None:
    made = k2.multimodel(
        BCG, "~ ablat + year + C(alloc)", data=DATA.assign(year=np.arange(13.0))
    )
    text = squeezed(made)
    assert "Multimodel inference by AICc, 8 models" in text
    assert "Importance, the sum of the weights with a term: ablat 0." in text


def test_groups_of_a_long_table() -> None:
    y, v = sets(3, (30, 3))
    names = np.repeat([f"g{i}" for i in range(30)], 3)
    made = k2.pool_long(names, y.ravel(), v.ravel())
    text = squeezed(made)
    assert "Random-effects model, 30 groups" in text
    assert "... and 10 more." in text
    assert "g19 3" in text
    assert "g20" not in text
    common = k2.pool_long(names, y.ravel(), v.ravel(), model="common")
    assert "tau2" not in squeezed(common)


def test_html_is_escaped() -> None:
    class One(Shown):
        def _sheet(self) -> Sheet:
            return Sheet("<t>", {"": ["a & b"], "p": ["< 0.0001"]}, ("1 < 2",))

    html = One()._repr_html_()
    assert "&lt;t&gt;" in html
    assert "a &amp; b" in html
    assert "&lt; 0.0001" in html
    assert "1 &lt; 2" in html
    assert "<table" in k2.likelihood_ratio_test(*ML)._repr_html_()
    with pytest.raises(NotImplementedError):
        Shown().summary()


def test_a_batch_says_what_it_is() -> None:
    y, v = sets(2, (4, 13))
    es = k2.EffectSizes.from_arrays(y, v, measure="MD")
    fit = k2.meta_regression(es, "~ ablat", data=DATA)
    assert "of shape (4, 1)" in str(k2.contrast(fit, "ablat"))
    assert k2.contrast(fit, "ablat")._repr_html_().startswith("<p>")

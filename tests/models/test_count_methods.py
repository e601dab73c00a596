"""The registry of methods that pool counts, and the way in by name."""

import numpy as np
import pytest

import k2stats as k2
from k2stats.effectsizes import (
    MEASURES,
    Proportion,
    Rate,
    TwoRates,
    ZeroCells,
    find_measure,
)
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo, TwoMeans
from k2stats.models import COUNT_METHODS, count_methods_table, pool_counts
from k2stats.models._count_registry import MARKS
from k2stats.models._glmm_models import GLMM_MODELS
from k2stats.models.beta_binomial import beta_binomial
from k2stats.models.exact_or import exact_odds_ratio, exact_rate_ratio
from k2stats.models.firth import firth
from k2stats.models.glmm import glmm
from k2stats.models.mantel_haenszel import mantel_haenszel
from k2stats.models.peto import peto
from k2stats.models.ssw import ssw
from k2stats.results.counts import CountsFit
from models.count_tables import CATHETER_DAYS, CATHETERS, DOCTORS, cut

TABLES = cut(CATHETERS, [1, 2, 4, 8, 13])
SHARE = Proportion.from_arrays(events=TABLES.events2, n=TABLES.n2)
RATE = Rate.from_arrays(events=CATHETER_DAYS.events1, time=CATHETER_DAYS.time1)


@pytest.mark.parametrize(
    ("name", "measure", "evidence", "wanted"),
    [
        ("MH", "RR", TABLES, mantel_haenszel(TABLES, "RR")),
        ("MH", "IRD", DOCTORS, mantel_haenszel(DOCTORS, "IRD")),
        ("Peto", "OR", TABLES, peto(TABLES)),
        ("SSW", "RD", TABLES, ssw(TABLES, "RD")),
        ("Firth", "OR", TABLES, firth(TABLES)),
        ("exact", "OR", TABLES, exact_odds_ratio(TABLES)),
        ("exact", "IRR", CATHETER_DAYS, exact_rate_ratio(CATHETER_DAYS)),
        ("beta-binomial", "PR", SHARE, beta_binomial(SHARE, "PR")),
        ("UM.FS", "OR", TABLES, glmm(TABLES)),
        ("CM.AL", "OR", TABLES, glmm(TABLES, model="CM.AL")),
        ("CM.EL", "IRR", DOCTORS, glmm(DOCTORS, "IRR", model="CM.EL")),
        ("one-group", "IRLN", RATE, glmm(RATE, "IRLN")),
    ],
)
def test_a_name_is_its_function(
    name: str, measure: str, evidence: object, wanted: CountsFit
) -> None:
    fit = pool_counts(evidence, measure, name)
    assert (fit.method, fit.measure) == (wanted.method, measure)
    for field in ("estimate", "se", "ci_low", "ci_high", "p"):
        np.testing.assert_array_equal(getattr(fit, field), getattr(wanted, field))
    assert dict(fit.record) == dict(wanted.record)


def test_options_pass_through() -> None:
    fit = pool_counts(TABLES, method="MH", level=0.9, zero_cells=ZeroCells())
    other = mantel_haenszel(TABLES, level=0.9, zero_cells=ZeroCells())
    assert float(fit.ci_low) == float(other.ci_low)
    held = k2.pool_counts(TABLES, method="UM.FS", tau2=0.0, nagq=5)
    assert held.tau2 is not None
    assert float(held.tau2) == 0.0


@pytest.mark.parametrize("name", list(COUNT_METHODS))
def test_every_method_states_what_it_is_and_pools_what_it_says(name: str) -> None:
    entry = COUNT_METHODS[name]
    assert entry.label
    assert entry.equation
    assert "(" in entry.reference
    measures = [m for m in MEASURES if m in entry.traits]
    assert entry.traits == {*measures, *(t for t in MARKS if t in entry.traits)}
    given = {
        TwoByTwo: TABLES,
        TwoRates: CATHETER_DAYS,
        Proportion: SHARE,
        Rate: RATE,
        TwoMeans: TwoMeans.from_summary(
            mean1=[3.0, 2.5], sd1=1.0, n1=[20, 30], mean2=[2.0, 2.2], sd2=1.2, n2=25
        ),
    }
    chosen = measures if name != "SSW" else ["OR", "RD", "SMD", "IRR"]
    for measure in chosen:
        fit = pool_counts(given[find_measure(measure).evidence], measure, name)
        assert fit.measure == measure
        assert bool(fit.converged)
        assert ("random" in entry.traits) >= (fit.tau2 is not None)
        assert fit.record["reference"]


def test_mixed_models_are_methods_by_their_own_names() -> None:
    assert set(GLMM_MODELS) <= set(COUNT_METHODS)
    table = count_methods_table()
    assert set(table.index[table["moderators"]]) == set(GLMM_MODELS)
    assert table.loc["UM.RS", "measures"] == "OR, IRR"
    assert table.loc["UM.RS", "evidence"] == "TwoByTwo, TwoRates"
    assert "model" not in str(table.loc["UM.RS", "options"]).split(", ")
    assert table.loc["MH", "batch"]
    assert table["reference"].all()


def test_errors_name_what_there_is() -> None:
    with pytest.raises(UnknownMethodError, match=r"counts 'mh'\. Known: .*MH, Peto"):
        pool_counts(TABLES, "OR", "mh")
    with pytest.raises(
        UnknownMethodError, match=r"pools PLO 'MH'\. Known: beta-binomial, one-group"
    ):
        pool_counts(SHARE, "PLO")
    with pytest.raises(UnknownMethodError, match=r"measure 'HRR'"):
        pool_counts(TABLES, "HRR")
    with pytest.raises(InvalidEvidenceError, match="one that counts are pooled for"):
        pool_counts(TABLES, "COR")
    with pytest.raises(InvalidEvidenceError, match="evidence must be TwoRates for IRR"):
        pool_counts(TABLES, "IRR")
    with pytest.raises(
        UnknownMethodError, match=r"option of Peto 'nagq'\. Known: level, mask"
    ):
        pool_counts(TABLES, method="Peto", nagq=7)
    with pytest.raises(UnknownMethodError, match=r"option of CM\.EL 'model'"):
        pool_counts(TABLES, method="CM.EL", model="UM.FS")
    with pytest.raises(InvalidEvidenceError, match="measure must be one of OR for Pe"):
        peto(TABLES, "RR")

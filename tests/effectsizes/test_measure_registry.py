"""How a measure is filed: one decorated function, one name, every word of it."""

import importlib

import numpy as np
import pytest

from k2stats.effectsizes import MEASURES, TwoRates, effect_sizes, measure, rates
from k2stats.effectsizes._measures import Estimate, Options
from k2stats.effectsizes.conversions import CONVERSIONS
from k2stats.effectsizes.listing import (
    conversions_table,
    five_number_table,
    inputs_table,
    variances_table,
)
from k2stats.errors import InvalidEvidenceError


def difference(rates: TwoRates, options: Options) -> Estimate:
    y = rates.events1 - rates.events2
    return y, np.ones_like(y)


def test_a_name_is_used_once() -> None:
    file = measure(
        "IRR",
        evidence=TwoRates,
        label="x",
        reference="x",
        equation="x",
        variance="1",
        group="x",
    )
    before = MEASURES["IRR"]
    with pytest.raises(ValueError, match="measure 'IRR' is already registered"):
        file(difference)
    assert MEASURES["IRR"] is before


def test_a_module_run_again_files_its_measures_anew() -> None:
    names, before = list(MEASURES), MEASURES["IRR"]
    importlib.reload(rates)
    assert list(MEASURES) == names
    assert MEASURES["IRR"] is not before
    es = effect_sizes(None, "IRR", events1=[2], time1=[5], events2=[4], time2=[5])
    assert es.y.item() == pytest.approx(np.log(0.5))


def test_a_default_variance_is_asked_for() -> None:
    with pytest.raises(
        InvalidEvidenceError,
        match="variance must be given for the default type 'LS'",
    ):
        measure(
            "X",
            evidence=TwoRates,
            label="x",
            reference="x",
            equation="x",
            variance={"UB": "1"},
            group="x",
        )


def test_every_measure_is_described() -> None:
    labels = [e.label for e in MEASURES.entries()]
    assert len(set(labels)) == len(labels)
    for entry in MEASURES.entries():
        made = entry.function
        assert entry.name == made.code
        assert entry.equation
        assert made.kernel.__doc__
        assert (
            entry.name == "GEN"
            or any(c.isdigit() for c in entry.reference)
            or ("delta method" in entry.reference)
        )
        assert "LS" in made.variances
        least, most = made.bounds
        assert np.isnan(made.null) or least <= made.null <= most


@pytest.mark.parametrize(
    "table", [inputs_table, variances_table, conversions_table, five_number_table]
)
def test_tables_are_rectangular(table: object) -> None:
    assert callable(table)
    lines = str(table()).splitlines()
    bars = {line.replace("\\|", "").count("|") for line in lines}
    assert len(bars) == 1


def test_every_conversion_is_listed() -> None:
    listed = conversions_table()
    assert all(f"| `{name}` |" in listed for name in CONVERSIONS)

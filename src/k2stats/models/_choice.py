"""The methods of a pooled estimate, put together from a profile and wishes."""

from dataclasses import dataclass

from k2stats._registry import Entry, F
from k2stats._typing import Floats
from k2stats._version import __version__
from k2stats.effectsizes._base import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import TAU2
from k2stats.models.fitting import Spec, make_spec
from k2stats.models.mean_tests import MEAN_TESTS, mean_test_name
from k2stats.models.prediction import PREDICTIONS
from k2stats.models.profiles import Profile, find_profile
from k2stats.models.weightings import MODELS
from k2stats.results.method import I2Basis, PoolingMethod, Step

TOLERANCE = "1e-12, relative, on tau2; bracketed"


@dataclass(frozen=True, slots=True)
class Choice:
    """The methods of a fit, once profile and wishes are put together."""

    spec: Spec
    prediction: str
    i2_basis: I2Basis
    profile: Profile

    @classmethod
    def make(
        cls,
        *,
        profile: str | None = None,
        tau2: str | None = None,
        ci: str | None = None,
        model: str = "random",
        prediction: str | None = None,
        i2: I2Basis | None = None,
        level: float = 0.95,
    ) -> "Choice":
        """Put them together, every name checked."""
        base = find_profile(profile)
        own_ci = any(t.startswith("ci=") for t in MODELS[model].traits)
        wanted = ci if ci is not None else (None if own_ci else base.ci)
        estimator = tau2
        if estimator is None:
            estimator = base.tau2
            if wanted is not None and "ML" in MEAN_TESTS[mean_test_name(wanted)].traits:
                estimator = "ML"
        no_tau2 = model == "random" and estimator in ("EE", "FE", "CE")
        if no_tau2:
            model, wanted = "common", "z" if ci is None else ci
        spec = make_spec(model, estimator, wanted, level)
        shown = base.prediction if prediction is None else prediction
        basis = base.i2_basis if i2 is None else i2
        if basis not in ("tau2", "Q"):
            raise InvalidEvidenceError(
                field="i2", requirement="'tau2' or 'Q'", given=basis
            )
        if spec.estimator == "EE":
            basis = "Q"
        return cls(spec, PREDICTIONS[shown].name, basis, base)

    def record(
        self, es: EffectSizes, weights: Floats | None, *, tau2_given: bool
    ) -> PoolingMethod:
        """Return the method record."""
        spec = self.spec
        if tau2_given and spec.estimator != "EE":
            tau2 = Step("fixed", "taken as given")
        elif spec.estimator == "EE":
            tau2 = Step("EE", "none, zero by definition")
        else:
            tau2 = _step(TAU2[spec.estimator])
        kind = "inverse variance"
        if spec.model == "unweighted":
            kind = "equal"
        elif weights is not None:
            kind = "given"
        return PoolingMethod(
            model=_step(MODELS[spec.model]),
            tau2=tau2,
            ci=_step(MEAN_TESTS[spec.ci]),
            prediction=_step(PREDICTIONS[self.prediction]),
            i2_basis=self.i2_basis,
            tau2_interval=self.profile.tau2_interval,
            level=spec.level,
            weights=kind,
            profile=self.profile.name,
            measure=es.measure,
            vtype=es.vtype,
            zero_cells="" if es.zero_cells is None else str(es.zero_cells),
            dropped=es.dropped,
            tolerance=TOLERANCE if tau2.name not in ("EE", "fixed") else "",
            version=__version__,
        )


def _step(entry: Entry[F]) -> Step:
    return Step(entry.name, entry.label, entry.reference, entry.version)

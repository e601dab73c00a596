"""The model behind a pooled estimate: intervals at other levels, by other methods."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.heterogeneity.likelihood import FitStatistics, statistics_of_fit
from k2stats.models._mean_fit import MeanFit
from k2stats.models.fitting import Kernel, Spec, make_spec, run
from k2stats.models.mean_tests import MEAN_TESTS
from k2stats.models.prediction import PREDICTIONS, At, Predictive
from k2stats.models.weightings import MODELS, Given
from k2stats.results.pooled import PooledEstimate, Rng


@dataclass(frozen=True, slots=True)
class MeanEngine:
    """Answers from the data and the fitted tau2; nothing is estimated again."""

    def conf_int(
        self, fit: PooledEstimate, level: float, method: str | None, rng: Rng
    ) -> tuple[Floats, Floats]:
        """Limits of the mean."""
        spec = _spec(fit, level, method)
        test = MEAN_TESTS[spec.ci]
        draw = generator(rng, test.name) if "resampling" in test.traits else None

        def kernel(given: Given) -> tuple[Floats, ...]:
            mean = _mean(spec, given)
            low, high = test.function(mean, level, draw).limits
            return low[..., 0], high[..., 0]

        low, high = _run(fit, spec, kernel)
        return low, high

    def prediction_interval(
        self, fit: PooledEstimate, method: str | None, level: float, rng: Rng
    ) -> tuple[Floats, Floats]:
        """Limits of a new effect."""
        predict = _Predictor(fit, method, rng)
        spec = _spec(fit, fit.method.level, None)

        def kernel(given: Given) -> tuple[Floats, ...]:
            return predict(spec, given).limits(level)

        low, high = _run(fit, spec, kernel)
        return low, high

    def probability_above(
        self, fit: PooledEstimate, threshold: Floats, method: str | None, rng: Rng
    ) -> Floats:
        """Upper tail of the distribution of a new effect."""
        predict = _Predictor(fit, method, rng)
        spec = _spec(fit, fit.method.level, None)
        at = np.broadcast_to(threshold, fit.shape).reshape(-1)
        done = 0

        def kernel(given: Given) -> tuple[Floats, ...]:
            nonlocal done
            size = given.studies.k.size
            part = at[done : done + size].reshape(given.studies.k.shape)
            done += size
            return (predict(spec, given).above(part),)

        return np.asarray(_run(fit, spec, kernel)[0])

    def weights(self, fit: PooledEstimate) -> Floats:
        """Percent of each study in the mean."""
        spec = _spec(fit, fit.method.level, None)

        def kernel(given: Given) -> tuple[Floats, ...]:
            a = MODELS[spec.model].function(given).fit.a
            with np.errstate(invalid="ignore"):
                return (100.0 * a / a.sum(axis=-1, keepdims=True),)

        return np.asarray(_run(fit, spec, kernel)[0])

    def fit_statistics(self, fit: PooledEstimate) -> FitStatistics:
        """Log-likelihood and information criteria at the fitted tau2."""
        spec = _spec(fit, fit.method.level, None)
        restricted = fit.method.tau2.name == "REML"
        estimated = fit.method.has_tau2 and fit.method.tau2.name != "fixed"
        made: list[FitStatistics] = []

        def kernel(given: Given) -> tuple[Floats, ...]:
            tau2 = given.tau2 if given.tau2 is not None else np.zeros(())
            one = statistics_of_fit(
                given.studies, tau2, restricted=restricted, estimated=estimated
            )
            made.append(one)
            return one.log_likelihood, one.aic, one.bic, one.aicc, one.observations

        ll, aic, bic, aicc, observations = _run(fit, spec, kernel)
        return replace(
            made[0],
            log_likelihood=ll,
            aic=aic,
            bic=bic,
            aicc=aicc,
            observations=observations,
        )


ENGINE = MeanEngine()


def generator(rng: Rng, needed_for: str) -> np.random.Generator:
    """Generator from a seed or a generator; draws are never from hidden state.

    Raises
    ------
    MissingInputError
        Where none is given.
    """
    if rng is None:
        raise MissingInputError(
            field="rng", needed_for=needed_for, hint="give a seed or a Generator"
        )
    return np.random.default_rng(rng)


def _spec(fit: PooledEstimate, level: float, ci: str | None) -> Spec:
    m = fit.method
    if ci is None:
        return Spec(m.model.name, m.tau2.name, m.ci.name, level)
    return make_spec(m.model.name, m.tau2.name, ci, level)


def _run(fit: PooledEstimate, spec: Spec, kernel: Kernel) -> tuple[Any, ...]:
    es = fit.effects
    return run(kernel, es.y, es.v, None, spec, fit.mask, fit.given_weights, fit.tau2)


def _mean(spec: Spec, given: Given) -> MeanFit:
    fit = MODELS[spec.model].function(given).fit
    # The name of the estimator is what methods ask for, not that tau2 is known by now.
    return replace(fit, estimator=spec.estimator)


class _Predictor:
    """Predictive distribution of a chunk, for one method."""

    def __init__(self, fit: PooledEstimate, method: str | None, rng: Rng) -> None:
        m = fit.method
        if not m.has_tau2:
            raise InvalidEvidenceError(
                field="model",
                requirement="one with a variance between studies for a prediction "
                "interval",
                given=m.model.name,
            )
        entry = PREDICTIONS[m.prediction.name if method is None else method]
        if "REML" in entry.traits and m.tau2.name != "REML":
            raise InvalidEvidenceError(
                field="tau2",
                requirement=f"'REML' for the prediction interval {entry.name!r}",
                given=m.tau2.name,
            )
        draws = "draws" in entry.traits
        self._rng = generator(rng, entry.name) if draws else np.random.default_rng(0)
        self._function = entry.function

    def __call__(self, spec: Spec, given: Given) -> Predictive:
        fit = _mean(spec, given)
        test = MEAN_TESTS[spec.ci]
        plain = "resampling" in test.traits or "ML" in test.traits
        name = "z" if plain or "common-weights" in test.traits else test.name
        inference = MEAN_TESTS[name].function(fit, spec.level)
        return self._function(At(fit, inference), self._rng)

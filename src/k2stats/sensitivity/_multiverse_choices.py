"""What a multiverse is asked to vary: names read, masks made, each checked once."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from k2stats._typing import Bools
from k2stats.effectsizes import NOTHING, ZeroCells
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity import TAU2
from k2stats.models.fitting import NO_TAU2
from k2stats.models.mean_tests import mean_test_name

Labels: TypeAlias = tuple[Hashable, ...]
Subsets: TypeAlias = Mapping[str, Any] | Sequence[Any] | pd.Series | str | None
Exclude: TypeAlias = Mapping[str, Any] | Sequence[Any] | Hashable | None
Rule: TypeAlias = ZeroCells | str

EVERYONE = "all studies"
NO_ONE = "none"
EACH, PAIRS = "each", "pairs"
RULES: dict[str, ZeroCells] = {
    "only0": ZeroCells(),
    "all": ZeroCells(to="all"),
    "if0all": ZeroCells(to="if0all"),
    "drop00": ZeroCells(drop_double_zero=True),
    "none": NOTHING,
}
"""Rules for zero cells by short name; one half is added by all but the last."""


def names(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """One name or several as a tuple, none twice.

    Examples
    --------
    >>> names("DL"), names(["DL", "PM", "DL"]), names(None)
    (('DL',), ('DL', 'PM'), None)
    """
    if given is None:
        return None
    return tuple(dict.fromkeys([given] if isinstance(given, str) else given))


def read_tau2(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Names of estimators, each checked.

    Raises
    ------
    UnknownMethodError
    InvalidEvidenceError
        For a name that means no tau2, which is a model.
    """
    found = names(given)
    if found is None:
        return None
    _not_empty("tau2", found)
    for name in found:
        if name in NO_TAU2:
            raise InvalidEvidenceError(
                field="tau2",
                requirement="an estimator; no tau2 is models='common'",
                given=name,
            )
        _ = TAU2[name]
    return found


def read_ci(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Names of intervals, second names replaced; those of counts stay as they are."""
    found = names(given)
    if found is None:
        return None
    _not_empty("ci", found)
    return tuple(dict.fromkeys(_ci(name) for name in found))


OWN_INTERVALS = ("exact", "mid-p", "profile", "Wald")
"""Intervals of single models of counts, which no table of tests of a mean holds."""


def _ci(name: str) -> str:
    return name if name in OWN_INTERVALS else mean_test_name(name)


def read_rules(given: Rule | Sequence[Rule] | None) -> tuple[ZeroCells, ...] | None:
    """Rules for zero cells, by name or as they are.

    Raises
    ------
    UnknownMethodError, InvalidEvidenceError

    Examples
    --------
    >>> [str(rule) for rule in read_rules(["only0", "none"])]
    ['0.5 added to tables with a zero cell', 'nothing added']
    """
    if given is None:
        return None
    several = [given] if isinstance(given, str | ZeroCells) else list(given)
    _not_empty("zero_cells", several)
    found = []
    for rule in several:
        if isinstance(rule, str) and rule not in RULES:
            raise UnknownMethodError(
                kind="rule for zero cells", name=rule, known=tuple(RULES)
            )
        if not isinstance(rule, str | ZeroCells):
            raise InvalidEvidenceError(
                field="zero_cells",
                requirement="a ZeroCells or its short name",
                given=rule,
            )
        found.append(RULES[rule] if isinstance(rule, str) else rule)
    return tuple(dict.fromkeys(found))


def read_levels(given: float | Sequence[float]) -> tuple[float, ...]:
    """Confidence levels.

    Raises
    ------
    InvalidEvidenceError
    """
    several = [given] if isinstance(given, int | float) else list(given)
    _not_empty("levels", several)
    for level in several:
        if isinstance(level, bool) or not 0.0 < level < 1.0:
            raise InvalidEvidenceError(
                field="levels", requirement="between 0 and 1", given=level
            )
    return tuple(dict.fromkeys(float(level) for level in several))


def read_subsets(
    given: Subsets, study: Labels, by: Labels | None, frame: pd.DataFrame | None
) -> dict[str, Bools]:
    """Masks of the studies kept, all studies first.

    Parameters
    ----------
    given : mapping, str or sequence
        Names to masks or to labels; or a column (``"by"`` for the subgroups of the
        effect sizes), or one value a study: each value is then a subset.
    study, by : tuple
    frame : DataFrame or None

    Raises
    ------
    InvalidEvidenceError
    """
    found: dict[str, Bools] = {EVERYONE: np.ones(len(study), dtype=bool)}
    if given is None:
        return found
    if isinstance(given, Mapping):
        for name, value in given.items():
            mask = _mask(f"subsets[{name!r}]", value, study)
            if not mask.any():
                raise InvalidEvidenceError(
                    field=f"subsets[{name!r}]", requirement="of one study or more"
                )
            if str(name) == EVERYONE:
                raise InvalidEvidenceError(
                    field="subsets",
                    requirement=f"without one named {EVERYONE!r}, which is always "
                    "there",
                )
            found[str(name)] = mask
        return found
    values = _values(given, study, by, frame)
    for value in dict.fromkeys(v for v in values if not pd.isna(v)):
        found[str(value)] = np.array([v == value for v in values])
    return found


def read_exclude(given: Exclude, study: Labels) -> dict[str, Bools]:
    """Masks of the studies left out, none first.

    Parameters
    ----------
    given : str, mapping or sequence
        ``"each"``: every study in turn; ``"pairs"``: every two; a mapping of names to
        labels or masks; or a sequence whose items are labels or sets of labels.
    study : tuple

    Raises
    ------
    InvalidEvidenceError
    """
    found: dict[str, Bools] = {NO_ONE: np.zeros(len(study), dtype=bool)}
    if given is None:
        return found
    if isinstance(given, Mapping):
        items = list(given.items())
    elif isinstance(given, str) or not isinstance(given, Iterable):
        items = [(None, given)]
    else:
        items = [(None, item) for item in given]
    for name, value in items:
        for label, mask in _left_out(name, value, study):
            found.setdefault(label, mask)
    return found


def _left_out(name: object, value: Any, study: Labels) -> Iterable[tuple[str, Bools]]:
    if isinstance(value, str) and value in (EACH, PAIRS) and value not in study:
        size = 1 if value == EACH else 2
        for group in combinations(range(len(study)), size):
            mask = np.zeros(len(study), dtype=bool)
            mask[list(group)] = True
            yield " + ".join(str(study[i]) for i in group), mask
        return
    field = "exclude" if name is None else f"exclude[{name!r}]"
    single = isinstance(value, str) or not isinstance(value, Iterable)
    mask = _mask(field, [value] if single else value, study)
    if not mask.any():
        raise InvalidEvidenceError(field=field, requirement="of one study or more")
    label = " + ".join(str(s) for s, m in zip(study, mask, strict=True) if m)
    yield (label if name is None else str(name)), mask


def _mask(field: str, value: Any, study: Labels) -> Bools:
    """Mask from a mask, or from labels."""
    if isinstance(value, str):
        value = [value]
    held = list(value)
    if held and all(isinstance(x, bool | np.bool_) for x in held):
        if len(held) != len(study):
            raise InvalidEvidenceError(
                field=field,
                requirement=f"a mask of length {len(study)}, or labels",
                given=len(held),
            )
        return np.array(held, dtype=bool)
    unknown = [x for x in held if x not in study]
    if unknown:
        known = ", ".join(map(str, study[:10])) + (", ..." if len(study) > 10 else "")
        raise InvalidEvidenceError(
            field=field,
            requirement=f"of labels of studies ({known})",
            given=", ".join(map(str, unknown)),
        )
    return np.array([s in held for s in study], dtype=bool)


def _values(
    given: Sequence[Any] | pd.Series | str,
    study: Labels,
    by: Labels | None,
    frame: pd.DataFrame | None,
) -> list[Any]:
    """One value a study."""
    if isinstance(given, str):
        if frame is not None and given in frame.columns:
            return list(frame[given])
        if given == "by" and by is not None:
            return list(by)
        known = [] if frame is None else list(map(str, frame.columns))
        known += [] if by is None else ["by"]
        raise InvalidEvidenceError(
            field="subsets",
            requirement="a mapping of names to masks, or a column"
            + (f", one of {', '.join(known)}" if known else "; there is none here"),
            given=given,
        )
    values = list(given)
    if len(values) != len(study):
        raise InvalidEvidenceError(
            field="subsets",
            requirement=f"of one value for each of {len(study)} studies",
            given=len(values),
        )
    return values


def _not_empty(field: str, given: Sequence[object]) -> None:
    if not given:
        raise InvalidEvidenceError(field=field, requirement="one choice or more")

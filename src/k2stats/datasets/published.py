"""Data sets of published meta-analyses, by name, ready to be analysed again.

Each is a table of ``datasets/`` whose columns are told apart: what an effect size is
computed from, the label of the study, and the moderators.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from k2stats._typing import Floats
from k2stats.datasets._loader import load_source, load_table, table_info
from k2stats.effectsizes import AsGiven, EffectSizes, Proportion, TwoRates, effect_sizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import Claim, Source, TwoByTwo, TwoMeans

Evidence: TypeAlias = TwoByTwo | TwoMeans | TwoRates | Proportion | AsGiven
Moderator: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns of a table are what; the rest are moderators."""

    build: Callable[..., Evidence]
    columns: Mapping[str, str]
    labels: tuple[str, ...]


def _table(columns: str, *labels: str) -> _Layout:
    names = ("events1", "n1", "events2", "n2")
    found = dict(zip(names, columns.split(), strict=True))
    return _Layout(TwoByTwo.from_counts, found, labels)


def _cells(columns: str, *labels: str) -> _Layout:
    return _Layout(
        TwoByTwo.from_cells, dict(zip("abcd", columns.split(), strict=True)), labels
    )


def _rates(*labels: str) -> _Layout:
    names = {"events1": "x1i", "time1": "t1i", "events2": "x2i", "time2": "t2i"}
    return _Layout(TwoRates.from_arrays, names, labels)


def _given(*labels: str) -> _Layout:
    return _Layout(AsGiven.from_arrays, {"y": "yi", "v": "vi"}, labels)


_MEANS: Final[Mapping[str, str]] = {
    **{"mean1": "m1i", "sd1": "sd1i", "n1": "n1i"},
    **{"mean2": "m2i", "sd2": "sd2i", "n2": "n2i"},
}
_COUNTS: Final[str] = "ai n1i ci n2i"
_LAYOUTS: Final[Mapping[str, _Layout]] = {
    "bcg": _cells("tpos tneg cpos cneg", "author", "year"),
    "collins1985a": _table("b_xti nti b_xci nci", "trial", "year"),
    "collins1985b": _table("pre_xti pre_nti pre_xci pre_nci", "author", "year"),
    "dersimonian2007": _table(_COUNTS, "trial"),
    "hartung2001": _table(_COUNTS, "study"),
    "jackson2014/example1": _given("study"),
    "jackson2014/example2": _given("study"),
    "lee2004": _table(_COUNTS, "study", "year"),
    "lipsey2001": _given("id"),
    "miller1978": _Layout(
        Proportion.from_arrays, {"events": "xi", "n": "ni"}, ("group",)
    ),
    "nielweise2007": _table(_COUNTS, "author", "year"),
    "nielweise2008": _rates("authors", "year"),
    "normand1999/lidocaine": _table(_COUNTS, "source"),
    "normand1999/stroke": _Layout(TwoMeans.from_summary, _MEANS, ("source",)),
    "raudenbush1985": _given("author", "year"),
    "rothman2008/table15_1": _cells("ai bi ci di", "age"),
    "rothman2008/table15_2": _rates("age"),
    "rothman2008/table15_5": _cells("ai bi ci di", "age"),
    "viechtbauer2005/example1": _given("id"),
    "viechtbauer2005/example2": _given("id"),
    "viechtbauer2007b": _table(_COUNTS, "study"),
    "yusuf1985": _table(_COUNTS, "id", "trial"),
}
NAMES: Final[tuple[str, ...]] = tuple(_LAYOUTS)
"""Names that :func:`published` knows."""
SOURCES: Final[tuple[Source, ...]] = tuple(
    load_source(key) for key in dict.fromkeys(name.split("/")[0] for name in NAMES)
)


@dataclass(frozen=True, slots=True, eq=False)
class PublishedSet:
    """The studies of one published meta-analysis.

    Attributes
    ----------
    name : str
        As given to :func:`published`.
    source : Source
        Who published the figures, and where they were read.
    locator : str
        Table or page.
    labels : tuple of str
        One for each study, no two alike.
    evidence : TwoByTwo, TwoMeans, TwoRates, Proportion or AsGiven
        What effect sizes are computed from; group 1 is the treated or exposed one.
        ``AsGiven`` holds effect sizes and sampling variances as printed.
    moderators : mapping of str to ndarray, shape (K,)
        The other columns: numbers where every cell is one, else text. Read-only.
    left_out : tuple of str
        Labels of the rows that print no counts.
    """

    name: str
    source: Source
    locator: str
    labels: tuple[str, ...]
    evidence: Evidence
    moderators: Mapping[str, Moderator]
    left_out: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.labels)

    @property
    def y(self) -> Floats:
        """Effect sizes as printed, shape (K,).

        Raises
        ------
        InvalidEvidenceError
            Where counts or means are printed; says to name a measure.
        """
        return self._as_given().y

    @property
    def v(self) -> Floats:
        """Sampling variances as printed, shape (K,); see :attr:`y`."""
        return self._as_given().v

    def _as_given(self) -> AsGiven:
        if not isinstance(self.evidence, AsGiven):
            raise InvalidEvidenceError(
                field=f"y and v of {self.name}",
                requirement="printed; it prints counts or means, so name a measure: "
                "effect_sizes(measure)",
                given=type(self.evidence).__name__,
            )
        return self.evidence

    def effect_sizes(self, measure: str = "GEN", **options: Any) -> EffectSizes:
        """Return effect sizes with their labels.

        Parameters
        ----------
        measure : str
            Code of the measure, e.g. ``"OR"``; ``"GEN"`` for those printed.
        **options
            As for :func:`k2stats.effectsizes.effect_sizes`.

        Raises
        ------
        InvalidEvidenceError, UnknownMethodError
            Where the measure does not fit or does not exist.

        Examples
        --------
        >>> es = published("dersimonian2007").effect_sizes("OR")
        >>> es.y.round(3).tolist()
        [-1.298, -1.265, 0.121, -0.329, -0.201, -0.129]
        """
        found: EffectSizes = effect_sizes(
            self.evidence, measure, study=self.labels, **options
        )
        return found

    def frame(self) -> pd.DataFrame:
        """Return the studies as a frame: evidence and moderators, labels as index.

        Examples
        --------
        >>> published("miller1978").frame().loc["3"].to_dict()
        {'events': 10.0, 'n': 21.0}
        """
        layout = _LAYOUTS[self.name]
        held = {name: getattr(self.evidence, name) for name in layout.columns}
        index = pd.Index(self.labels, name=layout.labels[0])
        return pd.DataFrame({**held, **self.moderators}, index=index)


@cache
def published(name: str) -> PublishedSet:
    """Return the studies of a published meta-analysis.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`: the key of the source, and the table's name after a
        slash where the source has several.

    Returns
    -------
    PublishedSet

    Raises
    ------
    UnknownMethodError
        If there is no such set; names those there are.

    Examples
    --------
    >>> studies = published("raudenbush1985")
    >>> studies.k, studies.y[:3].tolist(), studies.moderators["weeks"][:3].tolist()
    (19, [0.03, 0.12, -0.14], [2.0, 21.0, 19.0])
    >>> print(studies.source.citation)
    Raudenbush SW, Bryk AS. Empirical Bayes meta-analysis. J Educ Stat 1985;10:75-98.
    """
    if name not in _LAYOUTS:
        raise UnknownMethodError(kind="published set", name=name, known=NAMES)
    layout = _LAYOUTS[name]
    key, _, table_name = name.partition("/")
    table_name = table_name or next(iter(table_info(key)))
    table = load_table(key, table_name)
    labels = _distinct(
        " ".join(row)
        for row in table[list(layout.labels)].itertuples(index=False, name=None)
    )
    held = table[list(layout.columns.values())]
    complete = (held != "").all(axis="columns").to_numpy()
    kept = table[complete]
    numbers = {
        argument: kept[column].to_numpy().astype(np.float64)
        for argument, column in layout.columns.items()
    }
    others = [c for c in table.columns if c not in {*held.columns, *layout.labels}]
    pairs = list(zip(labels, complete, strict=True))
    return PublishedSet(
        name=name,
        source=load_source(key),
        locator=table_info(key)[table_name].locator,
        labels=tuple(label for label, is_complete in pairs if is_complete),
        evidence=layout.build(**numbers),
        moderators=MappingProxyType({c: _moderator(kept[c]) for c in others}),
        left_out=tuple(label for label, is_complete in pairs if not is_complete),
    )


def _distinct(labels: Iterable[str]) -> tuple[str, ...]:
    """Number the second and later bearers of a name."""
    seen: Counter[str] = Counter()
    found = []
    for label in labels:
        seen[label] += 1
        found.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return tuple(found)


def _moderator(cells: "pd.Series[str]") -> Moderator:
    """Numbers where every cell is one; an empty cell among numbers is NaN."""
    as_numbers = pd.to_numeric(cells.replace("", "nan"), errors="coerce").to_numpy(
        dtype=np.float64
    )
    text = np.isnan(as_numbers) & (cells != "").to_numpy()
    values: Moderator = cells.to_numpy(dtype=str) if text.any() else as_numbers
    values = np.array(values)
    values.flags.writeable = False
    return values


CLAIMS: Final[tuple[Claim, ...]] = ()
"""None is embedded: the sets are here as data."""

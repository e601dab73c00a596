"""The tables of a multiverse file, and what their fields may hold."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from k2stats.effectsizes import MEASURES, ZeroCells
from k2stats.errors import K2StatsError
from k2stats.evidence._claim_fields import (
    Filled,
    Number,
    Table,
    Text,
    choice,
    problem,
    shown,
    validated,
)
from k2stats.heterogeneity import TAU2
from k2stats.models import MEAN_TESTS, MODELS
from k2stats.models.mean_tests import SECOND_NAMES
from k2stats.sensitivity._multiverse_choices import OWN_INTERVALS, RULES
from k2stats.sensitivity._multiverse_models import COUNT_MODELS
from k2stats.sensitivity._multiverse_parts import CHOICES

Label: TypeAlias = str | int | float
M = TypeVar("M", bound=Table)


def _listed(value: object) -> object:
    """Take one name for a list of one."""
    return value if isinstance(value, list) else [value]


Names = Annotated[list[Text], BeforeValidator(_listed), Field(min_length=1)]


def _known(
    what: str, known: Collection[str], more: Collection[str] = ()
) -> Callable[[list[str] | None], list[str] | None]:
    """Return a check that every name is one of those there are."""

    def check(given: list[str] | None) -> list[str] | None:
        for i, name in enumerate(given or ()):
            if name not in known and name not in more:
                raise problem(choice(what, name, list(known)), i)
        return given

    return check


class RuleTable(Table):
    """A rule for zero cells, field by field."""

    add: Number = 0.5
    to: Literal["only0", "all", "if0all", "none"] = "only0"
    drop_double_zero: bool = False


def _rule(value: object) -> ZeroCells:
    """Read a rule by its short name or field by field."""
    if isinstance(value, str):
        if value not in RULES:
            raise problem(choice("rule for zero cells", value, list(RULES)))
        return RULES[value]
    table = validated(RuleTable, value)
    try:
        return ZeroCells(table.add, table.to, table.drop_double_zero)
    except K2StatsError as error:
        raise problem(str(error).removesuffix(".")) from None


class ColumnRule(Table):
    """Studies chosen by what a column of the data holds."""

    column: Filled
    equals: Annotated[list[Any], BeforeValidator(_listed)] | None = None
    least: Number | None = None
    most: Number | None = None


def _selection(value: object) -> list[Label] | ColumnRule:
    """Read labels, or a rule on a column."""
    if isinstance(value, dict):
        rule = validated(ColumnRule, value)
        if rule.equals is None and rule.least is None and rule.most is None:
            raise problem("must have equals, least or most beside the column")
        return rule
    if not isinstance(value, list) or not value:
        raise problem(
            f"must be a list of labels, or a table with a column, got {shown(value)}"
        )
    return [_label(v) for v in value]


def _label(value: object) -> Label:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise problem(f"must be labels of studies, text or numbers, got {shown(value)}")
    return value


Rule = Annotated[Any, BeforeValidator(_rule)]
Selection = Annotated[Any, BeforeValidator(_selection)]
Cell = Annotated[Any, BeforeValidator(_label)]


def _choices(given: dict[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in CHOICES:
            raise problem(choice("choice", name, list(CHOICES)), name)
    return given


class DataTable(Table):
    """Where the studies are, and which column holds what."""

    file: Filled | None = None
    rows: Annotated[list[dict[Filled, Cell]], Field(min_length=1)] | None = None
    study: Filled | None = None
    columns: dict[Filled, Filled] = {}  # noqa: RUF012 - pydantic copies it
    vtype: Filled = "LS"
    correct: bool = True
    drop_missing: bool = False


class ChoicesTable(Table):
    """What is varied; what is left out takes its usual values."""

    measures: Annotated[Names | None, AfterValidator(_known("measure", MEASURES))] = (
        None
    )
    models: Annotated[
        Names | None,
        AfterValidator(_known("model", (*MODELS, *COUNT_MODELS), ("all",))),
    ] = None
    tau2: Annotated[Names | None, AfterValidator(_known("estimator of tau2", TAU2))] = (
        None
    )
    ci: Annotated[
        Names | None,
        AfterValidator(_known("interval", (*MEAN_TESTS, *OWN_INTERVALS), SECOND_NAMES)),
    ] = None
    zero_cells: (
        Annotated[list[Rule], BeforeValidator(_listed), Field(min_length=1)] | None
    ) = None
    levels: (
        Annotated[
            list[Annotated[float, Field(gt=0.0, lt=1.0)]],
            BeforeValidator(_listed),
            Field(min_length=1),
        ]
        | None
    ) = None


class ExcludeTable(Table):
    """Studies left out: each in turn, every two, and sets by name."""

    each: bool = False
    pairs: bool = False
    sets: dict[Filled, Selection] = {}  # noqa: RUF012 - pydantic copies it


class OutputTable(Table):
    """Files that are written; relative to the file itself."""

    figure: Filled | None = None
    csv: Filled | None = None


def _table(model: type[M]) -> BeforeValidator:
    """Return what reads a table, so that an unknown field names those there are."""
    return BeforeValidator(partial(validated, model))


class MultiverseFile(Table):
    """A whole file."""

    title: Text = ""
    data: Annotated[DataTable, _table(DataTable)]
    choices: Annotated[ChoicesTable, _table(ChoicesTable)] = ChoicesTable()
    subsets: dict[Filled, Selection] = {}  # noqa: RUF012 - pydantic copies it
    exclude: Annotated[ExcludeTable, _table(ExcludeTable)] | None = None
    reference: Annotated[dict[str, Cell], AfterValidator(_choices)] = {}  # noqa: RUF012
    seed: int | None = None
    output: Annotated[OutputTable, _table(OutputTable)] = OutputTable()

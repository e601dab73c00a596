"""Every exception k2stats raises.

Each is also the built-in it is a kind of, so that ``except ValueError`` works
where a caller does not care which library refused the input.
"""

from collections.abc import Sequence

_SHOWN = 10


def _rows(rows: Sequence[int]) -> str:
    """Print row numbers, the first few when there are many."""
    shown = ", ".join(str(r) for r in rows[:_SHOWN])
    more = f", ... ({len(rows)} in all)" if len(rows) > _SHOWN else ""
    return f"[{shown}{more}]"


def _again(
    kind: type["K2StatsError"], args: tuple[object, ...], fields: dict[str, object]
) -> "K2StatsError":
    """Make an exception without its constructor, from its message and fields."""
    error = kind.__new__(kind, *args)
    error.args = args  # an OSError takes them from its constructor alone
    vars(error).update(fields)
    return error


class K2StatsError(Exception):
    """Base class, so that callers can catch the library."""

    def __reduce__(self) -> tuple[object, ...]:
        # the constructors take keywords, which the default would not pass on when
        # an error crosses to another process
        return _again, (type(self), self.args, vars(self))


class InvalidEvidenceError(K2StatsError, ValueError):
    """Numbers that no data could have produced.

    Parameters
    ----------
    field : str
        The argument or field at fault.
    requirement : str
        What it must be.
    given : object, optional
        What was given instead.
    rows : sequence of int, optional
        Positions of the offending values, where the field is an array.
    """

    def __init__(
        self,
        *,
        field: str,
        requirement: str,
        given: object = None,
        rows: Sequence[int] = (),
    ) -> None:
        self.field, self.requirement = field, requirement
        self.given, self.rows = given, list(rows)
        text = f"{field} must be {requirement}"
        if given is not None:
            text += f", got {given!r}"
        if self.rows:
            text += f"; violated in rows {_rows(self.rows)}"
        super().__init__(f"{text}.")


def require_kind(
    value: object, kinds: type | tuple[type, ...], *, field: str, requirement: str
) -> None:
    """Refuse an argument of another kind, in words.

    Raises
    ------
    InvalidEvidenceError
        Naming the field, what it must be, and the type that was given.
    """
    if not isinstance(value, kinds):
        raise InvalidEvidenceError(
            field=field, requirement=requirement, given=type(value).__name__
        )


class InfeasibleEvidenceError(K2StatsError, ValueError):
    """Printed numbers that no set of counts gives."""


class AmbiguousEvidenceError(K2StatsError, ValueError):
    """Printed numbers that several sets of counts give."""

    def __init__(self, message: str, *, candidates: int) -> None:
        self.candidates = candidates
        super().__init__(message)


class MissingInputError(K2StatsError, ValueError):
    """A quantity that is needed, was not given, and will not be assumed."""

    def __init__(self, *, field: str, needed_for: str, hint: str = "") -> None:
        self.field, self.needed_for = field, needed_for
        text = f"{field} is needed for {needed_for} and was not given"
        super().__init__(f"{text}; {hint}." if hint else f"{text}.")


class UnknownMethodError(K2StatsError, LookupError):
    """A name that is not in a registry."""

    def __init__(self, *, kind: str, name: str, known: Sequence[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        super().__init__(f"Unknown {kind} {name!r}. Known: {', '.join(known)}.")


class ClaimFileError(K2StatsError, ValueError):
    """A claim file that cannot be read; names the file, the field and the rule.

    Parameters
    ----------
    file, field, requirement : str
        Of the first error in the file.
    others : sequence of ClaimFileError
        Further errors of the same file; the message has a line for each.
    """

    def __init__(
        self,
        *,
        file: str,
        field: str,
        requirement: str,
        others: "Sequence[ClaimFileError]" = (),
    ) -> None:
        self.file, self.field, self.requirement = file, field, requirement
        self.others = tuple(others)
        where = f"{file}: {field}" if field else file
        super().__init__("\n".join([f"{where}: {requirement}", *map(str, others)]))

    @property
    def problems(self) -> "tuple[ClaimFileError, ...]":
        """Every error of the file, this one first."""
        return (self, *self.others)


class OutputError(K2StatsError, OSError):
    """A file that cannot be written; names it and says why."""

    def __init__(self, *, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"Cannot write {path}: {reason}.")


class ConvergenceError(K2StatsError, ArithmeticError):
    """A single fit that found no solution; says what was tried."""


class MissingDependencyError(K2StatsError, ImportError):
    """A package that is not installed; says what to install.

    Parameters
    ----------
    package : str
    extra : str
        The extra that brings it; empty for one that k2stats itself depends on.
    needed_for : str
    """

    def __init__(self, *, package: str, extra: str, needed_for: str) -> None:
        install = f"'k2stats[{extra}]'" if extra else package
        super().__init__(f"{needed_for} needs {package}: pip install {install}.")

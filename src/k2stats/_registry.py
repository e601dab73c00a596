"""Name -> implementation tables: the one way a method enters k2stats."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import unwrap
from typing import Generic, TypeVar

from k2stats.errors import UnknownMethodError

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Entry(Generic[F]):
    """One registered method and the paper it comes from.

    Attributes
    ----------
    name : str
        Key in the registry, used in code, on the command line and in JSON.
    label : str
        What a reader calls it.
    reference : str
        The paper or book, author and year at least.
    equation : str
        One line, plain text or LaTeX.
    function : callable
    traits : frozenset of str
        What the method is, for selection: ``"closed-form"``, ``"exact"``,
        ``"one-sided"``, ...
    version : int
        Raised when the method's figures change, and kept in findings.
    """

    name: str
    label: str
    reference: str
    equation: str
    function: F
    traits: frozenset[str]
    version: int


def _same(one: Callable[..., object], other: Callable[..., object]) -> bool:
    """Whether two functions are the same definition, run twice."""
    one, other = unwrap(one), unwrap(other)  # an object that stands for its function
    return (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)


class Registry(Generic[F]):
    """An append-only table of methods of one kind.

    Examples
    --------
    >>> greetings = Registry("greeting")
    >>> @greetings.register("hi", label="Informal", reference="Anon (1900)")
    ... def hi() -> str:
    ...     return "hi"
    >>> greetings["hi"].label
    'Informal'
    >>> greetings["ho"]
    Traceback (most recent call last):
    k2stats.errors.UnknownMethodError: Unknown greeting 'ho'. Known: hi.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._entries: dict[str, Entry[F]] = {}

    def register(
        self,
        name: str,
        *,
        label: str,
        reference: str,
        equation: str = "",
        traits: tuple[str, ...] = (),
        version: int = 1,
    ) -> Callable[[F], F]:
        """Return a decorator that files a function under `name`."""

        def add(function: F) -> F:
            # a module that is run again (reloaded) files its own methods anew
            if name in self._entries and not _same(
                self._entries[name].function, function
            ):
                raise ValueError(f"{self._kind} {name!r} is already registered.")
            self._entries[name] = Entry(
                name, label, reference, equation, function, frozenset(traits), version
            )
            return function

        return add

    def __getitem__(self, name: str) -> Entry[F]:
        try:
            return self._entries[name]
        except KeyError:
            known = tuple(self._entries)
            raise UnknownMethodError(kind=self._kind, name=name, known=known) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def entries(self, *, having: str = "", lacking: str = "") -> tuple[Entry[F], ...]:
        """Entries in order of registration, filtered by trait."""
        return tuple(
            e
            for e in self._entries.values()
            if (not having or having in e.traits)
            and (not lacking or lacking not in e.traits)
        )

"""The registry: names are unique, unknown ones are answered with those known."""

from collections.abc import Callable
from typing import Any

import pytest

from k2stats._registry import Registry
from k2stats.errors import K2StatsError, UnknownMethodError
from k2stats.significance._base import MEANS_TESTS, PAIRS_TESTS
from k2stats.significance.correlation import CORRELATION_TESTS
from k2stats.significance.mean_intervals import MD_INTERVALS
from k2stats.significance.ratio_ci import RATIO_P_VALUES

Greeting = Callable[[object], str]


def greetings() -> Registry[Greeting]:
    """Return a registry of two functions."""
    made: Registry[Greeting] = Registry("greeting")
    made.register("hi", label="Informal", reference="Anon", traits=("short",))(str)
    made.register("good day", label="Formal", reference="Anon", version=2)(repr)
    return made


def test_entries_keep_what_was_said_of_them() -> None:
    made = greetings()
    assert list(made) == ["hi", "good day"]
    assert len(made) == 2
    assert "hi" in made
    assert "ho" not in made
    assert made["hi"].label == "Informal"
    assert made["hi"].traits == {"short"}
    assert made["hi"].version == 1
    assert made["good day"].version == 2
    assert made["good day"].function("x") == "'x'"


def test_entries_are_chosen_by_trait() -> None:
    made = greetings()
    assert [e.name for e in made.entries()] == ["hi", "good day"]
    assert [e.name for e in made.entries(having="short")] == ["hi"]
    assert [e.name for e in made.entries(lacking="short")] == ["good day"]
    assert made.entries(having="short", lacking="short") == ()


def test_a_name_is_used_once() -> None:
    made = greetings()
    with pytest.raises(ValueError, match=r"greeting 'hi' is already registered"):
        made.register("hi", label="", reference="")(repr)
    assert made["hi"].label == "Informal"


def test_a_module_run_again_files_its_methods_anew() -> None:
    made = greetings()

    def define(word: str) -> Greeting:
        @made.register("hello", label=word, reference="Anon")
        def hello(name: object) -> str:
            return f"{word} {name}"

        return hello

    define("once")
    second = define("again")
    assert made["hello"].label == "again"
    assert made["hello"].function is second
    assert list(made) == ["hi", "good day", "hello"]


def test_an_unknown_name_is_answered_with_those_known() -> None:
    with pytest.raises(
        UnknownMethodError, match=r"Unknown greeting 'ho'. Known: hi, good day."
    ) as caught:
        greetings()["ho"]
    assert isinstance(caught.value, K2StatsError)
    assert isinstance(caught.value, LookupError)
    assert caught.value.known == ("hi", "good day")
    assert caught.value.__cause__ is None


def test_the_decorator_returns_the_function() -> None:
    made = greetings()

    @made.register("hello", label="Hello", reference="Anon")
    def hello(name: object) -> str:
        return f"hello {name}"

    assert hello("x") == "hello x"
    assert made["hello"].function is hello


@pytest.mark.parametrize(
    "registry",
    [MEANS_TESTS, PAIRS_TESTS, CORRELATION_TESTS, MD_INTERVALS, RATIO_P_VALUES],
)
def test_every_method_is_described(registry: Registry[Any]) -> None:
    assert len(registry) > 1
    labels = [e.label for e in registry.entries()]
    assert len(set(labels)) == len(labels)
    for entry in registry.entries():
        assert any(c.isdigit() for c in entry.reference)  # a year
        assert entry.equation
        assert entry.function.__doc__
        assert entry.version >= 1

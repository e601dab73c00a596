"""The text of a claim file: read from disk, and parsed as TOML or JSON."""

import json
import re
import stat
import tomllib
from pathlib import Path
from typing import NoReturn

from k2stats.errors import ClaimFileError

LARGEST_FILE = 10_000_000
"""Bytes; a larger file is refused by its size, before it is opened."""


_LONGEST_WHOLE = 400


class WrittenFloat(float):
    """A number without quotes, with its digits as they stand in the file."""

    def __new__(cls, written: str) -> "WrittenFloat":
        number = super().__new__(cls, written)
        number.written = written
        return number

    written: str


def read_text(path: Path, name: str) -> str:
    """Return the text of a regular UTF-8 file of a size that a person writes."""
    try:
        status = path.stat()
    except FileNotFoundError:
        refuse(name, "", "there is no such file")
    except (OSError, ValueError) as error:
        _unreadable(name, error)
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        refuse(name, "", f"is {kind}; a claim file is needed")
    if status.st_size > LARGEST_FILE:
        _too_large(name, status.st_size)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        _unreadable(name, error)
    if len(content) > LARGEST_FILE:
        _too_large(name, len(content))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        refuse(name, f"line {line}", "is not UTF-8; save the file as UTF-8 text")


def _unreadable(name: str, error: OSError | ValueError) -> NoReturn:
    reason = getattr(error, "strerror", None) or str(error)
    refuse(name, "", f"cannot be read: {printable(reason)}")


def _too_large(name: str, size: int) -> NoReturn:
    limit = f"{LARGEST_FILE / 1e6:.0f} MB"
    refuse(name, "", f"is {size / 1e6:,.1f} MB; a claim file has at most {limit}")


def parse_toml(text: str, name: str) -> object:
    """Parse TOML, numbers with their digits; errors give the line."""
    try:
        return tomllib.loads(text, parse_float=WrittenFloat)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
        if place is not None:
            where = f"line {place[1]}, column {place[2]}"
            message = message[: place.start()]
        else:
            where = f"line {text.count(chr(10)) + 1}"
            message = message.replace("(at end of document)", "at the end of the file")
        refuse(name, where, f"not valid TOML: {printable(message)}")
    except RecursionError:
        refuse(name, "", "is nested too deeply")
    except ValueError:  # Python refuses to read whole numbers of over 4300 digits
        refuse(name, "", "holds a whole number too long to read")


def parse_json(text: str, name: str) -> object:
    """Parse JSON strictly: no NaN, no key twice; errors give the line."""

    def whole(digits: str) -> int:
        if len(digits) > _LONGEST_WHOLE:
            raise ValueError("a whole number is too long to read")
        return int(digits)

    def constant(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number")

    def fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"the key {twice!r} stands twice in one object")
        return table

    try:
        return json.loads(
            text,
            parse_int=whole,
            parse_float=WrittenFloat,
            parse_constant=constant,
            object_pairs_hook=fields,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        refuse(name, where, f"not valid JSON: {printable(error.msg)}")
    except RecursionError:
        refuse(name, "", "is nested too deeply")
    except ValueError as error:
        refuse(name, "", f"not valid JSON: {printable(str(error))}")


def printable(text: str) -> str:
    """Return text in one line, control characters escaped."""
    return "".join(c if c.isprintable() else ascii(c).strip("'") for c in text)


def refuse(name: str, field: str, requirement: str) -> NoReturn:
    """Raise the one error of a file."""
    raise ClaimFileError(file=name, field=field, requirement=requirement) from None

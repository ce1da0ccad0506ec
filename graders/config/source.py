"""Where a grader's JSON comes from: a path, JSON text or an object of Python."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import json_path
from ..errors import ConfigError, Problem
from ..json_path import Step
from ..limits import limit
from ..suggest import nearest
from .field_words import kind
from .json_text import decode, lines_of

ACCEPTED = "a path, JSON text, a dict, an eval or a fine-tuning job"
JSON_STARTS = ("{", "[")
BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x1f\x8b": "a gzip file"}


@dataclass(frozen=True, slots=True)
class Source:
    """What was given: `text` as it was read, or a ready `value`. `name` is for headings."""

    name: str
    text: str | None = None
    value: Any = None

    def decoded(self) -> tuple[Any, list[Problem]]:
        """Plain JSON values (dict, list, str, int, float, bool, None) and what is wrong so far."""
        value, problems = (self.value, []) if self.text is None else decode(self.text)
        if any(p.path == "$" for p in problems):
            return None, problems
        copy = _Copy()
        value = copy.of(value, (), 1)
        return (None if copy.hopeless else value), problems + copy.problems

    def located(self, problems: list[Problem]) -> list[Problem]:
        """The problems with the line of their path, where there is a text."""
        without = [p.path for p in problems if p.line is None]
        if self.text is None or not without:
            return problems
        try:
            lines = lines_of(self.text, without)
        except (ValueError, LookupError):  # no JSON: a syntax error knows its own line
            return problems
        return [p if p.line is not None else p.at("$", lines[p.path]) for p in problems]


def read(x: object) -> Source:
    """The source that `x` names. Raises ConfigError if nothing can be read there."""
    if isinstance(x, Source):
        return x
    if isinstance(x, str):
        if x.lstrip("\ufeff \t\r\n").startswith(JSON_STARTS):
            return from_text(x, "grader")
        if "\n" in x or not x.strip():
            found = "text that does not start with { or [" if x.strip() else "an empty text"
            raise ConfigError(Problem(found, expected=ACCEPTED))
        return from_file(Path(x))
    if isinstance(x, os.PathLike):
        path = os.fspath(x)
        return from_file(Path(path if isinstance(path, str) else os.fsdecode(path)))
    if isinstance(x, Mapping | list | tuple):
        return Source("grader", value=x)
    if callable(convert := getattr(x, "to_dict", None)) and not isinstance(x, type):
        return Source("grader", value=convert())  # objects of the openai package
    fix = "text.decode()" if isinstance(x, bytes | bytearray) else ""
    raise ConfigError(
        Problem(f"{'None' if x is None else kind(x)} cannot be loaded", expected=ACCEPTED, fix=fix)
    )


def from_text(text: str, name: str) -> Source:
    """A source for JSON text. Raises ConfigError beyond the limit of a grader file."""
    most = limit("grader_file_bytes")
    if len(text) > most or len(text.encode("utf-8", "surrogatepass")) > most:
        raise ConfigError(_too_large(most), source=name)
    return Source(name, text.removeprefix("\ufeff"))


def _too_large(most: int) -> Problem:
    return Problem(
        f"larger than {most:,} bytes",
        expected="one grader; rows are the next argument",
        fix="GRADERS_LIMIT_GRADER_FILE_BYTES raises the limit",
    )


def from_file(path: Path) -> Source:
    """A source for a file. Raises ConfigError with what to do if it cannot be read."""
    try:
        if path.is_dir():
            raise ConfigError(is_folder(path), source=str(path))
        with path.open("rb") as file:
            raw = file.read(limit("grader_file_bytes") + 1)
    except FileNotFoundError:
        raise ConfigError(not_found(path), source=str(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(Problem(f"cannot be read: {reason}"), source=_shortened(path)) from None
    return from_bytes(raw, str(path))


def from_bytes(raw: bytes, name: str) -> Source:
    """A source for the content of a file, which must be UTF-8."""
    if len(raw) > (most := limit("grader_file_bytes")):
        raise ConfigError(_too_large(most), source=name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = BYTE_ORDER_MARKS.get(raw[:2], "not UTF-8")
        where = f"byte {error.start + 1} is 0x{raw[error.start]:02x}"
        problem = Problem(f"is {found}, not JSON text ({where})", fix="save it as UTF-8")
        raise ConfigError(problem, source=name) from None
    if not text.strip():
        raise ConfigError(Problem("is empty", expected="grader JSON"), source=name)
    return from_text(text, name)


def is_folder(path: Path) -> Problem:
    """A folder was named: say which grader files lie in it."""
    files = sorted(p.name for p in path.glob("*.json"))[:5]
    fix = f"name the file: {', '.join(str(path / f) for f in files)}" if files else ""
    return Problem("is a folder", expected="a grader file", fix=fix)


def not_found(path: Path) -> Problem:
    """A file is not there: say what its folder holds of that name."""
    if not path.parent.is_dir():
        return Problem(f"no such file; the folder {path.parent} does not exist")
    close = nearest(path.name, sorted(p.name for p in path.parent.glob("*.json"))[:1000])
    return Problem("no such file", fix=f"did you mean {path.with_name(close)}" if close else "")


def _shortened(path: Path) -> str:
    text = str(path).replace("\0", "\\0")
    return text if len(text) <= 100 else text[:99] + "…"


class _Copy:
    """A copy of a JSON value in plain types, and a finding for everything that is not JSON."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.hopeless = False  # too deep or too large: the copy is cut off
        self.nodes = 0
        self.most_levels = limit("grader_depth")
        self.most_nodes = limit("grader_file_bytes") // 8  # a dict may hold one part many times

    def of(self, value: Any, path: tuple[Step, ...], depth: int) -> Any:
        self.nodes += 1
        if self.nodes > self.most_nodes:
            self.give_up("more values than a grader may hold", ())
            return None
        if depth > self.most_levels and isinstance(value, Mapping | list | tuple):
            self.give_up(f"nested more than {self.most_levels} levels deep", path[:3])
            return None
        match value:
            case str() | bool() | None:
                return value
            case int() | float():
                return self.number(value, path)
            case Mapping():
                entries = [(self.key(key, path), key) for key in value]
                return {
                    name: self.of(value[key], (*path, name), depth + 1)
                    for name, key in entries
                    if not self.hopeless
                }
            case list() | tuple():
                return [
                    self.of(element, (*path, i), depth + 1)
                    for i, element in enumerate(value)
                    if not self.hopeless
                ]
        if callable(convert := getattr(value, "to_dict", None)) and not isinstance(value, type):
            return self.of(convert(), path, depth + 1)
        self.report(f"{kind(value)} is not JSON", path, "text, number, list or dict")
        return None

    def number(self, value: int | float, path: tuple[Step, ...]) -> int | float:
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if finite:
            return value
        name = repr(value) if isinstance(value, float) else "an integer beyond 1.8e308"
        self.report(f"{name} is not a finite number", path, "a finite number")
        return 0

    def key(self, key: object, path: tuple[Step, ...]) -> str:
        if isinstance(key, str):
            return key
        self.report(f"{key!r:.60} is a key that is not text", path, "text")
        return str(key)

    def give_up(self, message: str, path: tuple[Step, ...]) -> None:
        if not self.hopeless:
            self.report(message, path)
        self.hopeless = True

    def report(self, message: str, path: tuple[Step, ...], expected: str = "") -> None:
        self.problems.append(Problem(message, json_path.render(path), expected))

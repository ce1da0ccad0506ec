"""Where a placeholder leads in each row, and how the value there is written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import strict_json
from ..errors import RowError, row_error
from ..limits import limit

Step = str | int


class _Missing:
    """The value of a path that leads nowhere."""


MISSING: Any = _Missing()


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One `{{namespace.path}}`."""

    namespace: str
    path: tuple[Step, ...]
    text: str  # the variable as written, for messages

    def missing(self, root: Any) -> RowError:
        """Which part of the path is not there."""
        reads_json = self.namespace == "sample" and self.path[0] == "output_json"
        if reads_json and lookup(root, "output_json") is MISSING:
            return row_error("output_not_json", f"{self.text}: the output is not valid JSON")
        value, names = root, [self.namespace]
        for step in self.path:
            value = lookup(value, step)
            names.append(str(step))
            if value is MISSING:
                break
        return row_error("missing_variable", f"{self.text}: no {'.'.join(names)}")


@dataclass(frozen=True, slots=True)
class Column:
    """One template over rows: a text for each, "" where `errors` says why there is none."""

    texts: list[str]
    errors: dict[int, RowError]


class Values:
    """What paths lead to, row by row; placeholders that begin alike share the way."""

    def __init__(self, roots: Mapping[str, Sequence[Any]]) -> None:
        self._roots = roots
        self._found: dict[tuple[str, tuple[Step, ...]], Sequence[Any]] = {}
        self._opened: dict[tuple[str, tuple[Step, ...]], Sequence[Any]] = {}

    def texts(self, placeholder: Placeholder) -> Column:
        """The texts of one variable."""
        values = self.at(placeholder.namespace, placeholder.path)
        if set(map(type, values)) <= {str}:
            return Column(list(values), {})
        texts: list[str] = []
        errors: dict[int, RowError] = {}
        for i, value in enumerate(values):
            root = self._roots[placeholder.namespace][i]
            found = placeholder.missing(root) if value is MISSING else to_text(value)
            if isinstance(found, RowError):
                errors[i] = found
            texts.append("" if isinstance(found, RowError) else found)
        return Column(texts, errors)

    def at(self, namespace: str, path: tuple[Step, ...]) -> Sequence[Any]:
        """The value of each row, MISSING where the path leads nowhere."""
        if not path:
            return self._roots[namespace]
        if (namespace, path) not in self._found:
            parents, step = self.opened(namespace, path[:-1]), path[-1]
            if type(step) is str and set(map(type, parents)) == {dict}:
                values = [parent.get(step, MISSING) for parent in parents]
            else:
                values = [lookup(parent, step) for parent in parents]
            self._found[namespace, path] = values
        return self._found[namespace, path]

    def opened(self, namespace: str, path: tuple[Step, ...]) -> Sequence[Any]:
        """The same with JSON texts decoded, each once, because the path goes on."""
        if (namespace, path) not in self._opened:
            values = self.at(namespace, path)
            if str in set(map(type, values)):
                values = [decode(value) if type(value) is str else value for value in values]
            self._opened[namespace, path] = values
        return self._opened[namespace, path]


def lookup(value: Any, step: Step) -> Any:
    """One step of a path: a key of a mapping, a position of a list, or into JSON text."""
    if type(value) is str:
        value = decode(value)
    if isinstance(value, Mapping):
        return value.get(step, MISSING) if type(step) is str else MISSING
    if isinstance(value, list | tuple):
        position = step if type(step) is int else position_of(str(step))
        return value[position] if 0 <= position < len(value) else MISSING
    return MISSING


def position_of(step: str) -> int:
    """The list position that `.3` means, -1 if it means none."""
    return int(step) if step.isascii() and step.isdigit() and len(step) <= 18 else -1


def decode(text: str) -> Any:
    """The value of RFC 8259 JSON text, else MISSING."""
    if text.lstrip(" \t\r\n")[:1] not in ("{", "["):
        return MISSING  # only objects and arrays have parts
    try:
        return strict_json.decode(text, limit("row_depth"))
    except strict_json.NotJSON:
        return MISSING


def to_text(value: Any) -> str | RowError:
    """Strings as they are, all else as `json.dumps(value, ensure_ascii=False)`."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping) and not isinstance(value, dict):
        value = dict(value)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return row_error("row", f"a value cannot be written as JSON: {error}")

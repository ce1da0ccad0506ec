"""Templates: `{{item.path}}` and `{{sample.path}}`, parsed once, rendered a row at a time.

Only keys and list positions are looked up, never attributes; rendered values are never expanded
again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import add
from typing import Any

from . import strict_json
from .errors import RowError, TemplateError, row_error
from .limits import limit

NAME = r"[^\s.\[\]{}|()\"',]+"
SEGMENT = rf"\.{NAME}|\[[0-9]{{1,18}}\]|\[\"[^\"]*\"\]|\['[^']*'\]"
PLACEHOLDER = re.compile(rf"\{{\{{\s*(item|sample)((?:{SEGMENT})+)\s*\}}\}}")
OPENING = re.compile(r"\{\{+")
SEGMENTS = re.compile(SEGMENT)

SAFE_CHARS = 1_000  # texts up to here are within any limit

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


class TooMuch(Exception):
    """The rows of a batch render to more text than is kept at once."""


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


@dataclass(frozen=True, slots=True)
class Template:
    """Literal texts around placeholders: `literals[0] placeholders[0] literals[1] …`."""

    text: str
    literals: tuple[str, ...]
    placeholders: tuple[Placeholder, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Raises TemplateError with the column of the first `{{` that opens no placeholder."""
        return _parse(text)

    @property
    def is_output_text(self) -> bool:
        """Whether this is `{{sample.output_text}}` and nothing else."""
        return self.literals == ("", "") and self.placeholders[0].text == "sample.output_text"

    def reads(self, namespace: str) -> bool:
        """Whether a placeholder starts at `item` or `sample`."""
        return any(p.namespace == namespace for p in self.placeholders)

    def render(self, sample: Mapping[str, Any] | None, item: Mapping[str, Any]) -> str | RowError:
        """The text for one row, or why there is none."""
        texts, errors = self.render_rows({"sample": [sample], "item": [item]}, 1)
        return errors.get(0, texts[0])

    def render_rows(
        self, roots: Mapping[str, Sequence[Any]], n: int, most: int | None = None
    ) -> tuple[list[str], dict[int, RowError]]:
        """The texts of `n` rows, "" where an error says why there is none.

        Raises TooMuch if the texts of several rows have more than `most` characters together.
        """
        values = Values(roots)
        texts = {p: values.texts(p) for p in dict.fromkeys(self.placeholders)}
        columns = [texts[placeholder] for placeholder in self.placeholders]
        errors: dict[int, RowError] = {}
        for column in columns:
            for i, error in column.errors.items():
                errors.setdefault(i, error)
        lengths = [sum(map(len, self.literals))] * n
        for column in columns:
            lengths = list(map(add, lengths, map(len, column.texts)))
        refuse_long(lengths, errors)
        if most is not None and sum(lengths) > most and n > 1:
            raise TooMuch
        pieces: list[Iterable[str]] = [repeat(self.literals[0], n)]
        for column, literal in zip(columns, self.literals[1:], strict=True):
            shown = [text if i not in errors else "" for i, text in enumerate(column.texts)]
            pieces += (shown if errors else column.texts), repeat(literal, n)
        joined = list(map("".join, zip(*pieces, strict=True)))
        for i in errors:
            joined[i] = ""
        return joined, errors


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


def refuse_long(lengths: Sequence[int], errors: dict[int, RowError]) -> None:
    """Note an error for every text that would be beyond the limit."""
    if max(lengths, default=0) > SAFE_CHARS:
        most = limit("rendered_chars")
        for i, length in enumerate(lengths):
            if length > most:
                detail = f"a template renders {length:,} characters; limit {most:,}"
                errors.setdefault(i, row_error("too_large", detail))


@lru_cache(maxsize=4096)
def _parse(text: str) -> Template:
    if len(text) > limit("template_chars"):
        most = limit("template_chars")
        raise TemplateError(f"{len(text):,} characters; limit {most:,}")
    literals: list[str] = []
    placeholders: list[Placeholder] = []
    start = position = 0
    while opening := OPENING.search(text, position):
        match = PLACEHOLDER.match(text, opening.end() - 2)
        if match is None:
            raise explain(text, opening.end() - 2)
        literals.append(text[start : match.start()])
        placeholders.append(placeholder_of(match))
        start = position = match.end()
        if len(placeholders) > limit("template_placeholders"):
            most = limit("template_placeholders")
            raise TemplateError(f"more than {most:,} placeholders", match.start() + 1)
    return Template(text, (*literals, text[start:]), tuple(placeholders))


def placeholder_of(match: re.Match[str]) -> Placeholder:
    """The placeholder that PLACEHOLDER matched."""
    namespace, path = match.groups()
    return Placeholder(namespace, tuple(map(step_of, SEGMENTS.findall(path))), namespace + path)


def step_of(segment: str) -> Step:
    """`.name` and `["text"]` are keys, `[3]` is a position."""
    if segment[0] == ".":
        return segment[1:]
    inner = segment[1:-1]
    return inner[1:-1] if inner[0] in "\"'" else int(inner)


FORM = "{{item.name}} or {{sample.output_text}}"
# What people write inside the braces -> what to say. The first match wins.
MISTAKES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"(item|sample)$"), "{0} needs a variable", "write {{{{{0}.name}}}}"),
    (re.compile(r"$"), "empty placeholder", "write " + FORM.replace("{", "{{").replace("}", "}}")),
    (
        re.compile(r"[^|]*\|"),
        "filters are not part of the format",
        "prepare the value in the dataset, or use a python grader",
    ),
    (
        re.compile(r"(?:item|sample)[^\s]*\[-"),
        "negative positions are not part of the format",
        "count from 0",
    ),
    (
        re.compile(r"(?:item|sample)[^\s]*\[[*:]"),
        "wildcards and slices are not part of the format",
        "name one position, or use a python grader",
    ),
    (
        re.compile(r"(?:item|sample)[^\s]*\("),
        "calls are not part of the format",
        "prepare the value in the dataset, or use a python grader",
    ),
    (
        re.compile(r"(?!(?:item|sample)\b)((?i:items?|samples?))[.\[]"),
        'unknown namespace "{0}"',
        "only item and sample exist, spelt so",
    ),
    (
        re.compile(r"(?!(?:item|sample)\b)([^\s.\[{}]+)"),
        'unknown namespace "{0}"',
        "only item and sample exist: {{{{item.{0}}}}}",
    ),
)


def explain(text: str, position: int) -> TemplateError:
    """Why the `{{` at `position` opens no placeholder."""
    end = text.find("}}", position)
    if end < 0:
        return TemplateError(
            '"{{" is never closed', position + 1, fix='close it with "}}"', expected=FORM
        )
    inner = text[position + 2 : end].strip()
    shown = inner if len(inner) <= 60 else inner[:57] + "…"
    for pattern, message, fix in MISTAKES:
        if match := pattern.match(inner):
            words = match.groups() or (shown,)
            return TemplateError(
                f'"{{{{{shown}}}}}": {message.format(*words)}',
                position + 1,
                fix=fix.format(*words),
                expected=FORM,
            )
    return TemplateError(
        f'"{{{{{shown}}}}}" is not a placeholder',
        position + 1,
        fix='keys with special characters are written {{item["my key"]}}',
        expected=FORM,
    )

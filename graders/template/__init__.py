"""Templates: `{{item.path}}` and `{{sample.path}}`, parsed once, rendered a row at a time.

Only keys and list positions are looked up, never attributes; rendered values are never expanded
again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import add
from typing import Any

from ..errors import RowError, TemplateError, row_error
from ..limits import limit
from .faults import explain
from .values import Column as Column
from .values import Placeholder, Step, Values

NAME = r"[^\s.\[\]{}|()\"',]+"
SEGMENT = rf"\.{NAME}|\[[0-9]{{1,18}}\]|\[\"[^\"]*\"\]|\['[^']*'\]"
PLACEHOLDER = re.compile(rf"\{{\{{\s*(item|sample)((?:{SEGMENT})+)\s*\}}\}}")
OPENING = re.compile(r"\{\{+")
SEGMENTS = re.compile(SEGMENT)

SAFE_CHARS = 1_000  # texts up to here are within any limit


class TooMuch(Exception):
    """The rows of a batch render to more text than is kept at once."""


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
        return self.is_variable and self.placeholders[0].text == "sample.output_text"

    def reads(self, namespace: str) -> bool:
        """Whether a placeholder starts at `item` or `sample`."""
        return any(p.namespace == namespace for p in self.placeholders)

    def render(self, sample: Mapping[str, Any] | None, item: Mapping[str, Any]) -> str | RowError:
        """The text for one row, or why there is none."""
        texts, errors = self.render_rows({"sample": [sample], "item": [item]}, 1)
        return errors.get(0, texts[0])

    @property
    def is_variable(self) -> bool:
        """Whether this is one placeholder and nothing else."""
        return self.literals == ("", "")

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
        lengths = self._lengths([column.texts for column in columns], n)
        refuse_long(lengths, errors)
        if most is not None and sum(lengths) > most and n > 1:
            raise TooMuch
        for column in columns if errors else ():
            for i in errors:
                column.texts[i] = ""
        joined = self._joined([column.texts for column in columns], n)
        for i in errors:
            joined[i] = ""
        return joined, errors

    def _lengths(self, columns: Sequence[Sequence[str]], n: int) -> list[int]:
        """How long the text of each row will be."""
        if self.is_variable:
            return list(map(len, columns[0]))
        lengths = [sum(map(len, self.literals))] * n
        for texts in columns:
            lengths = list(map(add, lengths, map(len, texts)))
        return lengths

    def _joined(self, columns: Sequence[list[str]], n: int) -> list[str]:
        """Literals and variables of each row in turn."""
        if self.is_variable:
            return columns[0]
        pieces: list[Iterable[str]] = [repeat(self.literals[0], n)]
        for texts, literal in zip(columns, self.literals[1:], strict=True):
            pieces += texts, repeat(literal, n)
        return list(map("".join, zip(*pieces, strict=True)))


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
        fix = "GRADERS_LIMIT_TEMPLATE_CHARS raises the limit"
        raise TemplateError(f"{len(text):,} characters; limit {most:,}", fix=fix)
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
            fix = "GRADERS_LIMIT_TEMPLATE_PLACEHOLDERS raises the limit"
            raise TemplateError(f"more than {most:,} placeholders", match.start() + 1, fix=fix)
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

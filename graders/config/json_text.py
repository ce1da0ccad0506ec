"""JSON text: its value, what is wrong with it in plain words, and the line of every path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .. import json_path
from ..errors import Problem
from ..json_path import Step
from ..limits import limit
from ..suggest import quoted

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:\n]|[^\s{}\[\],:"]+')


def decode(text: str) -> tuple[Any, list[Problem]]:
    """The value of RFC 8259 text and its findings; the value is None if it cannot be read."""
    repeated = False

    def entries(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(pairs)
        repeated |= len(found) < len(pairs)
        return found

    try:
        value = json.loads(text, object_pairs_hook=entries)
    except json.JSONDecodeError as error:
        return None, [syntax_problem(error)]
    except RecursionError:
        return None, [Problem("nested too deeply", expected="a grader, a few levels deep")]
    except ValueError as error:  # an integer of more digits than Python converts
        return None, [Problem(f"a number is too long: {error}")]
    return value, list(duplicates(text)) if repeated else []


@dataclass(slots=True)
class _Frame:
    """An object or list that is being read; `step` is its current key or position."""

    is_list: bool
    step: Step = 0
    expects_key: bool = False

    def take(self, token: str) -> bool:
        """Whether `token` is the key that is expected here; it becomes the current step."""
        if not self.expects_key:
            return False
        self.step, self.expects_key = json.loads(token), False
        return True

    def advance(self) -> None:
        """Past a comma: the next position of a list, or the next key of an object."""
        self.expects_key = not self.is_list
        if isinstance(self.step, int) and self.is_list:
            self.step += 1


def places(text: str, deepest: int) -> Iterator[tuple[tuple[Step, ...], int]]:
    """Path and line of every key and list element of valid JSON text, `deepest` steps at most."""
    line = 1
    frames: list[_Frame] = []
    for match in TOKEN.finditer(text):
        token = match[0]
        if token == "\n":
            line += 1
        elif token in ("}", "]"):
            frames.pop()
        elif token == ",":
            frames[-1].advance()
        elif token != ":":
            is_key = bool(frames) and frames[-1].take(token)
            if (is_key or not frames or frames[-1].is_list) and len(frames) <= deepest:
                yield tuple(frame.step for frame in frames), line
            if token in ("{", "[") and not is_key:
                frames.append(_Frame(token == "[", expects_key=token == "{"))


def duplicates(text: str) -> Iterator[Problem]:
    """A finding for every key that stands twice in one object, with both lines."""
    lines: dict[tuple[Step, ...], int] = {}
    inside: tuple[Step, ...] | None = None
    for path, line in places(text, limit("grader_depth")):
        if inside is not None and path[: len(inside)] == inside and path != inside:
            continue  # the content of a second value: its paths stand twice with it
        inside = None
        if path in lines:
            inside = path
            yield Problem(
                f"key {quoted(path[-1])} stands twice in one object",
                json_path.render(path),
                f"one value (the first is on line {lines[path]})",
                "delete one of the two, or rename it",
                line,
            )
        lines[path] = line


def lines_of(text: str, paths: Iterable[str]) -> dict[str, int]:
    """The line of each path, or of its nearest ancestor that is there."""
    wanted = {path: json_path.parse(path) for path in paths}
    chains = {steps[:n] for steps in wanted.values() for n in range(len(steps) + 1)}
    deepest = max(map(len, chains))
    known = {steps: line for steps, line in places(text, deepest) if steps in chains}
    return {
        path: next(known[steps[:n]] for n in range(len(steps), -1, -1) if steps[:n] in known)
        for path, steps in wanted.items()
    }


# What stands at the place of a syntax error -> (message, fix). The first match wins.
MISTAKES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"'"), "strings and keys need double quotes", "replace ' by \""),
    (re.compile(r"(True|False|None)\b"), "{0} is Python, not JSON", "write true, false or null"),
    (re.compile(r"//|#|/\*"), "JSON has no comments", "delete the comment"),
    (re.compile(r"-?(NaN|Infinity)\b"), "{0} is not a JSON number", "write a finite number"),
    (re.compile(r"\.\d|\+"), "a number starts with a digit or -", "write 0.5, not .5 or +0.5"),
    (re.compile(r"[}\]]"), "a comma stands before the end", "delete the comma before it"),
    (re.compile(r"[“”„‘’]"), "a typographic quotation mark", 'write plain double quotes: "'),
    (re.compile(r"=|:"), "{0} is not expected here", 'write "key": value'),
)
# json's own words -> (ours, fix)
MESSAGES = {
    "Expecting ',' delimiter": (
        "a comma or a closing bracket is missing",
        'put a comma between entries; a quotation mark inside a text is written \\"',
    ),
    "Expecting ':' delimiter": ("a colon is missing", 'write "key": value'),
    "Expecting property name enclosed in double quotes": (
        "a key in double quotes is missing",
        'write "key": value',
    ),
    "Expecting value": ("a value is missing", ""),
    "Unterminated string starting at": ("a string is never closed", 'close it with "'),
    "Invalid control character at": (
        "a raw line break or control character inside a string",
        "write \\n for a line break, \\t for a tab",
    ),
    "Invalid \\escape": ("an unknown escape", "write \\\\ for a backslash"),
    "Invalid \\uXXXX escape": ("an incomplete \\u escape", "write \\u and four hex digits"),
    "Illegal trailing comma before end of object": (
        "a comma stands before the end",
        "delete the comma before it",
    ),
    "Illegal trailing comma before end of array": (
        "a comma stands before the end",
        "delete the comma before it",
    ),
}
BEFORE_A_VALUE = ("Expecting value", "Expecting property name enclosed in double quotes")


def syntax_problem(error: json.JSONDecodeError) -> Problem:
    """Where JSON text breaks off, what stands there, and what to write."""
    text, position = error.doc, error.pos
    message, fix = MESSAGES.get(error.msg, (error.msg[:1].lower() + error.msg[1:], ""))
    if error.msg.startswith("Extra data"):
        message, fix = extra_data(text, position)
    elif error.msg in BEFORE_A_VALUE:
        rest = text[position : position + 20]
        for pattern, words, advice in MISTAKES:
            if match := pattern.match(rest):
                message, fix = words.format(match[1] if match.groups() else match[0]), advice
                break
    where = f"not JSON at column {error.colno}{near(text, position)}"
    return Problem(f"{where}: {message}", fix=fix, line=error.lineno)


def near(text: str, position: int) -> str:
    """What stands at an error, for a message: a piece of its line, or that the line ends there."""
    piece = text[position : position + 24].split("\n", 1)[0].strip()
    if piece:
        return f", before {''.join(c if c.isprintable() else '�' for c in piece)}"
    return ", at the end of the " + ("line" if text[position:].strip() else "text")


def extra_data(text: str, position: int) -> tuple[str, str]:
    """A second value after the first: usually a JSONL file of rows, given as the grader."""
    if text[position] in "{[" and "\n" in text[:position]:
        return (
            "a second value follows the first",
            "a grader is one object; rows (JSONL) are the next argument",
        )
    return "text follows the end of the value", "delete it"

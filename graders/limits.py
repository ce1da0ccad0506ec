"""Sizes beyond which input is refused (CONTRACT: limits), in one visible table.

`GRADERS_LIMIT_<NAME>` in the environment overrides an entry for the process and its children.
"""

from __future__ import annotations

import os

from .errors import ConfigError, Problem
from .suggest import nearest, quoted

LIMITS = {
    "grader_file_bytes": 16 << 20,
    "grader_depth": 100,
    "row_line_bytes": 64 << 20,
    "row_depth": 200,
    "template_chars": 1_000_000,
    "template_placeholders": 1_000,
    "rendered_chars": 64 << 20,
    "batch_chars": 256 << 20,
    "formula_chars": 64 << 10,
    "formula_depth": 200,
    "formula_nodes": 10_000,
    "sub_graders": 1_000,
    "labels": 1_000,
    "detail_file_chars": 4 << 10,
    "detail_memory_chars": 64 << 10,
}


PREFIX = "GRADERS_LIMIT_"
MOST = (1 << 62) - 1  # what sizes of files and texts may be compared with
WANTED = "a positive whole number below 2**62"


def limit(name: str) -> int:
    """The limit in force. Raises ConfigError if the override is not a positive whole number."""
    text = os.environ.get(variable_of(name))
    if text is None:
        return LIMITS[name]
    if (found := number(text)) is None:
        raise ConfigError(wrong_number(name, text), source="environment")
    return found


def check_all() -> None:
    """Read every override. Raises ConfigError with every one that is wrong or means nothing."""
    problems = []
    for variable in sorted(v for v in os.environ if v.startswith(PREFIX)):
        name, text = variable.removeprefix(PREFIX).lower(), os.environ[variable]
        if variable_of(name) != variable or name not in LIMITS:
            problems.append(unknown(variable))
        elif number(text) is None:
            problems.append(wrong_number(name, text))
    if problems:
        raise ConfigError(problems, source="environment")


def variable_of(name: str) -> str:
    """The variable that overrides a limit."""
    return PREFIX + name.upper()


def number(text: str) -> int | None:
    """The value of an override, None if it is none."""
    digits = text.lstrip("0")
    if not text.isascii() or not text.isdigit() or not digits or len(digits) > len(str(MOST)):
        return None
    return found if (found := int(digits)) <= MOST else None


def wrong_number(name: str, text: str) -> Problem:
    """The finding for an override that is no size."""
    return Problem(f"{quoted(text)} is not {WANTED}", variable_of(name))


def unknown(variable: str) -> Problem:
    """The finding for a variable that overrides nothing."""
    close = nearest(variable.removeprefix(PREFIX), LIMITS)
    fix = f"did you mean {variable_of(close)}" if close else ""
    return Problem("there is no such limit", variable, ", ".join(LIMITS), fix)

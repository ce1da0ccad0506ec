"""Sizes beyond which input is refused (CONTRACT: limits), in one visible table.

`GRADERS_LIMIT_<NAME>` in the environment overrides an entry for the process and its children.
"""

from __future__ import annotations

import os

from .errors import ConfigError

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


def limit(name: str) -> int:
    """The limit in force. Raises ConfigError if the override is not a positive whole number."""
    variable = "GRADERS_LIMIT_" + name.upper()
    text = os.environ.get(variable)
    if text is None:
        return LIMITS[name]
    if not text.isascii() or not text.isdigit() or not int(text):
        raise ConfigError(f"{variable} is {text!r}; expected a positive whole number")
    return int(text)

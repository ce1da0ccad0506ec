"""Rows in and out: readers of files, tables and Python values, and the writer of results."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .given import columns, rows_of
    from .groups import Groups
    from .intake import Intake
    from .reader import Reader
    from .table import from_table
    from .writer import Writer, write_meta

__all__ = ["Groups", "Intake", "Reader", "Writer", "columns", "from_table", "rows_of", "write_meta"]

HOMES = {
    "Groups": "groups",
    "Intake": "intake",
    "Reader": "reader",
    "Writer": "writer",
    "columns": "given",
    "from_table": "table",
    "rows_of": "given",
    "write_meta": "writer",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{HOMES[name]}", __name__), name)

"""One file for each host that calls a grader as its reward; each is imported when it is named."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["trl"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)

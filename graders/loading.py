"""Kernels are loaded a family at a time, by one thread, while no other thread forks.

Loading runs every kernel of a family once, so that what is wrong with numba's cache shows here and
not in the middle of a grading.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import import_module
from typing import Any

# What can be loaded: name -> the module whose `warmup` runs its kernels on a tiny input.
WARMUPS = {
    "ROUGE, BLEU, GLEU": ".text.compiled",
    "METEOR": ".text.meteor",
    "formulas": ".formula",
}

_lock = threading.RLock()
_loaded: set[str] = set()
_held: list[Any] = []  # locks that the forking thread has taken


def load(family: str) -> None:
    """Load or compile the kernels of a family, once. Raises whatever numba raises."""
    if family in _loaded:
        return
    with _lock:
        import_module(WARMUPS[family], __package__).warmup()
        _loaded.add(family)


def _hold() -> None:
    """Wait until nobody loads or compiles: the child would wait for that thread for ever."""
    _take(_lock)
    numba = sys.modules.get("numba.core.compiler_lock")
    if (compiler := getattr(numba, "global_compiler_lock", None)) is not None:
        _take(compiler)


def _take(lock: Any) -> None:
    lock.acquire()
    _held.append(lock)


def _let_go() -> None:
    while _held:
        _held.pop().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_let_go)

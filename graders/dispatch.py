"""Plain or compiled: the path that numeric work takes in this process.

A process starts plain. Loading the kernels costs about 0.6 s of CPU with a warm cache and several
seconds with a cold one, so they are loaded once the plain path has used as much. Both paths give
the same bits; `GRADERS_KERNELS=auto|plain|compiled` forces one. Numba keeps compiled kernels in
the first folder of `cache_folders` that can be written; without one the process stays plain, as it
does when what lies there cannot be loaded.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .errors import ConfigError, Problem
from .loading import WARMUPS as WARMUPS
from .loading import load

WARM_LOAD = 0.6  # CPU seconds to import numba and load cached kernels
COLD_LOAD = 6.0  # CPU seconds to compile them
KERNELS = "compiled kernels"  # what an error is about
REMEDY = "delete that folder; if the disk is full, make room or set NUMBA_CACHE_DIR"

log = logging.getLogger("graders")

_spent = 0.0
_compiled: bool | None = None


def mode() -> str:
    """The value of GRADERS_KERNELS: auto, plain or compiled."""
    value = os.environ.get("GRADERS_KERNELS", "auto") or "auto"
    if value not in ("auto", "plain", "compiled"):
        raise ConfigError(f"GRADERS_KERNELS is {value!r}; expected auto, plain or compiled")
    return value


def compiled(family: str, expected: float = 0.0) -> bool:
    """Whether numeric work should use the kernels of a family, one of WARMUPS, now.

    `expected` is about how many seconds the plain path would take for the work that is next.
    Raises ConfigError where GRADERS_KERNELS asks for kernels that cannot be loaded.
    """
    global _compiled
    value = mode()
    if value == "plain":
        return False
    if value == "compiled":
        require(family)
        return True
    if _compiled is None and (spent := max(_spent, expected)) >= WARM_LOAD:
        _compiled = decide(spent)
    return bool(_compiled) and usable(family)


def require(family: str) -> None:
    """Load the kernels of a family. Raises ConfigError in plain words where that fails."""
    can_cache()
    try:
        load(family)
    except Exception as error:
        raise ConfigError(
            Problem(f"they cannot be loaded: {told(error)}", fix=REMEDY), KERNELS
        ) from error


def usable(family: str) -> bool:
    """Whether the kernels of a family can be loaded; if not, the process stays plain."""
    global _compiled
    try:
        require(family)
    except ConfigError as error:
        if _compiled is not False:
            (problem,) = error.problems
            log.warning("going on without compiled kernels: %s; %s", problem.message, problem.fix)
        _compiled = False
        return False
    return True


def told(error: Exception) -> str:
    """What went wrong, and in which folder."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' if words else ''}{words[:200]} (folder {cache_folder()})"


def decide(spent: float) -> bool | None:
    """Whether to switch after so many seconds of plain work; None = not yet."""
    jit_off = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    if jit_off or sys.byteorder != "little" or cache_folder() is None:
        return False
    return True if cache_is_warm() or spent >= COLD_LOAD else None


@cache
def can_cache() -> None:
    """Raise ConfigError where numba would refuse the kernels for want of a folder."""
    if cache_folder() is None:
        folders = ", ".join(map(str, cache_folders()))
        asked = "GRADERS_KERNELS is 'compiled', but " if mode() == "compiled" else ""
        raise ConfigError(
            Problem(
                f"{asked}no folder for compiled kernels can be written: {folders}",
                fix="set NUMBA_CACHE_DIR to a folder that can be written",
            ),
            KERNELS,
        )


@contextmanager
def plain_work() -> Iterator[None]:
    """Count the CPU time of the block towards the switch."""
    global _spent
    start = time.thread_time()
    try:
        yield
    finally:
        _spent += time.thread_time() - start  # two threads at once may lose one: no matter


def cache_is_warm() -> bool:
    """Whether compiled kernels lie where numba will look for them."""
    folder = cache_folder()
    return folder is not None and any(folder.glob("*.nbi"))


def cache_folder() -> Path | None:
    """Where numba keeps the compiled kernels: the first folder that can be written."""
    return next((folder for folder in cache_folders() if writable(folder)), None)


def cache_folders() -> list[Path]:
    """Where numba may keep the compiled kernels, in its order of preference."""
    spec = find_spec("grader_kernels")
    source = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path()
    digest = hashlib.sha1(str(source.absolute()).encode(), usedforsecurity=False).hexdigest()
    name = f"{source.name}_{digest}"
    custom = os.environ.get("NUMBA_CACHE_DIR")
    user = user_cache()
    return [
        *([Path(custom) / name] if custom else []),
        source / "__pycache__",
        *([user / "numba" / name] if user else []),
    ]


def user_cache() -> Path | None:
    """The user's folder for caches, None for a user who has no home."""
    try:
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches"
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None


def writable(folder: Path) -> bool:
    """Whether files can be written to the folder, or the folder can be made."""
    # os.path, since pathlib raises below a folder that may not be entered
    while not os.path.exists(folder) and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def warmup() -> dict[str, str]:
    """Load or compile every kernel now; return what was done for each: `loaded` or `compiled`.

    Raises ConfigError where that fails.
    """
    done = {}
    for family in WARMUPS:
        before = cached_files()
        require(family)
        done[family] = "loaded" if cached_files() == before else "compiled"
    return done


def cached_files() -> set[Path]:
    """The compiled functions in numba's cache."""
    folder = cache_folder()
    return set(folder.glob("*.nbc")) if folder else set()

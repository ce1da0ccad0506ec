"""Plain or compiled: the path that numeric work takes in this process.

A process starts plain. Loading the kernels costs about 0.6 s of CPU with a warm cache and several
seconds with a cold one, so they are loaded once the plain path has used as much. Both paths give
the same bits; `GRADERS_KERNELS=auto|plain|compiled` forces one. Numba keeps compiled kernels in
the first folder of `cache_folders` that can be written; without one the process stays plain.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from .errors import ConfigError

WARM_LOAD = 0.6  # CPU seconds to import numba and load cached kernels
COLD_LOAD = 6.0  # CPU seconds to compile them

_lock = threading.Lock()
_spent = 0.0
_compiled: bool | None = None


def mode() -> str:
    """The value of GRADERS_KERNELS: auto, plain or compiled."""
    value = os.environ.get("GRADERS_KERNELS", "auto") or "auto"
    if value not in ("auto", "plain", "compiled"):
        raise ConfigError(f"GRADERS_KERNELS is {value!r}; expected auto, plain or compiled")
    return value


def compiled() -> bool:
    """Whether numeric work should use the kernels now."""
    global _compiled
    value = mode()
    if value != "auto":
        return value == "compiled" and can_cache()
    if _compiled is None and _spent >= WARM_LOAD:
        _compiled = decide(_spent)
    return bool(_compiled)


def decide(spent: float) -> bool | None:
    """Whether to switch after so many seconds of plain work; None = not yet."""
    jit_off = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    if jit_off or sys.byteorder != "little" or cache_folder() is None:
        return False
    return True if cache_is_warm() or spent >= COLD_LOAD else None


@cache
def can_cache() -> bool:
    """True; raises ConfigError where numba would refuse the kernels for want of a folder."""
    if cache_folder() is None:
        folders = ", ".join(map(str, cache_folders()))
        raise ConfigError(
            f"GRADERS_KERNELS is 'compiled', but no folder for compiled kernels can be written: "
            f"{folders}; set NUMBA_CACHE_DIR"
        )
    return True


@contextmanager
def plain_work() -> Iterator[None]:
    """Count the CPU time of the block towards the switch."""
    global _spent
    start = time.thread_time()
    try:
        yield
    finally:
        with _lock:
            _spent += time.thread_time() - start


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
    return [
        *([Path(custom) / name] if custom else []),
        source / "__pycache__",
        user_cache() / "numba" / name,
    ]


def user_cache() -> Path:
    """The user's folder for caches."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def writable(folder: Path) -> bool:
    """Whether files can be written to the folder, or the folder can be made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


# What `warmup` prepares: name -> the module whose `warmup` runs its kernels on a tiny input.
WARMUPS = {
    "ROUGE, BLEU, GLEU": ".text.compiled",
    "METEOR": ".text.meteor",
    "formulas": ".formula",
}


def warmup() -> dict[str, str]:
    """Load or compile every kernel now; return what was done for each: `loaded` or `compiled`."""
    done = {}
    for name, module in WARMUPS.items():
        before = cached_files()
        import_module(module, __package__).warmup()
        done[name] = "loaded" if cached_files() == before else "compiled"
    return done


def cached_files() -> set[Path]:
    """The compiled functions in numba's cache."""
    folder = cache_folder()
    return set(folder.glob("*.nbc")) if folder else set()

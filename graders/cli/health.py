"""What `grade doctor` shows, found out without loading what it reports on."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import dispatch
from ..errors import ConfigError, render_problems
from ..options import Options
from ..settings import FILE, Settings, load_settings
from ..threads import SHARES, default_threads, processors
from . import environment
from .facts import versions
from .text import unread

# Processor features that decide which path a kernel takes, as /proc/cpuinfo spells them.
FEATURES = {
    "x86_64": ("sse4_2", "avx2", "bmi2", "avx512f", "avx512bw", "avx512vl"),
    "aarch64": ("asimd", "sve", "sve2"),
}
# Variables whose names are worth showing; no value is shown, a key may hide anywhere.
VARIABLES = re.compile(
    r"(GRADERS?_|NUMBA_).+|.*_API_(KEY|TOKEN)|(HTTPS?|NO|ALL)_PROXY|XDG_CACHE_HOME|"
    r"LOCAL_WORLD_SIZE|SLURM_NTASKS_PER_NODE|OMPI_COMM_WORLD_LOCAL_SIZE",
    re.IGNORECASE,
)


def examine() -> dict[str, Any]:
    """Everything, with `problems` as text where the configuration is wrong."""
    wrong = environment.problems()
    problems = [unread(render_problems(wrong, "environment"))] if wrong else []

    def safely(find: Callable[[], Any], default: Any) -> Any:
        try:
            return find()
        except ConfigError as error:
            if error.source != "environment":
                problems.append(unread(str(error)))
            return default

    return {
        "versions": versions(),
        "installed": str(Path(__file__).parents[1]),
        "executable": sys.executable,
        "platform": platform.platform(),
        "processor": processor()[0],
        "features": processor()[1],
        "kernels": {
            "mode": safely(dispatch.mode, "wrong"),
            "warm": dispatch.cache_is_warm(),
            "caches": [cache(folder) for folder in dispatch.cache_folders()],
        },
        "threads": {"threads": safely(default_threads, 0), "why": why_threads()},
        "sandbox": "none in this version: python graders are checked, not run",
        "settings": settings(safely(load_settings, None)),
        "environment": sorted(filter(VARIABLES.fullmatch, os.environ)),
        "problems": problems,
    }


def processor() -> tuple[str, dict[str, bool]]:
    """Its name, and which features it has; none where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine(), {}
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    there = set(flags[1].split()) if flags else set()
    wanted = FEATURES.get(platform.machine(), ())
    return named[1] if named else platform.machine(), {name: name in there for name in wanted}


def cache(folder: Path) -> dict[str, Any]:
    """One folder where compiled kernels may lie."""
    try:
        found = sum(1 for _ in folder.glob("*.nbi")) if folder.is_dir() else 0
        writable = dispatch.writable(folder)
    except OSError:  # a folder above it may not be entered
        found, writable = 0, False
    return {"path": str(folder), "writable": writable, "kernels": found}


def why_threads() -> str:
    """Where the number of threads comes from."""
    if os.environ.get("GRADERS_THREADS"):
        return "GRADERS_THREADS"
    affinity = f"{processors()} of {os.cpu_count() or 1} processors"
    share = next((name for name in SHARES if os.environ.get(name)), "")
    return f"{affinity}, shared by {share}={os.environ[share]}" if share else affinity


def settings(found: Settings | None) -> dict[str, Any]:
    """Where settings come from, and the options that are not as by default."""
    if found is None:
        return {"path": f"{FILE} is wrong", "sources": [], "options": {}}
    defaults = Options().to_dict()
    changed = {n: v for n, v in found.options.to_dict().items() if v != defaults[n]}
    return {
        "path": str(found.path.resolve()) if found.path else f"no {FILE} here: defaults",
        "sources": [f"{name} from {source}" for name, source in found.sources.items()],
        "options": changed or {"all": "default"},
    }

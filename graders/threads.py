"""How many threads numeric work may use."""

from __future__ import annotations

import os

from .errors import ConfigError

# What launchers say about the number of processes that share this machine.
SHARES = ("LOCAL_WORLD_SIZE", "SLURM_NTASKS_PER_NODE", "OMPI_COMM_WORLD_LOCAL_SIZE")

DIGITS = 10  # so many are no number of threads; int() refuses 5,000 of them with words of its own
SHOWN = 40  # characters of a wrong value


def default_threads() -> int:
    """GRADERS_THREADS, else the processors of this process divided by its siblings, at least 1."""
    if value := os.environ.get("GRADERS_THREADS"):
        return number("GRADERS_THREADS", value)
    siblings = next((number(n, v) for n in SHARES if (v := os.environ.get(n))), 1)
    return max(1, processors() // siblings)


def processors() -> int:
    """How many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def number(name: str, value: str) -> int:
    """A whole number above 0 from the environment; SLURM writes `4(x2)` for 4 on 2 nodes each."""
    digits = value.split("(")[0].strip() if name.startswith("SLURM") else value.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < DIGITS and int(digits) > 0):
        shown = value if len(value) < SHOWN else value[:SHOWN] + "…"
        raise ConfigError(f"{name} is {shown!r}; expected a whole number above 0")
    return int(digits)

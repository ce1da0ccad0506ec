"""Ours and the peer in turn, in one process, by CPU time: only ratios are quoted."""

from __future__ import annotations

import gc
import itertools
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

# As a process starts at a user's: bytecode is cached, the path is not forced.
START = {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "", "GRADERS_KERNELS": "auto"}
SLICE_SECONDS = 0.3  # CPU time that one repeat of a peer should take
Scorer = Callable[[list[str], list[str]], object]


@dataclass(frozen=True, slots=True)
class Repeat:
    """One look at both sides: units a second (higher is better) or seconds (lower is better)."""

    ours: float
    peer: float


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process for one call."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def text_repeats(
    ours: Scorer, peer: Scorer, inputs: list[str], references: list[str], repeats: int
) -> Iterator[Repeat]:
    """Pairs a second. Ours scores the whole set; the peer a fresh slice in each repeat."""
    ours(inputs, references)  # warm: kernels are loaded, buffers are there
    size = slice_size(peer, inputs, references)
    starts = itertools.cycle(range(0, max(1, len(inputs) - size + 1), size))
    for start in itertools.islice(starts, repeats):
        chosen = slice(start, start + size)
        slow = cpu_seconds(partial(peer, inputs[chosen], references[chosen]))
        quick = cpu_seconds(partial(ours, inputs, references))
        yield Repeat(len(inputs) / quick, len(inputs[chosen]) / slow)


def slice_size(peer: Scorer, inputs: list[str], references: list[str]) -> int:
    """How many pairs keep the peer busy for about SLICE_SECONDS."""
    n = 1
    while True:
        seconds = cpu_seconds(partial(peer, inputs[-n:], references[-n:]))
        if seconds >= SLICE_SECONDS / 8 or n >= len(inputs):
            return max(1, min(len(inputs), round(n * SLICE_SECONDS / max(seconds, 1e-4))))
        n = min(len(inputs), n * 4)


def call_repeats(
    ours: Callable[[], object], peer: Callable[[], object], units: int, repeats: int
) -> Iterator[Repeat]:
    """Units a second of two calls that do the same work."""
    ours(), peer()
    for _ in range(repeats):
        slow = cpu_seconds(peer)
        quick = cpu_seconds(ours)
        yield Repeat(units / quick, units / slow)


def process_repeats(
    ours: Sequence[str], peer: Sequence[str], repeats: int, environment: dict[str, str]
) -> Iterator[Repeat]:
    """CPU seconds of two commands as whole processes."""
    environment = {**os.environ, **START, **environment}
    for command in (ours, peer, ours, peer):  # bytecode and kernel caches
        process_seconds(command, environment)
    for _ in range(repeats):
        slow = process_seconds(peer, environment)
        quick = process_seconds(ours, environment)
        yield Repeat(quick, slow)


def process_seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """User and system CPU time of a child process. Raises if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *command],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

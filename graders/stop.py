"""When to stop: a deadline for the whole grading, or a cancellation from outside."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .errors import UsageError


class Stop:
    """Callable: True once the deadline (seconds from now) has passed or `cancel` was called."""

    def __init__(self, seconds: float | None = None) -> None:
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if seconds is not None and not (number and 0 < seconds < math.inf):
            raise UsageError(f"deadline is {seconds!r}; expected a number of seconds above 0")
        self._end = None if seconds is None else time.monotonic() + seconds
        self._cancelled = False
        self._watchers: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    @classmethod
    def of(cls, deadline: float | Stop | None) -> Stop:
        """The stop itself, or one for so many seconds from now."""
        return deadline if isinstance(deadline, Stop) else cls(deadline)

    def __call__(self) -> bool:
        return self._cancelled or (self._end is not None and time.monotonic() >= self._end)

    def cancel(self) -> None:
        """Make everything that polls or watches this stop, now, from any thread."""
        with self._lock:
            self._cancelled = True
            watchers = [*self._watchers]
        for watcher in watchers:
            watcher()

    def remaining(self) -> float | None:
        """Seconds until the deadline, None if there is none."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    @contextmanager
    def watched(self, watcher: Callable[[], object]) -> Iterator[None]:
        """Within the block, `cancel` calls `watcher`, at once if it has happened already."""
        with self._lock:
            self._watchers.append(watcher)
        try:
            if self._cancelled:
                watcher()
            yield
        finally:
            with self._lock:
                self._watchers.remove(watcher)

"""When to stop: a deadline for the whole grading, or a cancellation from outside."""

from __future__ import annotations

import threading
import time

from .errors import UsageError


class Stop:
    """Callable: True once the deadline (seconds from now) has passed or `cancel` was called."""

    def __init__(self, seconds: float | None = None) -> None:
        if seconds is not None and not seconds > 0:
            raise UsageError(f"deadline is {seconds!r}; expected a number of seconds above 0")
        self._end = None if seconds is None else time.monotonic() + seconds
        self._cancelled = threading.Event()

    @classmethod
    def of(cls, deadline: float | Stop | None) -> Stop:
        """The stop itself, or one for so many seconds from now."""
        return deadline if isinstance(deadline, Stop) else cls(deadline)

    def __call__(self) -> bool:
        return self._cancelled.is_set() or (self._end is not None and time.monotonic() >= self._end)

    def cancel(self) -> None:
        """Make everything that polls this stop soon."""
        self._cancelled.set()

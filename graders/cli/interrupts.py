"""Ctrl-C between two writes, never inside one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """A context in which `held()` blocks delay KeyboardInterrupt to their end.

    A second Ctrl-C during a block, which may hang on a full pipe, comes through at once.
    """

    def __init__(self) -> None:
        self._held = False
        self._asked = False
        self._mine = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Interrupts:
        if self._mine:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._mine:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again, self._asked = self._asked, True
        if not self._held or again:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Finish this block before a KeyboardInterrupt is raised."""
        # An exception that a finalizer or a callback swallowed is raised here once more.
        self.check()
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.check()

    def check(self) -> None:
        """Raises KeyboardInterrupt if Ctrl-C was pressed."""
        if self._asked:
            raise KeyboardInterrupt

    def ignore(self) -> None:
        """From here on little is left to do: Ctrl-C changes nothing."""
        if self._mine:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

"""Ctrl-C between two writes, never inside one."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """A context in which `held()` blocks delay KeyboardInterrupt to their end.

    A second Ctrl-C during a block, which may hang on a full pipe, comes through at once. With
    `restore=False` Ctrl-C means nothing after the context: all that is left is to exit.
    """

    def __init__(self, *, restore: bool = True) -> None:
        self._held = False
        self._asked = False
        self._restore = restore
        # A job in the background is started with SIGINT ignored, and stays so.
        self._mine = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        )

    def __enter__(self) -> Interrupts:
        if self._mine:
            self._before = signal.signal(signal.SIGINT, self._handle)
            self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def __exit__(self, *_: object) -> None:
        if self._mine:
            signal.signal(signal.SIGINT, self._before if self._restore else signal.SIG_IGN)
            sys.unraisablehook = self._hook

    def _unraisable(self, unraisable: Any) -> None:
        """Python prints what a finalizer raised; a KeyboardInterrupt there `check` raises again."""
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            self._hook(unraisable)

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

"""Ctrl-C, and being asked to end, between two writes, never inside one."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# Batch systems end a job with SIGTERM, a closed terminal with SIGHUP: both are a Ctrl-C to a run.
ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupts:
    """A context in which `held()` blocks delay KeyboardInterrupt to their end.

    A second signal during a block, which may hang on a full pipe, comes through at once. With
    `restore=False` Ctrl-C means nothing after the context: all that is left is to exit.
    """

    def __init__(self, *, restore: bool = True) -> None:
        self._held = False
        self._asked = False
        self._restore = restore
        self._before: dict[int, Any] = {}
        self.status = 128 + signal.SIGINT  # how a run that was interrupted ends

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is not threading.main_thread():
            return self
        # A job in the background is started with SIGINT ignored, and stays so; nohup ignores
        # SIGHUP; a program around us may have handlers of its own.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            self._take(signal.SIGINT)
            self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        for number in ENDINGS:
            if signal.getsignal(number) is signal.SIG_DFL:
                self._take(number)
        return self

    def _take(self, number: int) -> None:
        self._before[number] = signal.signal(number, self._handle)

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            ends = number == signal.SIGINT and not self._restore
            signal.signal(number, signal.SIG_IGN if ends else before)
        if signal.SIGINT in self._before:
            sys.unraisablehook = self._hook

    def _unraisable(self, unraisable: Any) -> None:
        """Python prints what a finalizer raised; a KeyboardInterrupt there `check` raises again."""
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            self._hook(unraisable)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again, self._asked = self._asked, True
        if not again:
            self.status = 128 + number
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
        """Raises KeyboardInterrupt if a signal came."""
        if self._asked:
            raise KeyboardInterrupt

    def ignore(self) -> None:
        """From here on little is left to do: no signal changes anything."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def release(self) -> None:
        """Files are in order; what is left may be ended by the signals that are no Ctrl-C."""
        for number in self._before.keys() - {signal.SIGINT}:
            signal.signal(number, signal.SIG_DFL)

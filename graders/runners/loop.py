"""One background event loop for every synchronous entry point of the process.

Callers may be in any thread and inside a running loop of their own; a forked child gets a new one.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from ..stop import Stop

POLL = 0.1  # seconds between two looks at the stop sign

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def background_loop() -> asyncio.AbstractEventLoop:
    """The running loop of this process, started at the first call."""
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="graders-loop", daemon=True).start()
        return _loop


def run_until(stop: Stop, coroutine: Coroutine[Any, Any, None]) -> bool:
    """Run the coroutine on the background loop; False if `stop` had it cancelled."""
    future: Future[None] = asyncio.run_coroutine_threadsafe(coroutine, background_loop())
    try:
        while True:
            try:
                future.result(timeout=POLL)
                return True
            except FutureTimeout:
                if future.done():
                    raise  # the coroutine's own TimeoutError
                if stop():
                    return False
    except CancelledError:
        return False
    finally:
        future.cancel()


def _forget() -> None:
    """A forked child inherits the loop object but not its thread."""
    global _loop, _lock
    _loop, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)

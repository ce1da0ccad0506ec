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

from ..errors import RunnerError
from ..stop import Stop

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None


def background_loop() -> asyncio.AbstractEventLoop:
    """The running loop of this process, started at the first call."""
    global _loop, _thread
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="graders-loop", daemon=True)
            _thread.start()
        return _loop


def loop_thread() -> int | None:
    """The identity of the thread that runs the background loop, None before there is one."""
    return _thread.ident if _thread else None


def run_until(stop: Stop, coroutine: Coroutine[Any, Any, None]) -> bool:
    """Run the coroutine on the background loop; False if `stop` had it cancelled.

    Raises RunnerError on the background loop itself, which would wait for itself for ever.
    """
    loop = background_loop()
    if threading.get_ident() == loop_thread():
        coroutine.close()
        raise RunnerError("graders.grade inside a runner; await graders.agrade there")
    future: Future[None] = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        with stop.watched(future.cancel):
            future.result(timeout=stop.remaining())
        return True
    except CancelledError:
        return False
    except FutureTimeout:
        if future.done():
            raise  # the coroutine's own TimeoutError
        return False
    finally:
        future.cancel()


def _forget() -> None:
    """A forked child inherits the loop object but not its thread."""
    global _loop, _thread, _lock
    _loop, _thread, _lock = None, None, threading.Lock()


os.register_at_fork(after_in_child=_forget)

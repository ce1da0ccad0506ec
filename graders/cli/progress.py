"""A progress bar on a terminal, once a run has lasted long enough to need one."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from .files import Files

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE = 0.7  # seconds without a bar: importing rich takes longer than a short run


class Progress:
    """Rows done, their rate and the time left, on stderr. Removed at the end."""

    def __init__(self, files: Files, limit: int | None, enabled: bool) -> None:
        self._files = files
        self._limit = limit
        self._enabled = enabled
        self._start = time.monotonic()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, rows: int) -> None:
        """So many rows are done."""
        elapsed = time.monotonic() - self._start
        if not self._enabled or elapsed < PATIENCE:
            return
        if self._bar is None:
            self._open()
        if self._bar is not None and self._task is not None:
            share = self._share(rows)
            rate = f"{rows / elapsed:,.0f} rows/s"
            total = None if share is None else 1.0
            self._bar.update(
                self._task, completed=share or 0.0, total=total, rows=f"{rows:,} rows", rate=rate
            )

    def _share(self, rows: int) -> float | None:
        """How much of the run is done, None if that cannot be told."""
        # What was read and still waits to be graded is not done.
        done = rows / max(1, self._files.given)
        by_size = done * self._files.position / self._files.size if self._files.size else None
        if self._limit is None:
            return by_size
        return max(by_size or 0.0, rows / self._limit)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.fields[rows]}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=None, rows="", rate="")
        self._bar.start()

"""Results out: one JSON object a line, whole lines only, whatever interrupts the writing."""

from __future__ import annotations

import gzip
import io
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from ..errors import RowsError, UsageError
from .encode import encode

BLOCK = 1 << 16  # larger blocks make malloc map and unmap memory all the time
SCHEMA = 1


class Writer:
    """Writes JSON objects to a new file, or to a stream that it does not close.

    An existing file is refused unless `force`. Lines are gathered and written in blocks. A file
    always ends with a whole line: after an exception the rows before it are kept, and a block that
    was cut short is taken back; once `mark` was called, all that came after the last mark. A path
    ending in `.gz` is compressed. Raises UsageError when opening and RowsError when writing fails;
    BrokenPipeError passes.
    """

    def __init__(self, target: str | Path | BinaryIO, force: bool = False) -> None:
        self.rows = 0
        if isinstance(target, str | Path):
            self._name, self._owned = str(target), True
            self._file: Any = open_new(Path(target), force)
        else:
            self._name, self._owned = "the output", False
            self._file = target
        # Only of our own regular files can an end be taken back.
        self._seekable = self._owned and stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
        self._gzip = self._owned and self._name.endswith(".gz")
        # What is in the file and what is still to be written change in one assignment, so that an
        # interrupted flush can be repeated.
        self._written: tuple[int, bytearray] = (0, bytearray())
        self._marked: int | None = None

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and self._marked is not None:
            self._written = (self._marked, bytearray())
        self.close()

    def write(self, value: Mapping[str, Any]) -> None:
        """Add one object. Keys keep their order; NaN becomes null."""
        pending = self._written[1]
        pending.extend(encode(value))
        self.rows += 1
        if len(pending) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        """Write everything that was added. Raises RowsError."""
        offset, pending = self._written
        if not pending:
            return
        data = bytes(pending)
        if self._gzip:
            data = gzip.compress(data, 6, mtime=0)  # one member a block: each can be read alone
        if not self._seekable:
            self._written = (0, bytearray())  # a stream cannot take back what it has sent
        try:
            if self._seekable:
                self._file.seek(offset)
            write_all(self._file, data)
        except BrokenPipeError:
            raise
        except OSError as error:
            self._written = (offset, bytearray())
            raise RowsError(
                f"{self._name}: {error.strerror or error}; the output is cut short"
            ) from None
        self._written = (offset + len(data), bytearray())

    def mark(self) -> None:
        """Write everything that was added, and keep it whatever happens. Raises RowsError."""
        self.flush()
        self._marked = self._written[0]

    def close(self) -> None:
        """Write the rest and close the file. May be called again."""
        if self._file is None:
            return
        try:
            try:
                self.flush()
            except KeyboardInterrupt:
                self.flush()
                raise
        finally:
            file, self._file = self._file, None
            if self._owned:
                if self._seekable:
                    file.truncate(self._written[0])
                file.close()


def open_new(path: Path, force: bool) -> io.FileIO:
    """The file, empty and unbuffered. Raises UsageError if it exists and `force` is false."""
    try:
        # Pipes and devices exist before anyone writes to them.
        new = path.exists() and not path.is_file()
        return io.FileIO(path, "w" if force or new else "x")
    except FileExistsError:
        raise UsageError(f"{path} exists; --force replaces it") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def write_all(file: Any, data: bytes) -> None:
    """Write every byte; raw files may take only some at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]
    file.flush()


def write_meta(path: str | Path, facts: Mapping[str, Any]) -> None:
    """Run facts as indented JSON, `"schema": 1` first. An old file stays until the new is whole.

    Raises RowsError.
    """
    path = Path(path)
    data = encode({"schema": SCHEMA, **facts}, indent=True)
    part = path.with_name(f".{os.getpid()}.part")  # a longer name might be too long
    try:
        part.write_bytes(data)
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RowsError(f"{path}: {error.strerror or error}") from None
        raise

"""A rows file opened: a path or standard input, gzip or not, as lines of bounded length."""

from __future__ import annotations

import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import RowError, RowsError, row_error
from .gunzip import Gunzip

STDIN = "-"
BUFFER = 1 << 16
RAISED_BY = "GRADERS_LIMIT_ROW_LINE_BYTES raises the limit"
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"

# First bytes -> what the file is, and what to do about it.
FOREIGN = {
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "pipe it in: zstd -dc FILE | grade run … -"),
    b"\xfd7zXZ": ("compressed with xz", "pipe it in: xz -dc FILE | grade run … -"),
    b"BZh": ("compressed with bzip2", "pipe it in: bzip2 -dc FILE | grade run … -"),
    b"PK\x03\x04": ("a zip archive (or a spreadsheet)", "unpack it, or save it as CSV"),
    b"SQLite format 3": ("an SQLite database", "export the table as CSV"),
    b"ARROW1": ("an Arrow file", "load it and pass it to graders.rows.from_table"),
    b"PAR1": ("a Parquet file", "give it the ending .parquet"),
    b"\xff\xfe\0\0": ("UTF-32", "convert it: iconv -f UTF-32 -t UTF-8 FILE > NEW"),
    b"\0\0\xfe\xff": ("UTF-32", "convert it: iconv -f UTF-32 -t UTF-8 FILE > NEW"),
    b"{\0\0\0": ("UTF-32", "convert it: iconv -f UTF-32LE -t UTF-8 FILE > NEW"),
    b"\0\0\0{": ("UTF-32", "convert it: iconv -f UTF-32BE -t UTF-8 FILE > NEW"),
    b"\xff\xfe": ("UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    b"\xfe\xff": ("UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    b"{\0": ("UTF-16", "convert it: iconv -f UTF-16LE -t UTF-8 FILE > NEW"),
    b"\0{": ("UTF-16", "convert it: iconv -f UTF-16BE -t UTF-8 FILE > NEW"),
}


class Source:
    """One opened file. Its lines and blocks are bytes, or the reason why one is unusable."""

    def __init__(self, path: str, max_line: int) -> None:
        self.path = path
        self.max_line = max_line
        self._stream = self._file = open_file(path)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise

    def _start(self) -> None:
        """Find out whether the content is gzip, refuse what is no text, and pass over a BOM."""
        head = self._head(self._file)
        if head.startswith(GZIP):
            self._stream = io.BufferedReader(Gunzip(self._file), BUFFER)
            head = self._head(self._stream)
        for magic, (what, advice) in FOREIGN.items():
            if head.startswith(magic):
                fix = advice if self.path == STDIN else advice.replace("FILE", self.path)
                raise RowsError(f"{name(self.path)} is {what}; {fix}")
        if head.startswith(BOM):
            self._stream.read(len(BOM))

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        if self.path != STDIN:
            self._stream.close()

    @property
    def position(self) -> int:
        """Bytes of the file (as stored) read so far, 0 where that cannot be told."""
        try:
            return self._file.tell()
        except (OSError, ValueError):
            return 0

    def first_byte(self) -> bytes:
        """The first byte that is not white space, as far as the buffer shows it."""
        return self._head(self._stream).lstrip()[:1]

    def lines(self) -> Iterator[bytes | RowError]:
        """Each line with its end; a RowError for one beyond the limit, and for a damaged end."""
        return self._guarded(self._lines())

    def blocks(self) -> Iterator[bytes | RowError]:
        """The bytes as they come; a RowError for a damaged end."""
        return self._guarded(iter(lambda: self._stream.read1(BUFFER), b""))

    def _guarded(self, parts: Iterator[bytes | RowError]) -> Iterator[bytes | RowError]:
        try:
            yield from parts
        except EOFError:
            yield row_error("row", f"{name(self.path)} ends early: the gzip data is cut off")
        except zlib.error as error:
            yield row_error("row", f"{name(self.path)} is damaged: {error}")
        except OSError as error:
            raise RowsError(f"{name(self.path)}: {error.strerror or error}") from None

    def _lines(self) -> Iterator[bytes | RowError]:
        readline, most = self._stream.readline, self.max_line
        while line := readline(most + 1):
            if len(line) > most and not line.endswith(b"\n"):
                line = b""  # let go of it before its rest is read
                yield self._skip_line()
            else:
                yield line

    def _skip_line(self) -> RowError:
        size = self.max_line + 1
        while chunk := self._stream.readline(BUFFER):
            size += len(chunk)
            if chunk.endswith(b"\n"):
                break
        limit = f"limit {self.max_line:,} (GRADERS_LIMIT_ROW_LINE_BYTES)"
        return row_error("too_large", f"the line has {size:,} bytes; {limit}")

    def _head(self, stream: io.BufferedReader) -> bytes:
        try:
            return stream.peek(64)
        except (EOFError, zlib.error):  # reading the lines will say so
            return b""
        except OSError as error:
            raise RowsError(f"{name(self.path)}: {error.strerror or error}") from None


def name(path: str) -> str:
    """How messages call a file."""
    return "standard input" if path == STDIN else path


def open_file(path: str) -> io.BufferedReader:
    """The file as stored. Raises RowsError."""
    if path == STDIN:
        return buffered(getattr(sys.stdin, "buffer", None))
    try:
        return io.BufferedReader(io.FileIO(path), BUFFER)
    except OSError as error:
        raise RowsError(f"{path}: {error.strerror}") from None


def buffered(stream: Any) -> io.BufferedReader:
    """A binary stream that can be peeked into. Raises RowsError for None."""
    if stream is None:
        raise RowsError("standard input is closed")
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream, BUFFER)


def size_on_disk(path: str) -> int | None:
    """Bytes of a regular file, None for pipes. Raises RowsError if the file cannot be read."""
    if path == STDIN:
        return None
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RowsError(f"{path}: {reason[0].lower()}{reason[1:]}") from None
    if stat.S_ISDIR(status.st_mode):
        raise RowsError(f"{path} is a folder; name a file in it{candidates(Path(path))}")
    if not os.access(path, os.R_OK):
        raise RowsError(f"{path}: permission denied")
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def candidates(folder: Path) -> str:
    """`: a.jsonl, b.csv`, or nothing."""
    endings = (".jsonl", ".jsonl.gz", ".csv", ".parquet")
    try:
        files = sorted(p.name for p in folder.iterdir() if p.name.endswith(endings))
    except OSError:
        return ""
    return f": {', '.join(files[:5])}" if files else ""

"""CSV: every cell is a string, the first record names the keys, an empty cell is ""."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator

from ..errors import RowError, RowsError, row_error
from .jsonl import Record
from .source import Source, name

CR_ONLY = "a bare CR inside a line; convert old line ends: tr '\\r' '\\n' < FILE > NEW"


class BadLine(Exception):
    """Carries the RowError of a line through the csv module."""

    def __init__(self, error: RowError) -> None:
        super().__init__(error)
        self.error = error


class TextLines:
    """The lines as the csv module wants them; counts them and remembers what is not text."""

    def __init__(self, source: Source) -> None:
        self._lines = source.lines()
        self.count = 0
        self.size = 0
        self.problem = ""

    def __iter__(self) -> TextLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        if isinstance(line, RowError):
            raise BadLine(line)
        self.size += len(line)
        if b"\0" in line:
            self.problem = "a NUL byte: the file is damaged, or UTF-16 (try iconv)"
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            byte = line[error.start]
            self.problem = f"not UTF-8: byte 0x{byte:02x} at column {error.start + 1}"
            return line.decode(errors="replace")


def records(source: Source, max_depth: int = 0) -> Iterator[Record]:
    """Every record after the header, with its first line. Raises RowsError for a bad header."""
    csv.field_size_limit(max(csv.field_size_limit(), source.max_line))
    lines = TextLines(source)
    cells = csv.reader(lines, strict=True)
    header: list[str] | None = None
    while True:
        line, size, lines.problem = lines.count + 1, lines.size, ""
        try:
            record = next(cells)
        except StopIteration:
            return
        except BadLine as bad:
            yield bad.error, line, 0
            continue
        except csv.Error as error:
            yield row_error("row", explain(error, line)), line, lines.size - size
            continue
        if not any(cell.strip() for cell in record) and len(record) < 2:
            yield None, line, lines.size - size
        elif header is None:
            header = checked(record, name(source.path), lines.problem)
        elif lines.problem:
            yield row_error("row", lines.problem), line, lines.size - size
        elif len(record) != len(header):
            yield row_error("row", ragged(len(record), len(header))), line, lines.size - size
        else:
            yield dict(zip(header, record, strict=True)), line, lines.size - size


def checked(header: list[str], file: str, problem: str) -> list[str]:
    """The header itself. Raises RowsError if a name is missing or stands twice."""
    if problem:
        raise RowsError(f"{file}, header: {problem}")
    if missing := [i for i, cell in enumerate(header, 1) if not cell.strip()]:
        column = ", ".join(map(str, missing[:10]))
        raise RowsError(f"{file}, header: no name for column {column}; name it or remove it")
    if twice := [cell for cell, n in Counter(header).items() if n > 1]:
        raise RowsError(f"{file}, header: {', '.join(twice[:10])} stands more than once; rename it")
    return header


def ragged(found: int, expected: int) -> str:
    """Why a record does not fit its header."""
    return (
        f"{found} cells; the header has {expected} "
        "(a comma, quote or line break inside a cell needs double quotes around the cell)"
    )


def explain(error: csv.Error, line: int) -> str:
    """The csv module's complaint in other words."""
    text = str(error)
    if "new-line character" in text:
        return CR_ONLY
    if "unexpected end of data" in text or "field limit" in text:
        return f"a quoted cell that starts on line {line} does not end"
    return f"not CSV: {text}"

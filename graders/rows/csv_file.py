"""CSV: every cell is a string, the first record names the keys, an empty cell is ""."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..errors import RowError, RowsError, row_error
from .jsonl import Record
from .source import RAISED_BY, Source, name

CR_ONLY = "a bare CR inside a line; convert old line ends: tr '\\r' '\\n' < FILE > NEW"

SEPARATORS = {";": "semicolons", "\t": "TABs"}  # of tables that are called CSV as well


class BadLine(Exception):
    """Carries the RowError of a line through the csv module."""

    def __init__(self, error: RowError) -> None:
        super().__init__(error)
        self.error = error


class TextLines:
    """The lines as the csv module wants them; counts them and remembers what is not text."""

    def __init__(self, source: Source) -> None:
        self._lines = source.lines()
        self._max_record = source.max_line
        self.count = 0
        self.size = 0  # of the record
        self.problem = ""  # of the record

    def next_record(self) -> int:
        """Begin a record; its first line."""
        self.size, self.problem = 0, ""
        return self.count + 1

    def __iter__(self) -> TextLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        if isinstance(line, RowError):
            raise BadLine(line)
        self.size += len(line)
        if self.size > self._max_record + 1:
            error = f"a record of more than {self._max_record:,} bytes (a quote that does not end?)"
            raise BadLine(row_error("too_large", f"{error}; {RAISED_BY}"))
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
    csv.field_size_limit(max(csv.field_size_limit(), source.max_line + 1))  # of the process
    lines = TextLines(source)
    reader = csv.reader(lines, strict=True)
    header: list[str] | None = None
    while True:
        line = lines.next_record()
        try:
            found: list[str] | RowError = next(reader)
        except StopIteration:
            return
        except BadLine as bad:
            found = bad.error
        except csv.Error as error:
            found = row_error("row", explain(error, line))
        if isinstance(found, list) and is_blank(found):
            yield None, line, lines.size
        elif header is None:
            header = header_of(found, lines.problem, name(source.path))
        else:
            yield value_of(found, lines.problem, header), line, lines.size


def is_blank(cells: list[str]) -> bool:
    """Whether the record is an empty line, or white space alone; a quoted empty cell is not."""
    return not cells or (len(cells) == 1 and cells[0].isspace())


def header_of(found: list[str] | RowError, problem: str, file: str) -> list[str]:
    """The names of the columns. Raises RowsError if one is missing or stands twice."""
    if isinstance(found, RowError):
        raise RowsError(f"{file}, header: {found.detail}")
    if problem:
        raise RowsError(f"{file}, header: {problem}")
    if len(found) == 1 and (separator := next((s for s in SEPARATORS if s in found[0]), "")):
        raise RowsError(
            f"{file}, header: one column with {SEPARATORS[separator]} in its name; "
            "save the table with commas between the cells"
        )
    if missing := [str(i) for i, cell in enumerate(found, 1) if not cell.strip()]:
        columns = ", ".join(missing[:10])
        raise RowsError(f"{file}, header: no name for column {columns}; name it or remove it")
    if twice := [cell for cell, n in Counter(found).items() if n > 1]:
        raise RowsError(f"{file}, header: {', '.join(twice[:10])} stands more than once; rename it")
    return found


def value_of(found: list[str] | RowError, problem: str, header: list[str]) -> Any:
    """The record as a mapping, or why it is none."""
    if isinstance(found, RowError):
        return found
    if problem:
        return row_error("row", problem)
    if len(found) != len(header):
        return row_error("row", ragged(len(found), len(header)))
    return dict(zip(header, found, strict=True))


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
    if "unexpected end of data" in text:
        return f"a quoted cell that starts on line {line} does not end"
    return f"not CSV: {text}"

"""JSON lines: one object a line, decoded exactly; a bad line says what was found and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import RowError, row_error
from ..strict_json import NotJSON, TooDeep, decode
from .source import BOM, Source

Record = tuple[Any, int, int]  # value or RowError, line, bytes; None instead of a value: blank line


def records(source: Source, max_depth: int) -> Iterator[Record]:
    """Every line of the file, decoded. A blank line gives None, a bad line a RowError."""
    for number, line in enumerate(source.lines(), 1):
        if isinstance(line, RowError):
            yield line, number, 0
        elif line.isspace():
            yield None, number, len(line)
        else:
            yield value_of(line, max_depth), number, len(line)


def value_of(line: bytes, max_depth: int) -> Any:
    """The JSON value of one line, or a RowError. A JSON null is an error, never None."""
    try:
        value = decode(line, max_depth)
    except TooDeep as error:
        return row_error("too_large", f"{error} (GRADERS_LIMIT_ROW_DEPTH)")
    except NotJSON as error:
        return row_error("row", explain(line, error))
    return row_error("row", "the line is null; expected an object") if value is None else value


def explain(line: bytes, error: NotJSON) -> str:
    """What is wrong with a line, in words that say what to do."""
    text = line.strip()
    if b"\0" in line:
        where = line.index(b"\0") + 1
        return f"a NUL byte at column {where}: the file is damaged, or UTF-16 (try iconv)"
    if text.startswith(BOM):
        return "not JSON: a byte order mark inside the file, where two were joined; remove it"
    if b"\r" in text:
        return "the line ends are CR alone; convert them: tr '\\r' '\\n' < FILE > NEW"
    if text in (b"{", b"["):
        return "an object over several lines; write one per line: jq -c . FILE > NEW"
    return f"not JSON: {error}"

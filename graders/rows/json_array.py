"""A file that is one JSON array: its elements one after the other, never the whole in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from ..errors import RowError, row_error
from .jsonl import Record, value_of
from .source import RAISED_BY, Source

# A whole string, or one character that matters; a lone quote opens a string that is not all here.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*"|["\[\]{},]', re.DOTALL)
DEEPER = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
EARLY = "the file ends before its JSON array does"
AFTER = "text after the end of the JSON array; a file of one object per line needs no array"


def records(source: Source, max_depth: int) -> Iterator[Record]:
    """Every element with the line on which it starts.

    An element beyond the row limit, or a file that ends early, gives a RowError and is the last.
    """
    line = 1
    for element in elements(source):
        if isinstance(element, RowError):
            yield element, line, 0
            return
        text = element.lstrip()
        line += element.count(b"\n", 0, len(element) - len(text))
        yield value_of(text, max_depth), line, len(element)
        line += text.count(b"\n")


def elements(source: Source) -> Iterator[bytes | RowError]:
    """The text of each element, white space included; a RowError ends it."""
    buffer, at, depth, first = bytearray(), 0, 0, True
    blocks = source.blocks()
    while True:
        token = TOKEN.search(buffer, at)
        if token is None or token[0] == b'"':
            at = len(buffer) if token is None else token.start()
            problem = more(buffer, blocks, source.max_line)
            if problem is not None:
                yield problem
                return
            continue
        at = token.end()
        symbol = bytes(token[0])
        depth += DEEPER.get(symbol, 0)
        if depth == 1 and symbol == b"[":
            buffer[at - 1] = ord(" ")  # the array itself; the first element starts with the file
        elif depth == 0 or (depth == 1 and symbol == b","):
            element = bytes(buffer[: at - 1])
            del buffer[:at]
            at = 0
            if depth == 0:
                if element.strip() or not first:
                    yield element
                yield from after_end(buffer, blocks)
                return
            first = False
            yield element


def more(buffer: bytearray, blocks: Iterator[bytes | RowError], limit: int) -> RowError | None:
    """Append to the buffer, doubling it, so that a long string is not searched too often."""
    if len(buffer) > limit:
        text = f"an element of the array has more than {limit:,} bytes; {RAISED_BY}"
        return row_error("too_large", text)
    wanted = 2 * len(buffer)
    for block in blocks:
        if isinstance(block, RowError):
            return block
        buffer += block
        if len(buffer) >= wanted:
            return None
    return row_error("row", EARLY) if len(buffer) * 2 == wanted else None


def after_end(buffer: bytearray, blocks: Iterator[bytes | RowError]) -> Iterator[RowError]:
    """A RowError if anything but white space follows the array."""
    for block in chain([bytes(buffer)], blocks):
        if isinstance(block, RowError):
            yield block
            return
        if block.strip():
            yield row_error("row", AFTER)
            return

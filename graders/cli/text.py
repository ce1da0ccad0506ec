"""Text for a terminal: how wide it is, shortened and aligned."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable
from typing import Any

PLAIN_WIDTH = 100  # columns where output does not go to a terminal
MOST_CHARS = 6000  # of a line; the longest name of a file has 4096
SEPARATOR = "   "


def width_of(text: str) -> int:
    """Columns that the text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(map(columns, text))


def columns(character: str) -> int:
    """Columns of one character."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def printable(text: str) -> str:
    """On one line, without anything that a terminal would obey."""
    text = " ".join(text.split())
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def safe(text: str) -> str:
    """Lines for a terminal: what it would obey is escaped, and no line is endless."""
    return "\n".join(map(safe_line, text.split("\n")))


def safe_line(line: str) -> str:
    """One line, `…` in place of its middle where it is longer than any message of ours."""
    if len(line) > MOST_CHARS:
        line = f"{line[: MOST_CHARS // 2]}…{line[-MOST_CHARS // 2 :]}"
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def shorten(text: str, width: int) -> str:
    """The text on one line in at most `width` columns, `…` in place of what was cut."""
    text = printable(text[: 4 * width + 16])
    if width_of(text) <= width:
        return text
    used, end = 0, 0
    for character in text:
        used += columns(character)
        if used > width - 1:
            break
        end += 1
    return text[:end].rstrip() + "…"


def pad(text: str, width: int) -> str:
    """The text with spaces after it up to `width` columns."""
    return text + " " * max(0, width - width_of(text))


def terminal_width(terminal: bool) -> int:
    """Columns to write for."""
    return max(40, shutil.get_terminal_size().columns) if terminal else PLAIN_WIDTH


def wrap(pieces: Iterable[str], width: int, indent: str, separator: str = SEPARATOR) -> list[str]:
    """Pieces joined to lines of at most `width` columns, further lines indented."""
    lines: list[str] = []
    for piece in pieces:
        longer = f"{lines[-1]}{separator}{piece}" if lines else piece
        if lines and width_of(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(f"{indent}{piece}" if lines else piece)
    return lines


def unread(text: str) -> str:
    """Findings without the words about a run, which nobody asked for."""
    heading, newline, rest = text.partition("\n")
    return heading.replace(". Nothing was run.", ".") + newline + rest


def json_text(value: Any) -> str:
    """Indented JSON; NaN is null."""
    from ..rows.encode import encode

    return encode(value, indent=True).decode().rstrip()


def number(value: float) -> str:
    """A reward for people: three significant places behind the point at most, no trailing zeros."""
    if value == 0 or 0.001 <= abs(value) < 1e6:
        text = f"{value:.3f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return f"{value:.3g}"

"""Replies to jobs become scores: one number or one error for each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import RowError
from ..grader import Reply, Scores

EXCERPT_CHARS = 200


def fill(
    scores: Scores,
    replies: Sequence[Reply | None],
    read: Callable[[Reply | None], float | RowError],
) -> Scores:
    """Put what `read` makes of each reply into `scores`, where a row has no reason to lack one."""
    for i, reply in enumerate(replies):
        if i in scores.errors or i in scores.skipped:
            continue
        value = read(reply)
        if isinstance(value, RowError):
            scores.errors[i] = value
        else:
            scores.values[i] = value + 0.0  # -0.0 becomes 0.0
    return scores


def excerpt(text: str) -> str:
    """The first 200 characters on one line, lone surrogates escaped."""
    line = " ".join(text[: 4 * EXCERPT_CHARS].split())
    cut = len(line) > EXCERPT_CHARS or len(text) > 4 * EXCERPT_CHARS
    line = line[: EXCERPT_CHARS - 1] + "…" if cut else line
    return line.encode("utf-8", "backslashreplace").decode()

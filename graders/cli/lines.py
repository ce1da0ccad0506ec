"""The lines of the output: one JSON object for each row, keys in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..batch import Row
from ..engine import Graded
from ..errors import RowError
from ..grader import FloatArray, Scores
from ..limits import limit

if TYPE_CHECKING:
    from .by import By

INCLUDES = ("item", "sample")


def result_lines(
    graded: Graded, first: int, include: Sequence[str] = (), by: By | None = None
) -> Iterator[dict[str, Any]]:
    """The objects for the rows of one batch, the first of which is row number `first`.

    With `by` a group is the group and the value of that field.
    """
    scores = graded.scores
    rewards = listed(scores.values)
    parts = {key: listed(part.values) for key, part in scores.parts.items()}
    most = limit("detail_file_chars")
    for i, row in enumerate(graded.rows):
        error = scores.errors.get(i)
        line = {
            "row": first + i,
            "line": row.line,
            "id": row.id,
            "group": row.group if by is None else [row.group, by.of(row)],
            "outcome": outcome_of(scores, i),
            "reward": rewards[i],
            "passed": graded.passed[i],
            "sub_rewards": {key: values[i] for key, values in parts.items()},
            "error": None if error is None else error_object(error, most),
            "extra": row.extra,
        }
        for name in include:
            line[name] = getattr(row, name)
        yield line


def listed(values: FloatArray) -> list[float | None]:
    """Floats for JSON, None for NaN."""
    plain: list[float | None] = values.tolist()
    if np.isnan(values).any():
        return [None if value != value else value for value in plain]
    return plain


def outcome_of(scores: Scores, i: int) -> str:
    """`scored`, `errored` or `skipped`."""
    if i in scores.skipped:
        return "skipped"
    return "errored" if i in scores.errors else "scored"


def error_object(error: RowError, most: int) -> Mapping[str, str]:
    """What the output says about an error, texts cut to `most` characters."""
    return {
        "flag": error.flag,
        "cause": error.cause,
        "grader": error.grader,
        "detail": error.detail[:most],
        "output": error.output[:most],
    }


def head_of(row: Row) -> str:
    """The output text of a row, "" if it has none."""
    from ..sample import SampleError, namespace

    try:
        sample = namespace(row.sample)
    except SampleError:
        return ""
    text = sample.get("output_text") if sample is not None else None
    return text if isinstance(text, str) else ""

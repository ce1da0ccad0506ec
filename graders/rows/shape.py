"""What a line means: which value is the sample, which the item, and how many rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..batch import Row
from ..errors import RowError, row_error
from ..sample import kind

SAMPLE_FIELDS = (
    "sample",
    "samples",
    "model_sample",
    "output_text",
    "completion",
    "completions",
    "output",
)
ANY_SAMPLE_FIELD = frozenset(SAMPLE_FIELDS)
COPIED = frozenset(("item", "id", "group"))
# how two kinds of details begin, for those who give advice
NO_FIELD = "no field"
NO_ITEM = "no item object"
SHOWN_KEYS = 20
SHOWN_KEY_CHARS = 40


class ShapeError(ValueError):
    """A line that is no row; `str()` is the detail of its RowError."""


def split(
    value: Mapping[str, Any], sample_field: str | None, line: int | None, size: int
) -> tuple[str | None, Row]:
    """The sample field and the row, with all the samples in it still together.

    Raises ShapeError. `sample_field` None means the only known one that is present.
    """
    field = find_sample_field(value, sample_field)
    sample = None if field is None else value[field]
    item, extra = value.get("item"), {}
    if type(item) is dict or (item is not None and isinstance(item, Mapping)):
        extra = {k: v for k, v in value.items() if k != field and k not in COPIED}
    elif field is not None:
        item = {k: v for k, v in value.items() if k != field}
    else:
        raise ShapeError(no_outputs(value))
    return field, Row(sample, item, value.get("id"), value.get("group"), extra, line, None, size)


def find_sample_field(line: Mapping[str, Any], wanted: str | None) -> str | None:
    """The key of the sample, None if a line has none. Raises ShapeError."""
    if wanted is not None:
        if wanted not in line:
            raise ShapeError(f"{NO_FIELD} {wanted!r} (--sample-field); {keys_of(line)}")
        return wanted
    found = ANY_SAMPLE_FIELD.intersection(line)
    if len(found) > 1:
        names = " and ".join(f for f in SAMPLE_FIELDS if f in found)
        raise ShapeError(
            f"several sample fields: {names}; choose one with --sample-field; {keys_of(line)}"
        )
    return next(iter(found), None)


def samples_of(value: Sequence[Any]) -> Sequence[Any] | None:
    """The samples if a list holds several, None if it is one sample. Raises ShapeError.

    A list of role objects is one conversation; a list of texts, of sample objects or of
    conversations is several samples.
    """
    roles = sum(isinstance(v, Mapping) and "role" in v for v in value)
    if not roles:
        return value
    if roles == len(value):
        return None
    raise ShapeError(
        "a list of samples mixes messages (objects with role) with other values; "
        "make each sample a text, an object with output_text, or a list of messages"
    )


def no_outputs(line: Mapping[str, Any]) -> str:
    """Why a line without item object and without sample field is no row."""
    fields = ", ".join(SAMPLE_FIELDS)
    if "messages" in line:
        return (
            "a dataset without outputs: there are messages but nothing that a model answered; "
            f"add one of {fields}, or name it with --sample-field; {keys_of(line)}"
        )
    return (
        f"{NO_ITEM} and no sample field; "
        f"name the output with --sample-field, or call it one of {fields}; {keys_of(line)}"
    )


def keys_of(line: Iterable[str]) -> str:
    """`keys found: a, b, c`, not too long."""
    keys = list(line)
    if not keys:
        return "keys found: none"
    shown = [k if len(k) <= SHOWN_KEY_CHARS else k[:SHOWN_KEY_CHARS] + "…" for k in map(str, keys)]
    more = f" and {len(keys) - SHOWN_KEYS:,} more" if len(keys) > SHOWN_KEYS else ""
    return f"keys found: {', '.join(shown[:SHOWN_KEYS])}{more}"


def not_an_object(value: Any) -> RowError:
    """A line that is JSON, but no object."""
    hint = " (a file that is one JSON array is read if its name ends in .json)"
    return row_error(
        "row",
        f"the line is {kind(value)}; expected an object with item and sample"
        + (hint if isinstance(value, list) else ""),
    )

"""Which rows belong together: the given group, chosen fields, or the same item.

A group that nobody gave is named by 16 hex digits of a hash of the item, so it needs no memory and
is the same in every file, batch and process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import orjson

from ..batch import Row
from .shape import keys_of

OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


class MissingField(LookupError):
    """A row lacks the field of `--group` or `--by`."""


class Groups:
    """Small integers for groups, in the order of their first appearance."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, group: Any) -> int:
        """The number of a group, a new one if it has not been seen. 1, 1.0, true and "1" differ."""
        return self._numbers.setdefault(digest(group), len(self._numbers))


def group_of(row: Row, fields: Sequence[str] = (), by: Sequence[str] = ()) -> Any:
    """The group of a row, a JSON value: what `group` is in the output.

    Without `fields` it is the given group, else a name made of the item's content. Several fields
    make a list of their values; `by` appends to it. Raises MissingField.
    """
    if fields:
        base = [find(row, field) for field in fields]
    else:
        base = [content_name(row.item) if row.group is None else row.group]
    values = base + [find(row, field) for field in by]
    return values[0] if len(values) == 1 else values


def find(row: Row, field: str) -> Any:
    """A field of a row: a key or dotted path in extra, then in the item, then `id` and `group`.

    Raises MissingField.
    """
    copied = {"id": row.id, "group": row.group}
    for place in (row.extra, row.item, {k: v for k, v in copied.items() if v is not None}):
        try:
            return at_path(place, field)
        except LookupError:
            continue
    raise MissingField(f"no field {field!r} to group by; {keys_of([*row.extra, *row.item])}")


def at_path(place: Mapping[str, Any], field: str) -> Any:
    """The value at a key, or at a dotted path. Raises KeyError."""
    if field in place:
        return place[field]
    value: Any = place
    for key in field.split("."):
        if isinstance(value, Mapping):
            value = value[key]
        elif isinstance(value, list | tuple) and key.isascii() and key.isdigit():
            value = value[int(key)]
        else:
            raise KeyError(field)
    return value


def content_name(value: Any) -> str:
    """16 hex digits that equal content shares, whatever the order of its keys."""
    return blake2b(canonical(value), digest_size=8).hexdigest()


def digest(value: Any) -> bytes:
    """Eight bytes of a hash of the canonical JSON."""
    return blake2b(canonical(value), digest_size=8).digest()


def canonical(value: Any) -> bytes:
    """JSON with sorted keys; values that JSON lacks by their repr."""
    try:
        return orjson.dumps(value, default=plain, option=OPTIONS)
    except TypeError:  # lone surrogates, integers beyond 64 bits
        return json.dumps(value, sort_keys=True, default=plain).encode()


def plain(value: Any) -> Any:
    """A stand-in for a value that has no JSON of its own."""
    return dict(value) if isinstance(value, Mapping) else repr(value)

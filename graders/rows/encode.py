"""JSON out: what orjson cannot write, the standard library does; NaN and infinities become null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import orjson

OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE


def encode(value: Any, *, indent: bool = False) -> bytes:
    """The value as JSON in UTF-8 and a line end, keys in their order; lone surrogates escaped."""
    options = OPTIONS | orjson.OPT_INDENT_2 if indent else OPTIONS
    try:
        return orjson.dumps(value, default=plain, option=options)
    except orjson.JSONEncodeError:
        style: Any = {"indent": 2} if indent else {"separators": (",", ":")}
        return json.dumps(finite(value), default=plain, **style).encode() + b"\n"


def plain(value: Any) -> Any:
    """The JSON of a mapping or set that is no dict; anything else by its text."""
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(value, key=str) if isinstance(value, set | frozenset) else str(value)


def finite(value: Any) -> Any:
    """A copy with None for NaN and infinities, as orjson writes them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [finite(child) for child in value]
    return value

"""JSON text to Python values, exactly: big integers stay integers, what RFC 8259 lacks is refused.

orjson does the work. It reads integers beyond 64 bits as floats and refuses lone surrogate escapes,
so text with a long run of digits, or that it refuses, is read again by the standard library.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

import orjson

# One pass that makes every digit 0 and every opening bracket [, to look for both at once.
OUTLINE = bytes.maketrans(b"123456789{", b"000000000[")
LONG_INTEGER = b"0" * 19  # -2**63 and everything larger in magnitude has 19 digits or more


class NotJSON(ValueError):
    """The text is not JSON. `str()` says where and why."""


class TooDeep(NotJSON):
    """Arrays and objects are nested beyond the limit."""


def decode(data: bytes | str, depth: int) -> Any:
    """The value of JSON text; of duplicate keys the last. Raises NotJSON, TooDeep."""
    if isinstance(data, str):
        text = data
        try:
            data = text.encode()
        except UnicodeEncodeError:  # lone surrogates
            return checked(decode_by_stdlib(text, depth), depth)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return checked(decode_by_stdlib(to_str(data), depth), depth)
    outline = data.translate(OUTLINE)
    if LONG_INTEGER in outline:
        value = decode_by_stdlib(to_str(data), depth)
    return checked(value, depth) if outline.count(b"[") > depth else value


def to_str(data: bytes) -> str:
    """UTF-8 decoded. Raises NotJSON with the offending byte."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        byte = data[error.start]
        raise NotJSON(f"not UTF-8: byte 0x{byte:02x} at column {error.start + 1}") from None


def decode_by_stdlib(text: str, depth: int) -> Any:
    """The value of JSON text by the standard library. Raises NotJSON, TooDeep."""
    try:
        return STRICT.decode(text)
    except RecursionError:
        raise TooDeep(f"nested deeper than {depth} levels") from None
    except json.JSONDecodeError as error:
        raise NotJSON(f"{error.msg} at column {error.pos + 1}") from None
    except NotJSON:
        raise
    except ValueError:  # int() refuses more digits than sys.get_int_max_str_digits()
        raise NotJSON("an integer has too many digits") from None


def refuse(constant: str) -> Any:
    """Raises NotJSON for NaN, Infinity and -Infinity."""
    raise NotJSON(f"{constant} is not JSON (RFC 8259); write null or leave the key out")


def finite(digits: str) -> float:
    """The number. Raises NotJSON if it is infinite as a float."""
    value = float(digits)
    if math.isinf(value):
        shown = digits if len(digits) <= 24 else digits[:24] + "…"
        raise NotJSON(f"{shown} is beyond the largest float (1.8e308)")
    return value


STRICT = json.JSONDecoder(parse_constant=refuse, parse_float=finite)


def checked(value: Any, depth: int) -> Any:
    """The value itself. Raises TooDeep if it is nested deeper than `depth`."""
    level: Iterable[Any] = (value,)
    for _ in range(depth + 1):
        level = [v for v in level if type(v) is dict or type(v) is list]
        if not level:
            return value
        level = [child for v in level for child in (v.values() if type(v) is dict else v)]
    raise TooDeep(f"nested deeper than {depth} levels")

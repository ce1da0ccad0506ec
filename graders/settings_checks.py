"""What each key of grade.toml takes, and the line on which it stands."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from .suggest import quoted


@dataclass(frozen=True, slots=True)
class Check:
    """`wanted` completes "… is not"."""

    passes: Callable[[object], bool]
    wanted: str
    example: str = ""


LONG_WORD = 20  # no word of an option or a tier is as long as a key
KINDS: Mapping[type, str] = {str: "this text", list: "this list", dict: "this table"}


def shown(value: object, *, text: bool = True) -> str:
    """A value as JSON, or only what it is where it may be a key, or hold one."""
    kind = KINDS.get(type(value), "")
    if isinstance(value, str) and text:
        secret = any(word.startswith("sk-") or len(word) > LONG_WORD for word in value.split())
        return kind if secret else quoted(value)
    return kind or quoted(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_positive(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value < math.inf and value < 1 << 63


def _is_count(value: object) -> bool:
    return _is_positive(value) and isinstance(value, int)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_url(value: object) -> bool:
    """An http or https URL with a host and without user name or password."""
    if not isinstance(value, str) or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc


def _is_key_variable(value: object) -> bool:
    """A name of a variable that plainly holds an API key, so that no other secret can be sent."""
    return isinstance(value, str) and bool(
        re.fullmatch(r"[A-Za-z_]\w*_API_(KEY|TOKEN)", value, re.A)
    )


def _is_price(value: object) -> bool:
    return isinstance(value, dict) and all(
        name in ("input", "output")
        and (_is_positive(number) or number in (0, 0.0))
        and not isinstance(number, bool)
        for name, number in value.items()
    )


TIER = Check(
    lambda value: value in ("auto", "bwrap", "landlock", "unsafe_local"),
    "auto, bwrap, landlock or unsafe_local",
    'tier = "auto"',
)
MODEL: Mapping[str, Check] = {
    "base_url": Check(
        _is_url,
        "an http or https URL without user name and password",
        'base_url = "http://127.0.0.1:8000/v1"',
    ),
    "model": Check(_is_text, "the name of a model", 'model = "qwen3-32b"'),
    "api_key_env": Check(
        _is_key_variable,
        "the name of an environment variable *_API_KEY or *_API_TOKEN",
        'api_key_env = "JUDGE_API_KEY"',
    ),
    "max_tokens": Check(_is_count, "a positive whole number", "max_tokens = 16384"),
    "drop": Check(_is_texts, "a list of parameter names", 'drop = ["seed"]'),
    "rpm": Check(_is_positive, "a positive number of requests a minute", "rpm = 600"),
    "tpm": Check(_is_positive, "a positive number of tokens a minute", "tpm = 200000"),
    "concurrency": Check(_is_count, "a positive whole number", "concurrency = 32"),
    "price": Check(
        _is_price,
        "dollars for a million tokens, input and output",
        "price = { input = 0.10, output = 0.40 }",
    ),
}
CHECKS: Mapping[str, Mapping[str, Check]] = {
    "judges": MODEL,
    "embeddings": MODEL,
    "sandbox": {"tier": TIER},
    "run": {"deadline": Check(_is_positive, "a positive number of seconds", "deadline = 60")},
}

HEADER = re.compile(r"\s*(\[[^\[].*\])\s*(#.*)?")
ENTRY = re.compile(r"""\s*([\w-]+|"[^"]*"|'[^']*')\s*[=.]""")


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line of a key, else of the table that it is in, else None."""
    table: tuple[str, ...] = ()
    header_line = None
    for number, line in enumerate(text.splitlines(), 1):
        header, entry = HEADER.fullmatch(line), ENTRY.match(line)
        if header and (keys := keys_of(header[1])):
            table = keys
            if table[: len(path)] == path:
                return number
            header_line = number if table == path[: len(table)] else header_line
        elif entry and (*table, entry[1].strip("\"'")) == path[: len(table) + 1]:
            return number
    return header_line


def keys_of(header: str) -> tuple[str, ...]:
    """`[judges."o3-mini"]` -> judges, o3-mini; empty for a line of values, such as `[1, 2]`."""
    import tomllib  # only where there is a header to read

    try:
        table = tomllib.loads(header)
    except tomllib.TOMLDecodeError:
        return ()
    keys = []
    while table:
        key, table = next(iter(table.items()))
        keys.append(key)
    return tuple(keys)

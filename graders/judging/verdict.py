"""Verdicts of judges: the schema that asks for one, and reading one out of what came back.

A verdict is a JSON object `{"steps": [...], "result": ...}`. Where a server does not enforce the
schema, a reply that is a number or a label and nothing else counts too, and among several objects
the last one with a `result`. Nothing else is guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..suggest import quoted
from .replies import EXCERPT_CHARS, excerpt
from .sampling import is_number

SEARCHED_CHARS = 64 << 10  # the end of a reply, in which objects are looked for
NAMES_SHOWN = 20

LONE_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
OBJECT = re.compile(r'\{\s*"')
# every number is a float, so that no length of digits is refused; raw line breaks in strings pass
DECODER = json.JSONDecoder(parse_int=float, strict=False)
MISSING: Any = object()


class NoVerdict(Exception):
    """The reply holds no verdict that can be used; `cause` as in RowError."""

    cause = "parse"


class OutOfRange(NoVerdict):
    """A number outside the range, where clamping is off."""

    cause = "out_of_range"


def score_format(low: float, high: float) -> dict[str, Any]:
    """The response format of a hosted score_model (spec: openai-cookbook, RFT notebook)."""
    bounds = f"{json.dumps(low)} to {json.dumps(high)}"
    result = {
        "type": "number",
        "description": "The float score assigned to the response. "
        f"This should be in inclusive range {bounds}.",
    }
    return response_format("float_score_classification", result)


def label_format(labels: Sequence[str]) -> dict[str, Any]:
    """The same envelope with one of the labels as its result."""
    result = {
        "type": "string",
        "enum": list(labels),
        "description": "The label assigned to the response.",
    }
    return response_format("label_classification", result)


def response_format(name: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """`steps`, then `result`: the judge reasons before it decides."""
    step = {
        "description": {
            "type": "string",
            "description": "Detailed description of the reasoning in this step.",
        },
        "conclusion": {
            "type": "string",
            "description": "The conclusion of the reasoning in this step.",
        },
    }
    steps = {
        "type": "array",
        "description": "A sequence of steps outlining the reasoning process.",
        "items": object_schema(step),
    }
    schema = object_schema({"steps": steps, "result": result})
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": schema},
    }


def object_schema(properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object with these properties, all required, and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def read_score(text: str, *, finished: bool = True) -> float:
    """The finite number of the verdict. A cut reply counts only as one complete object.

    Raises NoVerdict.
    """
    lone = answer(text)
    if finished and LONE_NUMBER.fullmatch(lone):
        value: Any = float(lone)
    else:
        value = result(text, finished, "a lone number")
    if not is_number(value):
        raise NoVerdict(f"result is {shown(value)}, not a finite number")
    return float(value)


def read_label(text: str, labels: Sequence[str], *, finished: bool = True) -> str:
    """The label of the verdict: compared exactly, then trimmed. Raises NoVerdict."""
    if finished:
        for lone in (text, answer(text), decode(answer(text))):
            label = among(lone, labels)
            if label is not None:
                return label
    known = listed(labels)
    value = result(text, finished, f"one of the labels {known}")
    label = among(value, labels)
    if label is None:
        raise NoVerdict(f"result is {shown(value)}, not one of the labels {known}")
    return label


def among(value: object, labels: Sequence[str]) -> str | None:
    """The label that `value` is, else the only one that it is when both are trimmed."""
    if not isinstance(value, str):
        return None
    if value in labels:
        return value
    trimmed = [label for label in labels if label.strip() == value.strip()]
    return trimmed[0] if len(trimmed) == 1 else None


def answer(text: str) -> str:
    """The reply without a leading block of thought and without a code fence, trimmed."""
    text = text.strip()
    if not text.startswith("{"):
        thought, end, rest = text.partition("</think>")
        text = rest.strip() if end else ("" if thought.startswith("<think>") else text)
    if text.startswith("`") and text.endswith("`"):
        text = text.strip("`")
        language, newline, rest = text.partition("\n")
        if newline and language.strip().lower() in ("", "json", "text", "txt", "plaintext"):
            text = rest
    return text.strip()


def result(text: str, finished: bool, otherwise: str) -> Any:
    """The `result` of the whole reply, else of the last object in it that has one.

    Raises NoVerdict, naming `otherwise` as what the reply could have been instead.
    """
    body = answer(text)
    whole = decode(body)
    if isinstance(whole, dict):
        if "result" in whole:
            return whole["result"]
        raise NoVerdict(f"the JSON object has no result, but {listed(list(whole))}")
    found = last_result(body[-SEARCHED_CHARS:]) if finished else MISSING
    if found is MISSING:
        raise NoVerdict(f"neither a JSON object with a result nor {otherwise}")
    return found


def last_result(text: str) -> Any:
    """The `result` of the last outermost JSON object in `text` that has one, else MISSING."""
    found = MISSING
    position = 0
    while match := OBJECT.search(text, position):
        try:
            value, position = DECODER.raw_decode(text, match.start())
        except RecursionError:
            return MISSING  # no verdict is that deep, and every level would be tried again
        except ValueError:
            position = match.start() + 1
        else:
            found = value.get("result", found)
    return found


def decode(text: str) -> Any:
    """The value of JSON text (NaN and Infinity included), else MISSING."""
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError):
        return MISSING


def shown(value: object) -> str:
    """A JSON value as a message shows it."""
    return excerpt(quoted(value, 2 * EXCERPT_CHARS))


def listed(names: Sequence[str]) -> str:
    """The first names, quoted, and how many more there are."""
    text = ", ".join(map(shown, names[:NAMES_SHOWN]))
    more = len(names) - NAMES_SHOWN
    return f"{text} and {more:,} more" if more > 0 else text or "nothing"

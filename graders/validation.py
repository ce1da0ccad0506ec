"""From pydantic's errors to our words: one `Problem` for each place, with what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from . import json_path
from .errors import Problem
from .json_path import Step
from .suggest import for_field, for_value, quoted

OURS = "graders"  # the type of errors that already speak our words (fields.refusal)


# What belongs in a field, in a reader's words: (expected, an example that can be pasted).
TEXTS = ("text", '"input": "{{sample.output_text}}"')
MESSAGES = (
    "a list of messages",
    '"input": [{"role": "user", "content": "{{sample.output_text}}"}]',
)
FIELDS: Mapping[str, tuple[str, str]] = {
    "reference": ("text", '"reference": "{{item.answer}}"'),
    "operation": ("eq, ne, like, ilike", '"operation": "eq"'),
    "evaluation_metric": ("the name of a metric", '"evaluation_metric": "fuzzy_match"'),
    "source": ("Python source text", '"source": "def grade(sample, item):\\n    return 1.0"'),
    "image_tag": ("text", '"image_tag": "2025-05-08"'),
    "model": ("the name of a model", '"model": "gpt-4o-2024-08-06"'),
    "range": ("two numbers, the lower one first", '"range": [0, 1]'),
    "labels": ("a list of texts", '"labels": ["good", "bad"]'),
    "passing_labels": ("a list of texts, all of them in labels", '"passing_labels": ["good"]'),
    "graders": ("an object: key -> grader", '"graders": {"answer": {…}, "format": {…}}'),
    "calculate_output": ("a formula over the keys", '"calculate_output": "0.7 * a + 0.3 * b"'),
    "url": ("an http or https URL", '"url": "https://host/score"'),
    "headers": ("an object: header -> text", '"headers": {"x-team": "evals"}'),
    "rate_limit": ("requests a second, a number", '"rate_limit": 50'),
    "pass_threshold": ("a number", '"pass_threshold": 0.5'),
    "name": ("text", '"name": "exact answer"'),
    "role": ("user, assistant, system, developer", '"role": "user"'),
    "content": ("text, a part, or a list of parts", '"content": "{{sample.output_text}}"'),
    "sampling_params": ("an object", '"sampling_params": {"temperature": 0}'),
}


def belongs(cls: type[BaseModel], field: str) -> tuple[str, str]:
    """What `field` of `cls` should hold and an example of it, empty if the table has no entry."""
    if field == "input":
        return MESSAGES if "model" in cls.model_fields else TEXTS
    return FIELDS.get(field, ("", ""))


def kind(value: object) -> str:
    """What a JSON value is, in a reader's words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
    return f"a Python {type(value).__name__}"


def shown(value: object) -> str:
    """`"1" is text`, `a list`: what was found, for messages about a wrong kind."""
    if isinstance(value, bool | int | float | str):
        return f"{quoted(value)} is {kind(value)}" if not isinstance(value, bool) else quoted(value)
    return kind(value)


def problems_of(error: ValidationError, cls: type[BaseModel]) -> list[Problem]:
    """Every finding of a ValidationError of `cls`, in our words, one for each place."""
    found: dict[tuple[Step, ...], list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(steps_of(detail["loc"]), []).append(detail)
    deep = tuple(found)
    return [
        problem_of(steps, details, cls)
        for steps, details in found.items()
        if not only_branches(steps, details, deep)
    ]


# pydantic puts the name of each branch of a union into the path: `str`, `tuple[…]`, `TextPart`,
# and below `graders` the type of the grader.
BRANCH = re.compile(r"[a-z_-]*[\[(].*|str|int|float|bool|none|dict|list|tuple|[A-Z]\w*[a-z]\w*")


def steps_of(loc: Iterable[Step]) -> tuple[Step, ...]:
    """The JSON path of pydantic's `loc`, without the names of union branches."""
    steps: list[Step] = []
    tagged = {"input_text", "input_image", "input_audio", "output_text"}
    for step in loc:
        is_key = len(steps) == 1 and steps[0] in ("graders", "headers")
        if is_key or isinstance(step, int) or not (BRANCH.fullmatch(step) or step in tagged):
            steps.append(step)
    return tuple(steps)


WRONG_KIND = re.compile(r"(\w+_type|is_instance_of|dataclass_type)")


def only_branches(
    steps: tuple[Step, ...], details: list[ErrorDetails], others: Iterable[tuple[Step, ...]]
) -> bool:
    """Whether `details` say no more than that other branches of a union did not fit either."""
    return all(WRONG_KIND.fullmatch(d["type"]) for d in details) and any(
        len(other) > len(steps) and other[: len(steps)] == steps for other in others
    )


def problem_of(
    steps: tuple[Step, ...], details: list[ErrorDetails], cls: type[BaseModel]
) -> Problem:
    """One finding about one place; several branches of a union count as one."""
    telling = [d for d in details if not WRONG_KIND.fullmatch(d["type"])] or details
    first = telling[0]
    field = str(steps[-1]) if steps else ""
    message, expected, fix = TRANSLATIONS.get(first["type"], _other)(first, field, cls)
    if len(telling) > 1 and telling is details:
        names = dict.fromkeys(WANTED.get(d["type"], "") for d in details)
        expected = belongs(cls, field)[0] or " or ".join(filter(None, names)) or expected
    at = first.get("ctx", {}).get("at", "") if first["type"] == OURS else ""
    return Problem(message, json_path.render(steps) + at, expected, fix)


Words = tuple[str, str, str]  # message, expected, fix
# pydantic's type of error -> the kind of value that it wanted
WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "none_required": "null",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "an object",
    "mapping_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dataclass_type": "an object",
    "is_instance_of": "a grader",
}


def _wrong_kind(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    value, wanted = detail["input"], WANTED[detail["type"]]
    expected, example = belongs(cls, field)
    if value is None:
        return "null", expected or wanted, example
    return shown(value), expected or wanted, _conversion(value, wanted) or example


def _conversion(value: object, wanted: str) -> str:
    """The same value in the kind that is wanted, where it is plain how."""
    if wanted == "text" and isinstance(value, int | float):
        return f"write {quoted(quoted(value))}"
    if wanted in ("a number", "a whole number") and isinstance(value, str):
        number = value.strip()
        if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", number) and (
            wanted == "a number" or "." not in number
        ):
            return f"write {number} without quotes"
    return ""


def _missing(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    expected, example = belongs(cls, field)
    return "missing", expected, f"add {example}" if example else ""


def _extra(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    nested = len([s for s in detail["loc"] if isinstance(s, str)]) > 1
    names = () if nested else fields_of(cls)
    return f"unknown field {quoted(field)}", ", ".join(names), for_field(field, names)


def fields_of(cls: type[BaseModel]) -> tuple[str, ...]:
    """The JSON fields of a model, `type` and `name` first."""
    return tuple(sorted(cls.model_fields, key=lambda name: name not in ("type", "name")))


def _choice(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    names = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
    value = detail["input"]
    return f"unknown {field} {quoted(value)}", ", ".join(names), for_value(field, value, names)


def _tag(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    names = re.findall(r"'([^']*)'", detail["ctx"]["expected_tags"])
    found = detail["ctx"]["tag"]
    return f"unknown type {quoted(found)}", ", ".join(names), for_value("type", found, names)


def _tag_missing(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    return "type is missing", "", 'add "type": "…"'


def _bound(words: str, key: str) -> Callable[[ErrorDetails, str, type[BaseModel]], Words]:
    """`0 is too small`, expected `1 or more`."""

    def translate(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
        return f"{quoted(detail['input'])} is out of bounds", words.format(detail["ctx"][key]), ""

    return translate


def _length(words: str, key: str) -> Callable[[ErrorDetails, str, type[BaseModel]], Words]:
    """`3 entries`, expected `exactly 2`."""

    def translate(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
        value = detail["input"]
        n = len(value) if isinstance(value, str | list | tuple | Mapping) else 0
        expected, example = belongs(cls, field)
        unit = "characters" if isinstance(value, str) else "entries"
        message = f"{n:,} {unit}" if n else "empty"
        return message, expected or words.format(detail["ctx"][key]), example

    return translate


def _own(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    words = detail.get("ctx", {})
    return (
        str(words.get("message", detail["msg"])),
        str(words.get("expected", "")),
        str(words.get("fix", "")),
    )


def _raised(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    return str(detail["ctx"]["error"]), "", ""


def _not_finite(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    return f"{detail['input']} is not a finite number", belongs(cls, field)[0] or "a number", ""


def _other(detail: ErrorDetails, field: str, cls: type[BaseModel]) -> Words:
    found = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return shown(detail["input"]), found, belongs(cls, field)[1]


TRANSLATIONS: Mapping[str, Callable[[ErrorDetails, str, type[BaseModel]], Words]] = {
    **dict.fromkeys(WANTED, _wrong_kind),
    OURS: _own,
    "missing": _missing,
    "extra_forbidden": _extra,
    "literal_error": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _tag_missing,
    "finite_number": _not_finite,
    "value_error": _raised,
    "assertion_error": _raised,
    "greater_than": _bound("more than {}", "gt"),
    "greater_than_equal": _bound("{} or more", "ge"),
    "less_than": _bound("less than {}", "lt"),
    "less_than_equal": _bound("{} or less", "le"),
    "too_short": _length("at least {}", "min_length"),
    "too_long": _length("at most {}", "max_length"),
    "string_too_short": _length("at least {} characters", "min_length"),
    "string_too_long": _length("at most {} characters", "max_length"),
}

"""pydantic's errors in plain words: one table from the type of error to what we say about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..suggest import for_field, for_value, quoted
from .field_words import MESSAGES, belongs, shown

OURS = "graders"  # the type of errors that already speak our words (fields.refusal)


@dataclass(frozen=True, slots=True)
class Finding:
    """One error of pydantic: its type, the value at fault, and the fields of its object."""

    type: str
    field: str
    value: Any
    context: Mapping[str, Any]
    text: str
    siblings: tuple[str, ...]

    @property
    def belongs(self) -> tuple[str, str]:
        """What the field should hold, and an example."""
        return belongs(self.field, self.siblings)


class Words(NamedTuple):
    """What a Problem says."""

    message: str
    expected: str = ""
    fix: str = ""


def translate(finding: Finding) -> Words:
    """What to say about an error."""
    return TRANSLATIONS.get(finding.type, _other)(finding)


# Errors about the kind of a value -> the kind that was wanted.
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
    "is_instance_of": "a grader",
}


def _wrong_kind(finding: Finding) -> Words:
    value, wanted = finding.value, WANTED[finding.type]
    expected, example = finding.belongs
    if value is None:
        return Words("null", expected or wanted, example)
    if isinstance(value, str) and (expected, example) == MESSAGES:
        example = f'"input": [{{"role": "user", "content": {quoted(value)}}}]'
    return Words(shown(value), expected or wanted, _converted(value, wanted) or example)


NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


def _converted(value: object, wanted: str) -> str:
    """The same value in the kind that is wanted, where it is plain how."""
    if wanted == "text" and isinstance(value, int | float):
        return f"write {quoted(quoted(value))}"
    if not isinstance(value, str) or not NUMBER.fullmatch(value.strip()):
        return ""
    fits = wanted == "a number" or (wanted == "a whole number" and "." not in value)
    return f"write {value.strip()} without quotes" if fits else ""


def _missing(finding: Finding) -> Words:
    expected, example = finding.belongs
    return Words("missing", expected, f"add {example}" if example else "")


FIRST, LAST = ("type", "name", "role"), ("pass_threshold", "invalid_grade")


def _extra(finding: Finding) -> Words:
    names = sorted(finding.siblings, key=lambda name: (name in LAST) - (name in FIRST))
    fix = for_field(finding.field, names)
    return Words(f"unknown field {quoted(finding.field)}", ", ".join(names), fix)


def _names(listed: str) -> list[str]:
    return re.findall(r"'([^']*)'", listed)


def _choice(finding: Finding) -> Words:
    names = _names(finding.context["expected"])
    if not isinstance(finding.value, str):
        return Words(shown(finding.value), ", ".join(names))
    fix = for_value(finding.field, finding.value, names)
    return Words(f"unknown {finding.field} {quoted(finding.value)}", ", ".join(names), fix)


def _tag(finding: Finding) -> Words:
    names, found = _names(finding.context["expected_tags"]), finding.context["tag"]
    return Words(f"unknown type {quoted(found)}", ", ".join(names), for_value("type", found, names))


def _bound(words: str, key: str) -> Callable[[Finding], Words]:
    return lambda finding: Words(
        f"{quoted(finding.value)} is out of bounds", words.format(finding.context[key])
    )


def _length(words: str, key: str) -> Callable[[Finding], Words]:
    def translation(finding: Finding) -> Words:
        n = len(finding.value)
        unit = "characters" if isinstance(finding.value, str) else "entries"
        expected, example = finding.belongs
        expected = expected or words.format(finding.context[key])
        return Words(f"{n:,} {unit}" if n else "empty", expected, example)

    return translation


def _own(finding: Finding) -> Words:
    return Words(*(str(finding.context.get(part, "")) for part in Words._fields))


def _other(finding: Finding) -> Words:
    text = finding.text.removeprefix("Input should be ").removeprefix("Value error, ")
    return Words(shown(finding.value), finding.belongs[0] or text, finding.belongs[1])


TRANSLATIONS: Mapping[str, Callable[[Finding], Words]] = {
    **dict.fromkeys(WANTED, _wrong_kind),
    OURS: _own,
    "missing": _missing,
    "extra_forbidden": _extra,
    "literal_error": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": lambda finding: Words("missing", "the type of a grader"),
    "finite_number": lambda finding: Words(f"{finding.value} is not a finite number"),
    "value_error": lambda finding: Words(str(finding.context["error"])),
    "greater_than": _bound("more than {}", "gt"),
    "greater_than_equal": _bound("{} or more", "ge"),
    "less_than": _bound("less than {}", "lt"),
    "less_than_equal": _bound("{} or less", "le"),
    "too_short": _length("at least {}", "min_length"),
    "too_long": _length("at most {}", "max_length"),
    "string_too_short": _length("at least {} characters", "min_length"),
    "string_too_long": _length("at most {} characters", "max_length"),
}

"""Small questions about the JSON of a grader, and about the grader that was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import Problem
from ..formula.faults import as_key
from ..grader import Grader
from ..json_path import Step
from ..suggest import SAMPLE_HINTS


def without_nulls(entries: Mapping[str, Any], cls: type[Grader]) -> dict[str, Any]:
    """The entries without null optional fields."""
    optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
    return {k: v for k, v in entries.items() if v is not None or k not in optional}


def odd_variables(grader: Grader) -> Iterator[Problem]:
    """A warning for each `{{sample.output}}`, which is hardly ever there: what was meant."""
    for place, template in grader.templates().items():
        for variable in template.placeholders:
            meant = SAMPLE_HINTS.get(str(variable.path[0]))
            if variable.namespace == "sample" and meant:
                yield Problem(
                    f"{{{{{variable.text}}}}} is no variable of a text sample",
                    f"$.{place}",
                    fix=f"write {{{{sample.{meant}}}}}",
                    severity="warning",
                )


def guessed(value: Mapping[str, Any], types: Mapping[str, type[Grader]]) -> str:
    """The first type whose required fields are all there, else the empty string."""
    for name, cls in types.items():
        required = {f for f, field in cls.model_fields.items() if field.is_required()}
        if required <= value.keys():
            return name
    return ""


def entries_of(graders: Mapping[str, Any] | list[Any]) -> Iterator[tuple[str, Step, Any]]:
    """Key, step of the path, and value of each child; elements of a list are keyed by name."""
    if isinstance(graders, Mapping):
        yield from ((key, key, child) for key, child in graders.items())
        return
    taken: set[str] = set()
    for i, child in enumerate(graders):
        name = child.get("name") if isinstance(child, Mapping) else None
        key = base = (as_key(name) if isinstance(name, str) else "") or f"grader_{i + 1}"
        n = 1
        while key in taken:
            key, n = f"{base}_{n + 1}", n + 1
        taken.add(key)
        yield key, i, child

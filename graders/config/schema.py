"""JSON Schema of all grader types, for `grade schema` and for editors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from ..formula.faults import WRITABLE
from . import TYPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """A new JSON Schema (2020-12) that accepts one grader of any type.

    It says what fits where; templates, formulas and sources are checked by `load` alone.
    """
    union: Any = reduce(or_, TYPES.values())
    grader: Any = Annotated[union, Field(discriminator="type")]
    made = TypeAdapter(grader).json_schema()
    for part in subschemas(made):
        without_titles(part)
    for kind, cls in TYPES.items():
        definition = made["$defs"][cls.__name__]
        definition["title"] = kind
        definition["required"] = ["type", *definition.get("required", ())]
    made["$defs"]["Multi"]["properties"]["graders"] |= {
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{WRITABLE.pattern}$"},
    }
    about = "A grader in OpenAI's format: what to compare, or whom to ask, for one score a row."
    return {"$schema": DIALECT, "title": "Grader", "description": about, **made}


def subschemas(part: Any) -> Iterator[dict[str, Any]]:
    """Every object of a schema."""
    if isinstance(part, dict):
        yield part
    for inner in (
        part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    ):
        yield from subschemas(inner)


def without_titles(part: dict[str, Any]) -> None:
    """Drop the titles that pydantic makes of field names: they only repeat them."""
    for definition in part.get("properties", {}).values():
        definition.pop("title", None)

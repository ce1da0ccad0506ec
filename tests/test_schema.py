from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from graders.config import TYPES
from graders.config.schema import DIALECT, schema, subschemas

EXACT = {"type": "string_check", "input": "a", "reference": "b", "operation": "eq"}


@pytest.fixture(scope="module")
def validator() -> Any:
    made = schema()
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def test_the_schema_names_its_dialect_and_every_type() -> None:
    made = schema()
    assert made["$schema"] == DIALECT
    assert made["discriminator"]["propertyName"] == "type"
    assert made["discriminator"]["mapping"].keys() == TYPES.keys()
    titles = {definition["title"] for definition in made["$defs"].values()}
    assert TYPES.keys() <= titles
    assert json.loads(json.dumps(made)) == made


def test_every_type_is_described_and_needs_its_type() -> None:
    made = schema()
    for cls in TYPES.values():
        definition = made["$defs"][cls.__name__]
        assert definition["description"]
        assert definition["required"][0] == "type"
        assert definition["additionalProperties"] is False


def test_every_reference_leads_somewhere() -> None:
    made = schema()
    references = [part["$ref"] for part in subschemas(made) if isinstance(part.get("$ref"), str)]
    assert references
    for reference in references:
        assert reference.removeprefix("#/$defs/") in made["$defs"]


def test_a_schema_is_made_anew_for_every_caller() -> None:
    schema()["$defs"].clear()
    assert schema()["$defs"]


def test_valid_public_configs_fit(data: Path, validator: Any) -> None:
    lines = (data / "grader_configs" / "public.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    valid = [row for row in rows if row["expected_valid"] is True]
    assert len(valid) > 50
    for row in valid:
        validator.validate(row["grader"])


def test_invalid_public_configs_do_not_fit(data: Path, validator: Any) -> None:
    lines = (data / "grader_configs" / "public.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    fitting = [
        r["id"] for r in rows if r["expected_valid"] is False and validator.is_valid(r["grader"])
    ]
    assert not fitting


@pytest.mark.parametrize(
    "config",
    [
        {**EXACT, "type": "string_chek"},
        {k: v for k, v in EXACT.items() if k != "type"},
        {**EXACT, "operation": "contains"},
        {**EXACT, "input": 3},
        {**EXACT, "extra": 1},
        {"type": "multi", "graders": [EXACT], "calculate_output": "a"},
        {"type": "multi", "graders": EXACT, "calculate_output": "a"},
        {"type": "multi", "graders": {}, "calculate_output": "a"},
        {"type": "multi", "graders": {"a-b": EXACT}, "calculate_output": "a"},
        {
            "type": "multi",
            "graders": {"a": {"type": "multi", "graders": {"b": EXACT}, "calculate_output": "b"}},
            "calculate_output": "a",
        },
        {"type": "python"},
        {"type": "score_model", "model": "m", "input": "text"},
        {"type": "score_model", "model": "m", "input": [{"role": "tool", "content": "x"}]},
        [],
        "string_check",
        None,
    ],
)
def test_what_is_no_grader_does_not_fit(config: object, validator: Any) -> None:
    assert validator.is_valid(EXACT)
    assert not validator.is_valid(config)

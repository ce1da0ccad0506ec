"""Real grader files found in public material: what is valid loads, what is not says why."""

from __future__ import annotations

import json
import pickle
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from graders.config import check, dump, load
from graders.errors import ConfigError

COUNT = 86
NUMBERS = pytest.mark.parametrize("number", range(COUNT))

# What the notes of an invalid file say -> what the message must say. Notes that match nothing here
# are remarks, or faults that the contract tolerates (a missing name, cosine outside evals).
FAULTS = (
    (r"(?:\w+: )?missing (?!name)(\w+)", r"\.{0}   missing"),
    (r"(?:\w+: )?extra field (\w+)", r'\.{0}   unknown field "{0}"'),
    (r"(?:\w+: )?operation '(\w+)' not in .*", r'unknown operation "{0}"   expected eq, ne, like'),
    (r"(?:\w+: )?unknown grader type '(\w+)'", r'\.type   unknown type "{0}"'),
    (r"graders is a list.*", r"\$\.graders   a list   expected an object: key -> grader"),
    (r"dotted name in calculate_output", r"write the key alone: zuca_structural_grader"),
    (r"(?:\w+: )?no grade function in source", r"no top-level function grade"),
    (r"input is not a list of messages", r"\$\.input   .* is text   expected a list of messages"),
    (r".*wildcard paths", r"wildcards and slices are not part of the format"),
)


@cache
def rows(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "grader_configs" / "public.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def normalised(value: Any) -> Any:
    """The normalisations of the contract, without the names of graders."""
    if isinstance(value, list):
        return [normalised(element) for element in value]
    if not isinstance(value, dict):
        return value
    renamed = {
        "max_tokens": "max_completions_tokens",
        "max_completion_tokens": "max_completions_tokens",
        "sampling_parameters": "sampling_params",
    }
    made = {renamed.get(k, k): normalised(v) for k, v in value.items() if v is not None}
    if "type" in made:
        made.pop("id", None)
    if made.get("operation") == "neq":
        made["operation"] = "ne"
    return made


def named(value: dict[str, Any]) -> dict[str, Any]:
    """The children of a multi under their names: their own, else their key."""
    children = value.get("graders", {})
    return {
        **value,
        "graders": {key: {"name": key, **child} for key, child in children.items()},
    }


def test_every_row_is_looked_at(data: Path) -> None:
    assert len(rows(data)) == COUNT


@NUMBERS
def test_a_valid_config_loads_and_dumps_to_itself(data: Path, number: int) -> None:
    row = rows(data)[number]
    if row["expected_valid"] is False:
        with pytest.raises(ConfigError):
            load(row["grader"])
        return
    grader = load(row["grader"])
    written, given = dump(grader), normalised(row["grader"])
    if not given.get("name"):
        assert re.fullmatch(r"grader-[0-9a-z]{12}", written.pop("name"))
        given.pop("name", None)
    assert written == (named(given) if "graders" in given else given)


@NUMBERS
def test_a_valid_config_survives_dump_text_and_pickle(data: Path, number: int) -> None:
    row = rows(data)[number]
    grader, problems = check(row["grader"])
    if row["expected_valid"] is False:
        assert grader is None
        return
    assert grader is not None
    assert {problem.severity for problem in problems} <= {"warning"}
    for again in (
        load(dump(grader)),
        load(json.dumps(dump(grader))),
        load(json.dumps(dump(grader), ensure_ascii=False, indent=2)),
        pickle.loads(pickle.dumps(grader)),
    ):
        assert again == grader
        assert hash(again) == hash(grader)
        assert dump(again) == dump(grader)


@NUMBERS
def test_an_invalid_config_is_refused_with_a_message_that_names_the_fault(
    data: Path, number: int
) -> None:
    row = rows(data)[number]
    if row["expected_valid"] is not False:
        return
    with pytest.raises(ConfigError) as caught:
        load(json.dumps(row["grader"], indent=1))
    message = str(caught.value)
    named_faults = 0
    for note in re.split(r"[;,] ", row["notes"]):
        for pattern, words in FAULTS:
            if match := re.fullmatch(pattern, note):
                wanted = words.format(*map(re.escape, match.groups())) if match.groups() else words
                assert re.search(wanted, message), f"{note!r} is not named in:\n{message}"
                named_faults += 1
    assert named_faults
    for problem in caught.value.problems:
        assert problem.path in message
        assert problem.line is not None
        assert problem.expected or problem.fix or problem.severity == "warning"


def test_names_of_children_are_their_keys_where_they_have_none(data: Path) -> None:
    (row,) = [r for r in rows(data) if r["id"] == "pub-036"]
    graders = dump(load(row["grader"]))["graders"]
    assert {key: child["name"] for key, child in graders.items()} == {
        "accuracy": "accuracy",
        "completeness": "completeness",
    }

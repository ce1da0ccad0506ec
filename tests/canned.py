"""Batches and canned replies for graders that ask."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from graders.batch import Batch, Row
from graders.errors import ConfigError, Problem
from graders.grader import Grader, ModelReply, Reply, Scores
from graders.options import Options

SAMPLE = {"output_text": '{"answer": "Paris"}', "output_audio": {"data": "UklGRg=="}}
ITEM = {"question": "capital of France?", "answer": "Paris"}


def batch_for(grader: Grader, *rows: Row, options: Options | None = None) -> Batch:
    """The rows as the engine would hand them to the grader; one plausible row if there are none."""
    chosen = rows or (Row(SAMPLE, ITEM),)
    return Batch(chosen, options, needs_sample=grader.needs_sample())


def score_one(grader: Grader, reply: Reply | None, options: Options | None = None) -> Scores:
    """The scores of one plausible row with this reply."""
    return grader.score(batch_for(grader, options=options), [reply])


def verdict(result: object, **fields: Any) -> ModelReply:
    """A judge's reply in the hosted form."""
    steps = [{"description": "compare", "conclusion": "done"}]
    return ModelReply(json.dumps({"steps": steps, "result": result}), **fields)


def problems_of(cls: type[Grader], fields: Mapping[str, Any]) -> dict[str, Problem]:
    """Path -> what is wrong with these fields; they must be refused."""
    with pytest.raises(ConfigError) as refused:
        cls(**fields)
    return {problem.path: problem for problem in refused.value.problems}


def real_configs(data: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and JSON of every public grader of this type that should load, also inside a multi."""
    for line in (data / "grader_configs/public.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if record["expected_valid"] is False:
            continue
        grader = record["grader"]
        children = grader["graders"] if grader["type"] == "multi" else {"": grader}
        for key, child in children.items():
            if child["type"] == kind:
                yield record["id"] + key, child


def without_null(value: Any) -> Any:
    """The JSON value without members that are null."""
    if isinstance(value, dict):
        return {key: without_null(entry) for key, entry in value.items() if entry is not None}
    return [without_null(entry) for entry in value] if isinstance(value, list) else value


def row_like(grader: Grader) -> Row:
    """A row that has every variable which the grader's templates read."""
    roots: dict[str, Any] = {"item": {}, "sample": {"output_text": "some output"}}
    for template in grader.templates().values():
        for placeholder in template.placeholders:
            if placeholder.path[0] not in roots[placeholder.namespace]:
                value: Any = "a value"
                for step in reversed(placeholder.path[1:]):
                    value = [value] * (step + 1) if isinstance(step, int) else {step: value}
                roots[placeholder.namespace][placeholder.path[0]] = value
    return Row(roots["sample"], roots["item"])

"""Published rare-disease cases: answers made of the real genes, graded as the task would be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import graders
from graders.cli import main

GRADER = {
    "type": "multi",
    "name": "gene ranking",
    "graders": {
        "first": {
            "type": "string_check",
            "input": "{{sample.output_json.genes[0]}}",
            "reference": "{{item.gene}}",
            "operation": "eq",
        },
        "listed": {
            "type": "string_check",
            "input": "{{sample.output_json.genes}}",
            "reference": '"{{item.gene}}"',
            "operation": "like",
        },
        "disease": {
            "type": "text_similarity",
            "input": "{{sample.output_json.explanation}}",
            "reference": "{{item.disease}}",
            "evaluation_metric": "rouge_l",
        },
    },
    "calculate_output": "0.8 * max(first, 0.4 * listed) + 0.2 * disease",
}
# quality of an answer -> the genes it lists, G being the right one, and its reward
ANSWERS = {
    "first": (["G", "A1BG"], 1.0),
    "third": (["A1BG", "A2M", "G"], 0.52),
    "absent": (["A1BG", "A2M"], 0.2),
}


@pytest.fixture(scope="module")
def cases(data: Path) -> list[dict[str, Any]]:
    folder = data / "rare_disease"
    lines = [
        line
        for name in ("train.jsonl", "valid.jsonl")
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def rows(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{case['id']}/{quality}",
            "quality": quality,
            "item": case,
            "sample": json.dumps(
                {
                    "genes": [case["gene"] if gene == "G" else gene for gene in genes],
                    "explanation": case["disease"],
                }
            ),
        }
        for case in cases
        for quality, (genes, _) in ANSWERS.items()
    ]


def test_every_answer_to_every_case_earns_what_it_should(rows: list[dict[str, Any]]) -> None:
    results = graders.grade(GRADER, rows)
    assert len(results) == 1250 * 3
    assert set(results.outcomes) == {"scored"}
    for row, reward in zip(rows, results.rewards.tolist(), strict=True):
        assert reward == pytest.approx(ANSWERS[row["quality"]][1], abs=1e-12), row["id"]


def test_the_command_gives_what_the_library_gives(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    grader, data, out = (tmp_path / name for name in ("grader.json", "rows.jsonl", "out.jsonl"))
    grader.write_text(json.dumps(GRADER))
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["run", str(grader), str(data), "-o", str(out), "-q", "--by", "quality"]) == 0
    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["reward"] for line in written] == graders.grade(GRADER, rows).rewards.tolist()
    assert [line["id"] for line in written] == [row["id"] for row in rows]


def test_the_cases_alone_have_no_outputs_to_grade(data: Path, tmp_path: Path) -> None:
    grader, out = tmp_path / "grader.json", tmp_path / "out.jsonl"
    grader.write_text(json.dumps(GRADER))
    cases = str(data / "rare_disease" / "valid.jsonl")
    assert main(["run", str(grader), cases, "-o", str(out), "-q"]) == 3
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(lines) == 150
    assert all("a dataset without outputs" in line["error"]["detail"] for line in lines)

"""Fields that arguments name: sparse, late, absent, mappings, and with too many values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import EVAL, EXACT, MULTI, Grade, row

Files = Callable[..., Path]


def sparse(n: int, field: str, value: Any, at: int) -> list[dict[str, Any]]:
    """Rows of which one has the field."""
    rows = [row("a", "a") for _ in range(n)]
    rows[at][field] = value
    return rows


@pytest.mark.parametrize(("flag", "value"), [("--compare", 0.5), ("--by", "x"), ("--group", "x")])
def test_a_field_may_come_late(
    grade: Grade, exact: Path, files: Files, flag: str, value: Any
) -> None:
    data = files("rows.jsonl", sparse(300, "late", value, 250))
    done = grade("run", exact, data, flag, "late", "-o", "out.jsonl")
    assert done.status == (3 if flag == "--group" else 0)
    assert done.err.splitlines() == [
        f"warning: {flag}: none of the first 100 rows has a field 'late'; fields: answer"
    ]
    quiet = grade("run", exact, data, flag, "late", "-o", "quiet.jsonl", "-q")
    assert quiet.err == ""


@pytest.mark.parametrize("flag", ["--compare", "--by", "--group", "--sample-field"])
def test_a_field_that_never_comes_is_said_at_the_end(
    grade: Grade, exact: Path, files: Files, flag: str
) -> None:
    data = files("rows.jsonl", sparse(300, "late", 1, 250))
    done = grade("run", exact, data, flag, "never", "-o", "out.jsonl", "-q")
    assert done.status == 1
    assert done.err.endswith(f"{flag}: no row has a field 'never'\n")
    assert len(Path("out.jsonl").read_text().splitlines()) == 300
    assert grade("run", exact, data, flag, "never", "--limit", 99).status == 2


def test_a_sample_field_that_no_row_has_is_wrong_usage(
    grade: Grade, exact: Path, rows: Path
) -> None:
    done = grade("run", exact, rows, "--sample-field", "answer", "-o", "out.jsonl")
    assert done.status == 2
    words = "keys found: item, output, step, score, id"
    assert f"--sample-field: no row has a field 'answer'; {words}" in done.err
    assert not Path("out.jsonl").exists()


def compared(grade: Grade, *argv: object) -> tuple[dict[str, Any], str]:
    """The facts and the text of a comparison with `human`."""
    done = grade("run", *argv, "--compare", "human", "--summary", "json", "-o", "j", "--force")
    text = grade("run", *argv, "--compare", "human", "-o", "t", "--force").out
    lines = text.partition("compare  ")
    return json.loads(done.out), lines[1] + lines[2].partition("\nsample ")[0]


HUMAN = [row("a", "a", human={"exact": 1, "similar": 1}), row("a", "b", human={"exact": 1})]


def test_one_criterion_is_compared_with_its_entry(grade: Grade, files: Files) -> None:
    argv = (files("eval.json", EVAL), files("rows.jsonl", HUMAN), "--criterion", "exact")
    facts, text = compared(grade, *argv)
    assert [(s["score"], s["rows"], s["equal"]) for s in facts["compare"]] == [("reward", 2, 0.5)]
    assert text.startswith("compare  recorded human: 50 % equal")


def test_a_mapping_without_the_grader_says_so(grade: Grade, files: Files) -> None:
    grader = files("g.json", {**EXACT, "name": "other"})
    facts, text = compared(grade, grader, files("rows.jsonl", HUMAN))
    assert facts["compare_note"] == "human is a mapping without other; it has exact, similar"
    assert text == f"compare  recorded {facts['compare_note']}"


def test_mappings_of_other_names_are_one_line(grade: Grade, files: Files) -> None:
    rows = [row("a", "a", human={"fluency": 1, "relevance": 2})] * 3
    facts, text = compared(grade, files("g.json", MULTI), files("rows.jsonl", rows))
    assert facts["compare"] == []
    assert text == (
        "compare  recorded human is a mapping of fluency, relevance; the grader has exact, similar"
    )


def test_rows_without_a_number_are_said(grade: Grade, files: Files) -> None:
    rows = [row("a", "a", human={"exact": "good"})] * 3
    _, text = compared(grade, files("g.json", EXACT), files("rows.jsonl", rows))
    assert text == "compare  recorded human: no row has both a reward and a recorded number"


def test_by_counts_rows_of_an_eval_as_scored(grade: Grade, files: Files) -> None:
    grader = files("eval.json", EVAL)
    data = files("rows.jsonl", [row("a", "a", step=1), {"item": {}, "output": "b", "step": 1}])
    done = grade("run", grader, data, "--by", "step", "--summary", "json", "-o", "out.jsonl")
    (cell,) = json.loads(done.out)["by"]["values"]
    assert (cell["rows"], cell["scored"], cell["mean"], cell["pass_rate"]) == (2, 1, None, 1.0)


@pytest.mark.parametrize(("n", "words"), [(1000, "and 960 more"), (1001, "more than 1,000 values")])
def test_more_values_than_are_kept_are_not_promised(
    grade: Grade, exact: Path, files: Files, n: int, words: str
) -> None:
    data = files("rows.jsonl", [row("a", "a", step=i) for i in range(n)])
    done = grade("run", exact, data, "--by", "step", "-o", "out.jsonl")
    assert words in done.out
    assert ("--summary json has them" in done.out) is (n == 1000)

from __future__ import annotations

import math
from typing import Any

import pytest

import graders

TEXT = "{{sample.output_text}}"


def criterion(name: str, reference: str) -> dict[str, Any]:
    return {
        "type": "string_check",
        "name": name,
        "input": TEXT,
        "reference": reference,
        "operation": "eq",
    }


def evaluation(*criteria: dict[str, Any]) -> Any:
    return graders.load({"testing_criteria": list(criteria)})


def test_one_criterion_is_just_a_grader() -> None:
    assert isinstance(evaluation(criterion("a", "x")), graders.StringCheck)


def test_several_criteria_have_sub_rewards_and_no_reward() -> None:
    result = evaluation(criterion("a", "x"), criterion("b", "y"))("x", {})
    assert math.isnan(result.reward)
    assert result.outcome == "scored"
    assert result.sub_rewards == {"a": 1.0, "b": 0.0}
    assert result.passed is False


def test_a_row_passes_when_every_criterion_does() -> None:
    assert evaluation(criterion("a", "x"), criterion("b", "x"))("x", {}).passed is True


def test_repeated_names_get_numbered_keys() -> None:
    grader = evaluation(criterion("a", "x"), criterion("a", "y"), criterion("a", "z"))
    assert list(grader.criteria) == ["a", "a_2", "a_3"]


def test_an_error_of_one_criterion_errors_the_row_and_is_named() -> None:
    result = evaluation(criterion("a", "x"), criterion("b", "{{item.no}}"))("x", {})
    assert (result.outcome, result.passed) == ("errored", None)
    assert result.error is not None
    assert result.error.grader == "b"
    assert result.sub_rewards["a"] == 1.0


def test_a_criterion_without_a_verdict_leaves_the_row_without_one() -> None:
    open_ended = {
        "type": "text_similarity",
        "name": "s",
        "input": TEXT,
        "reference": "x",
        "evaluation_metric": "rouge_1",
    }
    grader = evaluation(criterion("a", "x"), open_ended)
    assert grader("x", {}).passed is None
    assert grader("y", {}).passed is False


def test_per_criterion_counts() -> None:
    grader = evaluation(criterion("a", "x"), criterion("b", "{{item.y}}"))
    results = graders.grade(grader, samples=["x", "y", "x"], items=[{"y": "x"}, {"y": "y"}, {}])
    assert results.per_criterion == [
        {"testing_criteria": "a", "passed": 2, "failed": 1, "errored": 0},
        {"testing_criteria": "b", "passed": 2, "failed": 0, "errored": 1},
    ]
    assert results.result_counts == {
        "total": 3,
        "scored": 2,
        "errored": 1,
        "skipped": 0,
        "passed": 1,
        "failed": 1,
    }


def test_criteria_round_trip() -> None:
    source = {"testing_criteria": [criterion("a", "x"), criterion("b", "y")]}
    grader = graders.load(source)
    assert graders.dump(grader) == source
    assert graders.load(graders.dump(grader)) == grader


def test_rows_without_a_sample_are_skipped() -> None:
    with_sample = evaluation(criterion("a", "x"), criterion("b", "x"))
    assert with_sample(None, {}).outcome == "skipped"


@pytest.mark.parametrize("n", [0])
def test_no_criteria_are_refused(n: int) -> None:
    with pytest.raises(graders.ConfigError):
        evaluation(*[criterion("a", "x")] * n)


@pytest.mark.parametrize("criteria", [{}, {"a": 1}])
def test_criteria_hold_graders(criteria: Any) -> None:
    with pytest.raises(graders.ConfigError):
        graders.Criteria(criteria=criteria)

from __future__ import annotations

import math

import numpy as np
import pytest
from openai.types.fine_tuning.alpha import GraderRunResponse

import graders
from graders.errors import ERROR_KEYS, RowError
from graders.results import error_flags

EXACT = graders.StringCheck(
    name="exact", input="{{sample.output_text}}", reference="{{item.a}}", operation="eq"
)


def graded() -> graders.Results:
    return graders.grade(EXACT, samples=["x", "x", None], items=[{"a": "x"}, {}, {"a": "x"}])


def test_three_outcomes_and_their_counts() -> None:
    results = graded()
    assert results.outcomes == ["scored", "errored", "skipped"]
    assert results.result_counts == {
        "total": 3,
        "scored": 1,
        "errored": 1,
        "skipped": 1,
        "passed": 1,
        "failed": 0,
    }
    assert results.passed == [True, None, None]
    assert list(results.errors) == [1]


def test_tolist_asks_what_stands_for_a_missing_score() -> None:
    assert graded().tolist(missing=None) == [1.0, None, None]
    assert graded().tolist(missing=-1.0) == [1.0, -1.0, -1.0]
    with pytest.raises(TypeError):
        graded().tolist()  # type: ignore[call-arg]


def test_indexing_gives_a_row() -> None:
    results = graded()
    assert results[0].reward == 1.0
    assert results[-1].outcome == "skipped"
    assert [result.outcome for result in results] == results.outcomes
    with pytest.raises(IndexError, match="row 3 of 3"):
        results[3]
    with pytest.raises(graders.UsageError):
        results["a"]  # type: ignore[index]


def test_the_response_has_every_key_of_the_service() -> None:
    response = graded()[0].to_openai()
    assert list(response) == [
        "reward",
        "metadata",
        "sub_rewards",
        "model_grader_token_usage_per_model",
    ]
    assert list(response["metadata"]) == [
        "name",
        "type",
        "errors",
        "execution_time",
        "scores",
        "token_usage",
        "sampled_model_name",
    ]
    assert tuple(response["metadata"]["errors"]) == ERROR_KEYS
    assert len(ERROR_KEYS) == 24
    assert not any(response["metadata"]["errors"].values())
    assert response["reward"] == 1.0


def test_a_failure_is_zero_only_in_the_response_and_has_its_flag() -> None:
    result = graded()[1]
    assert math.isnan(result.reward)
    response = result.to_openai()
    errors = response["metadata"]["errors"]
    assert response["reward"] == 0.0
    assert errors["invalid_variable_error"] is True
    assert errors["invalid_variable_error_details"] == "item.a: no item.a"
    assert sum(value is True for value in errors.values()) == 1


def test_a_skipped_row_is_other_error_in_the_response() -> None:
    response = graded()[2].to_openai()
    assert response["reward"] == 0.0
    assert response["metadata"]["errors"]["other_error"] is True


def test_details_and_types_stand_beside_their_flags() -> None:
    flags = error_flags(
        [
            RowError("python_grader_runtime_error", "exception", "Traceback"),
            RowError("python_grader_server_error", "unavailable", "no sandbox"),
        ]
    )
    assert flags["python_grader_runtime_error_details"] == "Traceback"
    assert flags["python_grader_server_error_type"] == "unavailable"


def test_the_sdk_reads_the_response() -> None:
    response = graded()[1].to_openai()
    parsed = GraderRunResponse.model_validate(response)
    assert parsed.reward == 0.0


def test_a_row_number_may_come_from_numpy() -> None:
    results = graded()
    assert results[np.nanargmax(results.rewards)].reward == 1.0


def test_errors_are_in_the_order_of_the_rows() -> None:
    items = [{"a": "x"}, {}, {"a": "x"}, {}]
    results = graders.grade(EXACT, samples=["x", "x", 5, "x"], items=items)
    assert list(results.errors) == [1, 2, 3]

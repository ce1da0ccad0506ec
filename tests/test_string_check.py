from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graders

TEXT = "{{sample.output_text}}"


def check(operation: str, input: str, reference: str) -> float:
    grader = graders.StringCheck(
        name="check", input=TEXT, reference="{{item.reference}}", operation=operation
    )
    return grader(input, {"reference": reference}).reward


@pytest.mark.parametrize(
    ("operation", "input", "reference", "expected"),
    [
        ("eq", "Paris", "Paris", 1.0),
        ("eq", "Paris", "paris", 0.0),
        ("eq", "Paris ", "Paris", 0.0),
        ("eq", "", "", 1.0),
        ("eq", "é", "e\u0301", 0.0),
        ("ne", "Paris", "paris", 1.0),
        ("ne", "Paris", "Paris", 0.0),
        ("like", "It is Paris.", "Paris", 1.0),
        ("like", "Paris", "It is Paris.", 0.0),
        ("like", "It is paris.", "Paris", 0.0),
        ("like", "100%", "%", 1.0),
        ("like", "abc", "a%c", 0.0),
        ("like", "abc", "", 1.0),
        ("ilike", "It is PARIS.", "paris", 1.0),
        ("ilike", "STRASSE", "straße", 0.0),
        ("ilike", "İstanbul", "i̇stanbul", 1.0),
        ("ilike", "x", "", 1.0),
    ],
)
def test_operations(operation: str, input: str, reference: str, expected: float) -> None:
    assert check(operation, input, reference) == expected


@given(st.text(max_size=20), st.text(max_size=5))
def test_operations_are_those_of_str(input: str, reference: str) -> None:
    assert check("eq", input, reference) == float(input == reference)
    assert check("ne", input, reference) == float(input != reference)
    assert check("like", input, reference) == float(reference in input)
    assert check("ilike", input, reference) == float(reference.lower() in input.lower())


def test_a_score_of_one_passes_without_a_threshold() -> None:
    grader = graders.StringCheck(name="x", input=TEXT, reference="a", operation="eq")
    assert grader("a").passed is True
    assert grader("b").passed is False
    assert grader(None).passed is None


def test_a_threshold_decides_where_there_is_one() -> None:
    grader = graders.StringCheck(
        name="x", input=TEXT, reference="a", operation="eq", pass_threshold=0
    )
    assert grader("b").passed is True


def test_a_missing_variable_is_not_a_zero() -> None:
    grader = graders.StringCheck(name="x", input=TEXT, reference="{{item.no}}", operation="eq")
    result = grader("a", {})
    assert math.isnan(result.reward)
    assert result.outcome == "errored"
    assert result.error is not None
    assert result.error.cause == "missing_variable"
    assert result.passed is None


def test_the_wrong_operation_names_the_right_ones() -> None:
    with pytest.raises(graders.ConfigError) as caught:
        graders.StringCheck(name="x", input=TEXT, reference="a", operation="contains")  # type: ignore[arg-type]
    assert "$.operation" in str(caught.value)
    assert "eq, ne, like, ilike" in str(caught.value)


def test_a_missing_name_comes_from_the_content() -> None:
    one = graders.StringCheck(input=TEXT, reference="a", operation="eq")
    two = graders.StringCheck(input=TEXT, reference="a", operation="eq")
    other = graders.StringCheck(input=TEXT, reference="b", operation="eq")
    assert one.name == two.name != other.name
    assert one.name.startswith("grader-")
    assert len(one.name) == len("grader-") + 12


def test_graders_are_frozen_hashable_and_picklable() -> None:
    grader = graders.StringCheck(name="x", input=TEXT, reference="a", operation="eq")
    assert pickle.loads(pickle.dumps(grader)) == grader
    assert hash(grader) == hash(pickle.loads(pickle.dumps(grader)))
    with pytest.raises(Exception, match="frozen"):
        grader.input = "other"  # type: ignore[misc]


def test_the_signature_names_the_operation() -> None:
    grader = graders.StringCheck(name="x", input=TEXT, reference="a", operation="ilike")
    assert grader.signature(graders.Options()) == "string_check|operation:ilike|def:1"


@pytest.mark.parametrize("threshold", [math.nan, math.inf, 10**400, True])
def test_a_threshold_is_a_finite_number(threshold: float) -> None:
    with pytest.raises(graders.ConfigError, match=r"\$\.pass_threshold"):
        graders.StringCheck(
            name="x", input=TEXT, reference="a", operation="eq", pass_threshold=threshold
        )

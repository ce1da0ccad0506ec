from __future__ import annotations

import math
import pickle
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

import graders
from graders.errors import python_error
from graders.grader import Job, PythonReply, Reply

TEXT = "{{sample.output_text}}"


def string_check(reference: str) -> dict[str, Any]:
    return {"type": "string_check", "input": TEXT, "reference": reference, "operation": "eq"}


def python() -> dict[str, Any]:
    return {"type": "python", "source": "def grade(sample, item):\n    return 1.0\n"}


def multi(formula: str, **children: dict[str, Any]) -> graders.Multi:
    grader = graders.load({"type": "multi", "graders": children, "calculate_output": formula})
    assert isinstance(grader, graders.Multi)
    return grader


class Replies:
    """A runner that replies by the order in which jobs arrive."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = replies
        self.batches: list[int] = []

    async def run(self, jobs: Sequence[Job]) -> AsyncIterator[tuple[int, Reply]]:
        self.batches.append(len(jobs))
        for i in reversed(range(len(jobs))):
            yield i, self.replies[i]


def test_the_formula_makes_one_reward_of_the_children() -> None:
    grader = multi("0.25 * a + 0.5 * b", a=string_check("x"), b=string_check("{{item.y}}"))
    result = grader("x", {"y": "x"})
    assert result.reward == 0.75
    assert result.sub_rewards == {"a": 1.0, "b": 1.0}


def test_a_failed_child_errors_the_row_even_under_zero() -> None:
    grader = multi("a + 0 * b", a=string_check("x"), b=string_check("{{item.no}}"))
    result = grader("x", {})
    assert math.isnan(result.reward)
    assert result.error is not None
    assert (result.error.grader, result.error.cause) == ("b", "missing_variable")
    assert result.sub_rewards["a"] == 1.0


def test_a_failed_child_that_the_formula_does_not_name_is_only_recorded() -> None:
    grader = multi("a", a=string_check("x"), b=string_check("{{item.no}}"))
    result = grader("x", {})
    assert (result.reward, result.outcome, result.error) == (1.0, "scored", None)
    assert [error.grader for error in result.errors] == ["b"]
    assert result.to_openai()["metadata"]["errors"]["invalid_variable_error"] is True


def test_failed_child_zero_imitates_the_hosted_service() -> None:
    grader = multi("a + b", a=string_check("x"), b=string_check("{{item.no}}"))
    options = graders.Options(failed_child="zero")
    result = grader("x", {}, options=options)
    assert (result.reward, result.outcome) == (1.0, "scored")
    assert "failed:zero" in grader.signature(options)


def test_the_error_is_the_first_in_key_order() -> None:
    grader = multi(
        "c + b + a",
        a=string_check("{{item.no}}"),
        b=string_check("{{item.nope}}"),
        c=string_check(""),
    )
    error = grader("x", {}).error
    assert error is not None
    assert error.grader == "a"


@pytest.mark.parametrize(
    ("formula", "cause"),
    [("1 / a", "division_by_zero"), ("log(a)", "domain"), ("exp(1000 + a)", "overflow")],
)
def test_arithmetic_that_has_no_result_is_an_error(formula: str, cause: str) -> None:
    result = multi(formula, a=string_check("y"))("x", {})
    assert math.isnan(result.reward)
    assert result.error is not None
    assert (result.error.cause, result.error.flag) == (cause, "formula_parse_error")
    assert formula in result.error.detail


def test_children_ask_together_and_get_their_own_replies() -> None:
    grader = multi("p + 10 * q + 100 * s", p=python(), q=python(), s=string_check("x"))
    runner = Replies(PythonReply(1.0), PythonReply(2.0), PythonReply(3.0), python_error("crash"))
    results = graders.grade(grader, samples=["x", "y"], items=[{}, {}], runner=runner)
    assert runner.batches == [4]
    assert results.rewards[0] == 1.0 + 10 * 3.0 + 100
    assert results.errors[1].grader == "q"
    assert results.sub_rewards["p"].tolist() == [1.0, 2.0]


def test_a_child_without_a_name_is_named_by_its_key() -> None:
    grader = multi("a", a=string_check("x"))
    assert grader.graders["a"].name == "a"


def test_rows_without_a_sample_are_skipped_as_a_whole() -> None:
    result = multi("a + 1", a=string_check("x"))(None, {})
    assert (result.outcome, result.error) == ("skipped", None)
    assert math.isnan(result.reward)


@pytest.mark.parametrize(
    ("formula", "part"),
    [
        ("a + c", "known: a"),
        ("a +", "$.calculate_output"),
        ("a ** 2", "^"),
        ("", "$.calculate_output"),
    ],
)
def test_a_wrong_formula_is_refused_with_its_path(formula: str, part: str) -> None:
    with pytest.raises(graders.ConfigError) as caught:
        multi(formula, a=string_check("x"))
    assert "$.calculate_output" in str(caught.value)
    assert part in str(caught.value)


def test_multis_are_hashable_and_picklable() -> None:
    one = multi("a + b", a=string_check("x"), b=string_check("y"))
    two = multi("a + b", b=string_check("y"), a=string_check("x"))
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.graders == two.graders
    assert hash(one.graders) == hash(two.graders)


def test_the_signature_holds_the_children_and_the_formula() -> None:
    signature = multi("a", a=string_check("x")).signature(graders.Options())
    assert signature.startswith("multi(a=string_check|operation:eq|def:1)|formula:")


def test_a_formula_may_name_no_grader() -> None:
    assert multi("0.5", a=string_check("x"))("y", {}).reward == 0.5


def test_keys_that_a_formula_cannot_write_are_refused() -> None:
    child = graders.StringCheck(input=TEXT, reference="x", operation="eq")
    with pytest.raises(graders.ConfigError, match="the key 'a-b' cannot be written"):
        graders.Multi(graders={"a-b": child}, calculate_output="1")


def test_the_number_of_children_is_limited_from_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_SUB_GRADERS", "2")
    child = graders.StringCheck(input=TEXT, reference="x", operation="eq")
    assert graders.Multi(graders={"a": child, "b": child}, calculate_output="a").name
    with pytest.raises(graders.ConfigError, match="3 graders"):
        graders.Multi(graders={"a": child, "b": child, "c": child}, calculate_output="a")

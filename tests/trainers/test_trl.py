"""The contract of TRL 1.16's reward functions (spec of `GRPOTrainer._calculate_rewards`)."""

from __future__ import annotations

import inspect
import logging
import multiprocessing
import os
import pickle
from typing import Any

import pytest

import graders
from graders.trainers.trl import RewardFunction, reward_function

GRADER = {
    "type": "multi",
    "name": "answer quality",
    "graders": {
        "exact": {
            "type": "string_check",
            "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}",
            "operation": "eq",
        },
        "similar": {
            "type": "text_similarity",
            "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}",
            "evaluation_metric": "rouge_1",
        },
    },
    "calculate_output": "0.5 * exact + 0.5 * similar",
}


def call(reward: RewardFunction, completions: list[Any], **columns: Any) -> list[float | None]:
    """Call as the trainer does: keywords only, with everything that it adds."""
    return reward(
        prompts=["p"] * len(completions),
        completions=completions,
        completion_ids=[[1, 2]] * len(completions),
        trainer_state=object(),
        log_extra=lambda column, values: None,
        log_metric=columns.pop("log_metric", lambda name, value: None),
        **columns,
    )


def test_plain_completions_earn_floats() -> None:
    rewards = call(reward_function(GRADER), ["a b", "a c", "x y"], answer=["a b", "a b", "a b"])
    assert rewards == [1.0, 0.25, 0.0]
    assert all(type(reward) is float for reward in rewards)


def test_conversational_completions_are_messages() -> None:
    completions = [[{"role": "assistant", "content": text}] for text in ("a b", "x")]
    assert call(reward_function(GRADER), completions, answer=["a b", "a b"]) == [1.0, 0.0]


def test_a_row_without_a_score_is_none_and_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="graders"):
        rewards = call(reward_function(GRADER), ["a", "b"], answer=["a", None])
    assert rewards == [1.0, None]
    assert "1 of 2 rows have no reward: missing_variable 1" in caplog.text


def test_columns_go_where_they_are_told() -> None:
    grader = {**GRADER["graders"]["exact"], "reference": "{{item.gold.text}}"}  # type: ignore[index]
    reward = reward_function(grader, columns={"solution": "item.gold.text"})
    assert call(reward, ["a"], solution=["a"], other=[1]) == [1.0]


@pytest.mark.parametrize("name", ["item", "item_json"])
@pytest.mark.parametrize("value", [{"answer": "a", "x": None}, '{"answer": "a"}'])
def test_a_column_may_hold_whole_items(name: str, value: Any) -> None:
    assert call(reward_function(GRADER), ["a"], **{name: [value]}) == [1.0]


def test_nulls_that_a_table_filled_in_mean_missing() -> None:
    rewards = call(reward_function(GRADER), ["None"], item=[{"answer": None}])
    assert rewards == [None]


def test_the_prompt_is_part_of_the_item() -> None:
    grader = {**GRADER["graders"]["exact"], "reference": "{{item.prompt}}"}  # type: ignore[index]
    assert call(reward_function(grader), ["p"]) == [1.0]


def test_a_column_that_the_trainer_does_not_pass_is_named() -> None:
    reward = reward_function(GRADER, columns={"gold": "item.answer"})
    with pytest.raises(graders.UsageError, match='no column "gold"; it passed: answer, prompt'):
        call(reward, ["a"], answer=["a"])


@pytest.mark.parametrize("path", ["answer", "sample.x", "item..x", ""])
def test_a_wrong_path_is_refused(path: str) -> None:
    with pytest.raises(graders.UsageError, match="expected"):
        reward_function(GRADER, columns={"answer": path})


def test_lengths_must_agree() -> None:
    with pytest.raises(graders.UsageError, match="2 values for 1 completions"):
        call(reward_function(GRADER), ["a"], answer=["a", "b"])


def test_sub_rewards_and_error_rates_are_logged() -> None:
    logged: dict[str, float] = {}
    call(
        reward_function(GRADER),
        ["a", "b"],
        answer=["a", None],
        log_metric=logged.__setitem__,
    )
    assert logged == {
        "grade/answer quality/errored": 0.5,
        "grade/answer quality/skipped": 0.0,
        "grade/answer quality/exact": 1.0,
        "grade/answer quality/similar": 1.0,
    }


def test_async_grpo_passes_less_and_that_is_enough() -> None:
    reward = reward_function(GRADER)
    assert reward(prompts=["p"], completions=["a"], completion_ids=[[1]], answer=["a"]) == [1.0]


def test_the_name_is_stable_and_may_be_chosen() -> None:
    assert reward_function(GRADER).__name__ == "answer quality"
    assert reward_function(GRADER, name="mine").__name__ == "mine"


def in_child(reward: RewardFunction, queue: Any) -> None:
    queue.put((reward.__name__, call(reward, ["a b"], answer=["a b"])))


def test_reward_functions_travel_to_spawned_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.getcwd(), os.path.abspath("kernels")]))
    reward = reward_function(GRADER, deadline=60)
    assert pickle.loads(pickle.dumps(reward)).grader == reward.grader
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    child = context.Process(target=in_child, args=(reward, queue))
    child.start()
    assert queue.get(timeout=120) == ("answer quality", [1.0])
    child.join(30)


def test_it_is_a_sync_callable_that_takes_any_keyword() -> None:
    reward = reward_function(GRADER)
    assert not inspect.iscoroutinefunction(reward.__call__)
    assert call(reward, ["a"], answer=["a"], environments=[object()], more=[{"deep": [1]}]) == [1.0]


def test_criteria_have_no_single_reward() -> None:
    exact, similar = (dict(g, name=key) for key, g in GRADER["graders"].items())  # type: ignore[attr-defined]
    with pytest.raises(graders.ConfigError, match="no single reward: exact, similar"):
        reward_function({"testing_criteria": [exact, {**similar, "pass_threshold": 0.5}]})


def test_a_string_in_place_of_completions_is_refused() -> None:
    with pytest.raises(graders.UsageError, match="list of completions"):
        reward_function(GRADER)(completions="a")


def test_an_empty_batch_is_an_empty_list() -> None:
    assert call(reward_function(GRADER), []) == []


@pytest.mark.parametrize("number", [2**64, 2**64 + 1, 12345678901234567890123])
def test_json_items_keep_their_integers(number: int) -> None:
    item = f'{{"answer": {number}}}'
    assert call(reward_function(GRADER), [str(number)], item=[item]) == [1.0]


@pytest.mark.parametrize("item", ['{"answer": NaN}', "not json", "5", 5])
def test_an_item_that_cannot_be_read_costs_its_row_only(item: Any) -> None:
    rewards = call(reward_function(GRADER), ["a", "a"], item=[item, '{"answer": "a"}'])
    assert rewards == [None, 1.0]


def test_keywords_that_are_no_columns_are_ignored() -> None:
    assert call(reward_function(GRADER), ["a"], answer=["a"], epoch=3, extra=None) == [1.0]


def test_places_that_exclude_each_other_cost_the_row() -> None:
    reward = reward_function(GRADER, columns={"a": "item.answer", "b": "item.answer.x"})
    assert call(reward, ["a"], a=["a"], b=["b"]) == [None]


@pytest.mark.parametrize("deadline", [0, -1, "5", float("nan")])
def test_a_wrong_deadline_is_refused_before_training(deadline: Any) -> None:
    with pytest.raises(graders.UsageError, match="deadline"):
        reward_function(GRADER, deadline=deadline)

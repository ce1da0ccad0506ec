"""The example on rare diseases: its files hold what they promise, and better answers earn more."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graders

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "examples" / "rare_disease"
ITEM_FIELDS = ("gene", "disease", "sex", "age", "present", "absent", "explanation")


def read(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


CASES = read("cases.jsonl")
ROWS = read("samples.jsonl")


@pytest.fixture(scope="module")
def grader() -> Any:
    return graders.load(FOLDER / "grader.json")


@pytest.fixture(scope="module")
def results(grader: Any) -> Any:
    return graders.grade(grader, ROWS)


def rewards_of(results: Any, quality: str) -> list[float]:
    return [
        reward
        for row, reward in zip(ROWS, results.rewards, strict=True)
        if row["quality"] == quality
    ]


def test_there_are_thirty_cases_or_more_each_with_its_own_gene() -> None:
    assert len(CASES) >= 30
    assert len({case["gene"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["gene"])
def test_a_case_is_a_row_of_a_fine_tuning_dataset(case: dict[str, Any]) -> None:
    (message,) = case["messages"]
    assert message["role"] == "user"
    for finding in case["present"] + case["absent"]:
        assert finding in message["content"]
    assert case["gene"] not in message["content"]
    assert not set(case["present"]) & set(case["absent"])
    assert len(case["present"]) >= 3
    assert case["absent"]
    assert all(case[field] for field in ITEM_FIELDS)


def test_every_case_has_three_to_five_answers() -> None:
    counts = Counter(row["group"] for row in ROWS)
    assert counts.keys() == {case["id"] for case in CASES}
    assert set(counts.values()) <= {3, 4, 5}


def test_the_items_of_the_answers_are_the_cases() -> None:
    cases = {case["id"]: case for case in CASES}
    for row in ROWS:
        assert row["item"] == {field: cases[row["group"]][field] for field in ITEM_FIELDS}


def test_no_two_answers_are_the_same() -> None:
    assert len({row["sample"] for row in ROWS}) == len(ROWS)


def test_the_grader_is_written_back_as_it_is(grader: Any) -> None:
    assert graders.dump(grader) == json.loads((FOLDER / "grader.json").read_text())


def test_better_answers_earn_more(results: Any) -> None:
    order = ("good", "terse", "partial", "wrong")
    means = [float(np.mean(rewards_of(results, quality))) for quality in order]
    assert means == sorted(means, reverse=True)
    assert len(set(means)) == len(means)


def test_the_good_answer_beats_the_partial_one_and_that_the_wrong_one(results: Any) -> None:
    rewards = {row["id"]: r for row, r in zip(ROWS, results.rewards, strict=True)}
    for case in CASES:
        good, partial, wrong = (
            rewards[f"{case['id']}-{quality}"] for quality in ("good", "partial", "wrong")
        )
        assert 1.0 >= good > partial > wrong >= 0.0


def test_a_symbol_in_lower_case_is_not_the_gene(results: Any) -> None:
    assert all(0.0 < reward <= 0.2 for reward in rewards_of(results, "lower case"))


def test_an_answer_that_is_not_json_has_no_reward_and_says_why(results: Any) -> None:
    for row, result in zip(ROWS, results, strict=True):
        cause = result.error.cause if result.error else None
        if row["quality"] == "not JSON":
            assert np.isnan(result.reward)
            assert (result.outcome, cause) == ("errored", "output_not_json")
        elif row["quality"] == "no gene":
            assert (result.outcome, cause) == ("errored", "missing_variable")
        else:
            assert (result.outcome, cause) == ("scored", None)


def test_the_reward_is_the_formula_over_the_sub_rewards(results: Any) -> None:
    sub = results.sub_rewards
    ref = 0.8 * np.maximum(sub["first"], 0.4 * sub["listed"]) + 0.2 * sub["explanation"]
    np.testing.assert_allclose(results.rewards, ref, rtol=0, atol=1e-15)


def test_each_item_is_a_group_of_its_own() -> None:
    """Answers to one case share their item, so that they are one group without being told."""
    items = {json.dumps(row["item"]) for row in ROWS}
    assert len(items) == len({row["group"] for row in ROWS})

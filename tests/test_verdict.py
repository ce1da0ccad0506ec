"""Verdicts: what is asked for, and what counts as one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.judging.verdict import (
    SEARCHED_CHARS,
    NoVerdict,
    label_format,
    read_label,
    read_score,
    score_format,
)

LABELS = ("positive", "neutral", "negative")

STEPS_SCHEMA = {
    "type": "array",
    "description": "A sequence of steps outlining the reasoning process.",
    "items": {
        "type": "object",
        "properties": {
            "description": {
                "type": "string",
                "description": "Detailed description of the reasoning in this step.",
            },
            "conclusion": {
                "type": "string",
                "description": "The conclusion of the reasoning in this step.",
            },
        },
        "required": ["description", "conclusion"],
        "additionalProperties": False,
    },
}


def test_a_score_is_asked_for_in_the_hosted_form() -> None:
    assert score_format(-1, 7.5) == {
        "type": "json_schema",
        "json_schema": {
            "name": "float_score_classification",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {
                    "steps": STEPS_SCHEMA,
                    "result": {
                        "type": "number",
                        "description": "The float score assigned to the response. "
                        "This should be in inclusive range -1 to 7.5.",
                    },
                },
                "required": ["steps", "result"],
                "additionalProperties": False,
            },
        },
    }


def test_a_label_is_asked_for_in_the_same_envelope() -> None:
    schema = label_format(LABELS)["json_schema"]["schema"]
    assert schema["properties"]["steps"] == STEPS_SCHEMA
    assert schema["properties"]["result"]["enum"] == list(LABELS)
    assert schema["required"] == ["steps", "result"]


@pytest.mark.parametrize("form", [score_format(0, 1), label_format(LABELS)])
def test_the_reasoning_comes_before_the_result(
    form: dict[str, dict[str, dict[str, object]]],
) -> None:
    text = json.dumps(form)
    assert text.index('"steps"') < text.index('"result"')


SCORES = {
    '{"steps": [], "result": 0.8}': 0.8,
    '{"result": 1, "steps": []}': 1.0,
    '{"result": -1.0}': -1.0,
    '{"result": 8e-1}': 0.8,
    ' \n {"result": 0.5} \n': 0.5,
    '{"result": 0.1, "result": 0.2}': 0.2,
    '```json\n{"result": 0.5}\n```': 0.5,
    "0.8": 0.8,
    " 7\n": 7.0,
    ".5": 0.5,
    "1.": 1.0,
    "+2": 2.0,
    "-0.25": -0.25,
    "1e-2": 0.01,
    "`0.8`": 0.8,
    "```\n0.8\n```": 0.8,
    "```json\n0.8\n```": 0.8,
    "<think>perhaps 0.3, no</think>\n0.8": 0.8,
    'it quotes {"result": 0.1}</think>{"result": 0.8}': 0.8,
    '{"steps": [{"description": "it wrote </think>0.1", "conclusion": ""}], "result": 0.8}': 0.8,
    'Here it is: {"result": 0.8}. Bye.': 0.8,
    'First {"result": 0.2}, on reflection {"result": 0.8}': 0.8,
    '{"result": 0.8} {"note": "that was it"}': 0.8,
    'with \\frac{1}{2} and {x}: {"result": 0.8}': 0.8,
    '{"unfinished": [ {"result": 0.8}': 0.8,
    '{"steps": [{"description": "raw\nline break"}], "result": 0.8}': 0.8,
    '{"steps": [{"description": "{\\"result\\": 0}"}], "result": 0.8}': 0.8,
}


@pytest.mark.parametrize(("text", "expected"), SCORES.items())
def test_a_score_is_read(text: str, expected: float) -> None:
    assert read_score(text) == expected


NO_SCORES = {
    "": "neither",
    "   ": "neither",
    "eight": "neither",
    "Score: 0.8": "neither",
    "8/10": "neither",
    "80%": "neither",
    "0,8": "neither",
    "0.8.": "neither",
    "٠.٥": "neither",
    "true": "neither",
    '"0.8"': "neither",
    "[0.8]": "neither",
    "0.8\n0.9": "neither",
    "1e999": "Infinity",
    "-1e999": "-Infinity",
    "NaN": "neither",
    "Infinity": "neither",
    '{"result": NaN}': "NaN",
    '{"result": Infinity}': "Infinity",
    '{"result": 1e999}': "Infinity",
    '{"result": ' + "9" * 5000 + "}": "Infinity",
    '{"result": "0.8"}': '"0.8"',
    '{"result": "high"}': '"high"',
    '{"result": true}': "true",
    '{"result": null}': "null",
    '{"result": [0.8]}': "[0.8]",
    '{"result": {"result": 0.8}}': '{"result": 0.8}',
    '{"score": 0.8}': '"score"',
    '{"answer": {"result": 0.8}}': '"answer"',
    "{}": "nothing",
    '{"result": 0.8': "neither",
    '{"result": 0.2} then {"result": "none"}': '"none"',
    "<think>0.8": "neither",
    '<think>{"result": 0.8}': "neither",
    "0.8</think>": "neither",
    "```": "neither",
    "\ud800": "neither",
    "\x00": "neither",
}


@pytest.mark.parametrize(("text", "reason"), NO_SCORES.items())
def test_what_is_no_score_is_named_and_never_guessed(text: str, reason: str) -> None:
    with pytest.raises(NoVerdict) as problem:
        read_score(text)
    assert reason in str(problem.value)
    assert problem.value.cause == "parse"


@pytest.mark.parametrize(
    "text", ["0.8", "1", '{"result": 0.8', '{"result": 0.8} but', 'so {"result": 0.8}']
)
def test_a_cut_reply_is_no_score_unless_it_is_one_complete_object(text: str) -> None:
    with pytest.raises(NoVerdict):
        read_score(text, finished=False)
    assert read_score('{"result": 0.8}' + "\n" * 50, finished=False) == 0.8


LABEL_TEXTS = {
    '{"steps": [], "result": "neutral"}': "neutral",
    '{"result": " neutral\\n"}': "neutral",
    '```json\n{"result": "neutral"}\n```': "neutral",
    "neutral": "neutral",
    "neutral\n": "neutral",
    '"neutral"': "neutral",
    "```\nneutral\n```": "neutral",
    "<think>negative?</think>neutral": "neutral",
    'So: {"result": "negative"}, or rather {"result": "neutral"}': "neutral",
}


@pytest.mark.parametrize(("text", "expected"), LABEL_TEXTS.items())
def test_a_label_is_read(text: str, expected: str) -> None:
    assert read_label(text, LABELS) == expected


NO_LABELS = {
    "": "one of the labels",
    "Neutral": "one of the labels",
    "neutral.": "one of the labels",
    "I say neutral": "one of the labels",
    '{"result": "NEUTRAL"}': '"NEUTRAL", not one of the labels',
    '{"result": "good"}': '"good", not one of the labels',
    '{"result": 1}': "1.0, not one of the labels",
    '{"result": ["neutral"]}': "not one of the labels",
    '{"label": "neutral"}': 'no result, but "label"',
    "\u202eneutral": "one of the labels",
}


@pytest.mark.parametrize(("text", "reason"), NO_LABELS.items())
def test_what_is_no_label_is_named(text: str, reason: str) -> None:
    with pytest.raises(NoVerdict) as problem:
        read_label(text, LABELS)
    assert reason in str(problem.value)


def test_the_message_lists_the_labels_and_counts_those_it_leaves_out() -> None:
    with pytest.raises(NoVerdict) as problem:
        read_label('{"result": "good"}', LABELS)
    assert '"positive", "neutral", "negative"' in str(problem.value)
    with pytest.raises(NoVerdict) as problem:
        read_label("good", [f"label {i}" for i in range(1000)])
    assert '"label 19" and 980 more' in str(problem.value)


def test_labels_that_only_differ_by_spaces_are_compared_exactly() -> None:
    assert read_label('{"result": " yes"}', ["yes", " yes"]) == " yes"
    assert read_label('{"result": "yes"}', [" yes"]) == " yes"
    with pytest.raises(NoVerdict):
        read_label('{"result": "yes  "}', ["yes", " yes"])


def test_a_label_may_look_like_anything() -> None:
    for label in ("1", "{", '{"result": "x"}', "`", "</think>", "0.5", "", "名前", "true"):
        assert read_label(label, [label, "other"]) == label
        assert read_label(json.dumps({"result": label}), [label, "other"]) == label


@pytest.mark.parametrize("text", ["neutral", '"neutral"', 'so {"result": "neutral"}'])
def test_a_cut_reply_is_no_label_unless_it_is_one_complete_object(text: str) -> None:
    with pytest.raises(NoVerdict):
        read_label(text, LABELS, finished=False)
    assert read_label('{"result": "neutral"}', LABELS, finished=False) == "neutral"


HOSTILE = [
    '{"a":' * 50_000,
    '{"a":[' * 20_000 + "1," * 20_000,
    "{" * 200_000,
    '{"' * 100_000,
    "[" * 200_000,
    "`" * 100_000,
    " " * 100_000 + "{" + " " * 100_000,
    "1" * 200_000,
    "1e" + "9" * 100_000,
    "</think>" * 10_000,
    '{"result":' * 10_000 + "1" + "}" * 10_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_reply_is_no_verdict(text: str) -> None:
    with pytest.raises(NoVerdict) as problem:
        read_score(text)
    assert len(str(problem.value)) < 1000


def test_the_end_of_a_long_reply_is_searched() -> None:
    assert read_score("thinking aloud " * 20_000 + '{"result": 0.8}') == 0.8
    with pytest.raises(NoVerdict):
        read_score('{"result": 0.8}' + " and so on" * SEARCHED_CHARS)


def attempt(read: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What was read, or the message of the NoVerdict that was raised."""
    try:
        return read(*args, **options)
    except NoVerdict as problem:
        return str(problem)


anything = st.text() | st.lists(
    st.sampled_from(
        [*'{}[]":,`1.e-+ \n\ud800', '"result"', "</think>", "<think>", "NaN", "neutral"]
    )
).map("".join)


@given(anything, st.booleans())
def test_any_text_is_a_finite_score_or_no_verdict(text: str, finished: bool) -> None:
    read = attempt(read_score, text, finished=finished)
    assert math.isfinite(read) if isinstance(read, float) else read.encode()


@given(anything, st.booleans())
def test_any_text_is_a_label_or_no_verdict(text: str, finished: bool) -> None:
    read = attempt(read_label, text, LABELS, finished=finished)
    assert read in LABELS or read.startswith(("result is", "neither", "the JSON object"))


steps = st.lists(
    st.fixed_dictionaries({"description": anything, "conclusion": st.just('{"result": 7}')}),
    max_size=3,
)


@given(steps, st.floats(allow_nan=False, allow_infinity=False), st.data())
def test_a_verdict_is_read_whole_and_no_prefix_of_it_counts(
    reasoning: list[dict[str, str]], score: float, data: st.DataObject
) -> None:
    text = json.dumps({"steps": reasoning, "result": score}, ensure_ascii=data.draw(st.booleans()))
    assert read_score(text) == score
    assert read_score(text, finished=False) == score
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    for finished in (True, False):
        with pytest.raises(NoVerdict):
            read_score(cut, finished=finished)

"""label_model: fields, roles, and every way in which a reply becomes a score or does not."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canned import (
    batch_for,
    problems_of,
    real_configs,
    row_like,
    score_one,
    verdict,
    without_null,
)
from graders.batch import Row
from graders.errors import model_error
from graders.grader import ModelCall, ModelReply
from graders.judging.verdict import label_format
from graders.label_model import LabelModel
from graders.options import Options

PROMPT = {"role": "developer", "content": "Classify {{sample.output_text}}"}
MINIMAL: dict[str, Any] = {
    "type": "label_model",
    "name": "tone",
    "model": "o3-mini",
    "input": [PROMPT],
    "labels": ["kind", "neutral", "rude"],
    "passing_labels": ["kind", "neutral"],
}


def judge(**fields: Any) -> LabelModel:
    return LabelModel(**MINIMAL | fields)


def test_a_grader_is_dumped_as_it_was_written() -> None:
    for fields in (
        {},
        {"pass_threshold": 1},
        {"sampling_params": {"seed": 42, "top_p": 1, "max_completions_tokens": 32768}},
    ):
        grader = judge(**fields)
        assert grader.to_dict() == MINIMAL | fields
        assert pickle.loads(pickle.dumps(grader)) == grader
        assert hash(grader) == hash(judge(**fields))
    assert judge(sampling_params=None).to_dict() == MINIMAL


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"labels": []}, "$.labels", "empty"),
    ({"labels": "kind"}, "$.labels", "text"),
    ({"labels": ["kind", "neutral", "kind"]}, "$.labels[2]", "twice"),
    ({"labels": ["kind", 1]}, "$.labels[1]", "number"),
    ({"labels": ["kind", None]}, "$.labels[1]", "null"),
    ({"labels": None}, "$.labels", "null"),
    ({"labels": [str(i) for i in range(1001)]}, "$.labels", "1,001 labels"),
    ({"passing_labels": []}, "$.passing_labels", "empty"),
    ({"passing_labels": "kind"}, "$.passing_labels", "text"),
    ({"passing_labels": ["kind", "Kind"]}, "$.passing_labels[1]", "not one of the labels"),
    ({"passing_labels": ["kind", "kind"]}, "$.passing_labels[1]", "twice"),
    ({"range": [0, 1]}, "$.range", "unknown field"),
    ({"model": ""}, "$.model", "empty"),
]


@pytest.mark.parametrize(("fields", "path", "words"), REFUSED)
def test_a_wrong_field_is_refused(fields: dict[str, Any], path: str, words: str) -> None:
    found = problems_of(LabelModel, MINIMAL | fields)
    assert list(found) == [path]
    assert words in found[path].message


@pytest.mark.parametrize("field", ["model", "input", "labels", "passing_labels"])
def test_a_missing_field_is_named(field: str) -> None:
    fields = {name: value for name, value in MINIMAL.items() if name != field}
    assert list(problems_of(LabelModel, fields)) == [f"$.{field}"]


def test_a_thousand_labels_are_allowed_and_the_limit_can_be_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels = [str(i) for i in range(1001)]
    assert judge(labels=labels[:-1], passing_labels=["0"])
    monkeypatch.setenv("GRADERS_LIMIT_LABELS", "1001")
    assert judge(labels=labels, passing_labels=["0"])


def test_any_role_with_text_is_kept_warned_about_and_sent_as_user() -> None:
    messages = [
        {"role": "critic", "content": "{{item.answer}}"},
        PROMPT,
        {"role": "", "content": "a"},
    ]
    grader = judge(input=messages)
    assert grader.to_dict()["input"] == messages
    (job,) = grader.jobs(batch_for(grader))
    assert isinstance(job, ModelCall)
    assert [message["role"] for message in job.messages] == ["user", "developer", "user"]
    assert job.messages[0]["content"] == "Paris"
    first, second = grader.warnings()
    assert (first.path, first.severity) == ("$.input[0].role", "warning")
    assert "critic" in first.message
    assert second.path == "$.input[2].role"
    assert not judge().warnings()


def test_an_unknown_role_needs_text() -> None:
    content = [{"type": "input_text", "text": "a"}]
    found = problems_of(LabelModel, MINIMAL | {"input": [{"role": "critic", "content": content}]})
    assert list(found) == ["$.input[0].role"]


def test_a_job_asks_for_one_of_the_labels() -> None:
    grader = judge(sampling_params={"temperature": 0})
    assert grader.jobs(batch_for(grader, Row("hi", {}))) == [
        ModelCall(
            model="o3-mini",
            messages=[{"role": "developer", "content": "Classify hi"}],
            sampling={"temperature": 0, "max_completion_tokens": 4096},
            schema=label_format(["kind", "neutral", "rude"]),
        )
    ]


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        (verdict("kind"), 1.0),
        (verdict("neutral"), 1.0),
        (verdict("rude"), 0.0),
        (verdict(" rude "), 0.0),
        (ModelReply("rude"), 0.0),
        (ModelReply("```\nkind\n```"), 1.0),
        (verdict("kind", finish_reason="length"), 1.0),
    ],
)
def test_a_passing_label_is_one_and_any_other_zero(reply: ModelReply, score: float) -> None:
    scores = score_one(judge(), reply)
    assert scores.values.tolist() == [score]
    assert judge().verdicts(scores) == [score == 1.0]


ERRORS = {
    "not a label": (verdict("friendly"), "parse", '"friendly", not one of the labels "kind"'),
    "case": (verdict("Kind"), "parse", '"Kind"'),
    "number": (verdict(1), "parse", "1.0"),
    "prose": (ModelReply("It is kind"), "parse", 'one of the labels "kind", "neutral", "rude"'),
    "refusal": (ModelReply("", refusal="no"), "refusal", "refused: no"),
    "truncated": (ModelReply("kind", finish_reason="length"), "truncated", "token limit"),
    "server": (model_error("server", "503"), "server", "503"),
    "none": (None, "server", "None"),
}


@pytest.mark.parametrize(("reply", "cause", "words"), ERRORS.values(), ids=ERRORS)
def test_a_reply_without_label_is_an_error_and_has_no_verdict(
    reply: ModelReply | None, cause: str, words: str
) -> None:
    scores = score_one(judge(), reply)
    assert np.isnan(scores.values[0])
    assert scores.errors[0].cause == cause
    assert words in scores.errors[0].detail
    assert judge().verdicts(scores) == [None]


@given(st.text() | st.sampled_from(["kind", '"rude"', '{"result": "kind"}']))
def test_any_reply_is_one_or_zero_or_an_error(text: str) -> None:
    scores = score_one(judge(), ModelReply(text))
    assert (scores.values[0] in (0.0, 1.0)) != (0 in scores.errors)


def test_the_signature_names_the_model() -> None:
    assert judge().signature(Options()) == (
        "label_model|model:o3-mini|mode:json_schema|draws:1|def:1"
    )


def test_real_configs_load_dump_and_ask(data: Path) -> None:
    seen = 0
    for name, config in real_configs(data, "label_model"):
        params = config.get("sampling_params", {})
        if "max_tokens" in params:  # renamed when a file is loaded
            params["max_completions_tokens"] = params.pop("max_tokens")
        grader = LabelModel.model_validate(config)
        assert grader.to_dict() == without_null(config | {"name": grader.name}), name
        batch = batch_for(grader, row_like(grader))
        (job,) = grader.jobs(batch)
        assert isinstance(job, ModelCall), name
        for label in grader.labels:
            passes = float(label in grader.passing_labels)
            assert grader.score(batch, [verdict(label)]).values[0] == passes
        seen += 1
    assert seen == 9

"""score_model: fields, jobs, and every way in which a reply becomes a score or does not."""

from __future__ import annotations

import json
import math
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
from graders.errors import model_error, row_error
from graders.grader import ModelCall, ModelReply, PythonReply, Reply
from graders.judging.verdict import score_format
from graders.options import Options
from graders.score_model import ScoreModel

PROMPT = {"role": "user", "content": "Score {{sample.output_text}} by {{item.answer}}"}
MINIMAL: dict[str, Any] = {
    "type": "score_model",
    "name": "j",
    "model": "o3-mini",
    "input": [PROMPT],
}


def judge(**fields: Any) -> ScoreModel:
    return ScoreModel(**MINIMAL | fields)


ACCEPTED: list[dict[str, Any]] = [
    {},
    {"range": [0, 1]},
    {"range": [1.0, 10.0]},
    {"range": [-1, 0.5]},
    {"range": [-5, -1]},
    {"pass_threshold": 5},
    {"pass_threshold": 5.0},
    {"sampling_params": {}},
    {"sampling_params": {"seed": 42, "top_p": 1, "temperature": 0.2}},
    {"sampling_params": {"max_completions_tokens": 1, "reasoning_effort": "xhigh"}},
]


@pytest.mark.parametrize("fields", ACCEPTED)
def test_a_grader_is_dumped_as_it_was_written(fields: dict[str, Any]) -> None:
    written = MINIMAL | fields
    dumped = judge(**fields).to_dict()
    assert dumped == written
    assert repr(dumped.get("range")) == repr(written.get("range"))  # 1 stays 1, 1.0 stays 1.0
    assert repr(dumped.get("pass_threshold")) == repr(written.get("pass_threshold"))
    again = pickle.loads(pickle.dumps(judge(**fields)))
    assert again == judge(**fields)
    assert hash(again) == hash(judge(**fields))


def test_null_members_are_dropped() -> None:
    params = dict.fromkeys(
        ("seed", "top_p", "temperature", "max_completions_tokens", "reasoning_effort")
    )
    grader = judge(sampling_params=params, range=None, pass_threshold=None)
    assert grader.to_dict() == MINIMAL | {"sampling_params": {}}
    assert judge(sampling_params=None).to_dict() == MINIMAL


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"model": ""}, "$.model", "empty"),
    ({"model": " "}, "$.model", "empty"),
    ({"model": 3}, "$.model", "number"),
    ({"model": None}, "$.model", "null"),
    ({"range": [1, 0]}, "$.range", "downwards"),
    ({"range": [1, 1.0]}, "$.range", "single point"),
    ({"range": [0]}, "$.range", "1 number"),
    ({"range": [0, 1, 2]}, "$.range", "3 numbers"),
    ({"range": "0-1"}, "$.range", "text"),
    ({"range": {"min": 0, "max": 1}}, "$.range", "object"),
    ({"range": [0, "1"]}, "$.range[1]", "text"),
    ({"range": [False, 1]}, "$.range[0]", "false"),
    ({"range": [0, math.inf]}, "$.range[1]", "inf"),
    ({"range": [math.nan, 1]}, "$.range[0]", "nan"),
    ({"range": [0, 10**400]}, "$.range[1]", "beyond"),
    ({"range": [2**53, 2**53 + 1]}, "$.range", ""),
    ({"sampling_params": []}, "$.sampling_params", "list"),
    ({"sampling_params": {"temprature": 1}}, "$.sampling_params.temprature", "unknown"),
    ({"sampling_params": {"seed": 1.5}}, "$.sampling_params.seed", ""),
    ({"sampling_params": {"seed": "1"}}, "$.sampling_params.seed", "text"),
    ({"sampling_params": {"seed": True}}, "$.sampling_params.seed", "true"),
    ({"sampling_params": {"top_p": "1"}}, "$.sampling_params.top_p", "text"),
    ({"sampling_params": {"temperature": math.nan}}, "$.sampling_params.temperature", "nan"),
    (
        {"sampling_params": {"max_completions_tokens": 0}},
        "$.sampling_params.max_completions_tokens",
        "bounds",
    ),
    (
        {"sampling_params": {"reasoning_effort": "most"}},
        "$.sampling_params.reasoning_effort",
        "unknown",
    ),
    ({"pass_threshold": "0.5"}, "$.pass_threshold", "text"),
    ({"prompt": "..."}, "$.prompt", "unknown field"),
    ({"type": "label_model"}, "$.type", ""),
]


@pytest.mark.parametrize(("fields", "path", "words"), REFUSED)
def test_a_wrong_field_is_refused(fields: dict[str, Any], path: str, words: str) -> None:
    found = problems_of(ScoreModel, MINIMAL | fields)
    assert list(found) == [path]
    assert words in found[path].message


@pytest.mark.parametrize("field", ["model", "input"])
def test_a_missing_field_is_named(field: str) -> None:
    fields = {name: value for name, value in MINIMAL.items() if name != field}
    assert list(problems_of(ScoreModel, fields)) == [f"$.{field}"]


def test_a_range_that_runs_downwards_is_shown_turned_round() -> None:
    assert problems_of(ScoreModel, MINIMAL | {"range": [10, 1.5]})["$.range"].fix == "[1.5, 10]"


def test_a_job_holds_the_rendered_messages_the_sampling_and_the_schema() -> None:
    params = {"seed": 7, "top_p": 1, "temperature": 0.0, "max_completions_tokens": 99}
    grader = judge(range=[1, 7], sampling_params=params | {"reasoning_effort": "low"})
    jobs = grader.jobs(batch_for(grader, Row("hi {{item.answer}}", {"answer": 4.0})))
    assert jobs == [
        ModelCall(
            model="o3-mini",
            messages=[{"role": "user", "content": "Score hi {{item.answer}} by 4.0"}],
            sampling={
                "seed": 7,
                "top_p": 1,
                "temperature": 0.0,
                "max_completion_tokens": 99,
                "reasoning_effort": "low",
            },
            schema=score_format(1, 7),
        )
    ]


def test_the_number_example_of_the_format_is_rendered_as_json_and_answered_bare() -> None:
    text = "Reference answer: {{item.reference_answer}}\n\nModel answer: {{sample.output_text}}"
    grader = judge(input=[{"role": "user", "content": text}])
    batch = batch_for(grader, Row("0.9", {"reference_answer": 1.0}))
    (job,) = grader.jobs(batch)
    assert isinstance(job, ModelCall)
    assert job.messages[0]["content"] == "Reference answer: 1.0\n\nModel answer: 0.9"
    assert grader.score(batch, [ModelReply("0.9")]).values.tolist() == [0.9]


def test_without_sampling_params_the_hosted_token_limit_is_sent() -> None:
    for grader in (judge(), judge(sampling_params={"max_completions_tokens": None})):
        (job,) = grader.jobs(batch_for(grader))
        assert isinstance(job, ModelCall)
        assert job.sampling == {"max_completion_tokens": 4096}
        assert job.schema == score_format(0, 1)


def test_only_rows_that_can_be_asked_have_a_job_and_the_others_keep_their_reason() -> None:
    grader = judge()
    rows = [
        Row("a", {"answer": "1"}),
        Row("b", {}),
        Row(None, {"answer": "3"}),
        Row(["no message"], {"answer": "4"}),
        Row("e", {"answer": "5"}, error=row_error("row", "bad line")),
        Row("f", {"answer": "6"}),
    ]
    batch = batch_for(grader, *rows)
    jobs = grader.jobs(batch)
    assert [job is not None for job in jobs] == [True, False, False, False, False, True]
    replies = [verdict(0.25) if job else None for job in jobs]
    scores = grader.score(batch, replies)
    assert np.array_equal(scores.values, [0.25, *[np.nan] * 4, 0.25], equal_nan=True)
    assert {i: error.cause for i, error in scores.errors.items()} == {
        1: "missing_variable",
        3: "row",
        4: "row",
    }
    assert scores.skipped == {2: "null_sample"}


def test_a_grader_that_reads_no_sample_needs_none() -> None:
    grader = judge(input=[{"role": "user", "content": "{{item.answer}}"}])
    assert not grader.needs_sample()
    assert judge().needs_sample()
    (job,) = grader.jobs(batch_for(grader, Row(None, {"answer": "a"})))
    assert job is not None


TRUNCATED = '{"steps":[{"description":"The model'
# reply -> cause, flag, words of the detail
ERRORS: dict[str, tuple[Reply | None, str, str, str]] = {
    "refusal": (
        ModelReply("", refusal="I cannot help with that"),
        "refusal",
        "model_grader_refusal_error",
        "I cannot help with that",
    ),
    "refusal with a verdict": (
        verdict(1.0, refusal="no"),
        "refusal",
        "model_grader_refusal_error",
        "no",
    ),
    "content filter": (
        ModelReply("", finish_reason="content_filter"),
        "refusal",
        "model_grader_refusal_error",
        "content filter",
    ),
    "prose": (ModelReply("quite good"), "parse", "model_grader_parse_error", "raw: quite good"),
    "empty": (ModelReply(""), "parse", "model_grader_parse_error", "neither"),
    "text as result": (verdict("0.8"), "parse", "model_grader_parse_error", '"0.8"'),
    "nan": (ModelReply('{"result": NaN}'), "parse", "model_grader_parse_error", "NaN"),
    "1e999": (ModelReply("1e999"), "parse", "model_grader_parse_error", "Infinity"),
    "truncated": (
        ModelReply(TRUNCATED, finish_reason="length"),
        "truncated",
        "model_grader_exceeded_max_tokens_error",
        f"token limit before a complete verdict: neither a JSON object with a result nor "
        f"a lone number; raw: {TRUNCATED}",
    ),
    "truncated number": (
        ModelReply("0.8", finish_reason="length"),
        "truncated",
        "model_grader_exceeded_max_tokens_error",
        "0.8",
    ),
    "another reply": (PythonReply(1.0), "server", "model_grader_server_error", "PythonReply"),
    "no reply": (None, "server", "model_grader_server_error", "None"),
}
ERRORS |= {
    cause: (model_error(cause, "told by the runner"), cause, "model_grader_server_error", "told")
    for cause in ("timeout", "rate_limited", "server", "configuration", "cassette")
}


@pytest.mark.parametrize(("reply", "cause", "flag", "words"), ERRORS.values(), ids=ERRORS)
def test_a_reply_without_verdict_is_an_error_with_its_cause(
    reply: Reply | None, cause: str, flag: str, words: str
) -> None:
    scores = score_one(judge(), reply)
    error = scores.errors[0]
    assert np.isnan(scores.values[0])
    assert (error.cause, error.flag) == (cause, flag)
    assert words in error.detail


def test_the_detail_says_who_was_asked_and_quotes_little_while_raw_holds_all() -> None:
    text = "first line\n\n" + "x" * 5000 + "\ud800"
    error = score_one(judge(), ModelReply(text, model="qwen3-32b")).errors[0]
    assert error.detail.startswith("score_model → qwen3-32b: neither")
    assert "raw: first line xxx" in error.detail
    assert len(error.detail) < 400
    assert error.raw == text
    assert "o3-mini" in score_one(judge(), ModelReply("?")).errors[0].detail
    assert len(score_one(judge(), ModelReply("?" * 100_000)).errors[0].raw) == 64 << 10


def test_an_error_of_the_runner_passes_through_as_it_is() -> None:
    error = model_error("rate_limited", "429", raw="body")
    assert score_one(judge(), error).errors[0] is error


def test_a_complete_verdict_counts_even_at_the_token_limit() -> None:
    assert score_one(judge(), verdict(0.5, finish_reason="length")).values[0] == 0.5


CLAMPS = [
    ([0, 1], 0.5, 0.5, 0),
    ([0, 1], 1.0, 1.0, 0),
    ([0, 1], 1.0000001, 1.0, 1),
    ([0, 1], -3, 0.0, 1),
    ([1, 7], 0, 1.0, 1),
    ([1, 7], 8, 7.0, 1),
    ([-1, 1], -1, -1.0, 0),
    ([-5, -1], 0, -1.0, 1),
    ([0, 1], 1e308, 1.0, 1),
]


@pytest.mark.parametrize(("bounds", "given_value", "score", "clamped"), CLAMPS)
def test_a_verdict_is_clamped_into_the_range_and_counted(
    bounds: list[float], given_value: float, score: float, clamped: int
) -> None:
    scores = judge(range=bounds).score(batch_for(judge()), [verdict(given_value)])
    assert scores.values[0] == score
    assert scores.clamped == clamped
    assert not scores.errors


@pytest.mark.parametrize(("bounds", "given_value", "score", "clamped"), CLAMPS)
def test_without_clamping_a_verdict_outside_the_range_is_an_error(
    bounds: list[float], given_value: float, score: float, clamped: int
) -> None:
    grader = judge(range=bounds)
    scores = grader.score(batch_for(grader, options=Options(clamp=False)), [verdict(given_value)])
    assert scores.clamped == 0
    if clamped:
        error = scores.errors[0]
        assert (error.cause, error.flag) == ("out_of_range", "model_grader_parse_error")
        assert f"outside the range {bounds[0]} to {bounds[1]}" in error.detail
    else:
        assert scores.values[0] == score


def test_clamped_verdicts_are_counted_over_the_batch() -> None:
    grader = judge()
    rows = [Row("a", {"answer": i}) for i in range(4)]
    scores = grader.score(batch_for(grader, *rows), [verdict(v) for v in (0.5, 2, -1, 1)])
    assert scores.values.tolist() == [0.5, 1.0, 0.0, 1.0]
    assert scores.clamped == 2


def test_minus_zero_is_zero() -> None:
    assert math.copysign(1, score_one(judge(), verdict(-0.0)).values[0]) == 1


@given(st.text() | st.floats().map(str), st.sampled_from(["stop", "length", "content_filter", ""]))
def test_any_reply_is_a_score_in_the_range_or_an_error(text: str, finish_reason: str) -> None:
    scores = score_one(judge(), ModelReply(text, finish_reason=finish_reason))
    assert (0 <= scores.values[0] <= 1) != (0 in scores.errors)


def test_the_signature_names_what_decides_the_number() -> None:
    rest = "|mode:json_schema|draws:1|def:1"
    assert judge().signature(Options()) == f"score_model|model:o3-mini|range:0,1|clamp:yes{rest}"
    assert judge(range=[-0.5, 10.0]).signature(Options(clamp=False)) == (
        f"score_model|model:o3-mini|range:-0.5,10|clamp:no{rest}"
    )
    assert judge(range=[0.0, 1.0]).signature(Options()) == judge().signature(Options())


def test_a_score_passes_at_the_threshold_and_without_one_there_is_no_verdict() -> None:
    rows = [Row("a", {"answer": i}) for i in range(3)]
    replies = [verdict(0.5), verdict(0.49), ModelReply("?")]
    for threshold, passed in ((0.5, [True, False, None]), (None, [None, None, None])):
        grader = judge(pass_threshold=threshold)
        assert grader.verdicts(grader.score(batch_for(grader, *rows), replies)) == passed


def test_a_real_run_is_asked_row_by_row_and_its_recorded_grades_are_read(data: Path) -> None:
    configs = dict(real_configs(data, "score_model"))
    grader = ScoreModel.model_validate(configs["pub-006"])  # the grader of this run
    lines = (data / "graded_runs/zava_rft_eval.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    graded = [record for record in records if record["score"] is not None]
    batch = batch_for(grader, *(Row(record["sample"], record["item"]) for record in graded))
    jobs = grader.jobs(batch)
    assert all(isinstance(job, ModelCall) for job in jobs)
    scores = grader.score(batch, [verdict(record["score"]) for record in graded])
    assert scores.values.tolist() == [record["score"] for record in graded]
    passed = [record["status"] == "pass" for record in graded]
    assert grader.verdicts(scores) == passed


def test_real_configs_load_dump_and_ask(data: Path) -> None:
    seen = 0
    for name, config in real_configs(data, "score_model"):
        # these two are renamed when a file is loaded
        params = config.get("sampling_params", {})
        if "max_tokens" in params:
            params["max_completions_tokens"] = params.pop("max_tokens")
        grader = ScoreModel.model_validate(config)
        assert grader.to_dict() == without_null(config | {"name": grader.name}), name
        batch = batch_for(grader, row_like(grader))
        (job,) = grader.jobs(batch)
        assert isinstance(job, ModelCall), (name, batch.failed, grader.score(batch, [None]).errors)
        assert len(job.messages) == len(config["input"])
        high = grader.bounds[1]
        assert grader.score(batch, [verdict(high)]).values[0] == high
        seen += 1
    assert seen == 23


@pytest.mark.parametrize("reason", ["content_filter", "length"])
def test_a_number_of_a_reply_that_was_cut_is_no_verdict(reason: str) -> None:
    scores = score_one(judge(), ModelReply("5", finish_reason=reason))
    assert math.isnan(scores.values[0])
    assert scores.errors[0].cause in ("refusal", "truncated")


def test_a_reply_without_text_costs_its_row_only() -> None:
    scores = score_one(judge(), ModelReply(None))  # type: ignore[arg-type]
    assert scores.errors[0].cause == "parse"

"""endpoint: fields, jobs, and which answers are scores."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canned import batch_for, problems_of, real_configs, row_like, score_one, without_null
from graders.batch import Row
from graders.endpoint import Endpoint
from graders.errors import endpoint_error
from graders.grader import EndpointCall, EndpointReply, PythonReply, Reply
from graders.options import Options

URL = "https://grader.example/score"
MINIMAL: dict[str, Any] = {"type": "endpoint", "name": "e", "url": URL}
GRADER = Endpoint(**MINIMAL)

ACCEPTED: list[dict[str, Any]] = [
    {},
    {"url": "http://127.0.0.1:8000"},
    {"url": "http://[::1]:8000/a?b=c#d"},
    {"url": "HTTPS://bücher.example/größe"},
    {"headers": {}},
    {"headers": {"X-API-Key": "s3cret", "authorization": "Bearer {{x}}", "a.b~c": ""}},
    {"rate_limit": 50},
    {"rate_limit": 0.5},
    {"pass_threshold": 0.5},
]


@pytest.mark.parametrize("fields", ACCEPTED)
def test_a_grader_is_dumped_as_it_was_written(fields: dict[str, Any]) -> None:
    grader = Endpoint(**MINIMAL | fields)
    assert grader.to_dict() == MINIMAL | fields
    again = pickle.loads(pickle.dumps(grader))
    assert again == grader
    assert hash(again) == hash(grader)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"url": ""}, "$.url", "not an http"),
    ({"url": "grader.example/score"}, "$.url", "not an http"),
    ({"url": "ftp://grader.example"}, "$.url", "not an http"),
    ({"url": "file:///etc/passwd"}, "$.url", "not an http"),
    ({"url": "https:///score"}, "$.url", "not an http"),
    ({"url": "https://a b"}, "$.url", "space"),
    ({"url": "https://a\r\nHost: b"}, "$.url", "control"),
    ({"url": "https://a:port"}, "$.url", "not a URL"),
    ({"url": "https://a:99999"}, "$.url", "not a URL"),
    ({"url": "https://[::1"}, "$.url", "not a URL"),
    ({"url": "https://user:pw@a"}, "$.url", "user name"),
    ({"url": "https://{{item.host}}/"}, "$.url", "not a template"),
    ({"url": None}, "$.url", "null"),
    ({"headers": []}, "$.headers", "list"),
    ({"headers": {"a": 1}}, "$.headers.a", "number"),
    ({"headers": {"a": None}}, "$.headers.a", "null"),
    ({"headers": {"a b": "c"}}, '$.headers["a b"]', "not a header name"),
    ({"headers": {"": "c"}}, '$.headers[""]', "not a header name"),
    ({"headers": {"x-key": "a\r\nb: c"}}, '$.headers["x-key"]', "not a header value"),
    ({"headers": {"a": "é"}}, "$.headers.a", "not a header value"),
    ({"headers": {"Host": "b"}}, "$.headers.Host", "HTTP client"),
    ({"headers": {"content-LENGTH": "1"}}, '$.headers["content-LENGTH"]', "HTTP client"),
    ({"rate_limit": 0}, "$.rate_limit", "not positive"),
    ({"rate_limit": -1.5}, "$.rate_limit", "not positive"),
    ({"rate_limit": "50"}, "$.rate_limit", "text"),
    ({"rate_limit": math.nan}, "$.rate_limit", "nan"),
    ({"timeout": 5}, "$.timeout", "unknown field"),
]


@pytest.mark.parametrize(("fields", "path", "words"), REFUSED)
def test_a_wrong_field_is_refused(fields: dict[str, Any], path: str, words: str) -> None:
    found = problems_of(Endpoint, MINIMAL | fields)
    assert list(found) == [path]
    assert words in found[path].message


def test_keys_appear_neither_in_the_repr_nor_in_the_signature() -> None:
    grader = Endpoint(**MINIMAL | {"url": URL + "?code=s3cret#x", "headers": {"key": "s3cret"}})
    assert "s3cret" not in repr(grader).replace(grader.url, "")
    assert grader.signature(Options()) == f"endpoint|url:{URL}|def:1"


def test_a_job_holds_url_headers_sample_and_item() -> None:
    grader = Endpoint(**MINIMAL | {"headers": {"key": "value"}, "rate_limit": 5})
    (job,) = grader.jobs(batch_for(grader, Row({"output_text": "a", "own": 1}, {"b": [2]})))
    assert isinstance(job, EndpointCall)
    assert (job.url, job.headers, job.rate_limit) == (URL, {"key": "value"}, 5)
    assert job.sample["output_text"] == "a"
    assert job.sample["own"] == 1
    assert job.item == {"b": [2]}
    assert type(job.sample) is type(job.item) is type(job.headers) is dict


def test_rows_without_a_sample_are_skipped() -> None:
    batch = batch_for(GRADER, Row(None, {}), Row("a", {}))
    assert [job is not None for job in GRADER.jobs(batch)] == [False, True]
    scores = GRADER.score(batch, [None, EndpointReply({"score": 1})])
    assert scores.skipped == {0: "null_sample"}
    assert scores.values[1] == 1.0


@pytest.mark.parametrize(
    ("body", "score"),
    [
        ({"score": 0.5}, 0.5),
        ({"score": 7}, 7.0),
        ({"score": -1.5, "reason": "because", "trace_id": "trace_1"}, -1.5),
    ],
)
def test_a_number_under_score_is_the_score(body: object, score: float) -> None:
    assert score_one(GRADER, EndpointReply(body)).values.tolist() == [score]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "not a JSON object"),
        (0.5, "not a JSON object"),
        ("0.5", "not a JSON object"),
        ([{"score": 1}], "not a JSON object"),
        ({}, "no score, but nothing"),
        ({"Score": 1, "grade": 2}, 'no score, but "Score", "grade"'),
        ({"score": "0.5"}, "score is not a finite number"),
        ({"score": True}, "score is not a finite number"),
        ({"score": None}, "score is not a finite number"),
        ({"score": [1]}, "score is not a finite number"),
        ({"score": math.nan}, "score is not a finite number"),
        ({"score": math.inf}, "score is not a finite number"),
        ({"score": 10**400}, "score is not a finite number"),
        ({"error": "\ud800" * 100_000}, 'no score, but "error"'),
    ],
)
def test_any_other_body_is_an_endpoint_reply_error(body: object, words: str) -> None:
    scores = score_one(GRADER, EndpointReply(body))
    error = scores.errors[0]
    assert np.isnan(scores.values[0])
    assert (error.cause, error.flag) == ("endpoint_reply", "endpoint_grader_internal_error")
    assert words in error.detail
    assert '{"score": number}' in error.detail
    assert len(error.detail) < 1500
    assert len(error.raw) <= 64 << 10


@pytest.mark.parametrize("cause", ["endpoint_timeout", "endpoint_server"])
def test_an_error_of_the_runner_passes_through_as_it_is(cause: str) -> None:
    error = endpoint_error(cause, "told by the runner")
    assert score_one(GRADER, error).errors == {0: error}
    assert error.flag == "endpoint_grader_server_error"


@pytest.mark.parametrize("reply", [None, PythonReply(1.0)])
def test_a_reply_of_another_kind_is_a_server_error(reply: Reply | None) -> None:
    assert score_one(GRADER, reply).errors[0].cause == "endpoint_server"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.just("score") | st.text(), inner),
)


@given(json_values)
def test_any_body_is_a_finite_score_or_an_error(body: object) -> None:
    scores = score_one(GRADER, EndpointReply(body))
    assert bool(np.isfinite(scores.values[0])) != (0 in scores.errors)


def test_real_configs_load_dump_and_ask(data: Path) -> None:
    seen = 0
    for name, config in real_configs(data, "endpoint"):
        grader = Endpoint.model_validate(config)
        assert grader.to_dict() == without_null(config | {"name": grader.name}), name
        batch = batch_for(grader, row_like(grader))
        (job,) = grader.jobs(batch)
        assert isinstance(job, EndpointCall), name
        seen += 1
    assert seen == 1

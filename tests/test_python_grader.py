"""python: which sources are accepted, jobs, and what return values count as."""

from __future__ import annotations

import ast
import math
import pickle
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canned import batch_for, problems_of, real_configs, row_like, score_one, without_null
from graders.batch import Row
from graders.errors import python_error, row_error
from graders.grader import ModelReply, PythonCall, PythonReply, Reply
from graders.options import Options
from graders.python import SOURCE_BYTES, Python

SOURCE = "def grade(sample, item):\n    return 1.0\n"
MINIMAL: dict[str, Any] = {"type": "python", "name": "p", "source": SOURCE}
GRADER = Python(**MINIMAL)

ACCEPTED = [
    "def grade(sample, item): return 0.5",
    "def grade(item, sample): return 0.5",
    "def grade(sample: dict[str, Any], item: dict) -> float: return 0.5",
    "def grade(sample, item, /): return 0.5",
    "def grade(sample, item, strict=True): return 0.5",
    "def grade(sample, item, *, strict=True): return 0.5",
    "def grade(sample, *rest): return 0.5",
    "def grade(*args, **kwargs): return 0.5",
    "def grade(sample=None, item=None): return 0.5",
    "import re\n\n\n# comment with an em dash —\ndef grade(sample, item):\n    return 0.5",
    "def other(a): ...\ndef grade(a, b): return other(a)",
    "def grade(a): ...\ndef grade(a, b): ...",
    "grade = lambda sample, item: 1.0",
    "grade: object = print",
    "from scoring import compute as grade",
    "from scoring import grade",
    "import functools\n@functools.cache\ndef grade(sample): ...",
    "try:\n    import re\n    def grade(s, i): ...\nexcept ImportError:\n    def grade(s, i): ...",
    "if True:\n    def grade(s, i): ...",
    "def grade(sample, item):\n    return '\\d'",  # warns of an invalid escape
]


@pytest.mark.parametrize("source", ACCEPTED)
def test_a_source_with_a_top_level_grade_of_two_arguments_is_accepted(source: str) -> None:
    grader = Python(**MINIMAL | {"source": source, "image_tag": "2025-05-08", "pass_threshold": 5})
    assert grader.to_dict()["source"] == source
    again = pickle.loads(pickle.dumps(grader))
    assert again == grader
    assert hash(again) == hash(grader)


REFUSED = {
    "": "no top-level function grade",
    "...": "no top-level function grade",
    "def score(s, i): ...": "no top-level function grade; it defines score",
    "def Grade(s, i): ...": "it defines Grade",
    "def f():\n    def grade(s, i): ...": "it defines f",
    "class A:\n    def grade(s, i): ...": "no top-level function grade",
    "x = 'def grade(s, i): ...'": "no top-level function grade",
    "def grade(sample): ...": "line 1: grade(sample) does not take two arguments",
    "\ndef grade(): ...": "line 2: grade() does not take two arguments",
    "def grade(a, b, c): ...": "grade(a, b, c) does not take two",
    "def grade(a, b, *, c): ...": "grade(a, b, *, c) does not take two",
    "def grade(a, b): ...\ndef grade(a): ...": "line 2",
    "async def grade(s, i): ...": "line 1: grade is an async function",
    "class grade: ...": "line 1: grade is a class",
    "import re\ndef grade(s, i)\n    return 1": "line 2",
    "def grade(s, i):\n\treturn 1\n        return 2": "line 3",
    "def grade(s, i): return (": "line 1",
    "print 'hello'": "line 1",
    "def grade(s, i): ...\x00": "null bytes",
    "def grade(s, i): '\ud800'": "surrogate",
    "def grade(s, i): return " + "(" * 5000: "not valid Python",
    "def grade(s, i): return " + "-" * 100_000 + "1": "not valid Python",
    "x" * 1_000_000: "source of 1,000,000 bytes",
}


@pytest.mark.parametrize(("source", "words"), REFUSED.items(), ids=lambda text: ascii(text)[:40])
def test_a_source_that_cannot_grade_is_refused(source: str, words: str) -> None:
    found = problems_of(Python, MINIMAL | {"source": source})
    assert list(found) == ["$.source"]
    assert words in found["$.source"].message
    assert found["$.source"].expected


def test_the_source_must_be_smaller_than_256_kb_of_utf8() -> None:
    room = SOURCE_BYTES - len(SOURCE) - 1
    assert Python(**MINIMAL | {"source": SOURCE + "#" * room})
    for padding in ("#" * (room + 1), "#" + "é" * (room // 2 + 1)):
        found = problems_of(Python, MINIMAL | {"source": SOURCE + padding})
        assert "bytes" in found["$.source"].message


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"source": None}, "$.source"),
        ({"source": 1}, "$.source"),
        ({"source": ["def grade(s, i): ..."]}, "$.source"),
        ({"image_tag": 20250508}, "$.image_tag"),
        ({"image": "python:3.11"}, "$.image"),
        ({"source_code": SOURCE}, "$.source_code"),
        ({"pass_threshold": "5"}, "$.pass_threshold"),
    ],
)
def test_a_wrong_field_is_refused(fields: dict[str, Any], path: str) -> None:
    assert list(problems_of(Python, MINIMAL | fields)) == [path]


def test_a_job_holds_the_source_and_plain_copies_of_sample_and_item() -> None:
    item = {"answer": ["a", {"b": None}]}
    (job,) = GRADER.jobs(batch_for(GRADER, Row('{"x": 1}', item)))
    assert job == PythonCall(
        SOURCE,
        {
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": '{"x": 1}'},
                    "finish_reason": "stop",
                }
            ],
            "output_text": '{"x": 1}',
            "output_json": {"x": 1},
            "output_tools": [],
        },
        item,
        "",
    )
    assert type(job.sample) is dict
    assert job.item is not item
    tagged = Python(**MINIMAL | {"image_tag": "alpha"})
    (job,) = tagged.jobs(batch_for(tagged, Row("a")))
    assert isinstance(job, PythonCall)
    assert job.image_tag == "alpha"
    assert "output_json" not in job.sample


def test_rows_without_a_sample_are_skipped_and_broken_ones_keep_their_error() -> None:
    rows = [Row(None, {}), Row("a", {}), Row(5, {}), Row("b", {}, error=row_error("row", "bad"))]
    batch = batch_for(GRADER, *rows)
    assert [job is not None for job in GRADER.jobs(batch)] == [False, True, False, False]
    scores = GRADER.score(batch, [None, PythonReply(1), None, None])
    assert np.array_equal(scores.values, [np.nan, 1, np.nan, np.nan], equal_nan=True)
    assert scores.skipped == {0: "null_sample"}
    assert {i: error.cause for i, error in scores.errors.items()} == {2: "row", 3: "row"}


NUMBERS: list[tuple[object, float]] = [
    (0.5, 0.5),
    (1, 1.0),
    (-3, -3.0),
    (5.5, 5.5),
    (True, 1.0),
    (False, 0.0),
    (10**300, 1e300),
    (np.float32(0.5), 0.5),
    (np.float64(0.1), 0.1),
    (np.int64(7), 7.0),
    (np.bool_(True), 1.0),
    (5e-324, 5e-324),
]


@pytest.mark.parametrize(("value", "score"), NUMBERS)
def test_a_number_is_the_score_without_a_clamp(value: object, score: float) -> None:
    scores = score_one(GRADER, PythonReply(value))
    assert scores.values.tolist() == [score]
    assert not scores.errors


def test_the_live_reward_of_the_published_example_comes_back_bit_for_bit() -> None:
    assert score_one(GRADER, PythonReply(0.7555555555555555)).values[0] == 0.7555555555555555


def test_minus_zero_is_zero() -> None:
    assert math.copysign(1, score_one(GRADER, PythonReply(-0.0)).values[0]) == 1


DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]

NOT_NUMBERS: list[tuple[object, str]] = [
    (None, "grade returned None; is a return missing"),
    ("0.8", "grade returned str '0.8'; return a float"),
    ("\ud800", "'\\ud800'"),
    (math.nan, "grade returned nan, which is not finite"),
    (-math.inf, "grade returned -inf"),
    (np.float32("nan"), "nan"),
    (10**400, "an int beyond the range of float"),
    (10**5000, "an int beyond the range of float"),
    ({"score": 0.8}, "grade returned dict {'score': 0.8}; return the number alone"),
    ([0.8], "grade returned list [0.8]"),
    ((0.8, "why"), "tuple"),
    (np.array([0.8]), "ndarray"),
    (np.array(0.8), "ndarray"),
    (np.datetime64("2026-01-01"), "date"),
    (1j, "complex"),
    (b"1", "bytes"),
    (Fraction(1, 2), "Fraction"),
    ([10**5000], "list (not shown"),
    (DEEP, "list (not shown"),
    ("x" * 10**6, "xxx…"),
]


@pytest.mark.parametrize(("value", "words"), NOT_NUMBERS, ids=lambda v: str(type(v)))
def test_anything_else_is_an_invalid_return_that_says_what_came(value: object, words: str) -> None:
    scores = score_one(GRADER, PythonReply(value, printed="debug output"))
    error = scores.errors[0]
    assert np.isnan(scores.values[0])
    assert (error.cause, error.flag) == ("invalid_return", "python_grader_runtime_error")
    assert words in error.detail
    assert len(error.detail) < 300
    assert error.output == "debug output"


FROM_THE_SANDBOX = {
    "timeout": "python_grader_runtime_error",
    "memory": "python_grader_runtime_error",
    "crash": "python_grader_runtime_error",
    "source": "python_grader_runtime_error",
    "exception": "python_grader_runtime_error",
    "quarantined": "python_grader_runtime_error",
    "input": "python_grader_server_error",
    "protocol": "python_grader_server_error",
    "unavailable": "python_grader_server_error",
}


@pytest.mark.parametrize(("cause", "flag"), FROM_THE_SANDBOX.items())
def test_an_error_of_the_sandbox_passes_through_as_it_is(cause: str, flag: str) -> None:
    error = python_error(cause, "told by the sandbox", output="printed")
    scores = score_one(GRADER, error)
    assert scores.errors == {0: error}
    assert error.flag == flag
    assert np.isnan(scores.values[0])


@pytest.mark.parametrize("reply", [None, ModelReply("1")])
def test_a_reply_of_another_kind_is_a_protocol_error(reply: Reply | None) -> None:
    assert score_one(GRADER, reply).errors[0].cause == "protocol"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_any_return_value_is_a_finite_score_or_an_error(value: object) -> None:
    scores = score_one(GRADER, PythonReply(value))
    assert bool(np.isfinite(scores.values[0])) != (0 in scores.errors)


@given(st.text())
def test_any_source_is_parsed_as_python_does_or_refused(source: str) -> None:
    found = problems_of(Python, MINIMAL | {"source": source})
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        assert "not valid Python" in found["$.source"].message
    else:
        assert "no top-level" in found["$.source"].message


def test_the_signature_follows_source_and_image() -> None:
    signature = GRADER.signature(Options())
    assert signature == "python|source:51e4a89d|image:2025-05-08|def:1"
    other = Python(**MINIMAL | {"source": SOURCE + "\n", "image_tag": "alpha"})
    assert other.signature(Options()).split("|")[1] != signature.split("|")[1]
    assert "|image:alpha|" in other.signature(Options())


def test_a_score_passes_at_the_threshold_and_without_one_there_is_no_verdict() -> None:
    scores = score_one(GRADER, PythonReply(5))
    assert GRADER.verdicts(scores) == [None]
    assert Python(**MINIMAL | {"pass_threshold": 5}).verdicts(scores) == [True]
    assert Python(**MINIMAL | {"pass_threshold": 5.5}).verdicts(scores) == [False]


def test_real_configs_load_dump_and_ask(data: Path) -> None:
    seen = 0
    for name, config in real_configs(data, "python"):
        grader = Python.model_validate(config)
        assert grader.to_dict() == without_null(config | {"name": grader.name}), name
        batch = batch_for(grader, row_like(grader))
        (job,) = grader.jobs(batch)
        assert isinstance(job, PythonCall), name
        assert job.source == config["source"]
        assert grader.score(batch, [PythonReply(5)]).values.tolist() == [5.0]
        seen += 1
    assert seen == 18

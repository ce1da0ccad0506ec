"""The sample namespace: what is given stays, what is missing is derived, nothing else is there."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.sample import Namespace, SampleError, namespace

TOOL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def message(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


def choice(message: dict[str, Any], reason: str = "stop") -> list[dict[str, Any]]:
    return [{"index": 0, "message": message, "finish_reason": reason}]


def read(sample: Any) -> dict[str, Any]:
    found = namespace(sample)
    assert found is not None
    return dict(found)


CASES = {
    "prose": (
        "hello",
        {"choices": choice(message("hello")), "output_text": "hello", "output_tools": []},
    ),
    "empty text": ("", {"choices": choice(message("")), "output_text": "", "output_tools": []}),
    "JSON object as text": (
        '{"a": 1}',
        {
            "choices": choice(message('{"a": 1}')),
            "output_text": '{"a": 1}',
            "output_json": {"a": 1},
            "output_tools": [],
        },
    ),
    "one message": (
        message("hi", tool_calls=[TOOL]),
        {
            "choices": choice(message("hi", tool_calls=[TOOL]), "tool_calls"),
            "output_text": "hi",
            "output_tools": [TOOL],
        },
    ),
    "null content": (
        message(None),
        {"choices": choice(message(None)), "output_text": "", "output_tools": []},
    ),
    "last assistant message of several": (
        [message("first"), {"role": "user", "content": "more"}, message("last"), {"role": "tool"}],
        {"choices": choice(message("last")), "output_text": "last", "output_tools": []},
    ),
    "text with tools": (
        {"output_text": "x", "output_tools": [TOOL]},
        {
            "choices": choice(message("x", tool_calls=[TOOL]), "tool_calls"),
            "output_text": "x",
            "output_tools": [TOOL],
        },
    ),
    "tools alone": (
        {"output_tools": [TOOL]},
        {
            "choices": choice(message(None, tool_calls=[TOOL]), "tool_calls"),
            "output_text": "",
            "output_tools": [TOOL],
        },
    ),
    "null tool calls": (
        {"choices": [{"message": message("x", tool_calls=None)}]},
        {
            "choices": [{"message": message("x", tool_calls=None)}],
            "output_text": "x",
            "output_tools": [],
        },
    ),
    "others come last": (
        {"output_audio": {"transcript": "t"}, "output_text": "x"},
        {
            "choices": choice(message("x")),
            "output_text": "x",
            "output_tools": [],
            "output_audio": {"transcript": "t"},
        },
    ),
    "nothing to derive from": ({}, {}),
    "only JSON given": ({"output_json": 3}, {"output_json": 3}),
    "choices that are empty": ({"choices": []}, {"choices": []}),
    "choices of another shape": ({"choices": [{"text": "x"}]}, {"choices": [{"text": "x"}]}),
}


@pytest.mark.parametrize(("sample", "expected"), CASES.values(), ids=CASES)
def test_members_are_derived_in_the_order_that_a_python_grader_sees(
    sample: Any, expected: dict[str, Any]
) -> None:
    found = read(sample)
    assert found == expected
    assert list(found) == list(expected)


CONTENT = {
    "one part": ([{"type": "text", "text": "a"}], "a"),
    "text parts are joined without a separator": (
        [
            {"type": "text", "text": "a"},
            {"type": "image_url"},
            {"type": "output_text", "text": "b"},
        ],
        "ab",
    ),
    "bare strings count as text": (["a", "b"], "ab"),
    "refusals and odd parts do not": ([{"type": "refusal", "refusal": "no"}, 3, None], ""),
    "no parts": ([], ""),
}


@pytest.mark.parametrize(("content", "text"), CONTENT.values(), ids=CONTENT)
def test_a_content_list_is_joined_by_its_text_parts(content: Any, text: str) -> None:
    assert read(message(content))["output_text"] == text
    assert read({"choices": [{"message": {"content": content}}]})["output_text"] == text


@pytest.mark.parametrize("name", ["choices", "output_text", "output_json", "output_tools"])
@pytest.mark.parametrize("value", [None, "given", 0, []])
def test_nothing_given_is_overwritten(name: str, value: Any) -> None:
    given_members = {
        "choices": [{"message": message('{"derived": 1}', tool_calls=[TOOL])}],
        name: value,
    }
    assert read(given_members)[name] == value


def test_the_given_mapping_is_not_changed() -> None:
    sample = {"output_text": "5"}
    read(sample)
    assert sample == {"output_text": "5"}


NOT_SAMPLES = {
    "number": (5, "the sample is a number"),
    "boolean": (True, "the sample is true or false"),
    "set": ({1}, "the sample is a set"),
    "user message": ({"role": "user", "content": "x"}, "role 'user'"),
    "content of another kind": (message(5), "content is a number"),
    "no message": ([], "roles found: none"),
    "no assistant": ([{"role": "user"}, {"role": "tool"}], "roles found: user, tool"),
    "texts": (["a"], "element 0 of the messages is text"),
    "no role": ([message("x"), {"content": "y"}], "element 1 of the messages is an object without"),
}


@pytest.mark.parametrize(("sample", "words"), NOT_SAMPLES.values(), ids=NOT_SAMPLES)
def test_what_is_no_sample_is_refused_with_what_it_is(sample: Any, words: str) -> None:
    with pytest.raises(SampleError, match=words):
        namespace(sample)


def test_null_has_no_namespace() -> None:
    assert namespace(None) is None


JSON_TEXT = {
    "null": ("null", None),
    "number": (" 1.5\n", 1.5),
    "lone surrogate escape": ('"\\ud800"', "\ud800"),
    "lone surrogate itself": ('"\ud800"', "\ud800"),
    "integer of 23 digits": ("12345678901234567890123", 12345678901234567890123),
    "2**64": ("[18446744073709551616]", [2**64]),
    "-2**63 - 1": ("-9223372036854775809", -(2**63) - 1),
    "last of duplicate keys": ('{"a": 1, "a": 2}', {"a": 2}),
    "emoji": ('"👩🏽‍🔬"', "👩🏽‍🔬"),
    "depth 200": ("[" * 200 + "]" * 200, json.loads("[" * 200 + "]" * 200)),
}


@pytest.mark.parametrize(("text", "value"), JSON_TEXT.values(), ids=JSON_TEXT)
def test_output_json_is_the_exact_value(text: str, value: Any) -> None:
    found = read(text)["output_json"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "NaN", "[Infinity]", "-Infinity", "1e999", "-1e999", "01", "+1", ".5", "1.", "'a'",
        "{a: 1}", "[1,]", "true false", "// x\n1", "\ufeff1", "\u00a01", "", " ", "9" * 5000,
        "[" * 201 + "]" * 201, "[" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000,
        "nothing", "42 is it", '"\t"',
    ],
)  # fmt: skip
def test_text_that_is_not_rfc_8259_has_no_output_json(text: str) -> None:
    found = namespace(text)
    assert found is not None
    assert "output_json" not in found
    assert found.get("output_json", "absent") == "absent"
    with pytest.raises(KeyError):
        found["output_json"]


def test_json_is_parsed_only_when_asked_for_and_once() -> None:
    found = namespace('{"a": [1]}')
    assert found is not None
    assert found["output_text"] == '{"a": [1]}'
    assert found.given("output_json") is not found["output_json"]
    assert found["output_json"] is found["output_json"]


def test_members_do_not_depend_on_the_order_of_reading() -> None:
    names = ["choices", "output_text", "output_json", "output_tools"]
    for sample in (c[0] for c in CASES.values()):
        forward, backward = namespace(sample), namespace(sample)
        assert forward is not None
        assert backward is not None
        assert [forward.get(n) for n in names] == [backward.get(n) for n in names[::-1]][::-1]


def test_a_namespace_is_a_mapping() -> None:
    found = namespace({"output_text": "5", "x": 1})
    assert found is not None
    assert len(found) == 5
    assert found == {**dict(found)}
    assert 5 not in found
    assert found.get("y") is None
    assert "output_text" in repr(found)
    copy = pickle.loads(pickle.dumps(namespace("prose")))
    assert isinstance(copy, Namespace)
    assert "output_json" not in copy
    assert copy["output_tools"] == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=[]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values, st.booleans())
def test_any_json_text_is_read_as_the_standard_library_reads_it(value: Any, ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii)
    assert repr(read(text)["output_json"]) == repr(json.loads(text))


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_is_a_sample(text: str) -> None:
    found = read(text)
    assert found["output_text"] == text
    assert found["choices"][0]["message"]["content"] == text


@given(json_values)
def test_any_value_is_a_sample_or_refused(value: Any) -> None:
    try:
        found = namespace(value)
    except SampleError:
        return
    assert found is None or set(found) == set(dict(found))

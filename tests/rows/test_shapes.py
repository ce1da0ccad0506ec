"""What a line means: the three forms, first match wins, and one row or several."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graders.batch import Row
from graders.rows import Intake, rows_of
from graders.rows.shape import SAMPLE_FIELDS

from .conftest import ReadBytes

CHAT = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]


def one(line: dict[str, Any], **options: Any) -> Row:
    (row,) = rows_of([line], intake=Intake(**options))
    return row


def refusal(line: dict[str, Any], **options: Any) -> str:
    error = one(line, **options).error
    assert error is not None
    assert (error.cause, error.flag) == ("row", "other_error")
    return error.detail


@pytest.mark.parametrize("field", SAMPLE_FIELDS)
def test_every_sample_field_is_found_beside_an_item(field: str) -> None:
    row = one({"item": {"q": 1}, field: "x", "note": "n"})
    assert row == Row(sample="x", item={"q": 1}, extra={"note": "n"})


@pytest.mark.parametrize("field", SAMPLE_FIELDS)
def test_every_sample_field_is_found_in_a_flat_line(field: str) -> None:
    row = one({"q": 1, field: "x"})
    assert row == Row(sample="x", item={"q": 1})


def test_id_and_group_are_copied_and_are_no_extra() -> None:
    row = one({"id": 7, "group": "g", "item": {}, "sample": "x", "step": 1})
    assert row == Row(sample="x", id=7, group="g", extra={"step": 1})


def test_id_and_group_stay_in_a_flat_item() -> None:
    row = one({"id": 7, "group": "g", "output": "x"})
    assert row == Row(sample="x", item={"id": 7, "group": "g"}, id=7, group="g")


@pytest.mark.parametrize("item", [None, "text", 5, [1]])
def test_an_item_that_is_no_object_makes_the_line_flat(item: Any) -> None:
    assert one({"item": item, "sample": "x"}) == Row(sample="x", item={"item": item})


def test_an_item_without_a_sample_has_none() -> None:
    assert one({"item": {"q": 1}, "messages": CHAT}) == Row(item={"q": 1}, extra={"messages": CHAT})


def test_a_null_sample_is_no_sample() -> None:
    assert one({"item": {"q": 1}, "sample": None}) == Row(item={"q": 1})
    assert one({"q": 1, "sample": None}) == Row(item={"q": 1})


def test_the_chosen_sample_field_wins_over_the_known_ones() -> None:
    line = {"item": {}, "answer_8b": "x", "output": "y", "sample": "z"}
    row = one(line, sample_field="answer_8b")
    assert row == Row(sample="x", extra={"output": "y", "sample": "z"})
    assert one({"a": 1, "mine": "x", "output": "y"}, sample_field="mine") == Row(
        sample="x", item={"a": 1, "output": "y"}
    )


def test_messages_stay_in_a_flat_item() -> None:
    assert one({"messages": CHAT, "output": "x"}).item == {"messages": CHAT}


REFUSED = {
    "two sample fields": (
        {"item": {}, "output": "a", "sample": "b"},
        "several sample fields: sample and output; choose one with --sample-field; "
        "keys found: item, output, sample",
    ),
    "two in a flat line": (
        {"completion": "a", "completions": ["b"]},
        "several sample fields: completion and completions; choose one with --sample-field; "
        "keys found: completion, completions",
    ),
    "dataset": (
        {"messages": CHAT, "answer": 1},
        "a dataset without outputs: there are messages but nothing that a model answered; add one "
        "of sample, samples, model_sample, output_text, completion, completions, output, or name "
        "it with --sample-field; keys found: messages, answer",
    ),
    "neither": (
        {"prompt": "a", "response": "b"},
        "no item object and no sample field; name the output with --sample-field, or call it one "
        "of sample, samples, model_sample, output_text, completion, completions, output; "
        "keys found: prompt, response",
    ),
    "empty object": (
        {},
        "no item object and no sample field; name the output with --sample-field, or call it one "
        "of sample, samples, model_sample, output_text, completion, completions, output; "
        "keys found: none",
    ),
    "mixed list": (
        {"item": {}, "samples": [CHAT[1], "text"]},
        "a list of samples mixes messages (objects with role) with other values; make each sample "
        "a text, an object with output_text, or a list of messages",
    ),
}


@pytest.mark.parametrize(("line", "detail"), REFUSED.values(), ids=REFUSED)
def test_other_lines_are_refused_with_the_keys_found(line: dict[str, Any], detail: str) -> None:
    assert refusal(line) == detail


def test_a_missing_chosen_field_is_an_error_not_an_absent_sample() -> None:
    detail = refusal({"item": {}, "sample": "x"}, sample_field="smaple")
    assert detail == "no field 'smaple' (--sample-field); keys found: item, sample"


def test_a_refused_line_keeps_its_id_and_group() -> None:
    row = one({"id": 3, "group": "g", "prompt": "p"})
    assert (row.id, row.group, row.item) == (3, "g", {})


def test_a_long_list_of_keys_is_cut() -> None:
    detail = refusal({"k" * 100: 0} | {f"key{i}": 0 for i in range(1000)})
    assert f"{'k' * 40}…, key0" in detail
    assert detail.endswith("key18 and 981 more")


SEVERAL = {
    "texts": ["a", "b", "c"],
    "texts and nothing": ["a", None],
    "sample objects": [{"output_text": "a"}, {"output_text": "b"}],
    "conversations": [CHAT, CHAT[1:]],
    "one text": ["a"],
    "texts and objects": ["a", {"output_text": "b"}],
}


@pytest.mark.parametrize("samples", SEVERAL.values(), ids=SEVERAL)
@pytest.mark.parametrize("field", ["samples", "output"])
def test_a_list_of_samples_gives_one_row_each(field: str, samples: list[Any]) -> None:
    intake = Intake()
    line = {"id": 1, "group": "g", "item": {"q": 1}, field: samples, "x": 2}
    rows = list(rows_of([line], intake=intake))
    assert rows == [Row(s, {"q": 1}, 1, "g", {"x": 2}) for s in samples]
    assert intake.counts.rows == len(samples)


def test_a_list_of_messages_is_one_conversation() -> None:
    assert one({"item": {}, "completion": CHAT}).sample == CHAT


def test_an_empty_list_is_zero_rows_and_is_counted() -> None:
    intake = Intake()
    assert list(rows_of([{"item": {}, "samples": []}], intake=intake)) == []
    assert (intake.counts.empty, intake.counts.rows) == (1, 0)


def test_samples_of_one_line_share_its_group(read: ReadBytes) -> None:
    lines = [
        {"item": {"q": 1}, "samples": ["a", "b"]},
        {"item": {"q": 2}, "samples": ["c"]},
        {"item": {"q": 1}, "sample": "d"},
    ]
    rows, _ = read("\n".join(map(json.dumps, lines)))
    a, b, c, d = (row.group for row in rows)
    assert a == b == d != c


def test_form_and_field_are_decided_line_by_line(read: ReadBytes) -> None:
    rows, reader = read(
        '{"item": {"a": 1}, "sample": "x"}\n{"a": 1, "output": "y"}\n{"messages": []}\n'
        '{"a": 1, "output": "z"}\n'
    )
    assert [row.sample for row in rows] == ["x", "y", None, "z"]
    assert [row.line for row in rows] == [1, 2, 3, 4]
    assert reader.counts.fields == {"sample": 1, "output": 2}
    assert reader.counts.errored == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("[1]", "a list"), ("5", "a number"), ('"x"', "text"), ("null", "null"), ("true", "true or")],
)
def test_json_that_is_no_object_is_a_row_error(read: ReadBytes, text: str, words: str) -> None:
    (row,), _ = read(text)
    assert row.error is not None
    assert words in row.error.detail

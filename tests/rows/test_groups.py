"""Groups: given, chosen by field, or the same item."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.batch import Row
from graders.rows import Groups
from graders.rows.groups import MissingField, content_name, find, group_of

from .conftest import ReadBytes

ROW = Row(
    item={"q": {"id": 7, "tags": ["a", "b"]}, "q.id": "plain key", "step": "item"},
    extra={"step": 3, "run": {"name": "r1"}},
    id=5,
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("step", 3),  # extra before item
        ("run.name", "r1"),
        ("q", {"id": 7, "tags": ["a", "b"]}),
        ("q.id", "plain key"),  # a key before a path
        ("q.tags.1", "b"),
        ("id", 5),
    ],
)
def test_a_field_is_looked_up_in_extra_then_item_dotted(field: str, value: Any) -> None:
    assert find(ROW, field) == value
    assert group_of(ROW, [field]) == value


@pytest.mark.parametrize(
    "field", ["nothing", "q.nothing", "q.tags.9", "q.tags.x", "step.x", "group"]
)
def test_a_missing_field_is_named_with_the_fields_there_are(field: str) -> None:
    with pytest.raises(MissingField, match=r"to group by; keys found: step, run, q, q\.id, step"):
        group_of(ROW, [field])


def test_a_given_group_is_kept_as_it_is() -> None:
    assert group_of(Row(group="g", item={"a": 1})) == "g"
    assert group_of(Row(group=0, item={"a": 1})) == 0


def test_several_fields_and_by_make_a_list() -> None:
    assert group_of(ROW, ["id", "run.name"]) == [5, "r1"]
    assert group_of(ROW, ["id"], by=["step"]) == [5, 3]
    assert group_of(Row(group="g", extra={"step": 1}), by=["step"]) == ["g", 1]


def test_identical_items_share_a_group_whatever_the_order_of_keys() -> None:
    first, second = {"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}
    assert group_of(Row(item=first)) == group_of(Row(item=second))
    assert len(group_of(Row(item=first))) == 16


DIFFERENT = [1, 1.0, "1", True, None, [1], {"a": 1}, {"a": "1"}, 2**64, "\ud800", "", [], {}, [[]]]


def test_different_content_differs() -> None:
    assert len({content_name(value) for value in DIFFERENT}) == len(DIFFERENT)


def test_a_name_is_the_same_in_every_process(fresh_python: Any) -> None:
    code = "from graders.rows.groups import content_name as name"
    code += "; print(name({'b': [1, '\\udc00'], 'a': 2.5}))"
    assert fresh_python(code).stdout.strip() == content_name({"a": 2.5, "b": [1, "\udc00"]})


def test_values_without_json_do_not_stop_grouping() -> None:
    for value in ({"x": {1, 2}}, {"x": object}, {1: 2}, {"x": b"bytes"}, {"x": 1 + 2j, "y": 2**64}):
        assert content_name(value) == content_name(value)


def test_group_and_by_of_a_file(read: ReadBytes) -> None:
    lines = [{"id": i, "q": i // 4, "step": i % 2, "output": "x"} for i in range(8)]
    text = "\n".join(map(json.dumps, lines))
    assert [row.group for row in read(text, group="q")[0]] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert [row.group for row in read(text, group="q, step")[0]][:3] == [[0, 0], [0, 1], [0, 0]]
    assert [row.group for row in read(text, group="q", by="step")[0]][:2] == [[0, 0], [0, 1]]
    assert len({row.group for row in read(text)[0]}) == 8  # the logged id makes items differ


def test_a_row_without_the_field_is_errored_in_its_place(read: ReadBytes) -> None:
    rows, reader = read('{"q": 1, "output": "a"}\n{"output": ["b", "c"]}\n', group="q")
    assert [row.error is None for row in rows] == [True, False, False]
    assert rows[1].error is not None
    assert rows[1].error.detail == "no field 'q' to group by; keys found: none"
    assert reader.counts.errored == 2


def test_groups_are_numbered_by_first_appearance() -> None:
    groups = Groups()
    values = ["b", "a", "b", 1, 1.0, "1", ["b", 1], ["b", 1], True]
    assert [groups.number(value) for value in values] == [0, 1, 0, 2, 3, 4, 5, 5, 6]
    assert len(groups) == 7


@given(st.dictionaries(st.text(), st.integers() | st.text(st.characters(exclude_categories=[]))))
def test_any_item_has_a_name_that_reordering_keeps(item: dict[str, Any]) -> None:
    assert content_name(item) == content_name(dict(reversed(item.items())))

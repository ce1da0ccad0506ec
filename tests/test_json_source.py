from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders import json_path
from graders.config.json_text import decode, duplicates, lines_of, places

KEYS = st.text(max_size=6) | st.sampled_from(["a", "b c", 'q"', "\\", "\n", "名前", "0", ""])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=15,
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path of a value, in order: the naive twin of `places`."""
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            found += paths_of(inner, (*path, i))
    return found


@given(JSON, st.sampled_from([None, 0, 2]), st.booleans())
def test_places_finds_every_path_in_order(value: Any, indent: int | None, plain: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    found = list(places(text, 100))
    assert [path for path, _ in found] == paths_of(value)
    lines = [line for _, line in found]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
    assert decode(text) == (value, [])


@given(JSON)
def test_with_an_entry_on_each_line_the_line_counts_the_entries(value: Any) -> None:
    text = json.dumps({"top": value, "last": 1}, indent=1)
    lines = text.split("\n")
    for path, line in places(text, 100):
        if path and isinstance(path[-1], str):
            assert lines[line - 1].strip().startswith(json.dumps(path[-1]) + ":")


@given(st.lists(KEYS | st.integers(0, 10**6), max_size=6))
def test_a_path_is_read_back_as_it_was_written(steps: list[str | int]) -> None:
    assert json_path.parse(json_path.render(steps)) == tuple(steps)


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ((), "$"),
        (("graders", "answer", "operation"), "$.graders.answer.operation"),
        (("input", 0, "content", 12), "$.input[0].content[12]"),
        (("similarity-score",), '$["similarity-score"]'),
        (("a b", "名前", "1x"), '$["a b"].名前["1x"]'),
        (('"',), '$["\\""]'),
    ],
)
def test_keys_that_are_no_identifiers_stand_in_brackets(
    steps: tuple[str | int, ...], path: str
) -> None:
    assert json_path.render(steps) == path


def test_lines_are_those_of_the_key_or_of_the_nearest_ancestor() -> None:
    text = '{\n"a": [\n1,\n{"b":\n2}],\n"c d": "x\\n{\\"y\\": 1}"}'
    wanted = ["$", "$.a", "$.a[0]", "$.a[1]", "$.a[1].b", "$.a[1].zz.q", '$["c d"]', "$.absent"]
    assert lines_of(text, wanted) == {
        "$": 1,
        "$.a": 2,
        "$.a[0]": 3,
        "$.a[1]": 4,
        "$.a[1].b": 4,
        "$.a[1].zz.q": 4,
        '$["c d"]': 6,
        "$.absent": 1,
    }


def test_a_key_that_stands_twice_is_reported_once_with_both_lines() -> None:
    text = '{"a": {"x": 1},\n"b": 2,\n"a": {"x": 1, "y": 2},\n"c": {"k": 1,\n"k": 2}}'
    value, problems = decode(text)
    assert value["a"] == {"x": 1, "y": 2}
    assert [(p.path, p.line, p.expected) for p in problems] == [
        ("$.a", 3, "one value (the first is on line 1)"),
        ("$.c.k", 5, "one value (the first is on line 4)"),
    ]


def test_a_key_that_stands_three_times_is_reported_twice() -> None:
    assert [p.line for p in duplicates('{"a": 1,\n"a": 2,\n"a": 3}')] == [2, 3]


def test_keys_that_differ_only_in_their_escapes_are_the_same_key() -> None:
    assert len(decode('{"a": 1, "\\u0061": 2}')[1]) == 1


def test_one_key_in_several_objects_is_no_repetition() -> None:
    assert decode('[{"a": 1}, {"a": {"a": 2}}]')[1] == []


@pytest.mark.parametrize(
    ("text", "line", "message", "fix"),
    [
        ('{"a": 1,}', 1, "before }: a comma stands before the end", "delete the comma"),
        ("[1,\n]", 2, "before ]: a comma stands before the end", "delete the comma"),
        ('{"a": 1\n "b": 2}', 2, 'column 2, before "b": 2}: a comma or a closing', "put a comma"),
        ('{"a": "say "hi""}', 1, "a comma or a closing bracket is missing", 'written \\"'),
        ("{'a': 1}", 1, "strings and keys need double quotes", "replace '"),
        ("{a: 1}", 1, "a key in double quotes is missing", 'write "key": value'),
        ('{"a" 1}', 1, "a colon is missing", 'write "key": value'),
        ('{"a": True}', 1, "True is Python, not JSON", "true, false or null"),
        ('{"a": None}', 1, "None is Python, not JSON", "true, false or null"),
        ('{"a": 1, // why\n"b": 2}', 1, "JSON has no comments", "delete the comment"),
        ('{"a": .5}', 1, "a number starts with a digit", "write 0.5"),
        ('{"a": +5}', 1, "a number starts with a digit", "write 0.5"),
        ("{“a”: 1}", 1, "a typographic quotation mark", "plain double quotes"),
        ('{"a": "x\ny"}', 1, "at the end of the line: a raw line break", "write \\n"),
        ('{"a": "x\ty"}', 1, "a raw line break or control character", "\\t for a tab"),
        ('{"a": "\\d"}', 1, "an unknown escape", "\\\\ for a backslash"),
        ('{"a": "\\u12"}', 1, "an incomplete \\u escape", "four hex digits"),
        ('{"a": "x', 1, "a string is never closed", 'close it with "'),
        ('{"a": ', 1, "at the end of the text: a value is missing", ""),
        ("", 1, "at the end of the text: a value is missing", ""),
        ('{"a": 1}\n{"a": 2}', 2, "a second value follows the first", "rows (JSONL)"),
        ('{"a": 1} x', 1, "text follows the end of the value", "delete it"),
    ],
)
def test_a_syntax_error_is_explained_with_its_place_and_a_fix(
    text: str, line: int, message: str, fix: str
) -> None:
    value, (problem,) = decode(text)
    assert value is None
    assert problem.path == "$"
    assert problem.line == line
    assert message in problem.message
    assert problem.message.startswith("not JSON at column ")
    assert fix in problem.fix


def test_nothing_unprintable_of_the_text_is_shown() -> None:
    (problem,) = decode("{\x1b[31m\u202e")[1]
    assert problem.message.isprintable()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000])
def test_text_that_python_cannot_read_is_a_problem_not_a_crash(text: str) -> None:
    value, (problem,) = decode(text)
    assert value is None
    assert "nested too deeply" in problem.message or "too long" in problem.message


@given(st.text(alphabet='{}[]",: \n\\atrue0.-'))
def test_any_text_is_decoded_as_json_does(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        expected = None
        assert decode(text)[1]
    assert repr(decode(text)[0]) == repr(expected)

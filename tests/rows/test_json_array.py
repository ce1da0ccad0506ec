"""A `.json` file that is one array gives its elements, in bounded memory."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.rows import Reader

from .conftest import ReadBytes

ROWS: list[dict[str, Any]] = [
    {"id": 1, "item": {"q": 'a "quoted" [text], {x}'}, "sample": "\\"},
    {"id": 2, "item": {"q": [[], {}, [1, 2]]}, "samples": ["a", "b"]},
    {"id": 3, "q": "é👩🏽‍🔬", "output": "c"},
]


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("name", ["rows.json", "rows.json.gz", "ROWS.JSON"])
def test_elements_are_rows(read: ReadBytes, indent: int | None, name: str) -> None:
    text = json.dumps(ROWS, indent=indent, ensure_ascii=False).encode()
    rows, reader = read(gzip.compress(text) if name.endswith("gz") else text, name)
    assert [row.id for row in rows] == [1, 2, 2, 3]
    assert [row.sample for row in rows] == ["\\", "a", "b", "c"]
    assert rows[0].item == ROWS[0]["item"]
    assert reader.counts.errored == 0


def test_an_element_is_found_by_the_line_on_which_it_starts(read: ReadBytes) -> None:
    text = '\n[\n\n {"output": "a"},\n {"output":\n "b"}, {"output": "c"}\n,\n{"output": "d"}]\n'
    assert [row.line for row in read(text, "a.json")[0]] == [4, 5, 6, 8]


def test_json_lines_in_a_json_file_are_still_lines(read: ReadBytes) -> None:
    assert len(read('\n{"output": "a"}\n{"output": "b"}\n', "a.json")[0]) == 2


BROKEN = {
    "empty array": ("[]", "", []),
    "white space": ("[ \n ] \n", "", []),
    "bad element": (
        '[{"output": "a"}, {"output": NaN}, {"output": "b"}]',
        "a!b",
        ["NaN is not JSON"],
    ),
    "element that is no object": ('[{"output": "a"}, 5, null]', "a!!", ["is a number", "is null"]),
    "trailing comma": ('[{"output": "a"},]', "a!", ["not JSON"]),
    "ends early": (
        '[{"output": "a"}, {"output": "b',
        "a!",
        ["the file ends before its JSON array"],
    ),
    "never closed": ('[{"output": "a"}', "!", ["the file ends before its JSON array"]),
    "text after it": ('[{"output": "a"}]\n{"output": "b"}', "a!", ["text after the end"]),
    "wrong brackets": ('[{"output": "a"]]', "!", ["not JSON"]),
    "lone bracket": ("[", "!", ["ends before"]),
    "too deep": (
        '[{"output": "a"}, ' + "[" * 250 + "]" * 250 + ', {"output": "b"}]',
        "a!b",
        ["deeper"],
    ),
}


@pytest.mark.parametrize(("text", "samples", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_arrays(read: ReadBytes, text: str, samples: str, words: list[str]) -> None:
    rows, reader = read(text, "a.json")
    assert "".join("!" if row.error else row.sample for row in rows) == samples
    details = [row.error.detail for row in rows if row.error]
    assert all(word in detail for word, detail in zip(words, details, strict=True))
    assert reader.counts.rows == len(rows)


def test_an_element_beyond_the_limit_ends_the_file(read: ReadBytes) -> None:
    text = json.dumps([{"output": "a"}, {"output": "x" * 2_000_000}, {"output": "b"}])
    rows, _ = read(text, "a.json", max_line=1000)
    assert [row.error.cause if row.error else row.sample for row in rows] == ["a", "too_large"]


def test_truncated_gzip(read: ReadBytes) -> None:
    rows, _ = read(gzip.compress(json.dumps(ROWS * 999).encode())[:-9], "a.json.gz")
    assert rows[-1].error is not None
    assert "ends early: the gzip" in rows[-1].error.detail


def test_a_long_string_is_read(read: ReadBytes) -> None:
    (row,), _ = read(json.dumps([{"output": '\\"[' * 1_000_000}]), "a.json")
    assert row.sample == '\\"[' * 1_000_000


texts = st.text(st.sampled_from('a"\\[]{},\n é'), max_size=20)


items_of_text = st.dictionaries(texts, texts | st.lists(texts, max_size=3), max_size=3)


@given(items=st.lists(items_of_text, max_size=5), indent=st.sampled_from([None, 1]))
def test_elements_are_what_the_standard_library_reads(
    tmp_path_factory: pytest.TempPathFactory, items: list[dict[str, Any]], indent: int | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "elements.json"
    path.write_text(json.dumps([{"item": item} for item in items], indent=indent))
    assert [row.item for row in Reader(path)] == items

"""CSV: strings only, the header names the keys, a record that does not fit is a row error."""

from __future__ import annotations

import csv
import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.errors import RowsError
from graders.rows import Reader

from .conftest import ReadBytes


def test_every_cell_is_a_string_and_an_empty_cell_is_empty(read: ReadBytes) -> None:
    rows, reader = read("id,n,note,sample\n7,1.50,,x\n8,true,null,\n", "a.csv")
    assert [row.item for row in rows] == [
        {"id": "7", "n": "1.50", "note": ""},
        {"id": "8", "n": "true", "note": "null"},
    ]
    assert [row.sample for row in rows] == ["x", ""]
    assert [row.id for row in rows] == ["7", "8"]
    assert reader.counts.fields == {"sample": 2}


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "A.CSV"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_line_ends_bom_and_gzip(read: ReadBytes, name: str, end: str, bom: str) -> None:
    data = (bom + end.join(["sample,q", "x,1", "", "y,2", ""])).encode()
    rows, reader = read(gzip.compress(data) if name.endswith("gz") else data, name)
    assert [(row.sample, row.item, row.line) for row in rows] == [
        ("x", {"q": "1"}, 2),
        ("y", {"q": "2"}, 4),
    ]
    assert (reader.counts.lines, reader.counts.blank) == (4, 1)


def test_quoted_cells_hold_commas_quotes_and_line_ends(read: ReadBytes) -> None:
    rows, _ = read('q,sample\n"a, ""b""\nc",x\nd,"y\r\nz"\ne,w\n', "a.csv")
    assert [(row.item["q"], row.sample, row.line) for row in rows] == [
        ('a, "b"\nc', "x", 2),
        ("d", "y\r\nz", 4),
        ("e", "w", 6),
    ]


def test_a_cell_of_a_megabyte(read: ReadBytes) -> None:
    assert read(f"q,sample\n{'a' * (1 << 20)},x\n", "a.csv")[0][0].sample == "x"


BAD = {
    "too few cells": ("x", "1 cells; the header has 2"),
    "too many cells": ("x,1,2", "3 cells; the header has 2"),
    "half a character": ("x,\udcc3", "not UTF-8: byte 0xc3 at column 3"),
    "NUL": ("x,\0", "a NUL byte"),
    "text after a quote": ('"x"y,1', "not CSV: ',' expected after '\"'"),
    "bare CR": ("x,1\ry,2", "a bare CR inside a line"),
}


@pytest.mark.parametrize(("line", "words"), BAD.values(), ids=BAD)
def test_a_bad_record_is_one_errored_row(read: ReadBytes, line: str, words: str) -> None:
    data = f"sample,q\na,0\n{line}\nb,2\n".encode("utf-8", "surrogateescape")
    rows, reader = read(data, "a.csv")
    assert [row.sample for row in rows] == ["a", None, "b"]
    assert rows[1].error is not None
    assert (rows[1].line, rows[1].error.cause) == (3, "row")
    assert words in rows[1].error.detail
    assert reader.counts.errored == 1


def test_a_quote_that_never_ends_names_its_line(read: ReadBytes) -> None:
    rows, _ = read('sample,q\na,0\n"b,1\nc,2\nd,3\n', "a.csv")
    assert [row.line for row in rows] == [2, 3]
    assert rows[1].error is not None
    assert rows[1].error.detail == "a quoted cell that starts on line 3 does not end"


def test_a_quote_that_never_ends_is_cut_at_the_limit(read: ReadBytes) -> None:
    body = "".join(f"{i},x\n" for i in range(100_000))
    rows, _ = read(f'sample,q\n"{body}', "a.csv", max_line=200_000)
    assert rows[0].error is not None
    assert rows[0].error.cause == "too_large"
    assert rows[-1].sample == "99999"


HEADERS = {
    "no name": ("id,,sample,", "header: no name for column 2, 4; name it or remove it"),
    "twice": ("id,a,a,sample,id", "header: id, a stands more than once; rename it"),
    "half a character": ("id,\udcc3", "header: not UTF-8"),
    "no CSV": ('"id"x,sample', "header: not CSV"),
    "too long": ("i" * 2000, "header: the line has 2,001 bytes"),
}


@pytest.mark.parametrize(("header", "words"), HEADERS.values(), ids=HEADERS)
def test_a_bad_header_stops_before_the_first_row(read: ReadBytes, header: str, words: str) -> None:
    with pytest.raises(RowsError, match=words):
        read(f"{header}\n1,2,3,4,5\n".encode("utf-8", "surrogateescape"), "a.csv", max_line=1000)


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolons"), ("\t", "TABs")])
def test_another_separator_is_named(read: ReadBytes, separator: str, word: str) -> None:
    text = f"id{separator}sample\n1{separator}a\n"
    with pytest.raises(RowsError, match=f"one column with {word} in its name; save the table with"):
        read(text, "a.csv")
    assert len(read(f'"id{separator}sample",q\n1,2\n', "a.csv")[0]) == 1


@pytest.mark.parametrize("text", ["", "\n\n", "id,sample\n", "id,sample"])
def test_no_records_are_no_rows(read: ReadBytes, text: str) -> None:
    assert read(text, "a.csv")[0] == []


def test_truncated_gzip(read: ReadBytes) -> None:
    data = "sample,q\n" + "".join(f"{i},{i}\n" for i in range(5000))
    rows, _ = read(gzip.compress(data.encode())[:-8], "a.csv.gz")
    assert len(rows) == 5001
    assert rows[-1].error is not None
    assert "ends early" in rows[-1].error.detail


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(cells, cells), max_size=6))
def test_what_the_csv_module_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("q", "sample"), *records])
    path = tmp_path_factory.getbasetemp() / "round.csv"
    path.write_bytes(text.getvalue().encode())
    assert [(row.item["q"], row.sample) for row in Reader(path)] == records


def test_a_quoted_empty_cell_alone_is_a_row(read: ReadBytes) -> None:
    rows, reader = read('sample\n""\n\n  \nx\n', "a.csv")
    assert [row.sample for row in rows] == ["", "x"]
    assert reader.counts.blank == 2

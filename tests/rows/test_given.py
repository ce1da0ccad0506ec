"""Rows from Python: mappings, rows, columns and tables."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from graders.batch import Row
from graders.errors import RowsError, UsageError
from graders.rows import Intake, Reader, from_table, rows_of

CHAT = [{"role": "assistant", "content": "a"}]


def test_mappings_follow_the_rules_of_a_line_and_are_not_changed() -> None:
    line = {"id": 1, "q": 2, "output": "x"}
    assert (
        list(rows_of([line, MappingProxyType(line), UserDict(line)]))
        == [Row(sample="x", item={"id": 1, "q": 2}, id=1)] * 3
    )
    assert line == {"id": 1, "q": 2, "output": "x"}


def test_any_mapping_may_be_the_item() -> None:
    (row,) = rows_of([{"item": MappingProxyType({"q": 1}), "sample": "x"}])
    assert row.item == {"q": 1}


def test_rows_pass_as_they_are() -> None:
    row = Row(sample=["a", "b"], item={}, group="g")
    assert next(rows_of([row])) is row


def test_a_generator_is_read_as_it_goes() -> None:
    def endless() -> Iterator[dict[str, Any]]:
        while True:
            yield {"output": "x"}

    assert next(rows_of(endless())).sample == "x"


def test_nobody_gave_a_group_so_there_is_none() -> None:
    assert next(rows_of([{"output": "x"}])).group is None
    named = next(rows_of([{"output": "x"}], intake=Intake(name_groups=True)))
    assert named.group is not None


@pytest.mark.parametrize("rows", ["text", b"bytes", {"output": "x"}, Row(), 5])
def test_what_is_no_list_of_rows_is_refused_at_once(rows: Any) -> None:
    with pytest.raises(UsageError, match="expected a list of mappings"):
        rows_of(rows)


@pytest.mark.parametrize("value", ["text", 5, None, ["x"]])
def test_what_is_no_row_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match=r"a row is a .*graders\.rows\.from_table"):
        list(rows_of([value]))


# Columns


def test_columns_give_one_row_for_each_position() -> None:
    rows = rows_of(
        samples=["a", None, CHAT, ["x"]], items=({"q": 1}, None, {}, {}), groups=["g"] * 4
    )
    assert list(rows) == [
        Row(sample="a", item={"q": 1}, group="g"),
        Row(group="g"),
        Row(sample=CHAT, group="g"),
        Row(sample=["x"], group="g"),
    ]


def test_each_column_may_stand_alone() -> None:
    assert list(rows_of(samples=["a"])) == [Row(sample="a")]
    assert list(rows_of(items=iter([{"q": 1}]))) == [Row(item={"q": 1})]
    assert list(rows_of(samples=[])) == []


USAGE = {
    "nothing": ({}, "nothing to grade: give rows, samples"),
    "groups alone": ({"groups": [1]}, "nothing to grade"),
    "lengths": (
        {"samples": ["a"], "items": [{}, {}]},
        "columns differ in length: 1 samples, 2 items",
    ),
    "one text": ({"samples": "abc"}, "samples is a str; expected a list"),
    "one mapping": ({"items": {"q": 1}}, "items is a dict; expected a list"),
    "no mapping": ({"samples": ["a"], "items": [5]}, r"items\[0\] is a int; expected a mapping"),
    "both": ({"rows": [], "samples": []}, "rows and columns together"),
}


@pytest.mark.parametrize(("arguments", "words"), USAGE.values(), ids=USAGE)
def test_columns_that_make_no_sense_are_refused_at_once(arguments: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        rows_of(**arguments)


# Tables

RECORDS = [
    {"id": 1, "item": {"a": 1, "b": None}, "sample": "x", "note": None},
    {"id": 2, "item": {"a": None, "b": "y"}, "sample": None, "note": "n"},
]
WANTED = [
    Row(sample="x", item={"a": 1}, id=1),
    Row(item={"b": "y"}, id=2, extra={"note": "n"}),
]


class RecordBatch:
    def to_pylist(self) -> list[dict[str, Any]]:
        return RECORDS


class ArrowTable:
    def to_batches(self) -> list[RecordBatch]:
        return [RecordBatch()]


class PandasFrame:
    columns = ("id", "item", "sample", "note")

    def itertuples(self, index: bool, name: None) -> Iterator[tuple[Any, ...]]:
        assert not index
        return (tuple(float("nan") if v is None else v for v in r.values()) for r in RECORDS)


class PolarsFrame:
    def iter_rows(self, *, named: bool) -> Iterator[dict[str, Any]]:
        assert named
        return iter(RECORDS)


TABLES = [ArrowTable(), RecordBatch(), iter([RecordBatch()]), PandasFrame(), PolarsFrame(), RECORDS]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: type(table).__name__)
def test_null_in_a_table_means_missing(table: Any) -> None:
    assert list(rows_of(from_table(table))) == WANTED


def test_a_null_sample_in_a_flat_table_is_no_sample() -> None:
    rows = rows_of(from_table([{"q": 1, "output": None}, {"q": 2, "output": "", "sample": None}]))
    assert list(rows) == [Row(item={"q": 1}), Row(sample="", item={"q": 2})]


def test_a_null_in_the_chosen_field_is_no_sample() -> None:
    rows = rows_of(from_table([{"q": 1, "mine": None}], "mine"), intake=Intake("mine"))
    assert list(rows) == [Row(item={"q": 1})]


def test_null_inside_a_list_stays() -> None:
    assert next(from_table([{"a": [None, {"b": None}]}])) == {"a": [None, {"b": None}]}


def test_values_of_numpy_and_dates_become_plain() -> None:
    record = {"n": np.int64(1), "x": np.float64("nan"), "l": np.array(["a", "b"], dtype=object)}
    (found,) = from_table([record | {"day": date(2026, 11, 22), "flag": np.True_, "pi": 3.5}])
    assert found == {"n": 1, "l": ["a", "b"], "day": "2026-11-22", "flag": True, "pi": 3.5}
    assert [type(value) for value in found.values()] == [int, list, str, bool, float]


@pytest.mark.parametrize("value", ["text", 5, {"q": [1]}])
def test_what_is_no_table_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="is no table: expected Arrow, pandas or polars"):
        list(from_table(value))


def test_real_tables_of_pyarrow(tmp_path: Any) -> None:
    table = pyarrow.Table.from_pylist(RECORDS)
    assert list(rows_of(from_table(table))) == WANTED
    assert list(rows_of(from_table(table.to_reader()))) == WANTED
    parquet.write_table(table, tmp_path / "rows.parquet")
    reader = Reader(tmp_path / "rows.parquet")
    assert [(row.sample, row.item, row.line) for row in reader] == [
        ("x", {"a": 1}, 1),
        (None, {"b": "y"}, 2),
    ]


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Any, fresh_python: Any) -> None:
    (tmp_path / "rows.parquet").touch()
    code = """
import sys
sys.modules["pyarrow"] = None
from graders.errors import RowsError
from graders.rows import Reader
try:
    list(Reader("rows.parquet"))
except RowsError as error:
    sys.stdout.write(str(error))
"""
    words = "rows.parquet: Parquet needs the extra `data`: pip install 'graders-sdk[data]'"
    assert fresh_python(code).stdout == words
    with pytest.raises(RowsError):
        list(Reader(tmp_path / "rows.parquet"))

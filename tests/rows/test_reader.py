"""Files in: what cannot be read at all, pipes, several files, and any bytes whatever."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.errors import GradersError, RowsError
from graders.rows import Reader

from .conftest import ReadBytes

GOOD = b'{"item": {"q": 1}, "sample": "x"}\n'


# Files that cannot be read at all


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RowsError, match=r"none\.jsonl: no such file or directory"):
        Reader(tmp_path / "none.jsonl")


def test_a_missing_file_is_found_before_the_first_is_read(tmp_path: Path) -> None:
    good = tmp_path / "a.jsonl"
    good.write_bytes(GOOD)
    with pytest.raises(RowsError, match="no such file"):
        Reader(good, tmp_path / "b.jsonl")


def test_a_folder_lists_what_could_be_meant(tmp_path: Path) -> None:
    (tmp_path / "b.csv").touch()
    (tmp_path / "a.jsonl").touch()
    (tmp_path / "readme.md").touch()
    with pytest.raises(RowsError, match=r"is a folder; name a file in it: a\.jsonl, b\.csv$"):
        Reader(tmp_path)


def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.jsonl"
    path.write_bytes(GOOD)
    path.chmod(0)
    if os.access(path, os.R_OK):
        path = Path("/proc/self/mem")  # root reads every file, but not this one
        with pytest.raises(RowsError, match="/proc/self/mem: "):
            list(Reader(path))
        return
    with pytest.raises(RowsError, match="permission denied"):
        Reader(path)


def test_a_name_with_nul(tmp_path: Path) -> None:
    with pytest.raises(RowsError):
        Reader(f"{tmp_path}/a\0b")


# Pipes and several files


def test_a_fifo_is_read_like_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(GOOD * 3,))
    writer.start()
    reader = Reader(path)
    assert reader.size is None
    assert len(list(reader)) == 3
    writer.join()


STDIN = """
from graders.rows import Reader
print([row.sample for row in Reader("-")])
"""


@pytest.mark.parametrize("data", [GOOD * 2, gzip.compress(GOOD * 2), b"\xef\xbb\xbf" + GOOD * 2])
def test_standard_input(data: bytes, root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STDIN], input=data, capture_output=True, cwd=root, check=True
    )
    assert done.stdout.decode().strip() == "['x', 'x']"


def test_standard_input_that_was_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD)))
    assert len(list(Reader("-"))) == 1
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(RowsError, match="standard input is closed"):
        list(Reader("-"))


def test_several_files_follow_each_other(tmp_path: Path) -> None:
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz", tmp_path / "c.csv"]
    paths[0].write_bytes(GOOD + b"\n" + GOOD)
    paths[1].write_bytes(gzip.compress(b"\xef\xbb\xbf" + GOOD))
    paths[2].write_bytes(b"q,sample\n1,x\n")
    reader = Reader(*paths)
    assert [row.line for row in reader] == [1, 3, 1, 2]
    assert (reader.counts.lines, reader.counts.blank, reader.counts.rows) == (6, 1, 4)
    assert reader.position == reader.size == sum(path.stat().st_size for path in paths)


def test_sizes_add_up_to_the_bytes_of_the_lines(read: ReadBytes) -> None:
    data = GOOD + b'{"item": {}, "samples": ["a", "b", "c"]}\n' + GOOD
    rows, reader = read(data)
    assert [row.size for row in rows] == [34, 13, 13, 13, 34]
    assert reader.size == len(data)


# Properties

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


@given(values=st.lists(json_values, max_size=5), ascii=st.booleans())
def test_values_come_back_as_the_standard_library_reads_them(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], ascii: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.jsonl"
    lines = [
        json.dumps({"item": {"v": value}, "sample": "x"}, ensure_ascii=ascii) for value in values
    ]
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    rows = list(Reader(path))
    assert len(rows) == len(values)
    for row, line in zip(rows, lines, strict=True):
        try:
            line.encode()
        except UnicodeEncodeError:  # a raw surrogate is not UTF-8
            assert row.error is not None
        else:
            assert repr(row.item) == repr(json.loads(line)["item"])


hostile = st.lists(
    st.binary(max_size=20)
    | st.sampled_from(
        [GOOD, b"\n", b"\r", b"\0", b'"', b"[", b"]", b"{", b"}", b",", b"\xef\xbb\xbf", b"\\"]
    )
    | st.builds(gzip.compress, st.just(GOOD)),
    max_size=12,
).map(b"".join)


@given(
    data=hostile, name=st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.jsonl.gz", "a.parquet"])
)
def test_any_bytes_give_rows_or_our_own_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    reader = Reader(path, max_line=64)
    try:
        rows = list(reader)
    except GradersError:
        return
    assert reader.counts.rows == len(rows)
    assert reader.counts.errored == sum(row.error is not None for row in rows)
    if name == "a.jsonl" and not data.startswith(b"\x1f\x8b"):
        bare = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        assert len(rows) + reader.counts.empty == sum(not line.isspace() for line in bare if line)


def test_real_runs_are_read_whole(data: Path) -> None:
    rows = list(Reader(data / "graded_runs" / "zava_rft_eval.jsonl"))
    assert len(rows) == 210
    assert not any(row.error for row in rows)
    assert {row.extra["step"] for row in rows} == {0, 3, 6, 9, 12, 15, 18}
    assert all(row.sample is None or "output_tools" in row.sample for row in rows)


def test_the_rare_disease_cases_are_a_dataset_without_outputs(data: Path) -> None:
    reader = Reader(data / "rare_disease" / "valid.jsonl", limit=5)
    assert all(row.error and "without outputs" in row.error.detail for row in reader)


@pytest.mark.parametrize("codec", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_not_called_utf_16(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"item": {}, "output": "a"}\n'.encode(codec))
    with pytest.raises(RowsError, match="is UTF-32; convert it: iconv -f UTF-32"):
        list(Reader(path))


def test_a_byte_order_mark_inside_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = '{"item": {}, "output": "a"}\n'.encode("utf-8-sig")
    path.write_bytes(line * 2)
    first, second = Reader(path)
    assert first.error is None
    assert second.error is not None
    assert second.error.detail.startswith("not JSON: a byte order mark inside the file")


def test_every_file_can_be_looked_at_before_the_first_row(tmp_path: Path) -> None:
    good, utf16, csv = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "c.csv"
    good.write_text('{"item": {}, "output": "a"}\n')
    utf16.write_text(good.read_text(), encoding="utf-16")
    csv.write_text("a,a\n1,2\n")
    Reader(good).check()
    for bad, words in ((utf16, "UTF-16"), (csv, "stands more than once")):
        with pytest.raises(RowsError, match=words):
            Reader(good, bad).check()
    reader = Reader(good)
    reader.check()
    assert len(list(reader)) == 1

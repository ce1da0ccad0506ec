"""Results out: whole lines only, whatever happens."""

from __future__ import annotations

import gzip
import io
import json
import math
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.errors import RowsError, UsageError
from graders.rows import Reader, Writer, write_meta
from graders.sample import namespace


def lines(path: Path) -> list[Any]:
    data = path.read_bytes()
    assert not data or data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


VALUES = {
    "keys keep their order": ({"b": 1, "a": [2, None]}, b'{"b":1,"a":[2,null]}\n'),
    "NaN and infinity": ({"a": math.nan, "b": [math.inf]}, b'{"a":null,"b":[null]}\n'),
    "text": ({"a": "é👩\n\0"}, '{"a":"é👩\\n\\u0000"}\n'.encode()),
    "lone surrogate": ({"a": "é\ud800", "b": math.nan}, b'{"a":"\\u00e9\\ud800","b":null}\n'),
    "lone surrogate in a key": ({"\udc00": 1}, b'{"\\udc00":1}\n'),
    "big integer": ({"a": 2**64, "b": (1, 2)}, b'{"a":18446744073709551616,"b":[1,2]}\n'),
    "numpy": ({"a": np.float64(0.5), "b": np.arange(2)}, b'{"a":0.5,"b":[0,1]}\n'),
    "mapping": (MappingProxyType({"a": MappingProxyType({})}), b'{"a":{}}\n'),
    "negative zero": ({"a": -0.0}, b'{"a":-0.0}\n'),
    "numbers as keys": ({1: 2}, b'{"1":2}\n'),
}


@pytest.mark.parametrize(("value", "line"), VALUES.values(), ids=VALUES)
def test_one_object_is_one_line(tmp_path: Path, value: Mapping[Any, Any], line: bytes) -> None:
    with Writer(tmp_path / "out.jsonl") as writer:
        writer.write(value)
    assert (tmp_path / "out.jsonl").read_bytes() == line


def test_a_sample_namespace_is_written_as_an_object() -> None:
    stream = io.BytesIO()
    with Writer(stream) as writer:
        writer.write({"sample": namespace("\ud800")})
    assert json.loads(stream.getvalue())["sample"]["output_text"] == "\ud800"


def test_rows_come_back_through_the_reader(tmp_path: Path) -> None:
    for name in ("out.jsonl", "out.jsonl.gz"):
        with Writer(tmp_path / name) as writer:
            for i in range(30_000):
                writer.write({"id": i, "item": {"q": "x" * (i % 50)}, "sample": "y"})
        assert writer.rows == 30_000
        assert [row.id for row in Reader(tmp_path / name)] == list(range(30_000))


def test_an_existing_file_needs_force(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("keep\n")
    with pytest.raises(UsageError, match=r"out\.jsonl exists; --force replaces it"):
        Writer(path)
    assert path.read_text() == "keep\n"
    with Writer(path, force=True) as writer:
        writer.write({})
    assert path.read_text() == "{}\n"


@pytest.mark.parametrize(
    ("name", "words"), [("none/out.jsonl", "No such file"), (".", "directory")]
)
def test_a_place_that_takes_no_file(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Writer(tmp_path / name)


def test_a_stream_is_flushed_but_not_closed() -> None:
    stream = io.BytesIO()
    with Writer(stream) as writer:
        writer.write({"a": 1})
        assert stream.getvalue() == b""
        writer.flush()
        assert stream.getvalue() == b'{"a":1}\n'
        writer.write({"a": 2})
    assert stream.getvalue() == b'{"a":1}\n{"a":2}\n'
    writer.close()


def test_rows_before_an_exception_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"

    def stop_at_the_fourth() -> None:
        with Writer(path) as writer:
            for i in range(5):
                writer.write({"i": i, "x": 1 / (3 - i)})

    with pytest.raises(ZeroDivisionError):
        stop_at_the_fourth()
    assert [line["i"] for line in lines(path)] == [0, 1, 2]


def test_a_full_disk_is_one_clear_line() -> None:
    writer = Writer("/dev/full", force=False)
    writer.write({"a": 1})
    with pytest.raises(RowsError, match=r"^/dev/full: No space left on device; the output is cut"):
        writer.close()
    writer.close()


FILLS_UP = """
import os, resource, sys
from graders.errors import RowsError
from graders.rows import Writer
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    with Writer(sys.argv[1]) as writer:
        for i in range(100_000):
            writer.write({"i": i, "text": os.urandom(200).hex()})
except RowsError as error:
    sys.stdout.write(str(error))
"""


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_a_block_that_was_cut_short_is_taken_back(
    tmp_path: Path, fresh_python: Any, name: str
) -> None:
    path = tmp_path / name
    said = fresh_python("-c", FILLS_UP, str(path)).stdout
    assert said == f"{path}: File too large; the output is cut short"
    data = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
    assert data.endswith(b"}\n")
    count = data.count(b"\n")
    assert [json.loads(line)["i"] for line in data.splitlines()] == list(range(count))
    assert 600_000 < path.stat().st_size <= 1_000_000


def test_a_broken_pipe_passes() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as stream:
        writer = Writer(stream)
        writer.write({"a": 1})
        with pytest.raises(BrokenPipeError):
            writer.close()


def test_a_fifo_exists_without_being_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as cat:
        with Writer(path) as writer:
            writer.write({"a": 1})
        assert cat.stdout is not None
        assert cat.stdout.read() == b'{"a":1}\n'


ENDLESS = """
import sys
from graders.rows import Writer
with Writer(sys.argv[1]) as writer:
    i = 0
    while True:
        writer.write({"i": i, "text": "x" * 200})
        i += 1
        if i == 1000:
            sys.stdout.write("started\\n")
            sys.stdout.flush()
"""


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_an_interrupt_leaves_whole_lines(tmp_path: Path, root: Path, name: str) -> None:
    delays = random.Random(7)
    for attempt in range(3):
        path = tmp_path / f"{attempt}-{name}"
        process = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(path)],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delays.uniform(0, 0.2))
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()
        data = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
        assert data.endswith(b"}\n")
        assert [json.loads(line)["i"] for line in data.splitlines()] == list(
            range(data.count(b"\n"))
        )
        assert data.count(b"\n") >= 1000


# In a process of its own: an exception out of nowhere harms whatever else runs in this one.
INTERRUPTED = """
import random, signal, sys
from graders.rows import Writer

def interrupt(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
delays = random.Random(7)
for attempt in range(30):
    done = 0
    try:
        with Writer(f"{attempt}-{sys.argv[1]}") as writer:
            signal.setitimer(signal.ITIMER_REAL, delays.randint(1, 8000) / 1e6)
            while True:
                writer.write({"i": done, "text": "some words " * 100})
                done += 1
    except KeyboardInterrupt:
        sys.stdout.write(f"{done}\\n")
"""


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_an_interrupt_between_any_two_steps_keeps_every_row(
    tmp_path: Path, fresh_python: Any, name: str
) -> None:
    counts = fresh_python("-c", INTERRUPTED, name).stdout.split()
    assert len(counts) == 30
    for attempt, done in enumerate(map(int, counts)):
        path = tmp_path / f"{attempt}-{name}"
        data = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
        kept = [json.loads(line)["i"] for line in data.splitlines()]
        assert kept == list(range(len(kept)))
        assert len(kept) - done in (0, 1)  # the last may be there before it was counted


def test_meta_starts_with_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl.meta.json"
    write_meta(path, {"signature": "s", "counts": {"rows": 3}, "mean": math.nan})
    write_meta(path, {"signature": "\ud800", "big": 2**70})
    text = path.read_text()
    assert list(json.loads(text)) == ["schema", "signature", "big"]
    assert json.loads(text)["schema"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl.meta.json"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_meta_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(RowsError, match="No such file"):
        write_meta(tmp_path / "none" / "meta.json", {})
    path = tmp_path / "meta.json"
    path.mkdir()
    with pytest.raises(RowsError, match="directory"):
        write_meta(path, {})
    assert [p.name for p in tmp_path.iterdir()] == ["meta.json"]


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


@given(value=st.dictionaries(st.text(max_size=4), json_values, max_size=4))
def test_any_json_value_comes_back(value: dict[str, Any]) -> None:
    stream = io.BytesIO()
    with Writer(stream) as writer:
        writer.write(value)
    assert stream.getvalue().count(b"\n") == 1
    assert repr(json.loads(stream.getvalue())) == repr(value)

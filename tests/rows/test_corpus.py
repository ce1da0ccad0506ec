"""Broken files and limits: every line that is not blank gives a row, or says why not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.errors import RowsError

from .conftest import ReadBytes

GOOD = b'{"item": {"q": 1}, "sample": "x"}\n'


def outcomes(rows: list[Any]) -> list[str]:
    return ["ok" if row.error is None else row.error.cause for row in rows]


def details(rows: list[Any]) -> str:
    return "\n".join(row.error.detail for row in rows if row.error)


def nested(levels: int) -> bytes:
    """A flat row that is `levels` deep as a whole."""
    return b'{"output": "x", "deep": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}\n"


# name: (bytes of the file, outcome of each row, words of the details)
CORPUS: dict[str, tuple[bytes, list[str], str]] = {
    "empty file": (b"", [], ""),
    "blank lines": (b"\n  \n\t\r\n" + GOOD + b"\n\n" + GOOD + b"   ", ["ok", "ok"], ""),
    "no line end at the end": (GOOD.rstrip(), ["ok"], ""),
    "CRLF": (GOOD.replace(b"\n", b"\r\n") * 2, ["ok", "ok"], ""),
    "BOM": (b"\xef\xbb\xbf" + GOOD, ["ok"], ""),
    "BOM on line 2": (GOOD + b"\xef\xbb\xbf" + GOOD, ["ok", "row"], "not JSON"),
    "half a character": (
        GOOD + b'{"output": "\xc3"}\n' + GOOD,
        ["ok", "row", "ok"],
        "byte 0xc3 at column 13",
    ),
    "half a character at the end": (
        GOOD + b'{"output": "\xf0\x9f',
        ["ok", "row"],
        "not UTF-8: byte 0xf0",
    ),
    "surrogate in UTF-8": (b'{"output": "\xed\xa0\x80"}\n', ["row"], "not UTF-8"),
    "Latin-1": (b'{"output": "caf\xe9"}\n', ["row"], "byte 0xe9 at column 16"),
    "CR only": (
        GOOD.replace(b"\n", b"\r") * 3,
        ["row"],
        "the line ends are CR alone; convert them: tr",
    ),
    "NUL in a string": (b'{"output": "a\0b"}\n' + GOOD, ["row", "ok"], "a NUL byte at column 14"),
    "line of NUL": (
        GOOD + b"\0" * 512 + b"\n" + GOOD,
        ["ok", "row", "ok"],
        "a NUL byte at column 1",
    ),
    "escaped NUL": (b'{"output": "a\\u0000b"}\n', ["ok"], ""),
    "2**64": (b'{"output": "x", "n": 18446744073709551616}\n', ["ok"], ""),
    "5,000 digits": (b'{"output": "x", "n": ' + b"9" * 5000 + b"}\n", ["row"], "too many digits"),
    "NaN": (b'{"output": "x", "n": NaN}\n' + GOOD, ["row", "ok"], "NaN is not JSON (RFC 8259)"),
    "Infinity": (b'{"output": "x", "n": [-Infinity]}\n', ["row"], "-Infinity is not JSON"),
    "1e999": (b'{"output": "x", "n": 1e999}\n', ["row"], "1e999 is beyond the largest float"),
    "-0.0": (b'{"output": "x", "n": -0.0}\n', ["ok"], ""),
    "1e-999": (b'{"output": "x", "n": 1e-999}\n', ["ok"], ""),
    "duplicate keys": (b'{"output": "a", "output": "b"}\n', ["ok"], ""),
    "lone surrogate": (b'{"output": "\\ud800"}\n', ["ok"], ""),
    "depth 199": (nested(199), ["ok"], ""),
    "depth 200": (nested(200), ["ok"], ""),
    "depth 201": (nested(201) + GOOD, ["too_large", "ok"], "nested deeper than 200 levels"),
    "depth 2,000": (nested(2000) + GOOD, ["too_large", "ok"], "nested deeper than 200 levels"),
    "depth 100,000": (b"[" * 100_000 + b"\n" + GOOD, ["too_large", "ok"], "nested deeper than 200"),
    "brackets in text": (b'{"output": "' + b"[{" * 500 + b'"}\n', ["ok"], ""),
    "many shallow lists": (b'{"output": "x", "n": [' + b"[],[]," * 500 + b"[]]}\n", ["ok"], ""),
    "cut off line": (GOOD + GOOD[:20], ["ok", "row"], "not JSON: "),
    "two objects on a line": (GOOD.rstrip() + GOOD, ["row"], "Extra data at column 34"),
    "pretty-printed": (
        json.dumps(json.loads(GOOD), indent=1).encode(),
        ["row"] * 6,
        "jq -c . FILE",
    ),
    "not JSON": (b"hello\n" + GOOD, ["row", "ok"], "not JSON: Expecting value at column 1"),
    "array on line 1": (b'[{"output": "x"}]\n', ["row"], "the line is a list"),
}


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(("data", "expected", "words"), CORPUS.values(), ids=CORPUS)
def test_corrupt_corpus(
    read: ReadBytes, data: bytes, expected: list[str], words: str, compressed: bool
) -> None:
    rows, reader = read(gzip.compress(data) if compressed else data)  # found by its first bytes
    assert outcomes(rows) == expected
    assert words in details(rows)
    counts = reader.counts
    assert counts.rows == len(rows) == counts.lines - counts.blank
    assert counts.errored == len(rows) - expected.count("ok")
    lines = [i for i, line in enumerate(data.splitlines(keepends=False), 1) if line.strip()]
    if b"\r" not in data.replace(b"\r\n", b"\n"):
        assert [row.line for row in rows] == lines


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2**64),
        ("-9223372036854775808", -(2**63)),
        ("-9223372036854775809", -(2**63) - 1),
        ("12345678901234567890123", 12345678901234567890123),
        ("9" * 400, int("9" * 400)),
        ("9223372036854775808.0", 2.0**63),
        ("1e30", 1e30),
        ("-0.0", -0.0),
        ("0.1234567890123456789012", 0.1234567890123456789012),
        ('"12345678901234567890123"', "12345678901234567890123"),
        ('"\\ud83d\\ude00 \\udc00"', "😀 \udc00"),
        ('"\\u0000"', "\0"),
        ('{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
    ],
)
def test_numbers_and_texts_are_exact(read: ReadBytes, text: str, value: Any) -> None:
    (row,), _ = read(f'{{"output": "x", "v": {text}}}')
    assert repr(row.item["v"]) == repr(value)


UTF16 = "utf-16", "utf-16-le", "utf-16-be"


@pytest.mark.parametrize("encoding", UTF16)
def test_utf16_is_named_with_the_command_that_converts_it(read: ReadBytes, encoding: str) -> None:
    with pytest.raises(RowsError, match="is UTF-16; convert it: iconv -f UTF-16"):
        read(GOOD.decode().encode(encoding))


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"\x28\xb5\x2f\xfd....", "compressed with zstd; pipe it in: zstd -dc"),
        (b"\xfd7zXZ\0", "compressed with xz"),
        (b"BZh91AY", "compressed with bzip2"),
        (b"PK\x03\x04", "a zip archive"),
        (b"PAR1....", "a Parquet file; give it the ending .parquet"),
        (b"SQLite format 3\0", "an SQLite database"),
    ],
)
def test_other_formats_are_named(read: ReadBytes, head: bytes, words: str) -> None:
    with pytest.raises(RowsError, match=words):
        read(head)
    with pytest.raises(RowsError, match=words):
        read(gzip.compress(head), "rows.jsonl.gz")


def test_zip_and_parquet_are_not_rows_by_name_alone(read: ReadBytes) -> None:
    with pytest.raises(RowsError, match=r"extra `data`|magic bytes"):
        read(GOOD, "rows.parquet")


# Truncated and damaged gzip


def many(n: int) -> bytes:
    return b"".join(b'{"id": %d, "q": "%d", "output": "x"}\n' % (i, i * i) for i in range(n))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.999])
def test_truncated_gzip_gives_its_rows_and_one_error(read: ReadBytes, share: float) -> None:
    data = gzip.compress(many(20_000))
    rows, reader = read(data[: int(len(data) * share)], "rows.jsonl.gz")
    assert [row.id for row in rows[:-1]] == list(range(len(rows) - 1))
    assert (rows[-1].error.cause, rows[-1].line) == ("row", len(rows))
    assert "ends early: the gzip data is cut off" in details(rows)
    assert len(rows) - 1 >= int(20_000 * share * 0.5) - 2_000
    assert reader.counts.errored == 1


def test_everything_before_the_cut_is_read(read: ReadBytes) -> None:
    """Only the checksum is missing, so every row is there."""
    rows, _ = read(gzip.compress(many(500))[:-8])
    assert outcomes(rows) == ["ok"] * 500 + ["row"]


def test_damaged_gzip_says_so(read: ReadBytes) -> None:
    data = bytearray(gzip.compress(many(500)))
    data[-6] ^= 1  # the checksum
    rows, _ = read(bytes(data))
    assert outcomes(rows)[-1] == "row"
    assert "is damaged: " in details(rows)


def test_gzip_of_several_members_and_padding(read: ReadBytes) -> None:
    data = gzip.compress(GOOD) + gzip.compress(b"") + gzip.compress(GOOD * 2) + b"\0" * 1024
    assert outcomes(read(data)[0]) == ["ok"] * 3


def test_a_gzip_header_alone_is_one_error(read: ReadBytes) -> None:
    assert outcomes(read(gzip.compress(GOOD)[:5])[0]) == ["row"]


# Limits


def test_line_limit_from_both_sides(read: ReadBytes) -> None:
    def line(size: int) -> bytes:
        return b'{"output": "' + b"x" * (size - 14) + b'"}'

    data = line(1000) + b"\n" + line(1001) + b"\n" + GOOD + line(100_000) + b"\n" + line(1000)
    rows, reader = read(data, max_line=1000)
    assert outcomes(rows) == ["ok", "too_large", "ok", "too_large", "ok"]
    assert "the line has 1,002 bytes; limit 1,000" in details(rows)
    assert "the line has 100,001 bytes; limit 1,000" in details(rows)
    assert reader.counts.lines == 5


def test_limits_come_from_the_environment(read: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_ROW_LINE_BYTES", "20")
    monkeypatch.setenv("GRADERS_LIMIT_ROW_DEPTH", "2")
    rows, _ = read(
        b'{"output": "x"}\n{"output": "x", "a": 1}\n{"output":"",a:[[]]}\n{"output":[[[]]]}\n'
    )
    assert outcomes(rows) == ["ok", "too_large", "row", "too_large"]


def test_row_limit_stops_the_reading(read: ReadBytes) -> None:
    rows, reader = read(GOOD * 10, limit=3)
    assert (len(rows), reader.counts.lines) == (3, 3)


LONG_LINE = """
import resource, sys
from graders.rows import Reader
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reader = Reader(*sys.argv[1:], max_line=1 << 20)
print([row.error.cause if row.error else "ok" for row in reader])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "csv"])
def test_a_line_beyond_the_limit_is_never_held_in_memory(
    tmp_path: Path, fresh_python: Callable[..., Any], ending: str
) -> None:
    path = tmp_path / f"long.{ending}"
    row = b"sample,q\nx,1\n" if ending == "csv" else GOOD
    with gzip.open(path, "wb", 1) if ending.endswith("gz") else path.open("wb") as file:
        file.write(row + b'{"output": "')
        for _ in range(60):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n' + row.splitlines()[-1])
    causes, megabytes = fresh_python("-c", LONG_LINE, str(path)).stdout.splitlines()
    assert causes == "['ok', 'too_large', 'ok']"
    assert int(megabytes) < 12

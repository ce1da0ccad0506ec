"""Rows files, one after the other, as rows. Memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from ..batch import Row
from ..limits import limit as limit_of
from . import csv_file, json_array, jsonl
from .intake import Counts, Intake, fields_of
from .jsonl import Record
from .source import STDIN, Source, size_on_disk

Format = Callable[[Source, int], Iterator[Record]]


class Reader:
    """Iterates over the rows of files; `-` is standard input. Iterate once.

    `sample_field`, `group` and `by` are the options of `grade run` of these names (`group` and
    `by`: `"field"`, `"field,field"` or a sequence); `limit` is the most rows to give. Raises
    RowsError for a file that cannot be read at all, at once if it is missing; anything wrong with
    one line is that row's `error`. A row without a group gets one made of its item's content.
    """

    def __init__(
        self,
        *sources: str | Path,
        sample_field: str | None = None,
        group: str | Sequence[str] | None = None,
        by: str | Sequence[str] | None = None,
        limit: int | None = None,
        max_line: int | None = None,
        max_depth: int | None = None,
    ) -> None:
        self.sources = tuple(map(str, sources))
        self.max_line = max_line or limit_of("row_line_bytes")
        self.max_depth = max_depth or limit_of("row_depth")
        self._limit = limit
        self._intake = Intake(sample_field, fields_of(group), fields_of(by), name_groups=True)
        sizes = [size_on_disk(source) for source in self.sources]
        self.size = None if None in sizes else sum(size for size in sizes if size is not None)
        self._read_before = 0
        self._source: Source | None = None

    @property
    def counts(self) -> Counts:
        """Lines, blank lines, rows and so on, so far."""
        return self._intake.counts

    @property
    def position(self) -> int:
        """Bytes read so far, of `size`."""
        return self._read_before + (self._source.position if self._source else 0)

    def check(self) -> None:
        """Look at the start of every regular file. Raises RowsError for one that is unusable."""
        for path in self.sources:
            if size_on_disk(path) is None:
                continue  # what a pipe has given is gone
            if suffix(path) == ".parquet":
                from .table import read_parquet

                next(read_parquet(path), None)
                continue
            with Source(path, self.max_line) as source:
                if suffix(path) == ".csv":  # the header
                    next(csv_file.records(source), None)

    def __iter__(self) -> Iterator[Row]:
        return islice(self._rows(), self._limit)

    def _rows(self) -> Iterator[Row]:
        for path in self.sources:
            yield from self._parquet(path) if suffix(path) == ".parquet" else self._file(path)

    def _file(self, path: str) -> Iterator[Row]:
        counts, rows = self.counts, self._intake.rows
        with Source(path, self.max_line) as self._source:
            before = counts.lines
            for value, line, size in format_of(path, self._source)(self._source, self.max_depth):
                counts.lines = before + line
                if value is None:
                    counts.blank += 1
                else:
                    yield from rows(value, line, size)
            self._read_before += self._source.position
        self._source = None

    def _parquet(self, path: str) -> Iterator[Row]:
        from .table import read_parquet

        before = self.counts.lines
        for line, record in enumerate(read_parquet(path), 1):
            self.counts.lines = before + line
            yield from self._intake.rows(record, line)
        self._read_before += size_on_disk(path) or 0


def suffix(path: str) -> str:
    """The ending that tells the format, in lower case, `.gz` aside."""
    if path == STDIN:
        return ".jsonl"
    lower = Path(path.lower())
    return Path(lower.stem).suffix if lower.suffix == ".gz" else lower.suffix


def format_of(path: str, source: Source) -> Format:
    """How to read the records of an opened file."""
    ending = suffix(path)
    if ending == ".csv":
        return csv_file.records
    if ending == ".json" and source.first_byte() == b"[":
        return json_array.records
    return jsonl.records

"""The rows files of a run, one after the other, and where each row came from."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ..batch import Row
from ..rows import source
from ..rows.intake import Counts
from ..rows.reader import Reader


class Files:
    """Iterates over the rows of several files. Raises RowsError at once for an unusable file."""

    def __init__(self, paths: Sequence[str], limit: int | None = None, **options: Any) -> None:
        self.paths = tuple(paths)
        self._readers = [Reader(path, **options) for path in paths]
        self._starts: list[int] = []
        self._limit = limit
        self.given = 0
        for reader in self._readers:
            reader.check()
        sizes = [reader.size for reader in self._readers]
        self.size = None if None in sizes else sum(size or 0 for size in sizes)

    def __iter__(self) -> Iterator[Row]:
        return islice(self._rows(), self._limit)

    def _rows(self) -> Iterator[Row]:
        for reader in self._readers:
            self._starts.append(self.given)
            for row in reader:
                self.given += 1
                yield row

    @property
    def names(self) -> list[str]:
        """How messages call the files."""
        return [source.name(path) for path in self.paths]

    @property
    def position(self) -> int:
        """Bytes read so far, of `size`."""
        return sum(reader.position for reader in self._readers)

    @property
    def counts(self) -> Counts:
        """Lines, blank lines and so on of all files, so far."""
        all_counts = [reader.counts for reader in self._readers]
        fields: Counter[str] = Counter()
        for counts in all_counts:
            fields.update(counts.fields)
        return Counts(
            lines=sum(c.lines for c in all_counts),
            blank=sum(c.blank for c in all_counts),
            empty=sum(c.empty for c in all_counts),
            rows=sum(c.rows for c in all_counts),
            errored=sum(c.errored for c in all_counts),
            fields=fields,
        )

    def file_of(self, row: int) -> str:
        """The file that row number `row` came from."""
        return self.names[max(0, bisect_right(self._starts, row) - 1)]

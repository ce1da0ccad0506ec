"""From values to rows: the one place where shapes, groups and counts come together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..batch import Row
from ..errors import RowError, row_error
from .groups import MissingField, content_name, group_of
from .shape import ShapeError, not_an_object, samples_of, split


@dataclass(slots=True)
class Counts:
    """What was read so far. `empty` are lines whose list of samples is empty: they give no row."""

    lines: int = 0
    blank: int = 0
    empty: int = 0
    rows: int = 0
    errored: int = 0
    fields: Counter[str] = field(default_factory=Counter)  # lines by sample field


LISTS = (list, tuple)


class Intake:
    """Turns one value after the other into rows, and counts.

    `group` and `by` are the fields of `--group` and `--by`; with `name_groups`, rows without a
    group are given one made of their item's content.
    """

    def __init__(
        self,
        sample_field: str | None = None,
        group: Sequence[str] = (),
        by: Sequence[str] = (),
        *,
        name_groups: bool = False,
    ) -> None:
        self.counts = Counts()
        self._sample_field = sample_field
        self._group = tuple(group)
        self._by = tuple(by)
        self._grouped = bool(group or by)
        self._name_groups = name_groups

    def rows(self, value: Any, line: int | None = None, size: int = 0) -> list[Row]:
        """One row, one for each sample, or none if the list of samples is empty.

        `value` is a mapping, or a RowError where a line could not be read.
        """
        counts = self.counts
        try:
            rows = self._rows(value, line, size)
        except ShapeError as error:
            rows = [refused(value, row_error("row", str(error)), line, size)]
        counts.rows += len(rows)
        if rows and rows[0].error is not None:  # then all of them have it
            counts.errored += len(rows)
        return rows

    def _rows(self, value: Any, line: int | None, size: int) -> list[Row]:
        if type(value) is not dict and not isinstance(value, Mapping):
            error = value if isinstance(value, RowError) else not_an_object(value)
            return [refused({}, error, line, size)]
        used, row = split(value, self._sample_field, line, size)
        samples = samples_of(row.sample) if type(row.sample) in LISTS else None
        if used is not None:
            self.counts.fields[used] += 1
        if self._grouped:
            self._set_group(row)
        elif self._name_groups and row.group is None:
            row.group = content_name(row.item)
        if samples is None:
            return [row]
        if not samples:
            self.counts.empty += 1
            return []
        share = size // len(samples)
        return [
            Row(sample, row.item, row.id, row.group, row.extra, line, row.error, share)
            for sample in samples
        ]

    def _set_group(self, row: Row) -> None:
        try:
            row.group = group_of(row, self._group, self._by)
        except MissingField as error:
            row.error = row_error("row", str(error))


def refused(value: Mapping[str, Any], error: RowError, line: int | None, size: int) -> Row:
    """The row of a line that is none."""
    return Row(None, {}, value.get("id"), value.get("group"), {}, line, error, size)


def fields_of(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names in `FIELD[,FIELD]`, or in a sequence."""
    names: Iterator[str] | Sequence[str] = text.split(",") if isinstance(text, str) else text or ()
    return tuple(name.strip() for name in names if name.strip())

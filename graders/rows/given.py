"""Rows from Python values: mappings, rows, or columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..batch import Row, RowColumns
from ..errors import UsageError
from .intake import Intake

TABLE = "; a table goes through graders.rows.from_table"


def rows_of(
    rows: Iterable[Any] | None = None,
    *,
    samples: Iterable[Any] | None = None,
    items: Iterable[Mapping[str, Any] | None] | None = None,
    groups: Iterable[Any] | None = None,
    intake: Intake | None = None,
) -> Iterable[Row]:
    """Rows from mappings, each by the rules of a line of a rows file, or from columns.

    A Row stays as it is. `intake` counts, and sets a sample field or groups. Raises UsageError for
    values of another kind, and for rows and columns together.
    """
    if rows is None:
        return columns(samples=samples, items=items, groups=groups)
    if not (samples is items is groups is None):
        raise UsageError("rows and columns together: give rows, or samples=, items=, groups=")
    if isinstance(rows, str | bytes | Mapping | Row) or not isinstance(rows, Iterable):
        raise UsageError(f"rows is a {type(rows).__name__}; expected a list of mappings{TABLE}")
    return from_mappings(rows, intake or Intake())


def from_mappings(values: Iterable[Any], intake: Intake) -> Iterator[Row]:
    """Rows from mappings and rows. Raises UsageError at the first value of another kind."""
    for value in values:
        if isinstance(value, Row):
            yield value
        elif isinstance(value, Mapping):
            yield from intake.rows(value)
        else:
            found = type(value).__name__
            raise UsageError(f"a row is a {found}; expected a mapping or graders.Row{TABLE}")


def columns(
    *,
    samples: Iterable[Any] | None = None,
    items: Iterable[Mapping[str, Any] | None] | None = None,
    groups: Iterable[Any] | None = None,
) -> RowColumns:
    """Rows from columns: one row for each position, one sample a row, whatever its shape.

    Raises UsageError unless the columns are equally long and every item is a mapping or None.
    """
    given = {
        name: listed(name, column)
        for name, column in (("samples", samples), ("items", items), ("groups", groups))
        if column is not None
    }
    lengths = {name: len(column) for name, column in given.items()}
    if not lengths.keys() - {"groups"}:
        raise UsageError("nothing to grade: give rows, samples=[…] or items=[…]")
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{n:,} {name}" for name, n in lengths.items())
        raise UsageError(f"columns differ in length: {counts}")
    n = max(lengths.values())
    return RowColumns(
        given.get("samples", [None] * n),
        checked(given.get("items", [None] * n)),
        given.get("groups"),
    )


def checked(items: Sequence[Any]) -> Sequence[Mapping[str, Any]]:
    """The items, {} for None. Raises UsageError for what is no mapping."""
    if set(map(type, items)) <= {dict}:
        return items
    for i, item in enumerate(items):
        if item is not None and not isinstance(item, Mapping):
            raise UsageError(f"items[{i}] is a {type(item).__name__}; expected a mapping")
    return [{} if item is None else item for item in items]


def listed(name: str, column: Iterable[Any]) -> Sequence[Any]:
    """The column as a sequence. Raises UsageError for one text or one mapping."""
    if isinstance(column, str | bytes | Mapping) or not isinstance(column, Iterable):
        raise UsageError(f"{name} is a {type(column).__name__}; expected a list")
    return column if isinstance(column, list | tuple) else list(column)

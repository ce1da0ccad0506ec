"""The fields of rows that arguments name: whether there is a row that has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from ..batch import Row
from ..rows.groups import MissingField, find
from ..rows.shape import NO_FIELD
from .text import shorten

SHOWN, SHOWN_WIDTH = 20, 40

Wanted = tuple[str, str]  # the argument and the field
SAMPLE = "--sample-field"


class Fields:
    """The fields that no row has shown yet. A sparse field may come late in a file."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self.unseen = list(wanted)

    def watch(self, rows: Sequence[Row]) -> None:
        """Look at more rows."""
        if self.unseen:
            self.unseen = [one for one in self.unseen if not any(shows(r, *one) for r in rows)]

    def refuse(self, rows: Sequence[Row]) -> None:
        """Raises click.UsageError if these are all the rows, and a field is in none of them."""
        for flag, field in self.unseen:
            raise click.UsageError(f"{flag}: no row has a field {field!r}; {known(rows)}")

    def warnings(self, rows: Sequence[Row]) -> list[str]:
        """One line for each field that the first rows do not have."""
        first = f"none of the first {len(rows)} rows has a field"
        return [f"warning: {flag}: {first} {f!r}; {known(rows)}" for flag, f in self.unseen]

    def missing(self) -> list[str]:
        """One line for each field that no row had, at the end of a run."""
        return [f"{flag}: no row has a field {field!r}" for flag, field in self.unseen]


def shows(row: Row, flag: str, field: str) -> bool:
    """Whether the row has the field."""
    if flag == SAMPLE:
        return row.error is None or not row.error.detail.startswith(NO_FIELD)
    try:
        find(row, field)
    except MissingField:
        return False
    return True


def known(rows: Sequence[Row]) -> str:
    """The fields that could be meant."""
    names = dict.fromkeys(str(key) for row in rows for key in (*row.extra, *row.item))
    listed = [shorten(name, SHOWN_WIDTH) for name in [*names][:SHOWN]]
    if listed:
        return "fields: " + ", ".join(listed)
    found = next((row.error.detail for row in rows if row.error is not None), "")
    return found[found.rindex("keys found") :] if "keys found" in found else "fields: none"

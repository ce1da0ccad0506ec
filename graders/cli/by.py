"""`--by FIELD`: the mean reward for each value of a field."""

from __future__ import annotations

import math
from types import NoneType
from typing import Any

from ..batch import Row
from ..engine import Graded
from ..rows.groups import MissingField, canonical, find
from .lines import outcome_of
from .tally import DOWN
from .text import number

MOST_VALUES = 1000  # further values are counted together
OTHERS = "(other values)"


class By:
    """Sums for each value, in the order of first appearance; rows without the field are one too."""

    def __init__(self, field: str) -> None:
        self.field = field
        self._cells: dict[bytes, dict[str, Any]] = {}
        self._overflown = False

    def of(self, row: Row) -> Any:
        """The value of a row, None if it has none."""
        try:
            return find(row, self.field)
        except MissingField:
            return None

    def add(self, graded: Graded, first: int) -> None:
        """Take in a batch."""
        rewards, scores = graded.scores.values.tolist(), graded.scores
        for i, (row, passed) in enumerate(zip(graded.rows, graded.passed, strict=True)):
            cell = self._cell(self.of(row))
            cell["rows"] += 1
            cell["passed"] += passed is True
            cell["verdicts"] += passed is not None
            cell["scored"] += outcome_of(scores, i) == "scored"
            if (reward := rewards[i]) == reward:
                cell["rewards"] += 1
                cell["sum"] += reward * DOWN

    def _cell(self, value: Any) -> dict[str, Any]:
        key = canonical(value)
        if key not in self._cells:
            if len(self._cells) >= MOST_VALUES:
                key, value = b"", OTHERS
                self._overflown = True
            counts = dict.fromkeys(("rows", "scored", "rewards", "passed", "verdicts"), 0)
            return self._cells.setdefault(key, {"value": value, "sum": 0.0, **counts})
        return self._cells[key]

    def facts(self) -> dict[str, Any]:
        """For the summary: numbers in their order, anything else as it came."""
        cells = list(self._cells.values())
        if all(type(cell["value"]) in (int, float, NoneType) for cell in cells):
            cells.sort(key=lambda cell: math.inf if cell["value"] is None else cell["value"])
        return {
            "field": self.field,
            "complete": not self._overflown,
            "values": [means(cell) for cell in cells],
        }


def means(cell: dict[str, Any]) -> dict[str, Any]:
    """One value with its mean reward and its share of passed rows."""
    return {
        "value": cell["value"],
        "rows": cell["rows"],
        "scored": cell["scored"],
        "mean": cell["sum"] / cell["rewards"] / DOWN if cell["rewards"] else None,
        "pass_rate": cell["passed"] / cell["verdicts"] if cell["verdicts"] else None,
    }


def shown(value: Any) -> str:
    """A value of the field, for people."""
    if value is None:
        return "(none)"
    if type(value) is float:
        return number(value)
    return value if isinstance(value, str) else canonical(value).decode()

"""`--by FIELD`: the mean reward for each value of a field."""

from __future__ import annotations

from typing import Any

from ..engine import Graded
from ..rows.groups import MissingField, canonical, find

MOST_VALUES = 1000  # further values are counted together
OTHERS = "(other values)"


class By:
    """Sums for each value, in the order of first appearance."""

    def __init__(self, field: str) -> None:
        self.field = field
        self._cells: dict[bytes, dict[str, Any]] = {}

    def add(self, graded: Graded, first: int) -> None:
        """Take in a batch; rows without the field are left out."""
        for row, reward, passed in zip(
            graded.rows, graded.scores.values.tolist(), graded.passed, strict=True
        ):
            try:
                value = find(row, self.field)
            except MissingField:
                continue
            cell = self._cell(value)
            cell["rows"] += 1
            cell["passed"] += passed is True
            cell["verdicts"] += passed is not None
            if reward == reward:
                cell["scored"] += 1
                cell["sum"] += reward

    def _cell(self, value: Any) -> dict[str, Any]:
        key = canonical(value)
        if key not in self._cells:
            if len(self._cells) >= MOST_VALUES:
                key, value = b"", OTHERS
            empty = {"value": value, "rows": 0, "scored": 0, "sum": 0.0, "passed": 0, "verdicts": 0}
            return self._cells.setdefault(key, empty)
        return self._cells[key]

    def facts(self) -> dict[str, Any]:
        """For the summary: numbers in their order, anything else as it came."""
        cells = list(self._cells.values())
        if all(type(cell["value"]) in (int, float) for cell in cells):
            cells.sort(key=lambda cell: cell["value"])
        return {"field": self.field, "values": [means(cell) for cell in cells]}


def means(cell: dict[str, Any]) -> dict[str, Any]:
    """One value with its mean reward and its share of passed rows."""
    return {
        "value": cell["value"],
        "rows": cell["rows"],
        "scored": cell["scored"],
        "mean": cell["sum"] / cell["scored"] if cell["scored"] else None,
        "pass_rate": cell["passed"] / cell["verdicts"] if cell["verdicts"] else None,
    }


def shown(value: Any) -> str:
    """A value of the field, for people."""
    return value if isinstance(value, str) else canonical(value).decode()

"""`--compare FIELD`: the rewards beside scores that the rows already carry."""

from __future__ import annotations

import heapq
import re
from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine import Graded
from ..grader import FloatArray, Grader
from ..rows.groups import MissingField, find
from .tally import children_of

NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?\s*", re.I | re.A)
SAME = 1e-6  # recorded scores are often rounded
LARGEST = 5


class Pairs:
    """Our values and the recorded ones: 24 bytes a row."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader
        self._ours, self._theirs, self._rows = array("d"), array("d"), array("q")
        self.without = 0

    def add(self, ours: float, theirs: Any, row: int) -> None:
        """One row; anything but two numbers is counted as `without`."""
        recorded = as_number(theirs)
        if recorded is None or ours != ours:
            self.without += 1
            return
        self._ours.append(ours)
        self._theirs.append(recorded)
        self._rows.append(row)

    def facts(self, name: str) -> dict[str, Any]:
        """For the summary."""
        ours, theirs = np.frombuffer(self._ours), np.frombuffer(self._theirs)
        with np.errstate(over="ignore"):  # rewards may be as large as 1e308
            apart = np.abs(ours - theirs)
        worst = heapq.nlargest(LARGEST, range(len(apart)), key=lambda i: (apart[i], -self._rows[i]))
        return {
            "score": name,
            "rows": len(ours),
            "without": self.without,
            "equal": float((apart <= SAME).mean()) if len(ours) else None,
            "spearman": spearman(ours, theirs),
            "flips": flips(self._grader, ours, theirs),
            "largest": [
                {"row": self._rows[i], "reward": float(ours[i]), "recorded": float(theirs[i])}
                for i in worst
                if apart[i] > SAME
            ],
        }


class Compare:
    """The recorded score of each row, or of each criterion where the field is a mapping."""

    def __init__(self, field: str, grader: Grader) -> None:
        self.field = field
        self._children = children_of(grader)
        self._whole = Pairs(grader)
        self._parts = {key: Pairs(child) for key, child in self._children.items()}
        self._used = False  # whether any row had a mapping

    def add(self, graded: Graded, first: int) -> None:
        """Take in a batch whose first row has number `first`."""
        rewards = graded.scores.values.tolist()
        parts = {key: part.values.tolist() for key, part in graded.scores.parts.items()}
        for i, row in enumerate(graded.rows):
            try:
                recorded = find(row, self.field)
            except MissingField:
                recorded = None
            if not isinstance(recorded, Mapping):
                self._whole.add(rewards[i], recorded, first + i)
                continue
            self._used = True
            for key, values in parts.items():
                self._parts[key].add(values[i], recorded.get(key), first + i)

    def facts(self) -> dict[str, Any]:
        """For the summary."""
        found = [self._whole.facts("reward")]
        if self._used:
            parts = [pairs.facts(key) for key, pairs in self._parts.items()]
            found = [f for f in found if f["rows"]] + parts
        return {"field": self.field, "scores": found}


def as_number(value: Any) -> float | None:
    """A recorded score: a finite number, true or false, or a text that is a number (CSV)."""
    if isinstance(value, str) and not NUMBER.fullmatch(value):  # float() takes 1_0 and ١ as well
        return None
    if not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if np.isfinite(found) else None


def flips(grader: Grader, ours: FloatArray, theirs: FloatArray) -> int | None:
    """How many verdicts differ, None where the grader gives no verdict."""
    if grader.pass_threshold is None and not grader.perfect_passes:
        return None
    threshold = 1.0 if grader.pass_threshold is None else grader.pass_threshold
    return int(((ours >= threshold) != (theirs >= threshold)).sum())


def spearman(a: FloatArray, b: FloatArray) -> float | None:
    """Rank correlation, ties at their average rank; None if one side does not vary."""
    if len(a) < 2:
        return None
    ranks = [average_ranks(values) for values in (a, b)]
    x, y = (values - values.mean() for values in ranks)
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / scale if scale else None


def average_ranks(values: FloatArray) -> FloatArray:
    """1 for the smallest; equal values share the mean of their places."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: FloatArray = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks

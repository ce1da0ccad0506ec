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
from .text import shorten

NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?\s*", re.I | re.A)
SAME = 1e-6  # recorded scores are often rounded
LARGEST = 5
MOST_KEYS = 100  # of recorded mappings, that are kept for a message
KEYS_SHOWN, KEY_WIDTH = 8, 40


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

    def __init__(self, field: str, grader: Grader, criterion: str | None = None) -> None:
        self.field = field
        self._whole = Pairs(grader)
        self._parts = {key: Pairs(child) for key, child in children_of(grader).items()}
        self._names = [*self._parts] or [*dict.fromkeys((criterion or grader.name, grader.name))]
        self._keys: dict[str, None] = {}  # of the mappings
        self._mappings = self._matching = 0

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
            self._learn(recorded)
            if not self._parts:
                own = next((recorded[name] for name in self._names if name in recorded), None)
                self._whole.add(rewards[i], own, first + i)
            for key, values in parts.items():
                self._parts[key].add(values[i], recorded.get(key), first + i)

    def _learn(self, recorded: Mapping[str, Any]) -> None:
        self._mappings += 1
        self._matching += any(name in recorded for name in self._names)
        if len(self._keys) < MOST_KEYS:
            self._keys.update(dict.fromkeys(list(recorded)[:MOST_KEYS]))

    def facts(self) -> dict[str, Any]:
        """For the summary."""
        found = self._whole.facts("reward")
        scores = [] if self._mappings and not found["rows"] else [found]
        if self._matching and self._parts:
            scores += [pairs.facts(key) for key, pairs in self._parts.items()]
        elif self._matching and not scores:
            scores = [found]
        return {"field": self.field, "scores": scores, "note": self._note()}

    def _note(self) -> str | None:
        """What is wrong with mappings of which no key fits."""
        if not self._mappings or self._matching:
            return None
        have = listed(list(self._keys))
        if self._parts:
            return f"{self.field} is a mapping of {have}; the grader has {listed(self._names)}"
        return f"{self.field} is a mapping without {listed(self._names)}; it has {have}"


def listed(names: list[str]) -> str:
    """Names, not too many and not too long."""
    shown = [shorten(str(name), KEY_WIDTH) for name in names[:KEYS_SHOWN]]
    more = ["…"] if len(names) > KEYS_SHOWN else []
    return ", ".join(shown + more) or "nothing"


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

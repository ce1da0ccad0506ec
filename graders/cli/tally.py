"""Statistics over rows as they pass: eight bytes a row for the rewards, nothing else grows."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine import Graded
from ..grader import FloatArray, Grader, Scores

DISTINCT = 8  # up to so many different rewards are counted one by one
BINS = 5


@dataclass(slots=True)
class Moments:
    """Count, mean and sum of squared differences of the finite values so far (Chan et al. 1979)."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, values: FloatArray) -> None:
        """Take in more values; NaN is no value."""
        known = values[~np.isnan(values)]
        if not (more := len(known)):
            return
        with np.errstate(over="ignore", invalid="ignore"):  # rewards may be as large as 1e308
            mean = known.mean()
            delta, total = mean - self.mean, self.n + more
            squares = ((known - mean) ** 2).sum() + delta**2 * self.n * more / total
        self.squares += float(squares)
        self.mean += float(delta) * more / total
        self.n = total

    @property
    def sd(self) -> float | None:
        """Sample standard deviation, None below two values."""
        return math.sqrt(self.squares / (self.n - 1)) if self.n > 1 else None

    @property
    def standard_error(self) -> float | None:
        """Of the mean, None below two values."""
        return None if self.sd is None else self.sd / math.sqrt(self.n)


class Part:
    """One child of a multi, or one criterion."""

    def __init__(self, grader: Grader) -> None:
        self.grader = grader
        self.moments = Moments()
        self.errored = self.passed = self.failed = 0

    def add(self, scores: Scores) -> None:
        """Take in a batch."""
        verdicts = self.grader.verdicts(scores)
        self.moments.add(scores.values)
        self.errored += len(scores.errors)
        self.passed += verdicts.count(True)
        self.failed += verdicts.count(False)

    def facts(self) -> dict[str, Any]:
        """For the summary."""
        return {
            "type": self.grader.type,
            "name": self.grader.name,
            "scored": self.moments.n,
            "errored": self.errored,
            "passed": self.passed,
            "failed": self.failed,
            "mean": self.moments.mean if self.moments.n else None,
            "standard_error": self.moments.standard_error,
        }


class Tally:
    """Counts of outcomes and verdicts, the rewards, and one `Part` for each child."""

    def __init__(self, grader: Grader) -> None:
        self.total = self.errored = self.skipped = self.passed = self.failed = 0
        self.clamped = 0
        self.moments = Moments()
        self.parts = {key: Part(child) for key, child in children_of(grader).items()}
        self._rewards = array("d")

    def add(self, graded: Graded) -> None:
        """Take in a batch."""
        scores = graded.scores
        self.total += len(graded.rows)
        self.skipped += len(scores.skipped)
        self.errored += len(scores.errors.keys() - scores.skipped.keys())
        self.passed += graded.passed.count(True)
        self.failed += graded.passed.count(False)
        self.clamped += clamped(scores)
        self.moments.add(scores.values)
        self._rewards.frombytes(scores.values[~np.isnan(scores.values)].tobytes())
        for key, part in scores.parts.items():
            self.parts[key].add(part)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome and verdict, and clamped verdicts of judges."""
        return {
            "total": self.total,
            "scored": self.total - self.errored - self.skipped,
            "errored": self.errored,
            "skipped": self.skipped,
            "passed": self.passed,
            "failed": self.failed,
            "clamped": self.clamped,
        }

    @property
    def rewards(self) -> FloatArray:
        """Every reward that there is, in the order of the rows."""
        return np.frombuffer(self._rewards, dtype=np.float64)

    def reward_facts(self) -> dict[str, Any] | None:
        """The distribution of the rewards, None if there is no reward."""
        rewards = np.sort(self.rewards)
        if not len(rewards):
            return None
        return {
            "count": len(rewards),
            "mean": self.moments.mean,
            "standard_error": self.moments.standard_error,
            "sd": self.moments.sd,
            "min": float(rewards[0]),
            "p50": middle(rewards),
            "max": float(rewards[-1]),
            "histogram": histogram(rewards),
        }


def clamped(scores: Scores) -> int:
    """How many verdicts were moved into their range."""
    return scores.clamped + sum(map(clamped, scores.parts.values()))


def children_of(grader: Grader) -> Mapping[str, Grader]:
    """The graders whose scores are the sub-rewards, by key."""
    found: Mapping[str, Grader] = getattr(grader, "criteria", None) or getattr(
        grader, "graders", {}
    )
    return found


def middle(values: FloatArray) -> float:
    """The median of sorted values. (np.median imports numpy.ma, a tenth of a short run.)"""
    half = len(values) // 2
    return float(values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2)


def histogram(values: FloatArray) -> list[dict[str, float]]:
    """Counts of sorted values: of each where few differ, else in bins of 0 to 1 or the range."""
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    if len(starts) <= DISTINCT:
        counts = np.diff(np.append(starts, len(values))).tolist()
        return [
            {"from": value, "to": value, "count": count}
            for value, count in zip(values[starts].tolist(), counts, strict=True)
        ]
    low, high = float(values[0]), float(values[-1])
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    edges = [low * (1 - i / BINS) + high * (i / BINS) for i in range(BINS + 1)]
    below = np.searchsorted(values, edges[1:-1]).tolist()
    counts = np.diff([0, *below, len(values)]).tolist()
    return [
        {"from": edges[i], "to": edges[i + 1], "count": count} for i, count in enumerate(counts)
    ]

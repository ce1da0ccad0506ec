"""Statistics over rows as they pass: eight bytes a row for the rewards, nothing else grows."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..engine import Graded
from ..grader import FloatArray, Grader, Scores

DOWN = 2.0**-60  # rewards may be as large as 1e308; times this, no sum of them overflows
DISTINCT = 8  # up to so many different rewards are counted one by one
BINS = 5


@dataclass(slots=True)
class Moments:
    """Count, exact sum, and sum of squared differences (Chan et al. 1979) of the values so far."""

    n: int = 0
    total: Fraction = Fraction(0)
    squares: float = 0.0

    def add(self, values: FloatArray) -> None:
        """Take in more values; NaN is no value."""
        known = values[~np.isnan(values)]
        if not (more := len(known)):
            return
        before, mean = self.n, self.mean
        total = exact_sum(known)
        own = float(total / more)
        self.n, self.total = before + more, self.total + total
        with np.errstate(over="ignore", invalid="ignore"):  # rewards may be as large as 1e308
            squares = float(((known - own) ** 2).sum())
        self.squares += squares + (own - mean) * (own - mean) * before * more / self.n

    @property
    def mean(self) -> float:
        """Of all values, correctly rounded: that of equal values is their value. 0 for none."""
        return float(self.total / self.n) if self.n else 0.0

    @property
    def standard_error(self) -> float | None:
        """Of the mean, None below two values and where it is beyond every number."""
        if self.n < 2 or not math.isfinite(self.squares):
            return None
        return math.sqrt(self.squares / (self.n - 1) / self.n)


def exact_sum(values: FloatArray) -> Fraction:
    """The sum to 106 bits: what fsum rounds away is added again."""
    scaled = (values * DOWN).tolist()
    high = math.fsum(scaled)
    low = math.fsum([*scaled, -high])
    return (Fraction(high) + Fraction(low)) / Fraction(DOWN)


def deviation(values: FloatArray, mean: float) -> float | None:
    """Sample standard deviation, None below two values and where it is beyond every number."""
    if len(values) < 2:
        return None
    _, exponent = math.frexp(max(abs(float(values[0])), abs(float(values[-1])), abs(mean)))
    apart = np.ldexp(values, -exponent) - math.ldexp(mean, -exponent)
    try:
        return math.ldexp(math.sqrt(float((apart * apart).sum()) / (len(values) - 1)), exponent)
    except OverflowError:
        return None


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
        mean = self.moments.mean
        sd = deviation(rewards, mean)
        return {
            "count": len(rewards),
            "mean": mean,
            "standard_error": None if sd is None else sd / math.sqrt(len(rewards)),
            "sd": sd,
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
    if len(values) % 2:
        return float(values[half])
    return float(values[half - 1]) / 2 + float(values[half]) / 2  # a sum might overflow


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

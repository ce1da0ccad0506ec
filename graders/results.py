"""What came out: one `Result` for a row, `Results` for a batch of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import index
from typing import Any, Literal, SupportsIndex

import numpy as np

from .errors import ERROR_KEYS, RowError, UsageError
from .grader import FloatArray, Grader, Scores

Outcome = Literal["scored", "errored", "skipped"]


@dataclass(frozen=True, slots=True)
class Result:
    """One row. `reward` is NaN unless the row was scored (or, for criteria, has one reward)."""

    reward: float
    outcome: Outcome
    passed: bool | None
    sub_rewards: Mapping[str, float]
    error: RowError | None
    errors: tuple[RowError, ...] = ()
    name: str = ""
    type: str = ""
    seconds: float = 0.0

    def to_openai(self) -> dict[str, Any]:
        """The response of POST /fine_tuning/alpha/graders/run, key for key."""
        scores = {key: finite(value) for key, value in self.sub_rewards.items()}
        return {
            "reward": finite(self.reward),
            "metadata": {
                "name": self.name,
                "type": self.type,
                "errors": error_flags(self.errors, skipped=self.outcome == "skipped"),
                "execution_time": self.seconds,
                "scores": scores,
                "token_usage": None,
                "sampled_model_name": None,
            },
            "sub_rewards": dict(scores),
            "model_grader_token_usage_per_model": {},
        }


def finite(value: float) -> float:
    """0.0 for NaN: the hosted service's way to say "no score", with a flag beside it."""
    return 0.0 if math.isnan(value) else float(value)


def error_flags(errors: Sequence[RowError], *, skipped: bool = False) -> dict[str, Any]:
    """`metadata.errors`: every flag, and the detail or type that goes with it."""
    flags: dict[str, Any] = {
        key: None if key.endswith(("_details", "_type")) else False for key in ERROR_KEYS
    }
    if skipped:
        flags["other_error"] = True
    for error in errors:
        flags[error.flag] = True
        for key, text in (
            (f"{error.flag}_details", error.detail),
            (f"{error.flag}_type", error.cause),
        ):
            if key in flags and flags[key] is None:
                flags[key] = text
    return flags


@dataclass(frozen=True, slots=True)
class Results:
    """The rows of one grading, in their order. Picklable; indexing gives a `Result`."""

    grader: Grader
    scores: Scores
    passed: list[bool | None]
    signature: str
    usage: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rewards(self) -> FloatArray:
        """float64[n], NaN = no score."""
        return self.scores.values

    @property
    def sub_rewards(self) -> dict[str, FloatArray]:
        """Child key -> float64[n]."""
        return {key: part.values for key, part in self.scores.parts.items()}

    @property
    def errors(self) -> dict[int, RowError]:
        """Row -> the error that left it without a score, in the order of the rows."""
        return dict(sorted(self.scores.errors.items()))

    @property
    def outcomes(self) -> list[Outcome]:
        """`scored`, `errored` or `skipped` for each row."""
        return [self._outcome(i) for i in range(len(self))]

    @property
    def result_counts(self) -> dict[str, int]:
        """How many rows there are, of each outcome, and of each verdict."""
        outcomes, verdicts = Counter(self.outcomes), Counter(self.passed)
        return {
            "total": len(self),
            "scored": outcomes["scored"],
            "errored": outcomes["errored"],
            "skipped": outcomes["skipped"],
            "passed": verdicts[True],
            "failed": verdicts[False],
        }

    @property
    def per_criterion(self) -> list[dict[str, Any]]:
        """For each child, or the grader itself: name, passed, failed, errored."""
        children: Mapping[str, Grader] = getattr(self.grader, "criteria", None) or getattr(
            self.grader, "graders", {}
        )
        parts = self.scores.parts or {self.grader.name: self.scores}
        return [
            criterion_counts(key, children.get(key, self.grader), part)
            for key, part in parts.items()
        ]

    def tolist(self, *, missing: Any) -> list[Any]:
        """Rewards as Python floats; `missing` stands where a row has no score."""
        return [missing if math.isnan(value) else value for value in self.rewards.tolist()]

    def __len__(self) -> int:
        return len(self.rewards)

    def __iter__(self) -> Iterator[Result]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: SupportsIndex) -> Result:
        n = len(self)
        try:
            i = index(i)
        except TypeError:
            found = type(i).__name__
            raise UsageError(f"Results are indexed by row number, not {found}") from None
        if not -n <= i < n:
            raise IndexError(f"row {i} of {n}")
        i %= n
        return Result(
            reward=float(self.rewards[i]),
            outcome=self._outcome(i),
            passed=self.passed[i],
            sub_rewards={key: float(part.values[i]) for key, part in self.scores.parts.items()},
            error=self.scores.errors.get(i),
            errors=tuple(all_errors(self.scores, i)),
            name=self.grader.name,
            type=self.grader.type,
            seconds=self.seconds / n,
        )

    def _outcome(self, i: int) -> Outcome:
        if i in self.scores.skipped:
            return "skipped"
        return "errored" if i in self.scores.errors else "scored"


def all_errors(scores: Scores, i: int) -> list[RowError]:
    """Every error of row `i`: the grader's own first, then those of its children."""
    found = [scores.errors[i]] if i in scores.errors else []
    for key, part in scores.parts.items():
        found += [error.under(key) for error in all_errors(part, i)]
    return list(dict.fromkeys(found))


def criterion_counts(key: str, grader: Grader, scores: Scores) -> dict[str, Any]:
    """The line of `per_testing_criteria_results` for one criterion."""
    verdicts = Counter(grader.verdicts(scores))
    return {
        "testing_criteria": key,
        "passed": verdicts[True],
        "failed": verdicts[False],
        "errored": len(scores.errors),
    }


def join(parts: Sequence[Scores]) -> Scores:
    """The scores of consecutive batches as one."""
    if len(parts) == 1:
        return parts[0]
    joined = Scores(np.concatenate([part.values for part in parts]) if parts else np.empty(0))
    start = 0
    for part in parts:
        joined.errors.update({start + i: error for i, error in part.errors.items()})
        joined.skipped.update({start + i: why for i, why in part.skipped.items()})
        joined.clamped += part.clamped
        start += len(part.values)
    for key in parts[0].parts if parts else ():
        joined.parts[key] = join([part.parts[key] for part in parts])
    return joined

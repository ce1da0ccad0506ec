"""The testing criteria of an eval: several graders side by side, graded like one grader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import field_validator

from .batch import Batch
from .fields import refusal
from .frozen import FrozenMap
from .grader import Grader, Job, Reply, Scores
from .multi import score_children
from .options import Options
from .template import Template


class Criteria(Grader):
    """Name -> grader. Each criterion is a sub-reward; a row passes when it passes every one.

    `reward` is NaN unless there is only one criterion.
    """

    type: Literal["criteria"] = "criteria"
    criteria: FrozenMap[Any]

    @field_validator("criteria")
    @classmethod
    def _check_criteria(cls, criteria: FrozenMap[Any]) -> FrozenMap[Any]:
        if not criteria:
            raise refusal("no criteria", expected="at least one")
        for key, grader in criteria.items():
            if not isinstance(grader, Grader):
                raise refusal(f"{key!r} is {type(grader).__name__}", expected="a grader")
        return criteria

    @classmethod
    def of(cls, graders: Iterable[Grader], name: str = "") -> Criteria:
        """Criteria keyed by the graders' names, repeated ones numbered (`_2`, `_3`)."""
        named: dict[str, Grader] = {}
        for grader in graders:
            key, n = grader.name, 1
            while key in named:
                n += 1
                key = f"{grader.name}_{n}"
            named[key] = grader
        return cls(criteria=named, name=name)

    def to_dict(self) -> dict[str, Any]:
        return {"testing_criteria": [grader.to_dict() for grader in self.criteria.values()]}

    def templates(self) -> Mapping[str, Template]:
        return {
            f"testing_criteria[{i}].{path}": template
            for i, grader in enumerate(self.criteria.values())
            for path, template in grader.templates().items()
        }

    def needs_sample(self) -> bool:
        return any(grader.needs_sample() for grader in self.criteria.values())

    def leaves(self) -> Iterator[tuple[str, Grader]]:
        for i, grader in enumerate(self.criteria.values()):
            for path, leaf in grader.leaves():
                yield f"testing_criteria[{i}].{path}".rstrip("."), leaf

    def pairs(self) -> Iterator[tuple[str, str, str]]:
        for grader in self.criteria.values():
            yield from grader.pairs()

    def job_columns(self) -> int:
        return sum(grader.job_columns() for grader in self.criteria.values())

    def jobs(self, batch: Batch) -> Sequence[Job | None]:
        return [job for grader in self.criteria.values() for job in grader.jobs(batch)]

    def score(self, batch: Batch, replies: Sequence[Reply | None]) -> Scores:
        parts = score_children(self.criteria, batch, replies)
        single = next(iter(parts.values())).values if len(parts) == 1 else None
        scores = batch.scores(np.full(len(batch), np.nan) if single is None else single.copy())
        scores.parts = parts
        for key, part in parts.items():
            for i, error in part.errors.items():
                scores.errors.setdefault(i, error.under(key))
        return scores

    def verdicts(self, scores: Scores) -> list[bool | None]:
        """Passed if every criterion passed; None if one has no verdict and none failed."""
        columns = [self.criteria[key].verdicts(part) for key, part in scores.parts.items()]
        return [all_passed(verdicts) for verdicts in zip(*columns, strict=True)]

    def signature(self, options: Options) -> str:
        children = ";".join(f"{key}={g.signature(options)}" for key, g in self.criteria.items())
        return f"criteria({children})"


def all_passed(verdicts: Sequence[bool | None]) -> bool | None:
    """The verdict over several: False beats None beats True."""
    if False in verdicts:
        return False
    return None if None in verdicts else True

"""`string_check`: equality or containment of two rendered texts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np

from .batch import Batch
from .compose import Operand
from .fields import TemplateText
from .grader import Reply, Scores
from .options import Options
from .template import Template


def contains_ignoring_case(input: str, reference: str) -> bool:
    """Whether `input` contains `reference` when both are lowered (`str.lower`, not casefold)."""
    return reference.lower() in input.lower()


OPERATIONS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "like": operator.contains,
    "ilike": contains_ignoring_case,
}


class StringCheck(Operand):
    """1.0 when the operation holds between `input` and `reference`, else 0.0."""

    type: Literal["string_check"] = "string_check"
    input: TemplateText
    reference: TemplateText
    operation: Literal["eq", "ne", "like", "ilike"]

    perfect_passes: ClassVar[bool] = True

    def templates(self) -> Mapping[str, Template]:
        return {"input": Template.parse(self.input), "reference": Template.parse(self.reference)}

    def score(self, batch: Batch, replies: Sequence[Reply | None]) -> Scores:
        input, reference = batch.column(self.input), batch.column(self.reference)
        check = OPERATIONS[self.operation]
        values = np.fromiter(map(check, input.texts, reference.texts), np.float64, len(batch))
        return batch.scores(values, input, reference)

    def signature(self, options: Options) -> str:
        return f"string_check|operation:{self.operation}|def:1"

"""`label_model`: 1.0 where a judge's label is among the passing ones."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from .errors import Problem, count
from .fields import refusal
from .judging.judge import Judge
from .judging.messages import ROLES, EvalItem, SimpleMessage, as_tuple, label_message
from .judging.verdict import label_format, listed, read_label
from .limits import limit
from .options import Options


def check_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Distinct, and not beyond the limit."""
    if len(labels) > limit("labels"):
        raise refusal(count(len(labels), "label"), expected=f"at most {limit('labels'):,}")
    seen: set[str] = set()
    for i, label in enumerate(labels):
        if label in seen:
            raise refusal(f"{listed([label])} is there twice", fix="remove one", at=f"[{i}]")
        seen.add(label)
    return labels


Labels = Annotated[
    tuple[str, ...], BeforeValidator(as_tuple), Field(min_length=1), AfterValidator(check_labels)
]
AnyMessage = Annotated[EvalItem | SimpleMessage, BeforeValidator(label_message)]


class LabelModel(Judge):
    """1.0 where the judge's label is in `passing_labels`, else 0.0."""

    type: Literal["label_model"] = "label_model"
    input: Annotated[tuple[AnyMessage, ...], BeforeValidator(as_tuple), Field(min_length=1)]
    labels: Labels
    passing_labels: Labels

    perfect_passes: ClassVar[bool] = True

    @model_validator(mode="after")
    def _passing_are_labels(self) -> Self:
        for i, label in enumerate(self.passing_labels):
            if label not in self.labels:
                raise refusal(
                    f"{listed([label])} is not one of the labels",
                    expected=listed(self.labels),
                    at=f".passing_labels[{i}]",
                )
        return self

    def warnings(self) -> list[Problem]:
        """One for each message whose role no judge knows; it is sent as user."""
        return [
            Problem(
                f'unknown role "{message.role}", sent as user',
                path=f"$.input[{i}].role",
                expected=", ".join(ROLES),
                severity="warning",
            )
            for i, message in enumerate(self.input)
            if message.role not in ROLES
        ]

    def response_format(self) -> dict[str, Any]:
        return label_format(self.labels)

    def verdict(self, text: str, finished: bool) -> float:
        return float(read_label(text, self.labels, finished=finished) in self.passing_labels)

    def signature(self, options: Options) -> str:
        return f"label_model|model:{self.model}|mode:json_schema|draws:1|def:1"

"""`score_model`: a judge's number, within a range."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from .errors import count
from .fields import refusal
from .judging.judge import Judge
from .judging.messages import EvalItem, as_tuple
from .judging.sampling import FiniteNumber
from .judging.verdict import OutOfRange, read_score, score_format
from .options import Options


def check_pair(value: Any) -> Any:
    """A list of two."""
    if isinstance(value, list | tuple) and len(value) != 2:
        raise refusal(count(len(value), "number"), expected="two numbers", fix="[0, 1]")
    return as_tuple(value)


def check_order(bounds: tuple[float, float]) -> tuple[float, float]:
    """The lower bound first."""
    low, high = bounds
    if float(low) < float(high):
        return bounds
    if low > high:
        raise refusal("runs downwards", expected="the lower one first", fix=f"[{high}, {low}]")
    raise refusal("a single point", expected="two different numbers", fix="[0, 1]")


Bounds = Annotated[
    tuple[FiniteNumber, FiniteNumber], BeforeValidator(check_pair), AfterValidator(check_order)
]


class ScoreModel(Judge):
    """The number that a judge gives, clamped into `range` (option `clamp`)."""

    type: Literal["score_model"] = "score_model"
    input: Annotated[tuple[EvalItem, ...], BeforeValidator(as_tuple), Field(min_length=1)]
    range: Bounds | None = None

    @property
    def bounds(self) -> tuple[int | float, int | float]:
        """The range, [0, 1] where none is given."""
        return self.range or (0, 1)

    def response_format(self) -> dict[str, Any]:
        return score_format(*self.bounds)

    def verdict(self, text: str, finished: bool) -> float:
        return read_score(text, finished=finished)

    def fit(self, value: float, options: Options) -> float:
        low, high = map(float, self.bounds)
        if low <= value <= high:
            return value
        if not options.clamp:
            raise OutOfRange(f"result {value:g} is outside the range {low:g} to {high:g}")
        return low if value < low else high

    def signature(self, options: Options) -> str:
        low, high = (repr(float(bound)).removesuffix(".0") for bound in self.bounds)
        how = f"model:{self.model}|range:{low},{high}|{options.signature('clamp')}"
        return f"score_model|{how}|mode:json_schema|draws:1|def:1"

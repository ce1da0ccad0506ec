"""Numbers and sampling parameters of model graders, and their Chat Completions names."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ..fields import refusal

DEFAULT_MAX_TOKENS = 4096  # what the hosted service echoes when the field is unset

# Name in the grader JSON -> name in a Chat Completions request.
CHAT_NAMES = {
    "seed": "seed",
    "top_p": "top_p",
    "temperature": "temperature",
    "max_completions_tokens": "max_completion_tokens",
    "reasoning_effort": "reasoning_effort",
}


def is_number(value: object) -> bool:
    """Whether `value` is an int or float (not a bool) with a finite float value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond the range of float
        return False


def _check_finite(value: float) -> float:
    if not is_number(value):
        found = value if isinstance(value, float) else "an int beyond the range of float"
        raise refusal(f"{found} is not a finite number", expected="a finite number")
    return value


FiniteNumber = Annotated[int | float, AfterValidator(_check_finite)]

ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class SamplingParams(BaseModel):
    """How the judge samples. Every member may be absent or null."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    seed: int | None = None
    top_p: FiniteNumber | None = None
    temperature: FiniteNumber | None = None
    max_completions_tokens: Annotated[int, Field(ge=1)] | None = None
    reasoning_effort: ReasoningEffort | None = None


def chat_sampling(params: SamplingParams | None) -> dict[str, Any]:
    """The given members under their Chat Completions names; `max_completion_tokens` always."""
    given = params.model_dump(exclude_none=True) if params else {}
    given.setdefault("max_completions_tokens", DEFAULT_MAX_TOKENS)
    return {CHAT_NAMES[name]: value for name, value in given.items()}

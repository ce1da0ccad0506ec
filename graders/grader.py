"""The whole interface of a grader: jobs out, replies in, scores back.

A grader never awaits. It describes what must be asked of the outside world as jobs and scores the
replies; both steps are pure. A runner performs jobs and is the only part that does I/O.
"""

from __future__ import annotations

import hashlib
import json
import sys
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from pydantic._internal._model_construction import ModelMetaclass

from .errors import ConfigError, Problem, RowError

if TYPE_CHECKING:
    from .batch import Batch
    from .options import Options
    from .results import Result
    from .template import Template

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One question to a judge: chat messages, sampling parameters, the schema of the verdict."""

    model: str
    messages: Sequence[Mapping[str, Any]]
    sampling: Mapping[str, Any]
    schema: Mapping[str, Any]
    draws: int = 1


@dataclass(frozen=True, slots=True)
class EmbeddingCall:
    """Two texts whose embeddings are wanted."""

    model: str
    input: str
    reference: str
    draws: int = 1


@dataclass(frozen=True, slots=True)
class PythonCall:
    """One call of `grade(sample, item)` in `source`."""

    source: str
    sample: Mapping[str, Any]
    item: Mapping[str, Any]
    image_tag: str = ""
    draws: int = 1


@dataclass(frozen=True, slots=True)
class EndpointCall:
    """One POST of `{"sample", "item", "trace_id"}`."""

    url: str
    headers: Mapping[str, str]
    sample: Mapping[str, Any]
    item: Mapping[str, Any]
    rate_limit: float | None = None
    draws: int = 1


Job = ModelCall | EmbeddingCall | PythonCall | EndpointCall


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What the judge said, as it came: `text`, or `refusal`; `usage` in OpenAI's keys."""

    text: str
    refusal: str = ""
    finish_reason: str = "stop"
    model: str = ""
    usage: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EmbeddingReply:
    """The embeddings of both texts, float32 vectors of one length."""

    input: NDArray[np.float32]
    reference: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PythonReply:
    """What `grade` returned, any JSON-like value, and what it printed."""

    value: object
    printed: str = ""


@dataclass(frozen=True, slots=True)
class EndpointReply:
    """The decoded JSON body of the endpoint's answer."""

    body: object


Reply = ModelReply | EmbeddingReply | PythonReply | EndpointReply | RowError


@dataclass(slots=True)
class Scores:
    """One float per row, NaN = no score: the reason is in `errors` or `skipped`.

    `parts` by child key; `clamped` counts verdicts that were moved into the range.
    """

    values: FloatArray
    errors: dict[int, RowError] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    parts: dict[str, Scores] = field(default_factory=dict)
    clamped: int = 0


class GraderMeta(ModelMetaclass):
    """Lets `StringCheck(...)` raise our ConfigError, while nested validation still collects."""

    def __call__(cls, *args: Any, **fields: Any) -> Any:
        try:
            return super().__call__(*args, **fields)
        except ValidationError as error:
            from .config.validation import problems_of

            model = cast("type[BaseModel]", cls)
            raise ConfigError(problems_of(error, model), source=cls.__name__) from None


class Grader(BaseModel, metaclass=GraderMeta):
    """Turns a batch of rows into one score per row. Frozen, hashable, picklable."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    type: str
    name: str = ""
    pass_threshold: int | float | None = None

    perfect_passes: ClassVar[bool] = False  # without a threshold, a score of 1.0 passes
    asks: ClassVar[bool] = False  # one job for each row

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: make a new grader instead")

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    @field_validator("pass_threshold")
    @classmethod
    def _check_threshold(cls, threshold: float | None) -> float | None:
        if threshold is not None and not abs(threshold) <= sys.float_info.max:
            from .fields import refusal

            raise refusal("not a finite number", expected="a number")
        return threshold

    @model_validator(mode="after")
    def _give_name(self) -> Self:
        self.__pydantic_fields_set__.add("type")  # in Python it goes without saying, in JSON not
        if not self.name:
            object.__setattr__(self, "name", content_name(self.to_dict()))
            self.__pydantic_fields_set__.add("name")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Minimal OpenAI JSON: the fields that were given, as they were written."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True)

    def templates(self) -> Mapping[str, Template]:
        """Path below this grader -> template, for every templated field."""
        return {}

    def needs_sample(self) -> bool:
        """Whether a row without a sample cannot be graded."""
        return any(template.reads("sample") for template in self.templates().values())

    def leaves(self) -> Iterator[tuple[str, Grader]]:
        """Path below this grader and grader, for every one that has no children."""
        yield "", self

    def pairs(self) -> Iterator[tuple[str, str, str]]:
        """The text similarities that will be asked of a batch: input, reference, metric."""
        return iter(())

    def warnings(self) -> Sequence[Problem]:
        """What is odd but allowed, paths below this grader."""
        return ()

    def job_columns(self) -> int:
        """How many jobs a row needs: `len(jobs(batch)) == job_columns() * len(batch)`."""
        return int(self.asks)

    def jobs(self, batch: Batch) -> Sequence[Job | None]:
        """What must be asked: nothing, or one entry a row (None where the row already errored)."""
        return ()

    @abstractmethod
    def score(self, batch: Batch, replies: Sequence[Reply | None]) -> Scores:
        """Pure: the same batch and replies give the same scores."""

    @abstractmethod
    def signature(self, options: Options) -> str:
        """One line that says how these numbers came about."""

    def verdicts(self, scores: Scores) -> list[bool | None]:
        """`passed` of each row: by `pass_threshold`, else the type's own rule, else None."""
        threshold = 1.0 if self.pass_threshold is None else self.pass_threshold
        if self.pass_threshold is None and not self.perfect_passes:
            return [None] * len(scores.values)
        known = ~np.isnan(scores.values)
        passed = scores.values >= threshold
        return [bool(p) if k else None for p, k in zip(passed, known, strict=True)]

    def __call__(self, sample: Any, item: Any = None, **options: Any) -> Result:
        """Grade one row; keywords as of `graders.grade`."""
        from .engine import grade_one

        return grade_one(self, sample, item, **options)


def content_name(config: Mapping[str, Any]) -> str:
    """`grader-` and 12 base-36 digits of sha256 over the canonical JSON without its name."""
    bare = {key: value for key, value in config.items() if key != "name"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    digits = ""
    for _ in range(12):
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return "grader-" + digits


def sha8(text: str) -> str:
    """Eight hex digits of sha256, for signatures."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]

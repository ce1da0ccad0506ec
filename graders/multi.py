"""`multi`: several graders, and the formula that makes one reward of their scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema

from .batch import Batch
from .compose import Operand
from .errors import FormulaError, RowError, row_error
from .fields import refusal, refusal_of
from .formula import CODES, Formula, parse
from .formula.faults import WRITABLE
from .frozen import FrozenMap
from .grader import Grader, Job, Reply, Scores, sha8
from .limits import limit
from .options import Options
from .template import Template
from .types import TYPES


class Child:
    """Marks a field that holds any grader without children; its class is imported when named."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(child_of)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        leaves: Any = reduce(or_, (TYPES[kind] for kind in TYPES if kind != "multi"))
        union: Any = Annotated[leaves, Field(discriminator="type")]
        return handler(TypeAdapter(union).core_schema)


def child_of(value: Any) -> Grader:
    """A grader as it is, or made of its JSON. Raises what pydantic collects."""
    if isinstance(value, Operand) and value.type != "multi":
        return value
    kind = value.get("type") if isinstance(value, Mapping) else None
    if isinstance(kind, str) and kind in TYPES and kind != "multi":
        return TYPES[kind].model_validate(value)
    if isinstance(value, Grader) or kind == "multi":
        kind = value.type if isinstance(value, Grader) else kind
        raise refusal(f"a {kind} inside a multi", fix="inline its formula")
    if not isinstance(value, Mapping):
        raise refusal("not a grader", expected="an object with a type")
    found = "missing" if kind is None else f"unknown type {kind!r}"
    raise refusal(found, expected=", ".join(TYPES), at=".type")


class Multi(Operand):
    """`calculate_output` over the scores of `graders`, which it names by their keys."""

    type: Literal["multi"] = "multi"
    graders: FrozenMap[Annotated[Operand, Child]]
    calculate_output: str
    invalid_grade: int | float | None = None  # early Azure versions; kept, has no effect

    @field_validator("graders", mode="before")
    @classmethod
    def _name_by_key(cls, graders: Any) -> Any:
        """A child without a name is named by its key."""
        if not isinstance(graders, Mapping):
            return graders
        return {
            key: {**child, "name": key}
            if isinstance(child, dict) and child.get("name") in (None, "")
            else child
            for key, child in graders.items()
        }

    @field_validator("graders", mode="after")
    @classmethod
    def _check_keys(cls, graders: FrozenMap[Operand]) -> FrozenMap[Operand]:
        """Keys are what the formula calls its graders, so it must be able to write them."""
        if len(graders) > (most := limit("sub_graders")):
            raise refusal(f"{len(graders):,} graders", expected=f"{most:,} at most")
        for key in graders:
            if not WRITABLE.fullmatch(key):
                message = f"the key {key!r} cannot be written in a formula"
                raise refusal(message, expected="letters a to z, digits and _")
        return graders

    @model_validator(mode="after")
    def _check_formula(self) -> Self:
        if not self.graders:
            raise refusal("no graders", expected="at least one", at=".graders")
        try:
            parse(self.calculate_output, tuple(self.graders))
        except FormulaError as error:
            raise refusal_of(error, at=".calculate_output") from None
        return self

    @property
    def formula(self) -> Formula:
        """`calculate_output`, parsed (once a text)."""
        return parse(self.calculate_output, tuple(self.graders))

    def templates(self) -> Mapping[str, Template]:
        return {
            f"graders.{key}.{path}": template
            for key, child in self.graders.items()
            for path, template in child.templates().items()
        }

    def needs_sample(self) -> bool:
        return any(child.needs_sample() for child in self.graders.values())

    def leaves(self) -> Iterator[tuple[str, Grader]]:
        for key, child in self.graders.items():
            yield f"graders.{key}", child

    def pairs(self) -> Iterator[tuple[str, str, str]]:
        for child in self.graders.values():
            yield from child.pairs()

    def job_columns(self) -> int:
        return sum(child.job_columns() for child in self.graders.values())

    def jobs(self, batch: Batch) -> Sequence[Job | None]:
        return [job for child in self.graders.values() for job in child.jobs(batch)]

    def score(self, batch: Batch, replies: Sequence[Reply | None]) -> Scores:
        parts = score_children(self.graders, batch, replies)
        columns = {key: parts[key].values for key in self.formula.names}
        if batch.options.failed_child == "zero":
            columns = {key: np.nan_to_num(values) for key, values in columns.items()}
        values, codes = self.formula.evaluate(columns, len(batch))
        scores = batch.scores(values)
        scores.parts = parts
        for i in np.flatnonzero(codes).tolist():
            if i in scores.errors or i in scores.skipped:
                continue
            scores.errors[i] = first_error(parts, columns, i) or row_error(
                CODES[codes[i]], f"{self.calculate_output}: {CODES[codes[i]].replace('_', ' ')}"
            )
        return scores

    def signature(self, options: Options) -> str:
        children = ";".join(f"{key}={g.signature(options)}" for key, g in self.graders.items())
        text = f"multi({children})|formula:{sha8(self.calculate_output)}"
        return text + (
            "" if options.failed_child == "error" else f"|{options.signature('failed_child')}"
        )


def score_children(
    graders: Mapping[str, Operand], batch: Batch, replies: Sequence[Reply | None]
) -> dict[str, Scores]:
    """Each child's scores from its slice of the replies."""
    parts, start = {}, 0
    for key, child in graders.items():
        end = start + child.job_columns() * len(batch)
        parts[key] = child.score(batch, replies[start:end])
        start = end
    return parts


def first_error(
    parts: Mapping[str, Scores], names: Mapping[str, object], i: int
) -> RowError | None:
    """The error of row `i` in the first child, in key order, that the formula names."""
    for key, part in parts.items():
        if key in names and i in part.errors:
            return part.errors[i].under(key)
    return None

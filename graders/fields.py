"""Field types that several graders share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from .errors import ConfigError
from .template import Template


def refusal(
    message: str, *, expected: str = "", fix: str = "", at: str = ""
) -> PydanticCustomError:
    """An error for validators; `validation.problems_of` turns it into a Problem.

    `at` is a path below the field, such as `.answer` or `[2]`.
    """
    context = {"message": message, "expected": expected, "fix": fix, "at": at}
    return PydanticCustomError("graders", "{message}", context)


def refusal_of(error: ConfigError, at: str = "") -> PydanticCustomError:
    """The first problem of one of our own errors, for a validator to raise."""
    problem = error.problems[0]
    return refusal(problem.message, expected=problem.expected, fix=problem.fix, at=at)


def _check_template(text: str) -> str:
    try:
        Template.parse(text)
    except ConfigError as error:
        raise refusal_of(error) from None
    return text


TemplateText = Annotated[str, AfterValidator(_check_template)]

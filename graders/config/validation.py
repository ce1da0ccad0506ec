"""From pydantic's errors to ours: one `Problem` for each place, with its JSON path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .. import json_path
from ..errors import Problem
from ..json_path import Step
from .translations import OURS, WANTED, Finding, translate

Path = tuple[Step, ...]
MOST = 1000  # errors that are put into words; nobody reads more, and hostile files have millions


def problems_of(error: ValidationError, cls: type[BaseModel]) -> list[Problem]:
    """Every finding of a ValidationError of `cls`, in our words, one for each place."""
    found: dict[Path, list[Finding]] = {}
    for detail in error.errors(include_url=False)[:MOST]:
        path, finding = located(detail, cls)
        found.setdefault(path, []).append(finding)
    # an error below a path shows which branch of the union was meant: the others need no words
    parents = {path[:n] for path in found for n in range(len(path))}
    problems = [
        problem_of(path, findings)
        for path, findings in found.items()
        if not (path in parents and all(map(about_kind, findings)))
    ]
    if (rest := error.error_count() - MOST) > 0:
        problems.append(Problem(f"{rest:,} more problems", fix="mend these first"))
    return problems


# pydantic puts the name of each branch of a union into the path: `str`, `tuple[…]`, `TextPart`.
BRANCH = re.compile(r"[a-z_-]*[\[(].*|str|int|float|bool|none|dict|list|tuple|[A-Z]\w*[a-z]\w*")
MAPPINGS = ("graders", "criteria", "headers")  # fields whose keys are free
TAG_ERRORS = ("union_tag_invalid", "union_tag_not_found")


def located(detail: ErrorDetails, cls: type[BaseModel]) -> tuple[Path, Finding]:
    """The JSON path of an error, without the names of union branches, and the error itself."""
    models, owners = [cls], [cls]
    path: list[Step] = []
    for step in detail["loc"]:
        if isinstance(step, int) or (len(path) == 1 and path[0] in MAPPINGS):
            path.append(step)
            continue
        annotations = [m.model_fields[step].annotation for m in models if step in m.model_fields]
        tagged = [m for m in models if "type" in m.model_fields and step in types_of(m)]
        if not annotations and tagged:
            models = owners = tagged
        elif annotations or not BRANCH.fullmatch(step):
            path.append(step)
            owners, models = models, [model for a in annotations for model in models_in(a)]
    if detail["type"] in TAG_ERRORS:
        path.append("type")
    siblings = dict.fromkeys(name for model in owners for name in model.model_fields)
    return tuple(path), Finding(
        detail["type"],
        str(path[-1]) if path else "",
        detail["input"],
        detail.get("ctx", {}),
        detail["msg"],
        tuple(siblings),
    )


def types_of(model: type[BaseModel]) -> tuple[object, ...]:
    """The values of the Literal `type` of a model."""
    return get_args(model.model_fields["type"].annotation)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def about_kind(finding: Finding) -> bool:
    """Whether the error only says that the value is of the wrong kind."""
    return finding.type in WANTED


def problem_of(path: Path, findings: list[Finding]) -> Problem:
    """One finding about one place; several branches of a union count as one."""
    telling = [finding for finding in findings if not about_kind(finding)] or findings
    first = min(telling, key=lambda finding: finding.type != "float_type")  # numbers include ints
    message, expected, fix = translate(first)
    problem = Problem(message, json_path.render(path), expected, fix)
    if first.type == OURS:
        return replace(problem, path=problem.path + str(first.context.get("at", "")))
    if about_kind(first) and not first.belongs[0]:
        wanted = dict.fromkeys(WANTED[finding.type] for finding in telling)
        if "a number" in wanted:
            wanted.pop("a whole number", None)
        return replace(problem, expected=" or ".join(wanted))
    return problem

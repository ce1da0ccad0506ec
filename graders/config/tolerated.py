"""What is accepted although the published schema does not list it: tables, and their use.

Every use is reported as a warning, and stands in the contract's list of normalisations.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .. import json_path
from ..errors import Problem
from ..json_path import Step
from ..suggest import quoted

ANYWHERE = (
    "string_check",
    "text_similarity",
    "python",
    "score_model",
    "label_model",
    "multi",
    "endpoint",
)
MODELS = ("score_model", "label_model")


@dataclass(frozen=True, slots=True)
class Tolerated:
    """A field beyond the schema of `types`: what the warning says and what becomes of it."""

    types: Collection[str]
    words: str
    read_as: str = ""
    drop: bool = False


TOLERATED: Mapping[str, Tolerated] = {
    "id": Tolerated(ANYWHERE, "not part of a grader; dropped", drop=True),
    "pass_threshold": Tolerated(
        ("string_check", "label_model", "multi"),
        "not in the published schema of this type; kept, and decides passed",
    ),
    "invalid_grade": Tolerated(
        ("multi",), "not in the published schema; kept, without effect (see Options.failed_child)"
    ),
    "sampling_params": Tolerated(
        ("label_model",), "not in the published schema of this type; kept, and sent to the judge"
    ),
    "sampling_parameters": Tolerated(MODELS, "read as sampling_params", read_as="sampling_params"),
}
# The same for what stands inside sampling_params.
SAMPLING: Mapping[str, Tolerated] = dict.fromkeys(
    ("max_tokens", "max_completion_tokens"),
    Tolerated(MODELS, "read as max_completions_tokens", read_as="max_completions_tokens"),
)
# (field, value) -> the value that is meant
ALIASES: Mapping[tuple[str, str], str] = {("operation", "neq"): "ne"}

DROPPED = "null; dropped"

Entries = dict[str, Any]


def normalise(
    given: Mapping[str, Any], kind: str, path: tuple[Step, ...]
) -> tuple[Entries, list[Problem]]:
    """The entries of one grader as its model reads them, and a warning for each change."""
    entries, problems = tolerate(given, kind, path, TOLERATED)
    params = entries.get("sampling_params")
    if kind == "score_model" and "sampling_params" in entries and params is None:
        problems.append(_warning(DROPPED, (*path, "sampling_params")))
    if kind in MODELS and isinstance(params, Mapping):
        name = "sampling_params" if "sampling_params" in given else "sampling_parameters"
        entries["sampling_params"], more = tolerate(params, kind, (*path, name), SAMPLING)
        problems += more
    for (field, value), meant in ALIASES.items():
        if entries.get(field) == value:
            entries[field] = meant
            words = f"{quoted(value)} is read as {quoted(meant)}"
            problems.append(_warning(words, (*path, field)))
    return entries, problems


def tolerate(
    given: Mapping[str, Any], kind: str, path: tuple[Step, ...], table: Mapping[str, Tolerated]
) -> tuple[Entries, list[Problem]]:
    """The entries without what `table` drops and under the names that it gives."""
    entries: Entries = {}
    problems: list[Problem] = []
    for name, value in given.items():
        rule = table.get(name)
        if rule is None or kind not in rule.types:
            entries[name] = value
            continue
        target = rule.read_as or name
        if (target != name and target in given) or target in entries:
            fix = f"keep {target} alone"
            message = f"{target} is given as well"
            problems.append(Problem(message, json_path.render((*path, name)), fix=fix))
            continue
        problems.append(_warning(rule.words if value is not None else DROPPED, (*path, name)))
        if value is not None and not rule.drop:
            entries[target] = value
    return entries, problems


def _warning(message: str, path: tuple[Step, ...]) -> Problem:
    return Problem(message, json_path.render(path), severity="warning")


def as_served(given: Mapping[str, Any], fields: Collection[str]) -> Entries:
    """A criterion of an eval as the API returns it, without the hidden fields that it adds."""
    known = {*fields, "sampling_parameters"}
    return {k: v for k, v in given.items() if k in known and v is not None}

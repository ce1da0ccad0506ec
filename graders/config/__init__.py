"""Grader JSON to graders and back: `load`, `check`, `dump`.

Everything that is wrong is found in one pass and reported together, each finding with its JSON
path, its line, what was expected and what to write.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from .. import json_path
from ..criteria import Criteria
from ..errors import ConfigError, FormulaError, Problem, TemplateError, UsageError
from ..formula import parse as parse_formula
from ..formula.faults import WRITABLE, as_key
from ..grader import Grader
from ..json_path import Step
from ..limits import limit
from ..string_check import StringCheck
from ..suggest import for_value, quoted
from ..template import Template
from ..types import TYPES as TYPES
from .field_words import FIELDS, shown
from .parts import entries_of, guessed, odd_variables, without_nulls
from .source import read
from .tolerated import as_served, normalise
from .validation import problems_of

# Where a grader stands in what OpenAI's API takes and returns: the key that tells, the way to it.
WRAPPERS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("method", ("method", "reinforcement", "grader"), "a fine-tuning job"),
    ("reinforcement", ("reinforcement", "grader"), "the method of a fine-tuning job"),
    ("grader", ("grader",), "a request to graders/run or graders/validate"),
)

# Takes the place of children while the other fields of their multi are checked.
STAND_IN = StringCheck(name="a", input="", reference="", operation="eq")

Path = tuple[Step, ...]
log = logging.getLogger("graders")


def load(x: object) -> Grader:
    """The grader in `x`: a path, JSON text, a dict, an eval or a fine-tuning job.

    An eval with several testing criteria gives a `Criteria`. Warnings go to the logger `graders`.
    Raises ConfigError with every finding.
    """
    if isinstance(x, Grader):
        return x
    source = read(x)
    grader, problems = check(source)
    if grader is None:
        raise ConfigError(problems, source=source.name)
    for problem in problems:
        log.warning("%s: %s: %s", source.name, problem.path, problem.message)
    return grader


def check(x: object) -> tuple[Grader | None, list[Problem]]:
    """The grader in `x`, None if there is an error, and every finding: errors and warnings."""
    if isinstance(x, Grader):
        return x, []
    try:
        source = read(x)
    except ConfigError as error:
        return None, list(error.problems)
    value, problems = source.decoded()
    checker = _Checker()
    grader = checker.document(value) if value is not None or not problems else None
    known = {p.path for p in problems}  # what is no JSON needs no second finding
    problems += [p for p in checker.problems if p.path not in known]
    failed = any(p.severity == "error" for p in problems)
    return None if failed else grader, source.located(problems)


def dump(grader: Grader) -> dict[str, Any]:
    """Minimal OpenAI JSON; `load(dump(g)) == g`."""
    if not isinstance(grader, Grader):
        raise UsageError(f"dump takes a grader, not {shown(grader)}; load it first")
    return grader.to_dict()


class _Checker:
    """One pass over one document; what is wrong is collected in `problems`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def error(self, message: str, path: Path, expected: str = "", fix: str = "") -> None:
        self.problems.append(Problem(message, json_path.render(path), expected, fix))

    def adopt(self, problems: list[Problem], path: Path) -> None:
        self.problems += [p.at(json_path.render(path)) for p in problems]

    def document(self, value: Any) -> Grader | None:
        """The grader of a whole document, out of whatever it is wrapped in."""
        if not isinstance(value, Mapping):
            fix = '{"testing_criteria": […]} grades with several' if isinstance(value, list) else ""
            self.error(shown(value), (), "an object: one grader, an eval or a job", fix)
            return None
        if "testing_criteria" in value:
            served = value.get("object") == "eval"
            return self.criteria(value["testing_criteria"], ("testing_criteria",), served)
        if isinstance(value.get("type"), str) and value["type"] in TYPES:
            return self.grader(value, ())
        for key, way, words in WRAPPERS:
            if key in value:
                return self.wrapped(value, way, words)
        return self.grader(value, ())

    def wrapped(self, value: Mapping[str, Any], way: tuple[str, ...], words: str) -> Grader | None:
        """The grader that lies at `way`."""
        for n, key in enumerate(way):
            if not isinstance(value, Mapping) or key not in value:
                self.error(f"no {key} in {words}", way[:n], f"a grader at {json_path.render(way)}")
                return None
            value = value[key]
        return self.grader(value, way)

    def criteria(self, value: Any, path: Path, served: bool) -> Grader | None:
        """The only criterion of an eval, or all of them."""
        if not isinstance(value, list) or not value:
            message = "empty" if value == [] else shown(value)
            self.error(message, path, "a list of graders")
            return None
        if self.too_many(value, "sub_graders", path):
            return None
        graders = [self.grader(one, (*path, i), served=served) for i, one in enumerate(value)]
        found = [grader for grader in graders if grader is not None]
        if len(found) < len(graders):
            return None
        return found[0] if len(found) == 1 else Criteria.of(found)

    def grader(
        self, value: Any, path: Path, *, served: bool = False, key: str | None = None
    ) -> Grader | None:
        """One grader; `key` names it where it has no name of its own."""
        if not isinstance(value, Mapping):
            self.error(shown(value), path, "a grader: an object with a type")
            return None
        cls = self.type_of(value, path)
        if cls is None:
            self.templates(value, path)
            return None
        kind = str(value["type"])
        if served:
            value = as_served(value, cls.model_fields)
        entries, found = normalise(value, kind, path)
        self.problems += found
        entries = without_nulls(entries, cls)
        if entries.get("name") in (None, ""):
            entries.pop("name", None)
            if key:
                entries["name"] = key
        check = self.multi if kind == "multi" else self.model
        grader = check(cls, entries, path)
        if grader is not None and "name" not in entries:
            words = f"missing; using {grader.name} (from the content)"
            self.problems.append(
                Problem(words, json_path.render((*path, "name")), severity="warning")
            )
        return grader

    def type_of(self, value: Mapping[str, Any], path: Path) -> type[Grader] | None:
        """The class of a grader's JSON, or a finding about its type."""
        kind = value.get("type")
        if isinstance(kind, str) and kind in TYPES:
            return TYPES[kind]
        names = ", ".join(TYPES)
        if kind is None:
            guess = guessed(value, TYPES)
            fix = f'add "type": "{guess}"' if guess else ""
            self.error("missing", (*path, "type"), names, fix)
        elif isinstance(kind, str):
            fix = for_value("type", kind, TYPES)
            self.error(f"unknown type {quoted(kind)}", (*path, "type"), names, fix)
        else:
            self.error(shown(kind), (*path, "type"), names)
        return None

    def templates(self, value: Mapping[str, Any], path: Path) -> None:
        """The templates of a grader whose type is unknown."""
        for field in ("input", "reference"):
            if isinstance(value.get(field), str):
                try:
                    Template.parse(value[field])
                except TemplateError as error:
                    self.adopt(list(error.problems), (*path, field))

    def model(self, cls: type[Grader], entries: Mapping[str, Any], path: Path) -> Grader | None:
        """A grader that its pydantic model checks, with the warnings about what it says."""
        grader = self.validated(cls, entries, path)
        if grader is not None:
            self.adopt([*odd_variables(grader), *grader.warnings()], path)
        return grader

    def validated(self, cls: type[Grader], entries: Mapping[str, Any], path: Path) -> Grader | None:
        try:
            return cls.model_validate(entries)
        except ValidationError as error:
            self.adopt(problems_of(error, cls), path)
            return None

    def multi(self, cls: type[Grader], entries: Mapping[str, Any], path: Path) -> Grader | None:
        """A multi: its own fields, every child, and the formula, whatever else is wrong."""
        before = len(self.problems)
        stand_ins: dict[str, Any] = {}
        if isinstance(entries.get("calculate_output"), str):
            stand_ins["calculate_output"] = "1"
        if isinstance(entries.get("graders"), Mapping | list):
            stand_ins["graders"] = {"a": STAND_IN}
        children = self.children(entries.get("graders"), (*path, "graders"))
        self.validated(cls, {**entries, **stand_ins}, path)
        if "calculate_output" in stand_ins and children:
            self.formula(entries["calculate_output"], children, (*path, "calculate_output"))
        if any(p.severity == "error" for p in self.problems[before:]):
            return None
        return self.validated(cls, {**entries, "graders": children}, path)

    def children(self, graders: Any, path: Path) -> dict[str, Grader | None]:
        """Key -> child, None for a child with errors; empty where there are no keys."""
        if not isinstance(graders, Mapping | list) or self.too_many(graders, "sub_graders", path):
            return {}
        if not graders:
            self.error("empty", path, "at least one grader", FIELDS["graders"][1])
        elif isinstance(graders, Mapping) and isinstance(graders.get("type"), str):
            fix = f'"graders": {{"answer": {{"type": {quoted(graders["type"])}, …}}}}'
            self.error("a single grader", path, "an object: key -> grader", fix)
            return {}
        elif isinstance(graders, list):
            keys = [key for key, _, _ in entries_of(graders)]
            fix = '"graders": {' + ", ".join(f'"{key}": {{…}}' for key in keys[:5])
            fix += (", …" if len(keys) > 5 else "") + "}; the formula uses these keys"
            self.error("a list", path, "an object: key -> grader", fix)
        return {
            key: self.child(key, child, (*path, step)) for key, step, child in entries_of(graders)
        }

    def child(self, key: str, value: Any, path: Path) -> Grader | None:
        """One entry of `graders`."""
        if not WRITABLE.fullmatch(key):
            meant = as_key(key)
            self.error(
                f"the key {quoted(key)} cannot be written in a formula",
                path,
                "letters a to z, digits and _",
                f"rename the key: {meant}" if meant else "rename the key",
            )
        if isinstance(value, Mapping) and value.get("type") == "multi":
            formula = value.get("calculate_output")
            inline = f"({formula})" if isinstance(formula, str) and formula else "its formula"
            self.error(
                "a multi inside a multi",
                path,
                "any other type",
                f"inline its formula: move its graders up and write {inline} for {quoted(key)}",
            )
            return None
        return self.grader(value, path, key=key)

    def formula(self, text: str, names: Mapping[str, Any], path: Path) -> None:
        """The formula over all keys, those of children with errors too."""
        if not all(map(WRITABLE.fullmatch, names)):
            return  # the keys must change first, and the formula with them
        try:
            parse_formula(text, tuple(names))
        except FormulaError as error:
            self.adopt(list(error.problems), path)

    def too_many(self, entries: Mapping[str, Any] | list[Any], name: str, path: Path) -> bool:
        if len(entries) <= (most := limit(name)):
            return False
        fix = f"GRADERS_LIMIT_{name.upper()} raises the limit"
        self.error(f"{len(entries):,} graders", path, f"{most:,} at most", fix)
        return True

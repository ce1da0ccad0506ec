"""grade.toml: where judges, embeddings and the sandbox are, and the options of a run.

It is read from a path or from the working directory, never from parent folders: a run must not
change because of a file that somebody else has put above it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import json_path
from .errors import ConfigError, Problem
from .options import Options, problem_of
from .settings_checks import CHECKS, TIER, Check, line_of, shown
from .suggest import nearest, quoted

FILE = "grade.toml"
SANDBOX_VARIABLE = "GRADE_SANDBOX"
MOST_BYTES = 1 << 20

# What people write -> what to do.
KEY_HINTS = {
    "api_key": 'keep the key in the environment and name it: api_key_env = "JUDGE_API_KEY"',
    "key": 'keep the key in the environment and name it: api_key_env = "JUDGE_API_KEY"',
    "url": "rename it to base_url",
    "endpoint": "rename it to base_url",
    "workers": "rename it to concurrency",
    "timeout": "the budget of a whole run is deadline under [run]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens."""

    input: float = 0.0
    output: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """Where a model is and how to call it. Empty and None mean: not set."""

    base_url: str = ""
    model: str = ""
    api_key_env: str = ""
    max_tokens: int | None = None
    drop: tuple[str, ...] = ()
    rpm: float | None = None
    tpm: float | None = None
    concurrency: int | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a run. `sources` says where each one that is set comes from."""

    judges: Mapping[str, ModelSettings] = field(default_factory=dict)
    embeddings: ModelSettings | None = None
    sandbox: str = "auto"
    options: Options = field(default_factory=Options)
    deadline: float | None = None
    path: Path | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    def judge(self, model: str) -> ModelSettings | None:
        """The settings for the model name of a grader; of several patterns the longest wins."""
        fitting = [pattern for pattern in self.judges if matches(pattern, model)]
        return self.judges[max(fitting, key=weight)] if fitting else None


def matches(pattern: str, name: str) -> bool:
    """Whether `name` fits a pattern in which `*` stands for any text."""
    parts = map(re.escape, pattern.split("*"))
    return re.fullmatch(".*".join(parts), name, re.DOTALL) is not None


def weight(pattern: str) -> tuple[bool, int]:
    """Plain names before patterns, long patterns before short ones."""
    return "*" not in pattern, len(pattern)


def load_settings(path: str | os.PathLike[str] | None = None) -> Settings:
    """The settings of `path`, else of grade.toml in the working directory, else the defaults.

    The environment variable GRADE_SANDBOX beats the file. Raises ConfigError with every finding.
    """
    found = Path(path) if path is not None else Path(FILE)
    if path is None and not os.path.isfile(found):
        return with_environment(Settings())
    text = read_text(found)
    import tomllib  # only where there is a file to read

    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(syntax_problem(error), source=str(found)) from None
    return with_environment(settings_of(document, text, found))


def read_text(path: Path) -> str:
    """The text of a settings file. Raises ConfigError if it cannot be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ConfigError(f"larger than {MOST_BYTES:,} bytes", source=str(path))
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(Problem("not UTF-8 text", fix="save it as UTF-8"), str(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"cannot be read: {reason}", source=str(path)) from None


def syntax_problem(error: Exception) -> Problem:
    """A finding for text that is not TOML."""
    if not (place := re.search(r"\(at line (\d+), column (\d+)\)$", str(error))):
        return Problem(f"not TOML: {error or 'nested too deeply'}")
    message = str(error)[: place.start()].strip()
    message = f"not TOML at column {place[2]}: {message[:1].lower()}{message[1:]}"
    return Problem(message, line=int(place[1]))


def settings_of(document: Mapping[str, Any], text: str, path: Path) -> Settings:
    """The settings in a parsed file. Raises ConfigError with every finding and its line."""
    reader = _Reader(text, path.name)
    judges = reader.table(document, ("judges",))
    reader.unknown(document, SECTIONS, ())
    settings = Settings(
        judges={name: reader.model(judges, ("judges", name)) for name in judges},
        embeddings=reader.model(document, ("embeddings",)) if "embeddings" in document else None,
        sandbox=reader.checked(document, ("sandbox",)).get("tier", "auto"),
        options=reader.options(document),
        deadline=reader.deadline(document),
        path=path,
        sources=reader.sources,
    )
    if reader.problems:
        raise ConfigError(reader.problems, source=str(path))
    return settings


SECTIONS = ("judges", "embeddings", "sandbox", "options", "run")
MODEL_SECTIONS = ("judges", "embeddings")  # a key may stand in any place there: no text is shown


class _Reader:
    """One pass over one settings file; what is wrong is collected in `problems`."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.problems: list[Problem] = []
        self.sources: dict[str, str] = {}

    def report(self, problem: Problem, path: tuple[str, ...]) -> None:
        line = line_of(self.text, path)
        self.problems.append(problem.at(json_path.render(path), line))

    def table(self, parent: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
        """The table at the end of `path`, empty if it is absent or no table."""
        found = parent.get(path[-1], {})
        if isinstance(found, dict):
            return found
        problem = Problem(f"{quoted(path[-1])} is no table", expected=f"[{'.'.join(path)}]")
        self.report(problem, path)
        return {}

    def unknown(self, table: Mapping[str, Any], known: Any, path: tuple[str, ...]) -> None:
        """A finding for every key that is not `known`. Values are not shown: one may be a key."""
        for name in table:
            if name not in known:
                close = nearest(name, known)
                fix = KEY_HINTS.get(name.lower()) or (f'did you mean "{close}"' if close else "")
                what = "key" if path else "section"
                problem = Problem(f"unknown {what} {quoted(name)}", "$", ", ".join(known), fix)
                self.report(problem, (*path, name))

    def checked(self, parent: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
        """The entries of a table that pass their checks; a finding for every other."""
        checks: Mapping[str, Check] = CHECKS[path[0]]
        table = self.table(parent, path)
        self.unknown(table, checks, path)
        good = {}
        for name, value in table.items():
            if name not in checks:
                continue
            check = checks[name]
            if check.passes(value):
                good[name] = value
                self.sources[".".join((*path, name))] = self.name
            else:
                found = shown(value, text=path[0] not in MODEL_SECTIONS)
                problem = Problem(f"{found} is not {check.wanted}", fix=check.example)
                self.report(problem, (*path, name))
        return good

    def model(self, parent: Mapping[str, Any], path: tuple[str, ...]) -> ModelSettings:
        entries = self.checked(parent, path)
        if "drop" in entries:
            entries["drop"] = tuple(entries["drop"])
        if "price" in entries:
            entries["price"] = Price(**{k: float(v) for k, v in entries["price"].items()})
        return ModelSettings(**entries)

    def options(self, document: Mapping[str, Any]) -> Options:
        table = self.table(document, ("options",))
        good = {}
        for name, value in table.items():
            if problem := problem_of(name, value):
                message = problem.message.replace(quoted(value), shown(value))
                self.report(replace(problem, path="$", message=message), ("options", name))
            else:
                good[name] = value
                self.sources[f"options.{name}"] = self.name
        return Options(**good)

    def deadline(self, document: Mapping[str, Any]) -> float | None:
        run = self.checked(document, ("run",))
        return float(run["deadline"]) if "deadline" in run else None


def with_environment(settings: Settings) -> Settings:
    """The settings with what the environment overrides. Raises ConfigError."""
    tier = sandbox_of_environment()
    if not tier:
        return settings
    sources = {**settings.sources, "sandbox.tier": SANDBOX_VARIABLE}
    return replace(settings, sandbox=tier, sources=sources)


def sandbox_of_environment() -> str:
    """The tier that GRADE_SANDBOX names, "" if it is not set. Raises ConfigError."""
    tier = os.environ.get(SANDBOX_VARIABLE, "")
    if tier and not TIER.passes(tier):
        problem = Problem(f"{shown(tier)} is not {TIER.wanted}", SANDBOX_VARIABLE)
        raise ConfigError(problem, source="environment")
    return tier

"""What the arguments of a command name: the grader, the rows, the output."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from ..config import check
from ..config.source import Source, read
from ..errors import ConfigError, Problem, render_problems
from ..grader import Grader
from ..retired import retirement
from ..runners.runner import Runner
from ..suggest import nearest
from .outfile import STDIN
from .text import shorten

GRADER_FILES = ("eval.json", "grader.json")
ROWS_FILE = "rows.jsonl"
LATER = (
    "this version checks such graders (grade validate) and cannot run them from the command line; "
    "from Python, give a runner of yours: graders.grade(…, runner=…)"
)
FUNCTION = re.compile(r"(?!\w:[\\/])(?P<module>[\w./\\-]+):(?P<function>[A-Za-z_]\w*)")


def grader_file(argument: str) -> Path:
    """The file that GRADER stands for. Raises click.UsageError."""
    if not argument:
        raise click.UsageError("GRADER is empty; name a file")
    if argument == STDIN:
        raise click.UsageError("- is no grader; write it to a file, and name that")
    if FUNCTION.fullmatch(argument) and not os.path.exists(argument):
        raise click.UsageError(
            f"{argument} names a Python function, and this version grades with JSON alone"
        )
    path = Path(argument)
    if not os.path.isdir(path):  # Path.is_dir raises for a folder that may not be entered
        return path
    found = [path / name for name in GRADER_FILES if os.path.isfile(path / name)]
    if not found:
        raise click.UsageError(f"{argument} is a folder without {' or '.join(GRADER_FILES)}")
    return found[0]


def rows_files(grader: str, rows: Sequence[str]) -> tuple[str, ...]:
    """The files that ROWS stand for, by default that of the folder. Raises click.UsageError."""
    if rows.count(STDIN) > 1:
        raise click.UsageError("- stands twice, and standard input can be read once")
    if "" in rows:
        raise click.UsageError("an empty name among the rows files")
    if rows:
        return tuple(rows)
    if not os.path.isdir(grader):
        raise click.UsageError("no rows: name a rows file, or - for standard input")
    if not os.path.isfile(own := Path(grader) / ROWS_FILE):
        raise click.UsageError(f"{grader} is a folder without {ROWS_FILE}; name the rows")
    return (str(own),)


def load_grader(path: Path) -> tuple[Grader, Source, list[Problem]]:
    """The grader, its source and the warnings about it. Raises ConfigError."""
    source = read(path)
    grader, problems = check(source)
    if grader is None:
        raise ConfigError(problems, source=source.name)
    return grader, source, problems


def chosen(grader: Grader, name: str | None) -> Grader:
    """The criterion of that name, or the grader as it is. Raises click.UsageError."""
    if name is None:
        return grader
    criteria: dict[str, Grader] = dict(getattr(grader, "criteria", None) or {grader.name: grader})
    if name not in criteria:
        close = nearest(name, criteria)
        there = ", ".join(shorten(one, 40) for one in [*criteria][:20])
        hint = f"; did you mean {close}?" if close else f"; there is {there}"
        raise click.UsageError(f"no criterion {name!r}{hint}")
    return criteria[name]


def refuse_without_runner(grader: Grader, source: Source) -> None:
    """Raises ConfigError if the grader asks for something that nothing here can answer."""
    models = {leaf_path(path): getattr(leaf, "model", "") for path, leaf in grader.leaves()}
    problems = []
    for problem in Runner().missing(grader):
        gone = retirement(models.get(problem.path, ""))
        message = f"{problem.message}; {gone}" if gone else problem.message
        problems.append(replace(problem, message=message, fix=LATER))
    if problems:
        raise ConfigError(source.located(problems), source=source.name)


def leaf_path(path: str) -> str:
    """The path of a leaf as findings have it."""
    return f"$.{path}" if path else "$"


def warnings_of(problems: Sequence[Problem], source: Source) -> str:
    """The warnings as text, "" if there are none."""
    return render_problems(problems, source.name) if problems else ""

"""`grade validate`: what is wrong with grader files, or what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .shell import DONE, UNMET, USAGE
from .text import json_text, safe, shorten, unread

if TYPE_CHECKING:
    from ..errors import Problem
    from ..grader import Grader


@click.command("validate", no_args_is_help=True)
@click.argument("graders", nargs=-1, required=True, metavar="GRADER...")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True,
    help="How to report.",
)  # fmt: skip
def command(graders: tuple[str, ...], form: str) -> int:
    """Check grader files and say what they are.

    Every finding is shown at once, with its line and what to write instead. Exit status: 0 valid
    (there may be warnings), 1 errors, 2 a file that cannot be read.
    """
    from . import environment

    environment.refuse_wrong()
    reports = [report(path) for path in graders]
    if form == "json":
        click.echo(json_text({"schema": 1, "graders": reports}).encode())
    else:
        for one in reports:
            click.echo(safe(one["text"]))
    return max(int(one["status"]) for one in reports)


def report(argument: str) -> dict[str, Any]:
    """Everything about one file; `status` is what it adds to the exit status."""
    from ..config import check
    from ..config.source import read
    from ..errors import ConfigError, render_problems
    from .target import grader_file

    path = grader_file(argument)
    try:
        with path.open("rb"):
            pass
        source = read(path)
    except OSError as error:
        text = f"{path}: {(error.strerror or str(error)).lower()}"
        return entry(str(path), [], text, USAGE)
    except ConfigError as error:
        return entry(str(path), list(error.problems), unread(str(error)), UNMET)
    grader, problems = check(source)
    text = unread(render_problems(problems, source.name)) if problems else ""
    if grader is None:
        return entry(source.name, problems, text, UNMET)
    sentence = f"{source.name}: {describe(grader)}"
    found = entry(source.name, problems, f"{text}\n{sentence}".lstrip("\n"), DONE)
    return {**found, **facts(grader)}


def entry(source: str, problems: list[Problem], text: str, status: int) -> dict[str, Any]:
    """The part of a report that every file has."""
    found = [
        {
            "severity": p.severity,
            "path": p.path,
            "line": p.line,
            "message": p.message,
            "expected": p.expected,
            "fix": p.fix,
        }
        for p in problems
    ]
    return {
        "source": source,
        "valid": status == DONE,
        "status": status,
        "problems": found,
        "text": text,
    }


def facts(grader: Grader) -> dict[str, Any]:
    """What a valid grader is, for programs."""
    from .tally import children_of

    return {
        "type": grader.type,
        "name": grader.name,
        "children": {key: child.type for key, child in children_of(grader).items()},
        "formula": getattr(grader, "calculate_output", None),
        "reads": variables(grader),
    }


def describe(grader: Grader) -> str:
    """`multi "Quality" of exact (string_check) and close (text_similarity): 0.5 * exact + …`."""
    from .tally import children_of

    children = [f"{shorten(key, 40)} ({child.type})" for key, child in children_of(grader).items()]
    text = f'{grader.type} "{shorten(grader.name, 60)}"'
    if children:
        more = [f"{len(children) - 8} more"] if len(children) > 8 else []
        text += f" of {', '.join(children[:8] + more)}"
    if formula := getattr(grader, "calculate_output", ""):
        text += f"; reward = {shorten(formula, 100)}"
    if grader.pass_threshold is not None:
        text += f"; passes from {grader.pass_threshold}"
    reads = [shorten(name, 60) for name in variables(grader)]
    more = [f"{len(reads) - 20} more"] if len(reads) > 20 else []
    return text + (f"; reads {', '.join(reads[:20] + more)}" if reads else "")


def variables(grader: Grader) -> list[str]:
    """`item.answer`, `sample.output_text`: every variable of the templates, sorted."""
    return sorted(
        {p.text for template in grader.templates().values() for p in template.placeholders}
    )

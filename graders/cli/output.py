"""Where a run writes: rows to a file or a pipe, the summary to what is left, facts beside OUT."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ..engine import Graded
from ..errors import count
from ..rows.writer import write_meta
from . import facts, failures, summary
from .lines import head_of, outcome_of
from .outfile import meta_of
from .text import json_text, number, pad, safe, shorten, terminal_width, width_of

if TYPE_CHECKING:
    from .job import Job, Request

FIRST_ROWS = 5
FIRST_PARTS = 4


def target(job: Job) -> str | BinaryIO | None:
    """A path, stdout if that is no terminal, or None: the rows are only summed up."""
    if to_stdout(job.request):
        return sys.stdout.buffer
    return job.request.output


def to_stdout(request: Request) -> bool:
    """Whether the rows go to stdout: with `-o -`, and without OUT where it is no terminal."""
    return request.output is None and (request.stdout or not sys.stdout.isatty())


def bar(job: Job) -> bool:
    """Whether there is somebody who looks at a progress bar."""
    return not job.request.quiet and sys.stderr.isatty()


def meta(job: Job) -> None:
    """Write the run facts to OUT.meta.json, unless OUT is a pipe or a device."""
    name = job.request.output
    if name is not None and Path(name).is_file():
        write_meta(meta_of(name), facts.of_run(job))


def interrupted(job: Job) -> str:
    """The line that an interrupted run ends with."""
    rows = count(job.tally.total, "row")
    if target(job) is None:
        return f"interrupted after {rows}"
    where = f" to {job.request.output}" if job.request.output else ""
    return f"interrupted; {rows} written{where}"


def show(job: Job) -> None:
    """Print the summary, and the rows without a score, unless they are not wanted."""
    to_stderr = to_stdout(job.request)
    stream = sys.stderr if to_stderr else sys.stdout
    width = terminal_width(stream.isatty())
    form = FORMS.get(job.request.summary)
    if form is None or job.request.quiet:
        unmet = [summary.gate(g) for g in facts.of(job)["gates"] if not g["met"]]
        text = "\n".join(unmet)
        to_stderr = True
    else:
        text = form(job, width)
    if text:
        click.echo(text.encode() if form is as_json else safe(text), err=to_stderr)
    for line in job.fields.missing():
        click.echo(safe(line), err=True)


def as_table(job: Job, width: int) -> str:
    """The first rows where they go nowhere else, the summary, the first rows without a score."""
    blocks = ["\n".join(job.first)] if job.first else []
    blocks.append(summary.table(facts.of(job), width))
    for failure in job.failures.kept:
        failure.file = job.files.file_of(failure.row)
        blocks.append(failures.render(failure, job.grader, width))
    hidden = job.tally.errored - len(job.failures.kept)
    if hidden:
        more = "" if job.request.verbose else "; -v shows up to 100"
        blocks.append(f"and {hidden:,} more without a score{more}")
    if job.request.verbose:
        blocks.append(f"signature  {job.grader.signature(job.options)}")
    return "\n\n".join(blocks)


def as_json(job: Job, width: int) -> str:
    """The facts as one JSON object."""
    return json_text(facts.of(job))


def as_markdown(job: Job, width: int) -> str:
    """The facts as Markdown, for a pull request."""
    from . import markdown

    return markdown.table(facts.of(job))


FORMS = {"table": as_table, "json": as_json, "markdown": as_markdown}


def first_rows(graded: Graded, width: int) -> list[str]:
    """The first rows of a batch as an aligned table."""
    parts = list(graded.scores.parts.items())[:FIRST_PARTS]
    verdicts = any(verdict is not None for verdict in graded.passed)
    head = ["row", "reward", *(["passed"] if verdicts else [])]
    head += [shorten(key, 16) for key, _ in parts] + ["output"]
    cells = [head]
    for i, row in enumerate(graded.rows[:FIRST_ROWS]):
        outcome = outcome_of(graded.scores, i)
        reward = plain(graded.scores.values[i]) if outcome == "scored" else outcome
        cells.append([str(i), reward])
        if verdicts:
            cells[-1].append({True: "yes", False: "no", None: ""}[graded.passed[i]])
        cells[-1] += [plain(part.values[i]) for _, part in parts]
        cells[-1].append(head_of(row))
    widths = [max(width_of(line[c]) for line in cells) for c in range(len(head) - 1)]
    left = width - sum(widths) - 2 * len(widths)
    return [
        "  ".join([*map(pad, line, widths), shorten(line[-1], max(12, left))]).rstrip()
        for line in cells
    ]


def plain(value: float) -> str:
    """A score, `–` where there is none."""
    return number(value) if value == value else "–"

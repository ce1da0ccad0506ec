"""One `grade run` from its arguments to its exit status."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice

import click

from ..batch import Row
from ..engine import Graded, stream
from ..errors import RowsError
from ..grader import Grader
from ..options import Options
from ..rows.intake import fields_of
from ..rows.writer import Writer
from ..settings import Settings, load_settings
from ..stop import Stop
from ..threads import default_threads
from . import environment, output
from .by import By
from .compare import Compare
from .failures import Failures
from .fields import SAMPLE, Fields, Wanted
from .files import Files
from .gates import Gates
from .interrupts import Interrupts
from .lines import INCLUDES, result_lines
from .outfile import refuse_output, refuse_stdout
from .progress import Progress
from .shell import DONE, UNMET, UNSCORED, Interrupted, Unfinished
from .tally import Tally
from .target import (
    chosen,
    grader_file,
    load_grader,
    refuse_without_runner,
    rows_files,
    warnings_of,
)
from .text import safe, terminal_width

PEEK = 100  # rows looked at before anything is graded


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of `grade run`."""

    grader: str
    rows: tuple[str, ...]
    output: str | None
    stdout: bool  # -o -
    force: bool
    sample_field: str | None
    criterion: str | None
    options: tuple[str, ...]
    limit: int | None
    group: str | None
    by: str | None
    compare: str | None
    include: str | None
    config: str | None
    deadline: float | None
    threads: int | None
    fail_under: float | None
    min_pass_rate: Fraction | None
    max_errored: Fraction | None
    summary: str
    quiet: bool
    verbose: bool

    @property
    def gates(self) -> Gates:
        """The thresholds that were asked for."""
        return Gates(self.fail_under, self.min_pass_rate, self.max_errored)

    @property
    def fields(self) -> list[Wanted]:
        """The fields of rows that are named, each with its argument."""
        named = [("--group", field) for field in fields_of(self.group)]
        others = {SAMPLE: self.sample_field, "--by": self.by, "--compare": self.compare}
        return named + [(flag, field) for flag, field in others.items() if field]

    @property
    def includes(self) -> tuple[str, ...]:
        """The parts of a row to carry along. Raises click.UsageError."""
        names = tuple(name.strip() for name in (self.include or "").split(",") if name.strip())
        for name in names:
            if name not in INCLUDES:
                raise click.UsageError(f"--include {name}: expected {' or '.join(INCLUDES)}")
        return names


class Job:
    """A run that is known to make sense, and what it has found so far."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.start = time.perf_counter()
        environment.refuse_wrong()
        self.settings: Settings = load_settings(request.config)
        self.options = Options.parse(request.options, base=self.settings.options)
        paths = rows_files(request.grader, request.rows)
        grader, self.source, self.warnings = load_grader(grader_file(request.grader))
        self.grader: Grader = chosen(grader, request.criterion)
        self.include = request.includes
        request.gates.refuse_what_cannot_be_met(self.grader)
        refuse_without_runner(self.grader, self.source)
        self.threads = request.threads or default_threads()
        inputs = {**dict.fromkeys(paths, "a rows file"), self.source.name: "the grader"}
        if self.settings.path:
            inputs[str(self.settings.path)] = "the settings file"
        refuse_output(request.output, inputs, force=request.force)
        if output.to_stdout(request):
            refuse_stdout(inputs)
        self.files = Files(
            paths,
            limit=request.limit,
            sample_field=request.sample_field,
            group=request.group,
        )
        self.fields = Fields(request.fields)
        self.tally = Tally(self.grader)
        self.failures = Failures(verbose=request.verbose)
        self.by = By(request.by) if request.by else None
        self.compare = (
            Compare(request.compare, self.grader, request.criterion) if request.compare else None
        )
        self.stop = Stop(request.deadline or self.settings.deadline)
        self.first: list[str] = []
        self.complete = False

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self.start

    def rows(self) -> Iterator[Row]:
        """The rows, the first of them looked at. Raises click.UsageError."""
        rows = iter(self.files)
        first = list(islice(rows, PEEK))
        if not first:
            raise click.UsageError(f"{' and '.join(self.files.names)}: no rows")
        self.fields.watch(first)
        if len(first) < PEEK:
            self.fields.refuse(first)
        if not self.request.quiet:
            for warning in self.fields.warnings(first):
                click.echo(safe(warning), err=True)
        return chain(first, rows)

    def graded(self, rows: Iterator[Row]) -> Generator[Graded, None, None]:
        """Batches in the order of the rows."""
        yield from stream(
            self.grader, rows, options=self.options, stop=self.stop, threads=self.threads
        )

    def take(self, graded: Graded) -> None:
        """Count a batch that has been written."""
        first = self.tally.total
        self.fields.watch(graded.rows)
        self.tally.add(graded)
        self.failures.add(graded, first)
        if self.by:
            self.by.add(graded, first)
        if self.compare:
            self.compare.add(graded, first)

    def status(self) -> int:
        """0, 1 for a gate or a field that was not met, or 3 for rows without a score."""
        gates = self.request.gates.facts(self.tally)
        if self.fields.unseen or not all(gate["met"] for gate in gates):
            return UNMET
        return UNSCORED if self.tally.errored and self.request.max_errored is None else DONE


def perform(request: Request, interrupts: Interrupts) -> int:
    """Run to the end; the exit status."""
    try:
        with interrupts.held():  # models are built here, see the command
            job = Job(request)
        if job.warnings and not request.quiet:
            click.echo(safe(warnings_of(job.warnings, job.source)), err=True)
        rows = job.rows()
    except KeyboardInterrupt:
        raise Interrupted("interrupted; no row was graded") from None
    try:
        write(job, rows, interrupts)
        output.show(job)
    except KeyboardInterrupt:
        raise Interrupted(output.interrupted(job)) from None
    except RowsError as error:
        raise Unfinished(str(error)) from None
    return job.status()


def write(job: Job, rows: Iterator[Row], interrupts: Interrupts) -> None:
    """Grade all rows and write each batch as it is done; then the run facts, in any case."""
    target = output.target(job)
    with ExitStack() as stack:
        writer = None
        if target is not None:
            writer = Writer(target, force=job.request.force)
            stack.callback(interrupts.release)
            stack.callback(output.meta, job)
            stack.callback(interrupts.ignore)
            stack.enter_context(writer)
            with interrupts.held():
                output.meta(job)  # not complete; the facts of an earlier run are not those of this
                writer.mark()
        progress = stack.enter_context(Progress(job.files, job.request.limit, output.bar(job)))
        batches = stack.enter_context(closing(job.graded(rows)))
        stack.callback(job.stop.cancel)
        for graded in batches:
            with interrupts.held():
                if writer is not None:
                    for line in result_lines(graded, job.tally.total, job.include, job.by):
                        writer.write(line)
                    writer.flush()
                elif not job.tally.total:
                    job.first = output.first_rows(graded, terminal_width(True))
                job.take(graded)
                if writer is not None:
                    writer.mark()  # what is in OUT is what was counted
            progress.update(job.tally.total)
        job.complete = True

"""Grading: rows are cut into batches, batches run on threads, results come back in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any

from .batch import Batch, Row, RowColumns
from .config import load
from .errors import ConfigError, UsageError
from .grader import Grader, Scores
from .options import Options
from .results import Result, Results, join
from .rows import rows_of
from .runners.asking import Breaker, Performs, ask
from .runners.runner import Runner
from .stop import Stop
from .template import TooMuch
from .threads import default_threads

BATCH_ROWS = 1024
BATCH_BYTES = 4 << 20  # of rows files: keeps memory flat when rows are large


@dataclass(slots=True)
class Graded:
    """A batch that is done: its rows, their scores and verdicts, and the seconds it took."""

    rows: Sequence[Row]
    scores: Scores
    passed: list[bool | None]
    seconds: float


@dataclass(slots=True)
class Grading:
    """What all batches of one grading share."""

    grader: Grader
    options: Options
    runner: Performs | None
    stop: Stop
    breaker: Breaker = field(default_factory=Breaker)
    pairs: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        options: object = self.options
        if not isinstance(options, Options):
            found = type(options).__name__
            raise UsageError(f"options is {found}; expected graders.Options(…)")
        for input, reference, metric in self.grader.pairs():
            self.pairs.setdefault((input, reference), []).append(metric)
        if self.grader.job_columns() and self.runner is None:
            self.runner = Runner()
        if isinstance(self.runner, Runner) and (problems := self.runner.missing(self.grader)):
            raise ConfigError(problems, source=self.grader.name)

    def batch(self, rows: Sequence[Row]) -> Graded:
        """Ask and score one batch. Past the deadline every row is errored, none is lost."""
        start = time.perf_counter()
        batch = Batch(
            rows,
            self.options,
            needs_sample=self.grader.needs_sample(),
            pairs=self.pairs,
            stop=self.stop,
        )
        if self.stop():
            batch.expire()
        try:
            for template in self.grader.templates().values():
                batch.column(template.text)
        except TooMuch:
            return self.halves(rows)
        jobs = self.grader.jobs(batch)
        replies = ask(self.runner, jobs, self.stop, self.breaker) if self.runner else ()
        scores = self.grader.score(batch, replies)
        passed = self.grader.verdicts(scores)
        for i in (*scores.errors, *scores.skipped):
            passed[i] = None
        return Graded(rows, scores, passed, time.perf_counter() - start)

    def halves(self, rows: Sequence[Row]) -> Graded:
        """The batch in two parts, for rows that render to more text than is kept at once."""
        middle = len(rows) // 2
        one, two = self.batch(rows[:middle]), self.batch(rows[middle:])
        scores = join([one.scores, two.scores])
        return Graded(rows, scores, one.passed + two.passed, one.seconds + two.seconds)


def cut(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    """Batches of at most BATCH_ROWS rows and about BATCH_BYTES bytes."""
    if isinstance(rows, RowColumns):
        yield from (rows[i : i + BATCH_ROWS] for i in range(0, len(rows), BATCH_ROWS))
        return
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += row.size
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def checked_threads(threads: int | None) -> int:
    """The number of threads to use. Raises UsageError unless it is a whole number above 0."""
    if threads is None:
        return default_threads()
    if not isinstance(threads, int) or isinstance(threads, bool) or threads < 1:
        raise UsageError(f"threads is {threads!r}; expected a whole number above 0")
    return threads


def stream(
    grader: Grader,
    rows: Iterable[Row],
    *,
    runner: Performs | None = None,
    options: Options | None = None,
    stop: Stop | None = None,
    threads: int | None = None,
) -> Iterator[Graded]:
    """Graded batches in the order of the rows; memory does not grow with their number."""
    grading = Grading(grader, options or Options(), runner, stop or Stop())
    workers = checked_threads(threads)
    batches = cut(rows)
    if workers == 1:
        yield from map(grading.batch, batches)
        return
    begin = [*islice(batches, 2)]
    if len(begin) < 2:
        yield from map(grading.batch, begin)
        return
    pending: deque[Future[Graded]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="graders")
    try:
        for batch in chain(begin, batches):
            pending.append(pool.submit(grading.batch, batch))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        if pending:
            grading.stop.cancel()
        pool.shutdown(cancel_futures=True)


def grade(
    grader: Any,
    rows: Any = None,
    *,
    samples: Sequence[Any] | None = None,
    items: Sequence[Any] | None = None,
    groups: Sequence[Any] | None = None,
    runner: Performs | None = None,
    options: Options | None = None,
    deadline: float | Stop | None = None,
    threads: int | None = None,
) -> Results:
    """Grade rows: an iterable of dicts or `Row`, or columns by keyword.

    `deadline` is a budget in seconds for the whole call, or a Stop that another thread may cancel;
    rows not finished by then are errored.
    Raises ConfigError or UsageError before anything runs, GraderDown when a backend is dead.
    """
    start = time.perf_counter()
    stop = Stop.of(deadline)
    loaded = grader if isinstance(grader, Grader) else load(grader)
    source = rows_of(rows, samples=samples, items=items, groups=groups)
    done = list(stream(loaded, source, runner=runner, options=options, stop=stop, threads=threads))
    return Results(
        grader=loaded,
        scores=join([graded.scores for graded in done]),
        passed=[verdict for graded in done for verdict in graded.passed],
        signature=loaded.signature(options or Options()),
        seconds=time.perf_counter() - start,
    )


async def agrade(
    grader: Any,
    rows: Any = None,
    *,
    samples: Sequence[Any] | None = None,
    items: Sequence[Any] | None = None,
    groups: Sequence[Any] | None = None,
    runner: Performs | None = None,
    options: Options | None = None,
    deadline: float | Stop | None = None,
    threads: int | None = None,
) -> Results:
    """`grade` for code inside an event loop, which goes on meanwhile; cancelling stops the jobs."""
    import asyncio  # only here: it is a tenth of a short run's time

    stop = Stop.of(deadline)
    # A thread of its own: the loop's default executor has few, and a call may wait for its jobs.
    pool = ThreadPoolExecutor(1, thread_name_prefix="graders-agrade")
    try:
        work = partial(
            grade,
            grader,
            rows,
            samples=samples,
            items=items,
            groups=groups,
            runner=runner,
            options=options,
            deadline=stop,
            threads=threads,
        )
        return await asyncio.get_running_loop().run_in_executor(pool, work)
    except asyncio.CancelledError:
        stop.cancel()
        raise
    finally:
        pool.shutdown(wait=False)


def grade_one(grader: Grader, sample: Any, item: Any = None, **options: Any) -> Result:
    """One row, in this thread."""
    rows = [Row(sample, {} if item is None else item)]
    return grade(grader, rows, threads=1, **options)[0]


def run(grader: Any, model_sample: str, item: Any = None, **options: Any) -> Any:
    """`client.fine_tuning.alpha.graders.run` without the service: the SDK's GraderRunResponse."""
    from openai.types.fine_tuning.alpha import GraderRunResponse

    loaded = grader if isinstance(grader, Grader) else load(grader)
    return GraderRunResponse.construct(
        **grade_one(loaded, model_sample, item, **options).to_openai()
    )

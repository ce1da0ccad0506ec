"""Asking a runner: replies as they come, a deadline, and a breaker for a dead backend."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from ..errors import GraderDown, GradersError, RowError, RunnerError, row_error
from ..grader import Job, Reply
from ..stop import Stop

HOPELESS = ("configuration", "unavailable", "server")  # causes that more rows cannot change
BREAKER_ROWS = 50


class Performs(Protocol):
    """What grading needs of a runner."""

    def run(self, jobs: Sequence[Job]) -> AsyncIterator[tuple[int, Reply]]:
        """Perform the jobs; yield the position and reply of each as it is there, in any order."""
        ...


class Breaker:
    """Stops a run when the last asked rows all failed for one hopeless cause."""

    def __init__(self, rows: int = BREAKER_ROWS) -> None:
        self._recent: deque[str | None] = deque(maxlen=rows)

    def note(self, reply: Reply) -> None:
        """Raises GraderDown when it is enough."""
        self._recent.append(reply.cause if isinstance(reply, RowError) else None)
        cause = self._recent[0]
        full = len(self._recent) == self._recent.maxlen
        if full and cause in HOPELESS and len(set(self._recent)) == 1:
            detail = reply.detail if isinstance(reply, RowError) else ""
            raise GraderDown(f"the last {len(self._recent)} asked rows failed: {cause}. {detail}")


async def answers(runner: Performs, jobs: Sequence[Job]) -> AsyncIterator[tuple[int, Reply]]:
    """What the runner yields, if it makes sense. Raises RunnerError otherwise."""
    try:
        async for answer in runner.run(jobs):
            match answer:
                case (int(position), reply) if 0 <= position < len(jobs):
                    yield position, reply
                case _:
                    expected = f"(position, reply) with a position from 0 to {len(jobs) - 1}"
                    raise RunnerError(f"the runner yielded {answer!r:.200}; expected {expected}")
    except GradersError:
        raise
    except Exception as error:
        raise RunnerError(f"the runner failed: {type(error).__name__}: {error}") from error


def ask(
    runner: Performs, jobs: Sequence[Job | None], stop: Stop, breaker: Breaker
) -> list[Reply | None]:
    """A reply for every job, None where there is none; `deadline` errors for what came too late."""
    from .loop import run_until  # brings asyncio, which graders without jobs do without

    places = [i for i, job in enumerate(jobs) if job is not None]
    wanted = [job for job in jobs if job is not None]
    replies: list[Reply | None] = [None] * len(jobs)

    async def collect() -> None:
        async for position, reply in answers(runner, wanted):
            replies[places[position]] = reply
            breaker.note(reply)

    finished = run_until(stop, collect()) if wanted else True
    for i in places:
        if replies[i] is None:
            replies[i] = row_error(
                "deadline", "no reply " + ("was given" if finished else "in time")
            )
    return replies

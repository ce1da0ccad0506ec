from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import pickle
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

import graders
from graders.engine import BATCH_ROWS, stream
from graders.errors import RowError, model_error
from graders.grader import Job, ModelReply, PythonReply, Reply
from graders.stop import Stop

EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
BOTH = {
    "type": "multi",
    "graders": {
        "exact": EXACT,
        "similar": {
            "type": "text_similarity",
            "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}",
            "evaluation_metric": "rouge_l",
        },
    },
    "calculate_output": "0.5 * exact + 0.5 * similar",
}
PYTHON = {"type": "python", "source": "def grade(sample, item):\n    return 1.0\n"}
JUDGE = {
    "type": "score_model",
    "model": "gpt-4o",
    "input": [{"role": "user", "content": "{{item.question}}"}],
}


def rows(n: int) -> list[dict[str, Any]]:
    return [
        {"sample": f"answer {i % 7}", "item": {"answer": f"answer {i % 3}"}, "id": i}
        for i in range(n)
    ]


@pytest.mark.parametrize("n", [0, 1, 2, BATCH_ROWS, BATCH_ROWS + 1, 3 * BATCH_ROWS + 5])
@pytest.mark.parametrize("threads", [1, 3])
def test_results_are_in_the_order_of_the_rows(n: int, threads: int) -> None:
    results = graders.grade(EXACT, rows(n), threads=threads)
    assert results.rewards.tolist() == [float(i % 7 == i % 3) for i in range(n)]
    assert len(results) == n


def test_batches_threads_and_single_rows_give_the_same_bits() -> None:
    given = rows(2500)
    whole = graders.grade(BOTH, given, threads=1)
    threaded = graders.grade(BOTH, given, threads=4)
    assert whole.rewards.tobytes() == threaded.rewards.tobytes()
    grader = graders.load(BOTH)
    singles = [grader(row["sample"], row["item"]).reward for row in given[:50]]
    assert singles == whole.rewards[:50].tolist()


def test_the_path_may_change_after_every_row_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grader = graders.load(BOTH)
    given = [graders.Row(row["sample"], row["item"]) for row in rows(50)]
    monkeypatch.setenv("GRADERS_KERNELS", "plain")
    ref = [grader(row.sample, row.item).reward for row in given]
    for switch in range(51):
        got = []
        for i, row in enumerate(given):
            monkeypatch.setenv("GRADERS_KERNELS", "plain" if i < switch else "compiled")
            got.append(grader(row.sample, row.item).reward)
        assert got == ref


def test_an_errored_row_never_stops_a_batch() -> None:
    given: list[Any] = rows(3)
    given[1] = {"sample": "x", "item": {}}
    results = graders.grade(EXACT, given)
    assert results.outcomes == ["scored", "errored", "scored"]


def test_a_wrong_grader_never_starts_one() -> None:
    def never() -> Any:
        raise AssertionError("a row was read")
        yield

    with pytest.raises(graders.ConfigError):
        graders.grade({"type": "nope"}, never())
    with pytest.raises(graders.ConfigError, match="needs a sandbox"):
        graders.grade(PYTHON, never())


class Runner:
    """Performs jobs by a coroutine function."""

    def __init__(self, perform: Callable[[Job], Any]) -> None:
        self.perform = perform
        self.asked = 0

    async def run(self, jobs: Sequence[Job]) -> AsyncIterator[tuple[int, Reply]]:
        async def one(i: int, job: Job) -> tuple[int, Reply]:
            self.asked += 1
            return i, await self.perform(job)

        tasks = [asyncio.ensure_future(one(i, job)) for i, job in enumerate(jobs)]
        try:
            for task in asyncio.as_completed(tasks):
                yield await task
        finally:
            for pending in tasks:
                pending.cancel()


def test_what_is_not_finished_by_the_deadline_is_errored_and_the_rest_kept() -> None:
    async def slow_for_odd(job: Any) -> Reply:
        await asyncio.sleep(30 if job.item["i"] % 2 else 0)
        return PythonReply(1.0)

    given = [{"sample": "x", "item": {"i": i}} for i in range(10)]
    start = time.monotonic()
    results = graders.grade(PYTHON, given, runner=Runner(slow_for_odd), deadline=1)
    assert time.monotonic() - start < 10
    assert results.outcomes == ["scored", "errored"] * 5
    assert {error.cause for error in results.errors.values()} == {"deadline"}


def test_rows_after_the_deadline_are_errored_not_lost() -> None:
    async def sleep(job: Any) -> Reply:
        await asyncio.sleep(0.2)
        return PythonReply(1.0)

    given = [{"sample": "x", "item": {}} for _ in range(BATCH_ROWS + 10)]
    results = graders.grade(PYTHON, given, runner=Runner(sleep), deadline=0.05, threads=1)
    assert len(results) == len(given)
    assert {error.cause for error in results.errors.values()} == {"deadline"}


@pytest.mark.parametrize("deadline", [0, -1, float("nan")])
def test_a_deadline_is_a_positive_number(deadline: float) -> None:
    with pytest.raises(graders.UsageError, match="deadline"):
        graders.grade(EXACT, rows(1), deadline=deadline)


def test_a_dead_backend_stops_the_run() -> None:
    async def refuse(job: Any) -> Reply:
        return model_error("server", "connection refused")

    runner = Runner(refuse)
    given = [{"sample": "x", "item": {"question": "?"}} for _ in range(5000)]
    with pytest.raises(graders.GraderDown, match="server"):
        graders.grade(JUDGE, given, runner=runner, threads=1)
    assert runner.asked < 2 * BATCH_ROWS


def test_errors_of_single_rows_do_not_stop_the_run() -> None:
    async def sometimes(job: Any) -> Reply:
        if job.messages[0]["content"] == "0":
            return ModelReply('{"steps": [], "result": 1}')
        return model_error("server", "overloaded")

    given = [{"sample": "x", "item": {"question": str(i % 40)}} for i in range(400)]
    results = graders.grade(JUDGE, given, runner=Runner(sometimes))
    assert results.result_counts["scored"] == 10


def test_grading_works_from_any_thread() -> None:
    found: list[list[float]] = []

    def work() -> None:
        found.append(graders.grade(BOTH, rows(20)).rewards.tolist())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(rewards == found[0] for rewards in found)


async def reply_one(job: Any) -> Reply:
    return PythonReply(1.0)


def test_grading_works_inside_a_running_event_loop() -> None:
    async def main() -> tuple[list[float], list[float]]:
        inside = graders.grade(PYTHON, rows(3), runner=Runner(reply_one)).rewards.tolist()
        awaited = await graders.agrade(PYTHON, rows(3), runner=Runner(reply_one))
        return inside, awaited.rewards.tolist()

    assert asyncio.run(main()) == ([1.0] * 3, [1.0] * 3)


def test_two_event_loops_after_each_other_share_the_background_loop() -> None:
    async def main() -> float:
        results = await graders.agrade(PYTHON, rows(1), runner=Runner(reply_one))
        return float(results.rewards[0])

    assert [asyncio.run(main()) for _ in range(3)] == [1.0] * 3


def test_cancelling_agrade_cancels_its_jobs() -> None:
    cancelled = threading.Event()

    async def hang(job: Any) -> Reply:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return PythonReply(1.0)

    async def main() -> None:
        task = asyncio.ensure_future(graders.agrade(PYTHON, rows(1), runner=Runner(hang)))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert cancelled.wait(10)


def test_a_stop_cancels_from_another_thread() -> None:
    async def hang(job: Any) -> Reply:
        await asyncio.sleep(60)
        return PythonReply(1.0)

    stop = Stop()
    threading.Timer(0.2, stop.cancel).start()
    results = graders.grade(PYTHON, rows(3), runner=Runner(hang), deadline=stop)
    assert results.outcomes == ["errored"] * 3


def graded_in_child(queue: Any) -> None:
    rewards = graders.grade(BOTH, rows(100), threads=2).rewards.tolist()
    asked = graders.grade(PYTHON, rows(2), runner=Runner(reply_one)).rewards.tolist()
    queue.put((rewards, asked))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_grading_works_in_a_child_process(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.getcwd(), os.path.abspath("kernels")]))
    ref = graders.grade(BOTH, rows(100)).rewards.tolist()
    graders.grade(PYTHON, rows(1), runner=Runner(reply_one))  # the parent's loop is running
    context: Any = multiprocessing.get_context(method)
    queue = context.Queue()
    child = context.Process(target=graded_in_child, args=(queue,))
    child.start()
    got = queue.get(timeout=120)
    child.join(30)
    assert child.exitcode == 0
    assert got == (ref, [1.0, 1.0])


def test_graders_and_results_pickle() -> None:
    results = graders.grade(BOTH, rows(5))
    copy = pickle.loads(pickle.dumps(results))
    assert copy.rewards.tolist() == results.rewards.tolist()
    assert copy.grader == results.grader
    assert copy[2] == results[2]


def test_columns_by_keyword() -> None:
    results = graders.grade(
        EXACT, samples=["a", "b"], items=[{"answer": "a"}, {"answer": "a"}], groups=[1, 1]
    )
    assert results.rewards.tolist() == [1.0, 0.0]
    with pytest.raises(graders.UsageError):
        graders.grade(EXACT, samples=["a"], items=[])


def test_stream_leaves_no_thread_behind_when_it_is_abandoned() -> None:
    before = threading.active_count()
    given = (graders.Row(row["sample"], row["item"]) for row in rows(5 * BATCH_ROWS))
    batches = stream(graders.load(EXACT), given, threads=2)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_run_answers_like_the_sdk() -> None:
    response = graders.run(grader=EXACT, model_sample="a", item={"answer": "a"})
    assert response.reward == 1.0
    assert response.metadata.name == "exact"
    assert response.metadata.errors.formula_parse_error is False
    failed = graders.run(grader=EXACT, model_sample="a", item={})
    assert failed.reward == 0.0
    assert failed.metadata.errors.invalid_variable_error is True


def test_one_row_is_a_batch_of_one() -> None:
    grader = graders.load(EXACT)
    result = grader(sample="a", item={"answer": "a"})
    assert (result.reward, result.outcome, result.passed) == (1.0, "scored", True)
    assert math.isnan(grader(None, {"answer": "a"}).reward)


def test_rows_that_render_to_much_text_are_graded_in_smaller_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_BATCH_CHARS", "10000")
    grader = {**EXACT, "reference": "{{item.answer}}" * 50}
    given = [{"sample": "ab" * 50, "item": {"answer": "ab" if i % 2 else "cd"}} for i in range(300)]
    given[7] = {"sample": "x", "item": {}}
    results = graders.grade(grader, given)
    assert results.outcomes[7] == "errored"
    expected = [None if i == 7 else float(i % 2) for i in range(300)]
    assert results.tolist(missing=None) == expected


def test_many_agrades_wait_for_their_jobs_at_the_same_time() -> None:
    async def slow(job: Any) -> Reply:
        await asyncio.sleep(0.5)
        return PythonReply(1.0)

    async def main() -> list[str]:
        runner = Runner(slow)
        calls = [graders.agrade(PYTHON, rows(1), runner=runner, deadline=20) for _ in range(60)]
        return [outcome for results in await asyncio.gather(*calls) for outcome in results.outcomes]

    start = time.monotonic()
    assert asyncio.run(main()) == ["scored"] * 60
    assert time.monotonic() - start < 10  # six at a time would take five seconds and more


def test_grading_inside_a_runner_is_refused_rather_than_waiting_for_itself() -> None:
    async def nested(job: Any) -> Reply:
        graders.grade(PYTHON, rows(1), runner=Runner(reply_one))
        return PythonReply(1.0)

    with pytest.raises(graders.RunnerError, match=r"await graders\.agrade"):
        graders.grade(PYTHON, rows(1), runner=Runner(nested))


class Yields:
    """A runner that yields what it was given."""

    def __init__(self, *answers: Any) -> None:
        self.answers = answers

    async def run(self, jobs: Sequence[Job]) -> AsyncIterator[Any]:
        for answer in self.answers:
            yield answer


@pytest.mark.parametrize("answer", [(7, PythonReply(1)), (-1, PythonReply(1)), 5, ("0", None)])
def test_a_runner_that_makes_no_sense_is_named(answer: Any) -> None:
    with pytest.raises(graders.RunnerError, match="the runner yielded"):
        graders.grade(PYTHON, rows(1), runner=Yields(answer))


@pytest.mark.parametrize("error", [KeyError("x"), TimeoutError(), ValueError("y")])
def test_a_runner_that_fails_is_named(error: Exception) -> None:
    async def fail(job: Any) -> Reply:
        raise error

    with pytest.raises(graders.RunnerError, match=type(error).__name__):
        graders.grade(PYTHON, rows(1), runner=Runner(fail))


def test_a_job_without_a_reply_is_errored() -> None:
    results = graders.grade(PYTHON, rows(2), runner=Yields((1, PythonReply(1.0))))
    assert results.outcomes == ["errored", "scored"]


@pytest.mark.parametrize("item", [5, "text", [1]])
def test_an_item_that_is_no_object_is_an_error_of_its_row(item: Any) -> None:
    given = [graders.Row("a", {"answer": "a"}), graders.Row("a", item)]
    results = graders.grade(EXACT, given)
    assert results.outcomes == ["scored", "errored"]
    assert results.errors[1].cause == "row"


@pytest.mark.parametrize(
    "more", [{"deadline": "60"}, {"threads": 0}, {"threads": -1}, {"options": {"clamp": False}}]
)
def test_wrong_arguments_are_usage_errors(more: dict[str, Any]) -> None:
    with pytest.raises(graders.UsageError):
        graders.grade(EXACT, rows(1), **more)


def test_details_are_kept_within_a_limit() -> None:
    long = "x" * 100_000
    reply = RowError("python_grader_runtime_error", "exception", long)
    results = graders.grade(PYTHON, rows(1), runner=Yields((0, reply)))
    assert len(results.errors[0].detail) == 64 << 10
    missing = graders.grade({**EXACT, "reference": "{{item." + long + "}}"}, rows(1))
    assert len(missing.errors[0].detail) <= 64 << 10

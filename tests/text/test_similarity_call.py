"""graders.similarity: what a wrong call is told, and how Ctrl-C ends a right one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graders import metrics as module
from graders.errors import ConfigError, UsageError
from graders.metrics import similarity
from graders.options import Options
from graders.threads import default_threads


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threads": "2"}, "threads is '2'; expected a whole number of at least 1"),
        ({"threads": 1.5}, "threads is 1.5; expected a whole number"),
        ({"inputs": None}, "inputs is NoneType; expected a list of str"),
        ({"references": 3}, "references is int; expected a list of str"),
        ({"metric": ["bleu"]}, "metric is list; expected the name of one metric"),
        ({"metric": None}, "metric is NoneType"),
        ({"options": {"fuzzy": "ratio"}}, "options is dict; expected graders.Options"),
        ({"options": {}}, "options is dict; expected graders.Options"),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(arguments: dict[str, Any], message: str) -> None:
    right: dict[str, Any] = {"metric": "bleu", "inputs": ["a"], "references": ["a"]}
    with pytest.raises(UsageError, match=message):
        similarity(**{**right, **arguments})


@pytest.mark.parametrize("digits", [10, 5000])
def test_a_number_of_threads_that_no_machine_has_is_refused_in_few_words(
    digits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADERS_THREADS", "9" * digits)
    with pytest.raises(ConfigError, match=r"GRADERS_THREADS is '9+…?'; expected a whole") as error:
        default_threads()
    assert len(str(error.value)) < 200


def test_an_interrupt_stops_the_parts_in_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    running = threading.Barrier(2)
    heard: list[bool] = []

    def interrupted(
        metrics: list[str],
        inputs: list[str],
        references: list[str],
        options: Options,
        stop: Callable[[], bool],
    ) -> dict[str, NDArray[np.float64]]:
        """The first part is interrupted once the second runs, which ends when it is told to."""
        if inputs == ["first"]:
            running.wait(10)
            raise KeyboardInterrupt
        running.wait(10)
        ended = threading.Event()
        for _ in range(1000):
            if stop():
                heard.append(True)
                break
            ended.wait(0.01)
        return {"bleu": np.zeros(len(inputs))}

    monkeypatch.setattr(module, "similarities", interrupted)
    monkeypatch.setattr(module, "PARALLEL_CHARACTERS", 1)
    monkeypatch.setattr(module, "CHUNKS_PER_THREAD", 1)
    with pytest.raises(KeyboardInterrupt):
        similarity("bleu", ["first", "other"], ["first", "other"], threads=2)
    assert heard == [True]

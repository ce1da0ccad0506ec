"""How many threads a process takes by default."""

from __future__ import annotations

import os

import pytest

from graders import threads
from graders.errors import ConfigError
from graders.threads import SHARES, default_threads


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "processors", lambda: 8)
    for name in ("GRADERS_THREADS", *SHARES):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, 8),
        ({"LOCAL_WORLD_SIZE": "4"}, 2),
        ({"LOCAL_WORLD_SIZE": "3"}, 2),
        ({"LOCAL_WORLD_SIZE": "64"}, 1),
        ({"SLURM_NTASKS_PER_NODE": "2"}, 4),
        ({"SLURM_NTASKS_PER_NODE": "2(x3)"}, 4),
        ({"OMPI_COMM_WORLD_LOCAL_SIZE": "8"}, 1),
        ({"LOCAL_WORLD_SIZE": "2", "SLURM_NTASKS_PER_NODE": "8"}, 4),
        ({"GRADERS_THREADS": "5", "LOCAL_WORLD_SIZE": "8"}, 5),
        ({"GRADERS_THREADS": ""}, 8),
    ],
)
def test_processors_are_shared_with_sibling_processes(
    environment: dict[str, str], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_threads() == expected


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "٣"])
@pytest.mark.parametrize("name", ["GRADERS_THREADS", "LOCAL_WORLD_SIZE"])
def test_a_value_that_is_no_number_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"{name} is '{value}'; expected a whole number above 0"):
        default_threads()


@pytest.fixture
def real_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()


def test_there_is_at_least_one_processor(real_processors: None) -> None:
    assert threads.processors() >= 1


def test_systems_without_affinity_count_all_processors(
    real_processors: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert threads.processors() == (os.cpu_count() or 1)

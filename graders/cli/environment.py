"""The variables of the environment that mean something here, looked at before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..dispatch import mode
from ..errors import ConfigError, Problem
from ..limits import check_all
from ..settings import sandbox_of_environment
from ..threads import default_threads

CHECKS: Sequence[Callable[[], Any]] = (check_all, default_threads, mode, sandbox_of_environment)


def problems() -> list[Problem]:
    """Everything that is wrong with the environment."""
    found: list[Problem] = []
    for check in CHECKS:
        try:
            check()
        except ConfigError as error:
            found += map(named, error.problems)
    return found


def refuse_wrong() -> None:
    """Raises ConfigError with everything that is wrong with the environment."""
    if found := problems():
        raise ConfigError(found, source="environment")


def named(problem: Problem) -> Problem:
    """The problem with its variable in the place of a path; messages may begin with it."""
    if problem.path != "$":
        return problem
    variable, _, message = problem.message.partition(" ")
    return replace(problem, path=variable, message=message)

"""Stopping within a pair: `stop` is asked now and then by what may take long."""

from __future__ import annotations

from collections.abc import Callable

Stop = Callable[[], bool]


class Interrupted(Exception):
    """`stop` became true before a pair was scored."""


def go_on(stop: Stop | None) -> None:
    """Raise Interrupted once `stop` returns true."""
    if stop is not None and stop():
        raise Interrupted

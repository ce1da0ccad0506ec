"""Where rows may be written: never over something that the run reads, and surely to the end."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import click

STDIN = "-"


def meta_of(output: str) -> str:
    """The file of the run facts."""
    return f"{output}.meta.json"


def refuse_output(output: str | None, inputs: Mapping[str, str], *, force: bool) -> None:
    """Raises click.UsageError if OUT is an input (path -> what it is), or may not be written."""
    if output is None:
        if force:
            raise click.UsageError("--force replaces OUT; name it with -o")
        return
    found = status_of(output, f"-o {output}")
    if not output or output.endswith(os.sep) or (found and stat.S_ISDIR(found.st_mode)):
        what = f"-o {output} is a folder" if output else "-o is empty"
        raise click.UsageError(f"{what}; name a file{' in it' if output else ''}")
    folder = Path(output).parent
    if not os.path.isdir(folder):
        raise click.UsageError(f"-o {output}: there is no folder {folder}")
    if found and not stat.S_ISREG(found.st_mode):
        return  # a pipe or a device: it has no run facts, and nothing in it can be lost
    meta = status_of(meta_of(output), f"-o {output}: {meta_of(output)}")
    for name, status in ((output, found), (meta_of(output), meta)):
        if what := input_that_is(status, inputs):
            label = f"-o {output}" if name == output else f"-o {output}: {name}"
            raise click.UsageError(f"{label} is {what}; name another")
    if meta and not stat.S_ISREG(meta.st_mode):
        raise click.UsageError(f"-o {output}: {meta_of(output)} is no file; move it away")
    if not force:
        for name, status in ((output, found), (meta_of(output), meta)):
            if status:
                raise click.UsageError(f"{name} exists; --force replaces it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.UsageError(f"-o {output}: the folder {folder} cannot be written")


def refuse_stdout(inputs: Mapping[str, str]) -> None:
    """Raises click.UsageError if rows that go to standard output would end in an input."""
    if what := input_that_is(status_of_number(1), inputs):
        raise click.UsageError(f"standard output is {what}; send it to another file")


def input_that_is(status: os.stat_result | None, inputs: Mapping[str, str]) -> str:
    """What the regular file of that status is to the run, "" if nothing."""
    if status is None or not stat.S_ISREG(status.st_mode):
        return ""
    for name, what in inputs.items():
        try:
            own = status_of_number(0) if name == STDIN else os.stat(name)
        except (OSError, ValueError):  # reading it will say so
            continue
        if own is not None and os.path.samestat(status, own):
            return f"{what} on standard input" if name == STDIN else what
    return ""


def status_of(path: str, label: str) -> os.stat_result | None:
    """The status of a file, None if there is none. Raises click.UsageError if that is unknown."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(f"{label}: {reason[:1].lower()}{reason[1:]}") from None


def status_of_number(number: int) -> os.stat_result | None:
    """The status of an open file, None if it is closed, or if Python has no stream for it."""
    if (sys.stdin, sys.stdout)[number] is None:
        return None
    try:
        return os.fstat(number)
    except OSError:
        return None

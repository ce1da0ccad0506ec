"""`grade`, the command line: one file for each command, thin over the public calls.

A command is imported when it is called, and what it works with when its arguments are known to
make sense: help needs click alone.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from .interrupts import Interrupts

# What keeps the start short, unless the environment says otherwise.
DEFAULTS = {
    # numpy's linear algebra starts a thread for each processor; nothing here multiplies matrices
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # pydantic reads the entry points of every installed package in search of plugins
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}

# command -> (the module that has it as `command`, what help says)
COMMANDS = {
    "run": ("run", "Grade the rows of files."),
    "validate": ("validate", "Check grader files and say what they are."),
    "init": ("init", "Write a starter grader."),
    "schema": ("schema", "Print the JSON Schema of graders."),
    "doctor": ("doctor", "Show versions, kernels and settings, for bug reports."),
    "warmup": ("warmup", "Compile the kernels now, for images and cold machines."),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run `grade` with these arguments, those of the process by default; the exit status."""
    open_standard_streams()
    if argv is None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):  # file names may hold what it cannot encode
                stream.reconfigure(errors="backslashreplace")
    gc.set_threshold(500_000)  # imports and short runs leave no garbage worth the search
    for variable, value in DEFAULTS.items():
        os.environ.setdefault(variable, value)
    with Interrupts(restore=argv is not None) as interrupts:
        try:
            from .shell import execute

            return execute(sys.argv[1:] if argv is None else argv, interrupts)
        except KeyboardInterrupt:  # before any command ran
            return interrupts.status


def open_standard_streams() -> None:
    """Let what was closed (`>&-`) be /dev/null, so that no file of ours takes its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nothing, "w", encoding="utf-8"))

"""From arguments to an exit status: the click group, and what each kind of failure says."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import click

from .. import __version__
from ..errors import ConfigError, GraderDown, GradersError
from . import COMMANDS
from .interrupts import Interrupts
from .text import safe

DONE, UNMET, USAGE, UNSCORED, UNFINISHED = 0, 1, 2, 3, 4
HUNG_UP, INTERRUPTED, BROKEN_PIPE, ENDED = 129, 130, 141, 143  # 128 and the signal

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Unfinished(Exception):
    """The command could not finish; the message is the one line that says why."""


class Interrupted(Exception):
    """Ctrl-C, after everything was put in order; the message is the one line to print."""


class Commands(click.Group):
    """The table COMMANDS as a click group that imports a command when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, context_settings=CONTEXT)
@click.version_option(__version__, "-V", "--version", message="graders %(version)s")
def grade() -> None:
    """Run OpenAI-style graders on your own rows.

    Exit status: 0 done, 1 a gate or check was not met, 2 wrong usage or configuration, 3 some rows
    have no score, 4 could not finish, 130 interrupted, 141 broken pipe.
    """


def execute(arguments: Sequence[str], interrupts: Interrupts) -> int:
    """Run one command; every failure becomes a line on stderr and its exit status."""
    if "_GRADE_COMPLETE" in os.environ:
        grade.main(prog_name="grade")
    try:
        status = call(list(arguments), interrupts)
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        status = BROKEN_PIPE
    except OSError as error:
        status = say(UNFINISHED, f"cannot write: {error.strerror}")
        silence(sys.stdout)
    try:
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)
    return status


def call(arguments: list[str], interrupts: Interrupts) -> int:
    """The status of the command. Raises OSError alone."""
    try:
        with grade.make_context("grade", arguments, obj=interrupts) as context:
            status = grade.invoke(context)
            return int(status or DONE)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return USAGE
    except click.ClickException as error:
        return say(USAGE, usage(error))
    except ConfigError as error:
        return say(USAGE, str(error))
    except (KeyboardInterrupt, click.Abort):
        return say(interrupts.status, "interrupted")
    except Interrupted as error:
        return say(interrupts.status, str(error))
    except (Unfinished, GraderDown) as error:
        return say(UNFINISHED, str(error))
    except GradersError as error:
        return say(USAGE, str(error))
    except MemoryError:
        return say(UNFINISHED, "out of memory")
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        return say(UNFINISHED, f"{error.filename or 'cannot write'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return say(UNFINISHED, bug(error, verbose=bool({"-v", "--verbose"} & {*arguments})))


def usage(error: click.ClickException) -> str:
    """One line for a usage error, with the command it belongs to and where help is."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "grade"
    text = error.format_message()
    text = text[:1].lower() + text[1:] if text[1:2].islower() else text
    return f"{path}: {text.rstrip('.')}\nHelp: {path} --help"


def bug(error: Exception, *, verbose: bool) -> str:
    """One line for an exception that should not have happened."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    line = f"bug in graders: {type(error).__name__} at {where}, please report"
    if verbose:
        return "".join(traceback.format_exception(error)) + line
    return f"{line} (-v shows where it came from)"


def say(status: int, text: str) -> int:
    """Print the text to stderr; the status."""
    try:
        click.echo(safe(text), err=True)
    except OSError:  # nobody listens
        silence(sys.stderr)
    return status


def silence(stream: object) -> None:
    """Let what is left in a dead stream's buffer go nowhere when the interpreter flushes it."""
    number: Callable[[], int] | None = getattr(stream, "fileno", None)
    try:
        if number is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number())
    except (OSError, ValueError):
        pass

"""Help, the table of commands, and what each command needs before it does anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from graders import __version__
from graders.cli import COMMANDS, main
from graders.cli.run import command as run_command

from .conftest import Grade

HEAVY = {"numpy", "pydantic", "rich", "numba", "orjson", "openai", "jinja2", "rapidfuzz"}


def test_help_lists_every_command_with_its_sentence(grade: Grade) -> None:
    done = grade("--help")
    assert done.status == 0
    for name, (_, sentence) in COMMANDS.items():
        assert f"  {name}" in done.out
        assert sentence in done.out


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(grade: Grade, name: str) -> None:
    done = grade(name, "--help")
    assert done.status == 0
    assert done.out.startswith(f"Usage: grade {name} ")
    assert COMMANDS[name][1].rstrip(".").split()[0] in done.out
    assert max(map(len, done.out.splitlines())) <= 100


def test_every_option_of_run_is_explained_in_one_sentence() -> None:
    for parameter in run_command.params:
        if parameter.param_type_name == "option":
            text = getattr(parameter, "help", None)
            assert text, parameter.name
            assert text.endswith("."), parameter.name


def test_the_flags_of_run_are_those_of_the_contract() -> None:
    flags = {flag for p in run_command.params for flag in p.opts if flag.startswith("-")}
    assert flags == {
        "-o", "--output", "--sample-field", "--criterion", "--option", "--limit", "--group", "--by",
        "--compare", "--include", "--config", "--deadline", "--threads", "--fail-under",
        "--min-pass-rate", "--max-errored", "--force", "--summary", "-q", "--quiet", "-v",
        "--verbose",
    }  # fmt: skip


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_one_line(grade: Grade, flag: str) -> None:
    done = grade(flag)
    assert (done.status, done.out) == (0, f"graders {__version__}\n")


@pytest.mark.parametrize("argv", [[], ["run"], ["validate"], ["init"]])
def test_no_arguments_show_help_and_fail(grade: Grade, argv: list[str]) -> None:
    done = grade(*argv)
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("Usage: grade")


def test_a_wrong_command_is_one_line(grade: Grade) -> None:
    done = grade("rum", "x.json")
    assert done.status == 2
    assert done.err.startswith("grade: no such command 'rum'")
    assert done.err.endswith("Help: grade --help\n")


@pytest.mark.parametrize("argv", [["--help"], ["run", "--help"], ["doctor", "--help"], ["-V"]])
def test_help_imports_nothing_but_click(
    fresh_python: Callable[..., CompletedProcess[str]], argv: list[str]
) -> None:
    code = f"""
import json, sys
from graders.cli import main
status = main({argv!r})
print(json.dumps([status, list(sys.modules)]))
"""
    status, modules = json.loads(fresh_python(code).stdout.splitlines()[-1])
    assert status == 0
    assert not HEAVY & set(modules)


def test_completion_names_the_commands(fresh_python: Callable[..., CompletedProcess[str]]) -> None:
    code = "import sys; from graders.cli import main; sys.exit(main())"
    env = {"_GRADE_COMPLETE": "bash_complete", "COMP_WORDS": "grade ", "COMP_CWORD": "1"}
    done = fresh_python("-c", code, env=env)
    assert [line.split(",")[1] for line in done.stdout.split()] == list(COMMANDS)


def test_main_returns_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "nothing.json"]) == 2
    assert main(["schema"]) == 0
    capsys.readouterr()

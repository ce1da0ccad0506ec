"""Standard streams that are closed, or that cannot encode what is to be said."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import EXACT, PROGRAM, ROWS, environment

Files = Callable[..., Path]


def shell(redirect: str, *argv: object, **env: str) -> subprocess.CompletedProcess[bytes]:
    """`grade` with these arguments in a shell that closes or redirects streams."""
    return subprocess.run(
        ["sh", "-c", f'"$@" {redirect}', "sh", *PROGRAM, *map(str, argv)],
        capture_output=True, env=environment(**env), timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("redirect", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_bug(exact: Path, rows: Path, redirect: str) -> None:
    done = shell(redirect, "run", exact, rows, "-o", "out.jsonl")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(Path("out.jsonl").read_bytes().splitlines()) == 4
    assert json.loads(Path("out.jsonl.meta.json").read_text())["complete"] is True
    assert shell(redirect, "run", exact, rows).returncode == 0
    assert shell(redirect, "run", exact, "none.jsonl").returncode == 2
    assert shell(redirect, "doctor").returncode == 0
    assert shell(redirect, "--help").returncode == 0


def test_closed_standard_input_is_said(exact: Path) -> None:
    done = shell("<&-", "run", exact, "-")
    assert done.returncode == 2
    assert b"standard input is closed" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8:strict", "cp1252", "ascii:strict"])
def test_what_cannot_be_encoded_is_escaped(exact: Path, files: Files, encoding: str) -> None:
    name = os.fsdecode(b"\xff.jsonl")
    Path(name).write_text("".join(json.dumps(line) + "\n" for line in ROWS))
    for argv in (["-o", "out.jsonl", "--force"], ["--summary", "json"], []):
        done = shell("", "run", exact, name, *argv, PYTHONIOENCODING=encoding)
        assert done.returncode == 0, done.stderr
    done = shell("", "run", exact, os.fsdecode(b"\xfe.jsonl"), PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (2, b"\\udcfe.jsonl: no such file or directory\n")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_json_is_utf_8_whatever_the_terminal(files: Files, encoding: str) -> None:
    name = "\u00e9\u2192\U0001f600\x81"
    grader = files("g.json", {**EXACT, "name": name})
    data = files("rows.jsonl", ROWS)
    argv = ["run", grader, data, "-o", "out.jsonl", "--force", "--summary", "json"]
    facts = json.loads(shell("", *argv, PYTHONIOENCODING=encoding).stdout)
    assert facts["grader"]["name"] == name
    report = shell("", "validate", grader, "--format", "json", PYTHONIOENCODING=encoding).stdout
    assert json.loads(report)["graders"][0]["name"] == name

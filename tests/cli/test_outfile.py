"""What a run writes never replaces what it reads, and can be written to the end."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import PROGRAM, Grade, environment, process

Files = Callable[..., Path]


def test_the_file_on_standard_input_is_never_replaced(exact: Path, rows: Path) -> None:
    before = rows.read_bytes()
    os.link(rows, "link.jsonl")
    for out in (rows, "./rows.jsonl", "link.jsonl"):
        with rows.open("rb") as given:
            done = process("run", exact, "-", "-o", out, "--force", stdin=given)
        assert done.returncode == 2
        words = f"-o {out} is a rows file on standard input; name another\n"
        assert done.stderr.decode().startswith(f"grade run: {words}")
        assert rows.read_bytes() == before


@pytest.mark.parametrize("given", ["rows.jsonl", "-"])
def test_rows_are_never_appended_to_what_is_read(exact: Path, rows: Path, given: str) -> None:
    before = rows.read_bytes()
    with rows.open("rb") as stdin, rows.open("ab") as stdout:
        done = subprocess.run(
            [*PROGRAM, "run", str(exact), given, "-q"],
            stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env=environment(), timeout=60,
            check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(b"grade run: standard output is a rows file")
    assert rows.read_bytes() == before


def test_a_pipe_and_a_device_may_be_both_ends(exact: Path, rows: Path) -> None:
    done = process("run", exact, "-", "-q", input=rows.read_bytes())
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4)
    assert process("run", exact, rows, "-o", "/dev/null", "-q").returncode == 0


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["exact.json", "out.meta.json", "-o", "out"], "a rows file"),
        (["out.meta.json", "rows.jsonl", "-o", "out"], "the grader"),
        (["exact.json", "rows.jsonl", "--config", "out.meta.json", "-o", "out"], "the settings"),
    ],
)
def test_run_facts_never_replace_an_input(
    grade: Grade, files: Files, exact: Path, rows: Path, argv: list[str], what: str
) -> None:
    content = {"a rows file": rows, "the grader": exact}
    text = content[what].read_text() if what in content else "[run]\ndeadline = 60\n"
    files("out.meta.json", text)
    for force in ([], ["--force"]):
        done = grade("run", *argv, *force)
        assert done.status == 2
        assert f"-o out: out.meta.json is {what}" in done.err
    assert Path("out.meta.json").read_text() == text
    assert not Path("out").exists()


def test_the_settings_file_is_not_replaced(grade: Grade, exact: Path, rows: Path) -> None:
    Path("grade.toml").write_text("[run]\ndeadline = 60\n")
    done = grade("run", exact, rows, "-o", "grade.toml", "--force")
    assert done.status == 2
    assert "-o grade.toml is the settings file; name another" in done.err
    assert Path("grade.toml").read_text()


def test_run_facts_that_are_there_need_force(grade: Grade, exact: Path, rows: Path) -> None:
    Path("out.meta.json").write_text("mine")
    done = grade("run", exact, rows, "-o", "out")
    assert done.status == 2
    assert "out.meta.json exists; --force replaces it" in done.err
    assert Path("out.meta.json").read_text() == "mine"
    assert grade("run", exact, rows, "-o", "out", "--force").status == 0
    assert json.loads(Path("out.meta.json").read_text())["complete"] is True


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("", "-o is empty"),
        ("new/", "-o new/ is a folder"),
        ("n" * 250, "file name too long"),
        ("n" * 300, "file name too long"),
        ("taken", "taken.meta.json is no file"),
        ("rows.jsonl/out", "there is no folder rows.jsonl"),
    ],
)
def test_a_name_that_would_fail_at_the_end_is_refused_at_the_start(
    grade: Grade, exact: Path, rows: Path, out: str, words: str
) -> None:
    Path("taken.meta.json").mkdir()
    done = grade("run", exact, rows, "-o", out)
    assert (done.status, done.out) == (2, "")
    assert words in done.err
    assert not list(Path().glob("n*"))


def test_a_name_as_long_as_can_be_is_written(grade: Grade, exact: Path, rows: Path) -> None:
    out = "n" * (255 - len(".meta.json"))
    assert grade("run", exact, rows, "-o", out).status == 0
    assert json.loads(Path(f"{out}.meta.json").read_text())["complete"] is True


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_folders_that_may_not_be_used_are_wrong_usage(
    grade: Grade, exact: Path, rows: Path
) -> None:
    for name, mode in (("closed", 0), ("readonly", 0o555)):
        Path(name).mkdir()
        Path(name).chmod(mode)
    assert grade("run", "closed/g.json", rows).status == 2
    assert grade("run", exact, "closed/rows.jsonl").status == 2
    assert grade("run", exact, rows, "-o", "closed/out").status == 2
    assert grade("run", exact, rows, "-o", "readonly/out").status == 2
    assert grade("validate", "closed/g.json").status == 2


def test_a_dash_is_standard_output(grade: Grade, exact: Path, rows: Path) -> None:
    done = grade("run", exact, rows, "-o", "-")
    assert (done.status, [r["row"] for r in done.rows]) == (0, [0, 1, 2, 3])
    assert "4 rows in" in done.err
    assert sorted(os.listdir()) == ["exact.json", "rows.jsonl"]


def test_empty_names_and_graders_from_standard_input_are_refused(
    grade: Grade, exact: Path, rows: Path
) -> None:
    assert "GRADER is empty" in grade("run", "", rows).err
    assert "an empty name among the rows files" in grade("run", exact, "").err
    for done in (grade("run", "-", rows), grade("validate", "-")):
        assert done.status == 2
        assert "- is no grader; write it to a file, and name that" in done.err


def test_a_starter_needs_a_name_and_room(grade: Grade) -> None:
    done = grade("init", "multi", "-o", "")
    assert (done.status, "-o is empty" in done.err) == (2, True)
    if Path("/dev/full").exists():
        done = grade("init", "multi", "-o", "/dev/full", "--force")
        assert (done.status, done.err) == (4, "/dev/full: No space left on device\n")

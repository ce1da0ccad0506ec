"""How a run may end: Ctrl-C, a closed pipe, a full disk, an input that vanishes, a terminal."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import resource
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.cli import main
from graders.rows import reader

from .conftest import PROGRAM, Grade, environment, many, process, start

Files = Callable[..., Path]

MOMENTS = 30
ROWS = 8_000


def valid(path: Path) -> int:
    """The number of rows in a file of whole lines, numbered from 0."""
    data = path.read_bytes()
    assert data.endswith(b"\n") or not data
    numbers = [json.loads(line)["row"] for line in data.splitlines()]
    assert numbers == list(range(len(numbers)))
    return len(numbers)


def interrupt(argv: list[Any], after: float) -> subprocess.Popen[bytes]:
    """Start, say when `main` has begun, send SIGINT after so many seconds, wait for the end."""
    code = "import os, sys; from graders.cli import main; os.write(1, b'.'); sys.exit(main())"
    running = subprocess.Popen(
        [PROGRAM[0], "-c", code, *map(str, argv)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(GRADERS_KERNELS="plain"),
    )
    assert running.stdout is not None
    running.stdout.read(1)
    time.sleep(after)
    running.send_signal(signal.SIGINT)
    return running


def test_ctrl_c_at_any_moment_leaves_whole_lines(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", list(many(ROWS)))
    begin = time.monotonic()
    assert process("run", multi, data, "-o", "all.jsonl").returncode == 3
    length = time.monotonic() - begin
    moment = random.Random(7)
    interrupted = 0
    for i in range(MOMENTS):
        out = Path(f"out{i}.jsonl")
        running = interrupt(["run", multi, data, "-o", out], moment.uniform(0.0, 1.1 * length))
        _, err = running.communicate(timeout=60)
        written = valid(out) if out.exists() else 0
        text = err.decode()
        assert "Traceback" not in text, text
        if running.returncode == 3:  # it was faster
            assert written == ROWS
            continue
        interrupted += 1
        assert running.returncode == 130, text
        assert len(text.splitlines()) <= 1, text
        if out.exists():
            assert f"{written:,} row" in text
            facts = json.loads(Path(f"{out}.meta.json").read_text())
            assert facts["complete"] is False or written == ROWS
            assert facts["rows"]["total"] == written
    assert interrupted >= MOMENTS // 3


def test_ctrl_c_while_standard_input_is_silent(multi: Path) -> None:
    running = start("run", multi, "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    time.sleep(1.5)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out) == (130, b"")
    assert err.decode() in ("interrupted; no row was graded\n", "interrupted\n")


def test_ctrl_c_inside_a_run_is_one_line(
    grade: Grade, multi: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = reader.Intake.rows

    def rows(self: Any, value: Any, line: int | None = None, size: int = 0) -> Any:
        if line == 5000:
            signal.raise_signal(signal.SIGINT)
        return original(self, value, line, size)

    monkeypatch.setattr(reader.Intake, "rows", rows)
    data = files("rows.jsonl", list(many(8000)))
    done = grade("run", multi, data, "-o", "out.jsonl", "--threads", 1)
    assert (done.status, done.out) == (130, "")
    assert done.err == "interrupted; 4,096 rows written to out.jsonl\n"
    assert valid(Path("out.jsonl")) == 4096


def test_the_handler_of_ctrl_c_is_put_back(grade: Grade, multi: Path, rows: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    grade("run", multi, rows)
    grade("run", multi, rows, "-o", "out.jsonl")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_ctrl_c_that_a_finalizer_swallowed_still_counts(
    grade: Grade, multi: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Finalized:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    original = reader.Intake.rows

    def rows(self: Any, value: Any, line: int | None = None, size: int = 0) -> Any:
        if line == 5000:
            Finalized()
        return original(self, value, line, size)

    monkeypatch.setattr(reader.Intake, "rows", rows)
    data = files("rows.jsonl", list(many(8000)))
    done = grade("run", multi, data, "-o", "out.jsonl", "--threads", 1)
    assert (done.status, done.out) == (130, "")
    assert done.err == "interrupted; 4,096 rows written to out.jsonl\n"


def test_a_job_in_the_background_ignores_ctrl_c(
    grade: Grade, multi: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = reader.Intake.rows

    def rows(self: Any, value: Any, line: int | None = None, size: int = 0) -> Any:
        signal.raise_signal(signal.SIGINT)
        return original(self, value, line, size)

    monkeypatch.setattr(reader.Intake, "rows", rows)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert grade("run", multi, files("rows.jsonl", list(many(9)))).status == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_reader_that_has_seen_enough_is_no_error(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", list(many(ROWS)))
    running = start("run", multi, data, stdout=subprocess.PIPE)
    assert running.stdout is not None
    assert json.loads(running.stdout.readline())["row"] == 0
    running.stdout.close()
    assert running.stderr is not None
    err = running.stderr.read()
    running.stderr.close()
    assert (running.wait(60), err) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_one_line(multi: Path, rows: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = process("run", multi, rows, stdout=full, capture_output=False, stderr=-1)
    assert done.returncode == 4
    assert done.stderr.decode().splitlines() == [
        "the output: No space left on device; the output is cut short"
    ]
    done = process("run", multi, rows, "-o", "/dev/full")
    assert done.returncode == 4
    assert done.stderr.decode() == ("/dev/full: No space left on device; the output is cut short\n")
    assert not Path("/dev/full.meta.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("argv", [["schema"], ["doctor"], ["--help"], ["init", "multi", "-o", "-"]])
def test_no_command_shows_a_traceback_when_it_cannot_print(argv: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = process(*argv, stdout=full, capture_output=False, stderr=subprocess.PIPE)
    assert done.returncode == 4
    assert b"Traceback" not in done.stderr
    assert b"No space left on device" in done.stderr


def test_an_input_that_vanishes_is_one_line_and_keeps_what_was_written(
    grade: Grade, multi: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = files("first.jsonl", list(many(3000)))
    second = files("second.jsonl", list(many(10)))
    original = reader.Intake.rows

    def rows(self: Any, value: Any, line: int | None = None, size: int = 0) -> Any:
        if line == 2000:
            second.unlink(missing_ok=True)
        return original(self, value, line, size)

    monkeypatch.setattr(reader.Intake, "rows", rows)
    done = grade("run", multi, first, second, "-o", "out.jsonl", "--threads", 1)
    assert (done.status, done.out) == (4, "")
    assert done.err == "second.jsonl: No such file or directory\n"
    assert valid(Path("out.jsonl")) == 2048


def test_a_bug_is_one_line_and_verbose_shows_where(
    grade: Grade, multi: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret row text")

    monkeypatch.setattr("graders.cli.job.result_lines", broken)
    done = grade("run", multi, rows)
    assert done.status == 4
    assert re.fullmatch(
        r"bug in graders: ZeroDivisionError at test_endings.py:\d+, please report "
        r"\(-v shows where it came from\)\n",
        done.err,
    )
    verbose = grade("run", multi, rows, "-v")
    assert verbose.status == 4
    assert "Traceback" in verbose.err
    assert "broken" in verbose.err


def test_running_out_of_memory_is_one_line(
    grade: Grade, multi: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("graders.cli.job.result_lines", greedy)
    done = grade("run", multi, rows)
    assert (done.status, done.err) == (4, "out of memory\n")


def test_no_argument_is_too_strange(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "x.json", "\0", "-o", "\0"]) in (2, 4)
    assert "Traceback" not in capfd.readouterr().err


# On a terminal


def on_terminal(*argv: object, columns: int = 80, **env: str) -> tuple[int, str]:
    """The status and everything that a terminal of that width is sent."""
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the child becomes grade
        size = {"COLUMNS": str(columns), "LINES": "40", "TERM": "xterm-256color"}
        os.execve(PROGRAM[0], [*PROGRAM, *map(str, argv)], dict(environment(**size, **env)))
    sent = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        sent += data
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), sent.decode().replace("\r\n", "\n")


def test_a_terminal_shows_the_summary_and_the_first_five_rows(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", list(many(9)))
    status, sent = on_terminal("run", multi, data)
    assert status == 0
    table, summary = sent.split("\n\n")
    assert table.splitlines()[0] == "row  reward  exact  similar  output"
    assert [line.split()[0] for line in table.splitlines()[1:]] == ["0", "1", "2", "3", "4"]
    assert summary.startswith('multi.json  multi "quality"   9 rows in ')
    assert '{"row"' not in sent
    assert "\x1b" not in sent, "no colour, no cursor movements in a short run"


@pytest.mark.parametrize("columns", [50, 72, 100, 200])
def test_lines_fit_the_terminal(multi: Path, files: Files, columns: int) -> None:
    rows = [{**line, "note": "n" * 30 + str(i)} for i, line in enumerate(many(40))]
    data = files("rows.jsonl", rows)
    _, sent = on_terminal("run", multi, data, "--by", "note", "--compare", "step", columns=columns)
    assert max(len(line) for line in sent.splitlines()) <= columns


def test_a_long_run_shows_a_bar_that_goes_away(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", list(many(2000)) * 40)
    status, sent = on_terminal(
        "run", multi, data, "-o", "out.jsonl", columns=100, GRADERS_KERNELS="plain"
    )
    assert status == 3
    assert re.search(r"[\d,]+ rows .* +\d+%.*[\d,]+ rows/s", sent)
    assert sent.rstrip().endswith(("wide", "null", "rows", "100"))


def test_no_color_is_respected_by_the_bar(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", list(many(2000)) * 40)
    _, sent = on_terminal("run", multi, data, GRADERS_KERNELS="plain", NO_COLOR="1")
    assert "rows/s" in sent
    assert not re.search(r"\x1b\[[0-9;]*3[0-9][0-9;]*m", sent)


def test_quiet_shows_no_bar(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", list(many(2000)) * 10)
    _, sent = on_terminal("run", multi, data, "-q", "-o", "out.jsonl", GRADERS_KERNELS="plain")
    assert sent == ""


def test_ctrl_c_on_a_terminal_takes_the_bar_away(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", list(many(2000)) * 80)
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the child becomes grade
        env = dict(environment(TERM="xterm", GRADERS_KERNELS="plain"))
        os.execve(PROGRAM[0], [*PROGRAM, "run", str(multi), str(data), "-o", "o.jsonl"], env)
    sent = b""
    asked = False
    while select.select([terminal], [], [], 60)[0]:
        try:
            sent += os.read(terminal, 65536)
        except OSError:
            break
        if b"rows/s" in sent and not asked:
            os.write(terminal, b"\x03")
            asked = True
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    assert re.search(rb"interrupted; [\d,]+ rows written to o.jsonl", sent)
    assert b"Traceback" not in sent
    assert sent.count(b"\x1b[?25l") == sent.count(b"\x1b[?25h"), "the cursor is shown again"
    valid(Path("o.jsonl"))


# The output and its facts


def facts_of(out: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(Path(f"{out}.meta.json").read_text())
    return facts


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_asked_to_end_leaves_true_facts(
    multi: Path, files: Files, number: signal.Signals
) -> None:
    data = files("rows.jsonl", list(many(ROWS)) * 20)
    Path("out.jsonl.meta.json").write_text('{"complete": true}')
    running = start(
        "run", multi, data, "-o", "out.jsonl", "--force", env=environment(GRADERS_KERNELS="plain")
    )
    out = Path("out.jsonl")
    while not out.exists() or not out.stat().st_size:
        time.sleep(0.01)
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 128 + number
    written = valid(out)
    assert err.decode() == f"interrupted; {written:,} rows written to out.jsonl\n"
    assert facts_of("out.jsonl")["complete"] is False
    assert facts_of("out.jsonl")["rows"]["total"] == written


def test_a_run_that_is_killed_leaves_no_facts_of_another_run(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", list(many(ROWS)) * 20)
    Path("out.jsonl.meta.json").write_text('{"complete": true}')
    out = Path("out.jsonl")
    running = start(
        "run", multi, data, "-o", "out.jsonl", "--force", env=environment(GRADERS_KERNELS="plain")
    )
    while not out.exists() or not out.stat().st_size:
        time.sleep(0.01)
    running.kill()
    running.communicate(timeout=60)
    assert facts_of("out.jsonl")["complete"] is False


def test_a_disk_that_fills_up_leaves_what_the_facts_say(multi: Path, files: Files) -> None:
    data = files("rows.jsonl", [{**line, "note": "n" * 500} for line in many(3000)])

    def little_room() -> None:  # the second batch ends beyond it
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    done = process("run", multi, data, "-o", "out.jsonl", preexec_fn=little_room)
    assert done.returncode == 4
    assert done.stderr == b"out.jsonl: File too large; the output is cut short\n"
    assert valid(Path("out.jsonl")) == facts_of("out.jsonl")["rows"]["total"] == 1024
    assert facts_of("out.jsonl")["complete"] is False

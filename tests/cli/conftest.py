"""The command line in this process, and in one of its own for signals, pipes and terminals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graders.cli import main

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-c", "import sys; from graders.cli import main; sys.exit(main())"]

EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
SIMILAR = {
    "type": "text_similarity",
    "name": "similar",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "evaluation_metric": "rouge_1",
}
MULTI = {
    "type": "multi",
    "name": "quality",
    "graders": {"exact": EXACT, "similar": SIMILAR},
    "calculate_output": "0.5 * exact + 0.5 * similar",
}
EVAL = {"testing_criteria": [EXACT, {**SIMILAR, "pass_threshold": 0.5}]}


@dataclass(frozen=True)
class Done:
    """What a command left: its exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Grade = Callable[..., Done]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder, on few threads, whatever the environment says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADERS_THREADS", "2")
    for name in ("GRADERS_KERNELS", "GRADE_SANDBOX", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def grade(capfd: pytest.CaptureFixture[str]) -> Grade:
    """`grade` with these arguments, in this process."""

    def run(*args: object) -> Done:
        capfd.readouterr()
        status = main([str(arg) for arg in args])
        out, err = capfd.readouterr()
        return Done(status, out, err)

    return run


@pytest.fixture
def files(here: Path) -> Callable[..., Path]:
    """Write a file: text or bytes as they are, a list as JSON lines, anything else as JSON."""

    def write(name: str, content: Any) -> Path:
        path = here / name
        if isinstance(content, list):
            content = "".join(json.dumps(line) + "\n" for line in content)
        elif not isinstance(content, str | bytes):
            content = json.dumps(content)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Path(name)

    return write


def row(answer: str, output: str | None, **extra: Any) -> dict[str, Any]:
    """One line of a rows file."""
    return {"item": {"answer": answer}, "output": output, **extra}


# Two right, one half right, one wrong.
ROWS = [
    row("red", "red", step=0, score=1.0, id="q-1"),
    row("blue sky", "blue sea", step=0, score=0.5, id="q-2"),
    row("green", "green", step=1, score=0.9, id="q-3"),
    row("black", "white", step=1, score=0.0, id="q-4"),
]


@pytest.fixture
def multi(files: Callable[..., Path]) -> Path:
    return files("multi.json", MULTI)


@pytest.fixture
def exact(files: Callable[..., Path]) -> Path:
    return files("exact.json", EXACT)


@pytest.fixture
def rows(files: Callable[..., Path]) -> Path:
    return files("rows.jsonl", ROWS)


def environment(**more: str) -> Mapping[str, str]:
    """For a process of its own, which finds the checkout."""
    path = f"{ROOT}{os.pathsep}{ROOT / 'kernels'}"
    return {**os.environ, "PYTHONPATH": path, "GRADERS_THREADS": "2", **more}


def process(*args: object, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """`grade` in a process of its own."""
    options = {"capture_output": True, "env": environment(), "timeout": 120, **more}
    return subprocess.run([*PROGRAM, *map(str, args)], check=False, **options)


def start(*args: object, **more: Any) -> subprocess.Popen[bytes]:
    """`grade` started and not waited for."""
    options = {"env": environment(), "stderr": subprocess.PIPE, **more}
    return subprocess.Popen([*PROGRAM, *map(str, args)], **options)


def many(n: int) -> Sequence[dict[str, Any]]:
    """Rows of a few words, one in ten without an answer to compare with."""
    words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"]
    lines = []
    for i in range(n):
        line = row(" ".join(words[: 2 + i % 7]), " ".join(words[i % 3 : 4 + i % 5]), step=i % 4)
        if i % 10 == 9:
            del line["item"]["answer"]
        lines.append(line)
    return lines

"""Run the examples of README.md and docs/, and refresh what the commands in them print.

    python tools/update_docs.py            rewrite the outputs of console blocks
    python tools/update_docs.py --check    only say which pages would change

The blocks of a page run from top to bottom, in a copy of docs/examples, in its folder quick_start:

python   runs, all blocks of a page in one namespace; with `>>>` the results are compared
console  lines that start with `$ ` run in a shell; the lines below are what they print
json     parses; an object with a `type`, and an eval, is loaded as a grader
toml     is read as grade.toml
py       compiles, but does not run: it needs what the tests do not have
Other languages are text. Commands print to a terminal of COLUMNS columns.
"""

from __future__ import annotations

import doctest
import json
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from fcntl import ioctl
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
EXAMPLES = ROOT / "docs" / "examples"
COLUMNS = 96
INHERITED_NOT = ("COLUMNS", "GRADE", "NUMBA_", "PYTEST_")  # what would change the outputs

FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
# What differs between runs and machines -> what stands for it.
VARYING = (
    (re.compile(r"\bin [0-9.]+ ?m?s\b"), "in 0.1 s"),
    (re.compile(r'"seconds":[0-9.e-]+'), '"seconds":0.1'),
    (re.compile(r"\brapidfuzz:[0-9.]+"), "rapidfuzz:0"),
    (re.compile(r"\bgraders [0-9]+\.[0-9]+\.[0-9]+\b"), "graders 0"),
)


class Example(AssertionError):
    """An example that does not do what the page says."""


class Session:
    """The state of one page: a namespace, a working directory, the last exit status."""

    def __init__(self, page: str, commands: Path) -> None:
        self.page = page
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.status = 0
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(INHERITED_NOT)},
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'kernels'}",
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
        }

    def python(self, body: str, line: int) -> str:
        """Run a block; compare what `>>>` lines give. The block as it is."""
        if ">>> " not in body:
            exec(compile("\n" * line + body, self.page, "exec"), self.names)  # noqa: S102
            return body
        report: list[str] = []
        example = doctest.DocTestParser().get_doctest(body, {}, self.page, self.page, line)
        example.globs = self.names
        runner = doctest.DocTestRunner(checker=Normalised(), optionflags=doctest.ELLIPSIS)
        runner.run(example, out=report.append, clear_globs=False)
        if report:
            raise Example("".join(report))
        return body

    def console(self, body: str, line: int) -> str:
        """Run the commands; the block with what they printed."""
        shown = []
        lines = iter(body.splitlines())
        for command in lines:
            if not command.startswith("$ "):
                continue
            whole = command
            while whole.endswith("\\"):
                whole += "\n" + next(lines)
            shown += [whole, *self.printed(whole.removeprefix("$ "))]
        return "\n".join(shown) + "\n"

    def printed(self, command: str) -> list[str]:
        """The lines that a command prints: on stderr first, then on a terminal."""
        script = f"(exit {self.status}); {command}"
        main, side = pty.openpty()
        ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        with subprocess.Popen(
            ["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=side, stderr=subprocess.PIPE,
            env=self.env,
        ) as process:  # fmt: skip
            os.close(side)
            output: list[bytes] = []
            reader = threading.Thread(target=lambda: output.extend(chunks(main)))
            reader.start()
            assert process.stderr is not None
            errors = process.stderr.read()
            reader.join()
        os.close(main)
        self.status = process.returncode
        text = (errors + b"".join(output)).decode().replace("\r\n", "\n")
        return [line.rstrip() for line in text.splitlines()]

    def json(self, body: str, line: int) -> str:
        """Parse a block; load it where it is a grader."""
        value = json.loads(body)
        if isinstance(value, dict) and {"type", "testing_criteria", "method"} & value.keys():
            import graders

            graders.load(value)
        return body

    def toml(self, body: str, line: int) -> str:
        """Read a block as grade.toml."""
        from graders.settings import load_settings

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "grade.toml")
            path.write_text(body, encoding="utf-8")
            load_settings(path)
        return body

    def py(self, body: str, line: int) -> str:
        """Compile a block."""
        compile("\n" * line + body, self.page, "exec")
        return body


def chunks(descriptor: int) -> Iterator[bytes]:
    """What comes out of a terminal until nobody holds its other side."""
    while True:
        try:
            data = os.read(descriptor, 1 << 16)
        except OSError:  # how Linux says that the other side is closed
            return
        if not data:
            return
        yield data


class Normalised(doctest.OutputChecker):
    """Compares without what varies."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(normalised(want), normalised(got), optionflags)


def normalised(text: str) -> str:
    """The text with a fixed value in place of each that varies."""
    for pattern, fixed in VARYING:
        text = pattern.sub(fixed, text)
    return text


@contextmanager
def workplace() -> Iterator[Path]:
    """A copy of the examples as the working directory; the folder of this checkout's commands."""
    with tempfile.TemporaryDirectory() as folder:
        unbuilt = shutil.ignore_patterns("__pycache__")
        shutil.copytree(EXAMPLES, Path(folder, "examples"), ignore=unbuilt)
        commands = Path(folder, "bin")
        commands.mkdir()
        python = shlex.quote(sys.executable)
        code = "import sys; from graders.cli import main; sys.exit(main())"
        for name, arguments in (("python", ""), ("grade", f"-c '{code}'")):
            script = f'#!/bin/sh\nexec {python} {arguments} "$@"\n'
            (commands / name).write_text(script, encoding="utf-8")
            (commands / name).chmod(0o755)
        with chdir(Path(folder, "examples", "quick_start")):
            yield commands


def replay(text: str, page: str) -> str:
    """The page with the outputs that its commands have now. Raises what its Python raises."""
    with workplace() as commands:
        session = Session(page, commands)
        runs: dict[str, Callable[[str, int], str]] = {
            language: getattr(session, language)
            for language in ("python", "console", "json", "toml", "py")
        }

        def fresh(match: re.Match[str]) -> str:
            language, body = match["language"], match["body"]
            if language not in runs:
                return match[0]
            new = runs[language](body, text.count("\n", 0, match.start("body")))
            same = normalised(new) == normalised(body)
            return f"```{language}\n{body if same else new}```"

        return FENCE.sub(fresh, text)


def main() -> int:
    """Refresh the pages; 1 if an example fails, or --check finds a page that would change."""
    sys.path[:0] = [str(ROOT), str(ROOT / "kernels")]
    stale, broken = [], []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        try:
            new = replay(text, page.name)
        except Exception as error:  # noqa: BLE001 - examples may raise anything
            broken.append(f"{page.name}: {type(error).__name__}: {error}")
            continue
        if new != text:
            stale.append(page.name)
            if "--check" not in sys.argv:
                page.write_text(new, encoding="utf-8")
    print("\n".join([*stale, *broken]) or "up to date")
    return int(bool(broken) or ("--check" in sys.argv and bool(stale)))


if __name__ == "__main__":
    sys.exit(main())

"""What every test shares: data, WordNet, fresh processes, hypothesis profiles, the closing line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# What a test may need from outside, and how to provide it. GRADERS_REQUIRE names those whose
# absence is a failure.
NEEDS = {
    "data": "set GRADERS_TEST_DATA",
    "wordnet": "apt install wordnet-base",
}

JIT_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") == "1"
COMMON = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
    "max_examples": 20 if JIT_OFF else 100,
}
settings.register_profile("dev", **COMMON)
settings.register_profile("ci", **COMMON, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def missing(need: str) -> NoReturn:
    """Skip the test, or fail it where GRADERS_REQUIRE names `need`."""
    reason = f"needs {need}: {NEEDS[need]}"
    if need in os.environ.get("GRADERS_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of reference vectors and real grader files."""
    folder = os.environ.get("GRADERS_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        missing("data")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def wordnet() -> Path:
    """The folder of the WordNet 3.0 database files."""
    folder = Path("/usr/share/wordnet")
    if not (folder / "data.noun").is_file():
        missing("wordnet")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture
def fresh_python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run code, or `-m module` and the like, in a new interpreter that finds the checkout."""

    def run(
        *args: str, env: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        command = ["-c", *args] if len(args) == 1 else [*args]
        done = subprocess.run(
            [sys.executable, *command],
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'kernels'}",
                **(env or {}),
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            pytest.fail(f"exit {done.returncode}\n{done.stdout}\n{done.stderr}", pytrace=False)
        return done

    return run


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """`data`, `wordnet`, or the whole reason of a skip that has no name in NEEDS."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = text.removeprefix("Skipped: ")
    need = reason.removeprefix("needs ").partition(":")[0]
    return need if reason.startswith("needs ") and need in NEEDS else reason


def closing_line(stats: Mapping[str, list[pytest.TestReport]]) -> str:
    """`12 passed, 0 failed, 3 skipped: data 2 (set GRADERS_TEST_DATA), wordnet 1 (...)`."""
    failed = len(stats.get("failed", [])) + len(stats.get("error", []))
    skipped = Counter(skip_reason(report) for report in stats.get("skipped", []))
    line = f"{len(stats.get('passed', []))} passed, {failed} failed, {skipped.total()} skipped"
    named = ", ".join(
        f"{need} {n} ({NEEDS[need]})" if need in NEEDS else f"{n} ({need})"
        for need, n in skipped.most_common()
    )
    return f"{line}: {named}" if named else line


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say as the very last line what was skipped and how to have it run."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput") and reporter.stats:
        reporter.write_line(closing_line(reporter.stats))

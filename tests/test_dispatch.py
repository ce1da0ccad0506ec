"""When the process leaves the plain path, and where numba keeps what it compiled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graders import dispatch
from graders.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]
PATH = os.pathsep.join([str(ROOT), str(ROOT / "kernels")])
JIT_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") == "1"


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A process that has done nothing yet, with an empty cache, and that loads no kernels."""
    monkeypatch.setattr(dispatch, "load", lambda family: None)
    monkeypatch.setattr(dispatch, "_spent", 0.0)
    monkeypatch.setattr(dispatch, "_compiled", None)
    dispatch.can_cache.cache_clear()
    monkeypatch.delenv("GRADERS_KERNELS", raising=False)
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path


def fill_cache() -> None:
    folder = dispatch.cache_folders()[0]
    folder.mkdir(parents=True)
    (folder / "ids.ids_batch-1.py311.nbi").touch()


@pytest.mark.parametrize(("value", "expected"), [("plain", False), ("compiled", True)])
def test_the_environment_forces_a_path(
    value: str, expected: bool, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADERS_KERNELS", value)
    assert dispatch.compiled("formulas") is expected


@pytest.mark.parametrize(("expected", "switched"), [(0.5, False), (0.7, True)])
def test_work_that_would_take_longer_than_loading_is_switched_for_at_once(
    expected: float, switched: bool, fresh: Path
) -> None:
    fill_cache()
    assert dispatch.compiled("formulas", expected) is switched


def test_an_unknown_path_is_refused(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_KERNELS", "fast")
    with pytest.raises(ConfigError, match="expected auto, plain or compiled"):
        dispatch.compiled("formulas")


@pytest.mark.parametrize(
    ("spent", "warm", "expected"),
    [(0.0, True, False), (0.5, True, False), (0.7, True, True), (0.7, False, False),
     (5.9, False, False), (6.1, False, True)],
)  # fmt: skip
def test_the_switch_comes_when_plain_work_has_cost_as_much_as_loading(
    spent: float, warm: bool, expected: bool, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if warm:
        fill_cache()
    monkeypatch.setattr(dispatch, "_spent", spent)
    assert dispatch.compiled("formulas") is expected


def test_the_switch_is_not_taken_back(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_spent", 7.0)
    assert dispatch.compiled("formulas")
    monkeypatch.setattr(dispatch, "_spent", 0.0)
    assert dispatch.compiled("formulas")


def test_without_a_place_for_compiled_kernels_the_process_stays_plain(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "cache_folder", lambda: None)
    monkeypatch.setattr(dispatch, "_spent", 100.0)
    assert not dispatch.compiled("formulas")
    assert not dispatch.cache_is_warm()
    assert dispatch.cached_files() == set()


def test_a_forced_path_without_such_a_place_says_so(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "cache_folder", lambda: None)
    monkeypatch.setenv("GRADERS_KERNELS", "compiled")
    with pytest.raises(ConfigError, match="set NUMBA_CACHE_DIR"):
        dispatch.compiled("formulas")


@pytest.mark.parametrize(
    ("value", "message"),
    [(None, r"\$   no folder for compiled"), ("compiled", "GRADERS_KERNELS is 'compiled', but no")],
)
def test_warming_up_without_such_a_place_says_so_and_blames_nobody(
    value: str | None, message: str, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "cache_folder", lambda: None)
    if value:
        monkeypatch.setenv("GRADERS_KERNELS", value)
    with pytest.raises(ConfigError, match=message):
        dispatch.warmup()


def test_kernels_that_python_would_run_are_not_switched_to(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    monkeypatch.setattr(dispatch, "_spent", 100.0)
    assert not dispatch.compiled("formulas")


def test_plain_work_is_counted(fresh: Path) -> None:
    with dispatch.plain_work():
        sum(range(300_000))
    assert dispatch._spent > 0


def test_folders_that_cannot_be_written_are_passed_over(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    custom, source, user = dispatch.cache_folders()
    assert dispatch.cache_folder() == custom
    monkeypatch.setattr(dispatch, "writable", lambda folder: folder == user)
    assert dispatch.cache_folder() == user
    assert user.is_relative_to(tmp_path / "user" / "numba")
    assert source.name == "__pycache__"


def test_the_user_cache_is_where_the_system_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert dispatch.user_cache() == Path.home() / ".cache"
    monkeypatch.setattr("sys.platform", "darwin")
    assert dispatch.user_cache() == Path.home() / "Library" / "Caches"


def test_a_user_without_a_home_has_no_folder_there(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert dispatch.user_cache() is None
    custom, _ = dispatch.cache_folders()
    assert dispatch.cache_folder() == custom
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert dispatch.user_cache() == tmp_path


def test_a_folder_that_can_be_made_counts_as_writable(tmp_path: Path) -> None:
    assert dispatch.writable(tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    assert not dispatch.writable(tmp_path / "file" / "below")


@pytest.mark.skipif(JIT_OFF, reason="nothing is compiled")
def test_numba_uses_the_folder_that_is_looked_at(fresh: Path, fresh_python: Any) -> None:
    code = """
from graders import dispatch
from grader_kernels import scores
assert not dispatch.cache_is_warm()
scores.f_measure(1, 2, 3)
assert dispatch.cache_is_warm()
print(scores.f_measure._cache._cache_path, dispatch.cache_folder(), sep="\\n")
"""
    theirs, ours = fresh_python(code).stdout.split("\n")[:2]
    assert theirs == ours


def test_warming_up_says_what_was_done() -> None:
    first = dispatch.warmup()
    assert set(first) == set(dispatch.WARMUPS)
    assert set(first.values()) <= {"loaded", "compiled"}
    assert set(dispatch.warmup().values()) == {"loaded"}


# A cache that cannot be read


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for NUMBA_CACHE_DIR that holds the kernels of formulas."""
    folder = tmp_path_factory.mktemp("kernels")
    env = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": PATH}
    code = "from graders import dispatch; dispatch.require('formulas')"
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    return folder


def damage(folder: Path, kind: str) -> None:
    """Cut the files of compiled kernels short, or write over what they hold."""
    for file in folder.rglob("*.nbc" if kind == "bitcode" else "*.nb[ic]"):
        content = file.read_bytes()
        if kind == "empty":
            file.write_bytes(b"")
        elif kind == "cut":
            file.write_bytes(content[: len(content) // 2])
        else:
            file.write_bytes(content.replace(b"ELF", b"FLE").replace(b"BC\xc0\xde", b"XX\xc0\xde"))


SUM = """
import sys
import numpy as np
from graders import dispatch
from graders.formula import parse
dispatch._spent = 100.0
for _ in range(3):
    print(parse("a + 1").evaluate({"a": np.ones(2)})[0].tolist(), dispatch.compiled("formulas"))
"""


@pytest.mark.skipif(JIT_OFF, reason="nothing is compiled")
@pytest.mark.parametrize("kind", ["empty", "cut", "bitcode"])
def test_a_damaged_cache_is_told_once_and_the_process_stays_plain(
    kind: str, kernels: Path, tmp_path: Path, fresh_python: Any
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(kernels, folder)
    damage(folder, kind)
    env = {"NUMBA_CACHE_DIR": str(folder), "GRADERS_KERNELS": "auto"}
    done = fresh_python(SUM, env=env)
    assert done.stdout.splitlines() == ["[2.0, 2.0] False"] * 3
    assert done.stderr.count("going on without compiled kernels: they cannot be loaded") == 1
    assert str(folder) in done.stderr
    assert "delete that folder" in done.stderr
    for code in (SUM, "from graders import dispatch; dispatch.require('formulas')"):
        forced = fresh_python(code, env={**env, "GRADERS_KERNELS": "compiled"}, check=False)
        last = forced.stderr[forced.stderr.rindex("ConfigError") :]
        assert "compiled kernels: 1 error" in last
        assert str(folder) in last
        assert "delete that folder" in last


# Forks


FORK = """
import os, sys, threading, time
import graders
from graders import dispatch
threading.Thread(target=graders.warmup, daemon=True).start()
time.sleep(float(sys.argv[1]))
if (child := os.fork()) == 0:
    os.environ["GRADERS_KERNELS"] = "compiled"
    found = graders.similarity("rouge_l", ["a b"] * 2, ["a b"] * 2).tolist()
    os._exit(0 if found == [1.0, 1.0] else 1)
end = time.monotonic() + 60
while (done := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < end:
    time.sleep(0.05)
if done == (0, 0):
    os.kill(child, 9)
sys.exit("hung" if done == (0, 0) else os.waitstatus_to_exitcode(done[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("moment", ["0.1", "0.4", "0.6"])
def test_a_child_forked_while_a_thread_loads_kernels_can_load_them(
    moment: str, fresh_python: Any
) -> None:
    fresh_python("-W", "ignore", "-c", FORK, moment)

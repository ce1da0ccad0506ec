"""When the process leaves the plain path, and where numba keeps what it compiled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from graders import dispatch
from graders.errors import ConfigError

JIT_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") == "1"


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A process that has done nothing yet, with an empty cache."""
    monkeypatch.setattr(dispatch, "_spent", 0.0)
    monkeypatch.setattr(dispatch, "_compiled", None)
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
    assert dispatch.compiled() is expected


def test_an_unknown_path_is_refused(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_KERNELS", "fast")
    with pytest.raises(ConfigError, match="expected auto, plain or compiled"):
        dispatch.compiled()


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
    assert dispatch.compiled() is expected


def test_the_switch_is_not_taken_back(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_spent", 7.0)
    assert dispatch.compiled()
    monkeypatch.setattr(dispatch, "_spent", 0.0)
    assert dispatch.compiled()


def test_without_a_place_for_compiled_kernels_the_process_stays_plain(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "cache_folder", lambda: None)
    monkeypatch.setattr(dispatch, "_spent", 100.0)
    assert not dispatch.compiled()
    assert not dispatch.cache_is_warm()
    assert dispatch.cached_files() == set()


def test_a_forced_path_without_such_a_place_says_so(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch.can_cache.cache_clear()
    monkeypatch.setattr(dispatch, "cache_folder", lambda: None)
    monkeypatch.setenv("GRADERS_KERNELS", "compiled")
    with pytest.raises(ConfigError, match="set NUMBA_CACHE_DIR"):
        dispatch.compiled()


def test_kernels_that_python_would_run_are_not_switched_to(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    monkeypatch.setattr(dispatch, "_spent", 100.0)
    assert not dispatch.compiled()


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

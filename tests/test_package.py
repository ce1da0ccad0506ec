"""The wheel: what is in it, and that it works where nothing but its dependencies is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = (
    "graders/py.typed",
    "grader_kernels/py.typed",
)


def run(*command: str | Path, cwd: Path, **more: str) -> str:
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")} | more
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**env, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: setuptools would pick up leftovers of an older build."""
    work = tmp_path_factory.mktemp("wheel")
    source = work / "source"
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for folder in ("graders", "kernels"):
        shutil.copytree(ROOT / folder, source / folder, ignore=unwanted)
    for file in ("pyproject.toml", "grade_command.py", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / file, source / file)
    modern = int(version("setuptools").partition(".")[0]) >= 77
    isolation = ["--no-build-isolation"] if modern else []
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", *isolation, "-w", work, source, cwd=work)
    (built,) = work.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, which borrows its dependencies from this one."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_the_wheel_has_two_packages_the_command_and_nothing_else(contents: list[str]) -> None:
    top = {entry.partition("/")[0] for entry in contents}
    assert {part for part in top if not part.endswith(".dist-info")} == {
        "graders",
        "grader_kernels",
        "grade_command.py",
    }


def test_the_wheel_has_every_module_of_the_checkout(contents: list[str]) -> None:
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "graders").rglob("*.py")} | {
        str(path.relative_to(ROOT / "kernels")) for path in (ROOT / "kernels").rglob("*.py")
    }
    assert modules - set(contents) == set()


@pytest.mark.parametrize("file", DATA)
def test_the_wheel_has_the_data_file(contents: list[str], file: str) -> None:
    assert file in contents


def test_the_wheel_has_every_data_file_of_the_checkout(contents: list[str]) -> None:
    data = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "graders").rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert data - set(contents) == set()


def test_the_wheel_has_the_wordnet_table_below_its_size_limit(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {
            entry.filename: entry.file_size
            for entry in archive.infolist()
            if entry.filename.startswith("graders/text/wordnet30")
        }
    assert sizes
    assert sum(sizes.values()) < 1_500_000


def test_the_wheel_has_licence_and_notice(contents: list[str]) -> None:
    names = {entry.rpartition("/")[2] for entry in contents if ".dist-info/licenses/" in entry}
    assert names == {"LICENSE", "NOTICE"}


def test_the_installed_package_is_the_one_of_the_wheel(environment: Path, tmp_path: Path) -> None:
    code = "import graders, grader_kernels; print(graders.__file__, grader_kernels.__file__)"
    where = run(environment, "-c", code, cwd=tmp_path).split()
    assert all(Path(path).is_relative_to(environment.parents[1]) for path in where)


def test_the_installed_command_shows_its_help(environment: Path, tmp_path: Path) -> None:
    assert "run" in run(environment.parent / "grade", "--help", cwd=tmp_path)


def test_the_installed_command_grades_a_row(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"item": {"a": "dog"}, "sample": "hound"}\n')
    (tmp_path / "grader.json").write_text(
        '{"type": "text_similarity", "name": "m", "evaluation_metric": "meteor",'
        ' "input": "{{sample.output_text}}", "reference": "{{item.a}}"}'
    )
    grade = environment.parent / "grade"
    run(grade, "run", "grader.json", "rows.jsonl", "-o", "out.jsonl", cwd=tmp_path)
    assert '"outcome":"scored"' in (tmp_path / "out.jsonl").read_text().replace(" ", "")


@pytest.mark.parametrize("path", ["", ".", "graders"])
def test_the_command_works_in_a_project_with_its_own_graders(
    environment: Path, tmp_path: Path, path: str
) -> None:
    (tmp_path / "graders").mkdir()
    (tmp_path / "graders" / "__init__.py").write_text("raise RuntimeError('the project's own')\n")
    (tmp_path / "graders" / "cli.py").write_text("")
    (tmp_path / "graders" / "template.py").write_text("")
    (tmp_path / "graders" / "exact.json").write_text(
        '{"type": "string_check", "name": "exact", "operation": "eq",'
        ' "input": "{{sample.output_text}}", "reference": "{{item.a}}"}'
    )
    (tmp_path / "rows.jsonl").write_text('{"item": {"a": "x"}, "sample": "x"}\n')
    grade = environment.parent / "grade"
    more = {"PYTHONPATH": path} if path else {}
    run(grade, "run", "graders/exact.json", "rows.jsonl", "-o", "out", cwd=tmp_path, **more)
    assert '"reward":1.0' in (tmp_path / "out").read_text()


def requirements() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parts = [re.fullmatch(r"([\w-]+)>=([\d.]+)(,.*)?", line) for line in project["dependencies"]]
    return {part[1]: part[2] for part in parts if part}


def test_the_lowest_versions_tested_are_the_lower_bounds() -> None:
    lines = (ROOT / "tests" / "constraints-lowest.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    lowest = requirements()
    assert pins.keys() == lowest.keys()
    for package, bound in lowest.items():
        width = bound.count(".") + 1
        assert ".".join(pins[package].split(".")[:width]) == bound
        assert set(pins[package].split(".")[width:]) <= {"0"}


def test_no_lower_bound_shuts_out_vllm() -> None:
    """vLLM pins numba 0.65 and numpy 2.3, verifiers needs openai below 3."""
    ceilings = {"numba": (0, 65), "numpy": (2, 3), "openai": (2, 54)}
    lowest = requirements()
    for package, ceiling in ceilings.items():
        assert tuple(int(part) for part in lowest[package].split(".")[:2]) <= ceiling

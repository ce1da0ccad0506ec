"""The house keeps its shape: what is imported when, how long a file is, what a kernel calls."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

FreshPython = Callable[..., CompletedProcess[str]]

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "graders"
KERNELS = ROOT / "kernels" / "grader_kernels"
SOURCES = sorted([*PACKAGE.rglob("*.py"), *KERNELS.rglob("*.py")])
KERNEL_FILES = sorted(KERNELS.glob("*.py"))

TYPES = (
    "string_check",
    "text_similarity",
    "python",
    "score_model",
    "label_model",
    "multi",
    "endpoint",
)
HEAVY = ("jinja2", "numba", "numpy", "openai", "orjson", "pydantic", "rapidfuzz", "rich")

MAX_LINES = 300
# Files that are longer, and why. The number is what they may grow to.
LONGER: dict[str, int] = {}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name(path))


def test_kernels_is_a_source_root_and_not_a_package() -> None:
    assert not (ROOT / "kernels" / "__init__.py").exists()


def test_the_folder_kernels_never_hides_a_package_of_that_name(
    fresh_python: FreshPython, tmp_path: Path
) -> None:
    theirs = tmp_path / "site" / "kernels"
    theirs.mkdir(parents=True)
    (theirs / "__init__.py").write_text("owner = 'someone else'\n")
    code = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}]
sys.path.append({str(theirs.parent)!r})
import kernels
print(kernels.owner)
"""
    assert fresh_python(code).stdout == "someone else\n"


@pytest.mark.parametrize("type_", TYPES)
def test_each_grader_type_lives_in_a_file_of_its_name(type_: str) -> None:
    assert (PACKAGE / f"{type_}.py").is_file()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_stays_short(path: Path) -> None:
    limit = LONGER.get(name(path), MAX_LINES)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


def test_files_listed_as_longer_exist_and_are_longer() -> None:
    for path in LONGER:
        assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) > MAX_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_the_package_prints_nothing(path: Path) -> None:
    calls = [node.func for node in ast.walk(parse(path)) if isinstance(node, ast.Call)]
    assert "print" not in [func.id for func in calls if isinstance(func, ast.Name)]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_our_own_package_is_imported_relatively(path: Path) -> None:
    """A user's project often has its own folder `graders/` that comes first on the path."""
    absolute = [
        alias
        for node in ast.walk(parse(path))
        for alias in imported(node)
        if alias.partition(".")[0] == "graders"
    ]
    assert absolute == []


def imported(node: ast.AST) -> list[str]:
    """Modules that an absolute import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []


# Kernels: literal options, and only functions of their own file. numba's cache notices neither a
# change of a computed option nor a change in another file.


def decorator_name(node: ast.expr) -> str:
    target = node.func if isinstance(node, ast.Call) else node
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def compiled_functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if decorator_name(decorator) in ("njit", "jit", "vectorize", "guvectorize"):
                    yield node, decorator


def names_from_kernel_files(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.level > 0 or (node.module or "").startswith("grader_kernels"))
        for alias in node.names
    }


@pytest.mark.parametrize("path", KERNEL_FILES, ids=name)
def test_a_kernel_has_literal_options(path: Path) -> None:
    for function, decorator in compiled_functions(parse(path)):
        assert isinstance(decorator, ast.Call), function.name
        assert decorator_name(decorator) == "njit", function.name
        assert not decorator.args, f"{function.name}: a signature compiles at import"
        options = {word.arg: ast.literal_eval(word.value) for word in decorator.keywords}
        assert not {"parallel", "fastmath"} & options.keys(), function.name
        assert options.get("cache") is True or options.get("inline") == "always", function.name


@pytest.mark.parametrize("path", KERNEL_FILES, ids=name)
def test_a_kernel_calls_only_its_own_file(path: Path) -> None:
    tree = parse(path)
    foreign = names_from_kernel_files(tree)
    for function, _ in compiled_functions(tree):
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        assert not used & foreign, function.name


# Cold start


def loaded(done_stdout: str) -> list[str]:
    return sorted(set(json.loads(done_stdout.splitlines()[-1])) & set(HEAVY))


def test_importing_the_package_loads_nothing_heavy(fresh_python: FreshPython) -> None:
    code = "import json, sys, graders; print(json.dumps(list(sys.modules)))"
    assert loaded(fresh_python(code).stdout) == []


@pytest.mark.parametrize("argv", [["--help"], ["run", "--help"], ["--version"]], ids=" ".join)
def test_help_loads_click_alone(fresh_python: FreshPython, argv: list[str]) -> None:
    code = f"""
import json, sys
sys.argv = ["grade", *{argv!r}]
from graders.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print(json.dumps(list(sys.modules)))
"""
    assert loaded(fresh_python(code).stdout) == []


def test_importing_the_kernel_package_loads_nothing(fresh_python: FreshPython) -> None:
    code = "import json, sys, grader_kernels; print(json.dumps(list(sys.modules)))"
    assert loaded(fresh_python(code).stdout) == []


# Public names


def test_public_names_are_sorted_and_importable() -> None:
    graders = importlib.import_module("graders")
    assert list(graders.__all__) == sorted(set(graders.__all__))
    for public in graders.__all__:
        assert getattr(graders, public) is not None
    assert set(graders.__all__) <= set(dir(graders))


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    graders = importlib.import_module("graders")
    with pytest.raises(AttributeError, match="no_such_name"):
        graders.no_such_name  # noqa: B018

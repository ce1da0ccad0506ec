"""The documentation does what it says, and says everything: examples, links, completeness."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest

import graders
from graders import errors
from graders.cli import COMMANDS, shell
from graders.config import TYPES
from graders.config.tolerated import SAMPLING, TOLERATED
from graders.dispatch import WARMUPS
from graders.formula.faults import FUNCTIONS, OPERATORS
from graders.limits import LIMITS
from graders.options import Options, types
from graders.retired import SHUTDOWNS
from graders.rows.shape import SAMPLE_FIELDS
from graders.settings import ModelSettings
from graders.settings_checks import CHECKS
from graders.text.table import METRICS
from graders.threads import SHARES
from tools.update_docs import FENCE, PAGES, ROOT, Example, Session, normalised, replay, workplace

LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CAUSES = [
    (cause, flag)
    for table in (
        errors.ROW_CAUSES,
        errors.PYTHON_CAUSES,
        errors.MODEL_CAUSES,
        errors.ENDPOINT_CAUSES,
    )
    for cause, flag in table.items()
]


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_examples_do_what_the_page_shows(path: Path) -> None:
    text = path.read_text("utf-8")
    assert normalised(replay(text, path.name)) == normalised(text), "tools/update_docs.py"


@pytest.mark.parametrize(
    "block",
    [
        "```python\nassert 1 == 2\n```\n",
        "```python\n>>> 1 + 1\n3\n```\n",
        "```python\n>>> 1 / 0\n```\n",
        '```json\n{"type": "string_check"}\n```\n',
        "```json\n{,}\n```\n",
        "```toml\n[judge.x]\n```\n",
        "```py\nif\n```\n",
    ],
)
def test_a_wrong_example_fails(block: str) -> None:
    with pytest.raises((Example, AssertionError, SyntaxError, ValueError, graders.ConfigError)):
        replay(block, "page.md")


def test_a_command_shows_what_it_prints_now() -> None:
    before = "```console\n$ echo new; false\nold\n$ echo $?\n0\n```\n"
    after = "```console\n$ echo new; false\nnew\n$ echo $?\n1\n```\n"
    assert replay(before, "page.md") == after


def test_a_block_that_never_ends_is_noticed() -> None:
    for path in PAGES:
        text = FENCE.sub("", path.read_text("utf-8"))
        assert "```" not in text, path.name


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {slug(heading) for heading in HEADING.findall(FENCE.sub("", path.read_text("utf-8")))}


def links(path: Path) -> Iterator[str]:
    return (match[1] for match in LINK.finditer(FENCE.sub("", path.read_text("utf-8"))))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_relative_links_and_anchors_lead_somewhere(path: Path) -> None:
    for link in links(path):
        if re.match(r"https?:", link):
            continue
        target, _, anchor = link.partition("#")
        found = (path.parent / target).resolve() if target else path
        assert found.exists(), link
        assert not anchor or anchor in anchors(found), link


def test_every_page_is_linked_from_the_index() -> None:
    index = ROOT / "docs/index.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    assert {path for path in PAGES if path.name not in ("README.md", "index.md")} <= linked


# page -> the names that it must explain, from the tables of the code
NAMES = {
    "docs/graders.md": [*TYPES, *TOLERATED, *SAMPLING],
    "docs/formulas.md": [*FUNCTIONS, "division_by_zero", "domain", "overflow"],
    "docs/metrics.md": [*METRICS, "cosine"],
    "docs/options.md": [*types(), *SHARES, "GRADE_SANDBOX", "GRADERS_THREADS", "GRADERS_KERNELS"],
    "docs/results.md": [*errors.ERROR_KEYS, *(cause for cause, _ in CAUSES)],
    "docs/rows.md": SAMPLE_FIELDS,
    "docs/cli.md": [f"grade {command}" for command in COMMANDS],
}


@pytest.mark.parametrize("where", NAMES)
def test_a_page_names_everything_that_it_is_about(where: str) -> None:
    text = page(where)
    assert [name for name in NAMES[where] if f"`{name}`" not in text] == []


def sections(text: str) -> list[str]:
    return HEADING.findall(FENCE.sub("", text))


@pytest.mark.parametrize("where", ["docs/graders.md", "docs/metrics.md"])
def test_types_and_metrics_have_a_section_each(where: str) -> None:
    wanted = TYPES if where == "docs/graders.md" else [*METRICS, "cosine"]
    headings = " ".join(sections(page(where)))
    for name in wanted:
        family = "rouge_1` to `rouge_5" if re.fullmatch("rouge_[1-5]", name) else name
        assert f"`{family}`" in headings, name


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def has_row(text: str, cells: Iterable[str]) -> bool:
    return any(all(cell in row for cell in cells) for row in rows(text))


def test_each_cause_stands_beside_its_flag() -> None:
    text = page("docs/results.md")
    assert [c for c in CAUSES if not has_row(text, [f"`{c[0]}`", f"`{c[1]}`"])] == []


def test_each_option_stands_beside_its_default() -> None:
    text = page("docs/options.md")
    for name, value in Options().to_dict().items():
        default = str(value).lower() if isinstance(value, bool) else str(value)
        assert has_row(text, [f"`{name}`", f"`{default}`"]), name


def test_each_limit_stands_beside_its_size() -> None:
    text = page("docs/options.md")
    assert [n for n, size in LIMITS.items() if not has_row(text, [f"`{n}`", f"{size:,}"])] == []


def test_each_key_of_grade_toml_is_shown() -> None:
    blocks = "\n".join(
        m["body"] for m in FENCE.finditer(page("docs/options.md")) if m["language"] == "toml"
    )
    for section, checks in CHECKS.items():
        assert re.search(rf"^\[{section}\b", blocks, re.MULTILINE), section
        for key in checks:
            assert re.search(rf"^{key} = ", blocks, re.MULTILINE), key
    assert set(CHECKS["judges"]) == set(ModelSettings.__dataclass_fields__)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_is_shown_and_each_flag_explained(command: str) -> None:
    text = page("docs/cli.md")
    assert f"$ grade {command} --help\n" in text
    found = shell.grade.get_command(click.Context(shell.grade), command)
    assert found is not None
    for parameter in found.params:
        flags = parameter.opts if isinstance(parameter, click.Option) else []
        assert all(flag in text for flag in flags), flags


def test_each_exit_status_is_explained() -> None:
    statuses = {
        value
        for name, value in vars(shell).items()
        if name.isupper() and isinstance(value, int) and not name.startswith("_")
    }
    assert statuses >= {0, 1, 2, 3, 4, 130, 141}
    text = page("docs/cli.md")
    assert [status for status in sorted(statuses) if not has_row(text, [f"| {status} |"])] == []


def test_operators_and_warmups_are_named() -> None:
    formulas = page("docs/formulas.md")
    assert all(f"`{operator}`" in formulas for operator in OPERATORS.split())
    assert all(name in page("docs/cli.md") for name in WARMUPS)


def test_each_public_name_is_used_in_the_documentation() -> None:
    text = "\n".join(path.read_text("utf-8") for path in PAGES)
    unused = [name for name in graders.__all__ if not re.search(rf"\bgraders\.{name}\b", text)]
    assert unused == []


def test_each_open_question_of_the_format_is_answered() -> None:
    text = page("docs/differences.md")
    numbers = [int(m[1]) for m in re.finditer(r"^\| (\d+) \|", text, re.MULTILINE)]
    assert numbers == list(range(1, 30))


def test_each_shutdown_date_is_listed() -> None:
    text = page("docs/differences.md")
    for day, models in SHUTDOWNS.items():
        named = [model for model in models if not re.search(r"-\d{4}-\d\d-\d\d$", model)]
        assert has_row(text, [str(day), *(f"`{model}`" for model in named)]), day


def test_the_first_screen_of_the_readme_starts_a_new_user() -> None:
    start = page("README.md")[:4000]
    for needed in ("pip install graders-sdk", "make demo", "make test", "$ grade run", "errored 1"):
        assert needed in start, needed


def test_the_working_directory_of_examples_is_a_copy() -> None:
    with workplace() as commands:
        assert Path.cwd().name == "quick_start"
        assert ROOT not in Path.cwd().parents
        assert Session("page.md", commands).printed("grade --version") == [
            f"graders {graders.__version__}"
        ]

"""Wrong usage: exit 2, nothing run, no traceback, and the words in full."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import EVAL, EXACT, ROWS, SIMILAR, Grade, process

Files = Callable[..., Path]
HELP = "\nHelp: grade run --help\n"

WRONG: dict[str, tuple[list[str], str]] = {
    "no rows": (
        ["exact.json"],
        "grade run: no rows: name a rows file, or - for standard input" + HELP,
    ),
    "missing rows file": (["exact.json", "none.jsonl"], "none.jsonl: no such file or directory\n"),
    "rows is a folder": (
        ["exact.json", "folder"],
        "folder is a folder; name a file in it: more.jsonl\n",
    ),
    "empty rows file": (["exact.json", "empty.jsonl"], "grade run: empty.jsonl: no rows" + HELP),
    "only blank lines": (["exact.json", "blank.jsonl"], "grade run: blank.jsonl: no rows" + HELP),
    "missing grader": (
        ["exakt.json", "rows.jsonl"],
        "exakt.json: 1 error. Nothing was run.\n  $   no such file\n"
        "    fix    did you mean exact.json\n",
    ),
    "folder without a grader": (
        ["folder", "rows.jsonl"],
        "grade run: folder is a folder without eval.json or grader.json" + HELP,
    ),
    "folder without rows": (
        ["task"],
        "grade run: task is a folder without rows.jsonl; name the rows" + HELP,
    ),
    "function of a file": (
        ["reward.py:score", "rows.jsonl"],
        "grade run: reward.py:score names a Python function, and this version grades with JSON "
        "alone" + HELP,
    ),
    "function of a module": (
        ["my.rewards:score", "rows.jsonl"],
        "grade run: my.rewards:score names a Python function, and this version grades with JSON "
        "alone" + HELP,
    ),
    "standard input twice": (
        ["exact.json", "-", "-"],
        "grade run: - stands twice, and standard input can be read once" + HELP,
    ),
    "force without output": (
        ["exact.json", "rows.jsonl", "--force"],
        "grade run: --force replaces OUT; name it with -o" + HELP,
    ),
    "output is a folder": (
        ["exact.json", "rows.jsonl", "-o", "folder"],
        "grade run: -o folder is a folder; name a file in it" + HELP,
    ),
    "output in no folder": (
        ["exact.json", "rows.jsonl", "-o", "there/out.jsonl"],
        "grade run: -o there/out.jsonl: there is no folder there" + HELP,
    ),
    "output is an input": (
        ["exact.json", "rows.jsonl", "-o", "./rows.jsonl", "--force"],
        "grade run: -o ./rows.jsonl is a rows file; name another" + HELP,
    ),
    "output is the grader": (
        ["exact.json", "rows.jsonl", "-o", "exact.json", "--force"],
        "grade run: -o exact.json is the grader; name another" + HELP,
    ),
    "unknown option of grading": (
        ["exact.json", "rows.jsonl", "--option", "rouge_token=unicode"],
        'options: 1 error. Nothing was run.\n  $.rouge_token   unknown option "rouge_token"   '
        "expected fuzzy, fuzzy_max_chars, bleu_smoothing, rouge_tokens, rouge_stem, failed_child, "
        'clamp\n    fix    did you mean "rouge_tokens"\n',
    ),
    "unknown criterion": (
        ["eval.json", "rows.jsonl", "--criterion", "similiar"],
        "grade run: no criterion 'similiar'; did you mean similar?" + HELP,
    ),
    "one criterion, another name": (
        ["exact.json", "rows.jsonl", "--criterion", "zzz"],
        "grade run: no criterion 'zzz'; there is exact" + HELP,
    ),
    "mean of several criteria": (
        ["eval.json", "rows.jsonl", "--fail-under", "1"],
        "grade run: --fail-under needs one reward, and there are 2 criteria; choose one with "
        "--criterion: exact, similar" + HELP,
    ),
    "pass rate without a verdict": (
        ["similar.json", "rows.jsonl", "--min-pass-rate", "1"],
        "grade run: --min-pass-rate needs a verdict, and a text_similarity grader has no "
        "pass_threshold; add one, or use --fail-under" + HELP,
    ),
    "pass rate without a verdict of one criterion": (
        ["half.json", "rows.jsonl", "--min-pass-rate", "1"],
        "grade run: --min-pass-rate needs a verdict, and the criterion similar has no "
        "pass_threshold; add one, or use --fail-under" + HELP,
    ),
    "no such field for by": (
        ["exact.json", "rows.jsonl", "--by", "stop"],
        "grade run: --by: no row has a field 'stop'; fields: step, score, answer" + HELP,
    ),
    "no such field for group": (
        ["exact.json", "rows.jsonl", "--group", "step,stop"],
        "grade run: --group: no row has a field 'stop'; fields: step, score, answer" + HELP,
    ),
    "no such field for compare": (
        ["exact.json", "rows.jsonl", "--compare", "human"],
        "grade run: --compare: no row has a field 'human'; fields: step, score, answer" + HELP,
    ),
    "include what is not there": (
        ["exact.json", "rows.jsonl", "--include", "item,extra"],
        "grade run: --include extra: expected item or sample" + HELP,
    ),
    "a share above one": (
        ["exact.json", "rows.jsonl", "--max-errored", "5"],
        "grade run: invalid value for '--max-errored': '5' is no share of the rows; write 0.8 or "
        "80%" + HELP,
    ),
    "a deadline of nothing": (
        ["exact.json", "rows.jsonl", "--deadline", "0"],
        "grade run: invalid value for '--deadline': 0.0 is not in the range x>0" + HELP,
    ),
    "missing settings": (
        ["exact.json", "rows.jsonl", "--config", "none.toml"],
        "none.toml: 1 error. Nothing was run.\n  $   cannot be read: No such file or directory\n",
    ),
}  # fmt: skip


@pytest.fixture
def folder(files: Files) -> None:
    files("exact.json", EXACT)
    files("similar.json", SIMILAR)
    files("eval.json", EVAL)
    files("half.json", {"testing_criteria": [EXACT, SIMILAR]})
    files("rows.jsonl", ROWS)
    files("empty.jsonl", "")
    files("blank.jsonl", "\n  \n\n")
    files("folder/more.jsonl", ROWS)
    files("task/grader.json", EXACT)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_is_explained(grade: Grade, case: str) -> None:
    argv, message = WRONG[case]
    before = sorted(os.listdir())
    done = grade("run", *argv)
    assert (done.status, done.out, done.err) == (2, "", message)
    assert sorted(os.listdir()) == before, "nothing was written"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["--limt", "3"], "no such option"),
        (["--limit", "0"], "invalid value for '--limit'"),
        (["--threads", "many"], "invalid value for '--threads'"),
        (["--summary", "html"], "invalid value for '--summary'"),
        (["--fail-under", "high"], "invalid value for '--fail-under'"),
        (["-o"], "requires an argument"),
    ],
)
def test_what_click_refuses_is_two_lines(grade: Grade, argv: list[str], word: str) -> None:
    done = grade("run", "exact.json", "rows.jsonl", *argv)
    assert (done.status, done.out) == (2, "")
    first, second = done.err.splitlines()
    assert first.startswith("grade")
    assert word in first.lower()
    assert second.startswith("Help: grade ")


@pytest.mark.usefixtures("folder")
def test_every_finding_of_a_wrong_grader_is_shown_before_rows_are_touched(
    grade: Grade, files: Files
) -> None:
    files("bad.json", '{"type": "string_check",\n "operation": "contains",\n "input": "{{x}}"}')
    done = grade("run", "bad.json", "none.jsonl")
    assert done.status == 2
    assert done.err.startswith("bad.json: 3 errors")
    assert "Nothing was run." in done.err


RUNNERLESS = {
    "python": {"type": "python", "source": "def grade(sample, item):\n    return 1.0"},
    "score_model": {
        "type": "score_model", "model": "gpt-4.1-2025-04-14",
        "input": [{"role": "user", "content": "{{sample.output_text}}"}],
    },
    "label_model": {
        "type": "label_model", "model": "gpt-4.1-2025-04-14", "labels": ["a", "b"],
        "passing_labels": ["a"],
        "input": [{"role": "user", "content": "{{sample.output_text}}"}],
    },
    "endpoint": {"type": "endpoint", "url": "https://grader.example/score"},
    "cosine": {**SIMILAR, "evaluation_metric": "cosine", "pass_threshold": 0.5},
}  # fmt: skip


@pytest.mark.parametrize("kind", RUNNERLESS)
def test_a_grader_that_needs_a_runner_is_refused_before_any_row_is_read(
    grade: Grade, files: Files, kind: str
) -> None:
    config: dict[str, Any] = {"name": "g", **RUNNERLESS[kind]}
    files("g.json", json.dumps(config, indent=1))
    done = grade("run", "g.json", "there-is-no-such-file.jsonl")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("g.json: 1 error. Nothing was run.\n  line 1    $   ") or (
        "needs" in done.err
    )
    assert "this version checks such graders (grade validate)" in done.err


@pytest.mark.parametrize("kind", ["score_model", "label_model"])
@pytest.mark.parametrize("nested", [False, True])
def test_a_judge_that_is_shut_down_is_said_so(
    grade: Grade, files: Files, rows: Path, kind: str, nested: bool
) -> None:
    config: dict[str, Any] = {"name": "g", **RUNNERLESS[kind], "model": "o3-mini"}
    if nested:
        config = {"type": "multi", "name": "m", "graders": {"a": config}, "calculate_output": "a"}
    done = grade("run", files("g.json", config), rows)
    assert done.status == 2
    assert re.search(r'; "o3-mini" (was shut|shuts) down on 2026-10-23$', done.err, re.MULTILINE)
    assert "--judge" not in done.err
    mine = files("mine.json", {"name": "g", **RUNNERLESS[kind], "model": "mine"})
    assert "down on" not in grade("run", mine, rows).err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GRADERS_THREADS", "many"),
        ("GRADERS_KERNELS", "fast"),
        ("GRADE_SANDBOX", "none"),
        ("GRADERS_LIMIT_LABELS", "many"),
        ("GRADERS_LIMIT_LABLES", "7"),
        ("GRADERS_LIMIT_ROW_LINE_BYTES", "9223372036854775807"),
        ("GRADERS_LIMIT_ROW_LINE_BYTES", "9" * 4400),
    ],
)
def test_a_wrong_environment_is_refused_before_anything_is_written(
    grade: Grade,
    exact: Path,
    rows: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    Path("out.jsonl").write_text("mine")
    done = grade("run", exact, rows, "-o", "out.jsonl", "--force")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"environment: 1 error. Nothing was run.\n  {variable}   ")
    assert Path("out.jsonl").read_text() == "mine"
    assert grade("validate", exact).status == 2
    doctor = grade("doctor")
    assert doctor.status == 1
    assert f"environment: 1 error.\n  {variable}   " in doctor.out


@pytest.mark.parametrize(("name", "content"), [
    ("b.jsonl", "{}".encode("utf-16")), ("b.csv", b"a;b\n1;2\n"), ("b.csv", b"a,a\n1,2\n"),
    ("b.jsonl", b"PK\x03\x04"),
])  # fmt: skip
def test_a_second_file_that_is_unusable_is_refused_before_anything_is_graded(
    grade: Grade, files: Files, exact: Path, name: str, content: bytes
) -> None:
    first = files("a.jsonl", ROWS * 50)  # more rows than are looked at before the start
    done = grade("run", exact, first, files(name, content), "-o", "out.jsonl")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(name)
    assert not Path("out.jsonl").exists()


def test_standard_input_without_rows_is_called_so(exact: Path) -> None:
    done = process("run", exact, "-", input=b"\n")
    assert done.returncode == 2
    assert done.stderr.startswith(b"grade run: standard input: no rows\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_rows_file(grade: Grade, exact: Path, rows: Path) -> None:
    rows.chmod(0)
    done = grade("run", exact, rows)
    assert (done.status, done.err) == (2, "rows.jsonl: permission denied\n")

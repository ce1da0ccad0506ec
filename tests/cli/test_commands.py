"""validate, init, schema, doctor and warmup."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import graders
from graders import dispatch
from graders.cli.init import ROWS, RUNS_HERE
from graders.config.schema import schema

from .conftest import EVAL, EXACT, MULTI, Done, Grade

Files = Callable[..., Path]

FAULTY = """\
{
  "type": "multi",
  "graders": {
    "answer": {
      "type": "string_check",
      "name": "answer",
      "input": "{{sample.output_text}}",
      "reference": "{{item.answer}}",
      "operation": "contains"
    }
  },
  "calculate_output": "0.3 * graders.structure + 0.7 * answer"
}
"""


def test_a_valid_grader_is_one_line_that_says_what_it_is(grade: Grade, multi: Path) -> None:
    done = grade("validate", multi)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        'multi.json: multi "quality" of exact (string_check), similar (text_similarity); '
        "reward = 0.5 * exact + 0.5 * similar; reads item.answer, sample.output_text\n"
    )


def test_criteria_and_thresholds_are_named(grade: Grade, files: Files) -> None:
    done = grade("validate", files("eval.json", EVAL))
    assert "of exact (string_check), similar (text_similarity); reads item.answer" in done.out
    done = grade("validate", files("g.json", {**EXACT, "pass_threshold": 1}))
    assert done.out.splitlines()[-1] == (
        'g.json: string_check "exact"; passes from 1; reads item.answer, sample.output_text'
    )


def test_warnings_come_before_what_it_is_and_are_no_failure(grade: Grade, files: Files) -> None:
    done = grade("validate", files("g.json", {**EXACT, "operation": "neq"}))
    assert done.status == 0
    first, *_, last = done.out.splitlines()
    assert first == "g.json: 1 warning."
    assert last.startswith('g.json: string_check "exact"')


def test_errors_are_shown_with_line_and_fix(grade: Grade, files: Files) -> None:
    done = grade("validate", files("g.json", FAULTY))
    assert (done.status, done.err) == (1, "")
    heading, *lines = done.out.splitlines()
    assert heading.startswith("g.json: 2 errors")
    assert "Nothing was run" not in heading
    assert any(line.startswith("  line 9   $.graders.answer.operation") for line in lines)
    assert any(line.startswith("  line 12  $.calculate_output") for line in lines)
    assert any(line.startswith("    fix    ") for line in lines)


@pytest.mark.parametrize(
    ("content", "status"),
    [("", 1), ("{", 1), (b"\xff\xfe{\x00", 1), ("[]", 1), ("{}", 1), (b"\x00\xff", 1)],
)
def test_what_is_no_grader_at_all_is_1(
    grade: Grade, files: Files, content: str | bytes, status: int
) -> None:
    done = grade("validate", files("g.json", content))
    assert done.status == status
    assert done.out.startswith("g.json: 1 error")


def test_what_cannot_be_read_is_2_and_the_others_are_still_checked(
    grade: Grade, multi: Path, files: Files
) -> None:
    bad = files("bad.json", "{}")
    done = grade("validate", "none.json", multi, bad)
    assert done.status == 2
    assert done.out.splitlines()[0] == "none.json: no such file or directory"
    assert "multi.json: multi" in done.out
    assert "bad.json: " in done.out
    assert grade("validate", multi, bad).status == 1


def test_a_folder_stands_for_its_grader(grade: Grade, files: Files) -> None:
    files("task/grader.json", EXACT)
    assert grade("validate", "task").out.startswith('task/grader.json: string_check "exact"')
    files("other/readme.txt", "x")
    done = grade("validate", "other")
    assert done.status == 2
    assert done.err.startswith("grade validate: other is a folder without eval.json or grader.json")


def test_findings_for_programs(grade: Grade, multi: Path, files: Files) -> None:
    bad = files("bad.json", FAULTY)
    done = grade("validate", multi, bad, "none.json", "--format", "json")
    assert done.status == 2
    document = json.loads(done.out)
    assert document["schema"] == 1
    good, faulty, missing = document["graders"]
    assert good["valid"] is True
    assert good["children"] == {"exact": "string_check", "similar": "text_similarity"}
    assert good["formula"] == MULTI["calculate_output"]
    assert good["reads"] == ["item.answer", "sample.output_text"]
    assert faulty["valid"] is False
    assert [p["line"] for p in faulty["problems"]] == [9, 12]
    assert set(faulty["problems"][0]) == {
        "severity", "path", "line", "message", "expected", "fix",
    }  # fmt: skip
    assert (missing["valid"], missing["problems"]) == (False, [])


# init


@pytest.mark.parametrize("kind", ROWS)
def test_every_starter_is_valid_and_named_by_its_file(grade: Grade, kind: str) -> None:
    done = grade("init", kind, "-o", "my-grader.json")
    assert (done.status, done.out) == (0, "")
    assert done.err.startswith(f"wrote my-grader.json, a {kind} grader\na row that it grades:\n  ")
    grader = graders.load("my-grader.json")
    assert (grader.type, grader.name) == (kind, "my-grader")
    assert graders.dump(grader) == json.loads(Path("my-grader.json").read_text())
    assert grade("validate", "my-grader.json").status == 0
    assert "warning" not in grade("validate", "my-grader.json").out


@pytest.mark.parametrize("kind", ROWS)
def test_the_row_of_a_starter_has_every_variable_that_it_reads(
    grade: Grade, files: Files, kind: str
) -> None:
    grade("init", kind)
    files("rows.jsonl", ROWS[kind] + "\n")
    done = grade("run", "grader.json", "rows.jsonl")
    if kind in RUNS_HERE:
        assert done.status == 0
        assert done.rows[0]["reward"] > 0.4
    else:
        assert done.status == 2
        row = json.loads(ROWS[kind])
        for template in graders.load("grader.json").templates().values():
            assert isinstance(template.render({"output_text": row["output"]}, row["item"]), str)


def test_a_starter_replaces_nothing_unless_forced(grade: Grade) -> None:
    Path("grader.json").write_text("mine")
    done = grade("init", "multi")
    assert done.status == 2
    assert (
        done.err == "grade init: grader.json exists; --force replaces it\nHelp: grade init --help\n"
    )
    assert Path("grader.json").read_text() == "mine"
    assert grade("init", "multi", "--force").status == 0
    assert graders.load("grader.json").type == "multi"


def test_a_starter_on_standard_output_is_json_alone(grade: Grade) -> None:
    done = grade("init", "score_model", "-o", "-")
    assert json.loads(done.out)["type"] == "score_model"
    assert done.err.startswith("a row that it grades:\n")


def test_a_hostile_file_name_stays_a_string(grade: Grade) -> None:
    name = "a\"<b>'{{item.x}}&.json"
    grade("init", "string_check", "-o", name)
    assert json.loads(Path(name).read_text())["name"] == Path(name).stem


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["mutli"], "invalid value for 'TYPE'"),
        (["multi", "-o", "none/g.json"], "none/g.json: No such file or directory"),
    ],
)
def test_init_refuses(grade: Grade, argv: list[str], word: str) -> None:
    done = grade("init", *argv)
    assert (done.status, done.out) == (2, "")
    assert word in done.err


# schema


def test_the_schema_is_one_json_document(grade: Grade) -> None:
    done = grade("schema")
    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out) == schema()


# doctor


def test_doctor_is_one_screen_of_what_a_bug_report_needs(grade: Grade) -> None:
    done = grade("doctor")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert len(lines) <= 24
    for label in (
        "versions", "installed", "platform", "features", "kernels", "threads", "sandbox",
        "settings", "options", "environment",
    ):  # fmt: skip
        assert any(line.startswith(label) for line in lines), label
    assert f"graders {graders.__version__}" in done.out
    assert "sandbox      none in this version" in done.out
    assert "threads      2: GRADERS_THREADS" in done.out


def test_doctor_shows_names_of_variables_and_never_their_values(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "MY_JUDGE_API_TOKEN", "GRADERS_KERNELS", "HTTPS_PROXY"):
        value = "plain" if name == "GRADERS_KERNELS" else "http://user:s3cret@host"
        monkeypatch.setenv(name, value)
    done = grade("doctor")
    for name in ("OPENAI_API_KEY", "MY_JUDGE_API_TOKEN", "GRADERS_KERNELS", "HTTPS_PROXY"):
        assert name in done.out
    assert "s3cret" not in done.out + grade("doctor", "--json").out
    assert "mode plain" in done.out


def test_doctor_says_where_settings_come_from(grade: Grade, files: Files) -> None:
    files("grade.toml", '[options]\nrouge_stem = true\n[sandbox]\ntier = "bwrap"\n')
    facts = json.loads(grade("doctor", "--json").out)
    assert facts["schema"] == 1
    assert facts["settings"]["path"] == str(Path("grade.toml").resolve())
    assert facts["settings"]["options"] == {"rouge_stem": True}
    assert "options.rouge_stem from grade.toml" in facts["settings"]["sources"]


def test_doctor_shows_a_wrong_configuration_and_goes_on(
    grade: Grade, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files("grade.toml", "[options]\nrouge_stemm = true\n")
    monkeypatch.setenv("GRADERS_THREADS", "many")
    done = grade("doctor")
    assert (done.status, done.err) == (1, "")
    assert 'unknown key "rouge_stemm"' in done.out or "rouge_stemm" in done.out
    assert "GRADERS_THREADS is 'many'" in done.out
    assert "versions" in done.out


@pytest.mark.parametrize("variable", ["LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"])
def test_doctor_says_why_there_are_so_many_threads(
    grade: Grade, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("GRADERS_THREADS")
    monkeypatch.setenv(variable, "1")
    assert f"shared by {variable}=1" in grade("doctor").out


# warmup


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_warmup_says_what_it_did_and_where_the_kernels_are(grade: Grade) -> None:
    assert grade("warmup", "-q") == Done(0, "", "")
    done = grade("warmup")
    assert (done.status, done.err) == (0, "")
    *lines, last = done.out.splitlines()
    assert lines == [f"loaded    {name}" for name in dispatch.WARMUPS]
    folder = dispatch.cache_folder()
    assert folder is not None
    assert re.fullmatch(rf"[\d.]+ s; kernels are in {re.escape(str(folder))}", last)
    assert list(folder.glob("*.nbi"))


def test_warmup_says_what_to_do_when_nothing_can_be_kept(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(dispatch, "cache_folder", lambda: None)
    done = grade("warmup")
    assert (done.status, done.out) == (4, "")
    assert done.err.startswith("compiled kernels cannot be kept: none of these folders can be")
    assert "set NUMBA_CACHE_DIR to a folder that can" in done.err


def test_warmup_without_a_compiler_says_so(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    done = grade("warmup")
    assert (done.status, done.err) == (4, "NUMBA_DISABLE_JIT is set: nothing can be compiled\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_doctor_goes_on_where_a_cache_folder_may_not_be_entered(
    grade: Grade, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "closed").mkdir(mode=0)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(here / "closed" / "cache"))
    done = grade("doctor")
    assert (done.status, done.err) == (0, "")
    assert "NOT writable, 0 kernels" in done.out

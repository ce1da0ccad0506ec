"""`grade run`: every flag, and what it writes where."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import EVAL, EXACT, MULTI, ROWS, SIMILAR, Grade, many, row

Files = Callable[..., Path]

KEYS = [
    "row", "line", "id", "group", "outcome", "reward", "passed", "sub_rewards", "error", "extra",
]  # fmt: skip
ERROR_KEYS = ["flag", "cause", "grader", "detail", "output"]


def lines(path: Path | str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_rows_go_to_stdout_and_the_summary_to_stderr(grade: Grade, multi: Path, rows: Path) -> None:
    done = grade("run", multi, rows)
    assert done.status == 0
    assert [r["reward"] for r in done.rows] == [1.0, 0.25, 1.0, 0.0]
    assert [r["sub_rewards"] for r in done.rows][1] == {"exact": 0.0, "similar": 0.5}
    assert done.err.startswith('multi.json  multi "quality"   4 rows in ')


def test_a_line_has_the_keys_of_the_contract_in_their_order(
    grade: Grade, multi: Path, files: Files
) -> None:
    data = files(
        "rows.jsonl", [row("a", "a", id=7, group="g", step=3), {"item": {}, "output": "b"}]
    )
    first, second = grade("run", multi, data).rows
    assert list(first) == KEYS
    assert list(second) == KEYS
    assert first | {"sub_rewards": None} == {
        "row": 0, "line": 1, "id": 7, "group": "g", "outcome": "scored", "reward": 1.0,
        "passed": None, "sub_rewards": None, "error": None, "extra": {"step": 3},
    }  # fmt: skip
    assert list(second["error"]) == ERROR_KEYS
    assert (second["outcome"], second["reward"], second["passed"]) == ("errored", None, None)
    assert second["sub_rewards"] == {"exact": None, "similar": None}
    assert second["error"]["cause"] == "missing_variable"
    assert second["error"]["grader"] == "exact"


def test_output_to_a_file_leaves_stdout_to_the_summary(
    grade: Grade, multi: Path, rows: Path
) -> None:
    done = grade("run", multi, rows, "-o", "out.jsonl")
    assert done.status == 0
    assert done.err == ""
    assert done.out.startswith('multi.json  multi "quality"   4 rows in ')
    assert "rows     out.jsonl   run facts out.jsonl.meta.json" in done.out
    assert [r["row"] for r in lines("out.jsonl")] == [0, 1, 2, 3]


def test_run_facts_lie_beside_the_output(grade: Grade, multi: Path, rows: Path) -> None:
    grade("run", multi, rows, "-o", "out.jsonl", "--option", "rouge_stem=true")
    facts = json.loads(Path("out.jsonl.meta.json").read_text())
    assert next(iter(facts.items())) == ("schema", 1)
    assert facts["complete"] is True
    assert facts["grader_json"] == MULTI
    assert facts["options"]["rouge_stem"] is True
    assert "stem:yes" in facts["signature"]
    assert facts["rows"] == {
        "total": 4, "scored": 4, "errored": 0, "skipped": 0, "passed": 0, "failed": 0,
        "clamped": 0,
    }  # fmt: skip
    assert {"graders", "python", "numpy", "orjson"} <= facts["versions"].keys()


def test_an_existing_output_needs_force(grade: Grade, multi: Path, rows: Path) -> None:
    Path("out.jsonl").write_text("mine\n")
    done = grade("run", multi, rows, "-o", "out.jsonl")
    assert (done.status, done.out) == (2, "")
    assert done.err == "grade run: out.jsonl exists; --force replaces it\nHelp: grade run --help\n"
    assert Path("out.jsonl").read_text() == "mine\n"
    assert grade("run", multi, rows, "-o", "out.jsonl", "--force").status == 0
    assert len(lines("out.jsonl")) == 4


def test_gzip_in_and_out(grade: Grade, multi: Path, here: Path) -> None:
    data = "".join(json.dumps(line) + "\n" for line in ROWS).encode()
    (here / "rows.jsonl.gz").write_bytes(gzip.compress(data))
    assert grade("run", multi, "rows.jsonl.gz", "-o", "out.jsonl.gz").status == 0
    with gzip.open("out.jsonl.gz", "rt") as file:
        assert [json.loads(line)["reward"] for line in file] == [1.0, 0.25, 1.0, 0.0]


def test_csv_columns_are_the_item(grade: Grade, multi: Path, files: Files) -> None:
    data = files("rows.csv", "answer,output,step\nred,red,007\nblue sky,blue sea,1\n")
    done = grade("run", multi, data, "--by", "step")
    assert [r["reward"] for r in done.rows] == [1.0, 0.25]
    assert "  by step  007: 1.00   1: 0.25" in done.err


def test_standard_input_is_a_dash(
    grade: Grade, multi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = "".join(json.dumps(line) + "\n" for line in ROWS).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert [r["reward"] for r in grade("run", multi, "-").rows] == [1.0, 0.25, 1.0, 0.0]


def test_several_files_are_one_run(grade: Grade, multi: Path, files: Files) -> None:
    a = files("a.jsonl", ROWS[:1])
    b = files("b.jsonl", [*ROWS[1:3], {"output": "x", "item": {}}])
    done = grade("run", multi, a, b)
    assert [(r["row"], r["line"]) for r in done.rows] == [(0, 1), (1, 1), (2, 2), (3, 3)]
    assert "row 3 (line 3 of b.jsonl)   no reward" in done.err


@pytest.mark.parametrize("name", ["eval.json", "grader.json"])
def test_a_folder_brings_its_rows(grade: Grade, files: Files, name: str) -> None:
    files(f"task/{name}", MULTI)
    files("task/rows.jsonl", ROWS)
    other = files("other.jsonl", ROWS[:1])
    assert len(grade("run", "task").rows) == 4
    assert len(grade("run", "task", other).rows) == 1


def test_limit_is_the_number_of_rows(grade: Grade, multi: Path, rows: Path) -> None:
    assert [r["row"] for r in grade("run", multi, rows, rows, "--limit", 3).rows] == [0, 1, 2]
    assert len(grade("run", multi, rows, rows, "--limit", 6).rows) == 6


def test_sample_field_names_the_output(grade: Grade, multi: Path, files: Files) -> None:
    data = files("rows.jsonl", [{"answer": "red", "mine": "red", "output": "no"}])
    done = grade("run", multi, data, "--sample-field", "mine")
    assert done.rows[0]["reward"] == 1.0
    assert "\nsample   field mine\n" in done.err


def test_group_names_groups_for_flat_rows(grade: Grade, exact: Path, files: Files) -> None:
    data = [{"q": i // 2, "t": i, "answer": "a", "output": "a"} for i in range(4)]
    flat = files("flat.jsonl", data)
    assert [r["group"] for r in grade("run", exact, flat, "--group", "q").rows] == [0, 0, 1, 1]
    both = grade("run", exact, flat, "--group", "q,answer").rows
    assert [r["group"] for r in both] == [[0, "a"], [0, "a"], [1, "a"], [1, "a"]]


def test_by_is_a_table_of_means_and_splits_groups(grade: Grade, multi: Path, rows: Path) -> None:
    done = grade("run", multi, rows, "--by", "step", "--group", "answer")
    assert "  by step  0: 0.62   1: 0.50" in done.err
    assert [r["group"] for r in done.rows][:2] == [["red", 0], ["blue sky", 0]]


def test_include_carries_the_row_along(grade: Grade, multi: Path, rows: Path) -> None:
    first = grade("run", multi, rows, "--include", "item,sample").rows[0]
    assert list(first) == [*KEYS, "item", "sample"]
    assert (first["item"], first["sample"]) == ({"answer": "red"}, "red")
    assert "item" not in grade("run", multi, rows, "--include", "sample").rows[0]


def test_option_changes_how_rows_are_graded(grade: Grade, files: Files) -> None:
    grader = files("g.json", SIMILAR)
    data = files("rows.jsonl", [row("日本語 です", "日本語 です")])
    assert grade("run", grader, data).rows[0]["reward"] == 0.0
    done = grade("run", grader, data, "--option", "rouge_tokens=unicode")
    assert done.rows[0]["reward"] == 1.0


def test_options_beat_the_settings_file_which_lies_here_or_is_named(
    grade: Grade, files: Files
) -> None:
    grader = files("g.json", SIMILAR)
    data = files("rows.jsonl", [row("日本語", "日本語")])
    files("grade.toml", '[options]\nrouge_tokens = "unicode"\n')
    ascii_only = files("other.toml", '[options]\nrouge_tokens = "ascii"\n')
    assert grade("run", grader, data).rows[0]["reward"] == 1.0
    assert grade("run", grader, data, "--config", ascii_only).rows[0]["reward"] == 0.0
    done = grade("run", grader, data, "--option", "rouge_tokens=ascii")
    assert done.rows[0]["reward"] == 0.0


def test_a_deadline_errs_the_rows_that_are_left(grade: Grade, multi: Path, files: Files) -> None:
    data = files("rows.jsonl", many(3000))
    done = grade("run", multi, data, "--deadline", "0.000001")
    assert done.status == 3
    assert {r["error"]["cause"] for r in done.rows if r["error"]} == {"deadline"}
    assert len(done.rows) == 3000
    assert "do   raise --deadline, or leave it out" in done.err


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(grade: Grade, multi: Path, files: Files, threads: int) -> None:
    data = files("rows.jsonl", many(5000))
    assert grade("run", multi, data, "--threads", threads).out == grade("run", multi, data).out


def test_criterion_grades_by_one_criterion_of_an_eval(
    grade: Grade, files: Files, rows: Path
) -> None:
    grader = files("eval.json", EVAL)
    every = grade("run", grader, rows)
    assert [r["reward"] for r in every.rows] == [None] * 4
    assert [r["passed"] for r in every.rows] == [True, False, True, False]
    one = grade("run", grader, rows, "--criterion", "similar", "--fail-under", "0.6")
    assert [r["reward"] for r in one.rows] == [1.0, 0.5, 1.0, 0.0]
    assert one.status == 0


def test_compare_with_numbers(grade: Grade, exact: Path, rows: Path) -> None:
    done = grade("run", exact, rows, "--compare", "score")
    assert (
        "compare  recorded score: 50 % equal, Spearman 0.89, 1 pass/fail flip; largest: rows 1, 2\n"
    ) in done.err


def test_compare_with_a_mapping_of_criteria(grade: Grade, multi: Path, files: Files) -> None:
    recorded = [{"exact": 1, "similar": 1.0}, {"exact": 0, "similar": 0.5}, {"exact": 0}, None]
    data = files(
        "rows.jsonl", [{**line, "human": r} for line, r in zip(ROWS, recorded, strict=True)]
    )
    done = grade("run", multi, data, "--compare", "human", "--summary", "json")
    scores = {s["score"]: s for s in json.loads(done.err)["compare"]}
    assert scores["exact"]["rows"] == 3
    assert scores["exact"]["equal"] == pytest.approx(2 / 3)
    assert scores["exact"]["flips"] == 1
    assert scores["exact"]["largest"] == [{"row": 2, "reward": 1.0, "recorded": 0.0}]
    assert (scores["similar"]["rows"], scores["similar"]["without"]) == (2, 1)
    assert scores["similar"]["flips"] is None


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        (["--fail-under", "0.5"], 0),
        (["--fail-under", "0.51"], 1),
        (["--min-pass-rate", "0.5"], 0),
        (["--min-pass-rate", "50%"], 0),
        (["--min-pass-rate", "51%"], 1),
        (["--fail-under", "0.4", "--min-pass-rate", "0.9"], 1),
        (["--max-errored", "0"], 0),
    ],
)
def test_gates(grade: Grade, exact: Path, rows: Path, flags: list[str], status: int) -> None:
    assert grade("run", exact, rows, *flags).status == status


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ([], 3),
        (["--max-errored", "0.2"], 0),
        (["--max-errored", "20%"], 0),
        (["--max-errored", "0.19"], 1),
        (["--fail-under", "0.5"], 3),
        (["--fail-under", "0.6"], 1),
        (["--fail-under", "0.6", "--max-errored", "1"], 1),
        (["--fail-under", "0.5", "--max-errored", "1"], 0),
    ],
)
def test_errored_rows_are_3_unless_they_are_allowed_and_a_failed_gate_beats_them(
    grade: Grade, exact: Path, files: Files, flags: list[str], status: int
) -> None:
    data = files("rows.jsonl", [*ROWS, {"item": {}, "output": "x"}])
    assert grade("run", exact, data, *flags).status == status


def test_gates_over_no_score_at_all_are_not_met(grade: Grade, exact: Path, files: Files) -> None:
    data = files("rows.jsonl", [row("a", None)])
    done = grade("run", exact, data, "--fail-under", "0", "--min-pass-rate", "0")
    assert done.status == 1
    assert "gate     mean of no row, wanted at least 0: NOT MET" in done.err
    assert "gate     pass rate of no row, wanted at least 0 %: NOT MET" in done.err


def test_skipped_rows_are_no_failure(grade: Grade, exact: Path, files: Files) -> None:
    done = grade("run", exact, files("rows.jsonl", [*ROWS, row("a", None)]))
    assert done.status == 0
    assert "scored 4   errored 0   skipped 1" in done.err
    assert done.rows[-1]["outcome"] == "skipped"
    assert done.rows[-1]["error"] is None


@pytest.mark.parametrize("form", ["table", "json", "markdown", "none"])
def test_summary_forms(grade: Grade, multi: Path, rows: Path, form: str) -> None:
    done = grade("run", multi, rows, "-o", "out.jsonl", "--summary", form)
    assert done.err == ""
    if form == "json":
        facts = json.loads(done.out)
        assert facts["schema"] == 1
        assert facts["reward"]["mean"] == 0.5625
        assert facts["sub_rewards"]["similar"]["mean"] == 0.625
    elif form == "markdown":
        assert "| mean reward | 0.562 ± 0.258 |" in done.out
    else:
        assert (done.out == "") is (form == "none")


def test_quiet_says_only_what_was_not_met(grade: Grade, exact: Path, rows: Path) -> None:
    assert grade("run", exact, rows, "-q").err == ""
    done = grade("run", exact, rows, "-o", "o.jsonl", "-q", "--fail-under", "0.9")
    assert done.status == 1
    assert (done.out, done.err) == ("", "gate     mean 0.5, wanted at least 0.9: NOT MET\n")


def test_a_warning_about_the_grader_is_shown_and_quiet_hides_it(
    grade: Grade, files: Files, rows: Path
) -> None:
    grader = files("g.json", {**EXACT, "operation": "neq"})
    assert "g.json: 1 warning.\n  line 1   $.operation" in grade("run", grader, rows).err
    assert grade("run", grader, rows, "-q").err == ""


def test_verbose_shows_every_errored_row_and_the_signature(
    grade: Grade, exact: Path, files: Files
) -> None:
    data = files("rows.jsonl", [{"item": {}, "output": "x"}] * 120)
    brief, full = grade("run", exact, data), grade("run", exact, data, "-v")
    assert brief.err.count("no reward") == 1
    assert "and 119 more without a score; -v shows up to 100" in brief.err
    assert full.err.count("no reward") == 100
    assert "and 20 more without a score\n" in full.err
    assert "signature  string_check|operation:eq|def:1" in full.err


def test_every_row_errored_still_gives_every_row(grade: Grade, multi: Path, files: Files) -> None:
    data = files("rows.jsonl", "[1]\nnull\nx\n{}\n")
    done = grade("run", multi, data)
    assert done.status == 3
    assert [r["outcome"] for r in done.rows] == ["errored"] * 4
    assert "scored 0   errored 4   skipped 0" in done.err


def test_a_dataset_without_outputs_says_what_is_missing(
    grade: Grade, multi: Path, files: Files
) -> None:
    data = files("rows.jsonl", [{"messages": [{"role": "user", "content": "?"}], "answer": "a"}])
    done = grade("run", multi, data)
    assert done.status == 3
    block = done.err.split("\n\n")[1]
    assert block.startswith("row 0 (line 1 of rows.jsonl)   no reward\n  row  other_error / row\n")
    assert "a dataset without outputs: there are messages but nothing" in block
    assert block.endswith("  do   sample the model on these rows first; grade needs its answers\n")


def test_strings_that_json_libraries_refuse_pass_through(
    grade: Grade, exact: Path, files: Files
) -> None:
    big = 2**70
    data = files("rows.jsonl", [row("\ud800", "\ud800", note="\udfff", big=big)])
    done = grade("run", exact, data, "--include", "item")
    assert done.rows[0]["extra"] == {"note": "\udfff", "big": big}
    assert done.rows[0]["reward"] == 1.0


def test_long_error_details_are_cut_in_the_output(
    grade: Grade, exact: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_DETAIL_FILE_CHARS", "10")
    done = grade("run", exact, files("rows.jsonl", [{"item": {}, "output": "x"}]))
    assert len(done.rows[0]["error"]["detail"]) == 10

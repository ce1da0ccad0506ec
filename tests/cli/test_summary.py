"""The text of summaries and of errored rows, compared whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.cli.by import By
from graders.cli.summary import bars, duration, percent, table
from graders.cli.text import columns, number, pad, printable, shorten, width_of, wrap

from .conftest import EVAL, EXACT, MULTI, ROWS, SIMILAR, Grade, row

Files = Callable[..., Path]

# The figures of the sketch in the contract.
HISTOGRAM = [
    {"from": v, "to": v, "count": n}
    for v, n in [(0.0, 39), (0.25, 22), (0.5, 69), (0.75, 18), (1.0, 56)]
]
POLICY: dict[str, Any] = {
    "grader": {
        "source": "policy.json",
        "type": "score_model",
        "name": "Policy Outcome Consistency Grader",
        "pass_threshold": 0.5,
    },
    "rows": {
        "total": 210, "scored": 204, "errored": 0, "skipped": 6, "passed": 137, "failed": 67,
        "clamped": 0,
    },
    "reward": {
        "count": 204, "mean": 0.5211, "standard_error": 0.0253, "sd": 0.361, "min": 0.0,
        "p50": 0.5, "max": 1.0, "histogram": HISTOGRAM,
    },
    "sub_rewards": {},
    "by": {
        "field": "step",
        "values": [
            {"value": v, "rows": 30, "scored": 30, "mean": m, "pass_rate": None}
            for v, m in [(0, 0.39), (3, 0.29), (6, 0.4), (9, 0.61), (12, 0.52), (15, 0.65)]
        ],
    },
    "compare_field": "score",
    "compare_note": None,
    "compare": [
        {
            "score": "reward", "rows": 204, "without": 0, "equal": 0.83, "spearman": 0.911,
            "flips": 9, "largest": [{"row": r} for r in (45, 16, 142)],
        }
    ],
    "input": {"files": ["rows.jsonl"], "sample_fields": {"sample": 210}, "blank": 0, "empty": 0},
    "errors": [],
    "gates": [],
    "output": None,
    "seconds": 18.41,
}  # fmt: skip

WIDE_SUMMARY = """\
policy.json  score_model "Policy Outcome Consistency Grader"   210 rows in 18.4 s
  scored 204   errored 0   skipped 6      passed 137 (67 %)   failed 67      pass_threshold 0.5
  reward   mean 0.521 ± 0.025   sd 0.361   min 0   p50 0.5   max 1
  0.00 ▇▇▇▇▇▇▇▇ 39  0.25 ▇▇▇▇ 22  0.50 ▇▇▇▇▇▇▇▇▇▇▇▇▇▇ 69  0.75 ▇▇▇▇ 18  1.00 ▇▇▇▇▇▇▇▇▇▇▇ 56
  by step  0: 0.39   3: 0.29   6: 0.40   9: 0.61   12: 0.52   15: 0.65
compare  recorded score: 83 % equal, Spearman 0.91, 9 pass/fail flips; largest: rows 45, 16, 142
sample   field sample"""

NARROW_SUMMARY = """\
policy.json  score_model "Policy Outcome Consistency Grader"
  210 rows in 18.4 s
  scored 204   errored 0   skipped 6      passed 137 (67 %)
  failed 67      pass_threshold 0.5
  reward   mean 0.521 ± 0.025   sd 0.361   min 0   p50 0.5
           max 1
  0.00 ▇▇ 39  0.25 ▇ 22  0.50 ▇▇▇ 69  0.75 ▇ 18  1.00 ▇▇ 56
  by step  0: 0.39   3: 0.29   6: 0.40   9: 0.61   12: 0.52
           15: 0.65
compare  recorded score: 83 % equal, Spearman 0.91, 9 pass/fail
         flips; largest: rows 45, 16, 142
sample   field sample"""


def test_the_summary_reads_as_the_contract_sketches_it() -> None:
    assert table(POLICY, 100) == WIDE_SUMMARY


def test_the_summary_fits_a_narrow_terminal() -> None:
    assert table(POLICY, 64) == NARROW_SUMMARY


def untimed(text: str) -> str:
    return re.sub(r"in [\d.]+ m?s", "in 0 s", text)


def test_children_criteria_and_counts_are_shown(grade: Grade, files: Files) -> None:
    grader = files("eval.json", EVAL)
    lines = [*ROWS, row("x", None), {"item": {}, "output": "a"}, row("y", [])]
    data = files("rows.jsonl", lines)
    summary = untimed(grade("run", grader, data, "--by", "step", "--max-errored", "1").err)
    assert summary.split("\n\n")[0].splitlines()[1:] == [
        "  scored 4   errored 1   skipped 1      passed 2 (50 %)   failed 2",
        "  exact     string_check      mean 0.5 ± 0.289   passed 2 (50 %)   errored 1",
        "  similar   text_similarity   mean 0.625 ± 0.239   passed 3 (75 %)   errored 1",
        "  by step  0: 50 %   1: 50 %   (none): –",
        "sample   field output   empty lines 1",
        "errors   row 1 (row 5)"
        if "errors   row" in summary
        else "errors   exact: missing_variable, 1 row: 5",
        "gate     errored 17 %, wanted at most 100 %: met",
    ]


FAILED = """\
row 1 (line 2 of rows.jsonl, id q-0412)   no reward
  exact    string_check   invalid_variable_error / missing_variable
           item.answer: no item.answer
  similar  text_similarity   invalid_variable_error / missing_variable
           item.answer: no item.answer
  multi    0.5 * exact + 0.5 * similar   not evaluated: exact and similar have no score
  do       compare the template with the keys of the row; null is a value, so a key that may be
           absent can be written as null
"""


def test_an_errored_row_reads_as_the_contract_sketches_it(
    grade: Grade, multi: Path, files: Files
) -> None:
    data = files("rows.jsonl", [ROWS[0], {"id": "q-0412", "item": {}, "output": "x"}])
    assert grade("run", multi, data).err.split("\n\n")[1] == FAILED


def test_a_child_with_a_score_stands_beside_the_one_without(grade: Grade, files: Files) -> None:
    reads_json = {**EXACT, "input": "{{sample.output_json.answer}}"}
    grader = files("g.json", {**MULTI, "graders": {"exact": reads_json, "similar": SIMILAR}})
    data = files("rows.jsonl", [row("a", "a"), row("b", '{"answer": "b"}')])
    block = grade("run", grader, data).err.split("\n\n")[1]
    assert block.splitlines()[1:6] == [
        "  exact    string_check   sample_parse_error / output_not_json",
        "           sample.output_json.answer: the output is not valid JSON",
        "  similar  text_similarity   1",
        "  multi    0.5 * exact + 0.5 * similar   not evaluated: exact has no score",
        "  do       the grader reads sample.output_json and this output is not JSON; read "
        "sample.output_text,",
    ]


def test_a_formula_that_fails_says_how_to_guard_it(grade: Grade, files: Files) -> None:
    grader = files("g.json", {**MULTI, "calculate_output": "exact / similar"})
    data = files("rows.jsonl", [row("a", "b")])
    block = grade("run", grader, data).err.split("\n\n")[1]
    assert block.splitlines()[1:] == [
        "  multi    formula_parse_error / division_by_zero",
        "           exact / similar: division by zero",
        "  exact    string_check   0",
        "  similar  text_similarity   0",
        "  do       keep the divisor away from 0 in calculate_output, for example "
        "a / max(b, 0.001)",
    ]


def test_one_row_of_each_kind_is_shown(grade: Grade, multi: Path, files: Files) -> None:
    lines = [*[{"item": {}, "output": "x"}] * 3, {"messages": []}, [1], {"output": 3, "item": {}}]
    done = grade("run", multi, files("rows.jsonl", lines))
    assert re.findall(r"^row (\d+)", done.err, re.MULTILINE) == ["0", "3"]
    assert "errors   exact: missing_variable, 3 rows: 0, 1, 2\n         row, 3 rows: 3, 4, 5\n" in (
        done.err
    )


def test_wide_names_stay_aligned(grade: Grade, files: Files) -> None:
    named = {"名前の長い評価基準": EXACT, "b": SIMILAR}
    config = {"testing_criteria": [{**g, "name": name} for name, g in named.items()]}
    data = files("rows.jsonl", [row("猫", "猫", step="日本"), row("犬", "犬", step="x" * 99)])
    done = grade("run", files("eval.json", config), data, "--by", "step")
    lines = [line for line in done.err.splitlines() if "mean" in line]
    places = [width_of(line[: line.index("mean")]) for line in lines]
    assert len(set(places)) == 1
    assert "日本: –" in done.err
    assert "x" * 23 + "…" in done.err


def test_names_and_rows_cannot_move_the_cursor(grade: Grade, files: Files) -> None:
    grader = files("g.json", {**EXACT, "name": "a\x1b[2Jb\nc"})
    data = files(
        "rows.jsonl", [{"item": {}, "output": "\x1b[31m", "id": "\x1b]0;x\x07", "s": "\x9b"}]
    )
    done = grade("run", grader, data, "--by", "s")
    assert "\x1b" not in done.err
    assert "\x9b" not in done.err
    assert "\x07" not in done.err


# The pieces


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.5, "0.5"), (0.5214, "0.521"), (-0.25, "-0.25"),
        (12.0, "12"), (0.0004, "0.0004"), (1e-9, "1e-09"), (123456.789, "123456.789"),
        (2.5e9, "2.5e+09"), (-0.0001, "-0.0001"),
    ],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.67, "67 %"), (0.999, "99.9 %"), (0.001, "0.1 %"),
     (0.0001, "0.01 %"), (0.99999, "100.00 %"), (0.5, "50 %")],
)  # fmt: skip
def test_shares(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0204, "0.0204 s"), (18.41, "18.4 s"), (99.96, "100 s"), (119.0, "119 s"),
     (125.0, "2 min 5 s"), (3725.0, "62 min 5 s"), (90000.0, "25 h 0 min")],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.text(max_size=60), st.integers(1, 40))
def test_shortened_text_fits_and_is_one_printable_line(text: str, width: int) -> None:
    short = shorten(text, width)
    assert width_of(short) <= width
    assert short.isprintable()
    assert len(short.splitlines()) <= 1


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30), st.integers(1, 40))
def test_text_that_fits_is_not_shortened(text: str, width: int) -> None:
    plain = " ".join(text.split())
    assert (shorten(text, width) == plain) is (len(plain) <= width)


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("猫", 2), ("é", 1), ("e\u0301", 1), ("ｱ", 1), ("👍", 2)],
)
def test_columns_that_text_takes(text: str, width: int) -> None:
    assert width_of(text) == width
    assert width_of(pad(text, 6)) == 6
    assert sum(map(columns, text)) == width


def test_control_characters_are_replaced() -> None:
    assert printable("a\x1b[31m\tb\u202e\x00") == "a\ufffd[31m b\ufffd\ufffd"


@given(st.lists(st.text("abc ", min_size=1, max_size=12), max_size=12), st.integers(14, 40))
def test_wrapped_lines_fit_and_lose_nothing(pieces: list[str], width: int) -> None:
    lines = wrap(pieces, width, "  ")
    assert all(len(line) <= max(width, 2 + max(map(len, pieces))) for line in lines)
    assert "".join("".join(lines).split()) == "".join("".join(pieces).split())


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=8), st.integers(40, 120))
def test_bars_are_longest_for_the_largest_count(counts: list[int], width: int) -> None:
    cells = [{"from": i / 4, "to": i / 4, "count": n} for i, n in enumerate(counts)]
    if not max(counts):
        cells[0]["count"] = 1
    lines = bars(cells, width)
    assert max(map(len, lines)) <= width
    drawn = re.findall(r"(▇*) ?[\d,]+(?:  |$)", "  ".join(line.strip() for line in lines))
    by_count = sorted(zip([c["count"] for c in cells], map(len, drawn), strict=False))
    assert [n for _, n in by_count] == sorted(n for _, n in by_count)


def test_many_values_of_by_are_counted_together() -> None:
    by = By("x")
    for i in range(1100):
        by._cell(i)["rows"] += 1
    values = by.facts()["values"]
    assert len(values) == 1001
    assert values[-1]["value"] == "(other values)"
    assert values[-1]["rows"] == 100

"""Gates on their boundary, and gates that make no sense."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.cli.summary import gate

from .conftest import EXACT, Grade, row

Files = Callable[..., Path]


def scoring(files: Files, value: str) -> Path:
    """A grader whose reward is that number for every row."""
    graders = {"exact": EXACT}
    return files(
        "constant.json",
        {
            "type": "multi",
            "name": "c",
            "graders": graders,
            "calculate_output": f"{value} + 0*exact",
        },
    )


@pytest.mark.parametrize(("value", "n"), [("0.3", 10), ("0.3", 3000), ("0.1", 1500), ("0.7", 49)])
def test_a_mean_of_equal_rewards_meets_the_gate_of_that_reward(
    grade: Grade, files: Files, value: str, n: int
) -> None:
    data = files("rows.jsonl", [row("a", "a")] * n)
    argv = ["run", scoring(files, value), data, "--fail-under", value, "--summary", "json"]
    done = grade(*argv, "-o", "out.jsonl")
    assert done.status == 0
    assert f'"mean": {value},' in done.out


@pytest.mark.parametrize("share", ["0.7%", "0.7 %", "0.007", ".007", "7e-3"])
def test_a_share_is_exact(grade: Grade, exact: Path, files: Files, share: str) -> None:
    bad: list[dict[str, Any]] = [{"item": {}, "output": "a"}]
    data = files("rows.jsonl", [row("a", "a")] * 993 + bad * 7)
    assert grade("run", exact, data, "--max-errored", share, "-o", "out.jsonl").status == 0
    more = files("more.jsonl", [row("a", "a")] * 992 + bad * 8)
    assert grade("run", exact, more, "--max-errored", share, "-o", "more.out").status == 1


@pytest.mark.parametrize("share", ["5%%", "%", "", "1_0%", "101%", "-1", "nan", "inf", "1e-999"])
def test_what_is_no_share_is_refused(grade: Grade, exact: Path, rows: Path, share: str) -> None:
    done = grade("run", exact, rows, f"--max-errored={share}")
    assert done.status == 2
    assert f"{share!r} is no share of the rows; write 0.8 or 80%" in done.err


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("flag", ["--fail-under", "--deadline"])
def test_gates_and_deadlines_are_numbers(
    grade: Grade, exact: Path, rows: Path, flag: str, value: str
) -> None:
    done = grade("run", exact, rows, f"{flag}={value}")
    assert done.status == 2
    assert f"invalid value for '{flag}'" in done.err


@pytest.mark.parametrize(
    ("name", "found", "wanted", "line"),
    [
        ("fail_under", 0.29999, 0.3, "mean 0.29999, wanted at least 0.3"),
        ("fail_under", 0.29999999999999993, 0.3, "mean 0.2999999999999999, wanted at least 0.3"),
        ("min_pass_rate", 0.8999, 0.9, "mean 89.99 %, wanted at least 90 %"),
        ("max_errored", 0.0501, 0.05, "mean 5.01 %, wanted at most 5 %"),
        ("fail_under", 0.2, 0.3, "mean 0.2, wanted at least 0.3"),
    ],
)
def test_a_gate_that_is_not_met_shows_why(
    name: str, found: float, wanted: float, line: str
) -> None:
    facts = {"gate": name, "measure": "mean", "found": found, "wanted": wanted, "met": False}
    assert gate(facts) == f"gate     {line}: NOT MET"


def test_rewards_near_the_largest_number_have_figures(grade: Grade, files: Files) -> None:
    data = files("rows.jsonl", [row("a", "a")] * 5)
    done = grade("run", scoring(files, "1.5e308"), data, "--fail-under", "1e308", "-o", "o.jsonl")
    assert done.status == 0
    assert "mean 1.5e+308 ± 0   sd 0   min 1.5e+308   p50 1.5e+308   max 1.5e+308" in done.out
    assert not {"inf", "nan"} & {*done.out.split()}

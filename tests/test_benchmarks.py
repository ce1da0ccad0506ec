"""The speed table of the README comes from the recorded results alone."""

from __future__ import annotations

from benchmarks.table import load_results, speed_table, with_table
from tools.update_docs import ROOT


def test_the_readme_shows_what_results_json_says() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert with_table(readme, load_results()) == readme


def test_a_ratio_is_the_median_over_repeats() -> None:
    repeats = [
        {"ours": 30.0, "peer": 1.0},
        {"ours": 41.0, "peer": 1.0},
        {"ours": 90.0, "peer": 2.0},
    ]
    case = {"subject": "rouge_1", "peer": "rouge-score", "repeats": repeats}
    lines = speed_table({"cases": {"rouge_1 / M": case, "unmeasured": case}}).splitlines()
    assert lines[2:] == ["| rouge_1 | rouge-score |  | 41x |  |"]

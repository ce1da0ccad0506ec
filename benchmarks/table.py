"""results.json to the table of the README: nothing in it is typed by hand."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.json")
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
SIZES = {"S": "20 words", "M": "200 words", "L": "4,000 words"}


def ratio_of(case: dict[str, Any]) -> float:
    """The median of the ratios of the repeats."""
    return statistics.median(r["ours"] / r["peer"] for r in case["repeats"])


def figure(ratio: float) -> str:
    """Two significant digits are what such a measurement carries; three below 100."""
    return f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.1f}x"


def speed_table(results: dict[str, Any]) -> str:
    """One line for each metric and peer, a column for each length of text."""
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for name, case in results["cases"].items():
        size = name.rsplit(" / ", 1)[-1]
        if size in SIZES:
            rows.setdefault((case["subject"], case["peer"]), {})[size] = ratio_of(case)
    lines = ["| | compared with | " + " | ".join(SIZES.values()) + " |", "|---|---|" + "---:|" * 3]
    for (subject, peer), ratios in rows.items():
        cells = " | ".join(figure(ratios[size]) if size in ratios else "" for size in SIZES)
        lines.append(f"| {subject} | {peer} | {cells} |")
    return "\n".join(lines)


def with_table(readme: str, results: dict[str, Any]) -> str:
    """The README with the table between its markers replaced."""
    head, rest = readme.split(BEGIN)
    tail = rest.split(END)[1]
    return f"{head}{BEGIN}\n{speed_table(results)}\n{END}{tail}"


def load_results() -> dict[str, Any]:
    """The recorded results, empty before the first run."""
    if not RESULTS.exists():
        return {"schema": 1, "cases": {}}
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results

"""The summary of a run as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .by import shown
from .summary import compares, gate, heading, middle, numbers_of, percent, with_error
from .text import number, shorten

Facts = Mapping[str, Any]
WIDE = 10_000  # lines are not broken


def table(facts: Facts) -> str:
    """A heading line and tables."""
    rows = facts["rows"]
    (title,) = heading(facts["grader"], rows["total"], facts["seconds"], WIDE)
    blocks = [f"**{escape(title)}**", "\n".join(grid(("measure", "value"), measures(facts)))]
    if facts["sub_rewards"]:
        cells = [
            (key, part["type"], ", ".join(numbers_of(part)))
            for key, part in facts["sub_rewards"].items()
        ]
        blocks.append("\n".join(grid(("grader", "type", "scores"), cells)))
    if facts["by"]:
        by = [(shown(c["value"]), middle(c), f"{c['rows']:,}") for c in facts["by"]["values"]]
        blocks.append("\n".join(grid((facts["by"]["field"], "mean", "rows"), by)))
    if facts["errors"]:
        kinds = [
            (e["grader"], e["cause"], f"{e['rows']:,}", ", ".join(map(str, e["first"])))
            for e in facts["errors"]
        ]
        blocks.append("\n".join(grid(("grader", "cause", "rows", "first"), kinds)))
    lines = compares(facts, WIDE)
    lines += [gate(one) for one in facts["gates"]]
    if lines:
        blocks.append("\n".join(f"- {escape(' '.join(line.split()))}" for line in lines))
    return "\n\n".join(blocks)


def measures(facts: Facts) -> list[tuple[str, str]]:
    """Counts and the distribution as pairs."""
    rows, reward = facts["rows"], facts["reward"]
    found = [(name, f"{rows[name]:,}") for name in ("scored", "errored", "skipped")]
    if verdicts := rows["passed"] + rows["failed"]:
        found.append(("passed", f"{rows['passed']:,} ({percent(rows['passed'] / verdicts)})"))
    if reward:
        found.append(("mean reward", with_error(reward)))
        found += [(name, number(reward[name])) for name in ("min", "p50", "max")]
    return found


def grid(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(map(cell, line)) + " |" for line in lines]


def cell(text: str) -> str:
    """Text for a cell: one line, short, nothing that ends the cell."""
    return escape(shorten(text, 80))


def escape(text: str) -> str:
    """Without the characters that Markdown would take for its own."""
    return "".join("\\" + c if c in "\\|*`<" else c for c in text)

"""The one table that drives every benchmark, and the README's figures."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import peers
from .measure import Repeat, Scorer, call_repeats, process_repeats, text_repeats
from .texts import pairs

TEXT_SETS = ("S", "M", "L", "udhr", "wmt17_ende", "summeval", "rare_disease")
ROUGE_N = tuple(f"rouge_{n}" for n in range(1, 6))


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured against what. `limit` is a floor of the ratio, or a ceiling of it.

    `run(repeats)` yields repeats, or returns None where something it needs is not installed.
    """

    name: str
    subject: str
    peer: str
    unit: str
    limit: float
    run: Callable[[int], Iterator[Repeat] | None]
    higher_is_better: bool = True

    def holds(self, ratio: float) -> bool:
        """Whether the ratio keeps the limit."""
        return ratio >= self.limit if self.higher_is_better else ratio <= self.limit


def similarity(metric: str) -> Scorer:
    """Our bare metric on one thread."""

    def score(inputs: list[str], references: list[str]) -> object:
        import graders

        return graders.similarity(metric, inputs, references, threads=1)

    return score


def rouge_multi() -> Scorer:
    """rouge_1 to rouge_5 in one multi: rows in, rewards out, on one thread."""
    import graders

    grader = graders.load(
        {
            "type": "multi",
            "name": "rouge",
            "graders": {
                metric: {
                    "type": "text_similarity",
                    "input": "{{sample.output_text}}",
                    "reference": "{{item.reference}}",
                    "evaluation_metric": metric,
                }
                for metric in ROUGE_N
            },
            "calculate_output": "(" + " + ".join(ROUGE_N) + ") / 5",
        }
    )

    rows = {}  # made once for a set: rows are what comes in

    def score(inputs: list[str], references: list[str]) -> object:
        if id(references) not in rows:
            rows[id(references)] = [{"reference": text} for text in references]
        return graders.grade(grader, samples=inputs, items=rows[id(references)], threads=1).rewards

    return score


def text_case(
    subject: str, make: Callable[[], Scorer], peer: str, limit: float, make_peer: Any, size: str
) -> Case:
    """Ours against a peer on one set of pairs."""

    def run(repeats: int) -> Iterator[Repeat] | None:
        chosen, other = pairs(size), make_peer()
        if chosen is None or other is None:
            return None
        return text_repeats(make(), other, *chosen, repeats)

    return Case(f"{subject} / {peer} / {size}", subject, peer, "pairs/s", limit, run)


# subject, ours, peer, floor of the ratio, the peer's scorer
TEXT: tuple[tuple[str, Callable[[], Scorer], str, float, Any], ...] = (
    (
        "rouge_1",
        lambda: similarity("rouge_1"),
        "rouge-score",
        30,
        lambda: peers.rouge_score("rouge1"),
    ),
    (
        "rouge_1..5 in one multi",
        rouge_multi,
        "rouge-score",
        60,
        lambda: peers.rouge_score("rouge1", "rouge2", "rouge3", "rouge4", "rouge5"),
    ),
    ("rouge_1..5 in one multi", rouge_multi, "findall + Counter", 20, lambda: peers.counter(5)),
    ("rouge_l", lambda: similarity("rouge_l"), "findall + LCSseq", 4, peers.lcsseq),
    ("bleu", lambda: similarity("bleu"), "nltk", 40, peers.bleu),
    ("gleu", lambda: similarity("gleu"), "nltk", 25, peers.gleu),
    ("meteor", lambda: similarity("meteor"), "nltk with WordNet", 15, peers.meteor),
    ("fuzzy_match", lambda: similarity("fuzzy_match"), "rapidfuzz loop", 0.9, peers.wratio),
)


def formula_case(text: str, limit: float) -> Case:
    """A formula over a million rows against numpy."""

    def run(repeats: int) -> Iterator[Repeat] | None:
        import numpy as np

        from graders.formula import parse

        random = np.random.default_rng(0)
        n = 1_000_000
        columns = {key: random.random(n) for key in "abc"}
        a, b, c = columns.values()
        formula = parse(text, tuple(columns))

        def by_numpy() -> object:
            return 0.5 * a + 0.3 * np.minimum(b, c) + 0.2 * np.maximum(a - b, 0.0) * c / (1.0 + b)

        return call_repeats(lambda: formula.evaluate(columns), by_numpy, n, repeats)

    return Case(f"formula / numpy / {text}", "formula", "numpy", "rows/s", limit, run)


FORMULA = "0.5 * a + 0.3 * min(b, c) + 0.2 * max(a - b, 0) * c / (1 + b)"

ROWS = [
    {"item": {"answer": f"the answer is {i}"}, "sample": f"I think the answer is {i * 7 % 10}"}
    for i in range(10)
]
GRADER = {
    "type": "multi",
    "name": "answer",
    "graders": {
        "exact": {
            "type": "string_check",
            "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}",
            "operation": "eq",
        },
        "similar": {
            "type": "text_similarity",
            "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}",
            "evaluation_metric": "rouge_l",
        },
    },
    "calculate_output": "0.4 * exact + 0.6 * similar",
}


def written(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """Paths of the grader and the rows in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="graders-benchmark-"))
    grader, data = folder / "grader.json", folder / "rows.jsonl"
    grader.write_text(json.dumps(GRADER))
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(grader), str(data)


def grade_run(rows: list[dict[str, Any]]) -> list[str]:
    """The command line that grades the rows, file to file."""
    grader, data = written(rows)
    return ["-m", "graders.cli", "run", grader, data, "-o", data + ".out", "--force", "-q"]


FIRST_SCORE = "import graders; graders.similarity('rouge_l', ['a b'], ['a c'])"


def process_case(
    subject: str, ours: list[str], peer: str, limit: float, **environment: str
) -> Case:
    """The CPU time of a command against another one's."""

    def run(repeats: int) -> Iterator[Repeat] | None:
        command = grade_run(ROWS) if ours == ["grade run"] else ours
        return process_repeats(command, ["-c", peer], 2 * repeats + 1, environment)

    return Case(f"{subject} / {peer}", subject, f"`{peer}`", "s", limit, run, False)


def long_rows(repeats: int) -> Iterator[Repeat] | None:
    """`grade run` on 100,000 short rows, in rows a second, against the floor of 20,000."""
    import subprocess
    import sys
    import time

    rows = [ROWS[i % 10] | {"id": i} for i in range(100_000)]
    command = [sys.executable, *grade_run(rows)]
    subprocess.run(command, check=True)
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(command, check=True)
        yield Repeat(len(rows) / (time.perf_counter() - start), 20_000)


CASES: tuple[Case, ...] = (
    *(
        text_case(subject, make, peer, limit, make_peer, size)
        for subject, make, peer, limit, make_peer in TEXT
        for size in TEXT_SETS
    ),
    formula_case(FORMULA, 1.1),
    process_case("import graders", ["-c", "import graders"], "pass", 6),
    process_case("grade --help", ["-m", "graders.cli", "--help"], "import click", 1.5),
    process_case("grade run, ten rows", ["grade run"], "import numpy", 3.5),
    process_case(
        "first score, warm kernels",
        ["-c", FIRST_SCORE],
        "import numba",
        2.6,
        GRADERS_KERNELS="compiled",
    ),
    Case(
        "grade run, 100,000 rows / floor of 20,000 rows/s",
        "grade run, 100,000 rows (wall)",
        "20,000 rows/s",
        "rows/s",
        1.0,
        long_rows,
    ),
)

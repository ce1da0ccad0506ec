"""Values that other projects publish, and the golden pairs of OpenAI's format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from graders.options import Options
from graders.text.similarities import similarities

MINE = {
    "rouge_score.rouge1": "rouge_1",
    "rouge_score.rouge2": "rouge_2",
    "rouge_score.rougeL": "rouge_l",
    "nltk.sentence_bleu": "bleu",
    "nltk.sentence_gleu": "gleu",
}
SCORERS = ("WRatio", "QRatio", "ratio", "partial_ratio", "token_set_ratio", "token_sort_ratio")


@pytest.fixture(params=["plain", "compiled"], autouse=True)
def _path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_KERNELS", request.param)


def value(metric: str, ours: str, theirs: str, **options: Any) -> float:
    return float(similarities([metric], [ours], [theirs], Options(**options))[metric][0])


def options_of(case: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Our metric and options for a published case; None if we have no such thing."""
    name, params = case["metric"], case["params"]
    if case["level"] != "sentence" or len(case["references"] or ()) != 1:
        return None
    if name in ("rouge_score.rouge1", "rouge_score.rouge2", "rouge_score.rougeL"):
        return MINE[name], {"rouge_stem": params.get("use_stemmer", False)}
    if name == "nltk.sentence_bleu":
        smoothing = params.get("smoothing", "none")
        if params.get("weights", [0.25] * 4) != [0.25] * 4 or smoothing not in ("none", "method1"):
            return None
        return "bleu", {"bleu_smoothing": smoothing}
    if name == "nltk.sentence_gleu":
        return "gleu", {}
    scorer = name.removeprefix("rapidfuzz.fuzz.")
    if scorer in SCORERS:
        from rapidfuzz.utils import default_process

        same = all(default_process(t) == t for t in (case["candidate"], case["references"][0]))
        if params == {"processor": "default_process"} or (not params and same):
            return "fuzzy_match", {"fuzzy": scorer}
    return None


def text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value)


def test_published_values_are_met(data: Path) -> None:
    lines = (data / "metric_vectors.jsonl").read_text(encoding="utf-8").splitlines()
    seen = 0
    for case in map(json.loads, lines):
        if (ours := options_of(case)) is None:
            continue
        metric, options = ours
        expected = case["expected"]
        if isinstance(expected, dict):
            expected = expected["fmeasure"]
        scale = 100 if metric == "fuzzy_match" else 1
        got = scale * value(metric, text(case["candidate"]), text(case["references"][0]), **options)
        assert got == pytest.approx(expected, abs=case["tolerance"] + 1e-12), case["id"]
        seen += 1
    assert seen >= 38


BEAR = ("fuzzy wuzzy was a bear", "fuzzy wuzzy had no hair")
FOX = ("The quick brown foxes jumped over lazy dogs", "the quick brown fox jumps over the lazy dog")
CAT = ("the cat sat on the mat", "the cat is on the mat")
PARIS = ("Paris", "The capital of France is Paris.")

GOLDEN = [
    (BEAR, "fuzzy_match", {}, 0.7555555555555555, 0),
    (BEAR, "fuzzy_match", {"fuzzy": "ratio"}, 0.755556, 1e-6),
    (BEAR, "fuzzy_match", {"fuzzy": "QRatio"}, 0.755556, 1e-6),
    (BEAR, "fuzzy_match", {"fuzzy": "token_set_ratio"}, 0.755556, 1e-6),
    (BEAR, "fuzzy_match", {"fuzzy": "partial_ratio"}, 0.744186, 1e-6),
    (BEAR, "fuzzy_match", {"fuzzy": "token_sort_ratio"}, 0.577778, 1e-6),
    (BEAR, "rouge_1", {}, 0.4, 1e-15),
    (BEAR, "rouge_2", {}, 0.25, 1e-15),
    (BEAR, "rouge_3", {}, 0.0, 0),
    (BEAR, "rouge_4", {}, 0.0, 0),
    (BEAR, "rouge_5", {}, 0.0, 0),
    (BEAR, "rouge_l", {}, 0.4, 1e-15),
    (BEAR, "bleu", {"bleu_smoothing": "none"}, 8.39e-155, 1e-157),
    (BEAR, "bleu", {}, 0.113622, 1e-6),
    (BEAR, "gleu", {}, 0.214286, 1e-6),
    (("John Doe", "Jon Doe"), "fuzzy_match", {}, 0.933333, 1e-6),
    (PARIS, "fuzzy_match", {}, 0.9, 1e-12),
    (("PARIS", "paris"), "fuzzy_match", {}, 1.0, 0),
    (("new york mets", "mets new york"), "fuzzy_match", {}, 0.95, 1e-12),
    (("!!!", "!!!"), "fuzzy_match", {}, 0.0, 0),
    (("", ""), "fuzzy_match", {}, 0.0, 0),
    (("", "x"), "fuzzy_match", {}, 0.0, 0),
    (("x", ""), "fuzzy_match", {}, 0.0, 0),
    (FOX, "rouge_1", {}, 0.588235, 1e-6),
    (FOX, "rouge_1", {"rouge_stem": True}, 0.941176, 1e-6),
    (FOX, "rouge_2", {}, 0.266667, 1e-6),
    (FOX, "rouge_2", {"rouge_stem": True}, 0.8, 1e-6),
    (FOX, "rouge_l", {}, 0.588235, 1e-6),
    (FOX, "rouge_l", {"rouge_stem": True}, 0.941176, 1e-6),
    (FOX, "bleu", {"bleu_smoothing": "none"}, 6.81e-155, 1e-157),
    (FOX, "bleu", {}, 0.0616454, 1e-7),
    (FOX, "gleu", {}, 0.166667, 1e-6),
    (CAT, "bleu", {"bleu_smoothing": "none"}, 7.26e-78, 1e-80),
    (CAT, "bleu", {}, 0.254066, 1e-6),
    (CAT, "gleu", {}, 0.5, 0),
    (CAT, "rouge_1", {}, 0.833333, 1e-6),
    (CAT, "rouge_2", {}, 0.6, 1e-12),
    (CAT, "rouge_l", {}, 0.833333, 1e-6),
    (CAT, "fuzzy_match", {}, 0.930233, 1e-6),
    (PARIS, "rouge_1", {}, 0.285714, 1e-6),
]


@pytest.mark.parametrize(("pair", "metric", "options", "expected", "tolerance"), GOLDEN)
def test_golden_pairs(
    pair: tuple[str, str], metric: str, options: dict[str, Any], expected: float, tolerance: float
) -> None:
    assert value(metric, *pair, **options) == pytest.approx(expected, rel=0, abs=tolerance)

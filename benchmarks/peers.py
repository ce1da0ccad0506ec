"""The same work by the libraries that people use today."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

Scorer = Callable[[list[str], list[str]], object]

WORDNET = Path("/usr/share/wordnet")  # Debian's wordnet-base
LEXNAMES = 45
TOKENS = re.compile(r"[a-z0-9]+")


def rouge_score(*names: str) -> Scorer:
    """rouge-score's RougeScorer, without a stemmer."""
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(list(names))

    def score(inputs: list[str], references: list[str]) -> list[Any]:
        return [scorer.score(b, a) for a, b in zip(inputs, references, strict=True)]

    return score


def counter(orders: int) -> Scorer:
    """findall and Counter: n-gram F-measures, what a good engineer writes in an hour."""

    def grams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
        return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))

    def f_measure(a: Counter[Any], b: Counter[Any]) -> float:
        overlap = (a & b).total()
        precision, recall = overlap / max(a.total(), 1), overlap / max(b.total(), 1)
        return 2 * precision * recall / (precision + recall) if overlap else 0.0

    def score(inputs: list[str], references: list[str]) -> list[list[float]]:
        out = []
        for candidate, reference in zip(inputs, references, strict=True):
            a, b = TOKENS.findall(candidate.lower()), TOKENS.findall(reference.lower())
            out.append([f_measure(grams(a, n), grams(b, n)) for n in range(1, orders + 1)])
        return out

    return score


def lcsseq() -> Scorer:
    """findall and rapidfuzz's LCSseq: the honest peer of rouge_l."""
    from rapidfuzz.distance import LCSseq

    def score(inputs: list[str], references: list[str]) -> list[float]:
        out = []
        for candidate, reference in zip(inputs, references, strict=True):
            a, b = TOKENS.findall(candidate.lower()), TOKENS.findall(reference.lower())
            common = LCSseq.similarity(a, b)
            out.append(2 * common / (len(a) + len(b)) if common else 0.0)
        return out

    return score


def bleu() -> Scorer:
    """nltk's sentence_bleu with smoothing method 1."""
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    smoothing = SmoothingFunction().method1

    def score(inputs: list[str], references: list[str]) -> list[float]:
        return [
            sentence_bleu([b.split()], a.split(), smoothing_function=smoothing)
            for a, b in zip(inputs, references, strict=True)
        ]

    return score


def gleu() -> Scorer:
    """nltk's sentence_gleu."""
    from nltk.translate.gleu_score import sentence_gleu

    def score(inputs: list[str], references: list[str]) -> list[float]:
        return [
            sentence_gleu([b.split()], a.split()) for a, b in zip(inputs, references, strict=True)
        ]

    return score


@cache
def nltk_wordnet() -> Any:
    """nltk's WordNet reader over Debian's files, which it wants in a folder of its own data."""
    import nltk

    root = Path(tempfile.mkdtemp(prefix="graders-nltk-"))
    folder = root / "corpora" / "wordnet"
    shutil.copytree(WORDNET, folder)
    (folder / "lexnames").write_text("".join(f"{i:02}\tname.{i}\t1\n" for i in range(LEXNAMES)))
    (folder / "index.sense").write_text("")
    nltk.data.path.insert(0, str(root))
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    return WordNetCorpusReader(nltk.data.find("corpora/wordnet"), None)


def meteor() -> Scorer | None:
    """nltk's METEOR with WordNet 3.0, None where Debian's wordnet-base is not installed."""
    if not WORDNET.is_dir():
        return None
    from nltk.translate.meteor_score import single_meteor_score

    wordnet = nltk_wordnet()

    def score(inputs: list[str], references: list[str]) -> list[float]:
        return [
            single_meteor_score(b.split(), a.split(), wordnet=wordnet)
            for a, b in zip(inputs, references, strict=True)
        ]

    return score


def wratio() -> Scorer:
    """A loop of rapidfuzz's WRatio with its default processing."""
    from rapidfuzz import fuzz, utils

    def score(inputs: list[str], references: list[str]) -> list[float]:
        return [
            fuzz.WRatio(a, b, processor=utils.default_process)
            for a, b in zip(inputs, references, strict=True)
        ]

    return score

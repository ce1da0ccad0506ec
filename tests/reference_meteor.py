"""METEOR by its definition, slowly: the twin of graders/text/meteor.py and of its kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graders.text.porter import stem
from graders.text.wordnet import wordnet

Fits = Callable[[str, str], bool]


def same(a: str, b: str) -> bool:
    return a == b


def same_stem(a: str, b: str) -> bool:
    return stem(a) == stem(b)


def synonymous(a: str, b: str) -> bool:
    return stem(b) in wordnet().synonyms(stem(a))


def align(hypothesis: Sequence[str], reference: Sequence[str]) -> list[int]:
    """For each word of the hypothesis its partner's place, or -1: every pair is looked at."""
    partners = [-1] * len(hypothesis)
    stages: tuple[Fits, ...] = (same, same_stem, synonymous)
    for fits in stages:
        for i in reversed(range(len(hypothesis))):
            for j in reversed(range(len(reference))):
                if partners[i] < 0 and j not in partners and fits(hypothesis[i], reference[j]):
                    partners[i] = j
    return partners


def chunks(partners: Sequence[int]) -> int:
    """Runs of words whose partners follow one another."""
    pairs = [(i, j) for i, j in enumerate(partners) if j >= 0]
    return sum((i - 1, j - 1) not in pairs for i, j in pairs)


def meteor(hypothesis: Sequence[str], reference: Sequence[str]) -> float:
    partners = align(hypothesis, reference)
    matches = sum(j >= 0 for j in partners)
    if matches == 0:
        return 0.0
    precision, recall = matches / len(hypothesis), matches / len(reference)
    mean = precision * recall / (0.9 * precision + (1 - 0.9) * recall)
    fragmentation = chunks(partners) / matches
    penalty = 0.5 * (fragmentation * fragmentation * fragmentation)
    return (1 - penalty) * mean

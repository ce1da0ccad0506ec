"""Counts to scores, for the plain path. grader_kernels/scores.py does the same operations."""

from __future__ import annotations

import math
from collections.abc import Sequence

ORDERS = 4  # of BLEU and GLEU
EPSILON = 0.1  # what method 1 puts in the place of a count of 0
SMALLEST = 2.2250738585072014e-308  # nltk's precision without smoothing where nothing matches


def f_measure(common: int, inputs: int, references: int) -> float:
    """Harmonic mean of precision and recall (Lin 2004), as rouge-score rounds it."""
    precision = common / max(inputs, 1)
    recall = common / max(references, 1)
    if precision + recall > 0:
        return 2 * precision * recall / (precision + recall)
    return 0.0


def bleu(common: Sequence[int], inputs: int, references: int, smooth: bool) -> float:
    """Sentence BLEU (Papineni et al. 2002) of texts of so many words, up to four-grams."""
    if common[0] == 0:
        return 0.0
    total = 0.0
    for n in range(ORDERS):
        grams = max(inputs - n, 1)
        if common[n] > 0:
            precision = common[n] / grams
        else:
            precision = EPSILON / grams if smooth else SMALLEST
        total += 0.25 * math.log(precision)
    penalty = 1.0 if inputs > references else math.exp(1 - references / inputs)
    return penalty * math.exp(total)


def gleu(common: Sequence[int], inputs: int, references: int) -> float:
    """Sentence GLEU (Wu et al. 2016): the smaller of precision and recall; 0 for empty texts."""
    longer = max(inputs, references)
    grams = sum(max(longer - n, 0) for n in range(ORDERS))
    return sum(common[:ORDERS]) / grams if grams else 0.0

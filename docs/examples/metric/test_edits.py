"""Kernel, plain path, naive twin and reference agree bit for bit."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
from edits import word_accuracy_batch
from plain_edits import word_accuracy
from rapidfuzz.distance import Levenshtein

EDGES = ["", "a", "a b", "b a", "é 東京 🙂", "\ud800 a", "a " * 300]


def naive(ours, theirs):
    """The definition of edit distance, word by word."""

    @cache
    def least(i, j):
        if i == 0 or j == 0:
            return i + j
        replaced = least(i - 1, j - 1) + (ours[i - 1] != theirs[j - 1])
        return min(replaced, least(i - 1, j) + 1, least(i, j - 1) + 1)

    longer = max(len(ours), len(theirs))
    return 1 - least(len(ours), len(theirs)) / longer if longer else 1.0


def pairs():
    """Every edge against every other, and short random texts of few words."""
    rng = random.Random(1)
    texts = EDGES + [" ".join(rng.choices("abc", k=rng.randrange(9))) for _ in range(40)]
    return [(one.split(), other.split()) for one in texts for other in texts]


def compiled(rows):
    """The kernel on numbered words: equal words of a pair have equal numbers."""
    numbers = {}
    sides = []
    for side in (0, 1):
        words = [numbers.setdefault(word, len(numbers)) for row in rows for word in row[side]]
        ends = np.cumsum([0] + [len(row[side]) for row in rows])
        sides += [np.array(words, np.int32), ends]
    out = np.empty(len(rows))
    word_accuracy_batch(*sides, out)
    return out


def test_kernel_and_plain_path_have_the_same_bits():
    rows = pairs()
    assert compiled(rows).tolist() == [word_accuracy(*row) for row in rows]


def test_plain_path_is_the_definition():
    short = [row for row in pairs() if max(map(len, row)) < 100]
    assert [word_accuracy(*row) for row in short] == [naive(*row) for row in short]


def test_plain_path_is_the_reference():
    for ours, theirs in pairs():
        assert word_accuracy(ours, theirs) == Levenshtein.normalized_similarity(ours, theirs)


def test_an_empty_text_is_equal_to_another_only():
    assert word_accuracy([], []) == 1.0
    assert word_accuracy([], ["a"]) == word_accuracy(["a"], []) == 0.0

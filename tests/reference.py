"""Naive twins of the text kernels: what they compute, as slowly and plainly as possible."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

LATIN = "abcdefghijklmnopqrstuvwxyz0123456789"
SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def latin_words(text: str) -> list[str]:
    """Runs of a-z and 0-9 in the lower-cased text, character by character."""
    kept = "".join(c if c in LATIN else " " for c in text.lower())
    return [word for word in kept.split(" ") if word]


def split_words(text: str) -> list[str]:
    """Runs of characters that are not white space, character by character."""
    words = [""]
    for c in text:
        if c in SPACES:
            words.append("")
        else:
            words[-1] += c
    return [word for word in words if word]


def ngrams(words: Sequence[object], n: int) -> Counter[tuple[object, ...]]:
    """How often each n-gram occurs."""
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def common_ngrams(one: Sequence[object], other: Sequence[object], n: int) -> int:
    """How many n-grams two sequences share, with multiplicity."""
    ours, theirs = ngrams(one, n), ngrams(other, n)
    return sum(min(count, theirs[gram]) for gram, count in ours.items())


def lcs(one: Sequence[object], other: Sequence[object]) -> int:
    """Length of the longest common subsequence by the textbook table."""
    above = [0] * (len(other) + 1)
    for x in one:
        row = [0]
        for j, y in enumerate(other):
            row.append(above[j] + 1 if x == y else max(above[j + 1], row[j]))
        above = row
    return above[-1]


def f_measure(common: int, inputs: int, references: int) -> float:
    """The harmonic mean of precision and recall, exactly, then rounded."""
    if common <= 0:
        return 0.0
    precision, recall = Fraction(common, inputs), Fraction(common, references)
    return float(2 * precision * recall / (precision + recall))


def bleu(one: Sequence[object], other: Sequence[object], smooth: bool) -> float:
    """BLEU of two sequences by its definition, as a product of roots."""
    if common_ngrams(one, other, 1) == 0:
        return 0.0
    value = 1.0
    for n in range(1, 5):
        common = common_ngrams(one, other, n)
        grams = max(len(one) - n + 1, 1)
        nothing = 0.1 / grams if smooth else 2.2250738585072014e-308
        value *= (common / grams if common else nothing) ** 0.25
    if len(one) <= len(other):
        value *= math.exp(1 - len(other) / len(one))
    return value


def gleu(one: Sequence[object], other: Sequence[object]) -> float:
    """GLEU of two sequences: the smaller of precision and recall of n-grams up to four."""
    common = sum(common_ngrams(one, other, n) for n in range(1, 5))
    ours = sum(ngrams(one, n).total() for n in range(1, 5))
    theirs = sum(ngrams(other, n).total() for n in range(1, 5))
    return min(common / ours, common / theirs) if ours and theirs else 0.0

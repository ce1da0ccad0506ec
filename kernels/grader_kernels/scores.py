"""Counts to scores. The plain path in graders/text/scoring.py does the same operations."""

from __future__ import annotations

import math

from numba import njit

ORDERS = 4  # of BLEU and GLEU
EPSILON = 0.1
SMALLEST = 2.2250738585072014e-308  # smallest normal number: a precision of "none" smoothing


@njit(nogil=True, cache=True)
def f_measure(common, inputs, references):
    """Harmonic mean of common / inputs and common / references."""
    precision = common / max(inputs, 1)
    recall = common / max(references, 1)
    if precision + recall > 0:
        return 2 * precision * recall / (precision + recall)
    return 0.0


@njit(nogil=True, cache=True)
def rouge_n_batch(common, input_offsets, reference_offsets, n, out):
    """ROUGE-n F of each pair from the number of common n-grams."""
    for i in range(len(out)):
        inputs = input_offsets[i + 1] - input_offsets[i] - n + 1
        references = reference_offsets[i + 1] - reference_offsets[i] - n + 1
        out[i] = f_measure(common[i, n - 1], inputs, references)


@njit(nogil=True, cache=True)
def rouge_l_batch(lcs, input_offsets, reference_offsets, out):
    """ROUGE-L F of each pair from the length of the longest common subsequence."""
    for i in range(len(out)):
        inputs = input_offsets[i + 1] - input_offsets[i]
        references = reference_offsets[i + 1] - reference_offsets[i]
        out[i] = f_measure(lcs[i], inputs, references)


@njit(nogil=True, cache=True)
def bleu(common, inputs, references, smooth):
    """BLEU of one pair with n-grams up to four, equal weights, one reference."""
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


@njit(nogil=True, cache=True)
def bleu_batch(common, input_offsets, reference_offsets, smooth, out):
    """BLEU of each pair from the numbers of common n-grams."""
    for i in range(len(out)):
        inputs = input_offsets[i + 1] - input_offsets[i]
        references = reference_offsets[i + 1] - reference_offsets[i]
        out[i] = bleu(common[i], inputs, references, smooth)


@njit(nogil=True, cache=True)
def gleu(common, inputs, references):
    """GLEU of one pair: common n-grams by the larger number of n-grams, up to four words."""
    matches = 0
    longer = 0
    for n in range(ORDERS):
        matches += common[n]
        longer += max(max(inputs, references) - n, 0)
    return matches / longer if longer > 0 else 0.0


@njit(nogil=True, cache=True)
def gleu_batch(common, input_offsets, reference_offsets, out):
    """GLEU of each pair from the numbers of common n-grams."""
    for i in range(len(out)):
        inputs = input_offsets[i + 1] - input_offsets[i]
        references = reference_offsets[i + 1] - reference_offsets[i]
        out[i] = gleu(common[i], inputs, references)

"""Ids to word accuracy: edit distance, one row of the table at a time (Wagner and Fischer 1974)."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def edits(one, begin, end, other, start, stop, row):
    """Fewest insertions, deletions and replacements between one[begin:end], other[start:stop]."""
    width = stop - start
    for j in range(width + 1):
        row[j] = j
    for i in range(end - begin):
        corner, row[0] = row[0], i + 1
        for j in range(width):
            least = corner
            if one[begin + i] != other[start + j]:
                least = min(corner, row[j], row[j + 1]) + 1
            corner, row[j + 1] = row[j + 1], least
    return row[width]


@njit(nogil=True, cache=True)
def word_accuracy_batch(inputs, input_offsets, references, reference_offsets, out):
    """1 - edits / words of the longer text, for each pair; 1 for two empty texts."""
    longest = 0
    for i in range(len(out)):
        longest = max(longest, reference_offsets[i + 1] - reference_offsets[i])
    row = np.empty(longest + 1, np.int64)
    for i in range(len(out)):
        begin, end = input_offsets[i], input_offsets[i + 1]
        start, stop = reference_offsets[i], reference_offsets[i + 1]
        longer = max(end - begin, stop - start)
        found = edits(inputs, begin, end, references, start, stop, row)
        out[i] = 1 - found / longer if longer > 0 else 1.0

"""METEOR's alignment and score.

A word has a number, its stem has one of its own, and a stem has the numbers of the stems that mean
the same, so that every stage of the alignment compares integers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

TAKEN = -2  # what stands in `before` for a place that is taken


class Stems(NamedTuple):
    """The stem of each word, and the synonyms of each stem: `synonyms[starts[i] : ends[i]]`."""

    of_word: NDArray[np.int32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    synonyms: NDArray[np.int32]


@njit(nogil=True, cache=True)
def match_words(
    hypothesis: NDArray[np.int64],
    reference: NDArray[np.int64],
    last: NDArray[np.int32],
    before: NDArray[np.int32],
    partners: NDArray[np.int32],
) -> int:
    """Stage 1, the same word. Marks the places of the reference that are taken in `before`."""
    matches = 0
    for j in range(reference.size):
        before[j] = last[reference[j]]
        last[reference[j]] = j
    for i in range(hypothesis.size - 1, -1, -1):
        j = last[hypothesis[i]]
        partners[i] = j
        if j >= 0:
            last[hypothesis[i]] = before[j]
            before[j] = TAKEN
            matches += 1
    for j in range(reference.size):
        last[reference[j]] = -1
    return matches


@njit(nogil=True, cache=True)
def match_stems(
    hypothesis: NDArray[np.int64],
    reference: NDArray[np.int64],
    stems: Stems,
    last: NDArray[np.int32],
    before: NDArray[np.int32],
    partners: NDArray[np.int32],
) -> int:
    """Stages 2 and 3, the same stem, then a synonym: how many more words are matched."""
    matches = 0
    stem_of = stems.of_word
    for j in range(reference.size):
        if before[j] != TAKEN:
            before[j] = last[stem_of[reference[j]]]
            last[stem_of[reference[j]]] = j
    for i in range(hypothesis.size - 1, -1, -1):
        if partners[i] < 0:
            stem = stem_of[hypothesis[i]]
            j = last[stem]
            if j >= 0:
                partners[i] = j
                last[stem] = before[j]
                matches += 1
    for i in range(hypothesis.size - 1, -1, -1):
        if partners[i] < 0:
            stem = stem_of[hypothesis[i]]
            best = -1
            for at in range(stems.starts[stem], stems.ends[stem]):
                best = max(best, last[stems.synonyms[at]])
            if best >= 0:
                partners[i] = best
                last[stem_of[reference[best]]] = before[best]
                matches += 1
    for j in range(reference.size):
        last[stem_of[reference[j]]] = -1
    return matches


@njit(nogil=True, cache=True)
def align(
    hypothesis: NDArray[np.int64],
    reference: NDArray[np.int64],
    stems: Stems,
    last: NDArray[np.int32],
    before: NDArray[np.int32],
    partners: NDArray[np.int32],
) -> int:
    """The partner of each word of the hypothesis, a place in the reference or -1; their number.

    In each stage the words of the hypothesis choose from the last to the first, and take the last
    free place that fits. The free places of a word, or of a stem, form a list: `last[word]`, and
    from each place the one `before` it. `last` is -1 throughout, at the start and at the end.
    """
    matches: int = match_words(hypothesis, reference, last, before, partners)
    if matches < min(hypothesis.size, reference.size):
        matches += match_stems(hypothesis, reference, stems, last, before, partners)
    return matches


@njit(nogil=True, cache=True)
def count_chunks(partners: NDArray[np.int32]) -> int:
    """The runs of neighbouring words whose partners are neighbours in the same order."""
    chunks, previous = 0, -1
    for j in partners:
        chunks += j >= 0 and (previous < 0 or j != previous + 1)
        previous = j
    return chunks


@njit(nogil=True, cache=True)
def meteor(matches: int, chunks: int, hypothesis: int, reference: int) -> float:
    """The score from counts: matches, chunks, words of either side."""
    if matches == 0:
        return 0.0
    precision = matches / hypothesis
    recall = matches / reference
    mean = precision * recall / (0.9 * precision + (1 - 0.9) * recall)
    fragmentation = chunks / matches
    return (1 - 0.5 * (fragmentation * fragmentation * fragmentation)) * mean


@njit(nogil=True, cache=True)
def meteor_batch(
    words: NDArray[np.int64],
    ends: NDArray[np.int64],
    stems: Stems,
    last: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None:
    """METEOR of each pair; the texts are all hypotheses, then all references.

    `last` is -1 throughout, before and after, and as long as there are words, or stems.
    """
    longest, start = 0, 0
    for end in ends:
        longest, start = max(longest, end - start), end
    before = np.empty(longest, np.int32)
    partners = np.empty(longest, np.int32)
    for k in range(out.size):
        hypothesis = words[ends[k - 1] if k else 0 : ends[k]]
        reference = words[ends[out.size + k - 1] : ends[out.size + k]]
        found = partners[: hypothesis.size]
        matches = align(hypothesis, reference, stems, last, before, found)
        out[k] = meteor(matches, count_chunks(found), hypothesis.size, reference.size)

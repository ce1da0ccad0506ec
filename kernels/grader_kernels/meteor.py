"""METEOR's word numbers, alignment and score.

Texts are lower-case UTF-8 with ASCII white space between words, one after the other. A word has a
number, its stem has one of its own, and a stem has the numbers of the stems that mean the same, so
that every stage of the alignment compares integers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Vocabulary(NamedTuple):
    """The first `words` words and `stems` stems of a growing collection; arrays have spare room.

    A word's number + 1 stands in an open-addressing hash table; 0 is a free slot. Its letters are
    `letters[starts[word] : starts[word + 1]]`, the synonyms of its stem
    `synonyms[synonym_starts[stem] : synonym_ends[stem]]`. What lies beyond the counts belongs to
    a later state of the collection and is not looked at.
    """

    words: int
    stems: int
    seed: int
    slots: NDArray[np.int32]
    hashes: NDArray[np.int64]
    starts: NDArray[np.int64]
    letters: NDArray[np.uint8]
    stem_of: NDArray[np.int32]
    synonym_starts: NDArray[np.int64]
    synonym_ends: NDArray[np.int64]
    synonyms: NDArray[np.int32]


@njit(nogil=True, cache=True)
def is_space(letter):
    return letter <= 32 and (letter == 32 or letter >= 28 or 9 <= letter <= 13)


@njit(nogil=True, cache=True)
def next_hash(key, letter):
    # The shift keeps collisions from being constructed without the seed.
    key = ((key ^ np.int64(letter)) * 16777619) & 4294967295
    return key ^ (key >> 15)


@njit(nogil=True, cache=True)
def find_word(letters, start, end, key, vocabulary):
    """The number of a word, or -1."""
    slot = key & (vocabulary.slots.size - 1)
    while True:
        word = vocabulary.slots[slot] - 1
        if word < 0 or word >= vocabulary.words:
            return -1
        if vocabulary.hashes[word] == key:
            first = vocabulary.starts[word]
            same = vocabulary.starts[word + 1] - first == end - start
            i = 0
            while same and i < end - start:
                same = vocabulary.letters[first + i] == letters[start + i]
                i += 1
            if same:
                return word
        slot = (slot + 1) & (vocabulary.slots.size - 1)


@njit(nogil=True, cache=True)
def number_words(letters, ends, vocabulary, words, word_ends):
    """Number the words of each text; one that starts at i and is unknown becomes -1 - i.

    Returns how many are unknown.
    """
    at, unknown, i = 0, 0, 0
    for text in range(ends.size):
        while i < ends[text]:
            if is_space(letters[i]):
                i += 1
                continue
            start, key = i, vocabulary.seed
            while i < ends[text] and not is_space(letters[i]):
                key = next_hash(key, letters[i])
                i += 1
            words[at] = find_word(letters, start, i, key, vocabulary)
            if words[at] < 0:
                words[at] = -1 - start
                unknown += 1
            at += 1
        word_ends[text] = at
    return unknown


@njit(nogil=True, cache=True)
def add_words(letters, ends, vocabulary, words, word_ends):
    """Give the unknown words numbers, in place; returns the new count of words.

    The vocabulary must have room for them, and nobody else may add to it meanwhile.
    """
    count = vocabulary.words
    for text in range(ends.size):
        for at in range(word_ends[text - 1] if text else 0, word_ends[text]):
            if words[at] >= 0:
                continue
            start, key = -1 - words[at], vocabulary.seed
            end = start
            while end < ends[text] and not is_space(letters[end]):
                key = next_hash(key, letters[end])
                end += 1
            words[at] = place_word(letters, start, end, key, vocabulary, count)
            count = max(count, words[at] + 1)
    return count


@njit(nogil=True, cache=True)
def place_word(letters, start, end, key, vocabulary, count):
    """The number of a word among the first `count`, or `count`, having stored it there."""
    slot = key & (vocabulary.slots.size - 1)
    while 0 < vocabulary.slots[slot] <= count:
        word = vocabulary.slots[slot] - 1
        first = vocabulary.starts[word]
        same = vocabulary.hashes[word] == key and vocabulary.starts[word + 1] - first == end - start
        i = 0
        while same and i < end - start:
            same = vocabulary.letters[first + i] == letters[start + i]
            i += 1
        if same:
            return word
        slot = (slot + 1) & (vocabulary.slots.size - 1)
    first = vocabulary.starts[count]
    for i in range(end - start):
        vocabulary.letters[first + i] = letters[start + i]
    vocabulary.starts[count + 1] = first + end - start
    vocabulary.hashes[count] = key
    vocabulary.slots[slot] = count + 1
    return count


@njit(nogil=True, cache=True)
def place_hashes(hashes, slots):
    """Fill an empty hash table with the words of these hashes."""
    for word in range(hashes.size):
        slot = hashes[word] & (slots.size - 1)
        while slots[slot]:
            slot = (slot + 1) & (slots.size - 1)
        slots[slot] = word + 1


@njit(nogil=True, cache=True)
def align(hypothesis, reference, vocabulary, last, partners):
    """The place in the reference of each word's partner, or -1; how many have one.

    Three stages: same word, same stem, synonyms. In each the words of the hypothesis choose from
    the last to the first, and take the last free place that fits. `last` is -1 throughout, before
    and after.
    """
    matches = 0
    # Free places of one word form a list: the last, then from each the one before it.
    before = np.empty(reference.size, np.int32)
    for j in range(reference.size):
        before[j] = last[reference[j]]
        last[reference[j]] = j
    for i in range(hypothesis.size - 1, -1, -1):
        j = last[hypothesis[i]]
        partners[i] = j
        if j >= 0:
            last[hypothesis[i]] = before[j]
            before[j] = -2  # taken
            matches += 1
    for j in range(reference.size):
        last[reference[j]] = -1
    if matches == min(hypothesis.size, reference.size):
        return matches

    for j in range(reference.size):
        if before[j] != -2:
            stem = vocabulary.stem_of[reference[j]]
            before[j] = last[stem]
            last[stem] = j
    for i in range(hypothesis.size - 1, -1, -1):
        stem = vocabulary.stem_of[hypothesis[i]]
        if partners[i] < 0 and last[stem] >= 0:
            partners[i] = last[stem]
            last[stem] = before[partners[i]]
            matches += 1

    for i in range(hypothesis.size - 1, -1, -1):
        if partners[i] >= 0:
            continue
        stem = vocabulary.stem_of[hypothesis[i]]
        best = -1
        for at in range(vocabulary.synonym_starts[stem], vocabulary.synonym_ends[stem]):
            best = max(best, last[vocabulary.synonyms[at]])
        if best >= 0:
            partners[i] = best
            last[vocabulary.stem_of[reference[best]]] = before[best]
            matches += 1
    for j in range(reference.size):
        last[vocabulary.stem_of[reference[j]]] = -1
    return matches


@njit(nogil=True, cache=True)
def count_chunks(partners):
    """The runs of neighbouring words whose partners are neighbours in the same order."""
    chunks = 0
    for i in range(partners.size):
        joined = i > 0 and partners[i - 1] >= 0 and partners[i] == partners[i - 1] + 1
        chunks += partners[i] >= 0 and not joined
    return chunks


@njit(nogil=True, cache=True)
def meteor(matches, chunks, hypothesis, reference):
    """The score from counts: matches, chunks, words of either side."""
    if matches == 0:
        return 0.0
    precision = matches / hypothesis
    recall = matches / reference
    mean = precision * recall / (0.9 * precision + (1 - 0.9) * recall)
    fragmentation = chunks / matches
    return (1 - 0.5 * (fragmentation * fragmentation * fragmentation)) * mean


@njit(nogil=True, cache=True)
def meteor_batch(words, ends, vocabulary, out):
    """METEOR of each pair; the texts are all hypotheses, then all references."""
    last = np.full(max(vocabulary.words, vocabulary.stems), -1, np.int32)
    partners = np.empty(words.size, np.int32)
    for k in range(out.size):
        hypothesis = words[ends[k - 1] if k else 0 : ends[k]]
        reference = words[ends[out.size + k - 1] : ends[out.size + k]]
        found = partners[: hypothesis.size]
        matches = align(hypothesis, reference, vocabulary, last, found)
        out[k] = meteor(matches, count_chunks(found), hypothesis.size, reference.size)

"""Texts to numbers of words, by a hash table that grows.

Texts are UTF-8 with spaces between words, one after the other, and a few bytes behind the last.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

SPACE = 32
PADDING = 8  # bytes that must follow the last text
SHORT = 7  # letters of a word that fit into its key


class Vocabulary(NamedTuple):
    """The first `words` words of a growing collection; arrays have spare room.

    A word's number + 1 stands in an open-addressing hash table; 0 is a free slot. Its letters are
    `letters[starts[word] : starts[word + 1]]`. What lies beyond the count belongs to a later state
    of the collection and is not looked at. The multipliers of the hash function are secret, so
    that nobody can write words that collide; they decide how long a look-up takes, never what it
    finds.
    """

    words: int
    multipliers: tuple[int, int, int]  # below 2 ** 30
    slots: NDArray[np.int32]
    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    letters: NDArray[np.uint8]


@njit(nogil=True, cache=True)
def mix(state: int, chunk: int, multipliers: tuple[int, int, int]) -> int:
    """28 bits of a state of 28 bits and a chunk of 59."""
    a, b, c = multipliers
    return (state * a + (chunk & 0x1FFFFFFF) * b + (chunk >> 29) * c) >> 31 & 0xFFFFFFF


@njit(nogil=True, cache=True)
def load(letters: NDArray[np.uint8], start: int, count: int) -> np.int64:
    """Up to seven bytes as one number; eight are read, in one instruction."""
    eight = letters[start : start + PADDING]
    low = np.int64(eight[0]) | np.int64(eight[1]) << 8
    low |= np.int64(eight[2]) << 16 | np.int64(eight[3]) << 24
    high = np.int64(eight[4]) << 32 | np.int64(eight[5]) << 40
    high |= np.int64(eight[6]) << 48 | np.int64(eight[7]) << 56
    return (low | high) & ((1 << 8 * count) - 1)


@njit(nogil=True, cache=True)
def key_of(
    letters: NDArray[np.uint8], start: int, end: int, multipliers: tuple[int, int, int]
) -> int:
    """A number that stands for a word: its letters if they fit, else a hash of 28 bits."""
    if end - start <= SHORT:
        return int((end - start) << 56 | load(letters, start, end - start))
    state = 0
    while end - start > SHORT:
        state = mix(state, load(letters, start, SHORT), multipliers)
        start += SHORT
    return int(mix(state, load(letters, start, end - start), multipliers))


@njit(nogil=True, cache=True)
def is_word(
    letters: NDArray[np.uint8], start: int, end: int, vocabulary: Vocabulary, word: int
) -> bool:
    """Whether the vocabulary's word has these letters."""
    first = vocabulary.starts[word]
    same = bool(vocabulary.starts[word + 1] - first == end - start)
    i = 0
    while same and i < end - start:
        same = bool(vocabulary.letters[first + i] == letters[start + i])
        i += 1
    return same


@njit(nogil=True, cache=True)
def find_slot(
    letters: NDArray[np.uint8], start: int, end: int, key: int, vocabulary: Vocabulary, count: int
) -> int:
    """The slot of a word among the first `count`, or the free one where it belongs."""
    mask = vocabulary.slots.size - 1
    slot: int = mix(0, key, vocabulary.multipliers) & mask
    while True:
        word = vocabulary.slots[slot] - 1
        if word < 0 or word >= count:
            return slot
        if vocabulary.keys[word] == key and (
            end - start <= SHORT or is_word(letters, start, end, vocabulary, word)
        ):
            return slot
        slot = (slot + 1) & mask


@njit(nogil=True, cache=True)
def find_words(
    letters: NDArray[np.uint8],
    ends: NDArray[np.int64],
    bounds: NDArray[np.int64],
    word_ends: NDArray[np.int64],
) -> None:
    """Where each word of each text starts and ends, and the number of words up to each text."""
    at, start = 0, 0
    for text in range(ends.size):
        outside = True
        # No branches: where a word ends is what a processor cannot predict.
        for i in range(start, ends[text]):
            space = letters[i] == SPACE
            bounds[at] = i
            at += space != outside
            outside = space
        start = ends[text]
        bounds[at] = start
        at += not outside
        word_ends[text] = at // 2


@njit(nogil=True, cache=True)
def number_words(
    letters: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    vocabulary: Vocabulary,
    words: NDArray[np.int64],
) -> int:
    """Number the words between these bounds, -1 where one is unknown; returns how many are."""
    unknown = 0
    for at in range(words.size):
        start, end = bounds[2 * at], bounds[2 * at + 1]
        key = key_of(letters, start, end, vocabulary.multipliers)
        slot = find_slot(letters, start, end, key, vocabulary, vocabulary.words)
        words[at] = vocabulary.slots[slot] - 1
        # Another thread may just have filled the slot with a word of a later state.
        if words[at] < 0 or words[at] >= vocabulary.words:
            words[at] = -1
            unknown += 1
    return unknown


@njit(nogil=True, cache=True)
def add_words(
    letters: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    vocabulary: Vocabulary,
    words: NDArray[np.int64],
) -> int:
    """Give the unknown words numbers, in place, while there is room; returns the count of words.

    There must be room for the letters, and nobody else may add to the vocabulary meanwhile.
    """
    count = vocabulary.words
    for at in range(words.size):
        if words[at] < 0:
            start, end = bounds[2 * at], bounds[2 * at + 1]
            key = key_of(letters, start, end, vocabulary.multipliers)
            slot = find_slot(letters, start, end, key, vocabulary, count)
            if vocabulary.slots[slot] == 0:
                if count == vocabulary.keys.size:
                    return count
                first = vocabulary.starts[count]
                for i in range(end - start):
                    vocabulary.letters[first + i] = letters[start + i]
                vocabulary.starts[count + 1] = first + end - start
                vocabulary.keys[count] = key
                count += 1
                vocabulary.slots[slot] = count
            words[at] = vocabulary.slots[slot] - 1
    return count


@njit(nogil=True, cache=True)
def fill_slots(
    keys: NDArray[np.int64], multipliers: tuple[int, int, int], slots: NDArray[np.int32]
) -> None:
    """Fill an empty hash table with the words of these keys."""
    for word in range(keys.size):
        slot = mix(0, keys[word], multipliers) & (slots.size - 1)
        while slots[slot]:
            slot = (slot + 1) & (slots.size - 1)
        slots[slot] = word + 1

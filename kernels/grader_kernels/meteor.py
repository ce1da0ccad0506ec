"""METEOR's word numbers, alignment and score.

Texts are UTF-8, one after the other. A word has a number, its stem has one of its own, and a stem
has the numbers of the stems that mean the same, so that every stage of the alignment compares
integers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

SPACE = 32
PADDING = 8  # bytes that must follow the last text
SHORT = 7  # letters of a word that fit into its key
TAKEN = -2  # what stands in `before` for a place that is taken


class Vocabulary(NamedTuple):
    """The first `words` words and `stems` stems of a growing collection; arrays have spare room.

    A word's number + 1 stands in an open-addressing hash table; 0 is a free slot. Its letters are
    `letters[starts[word] : starts[word + 1]]`, the synonyms of its stem
    `synonyms[synonym_starts[stem] : synonym_ends[stem]]`. What lies beyond the counts belongs to
    a later state of the collection and is not looked at. The multipliers of the hash function are
    secret, so that nobody can write words that collide; they decide how long a look-up takes,
    never what it finds.
    """

    words: int
    stems: int
    multipliers: tuple[int, int, int]  # below 2 ** 30
    slots: NDArray[np.int32]
    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    letters: NDArray[np.uint8]
    stem_of: NDArray[np.int32]
    synonym_starts: NDArray[np.int64]
    synonym_ends: NDArray[np.int64]
    synonyms: NDArray[np.int32]


@njit(nogil=True, cache=True)
def is_space(letter: int) -> bool:
    return (letter == SPACE) | ((letter >= 28) & (letter < 32)) | ((letter >= 9) & (letter <= 13))


@njit(nogil=True, cache=True)
def lower_batch(
    letters: NDArray[np.uint8],
    ends: NDArray[np.int64],
    lowered: NDArray[np.uint16],
    out: NDArray[np.uint8],
    special: NDArray[np.bool_],
) -> int:
    """Write the texts in lower case, white space as spaces, in as many bytes.

    `lowered` has the lower case of each character below 2 ** 16, and 0 where that depends on
    others or takes another number of bytes. Texts with such a one are `special`; returns their
    number.
    """
    count = 0
    start = 0
    for text in range(ends.size):
        high = 0
        for i in range(start, ends[text]):
            letter = letters[i]
            high |= letter
            lower = letter + 32 * ((letter >= 65) & (letter <= 90))
            out[i] = SPACE if is_space(letter) else lower
        special[text] = high >= 128 and lower_wide(letters, start, ends[text], lowered, out)
        count += special[text]
        start = ends[text]
    return count


@njit(nogil=True, cache=True)
def lower_wide(
    letters: NDArray[np.uint8],
    start: int,
    end: int,
    lowered: NDArray[np.uint16],
    out: NDArray[np.uint8],
) -> bool:
    """Write the characters of more than one byte of one text; whether it is special."""
    i = start
    while i < end:
        lead = np.int64(letters[i])
        if lead < 128:
            i += 1
        elif lead >= 240:
            # Above U+1EFFF nothing has a case or is white space.
            if lead == 240 and letters[i + 1] < 159:
                return True
            i += 4
        elif lead >= 224:
            tail = np.int64(letters[i + 1] & 63) << 6 | np.int64(letters[i + 2] & 63)
            code = np.int64(lowered[(lead & 15) << 12 | tail])
            if code == 0:
                return True
            out[i] = SPACE if code == SPACE else 224 | code >> 12
            out[i + 1] = SPACE if code == SPACE else 128 | code >> 6 & 63
            out[i + 2] = SPACE if code == SPACE else 128 | code & 63
            i += 3
        else:
            code = np.int64(lowered[(lead & 31) << 6 | np.int64(letters[i + 1] & 63)])
            if code == 0:
                return True
            out[i] = SPACE if code == SPACE else 192 | code >> 6
            out[i + 1] = SPACE if code == SPACE else 128 | code & 63
            i += 2
    return False


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
    vocabulary: Vocabulary,
    last: NDArray[np.int32],
    before: NDArray[np.int32],
    partners: NDArray[np.int32],
) -> int:
    """Stages 2 and 3, the same stem, then a synonym: how many more words are matched."""
    matches = 0
    stem_of = vocabulary.stem_of
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
            for at in range(vocabulary.synonym_starts[stem], vocabulary.synonym_ends[stem]):
                best = max(best, last[vocabulary.synonyms[at]])
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
    vocabulary: Vocabulary,
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
        matches += match_stems(hypothesis, reference, vocabulary, last, before, partners)
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
    vocabulary: Vocabulary,
    last: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None:
    """METEOR of each pair; the texts are all hypotheses, then all references.

    `last` is -1 throughout, before and after, and as long as there are words or stems.
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
        matches = align(hypothesis, reference, vocabulary, last, before, found)
        out[k] = meteor(matches, count_chunks(found), hypothesis.size, reference.size)

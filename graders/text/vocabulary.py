"""The words that the METEOR kernels know: numbers of words, stems and synonyms.

A word is stemmed and looked up in WordNet once a process. Readers hold a `Vocabulary`, the state
up to a count, and need no lock: what is added later lies beyond that count or in new arrays.
"""

from __future__ import annotations

import os
import secrets
import threading
from itertools import accumulate, chain, pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from grader_kernels.meteor import Vocabulary, add_words, fill_slots, find_words, number_words

from .porter import stem
from .wordnet import WordNet, wordnet

# Beyond either, the collection is replaced by an empty one: about 100 MB at most.
MAX_WORDS = 1 << 18
MAX_LETTERS = 1 << 24

Scalar = TypeVar("Scalar", bound=np.generic)
Integers = NDArray[np.int64]
Letters = NDArray[np.uint8]

_lock = threading.Lock()
_lexicon: Lexicon | None = None


def numbered(letters: Letters, ends: Integers) -> tuple[Integers, Integers, Vocabulary]:
    """The numbers of the words of all texts, where each text ends, and what the numbers mean.

    The texts are as `lowered` returns them.
    """
    global _lexicon
    bounds = np.empty(len(letters) + 2 * len(ends), np.int64)
    word_ends = np.empty(len(ends), np.int64)
    find_words(letters, ends, bounds, word_ends)
    words = np.empty(word_ends[-1] if len(ends) else 0, np.int64)
    lexicon = _lexicon
    if lexicon is not None:
        vocabulary = lexicon.vocabulary
        if number_words(letters, bounds, vocabulary, words) == 0:
            return words, word_ends, vocabulary
    with _lock:
        # Taken out while it changes: whatever interrupts the change leaves none behind.
        lexicon, _lexicon = _lexicon, None
        if lexicon is None or lexicon.is_full:
            lexicon = Lexicon(wordnet())
        vocabulary = lexicon.add(letters, bounds, words)
        _lexicon = lexicon
    return words, word_ends, vocabulary


class Lexicon:
    """A growing collection of words; `vocabulary` is its present state."""

    def __init__(self, table: WordNet) -> None:
        names = len(table.words)
        self._table = table
        self._stems: dict[str, int] = {}
        self._synonyms = 0
        self.vocabulary = Vocabulary(
            words=0,
            stems=names,  # the first are WordNet's words, by their numbers
            multipliers=(_odd(), _odd(), _odd()),
            slots=np.zeros(2, np.int32),
            keys=np.empty(0, np.int64),
            starts=np.zeros(1, np.int64),
            letters=np.empty(0, np.uint8),
            stem_of=np.empty(0, np.int32),
            synonym_starts=np.zeros(names, np.int64),
            synonym_ends=np.zeros(names, np.int64),
            synonyms=np.empty(0, np.int32),
        )

    @property
    def is_full(self) -> bool:
        """Whether an empty collection should take over."""
        known = self.vocabulary
        return known.words >= MAX_WORDS or int(known.starts[known.words]) >= MAX_LETTERS

    def add(self, letters: Letters, bounds: Integers, words: Integers) -> Vocabulary:
        """Number all words between these bounds, those not seen before included."""
        unknown = number_words(letters, bounds, self.vocabulary, words)
        known = self._with_room(unknown, len(letters))
        count = add_words(letters, bounds, known, words)
        self.vocabulary = self._with_stems(known, count)
        return self.vocabulary

    def _with_room(self, words: int, letters: int) -> Vocabulary:
        """The present state in arrays that have room for so many more."""
        known = self.vocabulary
        total = known.words + words
        slots = known.slots
        if 2 * total > slots.size:
            slots = np.zeros(1 << (2 * total).bit_length(), np.int32)
            fill_slots(known.keys[: known.words], known.multipliers, slots)
        return known._replace(
            slots=slots,
            keys=_grown(known.keys, total),
            starts=_grown(known.starts, total + 1),
            letters=_grown(known.letters, int(known.starts[known.words]) + letters),
            stem_of=_grown(known.stem_of, total),
        )

    def _with_stems(self, known: Vocabulary, count: int) -> Vocabulary:
        """The state with `count` words: the new ones stemmed, new stems looked up in WordNet."""
        starts = known.starts[known.words : count + 1].tolist()
        fresh: dict[str, int] = {}
        stems = known.stems
        for word, (start, end) in enumerate(pairwise(starts), known.words):
            text = stem(known.letters[start:end].tobytes().decode("utf-8", "surrogatepass"))
            number = self._stems.get(text, fresh.get(text))
            if number is None:
                number = self._table.number(text)
                if number is None:
                    number, stems = stems, stems + 1
                fresh[text] = number
            known.stem_of[word] = number
        known = self._with_synonyms(known._replace(words=count, stems=stems), fresh)
        self._stems.update(fresh)
        return known

    def _with_synonyms(self, known: Vocabulary, stems: dict[str, int]) -> Vocabulary:
        """The state with the synonyms of new stems."""
        lists = [sorted(self._table.synonym_numbers(text)) for text in stems]
        bounds = [*accumulate(map(len, lists), initial=self._synonyms)]
        known = known._replace(
            synonym_starts=_grown(known.synonym_starts, known.stems),
            synonym_ends=_grown(known.synonym_ends, known.stems),
            synonyms=_grown(known.synonyms, bounds[-1]),
        )
        numbers = list(stems.values())
        known.synonym_starts[numbers] = bounds[:-1]
        known.synonym_ends[numbers] = bounds[1:]
        known.synonyms[self._synonyms : bounds[-1]] = [*chain.from_iterable(lists)]
        self._synonyms = bounds[-1]
        return known


def _grown(array: NDArray[Scalar], size: int) -> NDArray[Scalar]:
    """The array, or a copy at least twice as long where it is shorter than `size`."""
    if size <= array.size:
        return array
    longer = np.empty(max(size, 2 * array.size), array.dtype)
    longer[: array.size] = array
    return longer


def _odd() -> int:
    return secrets.randbits(30) | 1


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # another thread may hold it at that moment
    os.register_at_fork(after_in_child=_renew_lock)

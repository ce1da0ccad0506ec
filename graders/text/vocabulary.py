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
ROOM = 1 << 10  # words of an empty collection

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
    """A growing collection of words; `vocabulary` is its present state.

    After an interrupted `add` the collection must not be used again.
    """

    def __init__(self, table: WordNet) -> None:
        self._table = table
        self._stems: dict[str, int] = {}  # stems of words
        self._names: dict[int, int] = {}  # WordNet's words, whether a stem or only a synonym
        self._count = 0  # of both
        self._synonyms = 0
        self.vocabulary = Vocabulary(
            words=0,
            stems=0,
            multipliers=(_odd(), _odd(), _odd()),
            slots=np.zeros(2 * ROOM, np.int32),
            keys=np.zeros(ROOM, np.int64),
            starts=np.zeros(ROOM + 1, np.int64),
            letters=np.zeros(0, np.uint8),
            stem_of=np.zeros(ROOM, np.int32),
            synonym_starts=np.zeros(0, np.int64),
            synonym_ends=np.zeros(0, np.int64),
            synonyms=np.zeros(0, np.int32),
        )

    @property
    def is_full(self) -> bool:
        """Whether an empty collection should take over."""
        known = self.vocabulary
        return known.words >= MAX_WORDS or int(known.starts[known.words]) >= MAX_LETTERS

    def add(self, letters: Letters, bounds: Integers, words: Integers) -> Vocabulary:
        """Number all words between these bounds, those not seen before included."""
        known = self.vocabulary
        number_words(letters, bounds, known, words)
        size = int(known.starts[known.words]) + len(letters)
        known = known._replace(letters=_grown(known.letters, size))
        while True:
            known = known._replace(words=add_words(letters, bounds, known, words))
            if not (words < 0).any():
                break
            known = _doubled(known)
        self.vocabulary = self._with_stems(known)
        return self.vocabulary

    def _with_stems(self, known: Vocabulary) -> Vocabulary:
        """The state with the stems of the new words, and the synonyms of new stems."""
        first = self.vocabulary.words
        starts = known.starts[first : known.words + 1].tolist()
        fresh = []
        for word, (start, end) in enumerate(pairwise(starts), first):
            text = stem(known.letters[start:end].tobytes().decode("utf-8", "surrogatepass"))
            if text not in self._stems:
                name = self._table.number(text)
                self._stems[text] = self._new_number() if name is None else self._number(name)
                fresh.append(text)
            known.stem_of[word] = self._stems[text]
        return self._with_synonyms(known, fresh)

    def _with_synonyms(self, known: Vocabulary, fresh: list[str]) -> Vocabulary:
        """The state with the synonyms of stems."""
        lists = [
            [self._number(name) for name in sorted(self._table.synonym_numbers(text))]
            for text in fresh
        ]
        bounds = [*accumulate(map(len, lists), initial=self._synonyms)]
        known = known._replace(
            stems=self._count,
            synonym_starts=_grown(known.synonym_starts, self._count),
            synonym_ends=_grown(known.synonym_ends, self._count),
            synonyms=_grown(known.synonyms, bounds[-1]),
        )
        numbers = [self._stems[text] for text in fresh]
        known.synonym_starts[numbers] = bounds[:-1]
        known.synonym_ends[numbers] = bounds[1:]
        known.synonyms[self._synonyms : bounds[-1]] = [*chain.from_iterable(lists)]
        self._synonyms = bounds[-1]
        return known

    def _number(self, name: int) -> int:
        """The number of one of WordNet's words, as a stem or as a synonym.

        Numbers are given as words come up, so that what is used together lies close together.
        """
        if name not in self._names:
            self._names[name] = self._new_number()
        return self._names[name]

    def _new_number(self) -> int:
        self._count += 1
        return self._count - 1


def _doubled(known: Vocabulary) -> Vocabulary:
    """The same state with room for twice as many words."""
    room = 2 * len(known.keys)
    slots = np.zeros(2 * room, np.int32)
    fill_slots(known.keys[: known.words], known.multipliers, slots)
    return known._replace(
        slots=slots,
        keys=_grown(known.keys, room),
        starts=_grown(known.starts, room + 1),
        stem_of=_grown(known.stem_of, room),
    )


def _grown(array: NDArray[Scalar], size: int) -> NDArray[Scalar]:
    """The array, or a copy at least twice as long where it is shorter than `size`."""
    if size <= array.size:
        return array
    longer = np.zeros(max(size, 2 * array.size), array.dtype)
    longer[: array.size] = array
    return longer


def _odd() -> int:
    return secrets.randbits(30) | 1


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # another thread may hold it at that moment
    os.register_at_fork(after_in_child=_renew_lock)

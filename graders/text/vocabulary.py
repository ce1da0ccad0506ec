"""The words that the METEOR kernels know: numbers of words, stems and synonyms.

A word is stemmed and looked up in WordNet once a process. Readers hold the state up to a count and
need no lock: what is added later lies beyond that count or in new arrays.
"""

from __future__ import annotations

import os
import secrets
import threading
from itertools import accumulate, chain, pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader_kernels.meteor import Stems
from grader_kernels.vocabulary import (
    Vocabulary,
    add_words,
    fill_slots,
    find_words,
    number_words,
)

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


class Known(NamedTuple):
    """What a collection of words knows."""

    words: Vocabulary
    stems: Stems


def numbered(letters: Letters, ends: Integers) -> tuple[Integers, Integers, Known]:
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
        known = lexicon.known
        if number_words(letters, bounds, known.words, words) == 0:
            return words, word_ends, known
    with _lock:
        # Taken out while it changes: whatever interrupts the change leaves none behind.
        lexicon, _lexicon = _lexicon, None
        if lexicon is None or lexicon.is_full:
            lexicon = Lexicon(wordnet())
        known = lexicon.add(letters, bounds, words)
        _lexicon = lexicon
    return words, word_ends, known


class Lexicon:
    """A growing collection of words; `known` is its present state.

    After an interrupted `add` the collection must not be used again.
    """

    def __init__(self, table: WordNet) -> None:
        self._stems = StemTable(table)
        words = Vocabulary(
            words=0,
            multipliers=(_odd(), _odd(), _odd()),
            slots=np.zeros(2 * ROOM, np.int32),
            keys=np.zeros(ROOM, np.int64),
            starts=np.zeros(ROOM + 1, np.int64),
            letters=np.zeros(0, np.uint8),
        )
        self.known = Known(words, self._stems.known)

    @property
    def is_full(self) -> bool:
        """Whether an empty collection should take over."""
        known = self.known.words
        return known.words >= MAX_WORDS or int(known.starts[known.words]) >= MAX_LETTERS

    def add(self, letters: Letters, bounds: Integers, words: Integers) -> Known:
        """Number all words between these bounds, those not seen before included."""
        known = self.known.words
        number_words(letters, bounds, known, words)
        first, size = known.words, int(known.starts[known.words]) + len(letters)
        known = known._replace(letters=_grown(known.letters, size))
        while True:
            known = known._replace(words=add_words(letters, bounds, known, words))
            if not (words < 0).any():
                break
            known = _doubled(known)
        starts = known.starts[first : known.words + 1].tolist()
        encoded = [known.letters[start:end].tobytes() for start, end in pairwise(starts)]
        self._stems.add(first, [word.decode("utf-8", "surrogatepass") for word in encoded])
        self.known = Known(known, self._stems.known)
        return self.known


class StemTable:
    """The stems of words and their synonyms; `known` is the present state."""

    def __init__(self, table: WordNet) -> None:
        self._table = table
        self._stems: dict[str, int] = {}
        self._names: dict[int, int] = {}  # WordNet's words, whether a stem or only a synonym
        self._count = 0  # of both
        self._synonyms = 0
        numbers = np.zeros(0, np.int32)
        bounds = np.zeros(0, np.int64)
        self.known = Stems(of_word=numbers, starts=bounds, ends=bounds, synonyms=numbers)

    def add(self, first: int, words: list[str]) -> None:
        """Stem the words, numbered from `first` on, and look new stems up in WordNet."""
        texts = [stem(word) for word in words]
        fresh = [text for text in dict.fromkeys(texts) if text not in self._stems]
        for text in fresh:
            name = self._table.number(text)
            self._stems[text] = self._new_number() if name is None else self._number(name)
        lists = [[*map(self._number, sorted(self._table.synonym_numbers(t)))] for t in fresh]
        bounds = [*accumulate(map(len, lists), initial=self._synonyms)]
        known = Stems(
            of_word=_grown(self.known.of_word, first + len(words)),
            starts=_grown(self.known.starts, self._count),
            ends=_grown(self.known.ends, self._count),
            synonyms=_grown(self.known.synonyms, bounds[-1]),
        )
        known.of_word[first : first + len(words)] = [self._stems[text] for text in texts]
        numbers = [self._stems[text] for text in fresh]
        known.starts[numbers] = bounds[:-1]
        known.ends[numbers] = bounds[1:]
        known.synonyms[self._synonyms : bounds[-1]] = [*chain.from_iterable(lists)]
        self._synonyms = bounds[-1]
        self.known = known

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

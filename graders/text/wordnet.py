"""WordNet 3.0 as METEOR needs it: the single lower-case words that share a synset with a word.

The table beside this file is made by tools/build_wordnet.py, which describes its layout. It is
read at the first look-up.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Mapping
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from .morphology import RULES, Exceptions, candidates

_MAGIC = b"WORDNET3"
_COUNTS = 9

_lock = threading.Lock()
_loaded: WordNet | None = None


class WordNet:
    """Words, their synsets for each part of speech, and the words of each synset.

    `words` are the words that can be synonyms, sorted; a word's number is its place there. Higher
    numbers are lemmas that only lead to a synset.
    """

    __slots__ = (
        "_exceptions",
        "_lemma_of",
        "_lemmas",
        "_numbers",
        "_synset_of",
        "_synsets",
        "words",
    )

    def __init__(self, table: bytes) -> None:
        if not table.startswith(_MAGIC):
            raise ValueError("not a WordNet table of this version")
        counts = np.frombuffer(table, "<u4", _COUNTS, len(_MAGIC)).tolist()
        n_words, n_numbers, text_bytes, exception_bytes, *parts, n_entries = counts
        at = len(_MAGIC) + 4 * _COUNTS
        numbered = table[at : at + text_bytes].decode("ascii").split("\n")
        at += text_bytes
        lines = table[at : at + exception_bytes].decode("ascii").split("\n")
        at += exception_bytes
        sizes = np.frombuffer(table, "u1", sum(parts), at)
        entries = np.frombuffer(table, "<u4", n_entries, at + sum(parts)).astype(np.int64)

        self.words = numbered[:n_words]
        self._numbers = dict(zip(numbered, range(n_numbers), strict=True))
        self._exceptions = _exceptions(lines)
        synsets = np.repeat(np.arange(sizes.size), sizes)
        keys = (entries >> 1) * len(parts) + np.repeat(np.arange(len(parts)), parts)[synsets]
        self._synset_of, self._synsets = _grouped(keys, synsets, len(parts) * n_numbers)
        named = entries & 1 == 1
        self._lemma_of, self._lemmas = _grouped(synsets[named], entries[named] >> 1, sizes.size)

    def synonyms(self, word: str) -> frozenset[str]:
        """The words of every synset of the word, as any part of speech and in any inflection."""
        return frozenset(self.words[number] for number in self.synonym_numbers(word))

    def number(self, word: str) -> int | None:
        """The place of a word in `words`."""
        number = self._numbers.get(word)
        return number if number is not None and number < len(self.words) else None

    def synonym_numbers(self, word: str) -> set[int]:
        """The synonyms by number."""
        lower = word.lower()
        found: set[int] = set()
        for part, (name, exceptions) in enumerate(self._exceptions.items()):
            for form in candidates(lower, name, exceptions):
                number = self._numbers.get(form)
                if number is not None:
                    found.update(self._names(len(self._exceptions) * number + part))
        return found

    def _names(self, key: int) -> set[int]:
        """The words of every synset that one lemma has as one part of speech."""
        found: set[int] = set()
        for synset in self._synsets[self._synset_of[key] : self._synset_of[key + 1]]:
            found.update(self._lemmas[self._lemma_of[synset] : self._lemma_of[synset + 1]])
        return found


def wordnet() -> WordNet:
    """The table, read once a process (about 60 ms and 25 MB)."""
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                packed = resources.files(__package__).joinpath("wordnet30.bin").read_bytes()
                _loaded = WordNet(zlib.decompress(packed))
    return _loaded


def _exceptions(lines: list[str]) -> Mapping[str, Exceptions]:
    """Part of speech -> irregular form -> base forms."""
    tables: dict[str, dict[str, tuple[str, ...]]] = {part: {} for part in RULES}
    for line in lines:
        part, form, *bases = line.split()
        tables[part][form] = tuple(bases)
    return tables


def _grouped(
    keys: NDArray[np.int64], values: NDArray[np.int64], groups: int
) -> tuple[memoryview, memoryview]:
    """Offsets of each key's values, and the values ordered by key."""
    offsets = np.zeros(groups + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=groups), out=offsets[1:])
    # A memoryview hands out plain integers three times as fast as an array.
    return offsets.data, values[np.argsort(keys, kind="stable")].astype(np.int32).data


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # another thread may hold it at that moment
    os.register_at_fork(after_in_child=_renew_lock)

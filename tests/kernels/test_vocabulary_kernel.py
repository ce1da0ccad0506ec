"""The kernels that number words, against dictionaries and str.split."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader_kernels import vocabulary as kernels
from graders.text.lower import lowered
from graders.text.vocabulary import Lexicon
from graders.text.wordnet import wordnet

ANY = st.text(st.characters(exclude_categories=()), max_size=12)
# Words of fewer, as many and more letters than a key holds.
WORDS = ["the", "x", "y", "abcdefg", "abcdefgh", "abcdefghijklmnop", "abcdefghijklmnoq"]

MULTIPLIERS = (1, 1, 1)


def both(kernel: Any) -> list[Any]:
    """The kernel as compiled and as Python; one and the same where JIT is off."""
    return [kernel, getattr(kernel, "py_func", kernel)]


def words_of(texts: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    letters, ends = lowered(texts)
    bounds = np.empty(len(letters) + 2 * len(ends), np.int64)
    word_ends = np.empty(len(ends), np.int64)
    kernels.find_words(letters, ends, bounds, word_ends)
    return letters, bounds, word_ends


@given(st.lists(ANY, max_size=5))
def test_texts_are_lowered_and_split_as_python_does(texts: list[str]) -> None:
    letters, bounds, ends = words_of(texts)
    spans = bounds[: 2 * (ends[-1] if texts else 0)].reshape(-1, 2)
    found = [letters[a:b].tobytes().decode("utf-8", "surrogatepass") for a, b in spans]
    split = [text.lower().split() for text in texts]
    assert found == [word for words in split for word in words]
    assert np.diff(ends, prepend=0).tolist() == [*map(len, split)]


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12), max_size=6))
def test_equal_words_have_equal_numbers_and_others_do_not(texts: list[list[str]]) -> None:
    letters, bounds, ends = words_of([" ".join(text) for text in texts])
    words = np.empty(ends[-1] if texts else 0, np.int64)
    vocabulary = Lexicon(wordnet()).add(letters, bounds, words).words
    numbers: dict[str, int] = {}
    expected = [numbers.setdefault(word, len(numbers)) for text in texts for word in text]
    assert words.tolist() == expected
    assert vocabulary.words == len(numbers)


@pytest.mark.parametrize("length", [0, 1, 6, 7, 8, 13, 14, 15, 1000])
def test_a_key_is_the_same_wherever_the_word_lies(length: int) -> None:
    word = bytes(65 + i % 26 for i in range(length))
    found = set()
    for key_of in both(kernels.key_of):
        for before in range(9):
            letters = np.frombuffer(b"q" * before + word + b"z" * kernels.PADDING, np.uint8)
            found.add(int(key_of(letters, before, before + length, (3, 5, 7))))
    assert len(found) == 1


def test_short_words_have_different_keys_and_never_that_of_a_long_one() -> None:
    words = [b"\0", b"\0\0", b"a", b"a\0", b"\0a", b"\xff" * 7, b"\0" * 7, b"\xff" * 8]
    keys = []
    for word in words:
        letters = np.frombuffer(word + bytes(kernels.PADDING), np.uint8)
        keys.append(int(kernels.key_of(letters, 0, len(word), MULTIPLIERS)))
    assert len(set(keys)) == len(keys)
    assert all(0 <= key < 1 << 59 for key in keys)
    assert keys[-1] < 1 << 28


def test_words_that_collide_keep_their_own_numbers() -> None:
    # Multipliers of 0 give every long word the same hash.
    parts = ["abcdefg", "hijklmn", "opqrstu"]
    texts = [a + b + c for a in parts for b in parts for c in parts] * 2
    letters, bounds, ends = words_of(texts)
    lexicon = Lexicon(wordnet())
    words_ = lexicon.known.words._replace(multipliers=(0, 0, 0))
    lexicon.known = lexicon.known._replace(words=words_)
    words = np.empty(ends[-1], np.int64)
    vocabulary = lexicon.add(letters, bounds, words).words
    assert len(set(vocabulary.keys[: vocabulary.words].tolist())) == 1
    assert words.tolist() == [*range(27), *range(27)]


def test_words_beyond_the_count_are_unknown() -> None:
    letters, bounds, ends = words_of(["a b", "c"])
    words = np.empty(ends[-1], np.int64)
    vocabulary = Lexicon(wordnet()).add(letters, bounds, words).words._replace(words=2)
    for number_words in both(kernels.number_words):
        assert number_words(letters, bounds, vocabulary, words) == 1
        assert words.tolist() == [0, 1, -1]


def test_a_grown_hash_table_finds_every_word() -> None:
    keys = np.random.default_rng(1).integers(0, 1 << 59, 1000)
    for fill_slots in both(kernels.fill_slots):
        slots = np.zeros(2048, np.int32)
        fill_slots(keys, (3, 5, 7), slots)
        assert sorted(slots[slots > 0].tolist()) == [*range(1, 1001)]


def test_the_small_kernels_give_the_same_compiled_and_as_python() -> None:
    letters, bounds, ends = words_of(["abcdefgh abcdefgi x"])
    words = np.empty(ends[-1], np.int64)
    vocabulary = Lexicon(wordnet()).add(letters, bounds, words).words
    assert {f(letters, 0, 7) for f in both(kernels.load)} == {int.from_bytes(b"abcdefg", "little")}
    for is_word in both(kernels.is_word):
        same = [bool(is_word(letters, 0, 8, vocabulary, word)) for word in range(3)]
        assert same == [True, False, False]
    for find_slot in both(kernels.find_slot):
        key = kernels.key_of(letters, 9, 17, vocabulary.multipliers)
        slot = find_slot(letters, 9, 17, key, vocabulary, vocabulary.words)
        assert vocabulary.slots[slot] == 2
    assert len({f(5, 1 << 58, (3, 5, (1 << 30) - 1)) for f in both(kernels.mix)}) == 1

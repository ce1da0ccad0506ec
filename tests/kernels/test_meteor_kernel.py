"""METEOR's kernels against their naive twins: lower case, words, alignment, chunks, score."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import config
from numpy.typing import NDArray

import reference_meteor
from grader_kernels import meteor as kernels
from graders.text.lower import lower_table, lowered
from graders.text.vocabulary import Lexicon
from graders.text.wordnet import wordnet

ANY = st.text(st.characters(exclude_categories=()), max_size=12)
# Words of one stem, of one synset, of more letters than a key holds, and others.
STEMS = ["ties", "tie", "tied", "car", "cars", "auto", "autos", "motorcar", "tree", "trees"]
WORDS = [*STEMS, "the", "x", "y", "abcdefg", "abcdefgh", "abcdefghijklmnop", "abcdefghijklmnoq"]

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


def numbered(
    texts: list[str],
) -> tuple[NDArray[np.int64], NDArray[np.int64], kernels.Vocabulary]:
    letters, bounds, ends = words_of(texts)
    words = np.empty(ends[-1] if len(ends) else 0, np.int64)
    return words, ends, Lexicon(wordnet()).add(letters, bounds, words)


# Lower case


def test_every_character_is_lowered_as_str_lower_does() -> None:
    codes = range(0, sys.maxunicode + 1, 41 if config.DISABLE_JIT else 1)
    blocks = [codes[i : i + 4096] for i in range(0, len(codes), 4096)]
    texts = ["x".join(map(chr, block)) for block in blocks]
    letters, ends = lowered(texts)
    start = 0
    for text, end in zip(texts, ends, strict=True):
        found = letters[start:end].tobytes().decode("utf-8", "surrogatepass")
        assert found.split() == text.lower().split(), hex(ord(text[0]))
        start = end


def test_only_characters_without_case_and_space_are_passed_over_above_the_table() -> None:
    cased = [c for c in map(chr, range(0x1F000, sys.maxunicode + 1)) if c.lower() != c]
    spaces = [c for c in map(chr, range(0x10000, sys.maxunicode + 1)) if c.isspace()]
    assert cased == spaces == []


@given(st.lists(ANY, max_size=5))
def test_texts_are_lowered_and_split_as_python_does(texts: list[str]) -> None:
    letters, bounds, ends = words_of(texts)
    spans = bounds[: 2 * (ends[-1] if texts else 0)].reshape(-1, 2)
    found = [letters[a:b].tobytes().decode("utf-8", "surrogatepass") for a, b in spans]
    split = [text.lower().split() for text in texts]
    assert found == [word for words in split for word in words]
    assert np.diff(ends, prepend=0).tolist() == [*map(len, split)]


@pytest.mark.parametrize("text", ["plain A\tB", "Ä\u3000é", "Σ", "İ", "𐐀", "🙂", "\ud800", "\x85"])
def test_a_text_is_special_where_its_length_or_its_context_matters(text: str) -> None:
    letters = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    ends = np.array([len(letters)])
    for lower_batch in both(kernels.lower_batch):
        out, special = np.empty_like(letters), np.empty(1, np.bool_)
        assert lower_batch(letters, ends, lower_table(), out, special) == special[0]
        assert special[0] == (text in ("Σ", "İ", "𐐀"))
        if not special[0]:
            plain = "".join(" " if c.isspace() else c.lower() for c in text)
            assert out.tobytes().decode("utf-8", "surrogatepass").split() == plain.split()


# Words and their numbers


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12), max_size=6))
def test_equal_words_have_equal_numbers_and_others_do_not(texts: list[list[str]]) -> None:
    words, _, vocabulary = numbered([" ".join(text) for text in texts])
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
    lexicon.vocabulary = lexicon.vocabulary._replace(multipliers=(0, 0, 0))
    words = np.empty(ends[-1], np.int64)
    vocabulary = lexicon.add(letters, bounds, words)
    assert len(set(vocabulary.keys[: vocabulary.words].tolist())) == 1
    assert words.tolist() == [*range(27), *range(27)]


def test_words_beyond_the_count_are_unknown() -> None:
    letters, bounds, ends = words_of(["a b", "c"])
    words = np.empty(ends[-1], np.int64)
    vocabulary = Lexicon(wordnet()).add(letters, bounds, words)._replace(words=2)
    for number_words in both(kernels.number_words):
        assert number_words(letters, bounds, vocabulary, words) == 1
        assert words.tolist() == [0, 1, -1]


def test_a_grown_hash_table_finds_every_word() -> None:
    keys = np.random.default_rng(1).integers(0, 1 << 59, 1000)
    for fill_slots in both(kernels.fill_slots):
        slots = np.zeros(2048, np.int32)
        fill_slots(keys, (3, 5, 7), slots)
        assert sorted(slots[slots > 0].tolist()) == [*range(1, 1001)]


# Alignment and score


def pairs(seed: int, n: int) -> list[tuple[list[str], list[str]]]:
    rng = random.Random(seed)
    few = [rng.sample(WORDS, rng.randint(1, 8)) for _ in range(n)]
    return [(rng.choices(w, k=rng.randrange(9)), rng.choices(w, k=rng.randrange(9))) for w in few]


def test_alignments_and_scores_equal_their_twins() -> None:
    cases = [
        *pairs(seed=2, n=60),
        ([], []),
        (["x"], []),
        ([], ["x"]),
        (["ties"] * 30, ["tie"] * 20),
    ]
    texts = [" ".join(a) for a, _ in cases] + [" ".join(b) for _, b in cases]
    words, ends, vocabulary = numbered(texts)
    last = np.full(max(vocabulary.words, vocabulary.stems), -1, np.int32)
    for meteor_batch in both(kernels.meteor_batch):
        out = np.empty(len(cases))
        meteor_batch(words, ends, vocabulary, last, out)
        assert out.tolist() == [reference_meteor.meteor(a, b) for a, b in cases]
        assert (last == -1).all()
    for align in both(kernels.align):
        for k, (a, b) in enumerate(cases):
            hypothesis = words[ends[k - 1] if k else 0 : ends[k]]
            reference = words[ends[len(cases) + k - 1] : ends[len(cases) + k]]
            before, partners = np.empty(len(b), np.int32), np.empty(len(a), np.int32)
            matches = align(hypothesis, reference, vocabulary, last, before, partners)
            assert partners.tolist() == reference_meteor.align(a, b)
            assert matches == (partners >= 0).sum()
            assert (last == -1).all()


@given(st.lists(st.integers(-1, 6), max_size=9))
def test_chunks_equal_their_twin(partners: list[int]) -> None:
    for count_chunks in both(kernels.count_chunks):
        assert count_chunks(np.array(partners, np.int32)) == reference_meteor.chunks(partners)


SCORES = [
    (0, 0, 0, 0, 0.0),
    (0, 0, 3, 4, 0.0),
    (1, 1, 1, 1, 0.5),
    (3, 1, 3, 3, 1 - 0.5 / 27),
    (2, 2, 2, 4, 0.5 * (0.5 / 0.95)),  # precision 1, recall 1/2
    (2, 1, 4, 2, (1 - 0.5 / 8) * (0.5 / 0.55)),  # precision 1/2, recall 1
]


@pytest.mark.parametrize(("matches", "chunks", "hypothesis", "reference", "score"), SCORES)
def test_score_of_known_counts(
    matches: int, chunks: int, hypothesis: int, reference: int, score: float
) -> None:
    for meteor in both(kernels.meteor):
        found = meteor(matches, chunks, hypothesis, reference)
        assert found == pytest.approx(score, abs=1e-15)


def test_the_small_kernels_give_the_same_compiled_and_as_python() -> None:
    letters, bounds, ends = words_of(["abcdefgh abcdefgi x"])
    words = np.empty(ends[-1], np.int64)
    vocabulary = Lexicon(wordnet()).add(letters, bounds, words)
    assert {f(letters, 0, 7) for f in both(kernels.load)} == {int.from_bytes(b"abcdefg", "little")}
    for is_space in both(kernels.is_space):
        found = [bool(is_space(letter)) for letter in range(128)]
        assert found == [not chr(letter).split() for letter in range(128)]
    for is_word in both(kernels.is_word):
        same = [bool(is_word(letters, 0, 8, vocabulary, word)) for word in range(3)]
        assert same == [True, False, False]
    for find_slot in both(kernels.find_slot):
        key = kernels.key_of(letters, 9, 17, vocabulary.multipliers)
        slot = find_slot(letters, 9, 17, key, vocabulary, vocabulary.words)
        assert vocabulary.slots[slot] == 2
    assert len({f(5, 1 << 58, (3, 5, (1 << 30) - 1)) for f in both(kernels.mix)}) == 1

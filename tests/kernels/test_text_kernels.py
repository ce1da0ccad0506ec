"""The text kernels against their naive twins: words, numbers, n-grams, subsequences, scores."""

from __future__ import annotations

import mmap
import os
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

import reference
from grader_kernels import gather, ids, lcs, ngrams, scores, words
from graders.text import long_lcs
from graders.text.compiled import ODD, Column, Texts
from graders.text.stopping import Interrupted
from texts import PAIRS, PIECES, pairs, texts

JIT_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") == "1"
Integers = NDArray[np.int64]
ANY = 1 << 62  # cells
small = st.lists(st.integers(0, 5), max_size=90)


@pytest.fixture(autouse=True)
def _hashes_wrap_around() -> Any:
    with np.errstate(over="ignore"):
        yield


def offsets(*lists: Sequence[object]) -> Integers:
    return np.cumsum([0, *map(len, lists)]).astype(np.int64)


def columns(
    pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
) -> tuple[NDArray[np.int32], Integers, NDArray[np.int32], Integers]:
    """Sequences of numbers as the n-gram and subsequence kernels take them."""
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    return (
        np.array([x for one in ours for x in one], np.int32),
        offsets(*ours),
        np.array([x for other in theirs for x in other], np.int32),
        offsets(*theirs),
    )


# Gathering


def test_gathered_memory_holds_the_utf8_form_of_each_text() -> None:
    import ctypes

    given = ["", "ascii", "é", "日本語" * 50, "\x00", "\U0001f600"]
    found = Texts(given)
    bytes_of = [
        ctypes.string_at(int(at), int(n))
        for at, n in zip(found.addresses, found.lengths, strict=True)
    ]
    assert bytes_of == [text.encode() for text in given]


def test_gathering_counts_texts_without_utf8_and_leaves_no_exception() -> None:
    given = ["a", "\ud800", "b\udfff"]
    addresses, lengths = np.empty(3, np.int64), np.empty(3, np.int64)
    assert gather.gather(id(given), addresses, lengths) == 2
    assert (addresses == 0).tolist() == [False, True, True]
    assert lengths.tolist() == [1, 0, 0]


# Words

TOKENISERS = {
    "rouge": (words.latin_bounds, reference.latin_words),
    "split": (words.split_bounds, reference.split_words),
}


def found_words(text: str, bounds_of: Callable[..., int]) -> list[str]:
    """The words between the bounds that a kernel finds."""
    data = text.encode("utf-8", "surrogatepass")
    memory = np.frombuffer(data + b"\0", np.uint8)
    bounds = np.empty(len(data) + words.SLACK, np.uint32)
    pad = np.zeros(words.PAD, np.uint8)
    k = bounds_of(memory.ctypes.data, len(data), pad, pad.ctypes.data, bounds)
    cut = bounds[: int(k)].tolist()
    return [
        data[a:b].decode("utf-8", "surrogatepass") for a, b in zip(cut[::2], cut[1::2], strict=True)
    ]


@given(texts)
@example("")
@example("".join(PIECES))
def test_bounds_of_words_are_those_of_the_naive_split(text: str) -> None:
    assert found_words(text, words.split_bounds) == reference.split_words(text) == text.split()


@given(texts)
@example("".join(PIECES))
def test_bounds_of_latin_words_are_those_of_the_lowered_text(text: str) -> None:
    lowered = text.lower()
    assert found_words(lowered, words.latin_bounds) == reference.latin_words(text)


@pytest.mark.parametrize("space", reference.SPACES)
@pytest.mark.parametrize("before", [0, 1, 60, 61, 62, 63, 64, 65])
def test_white_space_splits_wherever_it_lies_in_a_block(space: str, before: int) -> None:
    text = "x" * before + space + "y" * 70
    assert found_words(text, words.split_bounds) == text.split()


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 127, 128, 129])
def test_a_word_may_end_with_the_text_at_the_edge_of_a_block(length: int) -> None:
    assert found_words("w" * length, words.latin_bounds) == ["w" * length][: length > 0]
    assert found_words("w" * length, words.split_bounds) == ["w" * length][: length > 0]


@pytest.mark.parametrize("character", ["\u212a", "\u0130"])
@pytest.mark.parametrize("before", [0, 1, 61, 62, 63, 64])
def test_a_text_that_must_be_lowered_first_is_refused(character: str, before: int) -> None:
    text = "x" * before + character
    data = text.encode()
    memory = np.frombuffer(data, np.uint8)
    pad, bounds = np.zeros(words.PAD, np.uint8), np.empty(len(data) + words.SLACK, np.uint32)
    assert words.latin_bounds(memory.ctypes.data, len(data), pad, pad.ctypes.data, bounds) == -1


@pytest.mark.parametrize("tokeniser", TOKENISERS)
def test_nothing_behind_the_last_page_is_read(tokeniser: str) -> None:
    # The text ends with the mapping: a read beyond it would end the process.
    memory = mmap.mmap(-1, mmap.PAGESIZE)
    line = b"some words at the edge, and sixteenletters12"
    for cut in range(1, len(line)):
        memory[-cut:] = line[-cut:]
        view = np.frombuffer(memory, np.uint8)
        address = np.array([view.ctypes.data + mmap.PAGESIZE - cut])
        column = Column()
        column.fill(Texts(["x" * 100]), 0, 1, "split")
        find = words.latin_words_batch if tokeniser == "rouge" else words.split_words_batch
        find(address, np.array([cut]), column.bounds, column.keys, column.offsets)
        got = column.keys[: column.offsets[1]].copy()
        apart = line[-cut:] + b" " * 100
        near = np.frombuffer(apart, np.uint8)
        find(
            np.array([near.ctypes.data]), np.array([cut]), column.bounds, column.keys,
            column.offsets,
        )  # fmt: skip
        short = got[:, 1] < words.LONG
        np.testing.assert_array_equal(got[short], column.keys[: column.offsets[1]][short])
        del view


@pytest.mark.parametrize("tokeniser", TOKENISERS)
@given(texts=st.lists(texts, min_size=1, max_size=4))
def test_keys_of_short_words_are_equal_exactly_when_the_words_are(
    tokeniser: Any, texts: list[str]
) -> None:
    column = Column()
    column.fill(Texts(texts), 0, len(texts), tokeniser)
    expected = [word for text in texts for word in TOKENISERS[tokeniser][1](text)]
    keys = [tuple(key) for key in column.keys[: column.offsets[len(texts)]].tolist()]
    assert len(keys) == len(expected)
    short = {
        word: key
        for word, key in zip(expected, keys, strict=True)
        if len(word.encode("utf-8", "surrogatepass")) < 16
    }
    assert len(set(short.values())) == len(short)
    for word, key in zip(expected, keys, strict=True):
        assert short.get(word, key) == key


# Numbers of words


def numbered(ours: str, theirs: str, tokeniser: Any) -> tuple[list[int], list[int], int]:
    """Numbers of the words of a pair, and how many the texts share."""
    inputs, references = Column(), Column()
    inputs.fill(Texts([ours]), 0, 1, tokeniser)
    references.fill(Texts([theirs]), 0, 1, tokeniser)
    common = np.empty((1, 1), np.int64)
    fold = words.LOWER if tokeniser == "rouge" else words.NO_FOLD
    ids.ids_batch(
        inputs.keys, inputs.offsets, references.keys, references.offsets, ODD, fold,
        inputs.ids, references.ids, common, True,
    )  # fmt: skip
    return (
        inputs.ids[: inputs.offsets[1]].tolist(),
        references.ids[: references.offsets[1]].tolist(),
        int(common[0, 0]),
    )


@pytest.mark.parametrize("tokeniser", TOKENISERS)
@given(pair=pairs())
@example(pair=("", ""))
@example(pair=("sixteenletters12 a", "SIXTEENLETTERS12 sixteenletters12"))
@example(pair=("x" * 40 + "a", "x" * 40 + "b " + "x" * 40 + "a"))
def test_numbers_tell_words_apart_and_mark_those_the_other_side_lacks(
    tokeniser: Any, pair: tuple[str, str]
) -> None:
    ours, theirs = (TOKENISERS[tokeniser][1](text) for text in pair)
    our_ids, their_ids, common = numbered(*pair, tokeniser)
    assert common == reference.common_ngrams(ours, theirs, 1)
    assert [number >= 0 for number in our_ids] == [word in theirs for word in ours]
    assert [number >= 0 for number in their_ids] == [word in ours for word in theirs]
    known = {
        (word, number)
        for word, number in zip(ours + theirs, our_ids + their_ids, strict=True)
        if number >= 0
    }
    assert len(known) == len({word for word, _ in known}) == len({number for _, number in known})


@pytest.mark.parametrize("form", ["w{0} ww{0}", "{0:02}-a-long-word {0:02}-another-long-word"])
def test_words_whose_hashes_collide_are_told_apart(form: str) -> None:
    # With both multipliers 1 the slot is given by the top bits, and many words share one.
    texts = [form.format(i) for i in range(40)]
    inputs, references = Column(), Column()
    one = np.ones(2, np.uint64)
    ours, theirs = Texts([" ".join(texts)]), Texts([" ".join(reversed(texts))])
    inputs.fill(ours, 0, 1, "split")
    references.fill(theirs, 0, 1, "split")
    common = np.empty((1, 1), np.int64)
    ids.ids_batch(
        inputs.keys, inputs.offsets, references.keys, references.offsets, one, words.NO_FOLD,
        inputs.ids, references.ids, common, True,
    )  # fmt: skip
    assert common[0, 0] == 80
    assert len(set(inputs.ids[:80].tolist())) == 80


def test_what_one_part_of_a_long_word_changes_the_next_cannot_change_back() -> None:
    # The highest bit but one of eight bytes, and the bits that it reaches if it is only shifted.
    word = np.full(24, ord("a"), np.uint8)
    other = word.copy()
    other[7] ^= 0x40
    other[[11, 15]] ^= 0x40
    generator = random.Random(0)
    equal = 0
    for _ in range(100):
        odd = [np.uint64(generator.getrandbits(64) | 1) for _ in range(2)]
        one, two = (
            ids._hash_text(np.uint64(w.ctypes.data), np.uint64(24), words.NO_FOLD, *odd)
            for w in (word, other)
        )
        equal += int(one == two)
    assert equal == 0


def test_a_table_is_large_enough_when_fewer_words_ask_for_more_slots() -> None:
    pairs = [" ".join(f"w{i}" for i in range(n)) for n in (1, 63, 64, 65, 66, 130, 0)]
    column, other = Column(), Column()
    texts = Texts(pairs)
    column.fill(texts, 0, len(pairs), "split")
    other.fill(texts, 0, len(pairs), "split")
    common = np.empty((len(pairs), 1), np.int64)
    ids.ids_batch(
        column.keys, column.offsets, other.keys, other.offsets, ODD, words.NO_FOLD,
        column.ids, other.ids, common, False,
    )  # fmt: skip
    assert common[:, 0].tolist() == [1, 63, 64, 65, 66, 130, 0]


@pytest.mark.skipif(not JIT_OFF, reason="constants of compiled kernels do not change")
def test_a_table_is_large_enough_when_fewer_grams_ask_for_more_slots(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ngrams, "MANY", 90)
    ours = [*range(80), *(x for i in range(40) for x in (0, 100 + i))]
    theirs = [*range(80), *(x for i in range(40) for x in (100 + i, 1))]
    common = np.zeros((1, 3), np.int64)
    ngrams.ngrams_batch(*columns([(ours, theirs)]), ODD[0], common)
    assert common[0, 1:].tolist() == [reference.common_ngrams(ours, theirs, n) for n in (2, 3)]


def apart(ours: list[int], theirs: list[int]) -> tuple[list[int], list[int]]:
    """Each -1, a word that the other side lacks, as a number of its own."""
    return (
        [x if x >= 0 else -1 - k for k, x in enumerate(ours)],
        [x if x >= 0 else -1000 - k for k, x in enumerate(theirs)],
    )


# n-grams


@given(st.lists(st.tuples(small, small), min_size=1, max_size=3), st.integers(2, 6))
@example([([0, 1, 2], [0, 1, 2])], 5)
@example([([0, 1] * 32, [1, 0] * 32)], 5)
@example([([0, 1] * 33, [1, 0] * 32)], 5)
@example([([0, 1] * 32, [1, 0] * 33)], 5)
@example([([0, 1, 2] * 40, [1, 0, 2] * 33)], 5)
@example([([0, 1], [0, -1] * 70), ([3, -1] * 70, [3] * 100)], 5)
@example([([-1, 0, 1, -1, 0, 1], [0, 1, -1])], 3)
def test_common_ngrams_are_counted_as_naively(
    lists: list[tuple[list[int], list[int]]], order: int
) -> None:
    common = np.zeros((len(lists), order), np.int64)
    ngrams.ngrams_batch(*columns(lists), ODD[0], common)
    for i, (ours, theirs) in enumerate(lists):
        pair = apart(ours, theirs)
        expected = [reference.common_ngrams(*pair, n) for n in range(2, order + 1)]
        assert common[i, 1:].tolist() == expected


# Longest common subsequences


@given(st.lists(st.tuples(small, small), min_size=1, max_size=3))
@example([([], [])])
@example([([-1, 1, -1], [1, -1, -1])])
def test_subsequences_are_as_long_as_in_the_textbook(
    lists: list[tuple[list[int], list[int]]],
) -> None:
    lengths = np.empty(len(lists), np.int64)
    lcs.lcs_batch(*columns(lists), ANY, lengths)
    assert lengths.tolist() == [reference.lcs(*apart(*pair)) for pair in lists]


@pytest.mark.parametrize("vocabulary", [2, 7, 300])
@pytest.mark.parametrize("m", [61, 62, 63, 126, 127, 254, 255, 510, 511, 1021])
def test_subsequences_do_not_depend_on_the_width_of_strips(m: int, vocabulary: int) -> None:
    generator = random.Random(m * vocabulary)
    ours = [-2, *(generator.randrange(vocabulary) for _ in range(m - 2)), -3]
    theirs = [generator.randrange(vocabulary) for _ in range(m + 30)]
    # Ends that occur, yet not in place, so that nothing is trimmed away.
    ours[0], ours[-1] = theirs[-1], theirs[0]
    lengths = np.empty(1, np.int64)
    lcs.lcs_batch(*columns([(ours, theirs)]), ANY, lengths)
    assert lengths[0] == reference.lcs(ours, theirs)


def test_pairs_of_many_cells_are_left_to_the_caller() -> None:
    lists = [([1, 2, 3, 4], [1, 3, 2, 4]), ([1, 2, 3], [4, 5, 6]), ([1, 2, 3], [1, 2, 3])]
    lengths = np.empty(3, np.int64)
    lcs.lcs_batch(*columns(lists), 5, lengths)
    assert lengths.tolist() == [3, -1, 3]  # equal ends do not count


@pytest.mark.parametrize(("n", "m"), [(0, 0), (1, 0), (700, 1300), (1300, 700), (1021, 1021)])
def test_a_long_pair_has_the_length_of_a_short_one_and_looks_at_stop(
    n: int, m: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_lcs, "CELLS", 1)
    generator = random.Random(n * m)
    ours, theirs = ([generator.randrange(-1, 9) for _ in range(k)] for k in (n, m))
    lengths = np.empty(1, np.int64)
    lcs.lcs_batch(*columns([(ours, theirs)]), ANY, lengths)
    looks: list[bool] = []
    one, _, other, _ = columns([(ours, theirs)])
    assert long_lcs.long_lcs(one, other, lambda: looks.append(True) or False) == lengths[0]
    assert len(looks) >= min(n, m) // 600
    if looks:
        with pytest.raises(Interrupted):
            long_lcs.long_lcs(one, other, lambda: True)


# Scores

counts = st.integers(0, 50)


@given(counts, counts, counts)
@example(0, 0, 0)
@example(0, -3, 5)
def test_f_measure_is_the_harmonic_mean(common: int, more: int, other: int) -> None:
    inputs, references = common + more, common + other
    got = scores.f_measure(common, inputs, references)
    assert got == pytest.approx(reference.f_measure(common, inputs, references), abs=1e-15)


@given(small, small, st.booleans())
@example([], [], True)
@example([1], [], True)
@example([], [1], True)
def test_bleu_and_gleu_follow_from_the_counts(
    ours: list[int], theirs: list[int], smooth: bool
) -> None:
    common = np.array([reference.common_ngrams(ours, theirs, n) for n in range(1, 5)])
    bleu = scores.bleu(common, len(ours), len(theirs), smooth)
    gleu = scores.gleu(common, len(ours), len(theirs))
    assert bleu == pytest.approx(reference.bleu(ours, theirs, smooth), rel=1e-12, abs=1e-300)
    assert gleu == pytest.approx(reference.gleu(ours, theirs), abs=1e-15)


def test_every_pair_of_the_table_scores_as_its_words_say() -> None:
    for ours, theirs in PAIRS:
        one, other = reference.latin_words(ours), reference.latin_words(theirs)
        _, _, common = numbered(ours, theirs, "rouge")
        assert common == reference.common_ngrams(one, other, 1), (ours, theirs)

"""The WordNet table: how it is built, and that a look-up equals nltk's."""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.text.morphology import RULES, candidates
from graders.text.wordnet import WordNet
from graders.text.wordnet import wordnet as table

TABLE = resources.files("graders.text").joinpath("wordnet30.bin")


def synonyms_by_nltk(reader: Any, word: str) -> set[str]:
    """What nltk's METEOR would match, without names that no lower-case single word equals."""
    names = {name for synset in reader.synsets(word) for name in synset.lemma_names()}
    return {name for name in names if "_" not in name and name == name.lower()}


def test_the_shipped_table_is_what_the_tool_builds(root: Path, wordnet: Path) -> None:
    sys.path.insert(0, str(root / "tools"))
    try:
        import build_wordnet
    finally:
        sys.path.pop(0)
    assert build_wordnet.content(wordnet) == zlib.decompress(TABLE.read_bytes())


def test_the_tool_writes_a_table_that_can_be_loaded(
    root: Path, wordnet: Path, tmp_path: Path, fresh_python: Callable[..., CompletedProcess[str]]
) -> None:
    target = tmp_path / "table.bin"
    fresh_python(str(root / "tools" / "build_wordnet.py"), str(wordnet), str(target))
    assert "car" in WordNet(zlib.decompress(target.read_bytes())).synonyms("automobiles")


def test_the_table_is_small() -> None:
    assert len(TABLE.read_bytes()) < 1_500_000


def test_a_table_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="not a WordNet table"):
        WordNet(b"WORDNET4" + bytes(100))


def test_the_table_is_not_read_before_it_is_needed(
    fresh_python: Callable[..., CompletedProcess[str]],
) -> None:
    code = """
from graders.text import meteor, wordnet
meteor.meteor([], [])
print(wordnet._loaded)
meteor.meteor(["a car"], ["an automobile"])
print(wordnet._loaded is not None)
"""
    assert fresh_python(code, env={"GRADERS_KERNELS": "plain"}).stdout == "None\nTrue\n"


def test_threads_share_one_table() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len({id(found) for found in pool.map(lambda _: table(), range(32))}) == 1


SYNONYMS = {
    "automobile": {"auto", "automobile", "car", "machine", "motorcar"},
    "geese": {"goose", "cuckoo", "twat", "fathead", "goof", "zany", "jackass", "bozo", "goofball"},
    "aardwolves": {"aardwolf"},
    "hardest": {"hard"},
    "AUTOMOBILE": {"auto", "automobile", "car", "machine", "motorcar"},
}
NONE = ("", "the", "qwertz", "🙂", "\ud800", "\x00", "car\x00", "ｃａｒ", "of_a", "men" * 1000)


@pytest.mark.parametrize("word", SYNONYMS)
def test_synonyms_of_a_known_word(word: str) -> None:
    assert SYNONYMS[word] <= table().synonyms(word)


@pytest.mark.parametrize("word", NONE)
def test_what_is_no_word_has_no_synonyms(word: str) -> None:
    assert table().synonyms(word) == frozenset()


def test_a_compound_leads_to_its_single_synonyms() -> None:
    assert table().synonyms("ice_creams") == {"icecream"}


def test_numbers_and_words_are_inverse() -> None:
    words = table().words
    assert words == sorted(set(words))
    assert [table().number(word) for word in words] == list(range(len(words)))
    assert table().number("ice_cream") is None
    assert table().number("qwertz") is None


CANDIDATES = [
    ("boxes", "noun", ["boxes", "boxe", "box"]),
    ("churches", "noun", ["churches", "churche", "church"]),
    ("firemen", "noun", ["firemen", "fireman"]),
    ("ladies", "noun", ["ladies", "ladie", "lady"]),
    ("ladies", "verb", ["ladies", "ladie", "lady", "ladie", "ladi"]),
    ("hoping", "verb", ["hoping", "hope", "hop"]),
    ("widest", "adj", ["widest", "wid", "wide"]),
    ("quickly", "adv", ["quickly"]),
    ("geese", "noun", ["geese", "goose"]),
]


@pytest.mark.parametrize(("word", "part", "expected"), CANDIDATES)
def test_candidates_are_the_word_its_exceptions_or_its_detachments(
    word: str, part: str, expected: list[str]
) -> None:
    assert candidates(word, part, {"geese": ("goose",)}) == expected


def test_an_exception_suppresses_the_rules() -> None:
    assert candidates("axes", "noun", {"axes": ("ax", "axis")}) == ["axes", "ax", "axis"]


def test_synonyms_of_irregular_forms_equal_nltk(nltk_wordnet: Any) -> None:
    forms = sorted({form for part in nltk_wordnet._exception_map.values() for form in part})
    check(random.Random(3).sample(forms, 2000), nltk_wordnet)


def test_synonyms_of_dictionary_words_equal_nltk(nltk_wordnet: Any) -> None:
    lemmas = sorted(nltk_wordnet._lemma_pos_offset_map)  # compounds and names included
    check(random.Random(4).sample(lemmas, 4000), nltk_wordnet)


def test_synonyms_of_inflected_forms_equal_nltk(nltk_wordnet: Any) -> None:
    rng = random.Random(5)
    endings = [old for rules in RULES.values() for old, _ in rules]
    check([w + rng.choice(endings) for w in rng.sample(table().words, 3000)], nltk_wordnet)


@given(word=st.text(max_size=5) | st.text("aegnosy", min_size=2, max_size=4))
def test_synonyms_of_any_text_equal_nltk(nltk_wordnet: Any, word: str) -> None:
    check([word, word + "s", word + "ing", word + "men"], nltk_wordnet)


def check(words: list[str], reader: Any) -> None:
    for word in words:
        assert table().synonyms(word) == synonyms_by_nltk(reader, word), word

"""The stemmer equals nltk's PorterStemmer on every text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer

from graders.text.porter import DOUBLE_SUFFIXES, ENDINGS, IRREGULAR, PLURALS, SUFFIXES, stem
from graders.text.wordnet import wordnet

reference = PorterStemmer().stem

STEMS = {
    # Porter's own examples
    "caresses": "caress",
    "ponies": "poni",
    "cats": "cat",
    "feed": "feed",
    "agreed": "agre",
    "plastered": "plaster",
    "bled": "bled",
    "motoring": "motor",
    "sing": "sing",
    "conflated": "conflat",
    "troubled": "troubl",
    "sized": "size",
    "hopping": "hop",
    "falling": "fall",
    "hissing": "hiss",
    "fizzed": "fizz",
    "failing": "fail",
    "filing": "file",
    "happy": "happi",
    "relational": "relat",
    "rational": "ration",
    "vietnamization": "vietnam",
    "formative": "form",
    "electricity": "electr",
    "goodness": "good",
    "adoption": "adopt",
    "union": "union",
    "probate": "probat",
    "cease": "ceas",
    "controlling": "control",
    "roll": "roll",
    # nltk's extensions
    "ties": "tie",
    "flies": "fli",
    "died": "die",
    "spied": "spi",
    "dying": "die",
    "skies": "sky",
    "sky": "sky",
    "news": "news",
    "innings": "inning",
    "proceed": "proceed",
    "us": "us",
    "enjoy": "enjoy",
    "fly": "fli",
    "by": "by",
    "say": "say",
    "radically": "radic",
    "carefully": "care",
    "geology": "geolog",
    "oed": "o",
    "bed": "bed",
    # no words
    "": "",
    "\x00ing": "\x00ing",
    "a*ding": "ad",
    "yyyyed": "yyyi",
    "\ud800ies": "\ud800ie",
    "İs": "i̇s",  # two letters before lowering, three after
    "🙂🙂ing": "🙂🙂ing",
    "ΑΣ": "ας",
}


@pytest.mark.parametrize("word", STEMS)
def test_stem_of_a_known_word(word: str) -> None:
    assert stem(word) == STEMS[word] == reference(word)


def test_stems_of_dictionary_words_and_their_inflections_equal_nltk() -> None:
    endings = ("", "s", "es", "ed", "ing", "er", "ly", "ies", "ied", "ness", "alli", "y", "eed")
    sample = random.Random(1).sample(wordnet().words, 2500)
    words = [*IRREGULAR, *(word + ending for word in sample for ending in endings)]
    assert [stem(word) for word in words] == [reference(word) for word in words]


def test_stems_of_every_suffix_after_every_kind_of_beginning_equal_nltk() -> None:
    beginnings = ("", "b", "a", "y", "by", "ab", "bab", "bay", "babab", "ss", "at", "izz", "abll")
    suffixes = (*PLURALS, *DOUBLE_SUFFIXES, *SUFFIXES, *ENDINGS, "ed", "ing", "eed", "y", "e", "ll")
    words = [a + b + c for a in beginnings for b in suffixes for c in ("", "s", "ed", "ing", "e")]
    assert [stem(word) for word in words] == [reference(word) for word in words]


@given(st.text("aeiouybdlstzng*", max_size=12) | st.text(max_size=8))
def test_stem_of_any_letters_equals_nltk(word: str) -> None:
    assert stem(word) == reference(word)


@given(st.text(st.characters(exclude_categories=()), max_size=6), st.sampled_from(list(SUFFIXES)))
def test_stem_of_any_characters_with_a_suffix_equals_nltk(word: str, suffix: str) -> None:
    assert stem(word + suffix) == reference(word + suffix)


@pytest.mark.parametrize("letters", ["y", "ay", "ba", "al"])
def test_a_very_long_word_is_stemmed_like_any_other(letters: str) -> None:
    word = letters * 50_000 + "ing"
    assert stem(word) == reference(word)

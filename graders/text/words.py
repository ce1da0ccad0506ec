"""Texts to lists of words, as the metrics define them."""

from __future__ import annotations

import functools
import re
import unicodedata

from ..options import Options
from .table import Words

LATIN = re.compile("[a-z0-9]+")

# Scripts written without spaces between words: every character counts as a word.
UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0x2E80, 0x2FDF),  # Han radicals
    (0x3005, 0x3007),  # Han iteration mark, closing mark, zero
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3031, 0x312F),  # Kana repeat marks, Hiragana, Katakana, Bopomofo
    (0x31A0, 0x31BF),  # Bopomofo
    (0x31F0, 0x31FF),  # Katakana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),  # Han
    (0xA980, 0xA9FF),  # Javanese, Myanmar
    (0xAA60, 0xAADF),  # Myanmar, Tai Viet
    (0xF900, 0xFAFF),  # Han
    (0xFF66, 0xFF9F),  # Katakana, half width
    (0x1AFF0, 0x1B16F),  # Kana
    (0x20000, 0x3FFFF),  # Han
)
LAST_ASSIGNED = 0x323AF
TAGS = range(0xE0100, 0xE01F0)  # variation selectors, the only marks beyond


def words(text: str, tokeniser: Words, options: Options) -> list[str]:
    """The words of a text: for BLEU and GLEU those of str.split, for ROUGE as the options say."""
    if tokeniser == "split":
        return text.split()
    found = unicode_words(text) if options.rouge_tokens == "unicode" else latin_words(text)
    return stemmed(found) if options.rouge_stem else found


def latin_words(text: str) -> list[str]:
    """rouge-score's words: runs of a-z and 0-9 in the lower-cased text."""
    return LATIN.findall(text.lower())


def stemmed(found: list[str]) -> list[str]:
    """The words with those of four letters and more by Porter's stem, as rouge-score does it."""
    from .porter import stem

    return [stem(word) if len(word) > 3 else word for word in found]


def unicode_words(text: str) -> list[str]:
    """Runs of letters, numbers and marks in the lower-cased text.

    A character of a script without spaces is a word of its own, with the marks that follow it.
    Punctuation, symbols and emoji are no words, nor is a mark without its letter.
    """
    return unicode_pattern().findall(text.lower())


@functools.cache
def unicode_pattern() -> re.Pattern[str]:
    """The pattern of `unicode_words`, from the categories that this Python knows."""
    unspaced = {code for first, last in UNSPACED for code in range(first, last + 1)}
    spaced_letters: list[int] = []
    unspaced_letters: list[int] = []
    marks: list[int] = []
    for code in (*range(LAST_ASSIGNED + 1), *TAGS):
        category = unicodedata.category(chr(code))[0]
        if category == "M":
            marks.append(code)
        elif category in "LN":
            (unspaced_letters if code in unspaced else spaced_letters).append(code)
    letter, character, mark = map(ranges, (spaced_letters, unspaced_letters, marks))
    return re.compile(f"[{character}][{mark}]*|[{letter}][{letter}{mark}]*")


def ranges(codes: list[int]) -> str:
    """Ascending code points as the inside of a character class."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in runs)

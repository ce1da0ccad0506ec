"""Porter's stemmer, as nltk's PorterStemmer behaves by default.

Porter, "An algorithm for suffix stripping" (1980), with Porter's later corrections and nltk's own
extensions: a list of irregular forms, words of one or two letters left alone, and a few rules
marked below. Rules keep Porter's order; the first suffix that fits decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

IRREGULAR = {
    "skies": "sky",
    "sky": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "news": "news",
    "innings": "inning",
    "inning": "inning",
    "outings": "outing",
    "outing": "outing",
    "cannings": "canning",
    "canning": "canning",
    "howe": "howe",
    "proceed": "proceed",
    "exceed": "exceed",
    "succeed": "succeed",
}

PLURALS = {"sses": "ss", "ies": "i", "ss": "ss", "s": ""}

RESTORED = {"at": "ate", "bl": "ble", "iz": "ize"}

# Removed where the stem before them has measure > 0.
DOUBLE_SUFFIXES = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
    "fulli": "ful",
    "logi": "log",
}
SUFFIXES = {
    "icate": "ic",
    "ative": "",
    "alize": "al",
    "iciti": "ic",
    "ical": "ic",
    "ful": "",
    "ness": "",
}

# Removed where the stem before them has measure > 1.
ENDINGS = dict.fromkeys(
    (
        "al",
        "ance",
        "ence",
        "er",
        "ic",
        "able",
        "ible",
        "ant",
        "ement",
        "ment",
        "ent",
        "ion",
        "ou",
        "ism",
        "ate",
        "iti",
        "ous",
        "ive",
        "ize",
    ),
    "",
)

_VOWEL = re.compile("[aeiou]")
_VOWEL_CONSONANT = re.compile("[aeiou][^aeiou]")
_RUN_OF_Y = re.compile("y+")


def stem(word: str) -> str:
    """The stem of a word, in lower case."""
    lower = word.lower()
    if lower in IRREGULAR:
        return IRREGULAR[lower]
    if len(word) <= 2:  # before lowering: it can lengthen a word
        return lower
    stripped = _without_past(_without_plural(lower))
    stripped = _replaced(_double_suffix(_with_i(stripped)), SUFFIXES, 1)
    return _without_final_l(_without_final_e(_replaced(stripped, ENDINGS, 2)))


def _without_plural(word: str) -> str:
    """Step 1a."""
    if word.endswith("ies") and len(word) == 4:  # nltk: dies -> die, but flies -> fli
        return word[:-1]
    suffix = _suffix(word, PLURALS)
    return word if suffix is None else word.removesuffix(suffix) + PLURALS[suffix]


def _without_past(word: str) -> str:
    """Step 1b."""
    if word.endswith("ied"):  # nltk: died -> die, but spied -> spi
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix):
            stripped = word[: -len(suffix)]
            return _repaired(stripped) if _VOWEL.search(_shape(stripped)) else word
    return word


def _repaired(word: str) -> str:
    """The end of step 1b: `conflat` -> conflate, `hopp` -> hop, `fil` -> file."""
    suffix = _suffix(word, RESTORED)
    if suffix is not None:
        return word + "e"
    if word[-2:-1] == word[-1] and _is_consonant(word, -1):
        return word if word[-1] in "lsz" else word[:-1]
    if word.endswith("*d"):  # nltk takes its own mark for a double consonant as a suffix, too
        return word[:-2] + "d"
    return word + "e" if _measure(word) == 1 and _ends_cvc(word) else word


def _with_i(word: str) -> str:
    """Step 1c; nltk: after any consonant but the first letter."""
    if len(word) > 2 and word.endswith("y") and _is_consonant(word, -2):
        return word[:-1] + "i"
    return word


def _double_suffix(word: str) -> str:
    """Step 2; nltk: `alli` -> `al` comes first, and what is left is looked at once more."""
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        word = word[:-2]
    if word.endswith("logi"):  # the l counts as part of the stem: geologi, theologi
        return word[:-1] if _measure(word[:-3]) > 0 else word
    return _replaced(word, DOUBLE_SUFFIXES, 1)


def _without_final_e(word: str) -> str:
    """Step 5a."""
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_cvc(word[:-1])):
            return word[:-1]
    return word


def _without_final_l(word: str) -> str:
    """Step 5b."""
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _replaced(word: str, rules: Mapping[str, str], measure: int) -> str:
    """The word with its suffix replaced, if what precedes the suffix has that measure."""
    suffix = _suffix(word, rules)
    if suffix is None:
        return word
    before = word.removesuffix(suffix)
    if suffix == "ion" and not before.endswith(("s", "t")):
        return word
    return before + rules[suffix] if _measure(before) >= measure else word


def _suffix(word: str, rules: Mapping[str, str]) -> str | None:
    """The first suffix of the rules that the word ends with."""
    for suffix in rules:
        if word.endswith(suffix):
            return suffix
    return None


def _shape(word: str) -> str:
    """The word with each y replaced by a vowel or a consonant, whichever it stands for."""
    return _RUN_OF_Y.sub(_ys, word) if "y" in word else word


def _ys(run: re.Match[str]) -> str:
    """In a run, a y after a consonant is a vowel, and any other y a consonant."""
    first = run.start()
    after_consonant = first > 0 and run.string[first - 1] not in "aeiou"
    pattern = "i-" if after_consonant else "-i"
    return (pattern * len(run[0]))[: len(run[0])]


def _measure(word: str) -> int:
    """The number of times a consonant follows a vowel: Porter's m."""
    return len(_VOWEL_CONSONANT.findall(_shape(word)))


def _is_consonant(word: str, i: int) -> bool:
    return _shape(word)[i] not in "aeiou"


def _ends_cvc(word: str) -> bool:
    """Porter's *o: consonant, vowel, consonant other than w, x, y; nltk: or vowel, consonant."""
    vowels = [letter in "aeiou" for letter in _shape(word)[-3:]]
    if len(word) == 2:
        return vowels == [True, False]
    return vowels == [False, True, False] and word[-1] not in "wxy"

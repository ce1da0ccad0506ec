"""WordNet's morphology: the base forms that an inflected word may have.

nltk's variant of Morphy: the word itself, then its irregular forms if the exception list has any,
else every rule of detachment applied once.
"""

from __future__ import annotations

from collections.abc import Mapping

Exceptions = Mapping[str, tuple[str, ...]]

# The parts of speech, in the order of WordNet's files, and their rules of detachment.
RULES = {
    "noun": (
        ("s", ""),
        ("ses", "s"),
        ("ves", "f"),
        ("xes", "x"),
        ("zes", "z"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("ies", "y"),
    ),
    "verb": (
        ("s", ""),
        ("ies", "y"),
        ("es", "e"),
        ("es", ""),
        ("ed", "e"),
        ("ed", ""),
        ("ing", "e"),
        ("ing", ""),
    ),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "adv": (),
}


def candidates(word: str, part: str, exceptions: Exceptions) -> list[str]:
    """What to look up for a word as that part of speech; most of it is in no dictionary."""
    irregular = exceptions.get(word)
    if irregular is not None:
        return [word, *irregular]
    return [word, *(word.removesuffix(old) + new for old, new in RULES[part] if word.endswith(old))]

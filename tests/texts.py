"""Texts that have broken tokenisers before, and strategies that mix them."""

from __future__ import annotations

import random

from hypothesis import strategies as st

KELVIN, DOTTED = "\u212a", "\u0130"

# What a text is put together from: letters, every kind of white space, what lowers to ASCII, what
# UTF-8 cannot say, words around 8, 15 and 16 bytes.
PIECES = (
    "a",
    "B",
    "k",
    "the ",
    " the",
    "The ",
    "cat ",
    " cat",
    " sat",
    " ",
    "\t",
    "\n",
    "\x00",
    "\x1c",
    "\x85",
    "\xa0",
    "\u1680",
    "\u2003",
    "\u2028",
    "\u202f",
    "\u205f",
    "\u3000",
    "\u200b",
    KELVIN,
    DOTTED,
    "é",
    "ß",
    "日",
    "本語",
    "\ud800",
    "\udfff",
    "\U0001f600",
    "\U0001f44d\U0001f3fd",
    "-",
    "1",
    "eightlet",
    "fifteenletters1",
    "sixteenletters12",
    "SixteenLetters12",
    "sixteenletters13",
    "seventeenletters1",
    "x" * 63,
    "y" * 64,
    "z" * 130,
)

PAIRS = (
    ("", ""),
    ("", "x"),
    ("x", ""),
    (" ", "\u3000"),
    ("!!!", "!!!"),
    ("a", "a"),
    ("A", "a"),
    ("a b c d", "a b c d"),
    ("a b", "b a"),
    ("a a a", "a"),
    ("\u212aelvin", "kelvin"),
    ("\u0130stanbul", "i stanbul"),
    ("x\u0130y", "xi y"),
    ("a\x00", "a"),
    ("a\x00b", "a b"),
    ("a\xa0b", "a b"),
    ("a\u2003b c", "a b c"),
    ("a\u200bb", "a b"),
    ("\ud800 a", "\ud800 a"),
    ("\ud800", "\udfff"),
    ("日本語", "日本語"),
    ("\U0001f600", "\U0001f600"),
    ("sixteenletters12", "SIXTEENLETTERS12"),
    ("fifteenletters1x", "fifteenletters1y"),
    ("x" * 1000, "x" * 1000),
    ("x" * 1000, "x" * 999 + "y"),
    ("the cat sat on the mat", "the cat is on the mat"),
    ("e\u0301", "é"),
)

texts = st.lists(st.sampled_from(PIECES), max_size=80).map("".join)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two texts that mostly have something in common."""
    pieces = draw(st.lists(st.sampled_from(PIECES), max_size=60))
    other = list(pieces)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(other)))
        other[at : at + draw(st.integers(0, 2))] = draw(
            st.lists(st.sampled_from(PIECES), max_size=3)
        )
    return "".join(pieces), "".join(other)


def words_pair(n: int, vocabulary: int, seed: int) -> tuple[str, str]:
    """A text of n words, and an edited copy."""
    generator = random.Random(seed)
    one = [
        f"w{min(generator.randrange(vocabulary), generator.randrange(vocabulary))}"
        for _ in range(n)
    ]
    other = [
        word if generator.random() < 0.7 else f"w{generator.randrange(vocabulary)}" for word in one
    ]
    del other[n // 3 : n // 3 + n // 20]
    return " ".join(one), " ".join(other)

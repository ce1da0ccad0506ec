"""The kernels of lower case against str.lower and str.split."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from numba import config

from grader_kernels import lower as kernels
from graders.text.lower import lower_table, lowered


def both(kernel: Any) -> list[Any]:
    """The kernel as compiled and as Python; one and the same where JIT is off."""
    return [kernel, getattr(kernel, "py_func", kernel)]


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


def test_white_space_is_what_str_split_splits_at() -> None:
    for is_space in both(kernels.is_space):
        found = [bool(is_space(letter)) for letter in range(128)]
        assert found == [not chr(letter).split() for letter in range(128)]


def test_wide_characters_give_the_same_compiled_and_as_python() -> None:
    letters = np.frombuffer("éÉ\u2003Я🙂€".encode(), np.uint8)
    for lower_wide in both(kernels.lower_wide):
        out = letters.copy()
        assert not lower_wide(letters, 0, len(letters), lower_table(), out)
        assert out.tobytes().decode() == "éé   я🙂€"
